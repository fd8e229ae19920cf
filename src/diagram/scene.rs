//! The figure as a tree: groups with stable ids, what is drawn in them, and what connects them.

use super::geometry::{Point, Rect, point, rect};
use super::shape::{Dash, Outline, Path, Shape};
use super::theme::{Fill, Ink};
use super::typeface::{ASCENT, DESCENT, LINE_HEIGHT, text_width};

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// How wide, in pixels.
    pub width: f64,
    /// How high, in pixels.
    pub height: f64,
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// The whole tree; its coordinates are the figure's.
    pub root: Group,
}

/// What a group stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The whole figure.
    Figure,
    /// The cluster.
    Cluster,
    /// A node.
    Node,
    /// The part of a node that shows one namespace.
    Namespace,
    /// The place of the Pods that no node has.
    Pending,
    /// A Pod.
    Pod,
    /// A container.
    Container,
    /// An init container.
    InitContainer,
    /// A volume of a Pod.
    Volume,
    /// A Service.
    Service,
    /// What is outside of the cluster.
    Outside,
    /// The outer end of a Service of type LoadBalancer.
    LoadBalancer,
    /// Something that stands below the nodes, with all that belongs to it.
    Annex,
    /// A Deployment and the like.
    Owner,
    /// A Pod, or several, below their owner.
    Owned,
    /// A PersistentVolumeClaim.
    Claim,
    /// A PersistentVolume.
    PersistentVolume,
    /// A StorageClass.
    StorageClass,
    /// A NetworkPolicy.
    Policy,
    /// What came of a connection.
    Trace,
}

/// The state of what a group stands for. Every one but `Normal` shows by form or in words, not by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// As it should be.
    #[default]
    Normal,
    /// Not on a node yet, or an unbound claim.
    Pending,
    /// Being created or initialised.
    Creating,
    /// Running, but not ready.
    NotReady,
    /// Failed, or about to try once more.
    Failed,
    /// Ended well.
    Completed,
    /// On its way out.
    Terminating,
    /// A node that does not report.
    Down,
    /// A Service with nobody behind it.
    NoEndpoints,
}

/// Something that is drawn, with a place of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Unique in the figure, and the same from one figure to the next: `pod/default/mysql-0`.
    pub id: String,
    /// What it stands for.
    pub kind: Kind,
    /// The uid of its object where there is one: another uid under the same id is another thing.
    pub instance: String,
    /// Its state.
    pub state: State,
    /// What it is called in full: `Pod mysql-0`.
    pub name: String,
    /// What else is to be said of it, for those who cannot see it.
    pub facts: Vec<String>,
    /// The left side of its box, from that of the group around it.
    pub x: f64,
    /// The upper side of its box, from that of the group around it.
    pub y: f64,
    /// How wide its box is. Icons, names and captions may stand outside of the box.
    pub width: f64,
    /// How high its box is.
    pub height: f64,
    /// True where all of it is drawn faintly.
    pub faded: bool,
    /// Its own drawing, in its own coordinates, the lowest first.
    pub shapes: Vec<Shape>,
    /// Its own words, in its own coordinates.
    pub texts: Vec<Text>,
    /// What is inside, above its own drawing.
    pub children: Vec<Group>,
    /// Connections that move with it, in its own coordinates, above its children.
    pub connections: Vec<Connection>,
}

/// On which side of its place a text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// It begins there.
    #[default]
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// Lines of words.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// On the baseline of the first line.
    pub at: Point,
    /// On which side of `at` it stands.
    pub anchor: Anchor,
    /// The type size in pixels.
    pub size: f64,
    /// What it means.
    pub ink: Ink,
    /// What it says.
    pub lines: Vec<String>,
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// The id of the group that it is attached to.
    pub group: String,
    /// What that is called: `Pod mysql-0`.
    pub name: String,
    /// Where on that group's box, as shares of its width and height.
    pub at: Point,
}

/// The head of an arrow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// None.
    #[default]
    None,
    /// draw.io's `classic`: filled, with a notch.
    Classic,
    /// draw.io's `openThin`: two strokes.
    OpenThin,
}

/// What a connection stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A Pod calls a Service.
    Calls,
    /// A Service passes on to a Pod.
    Serves,
    /// A Pod reaches another without a Service between them.
    Direct,
    /// A container mounts a volume.
    Mounts,
    /// Something outside comes in.
    Enters,
    /// Something belongs to its owner.
    Owns,
    /// A storage class provides a volume, a volume a claim.
    Provides,
}

