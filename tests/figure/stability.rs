//! What was there stays where it was.

use std::collections::BTreeMap;

use saya::diagram::geometry::Point;
use saya::diagram::scene::{Kind, Scene};
use saya::diagram::{Options, Placement, layout, scene};
use saya::sim::snapshot::{PodView, Snapshot};

use crate::cluster::*;
use crate::random::any_cluster;

/// A figure that goes on.
struct Film {
    options: Options,
    placement: Option<Placement>,
}

impl Film {
    fn new() -> Self {
        Self { options: Options { show_system: true, ..Options::default() }, placement: None }
    }

    fn next(&mut self, snapshot: &Snapshot) -> Scene {
        let placement = layout(snapshot, &self.options, self.placement.as_ref());
        let scene = scene(snapshot, &self.options, &placement);
        self.placement = Some(placement);
        scene
    }
}

/// Where the groups of a kind stand.
fn places(scene: &Scene, kind: Kind) -> BTreeMap<String, Point> {
    let of_kind = scene.groups().into_iter().filter(|placed| placed.group.kind == kind);
    of_kind.map(|placed| (placed.group.id.clone(), placed.at)).collect()
}

fn place(scene: &Scene, id: &str) -> Point {
    scene.find(id).unwrap_or_else(|| panic!("no {id}")).at
}

/// A plain running Pod.
fn web(name: &str) -> PodView {
    owned(pod(name, "docker-desktop", "10.1.0.5", vec![container("web", "nginx")]), "ReplicaSet", "web")
}

#[test]
fn the_same_cluster_stays_as_it_is() {
    for seed in 0..50 {
        let snapshot = any_cluster(seed);
        let mut film = Film::new();
        let first = film.next(&snapshot);
        let placement = film.placement.clone();
        assert_eq!(film.next(&snapshot), first, "seed {seed}");
        assert_eq!(film.placement, placement, "seed {seed}");
    }
}

#[test]
fn others_stay_when_a_pod_goes() {
    for seed in 0..100 {
        let mut snapshot = any_cluster(seed);
        snapshot.nodes.truncate(1);
        let node = snapshot.nodes[0].name.clone();
        for pod in &mut snapshot.pods {
            pod.node = pod.node.as_ref().map(|_| node.clone());
        }
        for namespace in ["default", "shop", "kube-system", "a-namespace-with-a-rather-long-name"] {
            snapshot.controllers.push(controller("Deployment", &format!("{namespace}/web"), 1));
        }
        let mut film = Film::new();
        let before = film.next(&snapshot);
        if snapshot.pods.iter().filter(|pod| pod.node.is_some()).count() < 2 {
            continue;
        }
        let gone = snapshot.pods.iter().rposition(|pod| pod.node.is_some()).expect("a Pod on the node");
        let gone = snapshot.pods.remove(gone);
        for service in &mut snapshot.services {
            service.endpoints.retain(|endpoint| endpoint.pod != gone.name);
            service.clients.retain(|client| *client != gone.name);
        }
        let waiting = |id: &str| {
            let pod = snapshot.pods.iter().find(|pod| id.ends_with(&pod.name.name));
            pod.is_some_and(|pod| pod.node.is_none())
        };
        let after = film.next(&snapshot);
        for (id, at) in places(&after, Kind::Pod) {
            // The place of the Pods without a node lies beside the node, whatever its width.
            assert!(waiting(&id) || places(&before, Kind::Pod)[&id] == at, "seed {seed}: {id} moved");
        }
        for (id, at) in places(&after, Kind::Service) {
            assert_eq!(places(&before, Kind::Service)[&id], at, "seed {seed}: {id} moved");
        }
    }
}

