//! A scene as an SVG file: text as text, fonts by name, nothing that only browsers know.

use std::fmt::Write;

use super::geometry::{Point, Rect, number, point};
use super::scene::{Anchor, Connection, Group, Scene, Text};
use super::shape::{Dash, Form, Outline, Shape};
use super::theme::{Fill, Ink, Theme};
use super::typeface::LINE_HEIGHT;

/// The fonts of a figure, the ones for East Asian names included.
pub const FONTS: &str =
    "Helvetica, Arial, 'Liberation Sans', 'Noto Sans CJK JP', 'Noto Sans CJK KR', sans-serif";

/// The figure as an SVG document.
pub fn svg(scene: &Scene, theme: Theme) -> String {
    write(scene, theme, None)
}

/// The figure as an SVG document that draw.io opens with real cells: what is called `.drawio.svg`.
pub fn svg_with_drawio(scene: &Scene, theme: Theme) -> String {
    write(scene, theme, Some(&super::drawio::drawio(scene)))
}

fn write(scene: &Scene, theme: Theme, content: Option<&str>) -> String {
    let content = content.map(|file| format!(" content=\"{}\"", escape(file).replace('\n', "&#10;")));
    let content = content.unwrap_or_default();
    let mut writer = Writer { out: String::new(), theme, depth: 1 };
    let (width, height) = (number(scene.width), number(scene.height));
    let out = &mut writer.out;
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\" font-size=\"12\" \
         fill=\"none\" stroke-miterlimit=\"10\"{content}>"
    );
    let _ = writeln!(out, " <title>{}</title>", escape(&scene.title));
    let _ = writeln!(out, " <desc>{}</desc>", escape(&scene.description));
    let paper = theme.fill(Fill::Paper);
    let _ = writeln!(out, " <rect width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>");
    writer.inside(&scene.root);
    writer.out.push_str("</svg>\n");
    writer.out
}

/// An id that XML accepts: those of Kubernetes' names hold no `_`.
pub fn xml_id(id: &str) -> String {
    id.replace('/', "_")
}

/// Text as XML has it, in content and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // What XML 1.0 cannot hold at all.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                escaped.push('\u{fffd}');
            }
            other => escaped.push(other),
        }
    }
    escaped
}

struct Writer {
    out: String,
    theme: Theme,
    depth: usize,
}

impl Writer {
    fn line(&mut self, words: &str) {
        self.out.extend(std::iter::repeat_n(' ', self.depth));
        self.out.push_str(words);
        self.out.push('\n');
    }

    fn group(&mut self, group: &Group) {
        let class = [group.kind.class(), group.state.class()].join(" ");
        let mut tag = format!("<g id=\"{}\" class=\"{}\"", xml_id(&group.id), class.trim());
        let corner = point(group.x, group.y);
        if corner != Point::default() {
            let _ = write!(tag, " transform=\"translate({} {})\"", number(corner.x), number(corner.y));
        }
        if group.faded {
            tag.push_str(" opacity=\"0.55\"");
        }
        tag.push('>');
        self.line(&tag);
        self.depth += 1;
        self.line(&format!("<title>{}</title>", escape(&group.label())));
        self.inside(group);
        self.depth -= 1;
        self.line("</g>");
    }

    fn inside(&mut self, group: &Group) {
        group.shapes.iter().for_each(|shape| self.shape(shape));
        group.texts.iter().for_each(|text| self.text(text));
        group.children.iter().for_each(|child| self.group(child));
        group.connections.iter().for_each(|connection| self.connection(connection));
    }

    fn connection(&mut self, connection: &Connection) {
        let class = connection.relation.class();
        self.line(&format!("<g id=\"{}\" class=\"connection {class}\">", xml_id(&connection.id)));
        self.depth += 1;
        self.line(&format!("<title>{}</title>", escape(&connection.sentence())));
        connection.outlines().iter().for_each(|outline| self.outline(outline));
        connection.label.iter().for_each(|text| self.text(text));
        self.depth -= 1;
        self.line("</g>");
    }

    /// What a shape is painted with, as attributes.
    fn paint(&self, fill: Fill, ink: Ink, dash: Dash, width: f64) -> String {
        let mut attributes = String::new();
        if fill != Fill::None {
            let _ = write!(attributes, " fill=\"{}\"", self.theme.fill(fill));
        }
        if ink != Ink::None {
            let _ = write!(attributes, " stroke=\"{}\"", self.theme.ink(ink));
            if width != 1.0 {
                let _ = write!(attributes, " stroke-width=\"{}\"", number(width));
            }
            if let Some(pattern) = dash.pattern() {
                let _ = write!(attributes, " stroke-dasharray=\"{pattern}\"");
            }
        }
        attributes
    }

    fn shape(&mut self, shape: &Shape) {
        let Rect { x, y, width, height } = shape.bounds;
        let paint = self.paint(shape.fill, shape.ink, shape.dash, 1.0);
        let place = |names: [&str; 4], values: [f64; 4]| {
            names
                .iter()
                .zip(values)
                .filter(|(_, value)| *value != 0.0)
                .map(|(name, value)| format!(" {name}=\"{}\"", number(value)))
                .collect::<String>()
        };
        let corner = place(["x", "y", "width", "height"], [x, y, width, height]);
        match shape.form {
            Form::Box => self.line(&format!("<rect{corner}{paint}/>")),
            Form::Rounded(radius) => self.line(&format!("<rect{corner} rx=\"{}\"{paint}/>", number(radius))),
            Form::Ellipse => {
                let middle = shape.bounds.center();
                let size = place(["cx", "cy", "rx", "ry"], [middle.x, middle.y, width / 2.0, height / 2.0]);
                self.line(&format!("<ellipse{size}{paint}/>"));
            }
            _ => shape.outlines().iter().for_each(|outline| self.outline(outline)),
        }
    }

    fn outline(&mut self, outline: &Outline) {
        let paint = self.paint(outline.fill, outline.ink, outline.dash, outline.width);
        self.line(&format!("<path d=\"{}\"{paint}/>", outline.d));
    }

    fn text(&mut self, text: &Text) {
        let anchor = match text.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let size =
            if text.size == 12.0 { String::new() } else { format!(" font-size=\"{}\"", number(text.size)) };
        let ink = self.theme.ink(text.ink);
        let (x, y) = (number(text.at.x), number(text.at.y));
        let content = match text.lines.as_slice() {
            [only] => escape(only),
            lines => lines
                .iter()
                .enumerate()
                .map(|(index, line)| {
                    let y = number(text.at.y + index as f64 * LINE_HEIGHT * text.size);
                    format!("<tspan x=\"{x}\" y=\"{y}\">{}</tspan>", escape(line))
                })
                .collect(),
        };
        self.line(&format!("<text x=\"{x}\" y=\"{y}\"{anchor}{size} fill=\"{ink}\">{content}</text>"));
    }
}
