//! Endpoints: the addresses behind a Service in one object, the ready ones apart from the others.

use std::collections::BTreeMap;
use std::time::Duration;

use smol_str::SmolStr;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Pass};
use crate::base::Value;
use crate::value;

use super::{Enqueue, backend, pod};

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpoint-controller";
/// How many addresses one object holds.
const MAX_ADDRESSES: usize = 1000;
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

/// Looks at a Service when it, a Pod behind it or its Endpoints change.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let foreign = change.object.kind != Kind::Endpoints || change.kind == ChangeKind::Deleted;
    if foreign {
        backend::observe(api, change, enqueue, Kind::Endpoints, Object::name);
    }
}

/// Lists the addresses behind a Service; those of one that is gone go too.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let list = key.sibling(Kind::Endpoints, &key.name);
    let Some(service) = api.get(key).cloned() else {
        if api.get(&list).is_some_and(|list| list.labels().get(MANAGED_BY).str() == CONTROLLER) {
            // It can only be gone already.
            let _ = api.delete(&list, Deletion::default());
        }
        return None;
    };
    if service.spec().get("selector").is_empty() || service.spec().get("type").str() == "ExternalName" {
        return None;
    }
    let known = api.get(&list).cloned();
    let old = known.as_ref().map(|list| list.get("subsets").clone()).unwrap_or_default();
    let named = service.spec().get("ports").items().iter().any(|port| port.get("targetPort").as_str().is_some());
    let splits = named || publishes(&service) || old.items().len() > 1;
    let added = backend::added(api, &service, &list, Kind::Endpoints).filter(|_| !splits);
    let (subsets, over) = match (&known, added) {
        (Some(known), Some(pods)) => {
            let (subsets, over) = grown(&service, &old, pods);
            // Those for which there was no room have none now.
            (subsets, over || !known.annotation(OVER_CAPACITY).is_null())
        }
        _ => subsets(&service, &old, backend::pods(api, &service), named),
    };
    let fill = |list: &mut Object| {
        backend::set_labels(list, &service, &[(MANAGED_BY, CONTROLLER)]);
        if subsets.is_empty() {
            list.remove("subsets");
        } else {
            list.set("subsets", subsets);
        }
        if over {
            list.set_at(&["metadata", "annotations", OVER_CAPACITY], "truncated");
        } else if !list.annotation(OVER_CAPACITY).is_null() {
            list.entry("metadata").remove("annotations");
        }
    };
    if api.get(&list).is_some() {
        api.modify(&list, fill);
    } else {
        let mut new = Object::new(Kind::Endpoints, &list.namespace, &list.name);
        fill(&mut new);
        // Only a namespace that is going away refuses it.
        let _ = api.create(new.body, &list.namespace, false);
    }
    api.passed(&list, Pass { revision: api.store().revision(), ..Pass::default() });
    None
}

/// True where its Pods are listed as if they were ready.
fn publishes(service: &Object) -> bool {
    service.spec().get("publishNotReadyAddresses").bool()
}

/// True where Pods are listed that have these ports.
fn is_listable(service: &Object, ports: &Value) -> bool {
    !ports.is_empty() || (backend::is_headless(service) && service.spec().get("ports").is_empty())
}

/// The addresses of one subset with those of Pods that are new, in their places, and whether these are too many. Nothing is
/// asked about the Pods that are there already.
fn grown(service: &Object, old: &Value, mut added: Vec<Object>) -> (Value, bool) {
    added.retain(|pod| !pod.is_terminating());
    let Some(ports) = added.first().map(|pod| ports(service, pod)).filter(|ports| is_listable(service, ports))
    else {
        return (old.clone(), false);
    };
    let there = |field: &str| old.items().first().map_or(Vec::new(), |subset| subset.get(field).items().to_vec());
    let (mut ready, mut not_ready) = (there("addresses"), there("notReadyAddresses"));
    // Of those that share an address the latest stands first.
    for pod in added.into_iter().rev() {
        let list = if pod::is_ready(&pod) { &mut ready } else { &mut not_ready };
        let ip = pod.status().get("podIP").str();
        let at = list.partition_point(|other| other.get("ip").str() < ip);
        list.insert(at, address(service, &pod, None));
    }
    let over = ready.len() + not_ready.len() > MAX_ADDRESSES;
    ready.truncate(MAX_ADDRESSES);
    not_ready.truncate(MAX_ADDRESSES - ready.len());
    (Value::from(vec![subset(ports, ready, not_ready)]), over)
}

