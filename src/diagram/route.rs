//! The ways of connections. Straight where nothing is in the way, as in a book; else along the lanes that the layout
//! keeps free: right of every Pod, above every row of nodes, left of every node.

use std::collections::BTreeSet;

use super::Options;
use super::field::Field;
use super::geometry::{Point, Rect, point};
use super::layout::{Placement, Shown, Spot, TRACKS};
use super::pod;
use super::scene::{Connection, End, Head, Relation};
use super::service::{self, CALLING, SERVED};
use super::shape::Dash;
use super::theme::Ink;
use crate::sim::snapshot::{Name, ServicePortView, ServiceView};

/// The size of the words beside an arrow.
const LABEL: f64 = 12.0;
/// Beyond so many pairs of a client and a Pod behind a Service, only the nearest are joined directly.
const MOST_DIRECT: usize = 3;
/// Straight lines are at most this long: what is farther away is easier to follow along lanes.
const MOST_STRAIGHT: f64 = 700.0;

/// All connections of a figure; what is drawn so far is the field.
pub(super) fn connect(
    placement: &Placement,
    shown: &Shown,
    options: &Options,
    field: &mut Field,
) -> Vec<Connection> {
    let leaving = shown.pods.iter().filter(|pod| pod.terminating).map(|pod| &pod.name).collect();
    let mut router = Router { placement, field, leaving, connections: Vec::new(), direct: BTreeSet::new() };
    let mut services: Vec<&ServiceView> = shown.services.clone();
    services.sort_by(|a, b| {
        let left = |service: &ServiceView| placement.service_boxes.get(&service.name).map_or(0.0, |r| r.x);
        left(a).total_cmp(&left(b)).then_with(|| a.name.cmp(&b.name))
    });
    let mut labels = Vec::new();
    for (index, service) in services.iter().enumerate() {
        router.service(index, service, &mut labels);
        if options.show_direct {
            router.direct(index, service);
        }
    }
    router.outside(&services, &mut labels);
    router.label(labels);
    router.connections
}

/// Words for the first of some connections that has room for them.
struct Label {
    connections: std::ops::Range<usize>,
    lines: Vec<String>,
    /// True where the words belong to the end of the route.
    at_end: bool,
    left: bool,
}

struct Router<'a> {
    placement: &'a Placement,
    field: &'a mut Field,
    /// The Pods that are on their way out: they call nobody any more.
    leaving: BTreeSet<&'a Name>,
    connections: Vec<Connection>,
    /// The pairs that are joined directly already.
    direct: BTreeSet<(Name, Name)>,
}

/// The share of a box at which a place on its border lies.
fn share(place: Point, of: &Rect) -> Point {
    point((place.x - of.x) / of.width, (place.y - of.y) / of.height)
}

/// Without the places that a straight line passes anyway.
fn tidy(mut route: Vec<Point>) -> Vec<Point> {
    route.dedup_by(|a, b| a.distance(*b) < 0.01);
    let mut at = 1;
    while at + 1 < route.len() {
        let (a, b, c) = (route[at - 1], route[at], route[at + 1]);
        let bend = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
        if bend.abs() < 0.01 {
            route.remove(at);
        } else {
            at += 1;
        }
    }
    route
}

