//! Where everything stands. Pods have slots in the grid of their node and keep them; boxes follow from the slots.

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::annex::{self, Piece};
use super::geometry::{Point, Rect, point, rect};
use super::grid::{Grid, Slot, growth};
use super::pod;
use super::service;
use crate::sim::snapshot::{ControllerView, Name, PodView, ServiceView, Snapshot};

/// Around the cluster.
pub(super) const MARGIN: f64 = 20.0;
/// From the top of the figure to the cluster: its title, and the upper half of the Services.
const HEAD: f64 = 46.0;
/// What a Service must leave free at the left end of the upper side, for the title.
const TITLE: f64 = 116.0;
/// From the upper side of the cluster to its nodes: Services, arrows with their labels, names of nodes.
const CORRIDOR: f64 = 112.0;
/// Between two rows of nodes.
const AISLE: f64 = 74.0;
/// One more row of Services.
const SHELF: f64 = 62.0;
const CLUSTER_LEFT: f64 = 46.0;
const CLUSTER_RIGHT: f64 = 44.0;
const CLUSTER_BOTTOM: f64 = 30.0;
const NODE_GAP: f64 = 62.0;
const NODE_LEFT: f64 = 36.0;
const NODE_RIGHT: f64 = 34.0;
const NODE_TOP: f64 = 20.0;
const NODE_BOTTOM: f64 = 10.0;
/// From the boxes of Pods to the frame of their namespace.
const FRAME_LEFT: f64 = 24.0;
const FRAME_RIGHT: f64 = 28.0;
const FRAME_TOP: f64 = 8.0;
const FRAME_BOTTOM: f64 = 20.0;
const SECTION_GAP: f64 = 22.0;
/// So many Pods of a node stand beside each other before there is a second row. An only node has room for them even where
/// it has fewer; one of several is as wide as its Pods.
const NODE_COLUMNS: usize = 2;
/// Between two Services on the edge, with room for the labels of their arrows; half of it where it gets narrow.
const SERVICE_GAP: f64 = 62.0;
/// Services spread over at least this width before they stand in two rows.
const SERVICES_WIDTH: f64 = 1000.0;

/// From the nodes down to what stands below them.
const ANNEX_GAP: f64 = 24.0;
/// Columns that what stands below the nodes begins with.
const ANNEX_COLUMNS: usize = 4;

/// Lines that run beside each other in a lane.
pub(super) const TRACKS: usize = 6;

/// Where everything stands in one figure, and what the next one has to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    nodes: BTreeMap<String, NodePlace>,
    pending: Grid,
    annex: Grid,
    services: BTreeMap<Name, ServicePlace>,
    /// How wide and high the figure is.
    pub(super) size: Point,
    pub(super) cluster: Rect,
    pub(super) node_boxes: BTreeMap<String, NodeBox>,
    pub(super) frames: Vec<Frame>,
    pub(super) pending_box: Option<Rect>,
    pub(super) pods: BTreeMap<Name, Spot>,
    pub(super) service_boxes: BTreeMap<Name, Rect>,
    pub(super) balancer_boxes: BTreeMap<Name, Rect>,
    /// Where the pieces below the nodes stand.
    pub(super) annex_boxes: BTreeMap<Name, Point>,
    cloud: Option<Rect>,
    /// Below the lowest Services: where lines to the first row of nodes may run sideways.
    pub(super) shelves: usize,
}

impl Default for Placement {
    fn default() -> Self {
        Self {
            annex: Grid::flat(),
            nodes: BTreeMap::new(),
            pending: Grid::default(),
            services: BTreeMap::new(),
            size: Point::default(),
            cluster: Rect::default(),
            node_boxes: BTreeMap::new(),
            frames: Vec::new(),
            pending_box: None,
            pods: BTreeMap::new(),
            service_boxes: BTreeMap::new(),
            balancer_boxes: BTreeMap::new(),
            annex_boxes: BTreeMap::new(),
            cloud: None,
            shelves: 0,
        }
    }
}

