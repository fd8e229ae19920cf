//! What goes on in a cluster without anybody asking, as far as its own record tells: images that nodes pull, volumes that are
//! mounted, endpoints that nodes learn of.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{Change, ChangeKind};
use crate::base::{SimTime, Value};
use crate::network::activity::Place;

use super::Sim;
use super::traffic::{Flight, Talk, What, Why};

/// Numbers that no transfer has.
const NUMBERS: u64 = 1 << 62;

/// What was done within `window` before now, in its order; `system` says whether the Pods of Kubernetes itself are to be seen
/// in it.
pub fn deeds(sim: &Sim, system: bool, window: SimTime) -> Vec<Talk> {
    let cluster = sim.cluster();
    let now = cluster.now();
    let began = now.0 - sim.now().0;
    let since = SimTime(now.0.saturating_sub(window.0).max(began));
    let mut deeds = Vec::new();
    let changes: Vec<&Change> = cluster.api.store().changes_after(since).collect();
    for change in changes.into_iter().rev().filter(|change| change.kind != ChangeKind::Deleted) {
        let first = deeds.len();
        match change.object.kind {
            Kind::Event => deeds.extend(pull(sim, &change.object)),
            Kind::EndpointSlice => endpoints(sim, system, change, &mut deeds),
            Kind::Pod => deeds.extend(mount(change)),
            _ => {}
        }
        for (at, deed) in deeds[first..].iter_mut().enumerate() {
            (deed.id, deed.at) =
                (NUMBERS | change.revision << 8 | at as u64 & 0xff, SimTime(change.at.0 - began));
        }
    }
    let is_seen = |place: &Place| {
        system
            || !matches!(place, Place::Object(key) if key.kind == Kind::Pod && key.namespace.starts_with("kube-"))
    };
    deeds
        .retain(|deed: &Talk| deed.flights.iter().all(|flight| is_seen(&flight.from) && is_seen(&flight.to)));
    deeds
}

fn deed(from: Place, title: String, flights: Vec<Flight>) -> Talk {
    let (id, at, why) = (0, SimTime(0), None);
    Talk { id, at, from, title, background: true, flights, questions: Vec::new(), why }
}

fn node(name: &str) -> Place {
    Place::Object(ObjectKey::new(Kind::Node, "", name))
}

/// What the kubelet's Event says of an image.
fn pull(sim: &Sim, event: &Object) -> Option<Talk> {
    let said = event.at(&["message"]).str();
    let what = match event.at(&["reason"]).str() {
        "Pulling" => What::Ask,
        "Pulled" if !said.contains("already present") => What::Reply,
        "Failed" if said.starts_with("Failed to pull image") => What::Fails,
        _ => return None,
    };
    let about = event.at(&["involvedObject"]);
    let pod = ObjectKey::new(Kind::Pod, about.get("namespace").str(), about.get("name").str());
    let at = node(sim.cluster().api.get(&pod)?.spec().get("nodeName").as_str()?);
    let image = said.split('"').nth(1)?;
    let host = image.split_once('/').map(|(host, _)| host).filter(|host| host.contains(['.', ':']));
    let registry = Place::Named(host.unwrap_or("docker.io").into());
    let (from, to) = match what {
        What::Reply => (registry, at.clone()),
        _ => (at.clone(), registry),
    };
    let flight = Flight { from, to, what, label: image.into() };
    let why = (what == What::Fails).then(|| Why::Said(said.into()));
    Some(Talk { why, ..deed(at, format!("pull {image}"), vec![flight]) })
}

