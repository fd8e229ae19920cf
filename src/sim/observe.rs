//! How a cluster looks from outside: the snapshot that renderers draw.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::base::{SimTime, Value};
use crate::cluster::Cluster;
use crate::images::{self, Reference, ingress_nginx};
use crate::resources::{pod, printing};

use super::Sim;
use super::snapshot::{
    ClaimView, ContainerState, ContainerView, ControllerView, EndpointView, ForwardView, MountView, Name,
    NodeView, PersistentVolumeView, PodView, PolicyView, ServicePortView, ServiceView, Snapshot, VolumeView,
};

/// Takes the snapshot of a cluster; `now` is what it says the time is.
pub fn snapshot(cluster: &Cluster, now: SimTime) -> Snapshot {
    let store = cluster.api.store();
    let mut nodes: Vec<NodeView> = store.list(Kind::Node).map(node_view).collect();
    let pods: Vec<PodView> = store.list(Kind::Pod).map(pod_view).collect();
    // A dump may hold Pods without the nodes that they run on.
    for name in pods.iter().filter_map(|pod| pod.node.as_ref()).filter(|_| cluster.is_frozen()) {
        if !nodes.iter().any(|node| node.name == *name) {
            nodes.push(NodeView { name: name.clone(), ready: true, ..NodeView::default() });
        }
    }
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    Snapshot {
        now,
        namespaces: store.list(Kind::Namespace).map(|namespace| namespace.name().to_string()).collect(),
        nodes,
        pods,
        services: store.list(Kind::Service).map(|service| service_view(cluster, service)).collect(),
        claims: store.list(Kind::PersistentVolumeClaim).map(claim_view).collect(),
        volumes: store.list(Kind::PersistentVolume).map(volume_view).collect(),
        policies: store.list(Kind::NetworkPolicy).map(|policy| policy_view(cluster, policy)).collect(),
        forwards: Vec::new(),
        controllers: CONTROLLERS.iter().flat_map(|kind| store.list(*kind).map(controller_view)).collect(),
    }
}

/// Takes the snapshot of a simulation: the cluster, and what the learner's machine has to do with it.
pub fn of(sim: &Sim) -> Snapshot {
    let forward = |(pod, ports): (&ObjectKey, Vec<(u16, u16)>)| ForwardView {
        pod: Name { namespace: pod.namespace.to_string(), name: pod.name.to_string() },
        ports,
    };
    let forwards = sim.host().forwards().map(forward).collect();
    Snapshot { forwards, ..snapshot(sim.cluster(), sim.now()) }
}

const CONTROLLERS: &[Kind] =
    &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet, Kind::Job, Kind::CronJob];

fn name_of(object: &Object) -> Name {
    Name { namespace: object.namespace().into(), name: object.name().into() }
}

fn labels(map: &Value) -> BTreeMap<String, String> {
    map.entries().map(|(key, value)| (key.to_string(), value.str().to_string())).collect()
}

fn owner(object: &Object) -> Option<(String, String)> {
    object.controller().map(|owner| (owner.get("kind").str().into(), owner.get("name").str().into()))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_string)
}

fn node_view(node: &Object) -> NodeView {
    let addresses = node.status().get("addresses").items();
    let ip = addresses.iter().find(|address| address.get("type").str() == "InternalIP");
    NodeView {
        name: node.name().into(),
        ip: ip.map(|address| address.get("address").str().to_string()).unwrap_or_default(),
        ready: node.has_condition("Ready"),
        unschedulable: node.spec().get("unschedulable").bool(),
        control_plane: !node.labels().get("node-role.kubernetes.io/control-plane").is_null(),
    }
}

fn pod_view(object: &Object) -> PodView {
    let spec = object.spec();
    let init = spec.get("initContainers").items().iter();
    let containers: Vec<ContainerView> = init
        .map(|container| container_view(object, container, true))
        .chain(
            spec.get("containers").items().iter().map(|container| container_view(object, container, false)),
        )
        .collect();
    PodView {
        name: name_of(object),
        uid: object.uid().into(),
        node: text(spec.get("nodeName")),
        ip: text(object.status().get("podIP")),
        phase: object.status().get("phase").str().into(),
        status: pod::status_text(object),
        ready: pod::ready_counts(object),
        restarts: pod::restarts(object).0,
        terminating: object.is_terminating(),
        labels: labels(object.labels()),
        containers,
        volumes: volume_views(object),
        owner: owner(object),
    }
}

