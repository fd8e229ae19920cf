//! The figure: the scene's groups side by side, so that each can move on its own; a camera over them, and what takes
//! the figure elsewhere.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;
use yew::virtual_dom::Key;

use crate::diagram::scene::{Anchor, Connection, Group, Kind, Placed, Text};
use crate::diagram::shape::Outline;
use crate::diagram::typeface::LINE_HEIGHT;
use crate::diagram::{self, Options, Scene, Theme};
use crate::sim::related::Subject;

use super::browser;
use super::state::{Action, Layer};
use super::words::Language;

/// A scene that is compared by identity: it is never changed.
#[derive(Clone)]
pub struct Drawing(pub Rc<Scene>);

impl PartialEq for Drawing {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What to draw.
    pub drawing: Drawing,
    /// What of the cluster is drawn.
    pub options: Options,
    /// The id of what is inspected.
    pub inspected: Option<String>,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
    /// What stands over the figure.
    #[prop_or_default]
    pub children: Html,
}

/// Room around the figure.
const MARGIN: f64 = 12.0;
/// How wide the inspector is (see `style.css`).
const INSPECTOR: f64 = 430.0;
/// A small cluster is not blown up further than this by itself.
const LARGEST_SCALE: f64 = 1.35;

/// Where the figure is looked at from: how much closer than as a whole, and how far off its middle.
#[derive(Clone, Copy, PartialEq)]
struct Camera {
    zoom: f64,
    x: f64,
    y: f64,
}

const WHOLE: Camera = Camera { zoom: 1.0, x: 0.0, y: 0.0 };

impl Camera {
    /// Comes closer by `factor`, the point `(x, y)` from the middle of the panel staying where it is.
    fn closer(self, factor: f64, x: f64, y: f64) -> Self {
        let zoom = (self.zoom * factor).clamp(0.3, 12.0);
        let by = zoom / self.zoom;
        Self { zoom, x: x - (x - self.x) * by, y: y - (y - self.y) * by }
    }
}

/// A drag: where it began, where the camera stood, and whether it has become one.
type Drag = Option<(f64, f64, Camera, bool)>;

