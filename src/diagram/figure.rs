//! A snapshot as a scene.

use std::collections::BTreeMap;

use super::Options;
use super::annex;
use super::connections::connect;
use super::field::Field;
use super::geometry::{Point, Rect, point, rect};
use super::layout::{Frame, Placement, Shown, Spot};
use super::pod::{self, NAME, SMALL};
use super::scene::{Anchor, Group, Kind, Scene, State, Text};
use super::service;
use super::shape::{Dash, Form, Icon, Shape, Sign};
use super::theme::{Fill, Ink};
use super::typeface::shorten;
use super::words::{Words, fill};
use crate::sim::snapshot::{NodeView, PodView};

const NODE_ICON: Point = point(40.0, 38.4);
/// Arrows to the Pods of the first column fall beside it.
const NODE_NAME: f64 = 118.0;

/// Draws a snapshot in its places: those that [`layout`](super::layout()) gave to this very snapshot with these options.
pub fn scene(snapshot: &crate::sim::Snapshot, options: &Options, placement: &Placement) -> Scene {
    let shown = Shown::of(snapshot, options);
    let words = options.language.words();
    let size = placement.size;
    let mut root = Group::new(Kind::Figure, "figure", "Kubernetes Cluster", rect(0.0, 0.0, size.x, size.y));
    let mut cluster = draw_cluster(placement.cluster);
    let origin = point(cluster.x, cluster.y);

    // By node, then by namespace in the order of the node's sections.
    let mut pods: BTreeMap<Option<&str>, BTreeMap<usize, Vec<Group>>> = BTreeMap::new();
    let claims = pod::claims_of(snapshot);
    let mut order: Vec<(&Spot, &PodView)> =
        shown.pods.iter().filter_map(|pod| Some((placement.pods.get(&pod.name)?, *pod))).collect();
    order.sort_by_key(|(spot, pod)| (spot.slot.row, spot.slot.column, &pod.name));
    for (spot, pod) in order {
        let corner = point(spot.bounds.x, spot.bounds.y);
        let mut group = pod::draw(pod, &claims, options, corner);
        if options.show_policies {
            mark_policies(pod, snapshot, words, &mut group);
        }
        let sections = pods.entry(spot.node.as_deref()).or_default();
        sections.entry(spot.section).or_default().push(group);
    }

    for service in &shown.services {
        if let Some(bounds) = placement.service_boxes.get(&service.name) {
            cluster.children.push(service::draw(service, &shown, words, bounds.shifted(away(origin))));
        }
    }
    cluster.children.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut nodes: Vec<&NodeView> = snapshot.nodes.iter().collect();
    nodes.sort_by_key(|node| {
        placement.node_boxes.get(&node.name).map(|place| (place.row, place.bounds.x as i64))
    });
    for node in nodes {
        let Some(place) = placement.node_boxes.get(&node.name) else { continue };
        let corner = point(place.bounds.x, place.bounds.y);
        let mut group = draw_node(node, words, place.bounds.shifted(away(origin)));
        for members in pods.remove(&Some(node.name.as_str())).unwrap_or_default().into_values() {
            let namespace = namespace_of(&members);
            let here = |frame: &&Frame| frame.node == node.name && frame.namespace == namespace;
            let frame = placement.frames.iter().find(here);
            match frame {
                Some(frame) => group.children.push(draw_frame(frame, words, corner, members)),
                None => group.children.extend(members.into_iter().map(|member| moved(member, corner))),
            }
        }
        cluster.children.push(group);
    }
    if let Some(bounds) = placement.pending_box {
        let mut area = draw_pending(words, bounds.shifted(away(origin)));
        let waiting = pods.remove(&None).unwrap_or_default().into_values().flatten();
        area.children.extend(waiting.map(|pod| moved(pod, point(bounds.x, bounds.y))));
        cluster.children.push(area);
    }
    for piece in annex::pieces(&shown, options, words) {
        if let Some(at) = placement.annex_boxes.get(&piece.key) {
            cluster.children.push(annex::draw(&piece, words, at.from(origin)));
        }
    }
    root.children.push(cluster);
    root.children.extend(draw_outside(placement, &shown, words));

    let field = Field::of(&root);
    let name = |at: usize| snapshot.pods.get(at).map(|pod| &pod.name);
    let traced = options.trace.and_then(|(from, to)| Some((name(from)?, name(to)?)));
    root.connections = connect(placement, &shown, options, traced, field);
    let numbers = [snapshot.nodes.len(), shown.pods.len(), shown.services.len()];
    let description: Vec<String> = words
        .counts
        .iter()
        .zip(numbers)
        .map(|((one, more), number)| fill(if number == 1 { one } else { more }, &[&number.to_string()]))
        .collect();
    Scene {
        width: size.x,
        height: size.y,
        title: "Kubernetes Cluster".into(),
        description: description.join(words.comma) + words.stop,
        root,
    }
}

