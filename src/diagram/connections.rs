//! What is connected with what: clients with Services, Services with Pods, clients with Pods, the outside with all.

use std::collections::BTreeSet;

use super::Options;
use super::field::Field;
use super::geometry::{Point, Rect, point};
use super::layout::{Placement, Shown, Spot};
use super::pod::{self, NAME};
use super::route::Ways;
use super::scene::{Connection, End, Head, Relation};
use super::service::{self, CALLING, SERVED, port_label, ports};
use super::shape::Dash;
use super::theme::Ink;
use super::words::{Words, fill};
use crate::sim::snapshot::{ForwardView, Name, ServicePortView, ServiceView};

/// Beyond so many pairs of a client and a Pod behind a Service, only the nearest are joined directly.
const MOST_DIRECT: usize = 3;

/// How many connections of a Service are tried for a label: it belongs to one of the nearest.
const MOST_TRIED: usize = 4;

/// All connections of a figure; what is drawn so far is the field.
pub(super) fn connect(
    placement: &Placement,
    shown: &Shown,
    options: &Options,
    traced: Option<(&Name, &Name)>,
    field: Field,
) -> Vec<Connection> {
    let mut services: Vec<(&ServiceView, Rect)> = shown
        .services
        .iter()
        .filter_map(|service| Some((*service, *placement.service_boxes.get(&service.name)?)))
        .collect();
    services.sort_by(|a, b| a.1.x.total_cmp(&b.1.x).then_with(|| a.0.name.cmp(&b.0.name)));
    let mut weaver = Weaver {
        placement,
        ways: Ways { placement, field },
        leaving: shown.pods.iter().filter(|pod| pod.terminating).map(|pod| &pod.name).collect(),
        words: options.language.words(),
        options,
        connections: Vec::new(),
        ids: BTreeSet::new(),
        labels: Vec::new(),
    };
    for (index, (service, bounds)) in services.iter().enumerate() {
        weaver.callers(index, service, *bounds);
        weaver.endpoints(index, service, *bounds);
        if options.show_direct {
            weaver.direct(index, service);
        }
    }
    if let Some((from, to)) = traced
        && let (Some(from_spot), Some(to_spot)) = (placement.pods.get(from), placement.pods.get(to))
        && from != to
    {
        weaver.join(2 * services.len() + 1, (from, from_spot), (to, to_spot));
    }
    weaver.outside(&services);
    weaver.forwards(shown, 2 * services.len() + 2);
    weaver.place_labels();
    weaver.connections
}

/// Words for the first of some connections that has room for them.
struct Label {
    connections: std::ops::Range<usize>,
    lines: Vec<String>,
    /// True where the words belong to the end of the route.
    at_end: bool,
    /// True where they had better stand left of the line.
    left: bool,
}

struct Weaver<'a> {
    placement: &'a Placement,
    ways: Ways<'a>,
    /// The Pods that are on their way out: they call nobody any more.
    leaving: BTreeSet<&'a Name>,
    words: &'static Words,
    options: &'a Options,
    connections: Vec<Connection>,
    ids: BTreeSet<String>,
    labels: Vec<Label>,
}

impl<'a> Weaver<'a> {
    /// The arrows from those who call a Service.
    fn callers(&mut self, index: usize, service: &ServiceView, bounds: Rect) {
        let middle = bounds.center().x;
        let id = service::id_of(&service.name);
        let first = self.connections.len();
        let mut left = true;
        for (order, (client, spot)) in self.clients(service, middle).into_iter().enumerate() {
            let from_left = spot.bounds.right() < middle;
            left = if order == 0 { from_left } else { left };
            let at = if from_left { 0.25 } else { 0.75 };
            let mut route =
                self.ways.between_service_and_pod((&bounds, &id, at), (client, spot, CALLING), 2 * index + 1);
            route.reverse();
            let on = ports(service, |port| Some(port.port), "port", self.words);
            self.push(Connection {
                meaning: fill(self.words.calls, &[&named("Service", &service.name), &on]),
                start: Head::OpenThin,
                ..connection(
                    format!("calls/{}/{}", path(&service.name), path(client)),
                    Relation::Calls,
                    Party::pod(client, spot),
                    Party::service(&service.name, bounds),
                    route,
                )
            });
        }
        self.label(first, port_label(service, |port| Some(port.port), "port"), true, left);
    }

