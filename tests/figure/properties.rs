//! What must hold for the figure of every cluster.

use std::collections::{BTreeMap, BTreeSet};

use saya::diagram::geometry::{Point, Rect, point};
use saya::diagram::scene::{Kind, Placed, Scene, Text};
use saya::diagram::{Language, Options, layout, scene};

use crate::random::any_cluster;

/// The figures of 200 random clusters, seen in more than one way; every other one after quite another cluster, whose
/// slots, rows and places of Services it inherits.
pub fn figures() -> impl Iterator<Item = (u64, Scene)> {
    (0..200).map(|seed| {
        let options = Options {
            show_system: seed % 3 == 0,
            show_config: seed % 4 == 0,
            show_direct: seed % 5 > 0,
            show_selectors: seed % 7 < 3,
            show_owners: seed % 2 == 0,
            show_storage: seed % 6 < 3,
            show_policies: seed % 9 > 0,
            trace: None,
            language: Language::ALL[(seed % 3) as usize],
        };
        let history = (seed % 2 == 1).then(|| layout(&any_cluster(seed + 1000), &options, None));
        let snapshot = any_cluster(seed);
        (seed, scene(&snapshot, &options, &layout(&snapshot, &options, history.as_ref())))
    })
}

fn said(text: &Text) -> String {
    text.lines.join(" / ")
}

#[test]
fn no_two_labels_overlap() {
    for (seed, scene) in figures() {
        let labels = scene.labels();
        for (index, (bounds, text)) in labels.iter().enumerate() {
            for (other, words) in &labels[index + 1..] {
                assert!(!bounds.overlaps(other), "seed {seed}: {:?} on {:?}", said(text), said(words));
            }
        }
    }
}

#[test]
fn no_line_runs_through_a_label() {
    for (seed, scene) in figures() {
        for (connection, at) in scene.connections() {
            let route: Vec<Point> =
                connection.route.iter().map(|place| point(place.x + at.x, place.y + at.y)).collect();
            for (bounds, text) in scene.labels() {
                let crossed = route.windows(2).any(|pair| bounds.grown(-0.5).meets_line(pair[0], pair[1]));
                assert!(!crossed, "seed {seed}: {} runs through {:?}", connection.id, said(text));
            }
        }
    }
}

#[test]
fn boxes_lie_in_their_boxes_and_beside_each_other() {
    for (seed, scene) in figures() {
        let mut around: Vec<Placed> = Vec::new();
        let mut beside: BTreeMap<Option<&str>, Vec<(&str, Rect)>> = BTreeMap::new();
        for placed in scene.groups() {
            around.truncate(placed.depth);
            let (own, id) = (placed.bounds(), placed.group.id.as_str());
            if let Some(parent) = around.last() {
                let free = matches!(placed.group.kind, Kind::Service);
                let inside = own.joined(&parent.bounds()) == parent.bounds();
                assert!(inside || free, "seed {seed}: {id} leaves {}", parent.group.id);
            }
            let siblings = beside.entry(around.last().map(|parent| parent.group.id.as_str())).or_default();
            for (other, bounds) in siblings.iter() {
                assert!(!bounds.overlaps(&own), "seed {seed}: {id} on {other}");
            }
            siblings.push((id, own));
            around.push(placed);
        }
    }
}

#[test]
fn ids_are_unique_and_ends_are_attached() {
    for (seed, scene) in figures() {
        let groups: BTreeMap<&str, Rect> =
            scene.groups().iter().map(|placed| (placed.group.id.as_str(), placed.bounds())).collect();
        assert_eq!(groups.len(), scene.groups().len(), "seed {seed}");
        let mut ids = BTreeSet::new();
        for (connection, at) in scene.connections() {
            assert!(ids.insert(&connection.id), "seed {seed}: {} twice", connection.id);
            assert!(!groups.contains_key(connection.id.as_str()));
            let last = connection.route.len() - 1;
            for (end, place) in
                [(&connection.from, connection.route[0]), (&connection.to, connection.route[last])]
            {
                let bounds = groups[end.group.as_str()];
                let found = bounds.at(end.at);
                let apart = found.distance(point(place.x + at.x, place.y + at.y));
                assert!(apart < 0.01, "seed {seed}: {} is not on {}", connection.id, end.group);
            }
        }
    }
}

#[test]
fn no_arrow_runs_through_a_pod() {
    for (seed, scene) in figures() {
        let pods: Vec<(&str, Rect)> = scene
            .groups()
            .iter()
            .filter(|placed| placed.group.kind == Kind::Pod)
            .map(|placed| (placed.group.id.as_str(), placed.bounds()))
            .collect();
        for connection in &scene.root.connections {
            // What enters a container passes the wall of its own Pod.
            let entered = connection.to.group.strip_prefix("container/").unwrap_or_default();
            for (id, bounds) in &pods {
                let name = id.strip_prefix("pod/").unwrap_or_default();
                if entered.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')) {
                    continue;
                }
                let through = connection.route.windows(2).any(|pair| bounds.meets_line(pair[0], pair[1]));
                assert!(!through, "seed {seed}: {} runs through {id}", connection.id);
            }
        }
    }
}