/// What stays of a node.
#[derive(Clone, Debug, Default, PartialEq)]
struct NodePlace {
    row: usize,
    column: usize,
    /// The namespaces that have Pods on it, in the order they came.
    sections: Vec<(String, Grid)>,
}

/// What stays of a Service.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ServicePlace {
    /// The middle of its box, from the left side of the cluster.
    middle: f64,
    shelf: usize,
    /// True once it was placed by the Pods behind it.
    anchored: bool,
}

/// A node's box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NodeBox {
    pub bounds: Rect,
    pub row: usize,
}

/// A namespace's frame in a node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub node: String,
    pub namespace: String,
    pub bounds: Rect,
}

/// A Pod's place, with the ways to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    /// Its box in the figure.
    pub bounds: Rect,
    /// Its node; none where it waits for one.
    pub node: Option<String>,
    /// The namespace's section of the node.
    pub section: usize,
    pub slot: Slot,
    /// True where nothing of its node stands between it and the corridor above the node.
    pub first: bool,
    /// The row of nodes that its node stands in.
    pub node_row: usize,
    /// The box of its node.
    pub node_box: Rect,
}

/// Places a snapshot. What the figure before had, `previous`, stays where it was.
pub fn layout(snapshot: &Snapshot, options: &Options, previous: Option<&Placement>) -> Placement {
    let mut placement = previous.cloned().unwrap_or_default();
    let shown = Shown::of(snapshot, options);
    placement.place_nodes(snapshot);
    placement.place_pods(&shown);
    placement.place_annex(&annex::pieces(&shown, options, options.language.words()));
    placement.draw_boxes(&shown);
    placement.place_services(&shown);
    placement
}

/// What of a snapshot is shown.
pub(super) struct Shown<'a> {
    pub snapshot: &'a Snapshot,
    pub pods: Vec<&'a PodView>,
    pub services: Vec<&'a ServiceView>,
    /// How many columns each Pod takes, and how high it is.
    pub sizes: BTreeMap<&'a Name, (usize, f64)>,
    /// True where names need their namespace to be told apart.
    pub several_namespaces: bool,
    system: bool,
    /// True where Services show their selectors.
    pub selectors: bool,
}

/// True for the namespaces that Kubernetes itself lives in.
fn is_system(namespace: &str) -> bool {
    namespace.starts_with("kube-")
}

impl<'a> Shown<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, options: &Options) -> Self {
        let shows = |name: &Name| options.show_system || !is_system(&name.namespace);
        let own =
            |service: &ServiceView| service.name.namespace == "default" && service.name.name == "kubernetes";
        let pods: Vec<&PodView> = snapshot.pods.iter().filter(|pod| shows(&pod.name)).collect();
        let services: Vec<&ServiceView> = snapshot
            .services
            .iter()
            .filter(|service| shows(&service.name) && (options.show_system || !own(service)))
            .collect();
        let namespaces: BTreeSet<&str> = pods
            .iter()
            .map(|pod| &pod.name)
            .chain(services.iter().map(|service| &service.name))
            .map(|name| name.namespace.as_str())
            .collect();
        let claims = pod::claims_of(snapshot);
        let sizes = pods.iter().map(|pod| (&pod.name, pod::measure(pod, &claims, options))).collect();
        Self {
            snapshot,
            pods,
            services,
            sizes,
            several_namespaces: namespaces.len() > 1,
            system: options.show_system,
            selectors: options.show_selectors,
        }
    }

    /// From one row of Services to the next.
    fn shelf(&self) -> f64 {
        if self.selectors { SHELF + 16.0 } else { SHELF }
    }

    /// True where a thing's namespace is shown.
    pub fn shows(&self, name: &Name) -> bool {
        self.system || !is_system(&name.namespace)
    }

    /// The order from left to right: who calls, who neither calls nor is called, who is called.
    fn ranks(&self) -> BTreeMap<&'a Name, u8> {
        let clients: BTreeSet<&Name> = self.services.iter().flat_map(|service| &service.clients).collect();
        let servers: BTreeSet<&Name> =
            self.services.iter().flat_map(|service| service.endpoints.iter().map(|e| &e.pod)).collect();
        let rank = |pod: &PodView| match (clients.contains(&pod.name), servers.contains(&pod.name)) {
            (true, false) => 0,
            (true, true) => 1,
            (false, true) => 2,
            // Others come to call it sooner or later: that is what its lasting name is for.
            (false, false) if pod.owner.as_ref().is_some_and(|(kind, _)| kind == "StatefulSet") => 2,
            (false, false) => 1,
        };
        self.pods.iter().map(|pod| (&pod.name, rank(pod))).collect()
    }
}

