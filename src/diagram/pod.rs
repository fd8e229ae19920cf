//! A Pod as it is drawn: its box, its containers, its volumes, and the state of each.

use std::collections::BTreeMap;

use super::Options;
use super::geometry::{Point, Rect, point, rect};
use super::scene::{Anchor, Connection, End, Group, Head, Kind, Relation, State, Text};
use super::shape::{Dash, Form, Icon, Shape, Sign};
use super::theme::{Fill, Ink};
use super::typeface::{shorten, text_width};
use super::words::{Words, fill};
use crate::sim::snapshot::{ClaimView, ContainerState, ContainerView, Name, PodView, Snapshot, VolumeView};

/// The width of a Pod of one column.
pub const WIDTH: f64 = 134.0;
/// From one column to the next.
pub const PITCH: f64 = 174.0;
/// The height of a Pod without volumes: none is lower.
pub const HEIGHT: f64 = 94.0;
/// How far icon and name reach above the box.
pub const ABOVE: f64 = 18.0;
/// How far the caption reaches below the box.
pub const BELOW: f64 = 17.0;
/// The stretch at the right end of the upper side that the name leaves free: arrows from above arrive there.
pub const LANDING: f64 = 20.0;

/// The size of names.
pub(super) const NAME: f64 = 12.0;
/// The size of addresses and captions.
pub(super) const SMALL: f64 = 11.0;

const CIRCLE: f64 = 50.0;
const CIRCLE_TEXT: f64 = 44.0;
const BOX_TEXT: f64 = 96.0;
const GAP: f64 = 12.0;
const PAD: f64 = 8.0;
const TOP: f64 = 18.0;
const ARROW: f64 = 26.0;
/// Arrows leave a circle at most so far from its lowest point, in radians: else they meet the next one.
const STEEPEST: f64 = 0.45;
const CYLINDER: Point = point(36.0, 32.0);
const CAP: f64 = 6.0;
const VOLUME_TEXT: f64 = 76.0;
const FOOT: f64 = 26.0;
const ICON: Point = point(30.0, 28.8);
/// The line of labels.
const LABELS: f64 = 14.0;

/// The claims of a cluster by name.
pub type Claims<'a> = BTreeMap<&'a Name, &'a ClaimView>;

/// The claims of a cluster by name.
pub fn claims_of(snapshot: &Snapshot) -> Claims<'_> {
    snapshot.claims.iter().map(|claim| (&claim.name, claim)).collect()
}

/// The claim behind a volume.
fn claim_of<'a>(pod: &Name, volume: &VolumeView, claims: &Claims<'a>) -> Option<&'a ClaimView> {
    let name = volume.source.clone().filter(|_| volume.kind == "persistentVolumeClaim")?;
    claims.get(&Name { namespace: pod.namespace.clone(), name }).copied()
}

/// How many columns a Pod takes, and how high it is.
pub fn measure(pod: &PodView, claims: &Claims, options: &Options) -> (usize, f64) {
    let plan = Plan::of(pod, claims, options);
    (plan.columns, plan.height)
}

/// The container of a Pod that a port belongs to: the only one, or the one that names it; and its box in the Pod's.
pub fn container_of<'a>(
    pod: &'a PodView,
    port: u16,
    claims: &Claims,
    options: &Options,
) -> Option<(&'a str, Rect)> {
    let plan = Plan::of(pod, claims, options);
    let mut lasting = plan.containers.iter().filter(|(container, _)| !container.init);
    let named = lasting.clone().find(|(container, _)| container.ports.contains(&port));
    let only = lasting.next().filter(|_| lasting.next().is_none());
    named.or(only).map(|(container, bounds)| (container.name.as_str(), *bounds))
}

/// The id of a container's group.
pub fn container_id(pod: &Name, container: &str) -> String {
    format!("container/{}/{}/{container}", pod.namespace, pod.name)
}

/// The width of a Pod of so many columns.
pub fn width_of(columns: usize) -> f64 {
    WIDTH + (columns.max(1) - 1) as f64 * PITCH
}

/// The state of a Pod.
pub fn state_of(pod: &PodView) -> State {
    if pod.terminating {
        State::Terminating
    } else if failing(&pod.status) || pod.phase == "Failed" {
        State::Failed
    } else if pod.phase == "Succeeded" || pod.status == "Completed" {
        State::Completed
    } else if pod.node.is_none() {
        State::Pending
    } else if pod.status != "Running" {
        State::Creating
    } else if pod.ready.0 < pod.ready.1 {
        State::NotReady
    } else {
        State::Normal
    }
}

