//! The figure: the scene's groups side by side, so that each can move on its own; a camera over them, and what takes
//! the figure elsewhere.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;
use yew::virtual_dom::Key;

use crate::diagram::geometry::{Point, Rect, rect};
use crate::diagram::scene::{Anchor, Connection, Group, Kind, Placed, Relation, Text};
use crate::diagram::shape::Outline;
use crate::diagram::typeface::LINE_HEIGHT;
use crate::diagram::{self, Options, Scene, Theme};
use crate::sim::related::Subject;

use super::action::Action;
use super::browser;
use super::flights::Over;
use super::look::{Layer, Sight};
use super::talks::Talks;
use super::traffic::Shown;
use super::words::{Language, Words};

/// A scene that is compared by identity: it is never changed.
#[derive(Clone)]
pub struct Drawing(pub Rc<Scene>, Rc<OnceCell<Places>>);

/// Where things are in a scene. Packets ask for it again and again.
struct Places {
    /// The middle of each thing.
    centers: BTreeMap<String, Point>,
    /// The node of each Pod.
    nodes: BTreeMap<String, String>,
    /// The lines by which things come in, by what they connect.
    ways: BTreeMap<(String, String), Vec<Point>>,
}

impl Drawing {
    /// What shows this scene.
    pub fn new(scene: Scene) -> Self {
        Self(Rc::new(scene), Rc::default())
    }

    fn places(&self) -> &Places {
        self.1.get_or_init(|| {
            let placed = self.0.groups();
            let centers = placed.iter().map(|one| (one.group.id.clone(), one.bounds().center())).collect();
            let nodes =
                nodes_of(&placed).into_iter().map(|(pod, node)| (pod.to_owned(), node.to_owned())).collect();
            let come_in = self.0.root.connections.iter().filter(|line| line.relation == Relation::Enters);
            let ways = come_in.map(|line| {
                // A container stands for its Pod.
                let pod =
                    |id: &str| match id.strip_prefix("container/").and_then(|rest| rest.rsplit_once('/')) {
                        Some((pod, _)) => format!("pod/{pod}"),
                        None => id.to_string(),
                    };
                ((pod(&line.from.group), pod(&line.to.group)), line.route.clone())
            });
            Places { centers, nodes, ways: ways.collect() }
        })
    }

    /// The middle of what has this id.
    pub fn center(&self, id: &str) -> Option<Point> {
        self.places().centers.get(id).copied()
    }

    /// The node of the Pod that has this id.
    pub fn node(&self, id: &str) -> Option<&str> {
        self.places().nodes.get(id).map(String::as_str)
    }

    /// The line by which things come in from one to the other, from its middle to the other's, or back.
    pub fn way(&self, from: &str, to: &str) -> Option<Vec<Point>> {
        let ways = &self.places().ways;
        let key = |one: &str, other: &str| (one.to_string(), other.to_string());
        let (line, back) = match ways.get(&key(from, to)) {
            Some(line) => (line, false),
            None => (ways.get(&key(to, from))?, true),
        };
        let mut way = line.clone();
        if back {
            way.reverse();
        }
        way.insert(0, self.center(from)?);
        way.push(self.center(to)?);
        Some(way)
    }
}

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
    /// What else is to be seen of it.
    pub sight: Sight,
    /// The id of what is inspected.
    pub inspected: Option<String>,
    /// The id of what the cursor in the editor is in.
    pub pointed: Option<String>,
    /// The lookups and connections that are shown now.
    pub shown: Shown,
    /// The language of the page.
    pub language: Language,
    /// What to do.
    pub act: Callback<Action>,
    /// True where tools stand over it.
    pub tools: bool,
    /// True while the invitation stands over it.
    pub invited: bool,
    /// What stands over the figure.
    #[prop_or_default]
    pub children: Html,
}