/// The nodes learn of a Service's endpoints.
fn endpoints(sim: &Sim, system: bool, change: &Change, deeds: &mut Vec<Talk>) {
    let slice = &change.object;
    let said = |slice: &Object| (slice.at(&["endpoints"]).clone(), slice.at(&["ports"]).clone());
    let service = slice.labels().get("kubernetes.io/service-name").str();
    // kube-proxy does not look at headless ones.
    if service.is_empty()
        || !slice.labels().get("service.kubernetes.io/headless").is_null()
        || change.old.as_ref().is_some_and(|old| said(old) == said(slice))
    {
        return;
    }
    let ready = |one: &&Value| one.at(&["conditions", "ready"]).as_bool() != Some(false);
    let port = slice.at(&["ports"]).items().first().map_or(0, |port| port.get("port").int());
    let mut all: Vec<String> = slice
        .at(&["endpoints"])
        .items()
        .iter()
        .filter(ready)
        .map(|one| {
            let address = one.get("addresses").items().first().map_or("", Value::str);
            format!("{address}:{port}")
        })
        .collect();
    let label = match all.len() {
        0 => format!("{service} → <none>"),
        count => {
            all.truncate(2);
            let more = if count > 2 { format!(" + {}", count - 2) } else { String::new() };
            format!("{service} → {}{more}", all.join(", "))
        }
    };
    let api = &sim.cluster().api;
    let server = api
        .store()
        .list_in(Kind::Pod, "kube-system")
        .find(|pod| pod.labels().get("component").str() == "kube-apiserver");
    let server = match server.filter(|_| system) {
        Some(pod) => Place::Object(pod.key()),
        None => Place::Named("kube-apiserver".into()),
    };
    for kubelet in sim.cluster().kubelets().filter(|kubelet| kubelet.node.running) {
        let to = node(&kubelet.node.name);
        let flight = Flight { from: server.clone(), to: to.clone(), what: What::Reply, label: label.clone() };
        deeds.push(deed(to, format!("endpoints {service}"), vec![flight]));
    }
}

/// The kubelet has made a Pod's sandbox and mounted its volumes: its containers can start.
fn mount(change: &Change) -> Option<Talk> {
    let is_ready = |pod: &Object| pod.condition("PodReadyToStartContainers").get("status").str() == "True";
    let pod = &change.object;
    if !is_ready(pod) || change.old.as_ref().is_none_or(is_ready) {
        return None;
    }
    let at = node(pod.spec().get("nodeName").str());
    let to = Place::Object(pod.key());
    let of = |kind, name: &str| Place::Object(ObjectKey::new(kind, pod.namespace(), name));
    let volumes = pod.spec().get("volumes").items().iter();
    // The token of the service account is in every Pod.
    let own = volumes.filter(|volume| !volume.get("name").str().starts_with("kube-api-access-"));
    let flights: Vec<Flight> = own
        .map(|volume| {
            let source = |kind: &str, field: &str| volume.at(&[kind, field]).as_str();
            let from = source("persistentVolumeClaim", "claimName")
                .map(|name| of(Kind::PersistentVolumeClaim, name));
            let from = from.or_else(|| source("configMap", "name").map(|name| of(Kind::ConfigMap, name)));
            let from = from.or_else(|| source("secret", "secretName").map(|name| of(Kind::Secret, name)));
            let label = format!("mount {}", volume.get("name").str());
            Flight { from: from.unwrap_or_else(|| at.clone()), to: to.clone(), what: What::Reply, label }
        })
        .collect();
    let names: Vec<&str> = flights.iter().filter_map(|flight| flight.label.strip_prefix("mount ")).collect();
    let title = format!("mount {}", names.join(", "));
    (!flights.is_empty()).then(|| deed(to.clone(), title, flights.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Input, Scenario};

    #[test]
    fn what_nobody_asked_for_is_told_by_the_record() {
        let mut sim = Sim::new(&Scenario::story()).unwrap();
        sim.apply(&Input::Type { terminal: 1, text: "kubectl apply -f .\n".into() });
        sim.run_until(SimTime::from_secs(60));
        let all = deeds(&sim, false, SimTime::from_secs(60));
        let titles: Vec<&str> = all.iter().map(|deed| deed.title.as_str()).collect();
        let whats: Vec<What> =
            all.iter().filter(|deed| deed.title == "pull mysql:8").map(|deed| deed.flights[0].what).collect();
        assert_eq!(whats, [What::Ask, What::Reply], "{titles:?}");
        let mounted = all.iter().find(|deed| deed.title == "mount db").expect("the claim is mounted");
        assert!(matches!(&mounted.flights[0].from, Place::Object(key) if &*key.name == "db-mysql-0"));
        let learnt: Vec<&str> = all
            .iter()
            .filter(|deed| deed.title == "endpoints mysql")
            .map(|deed| deed.flights[0].label.as_str())
            .collect();
        let last = learnt.last().expect("the endpoints");
        assert!(last.starts_with("mysql → 10.1.") && last.ends_with(":3306"), "{learnt:?}");
        assert!(all.is_sorted_by_key(|deed| deed.at) && all[0].at.0 > 0);
        assert!(deeds(&sim, false, SimTime(1)).is_empty());
    }
}
