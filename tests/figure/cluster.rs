//! Clusters to draw, put together piece by piece.

use std::collections::BTreeMap;

use saya::sim::snapshot::{
    ClaimView, ContainerState, ContainerView, ControllerView, EndpointView, MountView, Name, NodeView,
    PodView, ServicePortView, ServiceView, Snapshot, VolumeView,
};

/// A name in a namespace: `mysql-0`, or `shop/mysql-0`.
pub fn name(path: &str) -> Name {
    let (namespace, name) = path.split_once('/').unwrap_or(("default", path));
    Name { namespace: namespace.into(), name: name.into() }
}

/// A cluster of these nodes.
pub fn cluster(nodes: &[&str]) -> Snapshot {
    let node = |(index, name): (usize, &&str)| NodeView {
        name: name.to_string(),
        ip: format!("192.168.65.{}", index + 3),
        ready: true,
        unschedulable: false,
        control_plane: index == 0,
    };
    Snapshot { nodes: nodes.iter().enumerate().map(node).collect(), ..Snapshot::default() }
}

/// A running container.
pub fn container(name: &str, image: &str) -> ContainerView {
    ContainerView {
        name: name.into(),
        image: image.into(),
        init: false,
        sidecar: false,
        state: ContainerState::Running,
        ready: true,
        restarts: 0,
        ports: Vec::new(),
    }
}

/// An init container that is at work.
pub fn init(name: &str, image: &str) -> ContainerView {
    ContainerView { init: true, ready: false, ..container(name, image) }
}

/// A container that waits.
pub fn waiting(name: &str, reason: &str) -> ContainerView {
    ContainerView {
        state: ContainerState::Waiting(reason.into()),
        ready: false,
        ..container(name, "busybox")
    }
}

/// A volume with who mounts it where.
pub fn volume(name: &str, kind: &str, source: Option<&str>, mounts: &[(&str, &str)]) -> VolumeView {
    let mount = |(container, path): &(&str, &str)| MountView {
        container: container.to_string(),
        path: path.to_string(),
        read_only: false,
    };
    VolumeView {
        name: name.into(),
        kind: kind.into(),
        source: source.map(str::to_owned),
        mounts: mounts.iter().map(mount).collect(),
    }
}

/// A Pod of these containers that runs on a node.
pub fn pod(path: &str, node: &str, ip: &str, containers: Vec<ContainerView>) -> PodView {
    let lasting = containers.iter().filter(|container| !container.init).count();
    let ready = containers.iter().filter(|container| !container.init && container.ready).count();
    PodView {
        name: name(path),
        uid: format!("uid-of-{path}"),
        node: Some(node.into()),
        ip: Some(ip.into()),
        phase: "Running".into(),
        status: "Running".into(),
        ready: (ready, lasting),
        restarts: containers.iter().map(|container| container.restarts).sum(),
        terminating: false,
        labels: BTreeMap::new(),
        containers,
        volumes: Vec::new(),
        owner: None,
    }
}

/// The same Pod in another state.
pub fn with_status(mut pod: PodView, status: &str) -> PodView {
    pod.status = status.into();
    if pod.status == "Terminating" {
        pod.terminating = true;
    } else if status != "Running" {
        pod.phase = "Pending".into();
    }
    pod
}

/// The same Pod with a controller.
pub fn owned(mut pod: PodView, kind: &str, owner: &str) -> PodView {
    pod.owner = Some((kind.into(), owner.into()));
    pod
}

/// The same Pod with a volume.
pub fn mounting(mut pod: PodView, volume: VolumeView) -> PodView {
    pod.volumes.push(volume);
    pod
}

/// A Service of one port, with the Pods behind it and those that call it.
pub fn service(path: &str, ip: &str, port: u16, behind: &[&str], clients: &[&str]) -> ServiceView {
    let path = name(path);
    let within =
        |pod: &str| if pod.contains('/') { name(pod) } else { name(&format!("{}/{pod}", path.namespace)) };
    ServiceView {
        kind: "ClusterIP".into(),
        cluster_ip: Some(ip.into()),
        external_ip: None,
        ports: vec![ServicePortView {
            name: None,
            protocol: "TCP".into(),
            port,
            target_port: port.to_string(),
            node_port: None,
        }],
        selector: BTreeMap::from([("app".into(), path.name.clone())]),
        endpoints: behind.iter().map(|pod| EndpointView { pod: within(pod), ready: true }).collect(),
        clients: clients.iter().map(|pod| within(pod)).collect(),
        name: path,
    }
}

/// A controller with so many Pods.
pub fn controller(kind: &str, path: &str, replicas: i64) -> ControllerView {
    ControllerView { kind: kind.into(), name: name(path), ready: (replicas, replicas), owner: None }
}

/// A bound claim.
pub fn claim(path: &str) -> ClaimView {
    ClaimView {
        name: name(path),
        phase: "Bound".into(),
        volume: Some(format!("pvc-{path}")),
        storage_class: Some("hostpath".into()),
        capacity: "256Mi".into(),
    }
}

/// The Pod of the course's StatefulSet.
pub fn mysql_0() -> PodView {
    let pod = pod("mysql-0", "docker-desktop", "10.1.0.16", vec![container("mysql", "mysql:8")]);
    let db = volume("db", "persistentVolumeClaim", Some("db-mysql-0"), &[("mysql", "/var/lib/mysql")]);
    owned(mounting(pod, db), "StatefulSet", "mysql")
}

/// The Pod of the course's Deployment.
pub fn pma() -> PodView {
    let containers = vec![container("pma", "phpmyadmin/phpmyadmin")];
    let pod = pod("pma-59fcd9f6f6-gcndn", "docker-desktop", "10.1.0.17", containers);
    owned(pod, "ReplicaSet", "pma-59fcd9f6f6")
}

/// The database story of the course: a database behind a Service, and a page that calls it.
pub fn database() -> Snapshot {
    Snapshot {
        pods: vec![mysql_0(), pma()],
        services: vec![service("mysql", "10.101.218.244", 3306, &["mysql-0"], &["pma-59fcd9f6f6-gcndn"])],
        claims: vec![claim("db-mysql-0")],
        controllers: vec![
            controller("Deployment", "pma", 1),
            controller("ReplicaSet", "pma-59fcd9f6f6", 1),
            controller("StatefulSet", "mysql", 1),
        ],
        ..cluster(&["docker-desktop"])
    }
}