/// How wide the invitation is (see `style.css`).
const INVITATION: f64 = 356.0;
/// Room around the figure.
const MARGIN: f64 = 12.0;
/// How wide the inspector is (see `style.css`).
const INSPECTOR: f64 = 430.0;
/// How wide the lookups and connections are in words (see `style.css`).
const TALKS: f64 = 300.0;
/// How much of the top the tools take, and of its width.
const TOOLS: (f64, f64) = (38.0, 330.0);
/// A cluster of more Pods is drawn in part, and from afar as dots.
const MANY: usize = 60;
/// Seen from farther away than this, the Pods of many are dots.
const AFAR: f64 = 0.34;
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
        // Asking for a size makes the browser lay out the page: it tells by itself when that has changed.
        use_effect_with((), move |()| {
            let element = panel.cast::<Element>();
            let watched = element.and_then(|element| {
                browser::on_size(&element, move |size| {
                    if size.0 > 0.0 {
                        room.set(size);
                    }
                })
            });
            move || drop(watched)
        });
    }
    let (width, height) = *room;
    // A panel of another size is filled at once; within one the camera moves smoothly.
    let before = use_mut_ref(|| *room);
    let resized = before.replace(*room) != *room;
    // The inspector stands over the right of a wide panel: the figure keeps to what is left of it.
    let beside = match (props.inspected.is_some(), props.invited) {
        (true, _) => INSPECTOR,
        (false, true) => INVITATION,
        _ => 0.0,
    };
    let free = if width > 2.0 * beside { width - beside } else { width };
    let fits = |room: f64, size: f64| (room - 2.0 * MARGIN) / size.max(1.0);
    let fitted = |high: f64| fits(free, scene.width).min(fits(high, scene.height)).clamp(0.02, LARGEST_SCALE);
    // Where the figure would reach below the tools, it stands below them.
    let reaches = fitted(height) * scene.width > free - 2.0 * TOOLS.1;
    let top = if reaches && props.tools { TOOLS.0 } else { 0.0 };
    // What is asked and answered stands over the left of a wide panel: the figure makes way, and becomes smaller for it only
    // within reason.
    let talks = if props.shown.is_empty() || free < 2.2 * TALKS { 0.0 } else { TALKS };
    let beside = fits(free - talks, scene.width);
    let whole = fitted(height - top).min(beside.max(0.88 * fitted(height - top)));
    let scale = whole * camera.zoom;
    let middle = (free - scene.width * whole) / 2.0;
    let way = (talks - middle).clamp(0.0, (middle - MARGIN).max(0.0));
    let left = (free - scene.width * scale) / 2.0 + way + camera.x;
    let upper = top + (height - top - scene.height * scale) / 2.0 + camera.y;
    // The figure is fitted by a transformation, which moves smoothly, and not by the view box, which jumps.
    let transform = format!("translate({left:.2} {upper:.2}) scale({scale:.4})");
    // What can be seen, in the figure's coordinates and in steps, so that not every drag draws anew.
    let view = rect(-left / scale, -upper / scale, width / scale, height / scale);
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
    let pods = props.drawing.places().nodes.len();
    html! {
        <section class={classes!("figure", (!props.shown.is_empty()).then_some("is-busy"))} aria-label={words.figure}>
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
                <g class="camera" {transform} style={resized.then_some("transition:none")}>
                    <Groups
                        drawing={props.drawing.clone()}
                        inspected={props.inspected.clone()}
                        pointed={props.pointed.clone()}
                        part={Part::of(&view, scale)}
                    />
                </g>
            </svg>
            if !props.shown.is_empty() {
                <Over
                    shown={props.shown.clone()}
                    drawing={props.drawing.clone()}
                    camera={(left, upper, scale)}
                    jumps={resized}
                    afar={scale < AFAR && pods > MANY}
                    still={browser::is_still()}
                    language={props.language}
                />
            }
            <Talks shown={props.shown.clone()} language={props.language} act={props.act.clone()} />
            if camera.zoom > 1.2 {
                {minimap(scene, &view, words.overview)}
            }
            if props.sight.text {
                <InWords drawing={props.drawing.clone()} language={props.language} act={props.act.clone()} />
            }
            <div class="tools">
                <Layers options={props.options} sight={props.sight} language={props.language} act={props.act.clone()} />
                <Save drawing={props.drawing.clone()} language={props.language} />
                <button type="button" class="icon" aria-label={words.zoom_out} title={words.zoom_out} onclick={zoom(0.8)}>{"−"}</button>
                <button type="button" class="icon" aria-label={words.zoom_in} title={words.zoom_in} onclick={zoom(1.25)}>{"+"}</button>
                <button type="button" onclick={fit}>{words.fit}</button>
            </div>
            {props.children.clone()}
        </section>
    }
}

/// What of the figure is drawn: the whole, or what can be seen; from afar, or near.
#[derive(Clone, Copy, PartialEq)]
pub struct Part {
    /// Its left, upper, right and lower side, in steps of `STEP`.
    sides: [i32; 4],
    /// The scale in twentieths where it is afar; 0 near.
    afar: i32,
}

impl Part {
    const STEP: f64 = 250.0;