#[test]
fn others_stay_when_pods_and_services_come() {
    let mut snapshot = database();
    let mut film = Film::new();
    let mut before = film.next(&snapshot);
    for number in 0..24 {
        snapshot.pods.push(web(&format!("web-{number:02}")));
        snapshot.services.push(service(&format!("web-{number:02}"), "10.96.0.9", 80, &[], &[]));
        let after = film.next(&snapshot);
        for kind in [Kind::Node, Kind::Pod] {
            let upper = |place: Point, scene: &Scene| place.y - place_of_node(scene);
            for (id, at) in places(&before, kind) {
                let now = place(&after, &id);
                assert_eq!((now.x, upper(now, &after)), (at.x, upper(at, &before)), "{id} moved");
            }
        }
        let services = |scene| places(scene, Kind::Service).into_iter().collect::<Vec<_>>();
        assert!(services(&before).iter().all(|old| services(&after).contains(old)));
        before = after;
    }
}

/// More rows of Services move all nodes down together.
fn place_of_node(scene: &Scene) -> f64 {
    place(scene, "node/docker-desktop").y
}

#[test]
fn a_stateful_pod_comes_back_to_its_place() {
    let mut snapshot = database();
    let mut film = Film::new();
    let before = film.next(&snapshot);
    let home = place(&before, "pod/default/mysql-0");

    snapshot.pods.retain(|pod| pod.name.name != "mysql-0");
    snapshot.services[0].endpoints.clear();
    let without = film.next(&snapshot);
    assert!(without.find("pod/default/mysql-0").is_none());
    assert_eq!(place(&without, "service/default/mysql"), place(&before, "service/default/mysql"));
    // Nobody takes it in the meantime.
    snapshot.pods.push(web("web-1"));
    film.next(&snapshot);

    let mut back = with_status(mysql_0(), "Pending");
    (back.node, back.ip, back.uid) = (None, None, "another".into());
    snapshot.pods.push(back);
    let waiting = film.next(&snapshot);
    assert_ne!(place(&waiting, "pod/default/mysql-0"), home);
    let inside = |group: &str| {
        waiting.find("pending").expect("a place for it").group.children.iter().any(|c| c.id == group)
    };
    assert!(inside("pod/default/mysql-0"));

    *snapshot.pods.last_mut().expect("a Pod") = mysql_0();
    let again = film.next(&snapshot);
    assert_eq!(place(&again, "pod/default/mysql-0"), home);
    assert!(again.find("pending").is_none());
}

#[test]
fn a_rolling_update_fills_free_places() {
    let mut snapshot = Snapshot { pods: vec![web("web-a"), web("web-b"), web("web-c")], ..database() };
    let mut film = Film::new();
    let first = film.next(&snapshot);
    let freed = place(&first, "pod/default/web-b");

    snapshot.pods[1] = with_status(snapshot.pods[1].clone(), "Terminating");
    snapshot.pods.push(web("web-x"));
    let both = film.next(&snapshot);
    assert_eq!(place(&both, "pod/default/web-b"), freed, "who leaves stays until it is gone");
    assert_ne!(place(&both, "pod/default/web-x"), freed);
    assert!(both.find("pod/default/web-b").is_some_and(|pod| pod.group.faded));

    snapshot.pods.remove(1);
    film.next(&snapshot);
    snapshot.pods.push(web("web-y"));
    assert_eq!(place(&film.next(&snapshot), "pod/default/web-y"), freed);
}

#[test]
fn who_calls_stands_left_of_who_is_called() {
    // Even when the database was there first.
    let mut snapshot = database();
    let mut film = Film::new();
    let client = snapshot.pods.pop().expect("the client");
    let service = snapshot.services.pop().expect("the Service");
    film.next(&snapshot);
    snapshot.pods.push(client);
    film.next(&snapshot);
    snapshot.services.push(service);
    let together = film.next(&snapshot);
    assert_eq!(together, Film::new().next(&snapshot), "and it is the same figure as without a history");
    let (pma, mysql) = ("pod/default/pma-59fcd9f6f6-gcndn", "pod/default/mysql-0");
    assert!(place(&together, pma).x < place(&together, mysql).x);
}