/// A shield at a Pod's side where NetworkPolicies are for it.
fn mark_policies(pod: &PodView, snapshot: &crate::sim::Snapshot, words: &Words, group: &mut Group) {
    let policies = snapshot.policies.iter().filter(|policy| policy.pods.contains(&pod.name));
    let names: Vec<&str> = policies.map(|policy| policy.name.name.as_str()).collect();
    if !names.is_empty() {
        group.facts.push(fill(words.isolated, &[&names.join(", ")]));
        let shield = rect(-9.0, group.height - 24.0, 18.0, 17.2);
        group.shapes.push(Shape::plain(Form::Icon(Icon::Policy), shield));
    }
}

fn away(origin: Point) -> Point {
    point(-origin.x, -origin.y)
}

/// A group in the coordinates of another, whose corner is given.
fn moved(mut group: Group, origin: Point) -> Group {
    group.x -= origin.x;
    group.y -= origin.y;
    group
}

/// The namespace of the Pods of one section.
fn namespace_of(pods: &[Group]) -> String {
    let id = pods.first().map(|pod| pod.id.as_str()).unwrap_or_default();
    id.split('/').nth(1).unwrap_or_default().to_owned()
}

fn draw_cluster(bounds: Rect) -> Group {
    let mut group = Group::new(Kind::Cluster, "cluster", "Kubernetes Cluster", bounds);
    group.shapes.push(Shape::plain(Form::Box, rect(0.0, 0.0, bounds.width, bounds.height)));
    group.texts.push(Text::line(point(4.0, -10.0), Anchor::Start, NAME, "Kubernetes Cluster"));
    group
}

fn draw_node(node: &NodeView, words: &Words, bounds: Rect) -> Group {
    let mut group =
        Group::new(Kind::Node, format!("node/{}", node.name), format!("Node {}", node.name), bounds);
    // As the STATUS column of `kubectl get nodes`.
    let mut status = vec![if node.ready { "Ready" } else { "NotReady" }];
    if node.unschedulable {
        status.push("SchedulingDisabled");
    }
    group.facts.push(status.join(", "));
    if node.control_plane {
        group.facts.push(words.control_plane.into());
    }
    if !node.ip.is_empty() {
        group.facts.push(format!("IP {}", node.ip));
    }
    if !node.ready {
        group.state = State::Down;
    }
    group.shapes.push(Shape {
        ink: if node.ready { Ink::Line } else { Ink::Failed },
        dash: if node.ready { Dash::Solid } else { Dash::Dashed },
        ..Shape::plain(Form::Box, rect(0.0, 0.0, bounds.width, bounds.height))
    });
    let icon = rect(-NODE_ICON.x / 2.0, -NODE_ICON.y / 2.0, NODE_ICON.x, NODE_ICON.y);
    group.shapes.push(Shape::plain(Form::Icon(Icon::Node), icon));
    if !node.ready {
        let sign = rect(icon.right() - 11.0, icon.y - 2.0, 14.0, 14.0);
        group.shapes.push(Shape { fill: Fill::FailedSign, ..Shape::plain(Form::Sign(Sign::Cross), sign) });
    }
    let words = shorten(&node.name, NODE_NAME, NAME).into_owned();
    group.texts.push(Text::line(point(24.0, -5.0), Anchor::Start, NAME, words));
    // Both in full would reach into the way of arrows from above.
    let unusual = match (node.ready, node.unschedulable) {
        (true, false) => None,
        (true, true) => Some("SchedulingDisabled"),
        (false, false) => Some("NotReady"),
        (false, true) => Some("NotReady, cordoned"),
    };
    if let Some(words) = unusual {
        let ink = if node.ready { Ink::Line } else { Ink::Failed };
        group.texts.push(Text::line(point(24.0, -19.0), Anchor::Start, SMALL, words).inked(ink));
    }
    group
}