    fn of(view: &Rect, scale: f64) -> Self {
        let low = |side: f64| (side / Self::STEP).floor() as i32 - 1;
        let high = |side: f64| (side / Self::STEP).ceil() as i32 + 1;
        let sides = [low(view.x), low(view.y), high(view.right()), high(view.bottom())];
        let afar = if scale < AFAR { ((scale * 100.0).ceil() as i32).max(1) } else { 0 };
        Self { sides, afar }
    }

    fn holds(&self, bounds: &Rect) -> bool {
        let side = |at: usize| f64::from(self.sides[at]) * Self::STEP;
        bounds.right() > side(0) && bounds.bottom() > side(1) && bounds.x < side(2) && bounds.y < side(3)
    }
}

#[derive(Properties, PartialEq)]
struct GroupsProps {
    drawing: Drawing,
    inspected: Option<String>,
    pointed: Option<String>,
    part: Part,
}

/// The groups and connections of the scene. Those of many Pods only as far as they can be seen, and from afar as dots.
#[component]
fn Groups(props: &GroupsProps) -> Html {
    let scene = &props.drawing.0;
    let placed = scene.groups();
    let inspected = props.inspected.as_deref();
    let is_there = inspected.filter(|id| placed.iter().any(|one| one.group.id == **id));
    let first = || {
        placed.iter().map(|one| one.group).find(|group| group.kind == Kind::Pod || group.kind == Kind::Node)
    };
    let stop = is_there.or_else(|| first().map(|group| group.id.as_str()));
    let many = placed.iter().filter(|one| one.group.kind == Kind::Pod).count() > MANY;
    let afar = many && props.part.afar > 0;
    // What is inside of a Pod that is not drawn is not drawn, either.
    let mut hidden = usize::MAX;
    let drawn = placed.iter().filter(|one| {
        if one.depth > hidden {
            return false;
        }
        hidden = usize::MAX;
        let own = matches!(one.group.kind, Kind::Pod | Kind::Annex);
        if many
            && own
            && (afar && one.group.kind == Kind::Pod || !props.part.holds(&one.bounds().grown(20.0)))
        {
            hidden = one.depth;
            return false;
        }
        true
    });
    // From afar, what goes to the Pods of one node is one line.
    let mut bundles = BTreeSet::new();
    let nodes = if afar { nodes_of(&placed) } else { BTreeMap::new() };
    let end = |id: &'_ str| nodes.get(id).copied().unwrap_or(id).to_owned();
    let near = |connection: &&Connection| {
        if afar {
            return bundles.insert((
                connection.relation.class(),
                end(&connection.from.group),
                end(&connection.to.group),
            ));
        }
        !many || {
            let xs = connection.route.iter().map(|place| place.x);
            let ys = connection.route.iter().map(|place| place.y);
            let (left, top) = (xs.clone().fold(f64::MAX, f64::min), ys.clone().fold(f64::MAX, f64::min));
            props.part.holds(&rect(left, top, xs.fold(left, f64::max) - left, ys.fold(top, f64::max) - top))
        }
    };
    html! {
        <>
        {for drawn.map(|one| draw_group(one, stop, inspected, props.pointed.as_deref()))}
        {for scene.root.connections.iter().filter(near).map(draw_connection)}
        if afar {
            {dots(&placed)}
            {stacks(&placed, f64::from(props.part.afar) / 100.0)}
        }
        </>
    }
}

/// The node of each Pod.
fn nodes_of<'a>(placed: &[Placed<'a>]) -> BTreeMap<&'a str, &'a str> {
    let mut node = "";
    let mut nodes = BTreeMap::new();
    for one in placed {
        match one.group.kind {
            Kind::Node | Kind::Pending => node = &one.group.id,
            Kind::Pod => {
                nodes.insert(one.group.id.as_str(), node);
            }
            _ => {}
        }
    }
    nodes
}