    /// The arrows from a Service to the Pods behind it.
    fn endpoints(&mut self, index: usize, service: &ServiceView, bounds: Rect) {
        let middle = bounds.center().x;
        let id = service::id_of(&service.name);
        let headless = service.cluster_ip.is_none();
        let first = self.connections.len();
        let placement = self.placement;
        let mut endpoints: Vec<(&Name, bool, &Spot)> = service
            .endpoints
            .iter()
            .filter_map(|endpoint| Some((&endpoint.pod, endpoint.ready, placement.pods.get(&endpoint.pod)?)))
            .collect();
        // The nearest first: that is where the label goes.
        endpoints
            .sort_by_key(|(name, ready, spot)| (!ready, (spot.bounds.right() - middle).abs() as i64, *name));
        for (endpoint, ready, spot) in endpoints {
            let route =
                self.ways.between_service_and_pod((&bounds, &id, 0.5), (endpoint, spot, SERVED), 2 * index);
            let pod = named("Pod", endpoint);
            let on = ports(service, |port| Some(&port.target_port), "targetPort", self.words);
            self.push(Connection {
                meaning: match (ready, headless) {
                    (false, _) => fill(self.words.leaves_out, &[&pod]),
                    (true, true) => fill(self.words.stands_for, &[&pod]),
                    (true, false) => fill(self.words.passes_on, &[&pod, &on]),
                },
                ink: if ready { Ink::Line } else { Ink::Muted },
                dash: if ready && !headless { Dash::Solid } else { Dash::Dashed },
                end: if ready { Head::Classic } else { Head::None },
                start: if ready { Head::OpenThin } else { Head::None },
                ..connection(
                    format!("serves/{}/{}", path(&service.name), path(endpoint)),
                    Relation::Serves,
                    Party::service(&service.name, bounds),
                    Party::pod(endpoint, spot),
                    route,
                )
            });
        }
        let target = |port: &ServicePortView| (!headless).then(|| port.target_port.clone());
        let callers_left = self.labels.last().is_none_or(|label| label.left);
        self.label(first, port_label(service, target, "targetPort"), false, !callers_left);
    }

