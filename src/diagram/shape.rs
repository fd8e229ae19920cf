//! The forms a figure is made of, and their outlines as path data.

use super::geometry::{Point, Rect, point, push_number};
use super::theme::{Fill, Ink};

/// A form in its bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A box with square corners.
    Box,
    /// A box with round corners of this radius.
    Rounded(f64),
    /// An ellipse.
    Ellipse,
    /// A cylinder that stands; the number is half the height of its lid.
    Cylinder(f64),
    /// A sheet of paper with a corner of this size folded.
    Note(f64),
    /// A cloud.
    Cloud,
    /// A seven-sided icon.
    Icon(Icon),
    /// A small round sign.
    Sign(Sign),
}

/// What an icon stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Icon {
    /// A node.
    Node,
    /// A Pod.
    Pod,
    /// A Deployment.
    Deployment,
    /// A ReplicaSet.
    ReplicaSet,
    /// A StatefulSet.
    StatefulSet,
    /// A DaemonSet.
    DaemonSet,
    /// A Job.
    Job,
    /// A CronJob.
    CronJob,
    /// A PersistentVolumeClaim.
    Claim,
    /// A PersistentVolume.
    Volume,
    /// A StorageClass.
    StorageClass,
    /// A NetworkPolicy.
    Policy,
}

/// What a sign says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// It failed.
    Cross,
    /// It ended well.
    Check,
    /// It was started again: an arrow that turns back on itself, without a disc.
    Restart,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dash {
    /// Not at all.
    #[default]
    Solid,
    /// Dashes of 3.
    Dashed,
    /// Dots.
    Dotted,
}

impl Dash {
    /// The pattern as SVG's `stroke-dasharray` has it.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            Dash::Solid => None,
            Dash::Dashed => Some("3 3"),
            Dash::Dotted => Some("1 2"),
        }
    }
}

/// A form with its place in its group and the roles of its fill and line.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What it looks like.
    pub form: Form,
    /// Where, in the coordinates of its group.
    pub bounds: Rect,
    /// What it is filled with.
    pub fill: Fill,
    /// What its line means.
    pub ink: Ink,
    /// How its line is broken.
    pub dash: Dash,
}

/// A path to paint: what every form comes down to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// The path, as the `d` of an SVG `path`.
    pub d: String,
    /// What it is filled with.
    pub fill: Fill,
    /// Its line.
    pub ink: Ink,
    /// How its line is broken.
    pub dash: Dash,
    /// How wide its line is.
    pub width: f64,
}

/// The corners of the icons' frame, as shares of its bounds.
const HEPTAGON: [Point; 7] = [
    point(0.5, 0.0),
    point(0.9, 0.2),
    point(0.995, 0.63),
    point(0.72, 0.99),
    point(0.28, 0.99),
    point(0.005, 0.63),
    point(0.1, 0.2),
];

/// The faces of a cube seen from above one corner: lid, left, right.
const CUBE: [[Point; 4]; 3] = [
    [point(0.5, 0.205), point(0.745, 0.3), point(0.5, 0.395), point(0.255, 0.3)],
    [point(0.245, 0.345), point(0.475, 0.435), point(0.475, 0.775), point(0.245, 0.675)],
    [point(0.755, 0.345), point(0.525, 0.435), point(0.525, 0.775), point(0.755, 0.675)],
];

/// A machine of two units: each a box with two lamps.
const UNITS: [Rect; 2] = [
    Rect { x: 0.27, y: 0.27, width: 0.46, height: 0.19 },
    Rect { x: 0.27, y: 0.53, width: 0.46, height: 0.19 },
];

/// Path data under construction.
#[derive(Default)]
pub(super) struct Path(String);