fn subset(ports: Value, ready: Vec<Value>, not_ready: Vec<Value>) -> Value {
    let mut subset = Value::map();
    for (field, list) in
        [("addresses", Value::from(ready)), ("notReadyAddresses", Value::from(not_ready)), ("ports", ports)]
    {
        if !list.is_empty() {
            subset.set(field, list);
        }
    }
    subset
}

/// All addresses of a subset.
fn addresses(subset: &Value) -> impl Iterator<Item = &Value> {
    subset.get("addresses").items().iter().chain(subset.get("notReadyAddresses").items())
}

/// The addresses by their ports, and whether there were too many of them.
fn subsets(service: &Object, old: &Value, mut pods: Vec<Object>, named: bool) -> (Value, bool) {
    let listed: BTreeMap<&str, &Value> = old
        .items()
        .iter()
        .flat_map(addresses)
        .map(|address| (address.at(&["targetRef", "uid"]).str(), address))
        .collect();
    let mut same: Option<(Value, String)> = None;
    let publish = publishes(service);
    let mut by_ports: BTreeMap<String, (Value, Vec<Value>, Vec<Value>)> = BTreeMap::new();
    pods.retain(|pod| publish || !pod.is_terminating());
    pods.sort_by_cached_key(|pod| SmolStr::from(pod.status().get("podIP").str()));
    let over = pods.len() > MAX_ADDRESSES;
    if over {
        // The ready ones stay.
        pods.sort_by_cached_key(|pod| !pod::is_ready(pod));
        pods.truncate(MAX_ADDRESSES);
    }
    for pod in pods {
        // Numbered ports are the same for every Pod.
        let (ports, key) = match same.take().filter(|_| !named) {
            Some(known) => known,
            None => {
                let ports = ports(service, &pod);
                let key = format!("{ports:?}");
                (ports, key)
            }
        };
        if is_listable(service, &ports) {
            let entry = by_ports.entry(key.clone()).or_default();
            entry.0 = ports.clone();
            let address = address(service, &pod, listed.get(pod.uid()).copied());
            if publish || pod::is_ready(&pod) {
                entry.1.push(address);
            } else {
                entry.2.push(address);
            }
        }
        same = Some((ports, key));
    }
    let subsets = by_ports.into_values().map(|(ports, ready, not_ready)| subset(ports, ready, not_ready));
    (subsets.collect(), over)
}

fn ports(service: &Object, pod: &Object) -> Value {
    let mut ports = Vec::new();
    for port in service.spec().get("ports").items() {
        let Some(number) = backend::target_port(port, pod) else { continue };
        let protocol = if port.get("protocol").is_empty() { "TCP" } else { port.get("protocol").str() };
        let mut listed = value!({"port": number, "protocol": protocol});
        for field in ["name", "appProtocol"] {
            if !port.get(field).is_empty() {
                listed.set(field, port.get(field).clone());
            }
        }
        ports.push(listed);
    }
    Value::from(ports)
}

/// The entry of a Pod: the `old` one where it still says the same.
fn address(service: &Object, pod: &Object, old: Option<&Value>) -> Value {
    if let Some(old) = old
        && old.get("ip") == pod.status().get("podIP")
        && old.get("hostname").as_str() == backend::hostname(service, pod)
    {
        return old.clone();
    }
    let mut address = value!({
        "ip": (pod.status().get("podIP").clone()),
        "targetRef": (backend::target_ref(pod))
    });
    if !pod.spec().get("nodeName").is_empty() {
        address.set("nodeName", pod.spec().get("nodeName").clone());
    }
    if let Some(hostname) = backend::hostname(service, pod) {
        address.set("hostname", hostname);
    }
    address
}