/// True for the reasons that tell of a failure: the kubelet's names for them follow few patterns.
fn failing(reason: &str) -> bool {
    let reason = reason.strip_prefix("Init:").unwrap_or(reason);
    ["BackOff", "Err", "Invalid", "Failed", "Cannot", "Killed", "Evicted", "Signal:", "ExitCode:"]
        .iter()
        .any(|pattern| reason.contains(pattern))
}

/// True for the volumes that hold data, as against configuration.
fn is_storage(volume: &VolumeView) -> bool {
    !matches!(volume.kind.as_str(), "configMap" | "secret" | "projected" | "downwardAPI")
}

/// Where everything in a Pod stands.
struct Plan<'a> {
    columns: usize,
    width: f64,
    height: f64,
    containers: Vec<(&'a ContainerView, Rect)>,
    /// With the words beside them.
    volumes: Vec<(&'a VolumeView, Rect, Vec<String>)>,
    /// The middle of every container, those that are not drawn included.
    middles: BTreeMap<&'a str, f64>,
}

impl<'a> Plan<'a> {
    fn of(pod: &'a PodView, claims: &Claims, options: &Options) -> Self {
        let once = |container: &&ContainerView| container.init && !container.sidecar;
        let size = |container: &ContainerView| {
            let words = text_width(&shorten(&container.name, BOX_TEXT, NAME), NAME);
            match (once(&container), words <= CIRCLE_TEXT) {
                (true, _) => point((words + 12.0).max(44.0), 30.0),
                (false, true) => point(CIRCLE, CIRCLE),
                (false, false) => point(words + 14.0, 44.0),
            }
        };
        let lasting: Vec<_> = pod.containers.iter().filter(|c| !once(c)).collect();
        let initial: Vec<_> = pod.containers.iter().filter(once).collect();
        // The room of init containers stays when they are gone, so that nothing moves.
        let room = initial.iter().map(|container| size(container).x).fold(0.0, f64::max);
        let mut across: f64 = lasting.iter().map(|container| size(container).x + GAP).sum::<f64>() - GAP;
        if room > 0.0 {
            across += GAP + room;
        }
        let mut volumes: Vec<_> = pod
            .volumes
            .iter()
            .filter(|volume| !volume.mounts.is_empty() && (options.show_config || is_storage(volume)))
            .map(|volume| {
                let unbound = claim_of(&pod.name, volume, claims).filter(|claim| claim.phase != "Bound");
                let mut label = vec![shorten(&volume.name, VOLUME_TEXT, SMALL).into_owned()];
                label.extend(unbound.map(|claim| claim.phase.clone()));
                (volume, Rect::default(), label)
            })
            .collect();
        let cell = |label: &[String]| {
            CYLINDER.x + 4.0 + label.iter().map(|line| text_width(line, SMALL)).fold(0.0, f64::max)
        };
        let below: f64 = volumes.iter().map(|(_, _, label)| cell(label) + GAP).sum::<f64>() - GAP;
        let inner = across.max(below) + 2.0 * PAD;
        let columns = 1 + ((inner - WIDTH) / PITCH).ceil().max(0.0) as usize;
        let width = width_of(columns);

        // All stand on one line, so that the arrows from below pass none of them.
        let ground = TOP + CIRCLE;
        let mut x = (width - across) / 2.0;
        let mut containers = Vec::new();
        let mut middles = BTreeMap::new();
        for container in lasting {
            let Point { x: wide, y: high } = size(container);
            containers.push((container, rect(x, ground - high, wide, high)));
            middles.insert(container.name.as_str(), x + wide / 2.0);
            x += wide + GAP;
        }
        // One at a time: those before are done, those after have not begun.
        let current =
            initial.iter().find(|container| !matches!(container.state, ContainerState::Terminated(0, _)));
        if let Some(container) = current {
            let Point { x: wide, y: high } = size(container);
            containers.push((container, rect(x + (room - wide) / 2.0, ground - high, wide, high)));
        }
        middles.extend(initial.iter().map(|container| (container.name.as_str(), x + room / 2.0)));

        let mut height = TOP + CIRCLE + FOOT;
        if options.show_selectors && labels_of(pod).is_some() {
            height += LABELS;
        }
        if !volumes.is_empty() {
            height += ARROW + CYLINDER.y;
            let wish = |volume: &VolumeView| {
                let users: Vec<f64> =
                    volume.mounts.iter().filter_map(|m| middles.get(m.container.as_str()).copied()).collect();
                users.iter().sum::<f64>() / users.len().max(1) as f64 - CYLINDER.x / 2.0
            };
            volumes.sort_by(|a, b| wish(a.0).total_cmp(&wish(b.0)));
            let mut left = PAD;
            for (volume, place, label) in &mut volumes {
                *place = rect(wish(volume).max(left), TOP + CIRCLE + ARROW, CYLINDER.x, CYLINDER.y);
                left = place.x + cell(label) + GAP;
            }
            let mut right = width - PAD;
            for (_, place, label) in volumes.iter_mut().rev() {
                place.x = place.x.min(right - cell(label));
                right = place.x - GAP;
            }
        }
        Self { columns, width, height, containers, volumes, middles }
    }
}

/// The group of a Pod, with the upper left corner of its box at `at`.
pub fn draw(pod: &PodView, claims: &Claims, options: &Options, at: Point) -> Group {
    let plan = Plan::of(pod, claims, options);
    let words = options.language.words();
    let Name { namespace, name } = &pod.name;
    let bounds = rect(at.x, at.y, plan.width, plan.height);
    let mut group = Group::new(Kind::Pod, id_of(&pod.name), format!("Pod {name}"), bounds);
    group.instance = pod.uid.clone();
    group.state = state_of(pod);
    group.faded = pod.terminating;
    group.facts = facts(pod, words);

    let frame = rect(0.0, 0.0, plan.width, plan.height);
    group.shapes.push(Shape {
        form: Form::Box,
        bounds: frame,
        fill: if group.state == State::Completed { Fill::Done } else { Fill::Paper },
        ink: if pod.phase == "Failed" { Ink::Failed } else { Ink::Line },
        dash: match group.state {
            State::Pending | State::Terminating => Dash::Dashed,
            _ => Dash::Solid,
        },
    });
    let icon = rect(-ICON.x / 2.0, -ICON.y / 2.0, ICON.x, ICON.y);
    group.shapes.push(Shape::plain(Form::Icon(Icon::Pod), icon));

    let room = plan.width - ABOVE - LANDING;
    group.texts.push(Text::line(point(18.0, -4.0), Anchor::Start, NAME, shorten(name, room, NAME)));
    if let Some(ip) = &pod.ip {
        let foot = point(plan.width / 2.0, plan.height - 8.0);
        group.texts.push(Text::line(foot, Anchor::Middle, SMALL, ip.as_str()));
    }
    if let Some(labels) = labels_of(pod).filter(|_| options.show_selectors) {
        let labels = shorten(&labels, plan.width - 10.0, SMALL).into_owned();
        let above = point(plan.width / 2.0, plan.height - 8.0 - LABELS);
        group.texts.push(Text::line(above, Anchor::Middle, SMALL, labels).inked(Ink::Muted));
    }
    if let Some(caption) = caption(pod, group.state, words) {
        let ink = match group.state {
            State::Failed => Ink::Failed,
            State::Completed => Ink::Muted,
            _ => Ink::Line,
        };
        let caption = shorten(&caption, plan.width + 10.0, SMALL).into_owned();
        let below = point(plan.width / 2.0, plan.height + 13.0);
        group.texts.push(Text::line(below, Anchor::Middle, SMALL, caption).inked(ink));
    }
    if pod.restarts > 0 {
        let count = pod.restarts.to_string();
        let right = plan.width - 6.0;
        let left = right - text_width(&count, SMALL) - 13.0;
        group.texts.push(Text::line(point(right, 15.0), Anchor::End, SMALL, count));
        group.shapes.push(Shape {
            fill: Fill::None,
            ..Shape::plain(Form::Sign(Sign::Restart), rect(left, 6.5, 9.0, 9.0))
        });
    }

    for (container, place) in &plan.containers {
        group.children.push(draw_container(&pod.name, container, words, *place));
    }
    for (volume, place, label) in plan.volumes {
        let claim = claim_of(&pod.name, volume, claims);
        group.children.push(draw_volume(&pod.name, volume, claim, words, place, label));
        for mount in &volume.mounts {
            if let Some((container, from)) = plan.containers.iter().find(|(c, _)| c.name == mount.container) {
                let kind =
                    if container.init && !container.sidecar { Kind::InitContainer } else { Kind::Container };
                let round = kind == Kind::Container && from.width == CIRCLE && from.height == CIRCLE;
                let id = format!("mounts/{namespace}/{name}/{}/{}", container.name, volume.name);
                let ends = [(from, round), (&place, false)];
                let suffix = if mount.read_only { words.read_only } else { "" };
                group.connections.push(Connection {
                    id,
                    relation: Relation::Mounts,
                    meaning: fill(words.mounts, &[&volume.name, &mount.path]) + suffix,
                    end: if mount.read_only { Head::None } else { Head::Classic },
                    ..mount_line(&pod.name, &container.name, &volume.name, words, ends, plan.middles.len())
                });
            }
        }
    }
    group
}

/// The id of a Pod's group.
pub fn id_of(name: &Name) -> String {
    format!("pod/{}/{}", name.namespace, name.name)
}

/// What stands below a Pod's box: its status as `kubectl get pods` has it, where it is not simply running.
fn caption(pod: &PodView, state: State, words: &Words) -> Option<String> {
    match state {
        State::Normal => None,
        State::NotReady => Some(ready(pod, words.ready)),
        _ => Some(pod.status.clone()),
    }
}

/// The labels that a person gave it; those of controllers say nothing to anybody else.
fn labels_of(pod: &PodView) -> Option<String> {
    let own = |key: &&String| {
        !key.contains("kubernetes.io/") && !key.ends_with("-hash") && *key != "pod-template-generation"
    };
    let labels: Vec<String> =
        pod.labels.iter().filter(|(key, _)| own(key)).map(|(key, value)| format!("{key}={value}")).collect();
    (!labels.is_empty()).then(|| labels.join(","))
}

fn ready(pod: &PodView, form: &str) -> String {
    fill(form, &[&pod.ready.0.to_string(), &pod.ready.1.to_string()])
}

fn restarts(number: i64, words: &Words) -> String {
    if number == 1 { words.one_restart.into() } else { fill(words.restarts, &[&number.to_string()]) }
}

fn facts(pod: &PodView, words: &Words) -> Vec<String> {
    let mut facts = vec![pod.status.clone(), ready(pod, words.ready_of)];
    if pod.restarts > 0 {
        facts.push(restarts(pod.restarts, words));
    }
    facts.extend(pod.ip.as_ref().map(|ip| format!("IP {ip}")));
    let owner = pod.owner.as_ref().map(|(kind, name)| format!("{kind} {name}"));
    facts.extend(owner.map(|owner| fill(words.controlled_by, &[&owner])));
    if pod.name.namespace != "default" {
        facts.push(fill(words.namespace, &[&pod.name.namespace]));
    }
    facts
}

fn draw_container(pod: &Name, container: &ContainerView, words: &Words, bounds: Rect) -> Group {
    let (kind, word) = match (container.init, container.sidecar) {
        (true, false) => (Kind::InitContainer, words.init_container),
        (true, true) => (Kind::Container, words.sidecar),
        _ => (Kind::Container, words.container),
    };
    let id = container_id(pod, &container.name);
    let mut group = Group::new(kind, id, fill(word, &[&container.name]), bounds);
    let (state, state_words) = match &container.state {
        ContainerState::Waiting(reason) if failing(reason) => (State::Failed, reason.clone()),
        ContainerState::Waiting(reason) if reason.is_empty() => (State::Creating, words.waiting.into()),
        ContainerState::Waiting(reason) => (State::Creating, reason.clone()),
        ContainerState::Running if container.ready || kind == Kind::InitContainer => {
            (State::Normal, words.running.into())
        }
        ContainerState::Running => (State::NotReady, words.running_not_ready.into()),
        ContainerState::Terminated(0, reason) => (State::Completed, fill(words.ended, &[reason])),
        ContainerState::Terminated(code, reason) => {
            (State::Failed, fill(words.ended_badly, &[reason, &code.to_string()]))
        }
    };
    group.state = state;
    group.facts = vec![fill(words.image, &[&container.image]), state_words];
    if container.restarts > 0 {
        group.facts.push(restarts(container.restarts, words));
    }
    if !container.ports.is_empty() {
        let ports: Vec<String> = container.ports.iter().map(u16::to_string).collect();
        group.facts.push(fill(words.port, &[&ports.join(", ")]));
    }

    let round = kind == Kind::Container && bounds.width == CIRCLE && bounds.height == CIRCLE;
    let (fill, ink, dash) = match state {
        State::Creating => (Fill::Waiting, Ink::Waiting, Dash::Dashed),
        State::NotReady => (Fill::Unready, Ink::Unready, Dash::Dotted),
        State::Failed => (Fill::Failed, Ink::Failed, Dash::Solid),
        State::Completed => (Fill::Done, Ink::Muted, Dash::Solid),
        _ => (Fill::Paper, Ink::Line, Dash::Solid),
    };
    let own = rect(0.0, 0.0, bounds.width, bounds.height);
    let form = if round { Form::Ellipse } else { Form::Box };
    group.shapes.push(Shape { form, bounds: own, fill, ink, dash });
    let room = if round { CIRCLE_TEXT } else { bounds.width - 10.0 };
    let words = shorten(&container.name, room, NAME).into_owned();
    let middle = own.center();
    group.texts.push(Text::line(point(middle.x, middle.y + 4.0), Anchor::Middle, NAME, words));
    let sign = match state {
        State::Failed => Some((Sign::Cross, Fill::FailedSign)),
        State::Completed => Some((Sign::Check, Fill::DoneSign)),
        _ => None,
    };
    if let Some((sign, fill)) = sign {
        // On the line of the circle, at half past one.
        let at = if round { own.at(point(0.85, 0.15)) } else { own.at(point(1.0, 0.0)) };
        let bounds = rect(at.x - 7.0, at.y - 7.0, 14.0, 14.0);
        group.shapes.push(Shape { fill, ..Shape::plain(Form::Sign(sign), bounds) });
    }
    group
}

fn draw_volume(
    pod: &Name,
    volume: &VolumeView,
    claim: Option<&ClaimView>,
    words: &Words,
    bounds: Rect,
    label: Vec<String>,
) -> Group {
    let id = format!("volume/{}/{}/{}", pod.namespace, pod.name, volume.name);
    let mut group = Group::new(Kind::Volume, id, fill(words.volume, &[&volume.name]), bounds);
    let what = match (volume.kind.as_str(), &volume.source) {
        ("persistentVolumeClaim", Some(source)) => format!("PersistentVolumeClaim {source}"),
        (kind, Some(source)) => format!("{kind} {source}"),
        (kind, None) => kind.to_owned(),
    };
    group.facts.push(what);
    if let Some(claim) = claim {
        group.facts.extend([claim.phase.clone(), claim.capacity.clone()]);
    }
    let unbound = claim.is_some_and(|claim| claim.phase != "Bound");
    if unbound {
        group.state = State::Pending;
    }
    let own = rect(0.0, 0.0, bounds.width, bounds.height);
    let form = if is_storage(volume) { Form::Cylinder(CAP) } else { Form::Note(9.0) };
    group.shapes.push(Shape {
        fill: if unbound { Fill::Waiting } else { Fill::Paper },
        dash: if unbound { Dash::Dashed } else { Dash::Solid },
        ..Shape::plain(form, own)
    });
    let first = bounds.height / 2.0 + 6.0 - 6.0 * (label.len() - 1) as f64;
    let words = Text::line(point(bounds.width + 4.0, first), Anchor::Start, SMALL, "");
    group.texts.push(Text { lines: label, ..words });
    group
}

/// The line from a container to a volume below it.
fn mount_line(
    pod: &Name,
    container: &str,
    volume: &str,
    words: &Words,
    ends: [(&Rect, bool); 2],
    users: usize,
) -> Connection {
    let [(from, round), (to, _)] = ends;
    // Lines of several containers land side by side on the lid.
    let reach = if users > 1 { to.width / 2.0 - 6.0 } else { to.width / 2.0 - 3.0 };
    let across = (from.center().x - to.center().x).clamp(-reach, reach);
    let curve = CAP * (1.0 - (across / (to.width / 2.0)).powi(2)).sqrt();
    let landing = point(to.center().x + across, to.y + CAP - curve);
    let middle = from.center();
    let departure = if round {
        let radius = from.width / 2.0;
        let lean = (landing.x - middle.x).atan2(landing.y - middle.y).clamp(-STEEPEST, STEEPEST);
        point(middle.x + radius * lean.sin(), middle.y + radius * lean.cos())
    } else {
        let share = (from.height / 2.0) / (landing.y - middle.y);
        let x = middle.x + (landing.x - middle.x) * share;
        point(x.clamp(from.x + 4.0, from.right() - 4.0), from.bottom())
    };
    let share = |place: Point, of: &Rect| point((place.x - of.x) / of.width, (place.y - of.y) / of.height);
    let end = |kind: &str, name: &str, form: &str, at: Point| End {
        group: format!("{kind}/{}/{}/{name}", pod.namespace, pod.name),
        name: fill(form, &[name]),
        at,
    };
    let subject = fill(words.subject, &[words.container]);
    Connection {
        id: String::new(),
        relation: Relation::Mounts,
        from: end("container", container, &subject, share(departure, from)),
        to: end("volume", volume, words.volume, share(landing, to)),
        route: vec![departure, landing],
        start: Head::Classic,
        end: Head::Classic,
        ink: Ink::Line,
        dash: Dash::Solid,
        label: None,
        meaning: String::new(),
    }
}