/// True where a controller will bring this Pod back under its name.
fn comes_back(pod: &Name, controllers: &[ControllerView]) -> bool {
    controllers.iter().any(|controller| {
        controller.kind == "StatefulSet"
            && controller.name.namespace == pod.namespace
            && pod
                .name
                .strip_prefix(controller.name.name.as_str())
                .and_then(|rest| rest.strip_prefix('-'))
                .and_then(|ordinal| ordinal.parse::<i64>().ok())
                .is_some_and(|ordinal| ordinal < controller.ready.1)
    })
}

impl Placement {
    fn place_nodes(&mut self, snapshot: &Snapshot) {
        let names: BTreeSet<&str> = snapshot.nodes.iter().map(|node| node.name.as_str()).collect();
        self.nodes.retain(|name, _| names.contains(name.as_str()));
        let mut taken: BTreeSet<(usize, usize)> =
            self.nodes.values().map(|place| (place.row, place.column)).collect();
        let mut new: Vec<_> =
            snapshot.nodes.iter().filter(|node| !self.nodes.contains_key(&node.name)).collect();
        new.sort_by_key(|node| (!node.control_plane, &node.name));
        // About twice as wide as high.
        let mut free = growth(3, 1.3);
        for node in new {
            let Some((row, column)) = free.find(|slot| taken.insert(*slot)) else { return };
            self.nodes.insert(node.name.clone(), NodePlace { row, column, sections: Vec::new() });
        }
    }

    fn place_pods(&mut self, shown: &Shown) {
        let controllers = &shown.snapshot.controllers;
        let by_name: BTreeMap<&Name, &PodView> = shown.pods.iter().map(|pod| (&pod.name, *pod)).collect();
        // Who has left, or stands elsewhere now, gives its slot back; not who will be back under the same name.
        for (node, place) in &mut self.nodes {
            for (_, grid) in &mut place.sections {
                grid.retain(|name| match by_name.get(name) {
                    Some(pod) => pod.node.as_ref().is_none_or(|bound| bound == node),
                    None => comes_back(name, controllers),
                });
            }
            place.sections.retain(|(namespace, grid)| {
                !grid.is_empty() || controllers.iter().any(|c| c.name.namespace == *namespace)
            });
        }
        self.pending.retain(|name| by_name.get(name).is_some_and(|pod| pod.node.is_none()));

        let ranks = shown.ranks();
        let mut pods = shown.pods.clone();
        pods.sort_by_key(|pod| (ranks[&pod.name], &pod.name));
        // A node of many is narrower than an only one.
        let only = self.nodes.len() == 1;
        let shape = [2.6, 0.9, 0.75][self.nodes.len().clamp(1, 3) - 1];
        for pod in &pods {
            let (columns, height) = shown.sizes[&pod.name];
            let (grid, shape, least, aside) =
                match pod.node.as_ref().and_then(|node| self.nodes.get_mut(node)) {
                    None => (&mut self.pending, 0.6, 1, false),
                    Some(place) => {
                        let namespace = &pod.name.namespace;
                        let index = match place.sections.iter().position(|(name, _)| name == namespace) {
                            Some(index) => index,
                            None => {
                                place.sections.push((namespace.clone(), Grid::default()));
                                place.sections.len() - 1
                            }
                        };
                        // Whoever comes to call it will stand left of it, as in a book.
                        let lasting = pod.owner.as_ref().is_some_and(|(kind, _)| kind == "StatefulSet");
                        let aside = only && index == 0 && lasting && ranks[&pod.name] == 2;
                        (&mut place.sections[index].1, shape, NODE_COLUMNS, aside)
                    }
                };
            grid.place(&pod.name, columns, height, growth(least, shape), aside);
        }
        for place in self.nodes.values_mut() {
            let last = place.sections.len().saturating_sub(1);
            for (index, (_, grid)) in place.sections.iter_mut().enumerate() {
                grid.settle(!only || index < last);
            }
        }
        self.pending.settle(false);
    }