    /// Those who call a Service, the nearest to it first.
    fn clients<'s>(&self, service: &'s ServiceView, middle: f64) -> Vec<(&'s Name, &'a Spot)> {
        let placement = self.placement;
        let mut clients: Vec<(&Name, &Spot)> = service
            .clients
            .iter()
            .filter(|client| !self.leaving.contains(client))
            .filter_map(|client| Some((client, placement.pods.get(client)?)))
            .collect();
        clients.sort_by_key(|(name, spot)| ((spot.bounds.right() - middle).abs() as i64, *name));
        clients
    }

    /// Joins the clients of a Service with the Pods behind it.
    fn direct(&mut self, index: usize, service: &ServiceView) {
        let clients = self.clients(service, 0.0);
        let ready = service.endpoints.iter().filter(|endpoint| endpoint.ready);
        let servers: Vec<(&Name, &Spot)> = ready
            .filter_map(|endpoint| Some((&endpoint.pod, self.placement.pods.get(&endpoint.pod)?)))
            .collect();
        let each = if clients.len() * servers.len() <= MOST_DIRECT { MOST_DIRECT } else { 1 };
        for (client, from) in clients.iter().take(MOST_DIRECT) {
            let mut near: Vec<&(&Name, &Spot)> =
                servers.iter().filter(|(server, _)| server != client).collect();
            near.sort_by_key(|(_, spot)| spot.bounds.center().distance(from.bounds.center()) as i64);
            for (server, to) in near.into_iter().take(each) {
                if self.ids.contains(&format!("direct/{}/{}", path(server), path(client))) {
                    continue;
                }
                self.join(2 * index + 1, (client, from), (server, to));
            }
        }
    }

    /// The direct way between two Pods.
    fn join(&mut self, lane: usize, client: (&Name, &Spot), server: (&Name, &Spot)) {
        let ((client, from), (server, to)) = (client, server);
        let ends = [pod::id_of(client), pod::id_of(server)];
        let route = self.ways.between_pods([from, to], &ends, lane);
        self.push(Connection {
            meaning: fill(self.words.can_reach, &[&named("Pod", server)]),
            start: Head::Classic,
            dash: Dash::Dashed,
            ..connection(
                format!("direct/{}/{}", path(client), path(server)),
                Relation::Direct,
                Party::pod(client, from),
                Party::pod(server, to),
                route,
            )
        });
    }

    /// What comes in from outside: by a port of the nodes, or through a load balancer.
    fn outside(&mut self, services: &[(&ServiceView, Rect)]) {
        let Some(cloud) = self.placement.cloud() else { return };
        let outer = services.iter().filter(|(service, _)| service::is_outside(service));
        for (index, (service, bounds)) in outer.enumerate() {
            match self.placement.balancer_boxes.get(&service.name) {
                Some(balancer) => self.through_balancer(index, service, *bounds, cloud, *balancer),
                None => self.through_node(index, service, *bounds, cloud),
            }
        }
    }

    fn through_balancer(
        &mut self,
        index: usize,
        service: &ServiceView,
        bounds: Rect,
        cloud: Rect,
        balancer: Rect,
    ) {
        let id = service::id_of(&service.name);
        let own = format!("load-balancer/{}", path(&service.name));
        let (x, middle) = (balancer.right() + 12.0, balancer.center());
        // Straight down into the first; beside it to those below.
        let route = if balancer.y < cloud.bottom() + 40.0 {
            vec![point(middle.x, cloud.bottom() - 4.0), point(middle.x, balancer.y)]
        } else {
            let start = point(cloud.right() - 2.0, cloud.center().y);
            vec![start, point(x, start.y), point(x, middle.y), point(balancer.right(), middle.y)]
        };
        self.push(Connection {
            meaning: fill(self.words.to_balancer, &[&named("Service", &service.name)]),
            ..connection(
                format!("enters/{}", path(&service.name)),
                Relation::Enters,
                Party::outside(cloud, self.words),
                Party::balancer(&service.name, balancer, self.words),
                route,
            )
        });
        let first = self.connections.len();
        let from = point(balancer.x, middle.y);
        let aside = point(from.x - 16.0, from.y);
        let route = self.ways.enter_service((from, &own), aside, (&bounds, &id), 2 * index + 1);
        let on = ports(service, |port| Some(port.port), "port", self.words);
        self.push(Connection {
            meaning: fill(self.words.passes_on, &[&named("Service", &service.name), &on]),
            ..connection(
                format!("balances/{}", path(&service.name)),
                Relation::Enters,
                Party::balancer(&service.name, balancer, self.words),
                Party::service(&service.name, bounds),
                route,
            )
        });
        self.label(first, port_label(service, |port| Some(port.port), "port"), false, true);
    }

    fn through_node(&mut self, index: usize, service: &ServiceView, bounds: Rect, cloud: Rect) {
        // Every node takes such connections; the one that is nearest to the outside shows it.
        let nodes = self.placement.node_boxes.iter().filter(|(_, node)| node.row == 0);
        let Some((node, place)) = nodes.max_by(|a, b| a.1.bounds.x.total_cmp(&b.1.bounds.x)) else { return };
        let (id, own, place) = (service::id_of(&service.name), format!("node/{node}"), place.bounds);
        // Right of the node's name.
        let gates = (((place.width - 200.0) / 16.0) as usize).clamp(1, 8);
        let gate = point(place.right() - 22.0 - 16.0 * (index % gates) as f64, place.y);
        let first = self.connections.len();
        let on = ports(service, |port| port.node_port, "nodePort", self.words);
        self.push(Connection {
            meaning: fill(self.words.to_every_node, &[node, &on]),
            ..connection(
                format!("enters/{}", path(&service.name)),
                Relation::Enters,
                Party::outside(cloud, self.words),
                Party::node(node, place),
                self.ways.enter_node(cloud, gate, 2 * index + 1),
            )
        });
        self.label(first, port_label(service, |port| port.node_port, "nodePort"), false, false);
        let route = self.ways.enter_service((gate, &own), gate, (&bounds, &id), 2 * index + 1);
        self.push(Connection {
            meaning: fill(self.words.hands_on, &[&named("Service", &service.name), &on]),
            ..connection(
                format!("admits/{}", path(&service.name)),
                Relation::Enters,
                Party::node(node, place),
                Party::service(&service.name, bounds),
                route,
            )
        });
    }

    /// What a port-forward brings in, past every Service.
    fn forwards(&mut self, shown: &Shown, lane: usize) {
        let Some(cloud) = self.placement.cloud() else { return };
        let placement = self.placement;
        for (index, forward) in shown.snapshot.forwards.iter().enumerate() {
            let Some(spot) = placement.pods.get(&forward.pod) else { continue };
            let ports: Vec<String> =
                forward.ports.iter().map(|(here, there)| format!("{here} → {there}")).collect();
            let first = self.connections.len();
            let (pod, container) = self.behind(shown, forward);
            let entered = container.and_then(|(name, bounds)| {
                let bounds = bounds.shifted(point(spot.bounds.x, spot.bounds.y));
                let top = point(bounds.center().x, bounds.y);
                let way = self.ways.enter_container(cloud, spot, top, &pod::id_of(pod))?;
                Some((Party::container(pod, name, bounds), way))
            });
            let (party, way) = entered
                .unwrap_or_else(|| (Party::pod(pod, spot), self.ways.enter_pod(cloud, spot, lane + index)));
            self.push(Connection {
                meaning: fill(self.words.forwards, &[&named("Pod", pod), &ports.join(", ")]),
                start: Head::Classic,
                ..connection(
                    format!("forwards/{}", path(pod)),
                    Relation::Enters,
                    Party::outside(cloud, self.words),
                    party,
                    way,
                )
            });
            self.label(first, Some(vec![ports.join(", "), "(port-forward)".into()]), false, true);
        }
    }

    /// The Pod of a port-forward, and the container that its port belongs to, where it is one and the same for all.
    fn behind<'s>(&self, shown: &Shown<'s>, forward: &'s ForwardView) -> (&'s Name, Option<(&'s str, Rect)>) {
        let claims = pod::claims_of(shown.snapshot);
        let pod = shown.pods.iter().find(|pod| pod.name == forward.pod);
        let of = |port: u16| pod::container_of(pod?, port, &claims, self.options);
        let mut all = forward.ports.iter().map(|(_, there)| of(*there));
        let first = all.next().flatten();
        (&forward.pod, first.filter(|_| all.all(|other| other == first)))
    }

    fn push(&mut self, mut connection: Connection) {
        if self.ids.insert(connection.id.clone()) {
            connection.from.name = fill(self.words.subject, &[&connection.from.name]);
            self.ways.field.add_route(&connection.route);
            self.connections.push(connection);
        }
    }

    /// Asks for words beside one of the connections made since `first`.
    fn label(&mut self, first: usize, lines: Option<Vec<String>>, at_end: bool, left: bool) {
        let connections = first..self.connections.len();
        self.labels.extend(lines.map(|lines| Label { connections, lines, at_end, left }));
    }

    /// When all lines are there: words keep clear of every one.
    fn place_labels(&mut self) {
        for label in std::mem::take(&mut self.labels) {
            for connection in label.connections.take(MOST_TRIED) {
                let mut route = self.connections[connection].route.clone();
                if label.at_end {
                    route.reverse();
                }
                let placed = self.ways.field.place_label(&route, label.lines.clone(), NAME, label.left);
                if placed.is_some() {
                    self.connections[connection].label = placed;
                    break;
                }
            }
        }
    }
}