impl Path {
    fn command(mut self, letter: char, places: &[Point]) -> Self {
        self.0.push(letter);
        for (index, place) in places.iter().enumerate() {
            if index > 0 {
                self.0.push(' ');
            }
            push_number(&mut self.0, place.x);
            self.0.push(' ');
            push_number(&mut self.0, place.y);
        }
        self
    }
    pub(super) fn start(self, x: f64, y: f64) -> Self {
        self.command('M', &[point(x, y)])
    }
    pub(super) fn line(self, x: f64, y: f64) -> Self {
        self.command('L', &[point(x, y)])
    }
    fn curve(self, first: Point, second: Point, end: Point) -> Self {
        self.command('C', &[first, second, end])
    }
    /// Part of an ellipse to `(x, y)`, clockwise or not, never more than half of it.
    fn arc(mut self, rx: f64, ry: f64, clockwise: bool, x: f64, y: f64) -> Self {
        let middle = if clockwise { " 0 0 1 " } else { " 0 0 0 " };
        for (before, value) in [("A", rx), (" ", ry), (middle, x), (" ", y)] {
            self.0.push_str(before);
            push_number(&mut self.0, value);
        }
        self
    }
    pub(super) fn closed(mut self) -> Self {
        self.0.push('Z');
        self
    }
    pub(super) fn data(self) -> String {
        self.0
    }
    fn polygon(self, corners: impl IntoIterator<Item = Point>) -> Self {
        let mut path = self;
        for (index, corner) in corners.into_iter().enumerate() {
            path = if index == 0 { path.start(corner.x, corner.y) } else { path.line(corner.x, corner.y) };
        }
        path.closed()
    }
    fn rounded(self, bounds: &Rect, radius: f64) -> Self {
        let (x, y, right, bottom, r) = (bounds.x, bounds.y, bounds.right(), bounds.bottom(), radius);
        self.start(x + r, y)
            .line(right - r, y)
            .arc(r, r, true, right, y + r)
            .line(right, bottom - r)
            .arc(r, r, true, right - r, bottom)
            .line(x + r, bottom)
            .arc(r, r, true, x, bottom - r)
            .line(x, y + r)
            .arc(r, r, true, x + r, y)
            .closed()
    }
    fn ellipse(self, bounds: &Rect) -> Self {
        let (rx, ry, middle) = (bounds.width / 2.0, bounds.height / 2.0, bounds.center().y);
        self.start(bounds.x, middle)
            .arc(rx, ry, true, bounds.right(), middle)
            .arc(rx, ry, true, bounds.x, middle)
            .closed()
    }
}

impl Shape {
    /// A form with a thin black line on paper.
    pub fn plain(form: Form, bounds: Rect) -> Self {
        Self { form, bounds, fill: Fill::Paper, ink: Ink::Line, dash: Dash::Solid }
    }

    /// The paths that paint it, the lowest first.
    pub fn outlines(&self) -> Vec<Outline> {
        let Self { form, bounds, fill, ink, dash } = self;
        let one =
            |path: Path, fill: Fill| Outline { d: path.data(), fill, ink: *ink, dash: *dash, width: 1.0 };
        let (x, y, right, bottom) = (bounds.x, bounds.y, bounds.right(), bounds.bottom());
        match *form {
            Form::Box => {
                let corners = [point(x, y), point(right, y), point(right, bottom), point(x, bottom)];
                vec![one(Path::default().polygon(corners), *fill)]
            }
            Form::Rounded(radius) => vec![one(Path::default().rounded(bounds, radius), *fill)],
            Form::Ellipse => vec![one(Path::default().ellipse(bounds), *fill)],
            Form::Cylinder(cap) => {
                let rx = bounds.width / 2.0;
                let body = Path::default()
                    .start(x, y + cap)
                    .arc(rx, cap, true, right, y + cap)
                    .line(right, bottom - cap)
                    .arc(rx, cap, true, x, bottom - cap)
                    .closed();
                let rim = Path::default().start(x, y + cap).arc(rx, cap, false, right, y + cap);
                vec![one(body, *fill), one(rim, Fill::None)]
            }
            Form::Note(fold) => {
                let sheet = Path::default().polygon([
                    point(x, y),
                    point(right - fold, y),
                    point(right, y + fold),
                    point(right, bottom),
                    point(x, bottom),
                ]);
                let corner =
                    Path::default().start(right - fold, y).line(right - fold, y + fold).line(right, y + fold);
                vec![one(sheet, *fill), one(corner, Fill::None)]
            }
            Form::Cloud => {
                let at = |across: f64, down: f64| bounds.at(point(across, down));
                let start = at(0.25, 0.3);
                let path = Path::default()
                    .start(start.x, start.y)
                    .curve(at(0.05, 0.28), at(-0.04, 0.6), at(0.16, 0.62))
                    .curve(at(0.06, 0.88), at(0.36, 1.02), at(0.46, 0.86))
                    .curve(at(0.56, 1.04), at(0.82, 0.98), at(0.82, 0.76))
                    .curve(at(1.04, 0.74), at(1.04, 0.42), at(0.86, 0.4))
                    .curve(at(0.92, 0.12), at(0.66, 0.04), at(0.58, 0.16))
                    .curve(at(0.48, -0.02), at(0.24, 0.04), at(0.25, 0.3))
                    .closed();
                vec![one(path, *fill)]
            }
            Form::Icon(icon) => icon.outlines(bounds),
            Form::Sign(sign) => sign.outlines(bounds, *fill, *ink),
        }
    }
}