    /// Gives what stands below the nodes its slots.
    fn place_annex(&mut self, pieces: &[Piece]) {
        self.annex.retain(|key| pieces.iter().any(|piece| piece.key == *key));
        for piece in pieces {
            self.annex.place(&piece.key, piece.columns, piece.height, growth(ANNEX_COLUMNS, 5.0), false);
        }
        self.annex.settle(false);
    }

    /// The boxes of the cluster, the nodes, the namespaces and the Pods.
    fn draw_boxes(&mut self, shown: &Shown) {
        let namespaces: BTreeSet<&str> = self
            .nodes
            .values()
            .flat_map(|place| &place.sections)
            .map(|(namespace, _)| namespace.as_str())
            .collect();
        let several = namespaces.iter().filter(|namespace| !is_system(namespace)).count() > 1;
        let framed: BTreeSet<String> = namespaces
            .iter()
            .filter(|namespace| is_system(namespace) || (several && **namespace != "default"))
            .map(|namespace| namespace.to_string())
            .collect();
        // Beside each other in an only node, one below the other in many.
        let abreast = self.nodes.len() == 1;
        let least = if abreast { NODE_COLUMNS } else { 1 };
        let sections: BTreeMap<&String, (Vec<Section>, Point)> = self
            .nodes
            .iter()
            .map(|(name, place)| (name, node_sections(&place.sections, &framed, abreast, least)))
            .collect();

        let rows = self.nodes.values().map(|place| place.row + 1).max().unwrap_or(0);
        let columns = self.nodes.values().map(|place| place.column + 1).max().unwrap_or(0);
        let (mut widths, mut heights) = (vec![0.0_f64; columns], vec![0.0_f64; rows]);
        for (name, place) in &self.nodes {
            let size = sections[name].1;
            widths[place.column] = widths[place.column].max(size.x);
            heights[place.row] = heights[place.row].max(size.y);
        }
        self.shelves = self.count_shelves(shown);
        let cluster = point(MARGIN, HEAD);
        let top = cluster.y + CORRIDOR + self.shelves.saturating_sub(1) as f64 * shown.shelf();
        let mut frames = Vec::new();
        let mut pods = BTreeMap::new();
        let mut boxes = BTreeMap::new();
        for (name, place) in &self.nodes {
            let left = cluster.x
                + CLUSTER_LEFT
                + widths[..place.column].iter().map(|width| width + NODE_GAP).sum::<f64>();
            let upper = top + heights[..place.row].iter().map(|height| height + AISLE).sum::<f64>();
            let bounds_of_node = rect(left, upper, widths[place.column], heights[place.row]);
            boxes.insert(name.clone(), NodeBox { bounds: bounds_of_node, row: place.row });
            let mut lower = false;
            for (index, (section, (namespace, grid))) in
                sections[name].0.iter().zip(&place.sections).enumerate()
            {
                let origin = point(left + section.at.x, upper + section.at.y);
                if let Some(frame) = section.frame {
                    let bounds = frame.shifted(point(left, upper));
                    frames.push(Frame { node: name.clone(), namespace: namespace.clone(), bounds });
                }
                let around = Spot {
                    bounds: bounds_of_node,
                    node: Some(name.clone()),
                    section: index,
                    slot: Slot::default(),
                    first: !lower,
                    node_row: place.row,
                    node_box: bounds_of_node,
                };
                pods.extend(spots(grid, origin, around, shown));
                lower |= !abreast;
            }
        }
        let mut right = boxes.values().map(|node| node.bounds.right()).fold(cluster.x, f64::max);
        let mut bottom = boxes.values().map(|node| node.bounds.bottom()).fold(top + pod::HEIGHT, f64::max);

        self.pending_box = None;
        if !self.pending.is_empty() {
            let left = if boxes.is_empty() { cluster.x + CLUSTER_LEFT } else { right + NODE_GAP };
            let inner = self.pending.size(1);
            let bounds =
                rect(left, top, FRAME_LEFT + inner.x + FRAME_RIGHT, NODE_TOP + inner.y + NODE_BOTTOM);
            let around = Spot {
                bounds,
                node: None,
                section: 0,
                slot: Slot::default(),
                first: true,
                node_row: 0,
                node_box: bounds,
            };
            pods.extend(spots(&self.pending, point(left + FRAME_LEFT, top + NODE_TOP), around, shown));
            right = bounds.right();
            bottom = bottom.max(bounds.bottom());
            self.pending_box = Some(bounds);
        }
        self.annex_boxes.clear();
        if !self.annex.is_empty() {
            let origin = point(cluster.x + CLUSTER_LEFT, bottom + ANNEX_GAP);
            let size = self.annex.size(1);
            self.annex_boxes =
                self.annex.boxes(origin).into_iter().map(|(key, _, at)| (key.clone(), at)).collect();
            right = right.max(origin.x + size.x);
            bottom = origin.y + size.y;
        }
        let natural = point(right + CLUSTER_RIGHT, bottom + CLUSTER_BOTTOM);
        self.cluster = rect(cluster.x, cluster.y, (natural.x - cluster.x).max(300.0), natural.y - cluster.y);
        (self.node_boxes, self.frames, self.pods) = (boxes, frames, pods);
    }