/// The panel with the figure.
#[component]
pub fn FigurePanel(props: &Props) -> Html {
    let words = props.language.words();
    let scene = &props.drawing.0;
    let panel = use_node_ref();
    let room = use_state(|| (960.0, 420.0));
    let camera = use_state(|| WHOLE);
    let drag = use_mut_ref(|| Drag::None);
    {
        let (panel, room) = (panel.clone(), room.clone());
        use_effect(move || {
            if let Some(size) = panel.cast::<Element>().map(|element| browser::size(&element))
                && size.0 > 0.0
                && size != *room
            {
                room.set(size);
            }
        });
    }
    let (width, height) = *room;
    // The inspector stands over the right of a wide panel: the figure keeps to what is left of it.
    let free = if props.inspected.is_some() && width > 2.0 * INSPECTOR { width - INSPECTOR } else { width };
    let fits = |room: f64, size: f64| (room - 2.0 * MARGIN) / size.max(1.0);
    let whole = fits(free, scene.width).min(fits(height, scene.height)).clamp(0.02, LARGEST_SCALE);
    let scale = whole * camera.zoom;
    // The figure is fitted by a transformation, which moves smoothly, and not by the view box, which jumps.
    let transform = format!(
        "translate({:.2} {:.2}) scale({scale:.4})",
        (free - scene.width * scale) / 2.0 + camera.x,
        (height - scene.height * scale) / 2.0 + camera.y
    );
    let zoom = |factor: f64| {
        let camera = camera.clone();
        Callback::from(move |_: MouseEvent| camera.set(camera.closer(factor, 0.0, 0.0)))
    };
    let fit = {
        let camera = camera.clone();
        Callback::from(move |_: MouseEvent| camera.set(WHOLE))
    };
    let wheel = {
        let (camera, panel) = (camera.clone(), panel.clone());
        Callback::from(move |event: WheelEvent| {
            let Some(element) = panel.cast::<Element>() else { return };
            event.prevent_default();
            let bounds = element.get_bounding_client_rect();
            let x = f64::from(event.client_x()) - bounds.left() - bounds.width() / 2.0;
            let y = f64::from(event.client_y()) - bounds.top() - bounds.height() / 2.0;
            camera.set(camera.closer((-event.delta_y() / 400.0).exp(), x, y));
        })
    };
    let grasp = {
        let (drag, camera) = (drag.clone(), camera.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() == 0 {
                let at = (f64::from(event.client_x()), f64::from(event.client_y()));
                *drag.borrow_mut() = Some((at.0, at.1, *camera, false));
            }
        })
    };
    let pull = {
        let (drag, camera, panel) = (drag.clone(), camera.clone(), panel.clone());
        Callback::from(move |event: PointerEvent| {
            let mut drag = drag.borrow_mut();
            let Some((x, y, from, moved)) = &mut *drag else { return };
            if event.buttons() & 1 == 0 {
                *drag = None;
                return;
            }
            let by = (f64::from(event.client_x()) - *x, f64::from(event.client_y()) - *y);
            if !*moved && by.0.hypot(by.1) > 5.0 {
                *moved = true;
                if let Some(panel) = panel.cast::<Element>() {
                    // A pointer that is gone cannot be held.
                    let _ = panel.set_pointer_capture(event.pointer_id());
                }
            }
            if *moved {
                camera.set(Camera { x: from.x + by.0, y: from.y + by.1, ..*from });
            }
        })
    };
    let release = {
        let drag = drag.clone();
        Callback::from(move |_: PointerEvent| {
            if drag.borrow().is_some_and(|(_, _, _, moved)| !moved) {
                *drag.borrow_mut() = None;
            }
        })
    };
    let pick = {
        let (act, drag) = (props.act.clone(), drag.clone());
        Callback::from(move |event: MouseEvent| {
            // The click that ends a drag picks nothing.
            if drag.borrow_mut().take().is_none()
                && let Some(id) = picked(event.target())
            {
                act.emit(Action::Inspect(Some(id)));
            }
        })
    };
    let keys = {
        let (act, panel) = (props.act.clone(), panel.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" | " " => {
                    if let Some(id) = picked(event.target()) {
                        act.emit(Action::Inspect(Some(id)));
                    }
                }
                "ArrowRight" | "ArrowDown" => focus_next(&panel, event.target(), 1),
                "ArrowLeft" | "ArrowUp" => focus_next(&panel, event.target(), -1),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let placed = scene.groups();
    let inspected = props.inspected.as_deref();
    let is_there = inspected.filter(|id| placed.iter().any(|one| one.group.id == **id));
    let first = || {
        placed.iter().map(|one| one.group).find(|group| group.kind == Kind::Pod || group.kind == Kind::Node)
    };
    let stop = is_there.or_else(|| first().map(|group| group.id.as_str()));
    html! {
        <section class="figure" aria-label={words.figure}>
            <svg
                ref={panel}
                role="group"
                viewBox={format!("0 0 {width} {height}")}
                aria-label={scene.title.clone()}
                onwheel={wheel}
                onpointerdown={grasp}
                onpointermove={pull}
                onpointerup={release}
                onclick={pick}
                onkeydown={keys}
            >
                <desc>{scene.description.clone()}</desc>
                <g class="camera" {transform}>
                    {for placed.iter().map(|one| draw_group(one, stop, inspected))}
                    {for scene.root.connections.iter().map(draw_connection)}
                </g>
            </svg>
            <div class="tools">
                <Layers options={props.options} language={props.language} act={props.act.clone()} />
                <Save drawing={props.drawing.clone()} language={props.language} />
                <button type="button" class="icon" aria-label={words.zoom_out} title={words.zoom_out} onclick={zoom(0.8)}>{"−"}</button>
                <button type="button" class="icon" aria-label={words.zoom_in} title={words.zoom_in} onclick={zoom(1.25)}>{"+"}</button>
                <button type="button" onclick={fit}>{words.fit}</button>
            </div>
            {props.children.clone()}
        </section>
    }
}

/// The id of the thing that an event comes from.
fn picked(target: Option<web_sys::EventTarget>) -> Option<String> {
    let element: Element = target?.dyn_into().ok()?;
    element.closest(".pick").ok()??.get_attribute("data-id")
}

/// Moves the focus to the next thing that can be inspected.
fn focus_next(panel: &NodeRef, from: Option<web_sys::EventTarget>, by: i32) {
    let (Some(panel), Some(from)) = (panel.cast::<Element>(), picked(from)) else { return };
    let Ok(all) = panel.query_selector_all(".pick") else { return };
    let element = |at: u32| all.item(at).and_then(|node| node.dyn_into::<Element>().ok());
    let count = all.length();
    let here =
        (0..count).find(|at| element(*at).and_then(|e| e.get_attribute("data-id")).as_ref() == Some(&from));
    let next = (here.unwrap_or(0) as i32 + by).rem_euclid(count.max(1) as i32) as u32;
    if let Some(next) = element(next) {
        // SVG elements take the focus as HTML ones do.
        let _ = next.unchecked_into::<HtmlElement>().focus();
    }
}

#[derive(Properties, PartialEq)]
struct LayersProps {
    options: Options,
    language: Language,
    act: Callback<Action>,
}

/// What of the cluster is drawn.
#[component]
fn Layers(props: &LayersProps) -> Html {
    let words = props.language.words();
    let options = props.options;
    let layers = [
        (Layer::System, words.layer_system, options.show_system),
        (Layer::Config, words.layer_config, options.show_config),
        (Layer::Direct, words.layer_direct, options.show_direct),
    ];
    html! {
        <details class="menu">
            <summary>{words.layers}</summary>
            <div>
                {for layers.into_iter().map(|(layer, name, on)| {
                    let set = props.act.reform(move |event: Event| {
                        Action::SetLayer(layer, event.target_unchecked_into::<HtmlInputElement>().checked())
                    });
                    html! { <label><input type="checkbox" checked={on} onchange={set} />{name}</label> }
                })}
            </div>
        </details>
    }
}