/// A line between two groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Unique in the figure and the same from one figure to the next.
    pub id: String,
    /// What it stands for.
    pub relation: Relation,
    /// Where it begins.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// Its way, ends included, in the coordinates of the group that it belongs to.
    pub route: Vec<Point>,
    /// The head at its beginning.
    pub start: Head,
    /// The head at its end.
    pub end: Head,
    /// What its line means.
    pub ink: Ink,
    /// How its line is broken.
    pub dash: Dash,
    /// The words beside it.
    pub label: Option<Text>,
    /// What it says of its beginning, for those who cannot see it: `calls Service mysql on 3306/tcp (port)`.
    pub meaning: String,
}

/// A group with its place in the figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed<'a> {
    /// The group.
    pub group: &'a Group,
    /// Its upper left corner, in the figure's coordinates.
    pub at: Point,
    /// How many groups are around it.
    pub depth: usize,
}

impl Placed<'_> {
    /// The group's box in the figure.
    pub fn bounds(&self) -> Rect {
        rect(self.at.x, self.at.y, self.group.width, self.group.height)
    }
}

impl Scene {
    /// Every group with its place, each before what is inside of it: the order to paint in, and enough to paint all of
    /// them side by side, so that a Pod can move from one node to another without changing hands.
    pub fn groups(&self) -> Vec<Placed<'_>> {
        fn walk<'a>(group: &'a Group, around: Point, depth: usize, all: &mut Vec<Placed<'a>>) {
            let at = point(around.x + group.x, around.y + group.y);
            all.push(Placed { group, at, depth });
            for child in &group.children {
                walk(child, at, depth + 1, all);
            }
        }
        let mut all = Vec::new();
        walk(&self.root, Point::default(), 0, &mut all);
        all
    }

    /// The group with this id.
    pub fn find(&self, id: &str) -> Option<Placed<'_>> {
        self.groups().into_iter().find(|placed| placed.group.id == id)
    }

    /// Every connection, with the place of the group that it belongs to.
    pub fn connections(&self) -> Vec<(&Connection, Point)> {
        let each = |placed: Placed<'_>| placed.at;
        self.groups()
            .into_iter()
            .flat_map(|placed| placed.group.connections.iter().map(move |c| (c, each(placed))))
            .collect()
    }

    /// The boxes around all words of the figure, in the figure's coordinates, with what they say.
    pub fn labels(&self) -> Vec<(Rect, &Text)> {
        let mut labels = Vec::new();
        for placed in self.groups() {
            let words = placed.group.connections.iter().filter_map(|connection| connection.label.as_ref());
            labels.extend(
                placed.group.texts.iter().chain(words).map(|text| (text.bounds().shifted(placed.at), text)),
            );
        }
        labels
    }
}

impl Group {
    /// A group without anything in it yet.
    pub fn new(kind: Kind, id: impl Into<String>, name: impl Into<String>, bounds: Rect) -> Self {
        Self {
            id: id.into(),
            kind,
            instance: String::new(),
            state: State::Normal,
            name: name.into(),
            facts: Vec::new(),
            x: bounds.x,
            y: bounds.y,
            width: bounds.width,
            height: bounds.height,
            faded: false,
            shapes: Vec::new(),
            texts: Vec::new(),
            children: Vec::new(),
            connections: Vec::new(),
        }
    }

    /// All that is to be said of it: its accessible name.
    pub fn label(&self) -> String {
        if self.facts.is_empty() {
            self.name.clone()
        } else {
            format!("{}: {}", self.name, self.facts.join(", "))
        }
    }
}

impl Kind {
    /// The class of the page's style sheet, and of SVG files.
    pub fn class(self) -> &'static str {
        match self {
            Kind::Figure => "figure",
            Kind::Cluster => "cluster",
            Kind::Node => "node",
            Kind::Namespace => "namespace",
            Kind::Pending => "pending",
            Kind::Pod => "pod",
            Kind::Container => "container",
            Kind::InitContainer => "init-container",
            Kind::Volume => "volume",
            Kind::Service => "service",
            Kind::Outside => "outside",
            Kind::LoadBalancer => "load-balancer",
            Kind::Annex => "annex",
            Kind::Owner => "owner",
            Kind::Owned => "owned",
            Kind::Claim => "claim",
            Kind::PersistentVolume => "persistent-volume",
            Kind::StorageClass => "storage-class",
            Kind::Policy => "policy",
            Kind::Trace => "trace",
        }
    }
}