/// The Pods of many as dots: a path a state, each of a form of its own.
fn dots(placed: &[Placed<'_>]) -> Html {
    let mut paths: BTreeMap<(&str, bool), String> = BTreeMap::new();
    for one in placed.iter().filter(|one| one.group.kind == Kind::Pod) {
        let state = one.group.state.class();
        let Rect { x, y, width, height } = one.bounds().grown(-8.0);
        let path = paths.entry((state, one.group.faded)).or_default();
        let (right, bottom) = (x + width, y + height);
        path.push_str(&match state {
            // A cross; else a box, whose line and fill tell the rest.
            "is-failed" => format!("M{x:.0} {y:.0}h{width:.0}v{height:.0}h-{width:.0}zL{right:.0} {bottom:.0}M{right:.0} {y:.0}L{x:.0} {bottom:.0}"),
            _ => format!("M{x:.0} {y:.0}h{width:.0}v{height:.0}h-{width:.0}z"),
        });
    }
    html! {
        <g class="dots">
            {for paths.into_iter().map(|((state, faded), d)| html! {
                <path class={classes!("dot", state, faded.then_some("faded"))} {d} />
            })}
        </g>
    }
}

/// What the Pods of one owner in one node are called from afar, with how many they are.
fn stacks(placed: &[Placed<'_>], scale: f64) -> Html {
    const LEAST: usize = 4;
    let mut stacks: BTreeMap<(&str, &str), (Rect, usize)> = BTreeMap::new();
    let mut node = "";
    for one in placed {
        match one.group.kind {
            Kind::Node => node = &one.group.id,
            Kind::Pod => {
                let name = one.group.id.rsplit('/').next().unwrap_or_default();
                // Without what tells the Pods of one owner apart.
                let owner = name.rsplit_once('-').map_or(name, |(owner, _)| owner);
                let hash = owner
                    .rsplit_once('-')
                    .filter(|(_, hash)| hash.len() > 7 && hash.contains(|c: char| c.is_ascii_digit()));
                let owner = hash.map_or(owner, |(owner, _)| owner);
                let bounds = one.bounds();
                let stack = stacks.entry((node, owner)).or_insert((bounds, 0));
                *stack = (stack.0.joined(&bounds), stack.1 + 1);
            }
            _ => {}
        }
    }
    let size = 13.0 / scale;
    let mut taken: Vec<Rect> = Vec::new();
    let labels = stacks.into_iter().filter(|(_, (_, count))| *count >= LEAST).filter_map(|((_, owner), (bounds, count))| {
        let words = format!("{owner} × {count}");
        let width = crate::diagram::typeface::text_width(&words, size);
        let middle = bounds.center();
        // Those that would lie on each other go to the next free line.
        let place = (0..6).map(|line| rect(middle.x - width / 2.0, middle.y + (f64::from(line) - 0.5) * size * 1.3, width, size * 1.2));
        let place = place.into_iter().find(|place| !taken.iter().any(|other| other.overlaps(place)))?;
        taken.push(place);
        Some(html! {
            <text class="stack" x={format!("{:.0}", middle.x)} y={format!("{:.0}", place.bottom() - size * 0.25)} font-size={format!("{size:.1}")} text-anchor="middle">{words}</text>
        })
    });
    html! { <>{for labels}</> }
}

/// The whole figure, small, with what is seen of it.
fn minimap(scene: &Scene, view: &Rect, name: &'static str) -> Html {
    const WIDTH: f64 = 132.0;
    let scale = WIDTH / scene.width.max(1.0);
    let one = |bounds: &Rect, class: &'static str| {
        html! {
            <rect class={class} x={format!("{:.1}", bounds.x * scale)} y={format!("{:.1}", bounds.y * scale)} width={format!("{:.1}", bounds.width * scale)} height={format!("{:.1}", bounds.height * scale)} />
        }
    };
    let groups = scene.groups();
    let shown =
        groups.iter().filter(|one| matches!(one.group.kind, Kind::Cluster | Kind::Node | Kind::Service));
    html! {
        <svg class="minimap" role="img" aria-label={name} width={WIDTH.to_string()} height={format!("{:.0}", (scene.height * scale).min(180.0))}>
            {for shown.map(|placed| one(&placed.bounds(), "part"))}
            {one(view, "seen")}
        </svg>
    }
}

#[derive(Properties, PartialEq)]
struct OutlineProps {
    drawing: Drawing,
    language: Language,
    act: Callback<Action>,
}

/// The figure in words: a tree with states and relations.
#[component]
fn InWords(props: &OutlineProps) -> Html {
    let words = props.language.words();
    let scene = &props.drawing.0;
    let items = diagram::text::outline(scene);
    let close = props.act.reform(|_: MouseEvent| Action::SetLayer(Layer::Text, false));
    html! {
        <aside class="outline" aria-label={words.as_text}>
            <div class="title">
                <h2>{words.as_text}</h2>
                <span class="space"></span>
                <button type="button" class="quiet icon" aria-label={words.close} onclick={close}>{"×"}</button>
            </div>
            <ul tabindex="0" aria-label={words.as_text}>
                {for items.iter().map(|item| {
                    let style = format!("padding-left:{}px", 18 * item.depth);
                    let id = item.id.to_string();
                    let pick = !item.relation && Subject::of_id(item.id).is_some();
                    let go = props.act.reform(move |_: MouseEvent| Action::Inspect(Some(id.clone())));
                    html! {
                        <li {style} class={item.relation.then_some("relation")}>
                            if pick {
                                <button type="button" class="quiet link" onclick={go}>{item.words.clone()}</button>
                            } else if item.relation {
                                {format!("→ {}", item.words)}
                            } else {
                                {item.words.clone()}
                            }
                        </li>
                    }
                })}
            </ul>
        </aside>
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
    let Ok(all) = panel.query_selector_all(".pick > .hold") else { return };
    let element = |at: u32| all.item(at).and_then(|node| node.dyn_into::<Element>().ok());
    let count = all.length();
    let here = (0..count).find(|at| picked(element(*at).map(Into::into)).as_ref() == Some(&from));
    let next = (here.unwrap_or(0) as i32 + by).rem_euclid(count.max(1) as i32) as u32;
    if let Some(next) = element(next) {
        // SVG elements take the focus as HTML ones do.
        let _ = next.unchecked_into::<HtmlElement>().focus();
    }
}

#[derive(Properties, PartialEq)]
struct LayersProps {
    options: Options,
    sight: Sight,
    language: Language,
    act: Callback<Action>,
}

/// What of the cluster is drawn.
#[component]
fn Layers(props: &LayersProps) -> Html {
    let words = props.language.words();
    let layers = layers(&props.options, props.sight, words);
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

/// Every layer with its name, and whether it is shown.
pub fn layers(options: &Options, sight: Sight, words: &Words) -> [(Layer, &'static str, bool); 10] {
    [
        (Layer::System, words.layer_system, options.show_system),
        (Layer::Owners, words.layer_owners, options.show_owners),
        (Layer::Selectors, words.layer_selectors, options.show_selectors),
        (Layer::Config, words.layer_config, options.show_config),
        (Layer::Storage, words.layer_storage, options.show_storage),
        (Layer::Policies, words.layer_policies, options.show_policies),
        (Layer::Direct, words.layer_direct, options.show_direct),
        (Layer::Traffic, words.layer_traffic, sight.traffic),
        (Layer::Background, words.layer_background, sight.background),
        (Layer::Text, words.as_text, sight.text),
    ]
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
        Kind::Node
            | Kind::Pod
            | Kind::Container
            | Kind::InitContainer
            | Kind::Volume
            | Kind::Service
            | Kind::Owner
            | Kind::Owned
            | Kind::Claim
            | Kind::PersistentVolume
            | Kind::StorageClass
            | Kind::Policy
    ) && Subject::of_id(&group.id).is_some()
}

fn draw_group(
    placed: &Placed<'_>,
    stop: Option<&str>,
    inspected: Option<&str>,
    pointed: Option<&str>,
) -> Html {
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
        (inspected == Some(&group.id)).then_some("inspected"),
        pointed.is_some_and(|id| is_meant(id, &group.id)).then_some("pointed")
    );
    let index = if stop == Some(&group.id) { "0" } else { "-1" };
    html! {
        <g
            key={key_of(group)}
            class={classes}
            data-id={group.id.clone()}
            transform={format!("translate({} {})", placed.at.x, placed.at.y)}
        >
            <title>{group.label()}</title>
            // The words of the figure are short; the name of what is held is whole, and so not of these words.
            <g class="hold" role={if pick { "button" } else { "img" }} aria-label={group.label()} tabindex={pick.then_some(index)}>
                {for group.shapes.iter().flat_map(|shape| shape.outlines()).map(|outline| draw_outline(&outline))}
            </g>
            {for group.texts.iter().map(draw_text)}
            {for own.iter().map(draw_connection)}
        </g>
    }
}

/// True where an object that is pointed to is what a group stands for: itself, or a Pod of the owner that is not drawn.
fn is_meant(pointed: &str, id: &str) -> bool {
    id == pointed
        || ["deployment/", "statefulset/", "daemonset/", "replicaset/", "job/"].iter().any(|kind| {
            pointed.strip_prefix(kind).zip(id.strip_prefix("pod/")).is_some_and(|(owner, pod)| {
                let rest = pod.strip_prefix(owner).and_then(|rest| rest.strip_prefix('-'));
                // `web-5d8f7c9b4-k2m9x` and `mysql-0` are of `web` and `mysql`; `web-admin-5d8f7c9b4-k2m9x` is not.
                rest.is_some_and(|rest| {
                    rest.matches('-').count() < 2 && rest.chars().any(|c| c.is_ascii_digit())
                })
            })
        })
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