    fn place_services(&mut self, shown: &Shown) {
        let widths: BTreeMap<&Name, Point> =
            shown.services.iter().map(|service| (&service.name, service::size(service, shown))).collect();
        self.services.retain(|name, _| widths.contains_key(name));
        // What the Pods behind it say of its place: above them, so that the arrow falls straight.
        let wish = |service: &ServiceView| {
            let mean = |names: &mut dyn Iterator<Item = &Name>| {
                let spots: Vec<&Spot> = names.filter_map(|name| self.pods.get(name)).collect();
                let upper = spots.iter().any(|spot| spot.first && spot.node_row == 0);
                let landings: Vec<f64> = spots
                    .iter()
                    .filter(|spot| !upper || (spot.first && spot.node_row == 0))
                    .map(|spot| spot.bounds.right() - service::SERVED - self.cluster.x)
                    .collect();
                (!landings.is_empty()).then(|| landings.iter().sum::<f64>() / landings.len() as f64)
            };
            let nodes = |names: &mut dyn Iterator<Item = &Name>| -> BTreeSet<&str> {
                names.filter_map(|name| self.pods.get(name)?.node.as_deref()).collect()
            };
            let servers = || service.endpoints.iter().map(|endpoint| &endpoint.pod);
            let behind = mean(&mut servers());
            let beside = mean(&mut service.clients.iter());
            let apart = nodes(&mut servers()).is_disjoint(&nodes(&mut service.clients.iter()));
            match (behind, beside) {
                // On the way from one node to another.
                (Some(behind), Some(beside)) if apart => (Some((behind + beside) / 2.0), None),
                _ => (behind, beside.map(|middle| middle + pod::PITCH)),
            }
        };
        let mut new = Vec::new();
        let mut shelves: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
        for service in &shown.services {
            let (behind, beside) = wish(service);
            match self.services.get(&service.name) {
                Some(place) if place.anchored || behind.is_none() => {
                    shelves.resize(shelves.len().max(place.shelf + 1), Vec::new());
                    shelves[place.shelf].push((place.middle, widths[&service.name].x));
                }
                _ => new.push((behind.or(beside), behind.is_some(), *service)),
            }
        }
        new.sort_by(|a, b| {
            let key = |wish: Option<f64>| wish.unwrap_or(f64::INFINITY);
            key(a.0).total_cmp(&key(b.0)).then_with(|| a.2.name.cmp(&b.2.name))
        });
        let most = (self.cluster.width - 14.0).max(SERVICES_WIDTH);
        for (wish, anchored, service) in new {
            let width = widths[&service.name].x;
            let wish = wish.unwrap_or(TITLE + width / 2.0);
            let mut shelf = 0;
            let middle = loop {
                shelves.resize(shelves.len().max(shelf + 1), Vec::new());
                let range = (if shelf == 0 { TITLE } else { 30.0 }, most);
                let gaps = [SERVICE_GAP, SERVICE_GAP / 2.0];
                match gaps.iter().find_map(|gap| free_middle(&shelves[shelf], wish, width, range, *gap)) {
                    Some(middle) => break middle,
                    None => shelf += 1,
                }
            };
            shelves[shelf].push((middle, width));
            self.services.insert(service.name.clone(), ServicePlace { middle, shelf, anchored });
        }
        let shelves = self.count_shelves(shown);
        if shelves != self.shelves {
            // One more row of Services moves everything below it down.
            self.draw_boxes(shown);
        }
        let mut right = self.cluster.right();
        self.service_boxes.clear();
        for (name, place) in &self.services {
            let size = widths[name];
            let top = if place.shelf == 0 { -20.0 } else { -20.0 + 8.0 + place.shelf as f64 * shown.shelf() };
            let left = self.cluster.x + place.middle - size.x / 2.0;
            self.service_boxes.insert(name.clone(), rect(left, self.cluster.y + top, size.x, size.y));
            right = right.max(left + size.x + 14.0);
        }
        self.cluster.width = right - self.cluster.x;
        self.place_outside(shown);
    }

