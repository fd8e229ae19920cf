//! Random clusters, each from its seed.

use saya::base::Random;
use saya::sim::snapshot::{
    ContainerState, ContainerView, EndpointView, ForwardView, Name, PersistentVolumeView, PodView,
    PolicyView, ServicePortView, Snapshot,
};

use crate::cluster::*;

const NAMESPACES: [&str; 5] =
    ["default", "default", "shop", "kube-system", "a-namespace-with-a-rather-long-name"];
const WORDS: [&str; 9] = [
    "db",
    "mysql",
    "web",
    "recommendation-engine",
    "pma",
    "フロントエンド",
    "x",
    "worker",
    "very-long-name-of-an-app",
];
const STATUSES: [&str; 10] = [
    "Running",
    "Running",
    "Running",
    "ContainerCreating",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "Init:0/2",
    "Terminating",
    "Completed",
    "Pending",
];

fn one_of<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    from[random.below(from.len() as u64) as usize]
}

/// A Pod of any kind and state, on any of the nodes or on none.
pub fn any_pod(random: &mut Random, nodes: &[&str]) -> PodView {
    let path =
        format!("{}/{}-{}", one_of(random, &NAMESPACES), one_of(random, &WORDS), random.name_suffix(5));
    let mut containers = Vec::new();
    for index in 0..random.between(0, 2) {
        let mut made = init(&format!("{}-{index}i", one_of(random, &WORDS)), "busybox");
        made.sidecar = random.below(4) == 0;
        if random.below(2) == 0 {
            made.state = ContainerState::Terminated(random.below(2) as i64, "Completed".into());
        }
        containers.push(made);
    }
    for index in 0..random.between(1, 4) {
        let state = match random.below(5) {
            0 => ContainerState::Waiting(one_of(random, &["ContainerCreating", "ErrImagePull", ""]).into()),
            1 => ContainerState::Terminated(random.below(3) as i64, "Error".into()),
            _ => ContainerState::Running,
        };
        let ready = state == ContainerState::Running && random.below(4) > 0;
        let restarts = random.below(3) as i64 * 7;
        let name = format!("{}{index}", one_of(random, &WORDS));
        containers.push(ContainerView { state, ready, restarts, ..container(&name, "image") });
    }
    let names: Vec<String> = containers.iter().map(|container| container.name.clone()).collect();
    let mut made = pod(&path, one_of(random, nodes), "10.244.111.222", containers);
    for index in 0..random.below(4) {
        let mounts: Vec<(&str, &str)> =
            names.iter().filter(|_| random.below(2) == 0).map(|name| (name.as_str(), "/data")).collect();
        let kind = one_of(random, &["emptyDir", "persistentVolumeClaim", "configMap", "hostPath"]);
        let name = format!("{}{index}", one_of(random, &WORDS));
        made.volumes.push(volume(&name, kind, Some("data"), &mounts));
    }
    made = with_status(made, one_of(random, &STATUSES));
    if made.status == "Pending" {
        (made.node, made.ip) = (None, None);
    }
    if random.below(3) == 0 {
        made = owned(made, "StatefulSet", "mysql");
    }
    made
}

