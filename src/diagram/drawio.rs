//! A scene as a draw.io file with real cells: boxes that move with their contents, arrows attached to their ends, and
//! the styles of draw.io's own shapes.

use std::fmt::Write;

use super::geometry::{Point, Rect, number, point};
use super::scene::{Anchor, Connection, Group, Head, Kind, Scene, Text};
use super::shape::{Dash, Form, Icon, Shape, Sign};
use super::svg::escape;
use super::theme::{Fill, Ink, Theme};

/// The figure as an uncompressed draw.io document of one page.
pub fn drawio(scene: &Scene) -> String {
    let mut writer = Writer { out: String::new(), faded: false };
    let (width, height) = (number(scene.width.ceil()), number(scene.height.ceil()));
    let _ = writeln!(
        writer.out,
        "<mxfile>\n <diagram id=\"figure\" name=\"{}\">\n  <mxGraphModel grid=\"1\" gridSize=\"10\" guides=\"1\" \
         tooltips=\"1\" connect=\"1\" arrows=\"1\" fold=\"1\" page=\"1\" pageScale=\"1\" pageWidth=\"{width}\" \
         pageHeight=\"{height}\" math=\"0\" shadow=\"0\" adaptiveColors=\"auto\">\n   <root>\n    \
         <mxCell id=\"0\"/>\n    <mxCell id=\"1\" parent=\"0\"/>",
        escape(&scene.title)
    );
    for group in &scene.root.children {
        writer.group(group, ROOT);
    }
    for connection in &scene.root.connections {
        writer.connection(connection, ROOT);
    }
    writer.out.push_str("   </root>\n  </mxGraphModel>\n </diagram>\n</mxfile>\n");
    writer.out
}

/// The cell that everything is in.
const ROOT: &str = "1";
/// The course's text cells.
const TEXT: &str = "text;html=1;align=center;verticalAlign=middle;resizable=0;points=[];autosize=1;strokeColor=none;fillColor=none;";

struct Writer {
    out: String,
    /// True within a group that is drawn faintly.
    faded: bool,
}

impl Writer {
    /// A cell with a place.
    fn vertex(&mut self, id: &str, parent: &str, value: &str, style: &str, bounds: Rect, connectable: bool) {
        let faded = if self.faded { "opacity=55;textOpacity=55;" } else { "" };
        let connectable = if connectable { "" } else { " connectable=\"0\"" };
        let _ = writeln!(
            self.out,
            "    <mxCell id=\"{}\" value=\"{}\" style=\"{}{faded}\" parent=\"{}\" vertex=\"1\"{connectable}>\n     \
             <mxGeometry{} width=\"{}\" height=\"{}\" as=\"geometry\"/>\n    </mxCell>",
            escape(id),
            escape(value),
            escape(style),
            escape(parent),
            place(point(bounds.x, bounds.y)),
            number(bounds.width),
            number(bounds.height)
        );
    }

    fn group(&mut self, group: &Group, parent: &str) {
        let around = self.faded;
        self.faded |= group.faded;
        let bounds = Rect { x: group.x, y: group.y, width: group.width, height: group.height };
        // Its own box carries the rest: children move with it.
        let frame = group.shapes.first();
        let mut style = frame.map_or_else(|| "group;".into(), shape_style);
        let holds = matches!(
            group.kind,
            Kind::Cluster | Kind::Node | Kind::Namespace | Kind::Pending | Kind::Pod | Kind::Annex
        );
        if holds {
            style.push_str("container=1;collapsible=0;pointerEvents=0;verticalAlign=top;");
        }
        // The words of what holds nothing are its own, in its middle or, of a volume, beside it.
        let beside = group.kind == Kind::Volume;
        if beside {
            style.push_str(
                "labelPosition=right;verticalLabelPosition=middle;align=left;verticalAlign=middle;spacingLeft=4;",
            );
        }
        let inside = |text: &&Text| !holds && (beside || text.anchor == Anchor::Middle);
        let value: Vec<String> = group.texts.iter().filter(inside).map(html).collect();
        if !value.is_empty() && group.texts[0].size != 12.0 {
            let _ = write!(style, "fontSize={};", number(group.texts[0].size));
        }
        self.vertex(&group.id, parent, &value.join("<br>"), &style, bounds, true);
        for (index, shape) in group.shapes.iter().enumerate().skip(1) {
            let id = format!("{}/shape/{index}", group.id);
            let (style, value) = match shape.form {
                Form::Sign(sign) => sign_style(sign, shape),
                _ => (shape_style(shape), ""),
            };
            self.vertex(&id, &group.id, value, &style, shape.bounds, false);
        }
        for (index, text) in group.texts.iter().enumerate().filter(|(_, text)| !inside(text)) {
            let id = format!("{}/text/{index}", group.id);
            self.vertex(&id, &group.id, &html(text), &text_style(text), text.bounds(), false);
        }
        for child in &group.children {
            self.group(child, &group.id);
        }
        for connection in &group.connections {
            self.connection(connection, &group.id);
        }
        self.faded = around;
    }

