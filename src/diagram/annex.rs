//! What stands below the nodes: owners above their Pods, claims with their volumes and storage classes, NetworkPolicies.
//! Each is a small figure of its own in a slot of a grid, so that nothing has to find its way through the nodes.

use std::collections::BTreeMap;

use super::Options;
use super::geometry::{Point, Rect, point, rect};
use super::layout::Shown;
use super::pod::{self, NAME, PITCH, SMALL, WIDTH};
use super::scene::{Anchor, Connection, End, Group, Head, Kind, Relation, State, Text};
use super::shape::{Dash, Form, Icon, Shape};
use super::theme::{Fill, Ink};
use super::typeface::{shorten, text_width};
use super::words::{Words, fill};
use crate::sim::snapshot::{ClaimView, ControllerView, Name, PersistentVolumeView, PodView, PolicyView};

/// The height of an owner's box.
const BOX: f64 = 30.0;
/// Between an owner and what it owns: room for the kind's name and its icon.
const RISE: f64 = 34.0;
const SMALL_POD: Point = point(78.0, 26.0);
const POD_PITCH: f64 = 92.0;
/// More Pods of one owner than this are a stack.
const MOST_PODS: usize = 5;
/// Where the arrow to an owner leaves a box: right of the name of its kind.
const UP: f64 = 0.86;
const ICON: Point = point(24.0, 23.0);
const STORE: [Point; 3] = [point(88.0, 38.0), point(60.0, 40.0), point(88.0, 38.0)];
const STORE_GAP: f64 = 36.0;

/// Something that stands below the nodes.
pub(super) struct Piece<'a> {
    /// Unique among them: the namespace, and `kind/name`.
    pub key: Name,
    /// How many columns it takes.
    pub columns: usize,
    /// How high it is.
    pub height: f64,
    what: What<'a>,
}

enum What<'a> {
    Owner(Owner<'a>),
    Storage(Option<&'a ClaimView>, Option<&'a PersistentVolumeView>),
    Policy(&'a PolicyView),
}

/// An owner with what it owns.
struct Owner<'a> {
    view: &'a ControllerView,
    owners: Vec<Owner<'a>>,
    pods: Vec<&'a PodView>,
}

/// Everything that stands below the nodes, in a lasting order.
pub(super) fn pieces<'a>(shown: &Shown<'a>, options: &Options, words: &Words) -> Vec<Piece<'a>> {
    let mut all = Vec::new();
    let snapshot = shown.snapshot;
    if options.show_owners {
        let mut owned: BTreeMap<(&str, &str, &str), Vec<&PodView>> = BTreeMap::new();
        for pod in &shown.pods {
            if let Some((kind, name)) = &pod.owner {
                owned.entry((&pod.name.namespace, kind, name)).or_default().push(pod);
            }
        }
        let top = snapshot.controllers.iter().filter(|view| view.owner.is_none() && shown.shows(&view.name));
        for view in top {
            let owner = Owner::of(view, &snapshot.controllers, &mut owned);
            let width = owner.width();
            all.push(Piece {
                key: key(&view.name.namespace, &view.kind, &view.name.name),
                columns: 1 + ((width - WIDTH) / PITCH).ceil().max(0.0) as usize,
                height: owner.height(),
                what: What::Owner(owner),
            });
        }
    }
    if options.show_storage {
        let store = |namespace: &str, kind: &str, name: &str, claim, volume| Piece {
            key: key(namespace, kind, name),
            columns: 2,
            height: STORE[1].y,
            what: What::Storage(claim, volume),
        };
        for claim in snapshot.claims.iter().filter(|claim| shown.shows(&claim.name)) {
            let volume = claim.volume.as_ref();
            let volume = volume.and_then(|name| snapshot.volumes.iter().find(|volume| volume.name == *name));
            let Name { namespace, name } = &claim.name;
            all.push(store(namespace, "PersistentVolumeClaim", name, Some(claim), volume));
        }
        let free = |volume: &&PersistentVolumeView| {
            !snapshot.claims.iter().any(|claim| claim.volume.as_ref() == Some(&volume.name))
        };
        for volume in snapshot.volumes.iter().filter(free) {
            all.push(store("", "PersistentVolume", &volume.name, None, Some(volume)));
        }
    }
    if options.show_policies {
        for policy in snapshot.policies.iter().filter(|policy| shown.shows(&policy.name)) {
            let lines = few(policy_lines(policy, words));
            let widest = lines.iter().map(|line| text_width(line, SMALL)).fold(0.0, f64::max);
            all.push(Piece {
                key: key(&policy.name.namespace, "NetworkPolicy", &policy.name.name),
                columns: if widest > WIDTH - 16.0 { 2 } else { 1 },
                height: 30.0 + 15.0 * lines.len() as f64,
                what: What::Policy(policy),
            });
        }
    }
    all
}