fn container_view(pod: &Object, spec: &Value, init: bool) -> ContainerView {
    let name = spec.get("name").str();
    let list = if init { "initContainerStatuses" } else { "containerStatuses" };
    let none = Value::Null;
    let statuses = pod.status().get(list).items();
    let status = statuses.iter().find(|status| status.get("name").str() == name).unwrap_or(&none);
    let state = status.get("state");
    let ended = state.get("terminated");
    let state = if !state.get("running").is_null() {
        ContainerState::Running
    } else if !ended.is_null() {
        ContainerState::Terminated(ended.get("exitCode").int(), ended.get("reason").str().into())
    } else {
        ContainerState::Waiting(state.at(&["waiting", "reason"]).str().into())
    };
    let ports = spec.get("ports").items().iter();
    ContainerView {
        name: name.into(),
        image: spec.get("image").str().into(),
        init,
        sidecar: init && spec.get("restartPolicy").str() == "Always",
        state,
        ready: status.get("ready").bool(),
        restarts: status.get("restartCount").int(),
        ports: ports.filter_map(|port| u16::try_from(port.get("containerPort").int()).ok()).collect(),
    }
}

fn volume_views(pod: &Object) -> Vec<VolumeView> {
    let mut views = Vec::new();
    for volume in pod.spec().get("volumes").items() {
        let name = volume.get("name").str();
        let Some((kind, body)) = volume.entries().find(|(field, _)| *field != "name") else { continue };
        if name.starts_with("kube-api-access-") {
            continue;
        }
        let mut mounts = Vec::new();
        for list in ["initContainers", "containers"] {
            for container in pod.spec().get(list).items() {
                for mount in
                    container.get("volumeMounts").items().iter().filter(|m| m.get("name").str() == name)
                {
                    mounts.push(MountView {
                        container: container.get("name").str().into(),
                        path: mount.get("mountPath").str().into(),
                        read_only: mount.get("readOnly").bool(),
                    });
                }
            }
        }
        let source =
            ["claimName", "secretName", "name", "path"].iter().find_map(|field| text(body.get(field)));
        views.push(VolumeView { name: name.into(), kind: kind.into(), source, mounts });
    }
    views
}

fn service_view(cluster: &Cluster, service: &Object) -> ServiceView {
    let spec = service.spec();
    let number = |value: &Value| value.as_int().and_then(|n| u16::try_from(n).ok());
    let ports: Vec<ServicePortView> = spec
        .get("ports")
        .items()
        .iter()
        .map(|port| ServicePortView {
            name: text(port.get("name")),
            protocol: port.get("protocol").str().into(),
            port: number(port.get("port")).unwrap_or_default(),
            target_port: match port.get("targetPort") {
                Value::Int(number) => number.to_string(),
                other => other.str().to_string(),
            },
            node_port: number(port.get("nodePort")),
        })
        .collect();
    let endpoints = endpoints(cluster, service);
    let clients = clients(cluster, service, &ports, &endpoints);
    ServiceView {
        name: name_of(service),
        kind: spec.get("type").str().into(),
        cluster_ip: text(spec.get("clusterIP")).filter(|ip| ip != "None"),
        external_ip: service
            .status()
            .at(&["loadBalancer", "ingress"])
            .items()
            .first()
            .and_then(|point| text(point.get("ip")).or_else(|| text(point.get("hostname")))),
        ports,
        selector: labels(spec.get("selector")),
        endpoints,
        clients,
    }
}

/// The Pods that the Service's slices list.
fn endpoints(cluster: &Cluster, service: &Object) -> Vec<EndpointView> {
    let slices = cluster.api.store().list_in(Kind::EndpointSlice, service.namespace());
    let mut all = Vec::new();
    for slice in
        slices.filter(|slice| slice.labels().get("kubernetes.io/service-name").str() == service.name())
    {
        for endpoint in slice.get("endpoints").items() {
            let target = endpoint.get("targetRef");
            if target.get("kind").str() == "Pod" {
                let name = Name {
                    namespace: target.get("namespace").str().into(),
                    name: target.get("name").str().into(),
                };
                all.push(EndpointView { pod: name, ready: endpoint.at(&["conditions", "ready"]).bool() });
            }
        }
    }
    all
}

/// The Pods that are known to call the Service: those of its namespace that name it or whose image calls such ports, and those
/// that do what Ingresses say of it. A Pod behind it is not its own client, and one that has ended calls nobody.
fn clients(
    cluster: &Cluster,
    service: &Object,
    ports: &[ServicePortView],
    endpoints: &[EndpointView],
) -> Vec<Name> {
    let selector = Selector::from_map(service.spec().get("selector"));
    let pods = cluster.api.store().list_in(Kind::Pod, service.namespace());
    let behind: BTreeSet<&str> = endpoints.iter().map(|endpoint| endpoint.pod.name.as_str()).collect();
    let mut clients: Vec<Name> = pods
        .filter(|pod| selector.is_empty() || !selector.matches(pod.labels()))
        .filter(|pod| !has_ended(pod))
        .filter(|pod| !behind.contains(pod.name()))
        .filter(|pod| {
            pod.spec().get("containers").items().iter().any(|container| {
                names(container, service.name())
                    || Reference::parse(container.get("image").str())
                        .and_then(|reference| images::find(&reference))
                        .is_some_and(|image| ports.iter().any(|port| image.calls.contains(&port.port)))
            })
        })
        .map(name_of)
        .collect();
    if cluster.api.store().count(Kind::Ingress) > 0 {
        add_by_ingress(cluster, service, &mut clients);
    }
    clients
}