/// A path without a line.
fn filled(path: Path, fill: Fill) -> Outline {
    Outline { d: path.data(), fill, ink: Ink::None, dash: Dash::Solid, width: 0.0 }
}

impl Icon {
    fn outlines(self, bounds: &Rect) -> Vec<Outline> {
        // A rim in the paper's colour, the frame 3 % inside it, the glyph in the middle.
        let inner = bounds.grown(-0.03 * bounds.width);
        let frame = |bounds: &Rect| Path::default().polygon(HEPTAGON.map(|corner| bounds.at(corner)));
        let mut outlines = vec![filled(frame(bounds), Fill::Paper), filled(frame(&inner), Fill::Icon)];
        let part = |part: &Rect| {
            let corner = bounds.at(point(part.x, part.y));
            Rect {
                x: corner.x,
                y: corner.y,
                width: part.width * bounds.width,
                height: part.height * bounds.height,
            }
        };
        match self {
            Icon::Pod => {
                let faces = CUBE
                    .iter()
                    .fold(Path::default(), |path, face| path.polygon(face.map(|corner| bounds.at(corner))));
                outlines.push(filled(faces, Fill::Glyph));
            }
            Icon::Node => {
                let boxes = UNITS
                    .iter()
                    .fold(Path::default(), |path, unit| path.rounded(&part(unit), 0.04 * bounds.width));
                let lamps = UNITS.iter().fold(Path::default(), |path, unit| {
                    [0.07, 0.17].into_iter().fold(path, |path, x| {
                        let lamp = Rect {
                            x: unit.x + x - 0.03,
                            y: unit.y + unit.height / 2.0 - 0.03,
                            width: 0.06,
                            height: 0.06,
                        };
                        path.ellipse(&part(&lamp))
                    })
                });
                outlines.extend([filled(boxes, Fill::Glyph), filled(lamps, Fill::Icon)]);
            }
            _ => {
                let path = self.strokes().iter().fold(Path::default(), |path, places| {
                    places.iter().enumerate().fold(path, |path, (index, (x, y))| {
                        let place = bounds.at(point(f64::from(*x) / 100.0, f64::from(*y) / 100.0));
                        if index == 0 { path.start(place.x, place.y) } else { path.line(place.x, place.y) }
                    })
                });
                let width = (bounds.width * 0.055 * 10.0).round() / 10.0;
                outlines.push(Outline {
                    d: path.data(),
                    fill: Fill::None,
                    ink: Ink::Glyph,
                    dash: Dash::Solid,
                    width,
                });
            }
        }
        outlines
    }