fn draw_frame(frame: &Frame, words: &Words, node: Point, members: Vec<Group>) -> Group {
    let bounds = frame.bounds.shifted(away(node));
    let id = format!("namespace/{}/{}", frame.node, frame.namespace);
    let mut group = Group::new(Kind::Namespace, id, fill(words.namespace, &[&frame.namespace]), bounds);
    group.shapes.push(Shape {
        fill: Fill::None,
        ink: Ink::Muted,
        dash: Dash::Dashed,
        ..Shape::plain(Form::Box, rect(0.0, 0.0, bounds.width, bounds.height))
    });
    let words = shorten(&frame.namespace, NODE_NAME, NAME).into_owned();
    let foot = point(8.0, bounds.height - 7.0);
    group.texts.push(Text::line(foot, Anchor::Start, NAME, words).inked(Ink::Muted));
    let corner = point(frame.bounds.x, frame.bounds.y);
    group.children = members.into_iter().map(|member| moved(member, corner)).collect();
    group
}

fn draw_pending(words: &Words, bounds: Rect) -> Group {
    let mut group = Group::new(Kind::Pending, "pending", words.on_no_node, bounds);
    group.shapes.push(Shape {
        fill: Fill::None,
        ink: Ink::Muted,
        dash: Dash::Dashed,
        ..Shape::plain(Form::Box, rect(0.0, 0.0, bounds.width, bounds.height))
    });
    group.texts.push(Text::line(point(4.0, -6.0), Anchor::Start, NAME, "Pending").inked(Ink::Muted));
    group
}

/// The cloud, and load balancers between it and the cluster.
fn draw_outside(placement: &Placement, shown: &Shown, words: &Words) -> Vec<Group> {
    let Some(bounds) = placement.cloud() else { return Vec::new() };
    let mut cloud = Group::new(Kind::Outside, "outside", words.outside_of_cluster, bounds);
    cloud.shapes.push(Shape::plain(Form::Cloud, rect(0.0, 0.0, bounds.width, bounds.height)));
    let middle = point(bounds.width / 2.0, bounds.height / 2.0 + 4.0);
    cloud.texts.push(Text::line(middle, Anchor::Middle, SMALL, words.outside));
    let mut groups = vec![cloud];
    for service in &shown.services {
        let Some(bounds) = placement.balancer_boxes.get(&service.name) else { continue };
        let id = format!("load-balancer/{}/{}", service.name.namespace, service.name.name);
        let name = fill(words.balancer, &[&format!("Service {}", service.name.name)]);
        let mut group = Group::new(Kind::LoadBalancer, id, name, *bounds);
        let address = service.external_ip.clone().unwrap_or_else(|| "<pending>".into());
        group.facts.push(fill(words.external_ip, &[&address]));
        group.shapes.push(Shape {
            dash: if service.external_ip.is_some() { Dash::Solid } else { Dash::Dashed },
            ..Shape::plain(Form::Rounded(6.0), rect(0.0, 0.0, bounds.width, bounds.height))
        });
        for (words, y) in [("LoadBalancer", 17.0), (address.as_str(), 31.5)] {
            let words = shorten(words, bounds.width - 10.0, NAME);
            group.texts.push(Text::line(point(bounds.width / 2.0, y), Anchor::Middle, NAME, words));
        }
        groups.push(group);
    }
    groups
}