fn key(namespace: &str, kind: &str, name: &str) -> Name {
    Name { namespace: namespace.into(), name: format!("{kind}/{name}") }
}

impl<'a> Owner<'a> {
    fn of(
        view: &'a ControllerView,
        all: &'a [ControllerView],
        owned: &mut BTreeMap<(&'a str, &'a str, &'a str), Vec<&'a PodView>>,
    ) -> Self {
        let Name { namespace, name } = &view.name;
        let mine = |other: &&ControllerView| {
            other.name.namespace == *namespace
                && other.owner.as_ref().is_some_and(|(kind, owner)| *kind == view.kind && owner == name)
        };
        let owners = all.iter().filter(mine).map(|other| Owner::of(other, all, owned));
        // An old ReplicaSet that has nothing left says nothing.
        let owners = owners.filter(|owner| !owner.pods.is_empty() || owner.view.ready.1 > 0).collect();
        let pods = owned.remove(&(namespace.as_str(), view.kind.as_str(), name.as_str())).unwrap_or_default();
        Self { view, owners, pods }
    }

    fn width(&self) -> f64 {
        let owners: f64 = self.owners.iter().map(|owner| owner.width() + PITCH - WIDTH).sum::<f64>();
        let pods = if self.pods.len() > MOST_PODS { 1 } else { self.pods.len() };
        WIDTH.max(owners - (PITCH - WIDTH)).max(pods as f64 * POD_PITCH - (POD_PITCH - SMALL_POD.x))
    }

    fn height(&self) -> f64 {
        let below = self.owners.iter().map(Owner::height).fold(0.0, f64::max);
        let below = if self.pods.is_empty() { below } else { below.max(SMALL_POD.y) };
        if below > 0.0 { BOX + RISE + below } else { BOX }
    }

    fn draw(&self, at: Point, words: &Words, into: &mut Group) -> Rect {
        let bounds = rect(at.x, at.y, WIDTH, BOX);
        let view = self.view;
        let id = format!("{}/{}/{}", view.kind.to_lowercase(), view.name.namespace, view.name.name);
        let (ready, wanted) = view.ready;
        let count = if view.kind == "CronJob" { ready.to_string() } else { format!("{ready}/{wanted}") };
        let mut group = titled(Kind::Owner, &id, &view.kind, &view.name.name, icon_of(&view.kind), bounds);
        group.facts.push(fill(words.ready_of, &[&ready.to_string(), &wanted.to_string()]));
        if ready < wanted && view.kind != "CronJob" && view.kind != "Job" {
            group.state = State::NotReady;
            group.shapes[0].fill = Fill::Unready;
            group.shapes[0].dash = Dash::Dotted;
        }
        let room = WIDTH - 30.0 - text_width(&count, SMALL);
        let name = shorten(&view.name.name, room, NAME).into_owned();
        group.texts.push(Text::line(point(16.0, 20.0), Anchor::Start, NAME, name));
        group.texts.push(Text::line(point(WIDTH - 6.0, 20.0), Anchor::End, SMALL, count));
        into.children.push(group);

        let top = at.y + BOX + RISE;
        let owner = (id.as_str(), format!("{} {}", view.kind, view.name.name), bounds);
        let mut x = at.x;
        // Two stand under their owner as in a book, by straight lines; more share a line across.
        let few = self.owners.is_empty() && self.pods.len() <= 2;
        for below in &self.owners {
            let box_of = below.draw(point(x, top), words, into);
            let name = &below.view.name;
            let id = format!("{}/{}/{}", below.view.kind.to_lowercase(), name.namespace, name.name);
            into.connections.push(owned_by(
                (&id, format!("{} {}", below.view.kind, name.name), box_of),
                &owner,
                few,
                words,
            ));
            x += below.width() + PITCH - WIDTH;
        }
        if self.pods.len() > MOST_PODS {
            let place = rect(at.x, top, SMALL_POD.x, SMALL_POD.y);
            let stack = draw_stack(&self.pods, &id, place, words);
            into.connections.push(owned_by((&stack.id, stack.name.clone(), place), &owner, few, words));
            into.children.push(stack);
            return bounds;
        }
        for (index, pod) in self.pods.iter().enumerate() {
            let place = rect(at.x + index as f64 * POD_PITCH, top, SMALL_POD.x, SMALL_POD.y);
            let group = draw_pod(pod, place);
            into.connections.push(owned_by((&group.id, group.name.clone(), place), &owner, few, words));
            into.children.push(group);
        }
        bounds
    }
}

/// A box with the icon of its kind at its corner, and the kind's name above.
fn titled(kind: Kind, id: &str, word: &str, name: &str, icon: Icon, bounds: Rect) -> Group {
    let mut group = Group::new(kind, id, format!("{word} {name}"), bounds);
    group.shapes.push(Shape::plain(Form::Box, rect(0.0, 0.0, bounds.width, bounds.height)));
    group.shapes.push(Shape::plain(Form::Icon(icon), rect(-ICON.x / 2.0, -ICON.y / 2.0, ICON.x, ICON.y)));
    group.texts.push(Text::line(point(14.0, -4.0), Anchor::Start, SMALL, word).inked(Ink::Muted));
    group
}

fn icon_of(kind: &str) -> Icon {
    match kind {
        "Deployment" => Icon::Deployment,
        "StatefulSet" => Icon::StatefulSet,
        "DaemonSet" => Icon::DaemonSet,
        "Job" => Icon::Job,
        "CronJob" => Icon::CronJob,
        _ => Icon::ReplicaSet,
    }
}

/// What tells the Pods of one owner apart: the end of the name.
fn ending(name: &str) -> &str {
    name.rfind('-').map_or(name, |at| &name[at..])
}

fn draw_pod(pod: &PodView, bounds: Rect) -> Group {
    let Name { namespace, name } = &pod.name;
    let mut group =
        Group::new(Kind::Owned, format!("owned/{namespace}/{name}"), format!("Pod {name}"), bounds);
    group.facts.push(pod.status.clone());
    group.state = pod::state_of(pod);
    group.faded = pod.terminating;
    let (fill, dash) = paint(group.state);
    let own = rect(0.0, 0.0, bounds.width, bounds.height);
    group.shapes.push(Shape { fill, dash, ..Shape::plain(Form::Box, own) });
    group.shapes.push(Shape::plain(Form::Icon(Icon::Pod), rect(-9.0, -8.6, 18.0, 17.2)));
    let words = shorten(ending(name), bounds.width - 22.0, SMALL).into_owned();
    group.texts.push(Text::line(point(bounds.width / 2.0 + 4.0, 17.0), Anchor::Middle, SMALL, words));
    group
}

/// How a small box shows a state.
fn paint(state: State) -> (Fill, Dash) {
    match state {
        State::Pending | State::Terminating => (Fill::Paper, Dash::Dashed),
        State::Creating => (Fill::Waiting, Dash::Dashed),
        State::NotReady => (Fill::Unready, Dash::Dotted),
        State::Failed => (Fill::Failed, Dash::Solid),
        State::Completed => (Fill::Done, Dash::Solid),
        _ => (Fill::Paper, Dash::Solid),
    }
}

/// Many Pods of one owner.
fn draw_stack(pods: &[&PodView], owner: &str, bounds: Rect, words: &Words) -> Group {
    let count = pods.len().to_string();
    let mut group = Group::new(Kind::Owned, format!("stack/{owner}"), format!("{count} Pods"), bounds);
    let ready = pods.iter().filter(|pod| pod.ready.0 == pod.ready.1 && !pod.terminating).count();
    group.facts.push(fill(words.ready_of, &[&ready.to_string(), &count]));
    let own = rect(0.0, 0.0, bounds.width, bounds.height);
    group.shapes.push(Shape::plain(Form::Box, own));
    group.shapes.push(Shape { fill: Fill::None, ..Shape::plain(Form::Box, own.grown(-3.0)) });
    let words = if ready < pods.len() { format!("{ready}/{count}") } else { format!("× {count}") };
    group.texts.push(Text::line(point(bounds.width / 2.0, 17.0), Anchor::Middle, NAME, words));
    group
}

/// The arrow from something to its owner above it.
fn owned_by(
    from: (&str, String, Rect),
    to: &(&str, String, Rect),
    straight: bool,
    words: &Words,
) -> Connection {
    let (bounds, goal) = (from.2, to.2);
    let start = point(bounds.x + bounds.width * UP, bounds.y);
    let end = point(start.x.min(goal.x + goal.width * UP), goal.bottom());
    // Above the names of kinds, and below the heads of arrows.
    let middle = goal.bottom() + RISE / 2.0;
    let route = if straight || start.x == end.x {
        vec![start, end]
    } else {
        vec![start, point(start.x, middle), point(end.x, middle), end]
    };
    let share = |at: Point, of: &Rect| point((at.x - of.x) / of.width, (at.y - of.y) / of.height);
    Connection {
        id: format!("owns/{}/{}", to.0, from.0),
        relation: Relation::Owns,
        from: End { group: from.0.into(), name: fill(words.subject, &[&from.1]), at: share(start, &bounds) },
        to: End { group: to.0.into(), name: to.1.clone(), at: share(end, &goal) },
        route,
        start: Head::None,
        end: Head::Classic,
        ink: Ink::Line,
        dash: Dash::Solid,
        label: None,
        meaning: fill(words.controlled_by, &[&to.1]),
    }
}

/// The group of a piece whose upper left corner is at `at`.
pub(super) fn draw(piece: &Piece, words: &Words, at: Point) -> Group {
    let width = pod::width_of(piece.columns);
    let id = format!("annex/{}/{}", piece.key.namespace, piece.key.name.to_lowercase());
    let mut group = Group::new(Kind::Annex, id, String::new(), rect(at.x, at.y, width, piece.height));
    match &piece.what {
        What::Owner(owner) => {
            group.name = format!("{} {}", owner.view.kind, owner.view.name.name);
            owner.draw(point(0.0, 0.0), words, &mut group);
        }
        What::Storage(claim, volume) => draw_storage(*claim, *volume, words, &mut group),
        What::Policy(policy) => {
            group.name = format!("NetworkPolicy {}", policy.name.name);
            let bounds = rect(0.0, 0.0, width, piece.height);
            group.children.push(draw_policy(policy, words, bounds));
        }
    }
    group
}

fn draw_storage(
    claim: Option<&ClaimView>,
    volume: Option<&PersistentVolumeView>,
    words: &Words,
    into: &mut Group,
) {
    let mut x = 0.0;
    let places = STORE.map(|size| {
        let place = rect(x, (STORE[1].y - size.y) / 2.0, size.x, size.y);
        x += size.x + STORE_GAP;
        place
    });
    let line = |words: &str, width: f64, y: f64| {
        Text::line(point(width / 2.0 + 2.0, y), Anchor::Middle, SMALL, shorten(words, width - 14.0, SMALL))
    };
    let mut ends: Vec<(String, String, Rect)> = Vec::new();
    if let Some(claim) = claim {
        let Name { namespace, name } = &claim.name;
        let id = format!("persistentvolumeclaim/{namespace}/{name}");
        let mut group = titled(Kind::Claim, &id, "PVC", name, Icon::Claim, places[0]);
        into.name = format!("PersistentVolumeClaim {name}");
        group.name = into.name.clone();
        group.facts.extend([claim.phase.clone(), claim.capacity.clone()]);
        group.texts.push(line(name, places[0].width, 18.0));
        group.texts.push(line(&format!("{} {}", claim.phase, claim.capacity), places[0].width, 31.0));
        if claim.phase != "Bound" {
            group.state = State::Pending;
            (group.shapes[0].fill, group.shapes[0].dash) = (Fill::Waiting, Dash::Dashed);
        }
        ends.push((id, into.name.clone(), places[0]));
        into.children.push(group);
    }
    if let Some(volume) = volume {
        let id = format!("persistentvolume/{}", volume.name);
        let mut group =
            Group::new(Kind::PersistentVolume, &id, format!("PersistentVolume {}", volume.name), places[1]);
        if claim.is_none() {
            into.name = group.name.clone();
        }
        group.facts.extend([volume.phase.clone(), volume.capacity.clone()]);
        group.shapes.push(Shape {
            dash: if volume.phase == "Bound" { Dash::Solid } else { Dash::Dashed },
            ..Shape::plain(Form::Cylinder(6.0), rect(0.0, 0.0, places[1].width, places[1].height))
        });
        let icon = rect(-ICON.x / 2.0, -ICON.y / 2.0 + 4.0, ICON.x, ICON.y);
        group.shapes.push(Shape::plain(Form::Icon(Icon::Volume), icon));
        group.texts.push(Text::line(point(14.0, -4.0), Anchor::Start, SMALL, "PV").inked(Ink::Muted));
        let words = if volume.phase == "Bound" { volume.capacity.as_str() } else { volume.phase.as_str() };
        let middle = point(places[1].width / 2.0, 28.0);
        group.texts.push(Text::line(middle, Anchor::Middle, SMALL, shorten(words, 52.0, SMALL)));
        ends.push((id, group.name.clone(), places[1]));
        into.children.push(group);
    }
    let class =
        claim.and_then(|c| c.storage_class.as_ref()).or(volume.and_then(|v| v.storage_class.as_ref()));
    if let Some(class) = class.filter(|class| !class.is_empty()) {
        // One class serves many: each stands beside its own volume, so its id tells whose.
        let id = format!("class/{class}/{}", into.id);
        let mut group = titled(Kind::StorageClass, &id, "SC", class, Icon::StorageClass, places[2]);
        group.name = format!("StorageClass {class}");
        group.texts.push(line(class, places[2].width, 24.0));
        ends.push((id, group.name.clone(), places[2]));
        into.children.push(group);
    }
    // From the class to the volume, from the volume to the claim.
    let name = |end: &(String, String, Rect)| fill(words.subject, &[&end.1]);
    for pair in ends.windows(2) {
        let (to, from) = (&pair[0], &pair[1]);
        let middle = STORE[1].y / 2.0;
        let route = vec![point(from.2.x, middle), point(to.2.right(), middle)];
        let made = claim.is_none_or(|claim| claim.phase == "Bound");
        into.connections.push(Connection {
            id: format!("provides/{}/{}", from.0, to.0),
            relation: Relation::Provides,
            from: End { group: from.0.clone(), name: name(from), at: point(0.0, 0.5) },
            to: End { group: to.0.clone(), name: to.1.clone(), at: point(1.0, 0.5) },
            route,
            start: Head::None,
            end: Head::Classic,
            ink: if made { Ink::Line } else { Ink::Muted },
            dash: if made { Dash::Solid } else { Dash::Dashed },
            label: None,
            meaning: fill(if made { words.provides } else { words.should_provide }, &[&to.1]),
        });
    }
}

fn policy_lines(policy: &PolicyView, words: &Words) -> Vec<String> {
    let every = |text: &str| if text.is_empty() { "*".to_string() } else { text.to_string() };
    let mut lines = vec![fill(words.is_for, &[&every(&policy.selector)])];
    for (rules, form) in [(&policy.ingress, words.from), (&policy.egress, words.to)] {
        match rules {
            None => {}
            Some(rules) if rules.is_empty() => lines.push(fill(form, &[words.nobody])),
            Some(rules) => lines.extend(rules.iter().map(|rule| fill(form, &[rule]))),
        }
    }
    lines
}

/// As many of them as are drawn.
fn few(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > 5 {
        lines.truncate(4);
        lines.push("…".into());
    }
    lines
}

fn draw_policy(policy: &PolicyView, words: &Words, bounds: Rect) -> Group {
    let Name { namespace, name } = &policy.name;
    let id = format!("networkpolicy/{namespace}/{name}");
    let mut group = titled(Kind::Policy, &id, "NetworkPolicy", name, Icon::Policy, bounds);
    group.facts = policy_lines(policy, words);
    let room = bounds.width - 26.0;
    group.texts.push(Text::line(point(16.0, 19.0), Anchor::Start, NAME, shorten(name, room, NAME)));
    for (index, line) in few(group.facts.clone()).iter().enumerate() {
        let at = point(8.0, 36.0 + 15.0 * index as f64);
        group.texts.push(Text::line(at, Anchor::Start, SMALL, shorten(line, bounds.width - 16.0, SMALL)));
    }
    group
}