/// Any cluster.
pub fn any_cluster(seed: u64) -> Snapshot {
    let random = &mut Random::from_seed(seed);
    let names: Vec<String> = (0..random.between(1, 7))
        .map(|n| format!("{}-{n}", one_of(random, &["node", "ip-10-0-0-1.internal"])))
        .collect();
    let nodes: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut figure = cluster(&nodes);
    for node in &mut figure.nodes {
        node.ready = random.below(5) > 0;
        node.unschedulable = random.below(5) == 0;
    }
    let most = if seed.is_multiple_of(10) { 60 } else { 14 };
    for _ in 0..random.below(most) {
        figure.pods.push(any_pod(random, &nodes));
    }
    figure.pods.sort_by(|a, b| a.name.cmp(&b.name));
    figure.pods.dedup_by(|a, b| a.name == b.name);
    let mut unbound = claim("data");
    unbound.phase = "Pending".into();
    figure.claims = vec![unbound];
    let some = |random: &mut Random, pods: &[PodView], most: u64| -> Vec<Name> {
        let count = random.below(most + 1);
        (0..count)
            .filter_map(|_| pods.get(random.below(pods.len() as u64) as usize))
            .map(|p| p.name.clone())
            .collect()
    };
    for index in 0..random.below(if seed.is_multiple_of(7) { 15 } else { 5 }) {
        let path = format!("{}/{}-{index}", one_of(random, &NAMESPACES), one_of(random, &WORDS));
        let mut made = service(&path, "10.101.218.244", 80, &[], &[]);
        made.kind = one_of(random, &["ClusterIP", "ClusterIP", "NodePort", "LoadBalancer"]).into();
        made.ports[0].node_port = (made.kind != "ClusterIP").then_some(30080);
        if random.below(4) == 0 {
            let ports = random.below(4) as u16;
            let port =
                |at| ServicePortView { port: at, target_port: "metrics".into(), ..made.ports[0].clone() };
            let more: Vec<_> = (0..ports).map(port).collect();
            made.ports.extend(more);
        }
        if made.kind == "ClusterIP" && random.below(5) == 0 {
            made.cluster_ip = None;
        }
        let endpoints = some(random, &figure.pods, 4);
        made.endpoints =
            endpoints.into_iter().map(|pod| EndpointView { pod, ready: random.below(4) > 0 }).collect();
        made.clients = some(random, &figure.pods, 3);
        figure.services.push(made);
    }
    figure.services.sort_by(|a, b| a.name.cmp(&b.name));
    add_annex(random, &mut figure);
    figure
}

/// Owners, storage, labels and NetworkPolicies.
fn add_annex(random: &mut Random, figure: &mut Snapshot) {
    for index in 0..random.below(5) {
        let namespace = one_of(random, &NAMESPACES);
        let top = format!("{}-{index}", one_of(random, &WORDS));
        let kind = one_of(random, &["Deployment", "CronJob", "StatefulSet", "DaemonSet"]);
        figure.controllers.push(controller(kind, &format!("{namespace}/{top}"), random.below(4) as i64));
        let below = match kind {
            "Deployment" => "ReplicaSet",
            "CronJob" => "Job",
            _ => "",
        };
        let mut owners = vec![(kind, top.clone())];
        if !below.is_empty() {
            owners.clear();
            for part in 0..random.below(4) {
                let name = format!("{top}-{part}");
                let mut made = controller(below, &format!("{namespace}/{name}"), part as i64);
                made.owner = Some((kind.into(), top.clone()));
                figure.controllers.push(made);
                owners.push((below, name));
            }
        }
        for pod in figure.pods.iter_mut().filter(|pod| pod.name.namespace == namespace) {
            if let Some((kind, owner)) = owners.get(random.below(owners.len() as u64 + 2) as usize) {
                pod.owner = Some((kind.to_string(), owner.clone()));
            }
        }
    }
    figure.forwards = figure
        .pods
        .iter()
        .filter(|_| random.below(12) == 0)
        .take(2)
        .map(|pod| ForwardView { pod: pod.name.clone(), ports: vec![(8080, 80)] })
        .collect();
    for pod in &mut figure.pods {
        if random.below(2) == 0 {
            pod.labels.insert("app".into(), one_of(random, &WORDS).into());
        }
    }
    for index in 0..random.below(4) {
        let path = format!("{}/{}-{index}", one_of(random, &NAMESPACES), one_of(random, &WORDS));
        let mut claim = claim(&path);
        claim.volume = (random.below(3) > 0).then(|| format!("pvc-{index}"));
        claim.phase = if claim.volume.is_some() { "Bound" } else { "Pending" }.into();
        figure.claims.push(claim);
        figure.volumes.push(PersistentVolumeView {
            name: format!("pvc-{index}"),
            phase: one_of(random, &["Bound", "Available", "Released"]).into(),
            storage_class: (random.below(3) > 0).then(|| one_of(random, &WORDS).into()),
            capacity: "100Gi".into(),
            claim: None,
        });
        let pods = figure.pods.iter().filter(|_| random.below(3) == 0).map(|pod| pod.name.clone()).collect();
        let rules = |random: &mut Random| {
            (random.below(2) == 0).then(|| {
                (0..random.below(7)).map(|_| format!("app={} :80", one_of(random, &WORDS))).collect()
            })
        };
        figure.policies.push(PolicyView {
            name: name(&path),
            selector: format!("app={}", one_of(random, &WORDS)),
            pods,
            ingress: rules(random),
            egress: rules(random),
        });
    }
}
