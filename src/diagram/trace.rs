//! A connection drawn into a figure: the way that it took, the rest of the lines faint, and its verdict below. Where it
//! fails its line stops, with a cross.

use super::geometry::{Point, Rect, point, rect};
use super::layout::MARGIN;
use super::pod::NAME;
use super::scene::{Anchor, Connection, Group, Head, Kind, Relation, Scene, State, Text};
use super::shape::{Form, Shape, Sign};
use super::theme::{Fill, Ink};
use super::typeface::{LINE_HEIGHT, text_width};
use super::{Options, draw};
use crate::api::{self, ObjectKey};
use crate::network::activity::Place;
use crate::network::trace::{StepKind, Trace};
use crate::sim::Snapshot;
use crate::sim::related::Subject;
use crate::sim::snapshot::Name;

/// How large the cross is.
const CROSS: f64 = 13.0;
/// How far from where it would arrive a line that fails stops.
const SHORT: f64 = 20.0;

/// Draws a snapshot with what a connection met in its cluster.
pub fn trace(mut snapshot: Snapshot, mut options: Options, trace: &Trace) -> Scene {
    let way = Way::of(trace);
    // Who is drawn to call a Service are those whose manifests name it; here it is whoever does.
    for pair in way.places.windows(2) {
        let [from, to] = [name(pair[0]), name(pair[1])];
        let pod = |name: &Name| snapshot.pods.iter().position(|pod| pod.name == *name);
        match (pair[0].kind, pair[1].kind) {
            (api::Kind::Pod, api::Kind::Service) => {
                let service = snapshot.services.iter_mut().find(|service| service.name == to);
                if let Some(service) = service.filter(|service| !service.clients.contains(&from)) {
                    service.clients.push(from);
                }
            }
            (api::Kind::Pod, api::Kind::Pod) => options.trace = pod(&from).zip(pod(&to)),
            _ => {}
        }
    }
    let mut scene = draw(&snapshot, &options);
    let legs: Vec<String> = way.places.windows(2).filter_map(|pair| leg(&scene, pair[0], pair[1])).collect();
    for connection in scene.root.connections.iter_mut().filter(|c| c.relation != Relation::Mounts) {
        if !legs.contains(&connection.id) {
            connection.ink = Ink::Muted;
            connection.label = None;
        }
    }
    // Faint lines lie below.
    scene.root.connections.sort_by_key(|connection| connection.ink != Ink::Muted);
    // Beside the first step stands the port that was meant, whether the Service has it or not.
    let port = format!("{}/tcp", trace.target.rsplit(':').next().unwrap_or_default());
    let first = scene.root.connections.iter_mut().find(|connection| Some(&connection.id) == legs.first());
    if let Some(label) = first.map(|first| &mut first.label)
        && let Some(text) = label.as_mut().filter(|text| text.lines[0] != port)
    {
        let room = text.bounds().width;
        text.lines = vec![port];
        // The way has kept clear of what stood there, and of no more.
        label.take_if(|text| text.bounds().width > room);
    }
    let mut group =
        Group::new(Kind::Trace, "trace", format!("{} → {}", sender(trace), trace.target), verdict(&scene));
    group.facts =
        [&trace.reason, &trace.advice].into_iter().filter(|words| !words.is_empty()).cloned().collect();
    let ink = if trace.reached { Ink::Line } else { Ink::Failed };
    let mut lines = wrap(&format!("{}: {}", group.name, trace.reason), group.width);
    lines.extend(wrap(&trace.advice, group.width));
    group.height = lines.len() as f64 * NAME * LINE_HEIGHT;
    scene.height += group.height;
    scene.root.height = scene.height;
    group.texts.push(Text { lines, ..Text::line(point(0.0, NAME), Anchor::Start, NAME, "").inked(ink) });
    if !trace.reached {
        group.state = State::Failed;
        let at = stop(&mut scene, &way, legs.last()).from(point(group.x, group.y));
        let cross = rect(at.x - CROSS / 2.0, at.y - CROSS / 2.0, CROSS, CROSS);
        // A short line has room for the cross alone.
        let place = cross.shifted(point(group.x, group.y));
        for connection in &mut scene.root.connections {
            connection.label.take_if(|label| label.bounds().overlaps(&place));
        }
        group.shapes.push(Shape { fill: Fill::FailedSign, ..Shape::plain(Form::Sign(Sign::Cross), cross) });
    }
    scene.root.children.push(group);
    scene
}