    /// What stands right of the cluster: the cloud, and load balancers below it.
    fn place_outside(&mut self, shown: &Shown) {
        let left = self.cluster.right() + 60.0;
        self.balancer_boxes.clear();
        let balancers = shown.services.iter().filter(|service| service.kind == "LoadBalancer");
        for (index, service) in balancers.enumerate() {
            let top = self.cluster.y + 40.0 + 60.0 * index as f64;
            self.balancer_boxes.insert(service.name.clone(), rect(left, top, 120.0, 40.0));
        }
        self.cloud = shown
            .services
            .iter()
            .any(|service| service::is_outside(service))
            .then_some(())
            .or(shown.snapshot.forwards.first().map(|_| ()))
            .is_some()
            .then(|| rect(left + 20.0, self.cluster.y - 34.0, 80.0, 50.0));
        let right = self.cloud.map_or(self.cluster.right(), |_| left + 120.0);
        let bottom = self.balancer_boxes.values().map(Rect::bottom).fold(self.cluster.bottom(), f64::max);
        self.size = point(right + MARGIN, bottom + MARGIN);
    }

    /// The place of what is outside, where something comes in from there.
    pub(super) fn cloud(&self) -> Option<Rect> {
        self.cloud
    }

    fn count_shelves(&self, shown: &Shown) -> usize {
        shown
            .services
            .iter()
            .filter_map(|service| self.services.get(&service.name))
            .map(|place| place.shelf + 1)
            .max()
            .unwrap_or(1)
    }

