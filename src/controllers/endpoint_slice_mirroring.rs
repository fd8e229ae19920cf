//! EndpointSlices of Endpoints that somebody wrote for a Service without a selector: kube-proxy and DNS read slices alone.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::Value;
use crate::value;

use super::{Enqueue, NOW};

const SERVICE_LABEL: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
/// Annotations that stay with the Endpoints.
const OWN: [&str; 2] = [
    "endpoints.kubernetes.io/last-change-trigger-time",
    "kubectl.kubernetes.io/last-applied-configuration",
];

/// Looks at Endpoints when they, their Service or a slice of them changes.
pub fn observe(_: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Endpoints | Kind::Service => enqueue(object.key().sibling(Kind::Endpoints, object.name()), NOW),
        Kind::EndpointSlice if change.kind != ChangeKind::Added && is_mirror(object) => {
            let service = object.labels().get(SERVICE_LABEL).str();
            enqueue(object.key().sibling(Kind::Endpoints, service), NOW);
        }
        _ => {}
    }
}

fn is_mirror(slice: &Object) -> bool {
    slice.labels().get(MANAGED_BY).str() == CONTROLLER
}

/// Writes a slice for each subset and family of addresses.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let endpoints = api.get(key)?;
    let service = api.get(&key.sibling(Kind::Service, &key.name));
    let mirrors = service.is_some_and(|service| service.spec().get("selector").is_empty())
        && endpoints.labels().get(SKIP).str() != "true"
        && !endpoints.is_terminating();
    let slices = api.store().owned_by(endpoints.uid());
    let mut slices: Vec<Object> =
        slices.filter(|slice| is_mirror(slice) && !slice.is_terminating()).cloned().collect();
    let wanted = if mirrors { wanted(endpoints) } else { Vec::new() };
    for slice in wanted {
        let same = |own: &Object| ["addressType", "ports"].iter().all(|field| own.get(field) == slice.get(field));
        match slices.iter().position(same) {
            Some(at) => {
                let old = slices.remove(at);
                api.modify(&old.key(), |own| own.set("endpoints", slice.get("endpoints").clone()));
            }
            // It is refused where its namespace goes away.
            None => drop(api.create(slice.body, &key.namespace, false)),
        }
    }
    for slice in slices {
        // It can only be gone already.
        let _ = api.delete(&slice.key(), Deletion::default());
    }
    None
}

fn wanted(endpoints: &Object) -> Vec<Object> {
    let mut all = Vec::new();
    for subset in endpoints.get("subsets").items() {
        for (family, colons) in [("IPv4", false), ("IPv6", true)] {
            let of = |field: &str, ready: bool| -> Vec<Value> {
                let addresses = subset.get(field).items().iter();
                let own = addresses.filter(|address| address.get("ip").str().contains(':') == colons);
                own.map(|address| endpoint(address, ready)).collect()
            };
            let listed = [of("addresses", true), of("notReadyAddresses", false)].concat();
            if !listed.is_empty() {
                all.push(slice(endpoints, family, subset.get("ports"), listed));
            }
        }
    }
    all
}

/// `addressToEndpoint`
fn endpoint(address: &Value, ready: bool) -> Value {
    value!({
        "addresses": [(address.get("ip").clone())],
        "conditions": {"ready": ready},
        "hostname": (address.get("hostname").clone()),
        "nodeName": (address.get("nodeName").clone()),
        "targetRef": (address.get("targetRef").clone())
    })
    .without_nulls()
}

/// `newEndpointSlice`
fn slice(endpoints: &Object, family: &str, ports: &Value, listed: Vec<Value>) -> Object {
    let mut slice = Object::new(Kind::EndpointSlice, endpoints.namespace(), "");
    slice.set_at(&["metadata", "generateName"], format!("{}-", endpoints.name()));
    slice.set_at(&["metadata", "ownerReferences"], value!([(endpoints.as_controller())]));
    let mut labels = endpoints.labels().clone();
    labels.set(SERVICE_LABEL, endpoints.name());
    labels.set(MANAGED_BY, CONTROLLER);
    slice.set_at(&["metadata", "labels"], labels);
    let mut annotations = endpoints.at(&["metadata", "annotations"]).clone();
    OWN.iter().for_each(|name| drop(annotations.remove(name)));
    if !annotations.is_empty() {
        slice.set_at(&["metadata", "annotations"], annotations);
    }
    let ports = ports.items().iter().map(|port| {
        let mut own = port.clone();
        own.set("name", port.get("name").str());
        own
    });
    slice.set("addressType", family);
    slice.set("ports", ports.collect::<Value>());
    slice.set("endpoints", listed);
    slice
}