    fn connection(&mut self, connection: &Connection, parent: &str) {
        let Connection { id, from, to, route, .. } = connection;
        let mut style = String::from("edgeStyle=none;rounded=0;html=1;");
        for (end, at) in [("exit", from.at), ("entry", to.at)] {
            let (x, y) = (share(at.x), share(at.y));
            let _ = write!(style, "{end}X={x};{end}Y={y};{end}Dx=0;{end}Dy=0;{end}Perimeter=0;");
        }
        for (end, head) in [("start", connection.start), ("end", connection.end)] {
            let _ = match head {
                Head::None => write!(style, "{end}Arrow=none;"),
                Head::Classic => write!(style, "{end}Arrow=classic;{end}Fill=1;"),
                Head::OpenThin => write!(style, "{end}Arrow=openThin;{end}Fill=0;"),
            };
        }
        line_style(&mut style, connection.ink, connection.dash);
        if self.faded {
            style.push_str("opacity=55;");
        }
        let bends = &route[1..route.len() - 1];
        let _ = write!(
            self.out,
            "    <mxCell id=\"{}\" value=\"\" style=\"{style}\" parent=\"{}\" source=\"{}\" target=\"{}\" edge=\"1\">\n     \
             <mxGeometry relative=\"1\" as=\"geometry\"",
            escape(id),
            escape(parent),
            escape(&from.group),
            escape(&to.group)
        );
        if bends.is_empty() {
            self.out.push_str("/>\n");
        } else {
            self.out.push_str(">\n      <Array as=\"points\">\n");
            for bend in bends {
                let _ = writeln!(self.out, "       <mxPoint{}/>", place(*bend));
            }
            self.out.push_str("      </Array>\n     </mxGeometry>\n");
        }
        self.out.push_str("    </mxCell>\n");
        if let Some(label) = &connection.label {
            self.label(connection, label);
        }
    }

    /// Words beside an edge are a cell in it: a place along it, and how far they stand from there.
    fn label(&mut self, connection: &Connection, label: &Text) {
        let middle = label.bounds().center();
        let (share, on) = nearest(&connection.route, middle);
        let offset = middle.from(on);
        let style = "edgeLabel;html=1;align=center;verticalAlign=middle;resizable=0;points=[];\
                     labelBackgroundColor=none;fontSize=12;";
        let _ = writeln!(
            self.out,
            "    <mxCell id=\"{id}/label\" value=\"{}\" style=\"{style}\" parent=\"{id}\" vertex=\"1\" connectable=\"0\">\n     \
             <mxGeometry x=\"{}\" relative=\"1\" as=\"geometry\">\n      <mxPoint{} as=\"offset\"/>\n     \
             </mxGeometry>\n    </mxCell>",
            escape(&html(label)),
            number(share * 2.0 - 1.0),
            place(offset),
            id = escape(&connection.id),
        );
    }
}

/// The place of a cell as attributes; what is 0 is left out, as draw.io does.
fn place(at: Point) -> String {
    let one = |name: &str, value: f64| match number(value).as_str() {
        "0" => String::new(),
        written => format!(" {name}=\"{written}\""),
    };
    format!("{}{}", one("x", at.x), one("y", at.y))
}

/// A share with four decimals: on a wide box, two would be pixels off.
fn share(value: f64) -> f64 {
    let rounded = (value * 10_000.0).round() / 10_000.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// How far along a route its nearest place to `to` is, as a share of its length; and that place.
fn nearest(route: &[Point], to: Point) -> (f64, Point) {
    let length: f64 = route.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    let mut gone = 0.0;
    let mut best = (f64::INFINITY, 0.0, route[0]);
    for pair in route.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let part = a.distance(b);
        if part > 0.0 {
            let along = ((to.x - a.x) * (b.x - a.x) + (to.y - a.y) * (b.y - a.y)) / (part * part);
            let on = a.towards(b, along.clamp(0.0, 1.0) * part);
            if on.distance(to) < best.0 {
                best = (on.distance(to), gone + a.distance(on), on);
            }
        }
        gone += part;
    }
    (best.1 / length.max(1.0), best.2)
}