    /// Where lines may run sideways above a row of nodes: the level of a track.
    pub(super) fn level(&self, node_row: usize, track: usize) -> f64 {
        let top = self
            .node_boxes
            .values()
            .filter(|node| node.row == node_row)
            .map(|node| node.bounds.y)
            .chain(self.pending_box.iter().filter(|_| node_row == 0).map(|bounds| bounds.y))
            .fold(f64::INFINITY, f64::min);
        top - 46.0 + 3.5 * (track % TRACKS) as f64
    }
}

/// The places of the Pods of a grid, `around` telling what they have in common. A slot that is kept for a Pod to come
/// back has none.
fn spots(grid: &Grid, origin: Point, around: Spot, shown: &Shown) -> Vec<(Name, Spot)> {
    grid.boxes(origin)
        .into_iter()
        .filter_map(|(name, slot, corner)| {
            let (columns, height) = *shown.sizes.get(name)?;
            let bounds = rect(corner.x, corner.y, pod::width_of(columns), height);
            Some((
                name.clone(),
                Spot { bounds, slot, first: around.first && slot.row == 0, ..around.clone() },
            ))
        })
        .collect()
}

/// The free place for a box of this width that is nearest to where it would like its middle.
fn free_middle(
    taken: &[(f64, f64)],
    wish: f64,
    width: f64,
    (least, most): (f64, f64),
    gap: f64,
) -> Option<f64> {
    let fits = |middle: f64| {
        middle - width / 2.0 >= least
            && middle + width / 2.0 <= most
            && taken.iter().all(|(other, wide)| (middle - other).abs() >= (width + wide) / 2.0 + gap)
    };
    let beside = taken.iter().flat_map(|(other, wide)| {
        let apart = (width + wide) / 2.0 + gap;
        [other - apart, other + apart]
    });
    [wish, least + width / 2.0, most - width / 2.0]
        .into_iter()
        .chain(beside)
        .filter(|middle| fits(*middle))
        .min_by(|a, b| (a - wish).abs().total_cmp(&(b - wish).abs()))
}

/// A namespace's part of a node, seen from the node's upper left corner.
struct Section {
    /// Where its grid begins.
    at: Point,
    frame: Option<Rect>,
}

/// The parts of a node, and how large the node has to be for them.
fn node_sections(
    sections: &[(String, Grid)],
    framed: &BTreeSet<String>,
    abreast: bool,
    columns: usize,
) -> (Vec<Section>, Point) {
    let mut at = point(NODE_LEFT, NODE_TOP);
    let mut least = Grid::room(columns);
    let mut parts = Vec::new();
    for (index, (namespace, grid)) in sections.iter().enumerate() {
        let frame = framed.contains(namespace);
        let size = grid.size(if frame { 1 } else { columns });
        if frame && abreast && index > 0 {
            at.x += FRAME_LEFT;
        }
        if frame && !abreast && index > 0 {
            at.y += FRAME_TOP;
        }
        let around = rect(
            at.x - FRAME_LEFT,
            at.y - FRAME_TOP,
            FRAME_LEFT + size.x + FRAME_RIGHT,
            FRAME_TOP + size.y + FRAME_BOTTOM,
        );
        parts.push(Section { at, frame: frame.then_some(around) });
        let (right, bottom) = if frame { (FRAME_RIGHT, FRAME_BOTTOM) } else { (0.0, 0.0) };
        least.x = least.x.max(at.x - NODE_LEFT + size.x + right - 14.0 * f64::from(u8::from(frame)));
        least.y = least.y.max(at.y - NODE_TOP + size.y + bottom);
        if abreast {
            at.x += size.x + right + SECTION_GAP;
        } else {
            at.y += size.y + bottom + SECTION_GAP;
        }
    }
    (parts, point(NODE_LEFT + least.x + NODE_RIGHT, NODE_TOP + least.y + NODE_BOTTOM))
}