impl Router<'_> {
    /// From the corridor above a Pod's node to the Pod: above its landing, or down the lane beside it.
    fn approach(&self, spot: &Spot, from_right: f64, track: usize) -> Vec<Point> {
        let level = self.placement.level(spot.node_row, track);
        if spot.first {
            let x = spot.bounds.right() - from_right;
            return vec![point(x, level), point(x, spot.bounds.y)];
        }
        self.beside(spot, 24.0 + 4.0 * (track % TRACKS) as f64, track)
    }

    /// From the corridor down the lane right of a Pod, and into its side.
    fn beside(&self, spot: &Spot, down: f64, track: usize) -> Vec<Point> {
        let x = spot.bounds.right() + 9.0 + 2.8 * (track % TRACKS) as f64;
        let y = spot.bounds.y + down.min(spot.bounds.height - 10.0);
        let level = self.placement.level(spot.node_row, track);
        vec![point(x, level), point(x, y), point(spot.bounds.right(), y)]
    }

    /// From one row of nodes to the corridor of another, beside the nodes; nothing within one row.
    fn between_rows(&self, from: usize, to: &Spot, track: usize) -> Vec<Point> {
        if from == to.node_row {
            return Vec::new();
        }
        let x = to.node_box.x - 44.0 + 3.5 * (track % TRACKS) as f64;
        let level = |row: usize| self.placement.level(row, track);
        let rows: Vec<usize> = if from < to.node_row {
            (from..=to.node_row).collect()
        } else {
            (to.node_row..=from).rev().collect()
        };
        // A node above may be wider than the one below: the lane is left of the column, as wide as its widest.
        rows.iter().map(|row| point(x, level(*row))).collect()
    }

    /// The way between a Service and a Pod.
    fn to_pod(
        &self,
        service: &Rect,
        id: &str,
        at: f64,
        pod: (&Name, &Spot),
        landing: f64,
        track: usize,
    ) -> Vec<Point> {
        let (name, spot) = pod;
        let goal = point(spot.bounds.right() - landing, spot.bounds.y);
        let trunk = point(service.x + service.width * at, service.bottom());
        if spot.first && spot.node_row == 0 {
            // Falling straight is best of all.
            let x = goal.x.clamp(service.x + 12.0, service.right() - 12.0);
            let pod = pod::id_of(name);
            for start in [point(x, trunk.y), trunk] {
                let steep = (goal.y - start.y).abs() * 3.0 > (goal.x - start.x).abs();
                let near = start.distance(goal) < MOST_STRAIGHT;
                if steep && near && self.field.is_clear(start, goal, [id, &pod]) {
                    return vec![start, goal];
                }
            }
        }
        let mut route = vec![trunk, point(trunk.x, self.placement.level(0, track))];
        route.extend(self.between_rows(0, spot, track));
        route.extend(self.approach(spot, landing, track));
        tidy(route)
    }

    fn service(&mut self, index: usize, service: &ServiceView, labels: &mut Vec<Label>) {
        let Some(bounds) = self.placement.service_boxes.get(&service.name).copied() else { return };
        let Name { namespace, name } = &service.name;
        let id = service::id_of(&service.name);
        let middle = bounds.center().x;

        let first = self.connections.len();
        let mut clients: Vec<(&Name, &Spot)> =
            self.spots(service.clients.iter().filter(|client| !self.leaving.contains(client)));
        clients.sort_by(|a, b| {
            let far = |spot: &Spot| (spot.bounds.right() - middle).abs();
            far(a.1).total_cmp(&far(b.1)).then_with(|| a.0.cmp(b.0))
        });
        let mut to_left = true;
        for (order, (client, spot)) in clients.iter().enumerate() {
            let from_left = spot.bounds.right() < middle;
            to_left = if order == 0 { from_left } else { to_left };
            let at = if from_left { 0.25 } else { 0.75 };
            let mut route = self.to_pod(&bounds, &id, at, (client, spot), CALLING, 2 * index + 1);
            route.reverse();
            self.push(Connection {
                meaning: meaning(service, |port| port.port.to_string(), "port"),
                end: Head::Classic,
                start: Head::OpenThin,
                ..connection(
                    format!("calls/{namespace}/{name}/{}/{}", client.namespace, client.name),
                    Relation::Calls,
                    (pod::id_of(client), spot.bounds),
                    (id.clone(), bounds),
                    route,
                )
            });
        }
        if let Some(lines) = service::port_label(service, |port| Some(port.port), "port") {
            let connections = first..self.connections.len();
            labels.push(Label { connections, lines, at_end: true, left: to_left });
        }

        let first = self.connections.len();
        let ready = |name: &Name| service.endpoints.iter().any(|e| e.pod == *name && e.ready);
        let mut endpoints = self.spots(service.endpoints.iter().map(|endpoint| &endpoint.pod));
        endpoints.sort_by(|a, b| {
            let far =
                |(name, spot): &(&Name, &Spot)| (!ready(name), (spot.bounds.right() - middle).abs() as i64);
            far(a).cmp(&far(b)).then_with(|| a.0.cmp(b.0))
        });
        let direct = service.cluster_ip.is_none();
        for (endpoint, spot) in endpoints {
            let ready = ready(endpoint);
            let route = self.to_pod(&bounds, &id, 0.5, (endpoint, spot), SERVED, 2 * index);
            let mut meaning = meaning(service, |port| port.target_port.clone(), "targetPort");
            if !ready {
                meaning.push_str(", not ready: gets nothing");
            }
            self.push(Connection {
                meaning,
                ink: if ready { Ink::Line } else { Ink::Muted },
                dash: if ready && !direct { Dash::Solid } else { Dash::Dashed },
                end: if ready { Head::Classic } else { Head::None },
                start: if ready { Head::OpenThin } else { Head::None },
                ..connection(
                    format!("serves/{namespace}/{name}/{}/{}", endpoint.namespace, endpoint.name),
                    Relation::Serves,
                    (id.clone(), bounds),
                    (pod::id_of(endpoint), spot.bounds),
                    route,
                )
            });
        }
        let target = |port: &ServicePortView| (!direct).then(|| port.target_port.clone());
        if let Some(lines) = service::port_label(service, target, "targetPort") {
            let connections = first..self.connections.len();
            labels.push(Label { connections, lines, at_end: false, left: !to_left });
        }
    }

    fn spots<'n>(&self, names: impl Iterator<Item = &'n Name>) -> Vec<(&'n Name, &'n Spot)>
    where
        Self: 'n,
    {
        names.filter_map(|name| Some((name, self.placement.pods.get(name)?))).collect()
    }

    fn push(&mut self, connection: Connection) {
        self.field.add_route(&connection.route);
        self.connections.push(connection);
    }

    /// Joins the clients of a Service with the Pods behind it.
    fn direct(&mut self, index: usize, service: &ServiceView) {
        let clients = self.spots(service.clients.iter().filter(|client| !self.leaving.contains(client)));
        let servers = self.spots(service.endpoints.iter().filter(|endpoint| endpoint.ready).map(|e| &e.pod));
        let every = clients.len() * servers.len() <= MOST_DIRECT;
        for (client, from) in clients.iter().take(MOST_DIRECT) {
            let mut near: Vec<_> = servers.iter().filter(|(server, _)| server != client).collect();
            near.sort_by(|a, b| {
                let far = |spot: &Spot| spot.bounds.center().distance(from.bounds.center());
                far(a.1).total_cmp(&far(b.1))
            });
            for (server, to) in near.into_iter().take(if every { MOST_DIRECT } else { 1 }) {
                let pair = ((*client).clone(), (*server).clone());
                let back = (pair.1.clone(), pair.0.clone());
                if self.direct.contains(&back) || !self.direct.insert(pair) {
                    continue;
                }
                let ends = [pod::id_of(client), pod::id_of(server)];
                let route = self.pod_to_pod([from, to], &ends, 2 * index + 1);
                self.push(Connection {
                    meaning: "directly, by its own IP".into(),
                    start: Head::Classic,
                    end: Head::Classic,
                    dash: Dash::Dashed,
                    ..connection(
                        format!(
                            "direct/{}/{}/{}/{}",
                            client.namespace, client.name, server.namespace, server.name
                        ),
                        Relation::Direct,
                        (ends[0].clone(), from.bounds),
                        (ends[1].clone(), to.bounds),
                        route,
                    )
                });
            }
        }
    }

    fn pod_to_pod(&self, [from, to]: [&Spot; 2], ids: &[String; 2], track: usize) -> Vec<Point> {
        let (a, b) = (&from.bounds, &to.bounds);
        let ends = [ids[0].as_str(), ids[1].as_str()];
        let level = (a.y.max(b.y) + a.bottom().min(b.bottom())) / 2.0;
        let mut straight = Vec::new();
        if a.y.max(b.y) + 30.0 < a.bottom().min(b.bottom()) {
            // Beside each other: level.
            straight.push(if a.x < b.x {
                [point(a.right(), level), point(b.x, level)]
            } else {
                [point(a.x, level), point(b.right(), level)]
            });
        } else if a.x < b.x {
            straight.push([point(a.right(), a.center().y), point(b.x, b.center().y)]);
        } else {
            straight.push([point(a.x, a.center().y), point(b.right(), b.center().y)]);
        }
        for [start, end] in straight {
            let slope = (end.y - start.y).abs() < (end.x - start.x).abs() * 2.0;
            if slope && start.distance(end) < MOST_STRAIGHT && self.field.is_clear(start, end, ends) {
                return vec![start, end];
            }
        }
        let mut route = self.beside(from, 64.0, track);
        route.reverse();
        let arrival = self.beside(to, 64.0, track);
        if from.node_row <= to.node_row {
            route.extend(self.between_rows(from.node_row, to, track));
        } else {
            let mut back = self.between_rows(to.node_row, from, track);
            back.reverse();
            route.extend(back);
        }
        route.extend(arrival);
        tidy(route)
    }

    /// What comes in from outside: by a port of the nodes, or through a load balancer.
    fn outside(&mut self, services: &[&ServiceView], labels: &mut Vec<Label>) {
        let Some(cloud) = self.placement.cloud() else { return };
        let node = self
            .placement
            .node_boxes
            .iter()
            .filter(|(_, node)| node.row == 0)
            .max_by(|a, b| a.1.bounds.x.total_cmp(&b.1.bounds.x));
        for (index, service) in services.iter().filter(|service| service::is_outside(service)).enumerate() {
            let Some(bounds) = self.placement.service_boxes.get(&service.name).copied() else { continue };
            let Name { namespace, name } = &service.name;
            let id = service::id_of(&service.name);
            if let Some(balancer) = self.placement.balancer_boxes.get(&service.name).copied() {
                let balancer_id = format!("load-balancer/{namespace}/{name}");
                let route =
                    vec![point(cloud.center().x, cloud.bottom() - 3.0), point(cloud.center().x, balancer.y)];
                self.push(Connection {
                    meaning: format!("connects to the load balancer of Service {name}"),
                    ..connection(
                        format!("enters/{namespace}/{name}"),
                        Relation::Enters,
                        ("outside".into(), cloud),
                        (balancer_id.clone(), balancer),
                        route,
                    )
                });
                let route = self.to_service(
                    point(balancer.x, balancer.center().y),
                    &balancer_id,
                    &bounds,
                    &id,
                    index,
                );
                let first = self.connections.len();
                self.push(Connection {
                    meaning: meaning(service, |port| port.port.to_string(), "port"),
                    ..connection(
                        format!("balances/{namespace}/{name}"),
                        Relation::Enters,
                        (balancer_id, balancer),
                        (id, bounds),
                        route,
                    )
                });
                if let Some(lines) = service::port_label(service, |port| Some(port.port), "port") {
                    labels.push(Label { connections: first..first + 1, lines, at_end: false, left: true });
                }
                continue;
            }
            let Some((node_name, node)) = node else { continue };
            let node_id = format!("node/{node_name}");
            let gate = point(node.bounds.right() - 22.0 - 16.0 * index as f64, node.bounds.y);
            let first = self.connections.len();
            let start = point(cloud.x + 6.0, cloud.center().y + 6.0 * index as f64);
            self.push(Connection {
                meaning: meaning(
                    service,
                    |port| port.node_port.map(|p| p.to_string()).unwrap_or_default(),
                    "nodePort",
                ),
                ..connection(
                    format!("enters/{namespace}/{name}"),
                    Relation::Enters,
                    ("outside".into(), cloud),
                    (node_id.clone(), node.bounds),
                    vec![start, gate],
                )
            });
            if let Some(lines) = service::port_label(service, |port| port.node_port, "nodePort") {
                labels.push(Label { connections: first..first + 1, lines, at_end: false, left: false });
            }
            let route = self.to_service(gate, &node_id, &bounds, &id, index);
            self.push(Connection {
                meaning: "handed to the Service".into(),
                ..connection(
                    format!("admits/{namespace}/{name}"),
                    Relation::Enters,
                    (node_id, node.bounds),
                    (id, bounds),
                    route,
                )
            });
        }
    }

    /// From a place right of a Service to its box.
    fn to_service(&self, from: Point, owner: &str, service: &Rect, id: &str, index: usize) -> Vec<Point> {
        let side = point(service.right(), service.y + 32.0);
        if from.x > side.x + 10.0 && self.field.is_clear(from, side, [id, owner]) {
            return vec![from, side];
        }
        let below = point(service.x + service.width * 0.85, service.bottom());
        let level = self.placement.level(0, 2 * index + 1);
        tidy(vec![from, point(from.x, level), point(below.x, level), below])
    }

    fn label(&mut self, labels: Vec<Label>) {
        for label in labels {
            for connection in label.connections {
                let mut route = self.connections[connection].route.clone();
                if label.at_end {
                    route.reverse();
                }
                let placed = self.field.place_label(&route, label.lines.clone(), LABEL, label.left);
                if placed.is_some() {
                    self.connections[connection].label = placed;
                    break;
                }
            }
        }
    }
}

/// A solid line with a head at its end.
fn connection(
    id: String,
    relation: Relation,
    from: (String, Rect),
    to: (String, Rect),
    route: Vec<Point>,
) -> Connection {
    let end = |(group, bounds): (String, Rect), place: Point| End { group, at: share(place, &bounds) };
    Connection {
        id,
        relation,
        from: end(from, route[0]),
        to: end(to, route[route.len() - 1]),
        route,
        start: Head::None,
        end: Head::Classic,
        ink: Ink::Line,
        dash: Dash::Solid,
        label: None,
        meaning: String::new(),
    }
}

/// The ports of an arrow in full: `3306/tcp (port)`.
fn meaning(service: &ServiceView, number: impl Fn(&ServicePortView) -> String, which: &str) -> String {
    let ports: Vec<String> = service
        .ports
        .iter()
        .map(|port| format!("{}/{}", number(port), port.protocol.to_lowercase()))
        .collect();
    if ports.is_empty() { String::new() } else { format!("{} ({which})", ports.join(", ")) }
}