/// The lines of a text as HTML, which is what draw.io's `html=1` reads.
fn html(text: &Text) -> String {
    let lines: Vec<String> = text.lines.iter().map(|line| escape(line)).collect();
    let words = lines.join("<br>");
    match text.ink {
        Ink::Line => words,
        ink => format!("<font color=\"{}\">{words}</font>", Theme::Light.ink(ink)),
    }
}

fn text_style(text: &Text) -> String {
    let mut style = TEXT.to_owned();
    if text.anchor != Anchor::Middle {
        let align = if text.anchor == Anchor::Start { "align=left" } else { "align=right" };
        style = style.replace("align=center", align);
        style.push_str("spacing=0;");
    }
    // The box is as wide as Helvetica; another font must not break the line.
    style.push_str("whiteSpace=nowrap;");
    if text.size != 12.0 {
        let _ = write!(style, "fontSize={};", number(text.size));
    }
    style
}

fn line_style(style: &mut String, ink: Ink, dash: Dash) {
    if ink != Ink::Line {
        let _ = write!(style, "strokeColor={};", Theme::Light.ink(ink));
    }
    match dash {
        Dash::Solid => {}
        Dash::Dashed => style.push_str("dashed=1;"),
        Dash::Dotted => style.push_str("dashed=1;dashPattern=1 2;"),
    }
}

/// draw.io's own shape for a form, in the course's words where the course has it.
fn shape_style(shape: &Shape) -> String {
    if let Form::Icon(icon) = shape.form {
        let name = match icon {
            Icon::Node => "node",
            Icon::Pod => "pod",
            Icon::Deployment => "deploy",
            Icon::ReplicaSet => "rs",
            Icon::StatefulSet => "sts",
            Icon::DaemonSet => "ds",
            Icon::Job => "job",
            Icon::CronJob => "cronjob",
            Icon::Claim => "pvc",
            Icon::Volume => "pv",
            Icon::StorageClass => "sc",
            Icon::Policy => "netpol",
        };
        return format!(
            "sketch=0;html=1;dashed=0;whitespace=wrap;fillColor=#2875E2;strokeColor=#ffffff;\
             points=[[0.005,0.63,0],[0.1,0.2,0],[0.9,0.2,0],[0.5,0,0],[0.995,0.63,0],[0.72,0.99,0],[0.5,1,0],[0.28,0.99,0]];\
             verticalLabelPosition=bottom;align=center;verticalAlign=top;shape=mxgraph.kubernetes.icon;prIcon={name};"
        );
    }
    let mut style = match shape.form {
        Form::Rounded(radius) => {
            format!("rounded=1;absoluteArcSize=1;arcSize={};whiteSpace=wrap;html=1;", number(2.0 * radius))
        }
        Form::Ellipse => "ellipse;whiteSpace=wrap;html=1;aspect=fixed;".into(),
        Form::Cylinder(cap) => {
            format!(
                "shape=cylinder3;whiteSpace=wrap;html=1;boundedLbl=1;backgroundOutline=1;size={};",
                number(cap)
            )
        }
        Form::Note(fold) => {
            format!(
                "shape=note;whiteSpace=wrap;html=1;backgroundOutline=1;darkOpacity=0.05;size={};",
                number(fold)
            )
        }
        Form::Cloud => "ellipse;shape=cloud;whiteSpace=wrap;html=1;".into(),
        Form::Box | Form::Icon(_) | Form::Sign(_) => "whiteSpace=wrap;html=1;".into(),
    };
    match shape.fill {
        Fill::Paper => {}
        fill => {
            let _ = write!(style, "fillColor={};", Theme::Light.fill(fill));
        }
    }
    line_style(&mut style, shape.ink, shape.dash);
    style
}

/// A small sign as a disc with a character.
fn sign_style(sign: Sign, shape: &Shape) -> (String, &'static str) {
    let fill = Theme::Light.fill(shape.fill);
    let disc = format!(
        "ellipse;html=1;aspect=fixed;spacing=0;strokeColor=none;fillColor={fill};fontColor=#ffffff;fontSize=10;fontStyle=1;"
    );
    match sign {
        Sign::Cross => (disc, "✕"),
        Sign::Check => (disc, "✓"),
        Sign::Restart => (format!("{TEXT}fontSize=12;"), "↻"),
    }
}
