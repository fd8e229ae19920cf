//! The figure: the scene's groups side by side, so that each can move on its own.

use std::rc::Rc;

use yew::prelude::*;
use yew::virtual_dom::Key;

use crate::diagram::Scene;
use crate::diagram::scene::{Anchor, Connection, Group, Placed, Text};
use crate::diagram::shape::Outline;
use crate::diagram::typeface::LINE_HEIGHT;

use super::words::Language;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What to draw.
    pub scene: Rc<Scene>,
    /// The language of the page.
    pub language: Language,
}

/// The panel's own coordinates; the camera fits the figure into them.
const VIEW: (f64, f64) = (960.0, 420.0);
/// Room around the figure.
const MARGIN: f64 = 8.0;
/// A small cluster is not blown up further than this.
const LARGEST_SCALE: f64 = 1.3;

/// The panel with the figure.
#[component]
pub fn FigurePanel(props: &Props) -> Html {
    let scene = &props.scene;
    let fits = |room: f64, size: f64| (room - 2.0 * MARGIN) / size.max(1.0);
    let scale = fits(VIEW.0, scene.width).min(fits(VIEW.1, scene.height)).min(LARGEST_SCALE);
    let middle = |room: f64, size: f64| (room - size * scale) / 2.0;
    // The figure is fitted by a transformation, which moves smoothly, and not by the view box, which jumps.
    let camera = format!(
        "translate({:.2} {:.2}) scale({scale:.4})",
        middle(VIEW.0, scene.width),
        middle(VIEW.1, scene.height)
    );
    let placed = scene.groups();
    html! {
        <section class="figure" aria-label={props.language.words().figure}>
            <svg role="img" viewBox={format!("0 0 {} {}", VIEW.0, VIEW.1)} aria-label={scene.title.clone()}>
                <title>{scene.title.clone()}</title>
                <desc>{scene.description.clone()}</desc>
                <g class="camera" transform={camera}>
                    {for placed.iter().map(draw_group)}
                    {for scene.root.connections.iter().map(draw_connection)}
                </g>
            </svg>
        </section>
    }
}

fn key_of(group: &Group) -> Key {
    Key::from(format!("{} {}", group.id, group.instance))
}

fn draw_group(placed: &Placed<'_>) -> Html {
    let group = placed.group;
    // The root's connections cross the whole figure and are drawn last.
    let own: &[Connection] = if placed.depth == 0 { &[] } else { &group.connections };
    let classes = classes!("group", group.kind.class(), group.state.class(), group.faded.then_some("faded"));
    html! {
        <g key={key_of(group)} class={classes} data-id={group.id.clone()} transform={format!("translate({} {})", placed.at.x, placed.at.y)}>
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