fn path(name: &Name) -> String {
    format!("{}/{}", name.namespace, name.name)
}

/// `Pod mysql-0`, or `Pod shop/mysql-0`.
fn named(kind: &str, name: &Name) -> String {
    if name.namespace == "default" {
        format!("{kind} {}", name.name)
    } else {
        format!("{kind} {}", path(name))
    }
}

/// What a connection begins or ends at.
struct Party {
    id: String,
    name: String,
    bounds: Rect,
}

impl Party {
    fn pod(name: &Name, spot: &Spot) -> Self {
        Self { id: pod::id_of(name), name: named("Pod", name), bounds: spot.bounds }
    }
    fn container(pod: &Name, name: &str, bounds: Rect) -> Self {
        Self { id: pod::container_id(pod, name), name: named("Pod", pod), bounds }
    }
    fn service(name: &Name, bounds: Rect) -> Self {
        Self { id: service::id_of(name), name: named("Service", name), bounds }
    }
    fn outside(bounds: Rect, words: &Words) -> Self {
        Self { id: "outside".into(), name: words.outside_of_cluster.into(), bounds }
    }
    fn balancer(service: &Name, bounds: Rect, words: &Words) -> Self {
        let name = fill(words.balancer, &[&named("Service", service)]);
        Self { id: format!("load-balancer/{}", path(service)), name, bounds }
    }
    fn node(name: &str, bounds: Rect) -> Self {
        Self { id: format!("node/{name}"), name: format!("Node {name}"), bounds }
    }
    /// Its end of a connection at a place on its border.
    fn end(self, place: Point) -> End {
        let Rect { x, y, width, height } = self.bounds;
        End { group: self.id, name: self.name, at: point((place.x - x) / width, (place.y - y) / height) }
    }
}

/// A solid line with a head at its end.
fn connection(id: String, relation: Relation, from: Party, to: Party, route: Vec<Point>) -> Connection {
    Connection {
        id,
        relation,
        from: from.end(route[0]),
        to: to.end(route[route.len() - 1]),
        route,
        start: Head::None,
        end: Head::Classic,
        ink: Ink::Line,
        dash: Dash::Solid,
        label: None,
        meaning: String::new(),
    }
}