impl State {
    /// The class of the page's style sheet, and of SVG files; nothing where all is well.
    pub fn class(self) -> &'static str {
        match self {
            State::Normal => "",
            State::Pending => "is-pending",
            State::Creating => "is-creating",
            State::NotReady => "is-not-ready",
            State::Failed => "is-failed",
            State::Completed => "is-completed",
            State::Terminating => "is-terminating",
            State::Down => "is-down",
            State::NoEndpoints => "has-no-endpoints",
        }
    }
}

impl Relation {
    /// The class of the page's style sheet, and of SVG files.
    pub fn class(self) -> &'static str {
        match self {
            Relation::Calls => "calls",
            Relation::Serves => "serves",
            Relation::Direct => "direct",
            Relation::Mounts => "mounts",
            Relation::Enters => "enters",
            Relation::Owns => "owns",
            Relation::Provides => "provides",
        }
    }
}

impl Text {
    /// One line in black.
    pub fn line(at: Point, anchor: Anchor, size: f64, words: impl Into<String>) -> Self {
        Self { at, anchor, size, ink: Ink::Line, lines: vec![words.into()] }
    }

    /// In another role.
    pub fn inked(mut self, ink: Ink) -> Self {
        self.ink = ink;
        self
    }

    /// The box around its letters.
    pub fn bounds(&self) -> Rect {
        let width = self.lines.iter().map(|line| text_width(line, self.size)).fold(0.0, f64::max);
        let x = match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - width / 2.0,
            Anchor::End => self.at.x - width,
        };
        let below = self.lines.len().saturating_sub(1) as f64 * LINE_HEIGHT;
        rect(x, self.at.y - ASCENT * self.size, width, (ASCENT + below + DESCENT) * self.size)
    }
}

/// How far the tip of a head keeps from what it points at, for a line of 1.
const TIP: f64 = 1.118;
/// The length of a head.
const HEAD: f64 = 7.0;

impl Connection {
    /// What it says, in a sentence: `Pod pma calls Service mysql on 3306/tcp (port)`.
    pub fn sentence(&self) -> String {
        format!("{} {}", self.from.name, self.meaning)
    }

    /// The paths that paint it: the line, then its heads.
    pub fn outlines(&self) -> Vec<Outline> {
        let mut route = self.route.clone();
        let mut heads = Vec::new();
        let last = route.len() - 1;
        if let Some((head, stop)) = self.head(self.start, route[0], route[1]) {
            heads.push(head);
            route[0] = stop;
        }
        if let Some((head, stop)) = self.head(self.end, self.route[last], self.route[last - 1]) {
            heads.push(head);
            route[last] = stop;
        }
        let path = route
            .iter()
            .skip(1)
            .fold(Path::default().start(route[0].x, route[0].y), |path, place| path.line(place.x, place.y));
        let line = Outline { d: path.data(), fill: Fill::None, ink: self.ink, dash: self.dash, width: 1.0 };
        std::iter::once(line).chain(heads).collect()
    }

    /// A head at `border`, of a line that comes from `before`; and where the line has to stop for it.
    fn head(&self, head: Head, border: Point, before: Point) -> Option<(Outline, Point)> {
        let tip = border.towards(before, TIP);
        let base = tip.towards(before, HEAD);
        let length = tip.distance(base);
        let side = |half: f64| {
            let (x, y) = ((base.y - tip.y) / length * half, (tip.x - base.x) / length * half);
            [point(base.x + x, base.y + y), point(base.x - x, base.y - y)]
        };
        let outline = |path: Path, fill: Fill| Outline {
            d: path.data(),
            fill,
            ink: self.ink,
            dash: Dash::Solid,
            width: 1.0,
        };
        let fill = match self.ink {
            Ink::Failed => Fill::FailedSign,
            Ink::Muted => Fill::DoneSign,
            _ => Fill::Ink,
        };
        match head {
            Head::None => None,
            Head::Classic => {
                let ([left, right], notch) = (side(HEAD / 2.0), tip.towards(before, HEAD * 0.75));
                let path = Path::default()
                    .start(tip.x, tip.y)
                    .line(left.x, left.y)
                    .line(notch.x, notch.y)
                    .line(right.x, right.y)
                    .closed();
                Some((outline(path, fill), notch))
            }
            Head::OpenThin => {
                let [left, right] = side(HEAD / 3.0);
                let path = Path::default().start(left.x, left.y).line(tip.x, tip.y).line(right.x, right.y);
                Some((outline(path, Fill::None), tip))
            }
        }
    }
}