// No part of the page's first program.
#[inline(never)]
fn add_by_ingress(cluster: &Cluster, service: &Object, clients: &mut Vec<Name>) {
    clients.extend(ingress_nginx::clients(&cluster.api, service).into_iter().map(name_of));
}

fn has_ended(pod: &Object) -> bool {
    matches!(pod.status().get("phase").str(), "Succeeded" | "Failed")
}

/// True where a container's environment, command or arguments hold the Service's name as a word.
fn names(container: &Value, service: &str) -> bool {
    let holds = |text: &str| {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == service)
    };
    let said = |list: &str| container.get(list).items().iter().any(|text| holds(text.str()));
    container.get("env").items().iter().any(|variable| holds(variable.get("value").str()))
        || said("command")
        || said("args")
}

// No part of the page's first program, as what is never inlined below.
#[inline(never)]
fn claim_view(claim: &Object) -> ClaimView {
    let capacity = text(claim.status().at(&["capacity", "storage"]));
    let wanted = || text(claim.spec().at(&["resources", "requests", "storage"]));
    ClaimView {
        name: name_of(claim),
        phase: claim.status().get("phase").as_str().unwrap_or("Pending").into(),
        volume: text(claim.spec().get("volumeName")),
        storage_class: text(claim.spec().get("storageClassName")),
        capacity: capacity.or_else(wanted).unwrap_or_default(),
    }
}

fn controller_view(object: &Object) -> ControllerView {
    let status = object.status();
    let ready = match object.kind {
        Kind::DaemonSet => (status.get("numberReady").int(), status.get("desiredNumberScheduled").int()),
        Kind::Job => (status.get("succeeded").int(), object.spec().get("completions").as_int().unwrap_or(1)),
        Kind::CronJob => (status.get("active").items().len() as i64, 0),
        _ => (status.get("readyReplicas").int(), object.spec().get("replicas").as_int().unwrap_or(1)),
    };
    ControllerView { kind: object.kind.to_string(), name: name_of(object), ready, owner: owner(object) }
}

#[inline(never)]
fn volume_view(volume: &Object) -> PersistentVolumeView {
    let claim = volume.spec().get("claimRef");
    PersistentVolumeView {
        name: volume.name().into(),
        phase: volume.status().get("phase").as_str().unwrap_or("Pending").into(),
        storage_class: text(volume.spec().get("storageClassName")),
        capacity: volume.spec().at(&["capacity", "storage"]).str().into(),
        claim: text(claim.get("name"))
            .map(|name| Name { namespace: claim.get("namespace").str().into(), name }),
    }
}

#[inline(never)]
fn policy_view(cluster: &Cluster, policy: &Object) -> PolicyView {
    let spec = policy.spec();
    let selector = Selector::from_label_selector(spec.get("podSelector"));
    let pods = cluster.api.store().list_in(Kind::Pod, policy.namespace());
    let types = spec.get("policyTypes").items();
    let lines = |direction: &str, field: &str, peers: &str| {
        let meant = types.iter().any(|kind| kind.str() == direction);
        meant.then(|| spec.get(field).items().iter().map(|rule| rule_line(rule, rule.get(peers))).collect())
    };
    PolicyView {
        name: name_of(policy),
        selector: printing::selector_text(spec.get("podSelector")),
        pods: pods.filter(|pod| selector.matches(pod.labels())).map(name_of).collect(),
        ingress: lines("Ingress", "ingress", "from"),
        egress: lines("Egress", "egress", "to"),
    }
}

/// A rule of a NetworkPolicy in a line: `app=pma :3306`; `*` for all.
fn rule_line(rule: &Value, peers: &Value) -> String {
    let peer = |peer: &Value| {
        let block = peer.at(&["ipBlock", "cidr"]);
        let selector = |field: &str| {
            let selector = peer.get(field);
            (!selector.is_null())
                .then(|| printing::selector_text(selector))
                .map(|text| if text.is_empty() { "*".to_string() } else { text })
        };
        match (selector("namespaceSelector"), selector("podSelector")) {
            (Some(namespace), Some(pods)) => format!("ns {namespace} {pods}"),
            (Some(namespace), None) => format!("ns {namespace}"),
            (None, Some(pods)) => pods,
            (None, None) => block.str().to_string(),
        }
    };
    let peers: Vec<String> = peers.items().iter().map(peer).collect();
    let port = |port: &Value| match port.get("port") {
        Value::Int(number) => format!(":{number}"),
        other => format!(":{}", other.str()),
    };
    let ports: Vec<String> = rule.get("ports").items().iter().map(port).collect();
    let peers = if peers.is_empty() { "*".to_string() } else { peers.join(", ") };
    if ports.is_empty() { peers } else { format!("{peers} {}", ports.join(" ")) }
}
