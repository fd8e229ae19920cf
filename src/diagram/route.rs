//! The ways of connections. Straight where nothing is in the way, as in a book; else along the lanes that the layout
//! keeps free: right of every Pod, above every row of nodes, left of every node.

use super::field::Field;
use super::geometry::{Point, Rect, point};
use super::layout::{Placement, Spot, TRACKS};
use super::pod::{self, PITCH};
use crate::sim::snapshot::Name;

/// Straight lines are at most this long: what is farther away is easier to follow along lanes.
const MOST_STRAIGHT: f64 = 700.0;

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

/// Finds ways. Lines of different tracks run beside each other where they share a lane.
pub(super) struct Ways<'a> {
    pub placement: &'a Placement,
    pub field: Field,
}

impl Ways<'_> {
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
        let step = (track % TRACKS) as f64;
        let x = spot.bounds.right() + 9.0 + 2.8 * step;
        let y = spot.bounds.y + down.min(spot.bounds.height - 10.0);
        let level = self.placement.level(spot.node_row, track);
        let arrival = [point(x, y), point(spot.bounds.right(), y)];
        if self.field.is_clear(point(x, level), arrival[0], [""; 2]) {
            return vec![point(x, level), arrival[0], arrival[1]];
        }
        // Wide Pods stand in the lane: down another one, and over between two rows.
        let row = spot.bounds.y - 26.0 + 1.6 * step;
        let (left, right) = (spot.node_box.x + 4.0, spot.node_box.right() - 4.0);
        let lanes = 1 + (spot.node_box.width / PITCH) as usize;
        let free = (1..=lanes)
            .flat_map(|away| [x - away as f64 * PITCH, x + away as f64 * PITCH])
            .filter(|lane| (left..right).contains(lane))
            .find(|lane| self.field.is_clear(point(*lane, level), point(*lane, row), [""; 2]))
            .unwrap_or(x);
        vec![point(free, level), point(free, row), point(x, row), arrival[0], arrival[1]]
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

    /// The way from a Service, at a share of its lower side, to a Pod, so far from the right end of its upper side.
    pub fn between_service_and_pod(
        &self,
        (service, id, at): (&Rect, &str, f64),
        (name, spot, landing): (&Name, &Spot, f64),
        track: usize,
    ) -> Vec<Point> {
        let goal = point(spot.bounds.right() - landing, spot.bounds.y);
        let trunk = point(service.x + service.width * at, service.bottom());
        if spot.first && spot.node_row == 0 {
            // Falling straight is best of all.
            let x = goal.x.clamp(service.x + 12.0, service.right() - 12.0);
            let pod = pod::id_of(name);
            // Else from the side: past the name of a node that stands beside.
            let side = if goal.x > trunk.x { service.right() } else { service.x };
            let sides = [32.0, 27.0].map(|down| point(side, service.y + down));
            for start in [point(x, trunk.y), trunk].into_iter().chain(sides) {
                let steep = (goal.y - start.y).abs() * 3.0 > (goal.x - start.x).abs();
                let near = start.distance(goal) < MOST_STRAIGHT;
                if steep && near && self.field.is_clear(start, goal, [id, &pod]) {
                    return vec![start, goal];
                }
            }
        }
        let mut route = self.trunk(trunk, id, track);
        route.extend(self.between_rows(0, spot, track));
        route.extend(self.approach(spot, landing, track));
        tidy(route)
    }

    /// From a place on the lower side of a Service down to the corridor, around the Services below it.
    fn trunk(&self, from: Point, id: &str, track: usize) -> Vec<Point> {
        const STEP: f64 = 8.0;
        let level = self.placement.level(0, track);
        let turn = from.y + 5.0 + 1.5 * (track % TRACKS) as f64;
        let clear = |x: &f64| self.field.is_clear(point(*x, turn), point(*x, level), [id, ""]);
        let aside =
            (0..60).flat_map(|step| [from.x - STEP * f64::from(step), from.x + STEP * f64::from(step)]);
        let x = aside.filter(|x| *x > self.placement.cluster.x + 4.0).find(clear).unwrap_or(from.x);
        vec![from, point(from.x, turn), point(x, turn), point(x, level)]
    }

    /// The way from one Pod to another, not by a Service.
    pub fn between_pods(&self, [from, to]: [&Spot; 2], ids: &[String; 2], track: usize) -> Vec<Point> {
        let (a, b) = (&from.bounds, &to.bounds);
        let ends = [ids[0].as_str(), ids[1].as_str()];
        let level = (a.y.max(b.y) + a.bottom().min(b.bottom())) / 2.0;
        let level = if a.y.max(b.y) + 30.0 < a.bottom().min(b.bottom()) {
            [level, level]
        } else {
            [a.center().y, b.center().y]
        };
        let sides = if a.right() < b.x {
            Some([a.right(), b.x])
        } else if b.right() < a.x {
            Some([a.x, b.right()])
        } else {
            None
        };
        if let Some(sides) = sides {
            let (start, end) = (point(sides[0], level[0]), point(sides[1], level[1]));
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

    /// The way from the cloud to a place on the upper side of a node.
    pub fn enter_node(&self, cloud: Rect, gate: Point, track: usize) -> Vec<Point> {
        let start = point(cloud.x + 6.0, cloud.center().y);
        if self.field.is_clear(start, gate, ["outside", ""]) {
            return vec![start, gate];
        }
        let (x, level) = (cloud.x - 32.0, self.placement.level(0, track));
        vec![start, point(x, start.y), point(x, level), point(gate.x, level), gate]
    }

    /// The way from the cloud over the edge of a node down to a container, where nothing is in it.
    pub fn enter_container(&self, cloud: Rect, spot: &Spot, top: Point, pod: &str) -> Option<Vec<Point>> {
        const STEP: f64 = 7.0;
        let start = point(cloud.x + 6.0, cloud.center().y);
        // Right of the node's name, but steep enough to fall into the Pod and not through it.
        let gates = (0..9).map(|step| point(top.x + STEP * f64::from(step), spot.node_box.y));
        let clear = |a: Point, b: Point| self.field.is_clear(a, b, ["outside", pod]);
        let gate = gates.filter(|_| spot.first && spot.node_row == 0);
        let gate = gate.into_iter().find(|gate| clear(start, *gate) && clear(*gate, top))?;
        Some(vec![start, gate, top])
    }

    /// The way from the cloud to the side of a Pod.
    pub fn enter_pod(&self, cloud: Rect, spot: &Spot, track: usize) -> Vec<Point> {
        let start = point(cloud.x + 6.0, cloud.center().y);
        let (x, level) = (cloud.x - 32.0, self.placement.level(0, track));
        let mut route = vec![start, point(x, start.y), point(x, level)];
        route.extend(self.between_rows(0, spot, track));
        route.extend(self.beside(spot, 44.0, track));
        tidy(route)
    }

    /// The way from a place right of a Service, on the border of `owner`, to the Service; `aside` is the first step where
    /// it cannot be straight.
    pub fn enter_service(
        &self,
        (from, owner): (Point, &str),
        aside: Point,
        (service, id): (&Rect, &str),
        track: usize,
    ) -> Vec<Point> {
        let side = point(service.right(), service.y + 32.0);
        if from.x > side.x + 10.0 && self.field.is_clear(from, side, [id, owner]) {
            return vec![from, side];
        }
        let below = point(service.x + service.width * 0.85, service.bottom());
        let mut route = self.trunk(below, id, track);
        let level = self.placement.level(0, track);
        route.extend([point(aside.x, level), aside, from]);
        route.reverse();
        tidy(route)
    }
}