    /// The strokes of a glyph that is drawn with a pen, in hundredths of the icon's bounds.
    fn strokes(self) -> &'static [&'static [(i8, i8)]] {
        const LID: &[(i8, i8)] =
            &[(28, 34), (38, 29), (50, 27), (62, 29), (72, 34), (62, 39), (50, 41), (38, 39), (28, 34)];
        const BODY: &[(i8, i8)] = &[(28, 34), (28, 66), (38, 71), (50, 73), (62, 71), (72, 66), (72, 34)];
        const WAIST: &[(i8, i8)] = &[(28, 50), (38, 55), (50, 57), (62, 55), (72, 50)];
        const FRONT: &[(i8, i8)] = &[(26, 42), (62, 42), (62, 74), (26, 74), (26, 42)];
        match self {
            Icon::Node | Icon::Pod => &[],
            // A turn, with its head.
            Icon::Deployment => &[
                &[
                    (71, 40),
                    (62, 30),
                    (50, 27),
                    (36, 31),
                    (28, 42),
                    (27, 54),
                    (33, 66),
                    (45, 73),
                    (58, 72),
                    (69, 64),
                    (73, 52),
                ],
                &[(60, 43), (73, 43), (73, 29)],
            ],
            // One before another.
            Icon::ReplicaSet => &[FRONT, &[(36, 34), (36, 28), (74, 28), (74, 62), (70, 62)]],
            Icon::StatefulSet => {
                &[FRONT, &[(26, 58), (62, 58)], &[(36, 34), (36, 28), (74, 28), (74, 62), (70, 62)]]
            }
            // One on every floor.
            Icon::DaemonSet => &[&[(32, 28), (68, 28), (68, 58), (32, 58), (32, 28)], &[(26, 70), (74, 70)]],
            Icon::Job => {
                &[&[(30, 28), (70, 28), (70, 72), (30, 72), (30, 28)], &[(38, 50), (47, 60), (62, 40)]]
            }
            Icon::CronJob => &[
                &[(50, 27), (66, 34), (73, 50), (66, 66), (50, 73), (34, 66), (27, 50), (34, 34), (50, 27)],
                &[(50, 36), (50, 51), (60, 58)],
            ],
            Icon::Claim => &[LID, BODY],
            Icon::Volume => &[LID, BODY, WAIST],
            Icon::StorageClass => &[LID, BODY, WAIST, &[(28, 58), (38, 63), (50, 65), (62, 63), (72, 58)]],
            // A shield.
            Icon::Policy => {
                &[&[(50, 26), (70, 33), (70, 52), (62, 66), (50, 75), (38, 66), (30, 52), (30, 33), (50, 26)]]
            }
        }
    }
}

impl Sign {
    fn outlines(self, bounds: &Rect, fill: Fill, ink: Ink) -> Vec<Outline> {
        let at = |across: f64, down: f64| bounds.at(point(across, down));
        let stroke = |places: &[Point], path: Path| {
            places.iter().enumerate().fold(path, |path, (index, place)| {
                if index == 0 { path.start(place.x, place.y) } else { path.line(place.x, place.y) }
            })
        };
        let mark = |path: Path, ink: Ink| Outline {
            d: path.data(),
            fill: Fill::None,
            ink,
            dash: Dash::Solid,
            width: if self == Sign::Restart { 1.2 } else { 1.8 },
        };
        let disc = filled(Path::default().ellipse(bounds), fill);
        match self {
            Sign::Cross => {
                let path = stroke(&[at(0.3, 0.3), at(0.7, 0.7)], Path::default());
                vec![disc, mark(stroke(&[at(0.7, 0.3), at(0.3, 0.7)], path), Ink::Paper)]
            }
            Sign::Check => {
                let path = stroke(&[at(0.27, 0.52), at(0.43, 0.68), at(0.74, 0.34)], Path::default());
                vec![disc, mark(path, Ink::Paper)]
            }
            Sign::Restart => {
                // Three quarters of a circle, open at the upper right, and a head at its end.
                let (rx, ry) = (bounds.width * 0.4, bounds.height * 0.4);
                let (from, low, left, to) = (at(0.78, 0.22), at(0.5, 0.9), at(0.1, 0.5), at(0.9, 0.5));
                let turn = Path::default()
                    .start(from.x, from.y)
                    .arc(rx, ry, false, left.x, left.y)
                    .arc(rx, ry, false, low.x, low.y)
                    .arc(rx, ry, false, to.x, to.y);
                let head = stroke(&[at(0.78, -0.1), at(0.8, 0.25), at(0.45, 0.27)], Path::default());
                vec![mark(turn, ink), mark(head, ink)]
            }
        }
    }
}