#[derive(Properties, PartialEq)]
struct SaveProps {
    drawing: Drawing,
    language: Language,
}

/// Hands the figure to the person.
#[component]
fn Save(props: &SaveProps) -> Html {
    let words = props.language.words();
    let item = |name: &'static str, save: fn(&Scene)| {
        let scene = props.drawing.0.clone();
        let save = Callback::from(move |_: MouseEvent| save(&scene));
        html! { <button type="button" class="quiet" onclick={save}>{name}</button> }
    };
    html! {
        <details class="menu">
            <summary>{words.save_figure}</summary>
            <div>
                {item("SVG", |scene| {
                    browser::download("saya.svg", "image/svg+xml", diagram::svg::svg(scene, Theme::Light).as_bytes());
                })}
                {item("PNG", |scene| save_png(scene, 1.0))}
                {item("PNG 2×", |scene| save_png(scene, 2.0))}
                {item(".drawio", |scene| {
                    browser::download("saya.drawio", "application/xml", diagram::drawio(scene).as_bytes());
                })}
                {item(".drawio.svg", |scene| {
                    let text = diagram::svg_with_drawio(scene, Theme::Light);
                    browser::download("saya.drawio.svg", "image/svg+xml", text.as_bytes());
                })}
                {item(words.copy_figure, |scene| browser::copy(&diagram::svg::svg(scene, Theme::Light)))}
            </div>
        </details>
    }
}

fn save_png(scene: &Scene, scale: f64) {
    let name = if scale > 1.0 { "saya@2x.png" } else { "saya.png" };
    browser::download_png(
        name,
        &diagram::svg::svg(scene, Theme::Light),
        scene.width * scale,
        scene.height * scale,
    );
}

fn key_of(group: &Group) -> Key {
    Key::from(format!("{} {}", group.id, group.instance))
}

/// What can be inspected.
fn can_be_picked(group: &Group) -> bool {
    matches!(
        group.kind,
        Kind::Node | Kind::Pod | Kind::Container | Kind::InitContainer | Kind::Volume | Kind::Service
    ) && Subject::of_id(&group.id).is_some()
}

fn draw_group(placed: &Placed<'_>, stop: Option<&str>, inspected: Option<&str>) -> Html {
    let group = placed.group;
    let pick = can_be_picked(group);
    // The root's connections cross the whole figure and are drawn last.
    let own: &[Connection] = if placed.depth == 0 { &[] } else { &group.connections };
    let classes = classes!(
        "group",
        group.kind.class(),
        group.state.class(),
        group.faded.then_some("faded"),
        pick.then_some("pick"),
        (inspected == Some(&group.id)).then_some("inspected")
    );
    let index = if stop == Some(&group.id) { "0" } else { "-1" };
    html! {
        <g
            key={key_of(group)}
            class={classes}
            data-id={group.id.clone()}
            role={if pick { "button" } else { "group" }}
            aria-label={group.label()}
            tabindex={pick.then_some(index)}
            transform={format!("translate({} {})", placed.at.x, placed.at.y)}
        >
            <title>{group.label()}</title>
            {for group.shapes.iter().flat_map(|shape| shape.outlines()).map(|outline| draw_outline(&outline))}
            {for group.texts.iter().map(draw_text)}
            {for own.iter().map(draw_connection)}
        </g>
    }
}

fn draw_outline(outline: &Outline) -> Html {
    html! {
        <path
            class={classes!(outline.fill.class(), outline.ink.class())}
            d={outline.d.clone()}
            stroke-width={outline.width.to_string()}
            stroke-dasharray={outline.dash.pattern()}
        />
    }
}

fn draw_text(text: &Text) -> Html {
    let anchor = match text.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    html! {
        <text
            class={text.ink.class()}
            x={text.at.x.to_string()}
            y={text.at.y.to_string()}
            font-size={text.size.to_string()}
            text-anchor={anchor}
        >
            {for text.lines.iter().enumerate().map(|(at, line)| html! {
                <tspan
                    x={text.at.x.to_string()}
                    y={(text.at.y + at as f64 * text.size * LINE_HEIGHT).to_string()}
                >{line.clone()}</tspan>
            })}
        </text>
    }
}

fn draw_connection(connection: &Connection) -> Html {
    html! {
        <g key={connection.id.clone()} class={classes!("connection", connection.relation.class())} data-id={connection.id.clone()}>
            <title>{connection.meaning.clone()}</title>
            {for connection.outlines().iter().map(draw_outline)}
            if let Some(label) = &connection.label {
                {draw_text(label)}
            }
        </g>
    }
}
