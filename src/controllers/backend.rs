//! The Pods behind a Service, as both kinds of endpoint lists see them.

use std::time::Duration;

use smol_str::SmolStr;

use crate::api::{Kind, Mark, Object, ObjectKey, Selector};
use crate::apiserver::{ApiServer, Change, ChangeKind, Part};
use crate::base::Value;
use crate::value;

use super::{Enqueue, NOW, pod};

/// Looks at a Service when it, a Pod behind it or a list of `kind` for it changes.
pub fn observe(
    api: &ApiServer,
    change: &Change,
    enqueue: &mut Enqueue<'_>,
    kind: Kind,
    service_of: fn(&Object) -> &str,
) {
    let object = &change.object;
    match object.kind {
        Kind::Service => enqueue(object.key(), NOW),
        Kind::Pod => {
            let modified = change.old.as_ref().filter(|_| change.kind == ChangeKind::Modified);
            let unchanged = match modified {
                Some(old) => !differs(change, old),
                None => !is_listed(object),
            };
            if unchanged {
                return;
            }
            for service in api.store().list_in(Kind::Service, object.namespace()) {
                let selector = service.spec().get("selector");
                let selects = |pod: &Object| Selector::map_matches(selector, pod.labels());
                if selects(object) || modified.is_some_and(selects) {
                    enqueue(service.key(), pace(api, &service.key(), kind));
                }
            }
        }
        found if found == kind && change.kind != ChangeKind::Added && !service_of(object).is_empty() => {
            enqueue(ObjectKey::new(Kind::Service, object.namespace(), service_of(object)), NOW);
        }
        _ => {}
    }
}

/// A pass over many addresses takes its time, in which more of them change.
fn pace(api: &ApiServer, service: &ObjectKey, kind: Kind) -> Duration {
    let listed = match kind {
        Kind::EndpointSlice => api.pass(service).map_or(0, |pass| pass.counts[0] as usize),
        _ => api
            .get(&service.sibling(kind, &service.name))
            .and_then(|list| list.get("subsets").items().first())
            .map_or(0, |subset| {
                subset.get("addresses").items().len() + subset.get("notReadyAddresses").items().len()
            }),
    };
    Duration::from_micros(500 * listed as u64)
}

/// True for a Pod that has an address and has not ended.
fn is_listed(pod: &Object) -> bool {
    pod.has(Mark::Addressed) && !pod.has(Mark::Ended)
}

/// True where two states of a Pod would be listed differently.
fn differs(change: &Change, old: &Object) -> bool {
    let new = &change.object;
    if !is_listed(old) && !is_listed(new) {
        return false;
    }
    change.differs(&[Part::Labels, Part::Ready, Part::Terminating, Part::Address])
        || pod::is_terminal(old) != pod::is_terminal(new)
        || change.differs(&[Part::Spec]) && old.spec().get("nodeName") != new.spec().get("nodeName")
}

/// The Pods that a Service selects and that have an address, those that have ended left out.
pub fn pods(api: &ApiServer, service: &Object) -> Vec<Object> {
    let selector = service.spec().get("selector");
    api.store()
        .list_in(Kind::Pod, service.namespace())
        .filter(|pod| is_listed(pod) && Selector::map_matches(selector, pod.labels()))
        .cloned()
        .collect()
}

/// The Pods that came to be listed since the last pass over the lists of a Service, which is remembered under `pass`. None
/// where it is not, or something else happened: otherwise all other Pods are listed as they should be.
pub fn added(api: &ApiServer, service: &Object, pass: &ObjectKey, kind: Kind) -> Option<Vec<Object>> {
    let selector = service.spec().get("selector");
    let selects = |pod: &Object| {
        is_listed(pod)
            && Selector::map_matches(selector, pod.labels())
            && pod.namespace() == service.namespace()
    };
    let mut added = Vec::new();
    for change in api.since_pass(pass)?.1 {
        let (object, old) = (&change.object, change.old.as_ref());
        match object.kind {
            Kind::Pod => {
                let gone = change.kind == ChangeKind::Deleted;
                match old.filter(|old| selects(old)) {
                    Some(old) if gone || differs(change, old) => return None,
                    None if !gone && selects(object) => added.push(object.clone()),
                    _ => {}
                }
            }
            Kind::Service if object.uid() == service.uid() => return None,
            found if found == kind => {
                let own = |list: &Object| list.is_controlled_by(service.uid()) || list.key() == *pass;
                if own(object) || old.is_some_and(own) {
                    return None;
                }
            }
            _ => {}
        }
    }
    Some(added)
}

/// The Pod that an entry of a list is about.
pub fn pod_of(api: &ApiServer, entry: &Value) -> Option<Object> {
    let pod = entry.get("targetRef");
    let key = ObjectKey::new(Kind::Pod, pod.get("namespace").str(), pod.get("name").str());
    api.get(&key).filter(|found| found.uid() == pod.get("uid").str()).cloned()
}

/// The port number of a Pod that a port of a Service leads to; none where a Pod has no port of that name.
pub fn target_port(service_port: &Value, pod: &Object) -> Option<i64> {
    let target = service_port.get("targetPort");
    let name = match target {
        Value::Int(0) | Value::Null => return service_port.get("port").as_int(),
        Value::Int(number) => return Some(*number),
        _ => target.str(),
    };
    let protocol = |port: &Value| {
        if port.get("protocol").is_empty() { "TCP" } else { port.get("protocol").str() }.to_string()
    };
    let sidecars = pod.spec().get("initContainers").items().iter();
    let sidecars = sidecars.filter(|container| container.get("restartPolicy").str() == "Always");
    pod.spec()
        .get("containers")
        .items()
        .iter()
        .chain(sidecars)
        .flat_map(|container| container.get("ports").items())
        .find(|port| port.get("name").str() == name && protocol(port) == protocol(service_port))
        .and_then(|port| port.get("containerPort").as_int())
}

/// The reference to the Pod at an address.
pub fn target_ref(pod: &Object) -> Value {
    value!({
        "kind": "Pod",
        "name": (pod.meta("name").clone()),
        "namespace": (pod.meta("namespace").clone()),
        "uid": (pod.meta("uid").clone())
    })
}

/// The host name under which a headless Service publishes a Pod.
pub fn hostname<'a>(service: &Object, pod: &'a Object) -> Option<&'a str> {
    let own = pod.has(Mark::Named) && pod.spec().get("subdomain").str() == service.name();
    own.then(|| pod.spec().get("hostname").str())
}

/// True where it has no cluster IP.
pub fn is_headless(service: &Object) -> bool {
    service.spec().get("clusterIP").str() == "None"
}

/// Puts the labels of a Service, and what marks a headless one, on a list of its addresses.
pub fn set_labels(list: &mut Object, service: &Object, own: &[(&str, &str)]) {
    let mut labels = service.labels().clone();
    if is_headless(service) {
        labels.set("service.kubernetes.io/headless", "");
    } else {
        labels.remove("service.kubernetes.io/headless");
    }
    for (label, value) in own {
        labels.set(label, *value);
    }
    list.set_at(&["metadata", "labels"], labels);
}

/// An address as a number, so that lists read in their order.
pub fn order(address: &str) -> (Option<std::net::Ipv4Addr>, SmolStr) {
    (address.parse().ok(), address.into())
}