/// The places of a connection in the cluster, and the one that it does not get past.
struct Way<'a> {
    places: Vec<&'a ObjectKey>,
    stop: Option<&'a ObjectKey>,
}

impl<'a> Way<'a> {
    fn of(trace: &'a Trace) -> Self {
        let object = |place: &'a Place| match place {
            Place::Object(key) => Some(key),
            _ => None,
        };
        let mut places: Vec<&ObjectKey> = object(&trace.from).into_iter().collect();
        for step in &trace.steps {
            // A question for a name goes to a name server, and comes back before anything is sent on.
            let key = object(&step.to).filter(|_| step.kind != StepKind::Name || !step.passed);
            if !step.passed {
                let seen = key.and_then(|key| places.iter().position(|place| *place == key));
                match (key, seen) {
                    // Who is not let out has a first step of its way all the same.
                    (_, Some(at)) => places.truncate((at + 1).max(2)),
                    (Some(key), None) => places.push(key),
                    (None, None) => {}
                }
                return Self { stop: key.or(places.last().copied()), places };
            }
            places.extend(key.filter(|key| places.last() != Some(key)));
        }
        Self { places, stop: None }
    }
}

/// The id of the connection from one place to the next, as far as it is drawn.
fn leg(scene: &Scene, from: &ObjectKey, to: &ObjectKey) -> Option<String> {
    let [a, b] = [Subject::id(from), Subject::id(to)];
    let joins = |connection: &&Connection| {
        let ends = [&connection.from.group, &connection.to.group];
        ends == [&a, &b] || (connection.relation == Relation::Direct && ends == [&b, &a])
    };
    scene.root.connections.iter().find(joins).map(|connection| connection.id.clone())
}

/// Lets the last line of a way stop where it fails, and says where that is.
fn stop(scene: &mut Scene, way: &Way, last: Option<&String>) -> Point {
    let bounds = |id: &str| scene.find(id).map(|placed| placed.bounds());
    let id = |key: Option<&&ObjectKey>| key.map(|key| Subject::id(key)).unwrap_or_default();
    let (stop, begin) = (id(way.stop.as_ref()), id(way.places.first()));
    // Where no line leads to it, the thing itself is marked.
    let marked = bounds(&stop).or(bounds(&begin)).unwrap_or_default();
    let corner = point(marked.right(), marked.bottom());
    let Some(at) = scene.root.connections.iter().position(|connection| Some(&connection.id) == last) else {
        return corner;
    };
    let Connection { from, to, .. } = &scene.root.connections[at];
    // Of a direct way either end may be the one who calls.
    let before = id(way.places.iter().rev().nth(1));
    let forward = from.group == before;
    let goal = if forward { &to.group } else { &from.group };
    let (arrives, target) = (*goal == stop, bounds(goal).unwrap_or_default());
    if !arrives && before != stop {
        return corner;
    }
    let connection = &mut scene.root.connections[at];
    connection.ink = Ink::Failed;
    let route = &mut connection.route;
    if !forward {
        route.reverse();
    }
    let length: f64 = route.windows(2).map(|pair| pair[0].distance(pair[1])).sum();
    cut(route, if arrives { (length - SHORT).max(length / 2.0) } else { SHORT.min(length / 2.0) });
    let end = route[route.len() - 1];
    let cross = end.towards(route[route.len() - 2], -CROSS / 2.0);
    let share = point((end.x - target.x) / target.width, (end.y - target.y) / target.height);
    if forward {
        (connection.to.at, connection.end) = (share, Head::None);
    } else {
        route.reverse();
        (connection.from.at, connection.start) = (share, Head::None);
    }
    cross
}

/// Leaves so much of a route's beginning.
fn cut(route: &mut Vec<Point>, length: f64) {
    let mut left = length;
    for at in 1..route.len() {
        let step = route[at - 1].distance(route[at]);
        if step >= left {
            route[at] = route[at - 1].towards(route[at], left);
            return route.truncate(at + 1);
        }
        left -= step;
    }
}

fn name(key: &ObjectKey) -> Name {
    Name { namespace: key.namespace.to_string(), name: key.name.to_string() }
}

fn sender(trace: &Trace) -> &str {
    match &trace.from {
        Place::Object(key) => &key.name,
        _ => "",
    }
}

/// Where the verdict begins, and how wide it may be.
fn verdict(scene: &Scene) -> Rect {
    rect(MARGIN, scene.height - MARGIN / 2.0, scene.width - 2.0 * MARGIN, NAME)
}

/// Words in lines of at most this width.
fn wrap(words: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(line, NAME) + text_width(word, NAME) + 4.0 <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}
