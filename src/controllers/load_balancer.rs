//! Gives Services of type LoadBalancer their place outside, where something beside the cluster leads there: the ports of the
//! learner's machine, as Docker Desktop's vpnkit-controller does it.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::Value;
use crate::value;

use super::{Enqueue, NOW};

/// Looks at Services that have such a place and should have none, or the other way round.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let service = &change.object;
    // Most are of the usual type, and have no place.
    if service.kind == Kind::Service
        && api.settings.load_balancers.is_some()
        && (service.spec().get("type").str() != "ClusterIP" || has_place(service))
    {
        of_service(api, change, enqueue);
    }
}

// No part of the page's first program.
#[inline(never)]
fn of_service(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let service = &change.object;
    if change.kind != ChangeKind::Deleted {
        if is_balanced(service) != has_place(service) {
            enqueue(service.key(), NOW);
        }
        return;
    }
    for other in waiting(api) {
        enqueue(other, NOW);
    }
}

/// The Services that have no place yet: what one had that has gone may be another's.
fn waiting(api: &ApiServer) -> Vec<ObjectKey> {
    let waits = |other: &&Object| is_balanced(other) && !has_place(other);
    api.store().list(Kind::Service).filter(waits).map(Object::key).collect()
}

fn is_balanced(service: &Object) -> bool {
    service.spec().get("type").str() == "LoadBalancer"
}

fn has_place(service: &Object) -> bool {
    !service.status().at(&["loadBalancer", "ingress"]).is_empty()
}

fn ports(service: &Object) -> impl Iterator<Item = (&Value, &str)> {
    let ports = service.spec().get("ports").items().iter();
    ports.map(|port| (port.get("port"), port.get("protocol").as_str().unwrap_or("TCP")))
}

/// Writes the place into the Service's status, or takes it out. A port that another Service has stays that one's.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let (service, host) = (api.get(key)?, api.settings.load_balancers?);
    if is_balanced(service) == has_place(service) {
        return None;
    }
    let balancer = if is_balanced(service) {
        let mut others = api.store().list(Kind::Service).filter(|other| other.uid() != service.uid());
        if others.any(|other| has_place(other) && ports(other).any(|own| ports(service).any(|port| port == own))) {
            return None;
        }
        value!({"ingress": [{"hostname": host}]})
    } else {
        Value::map()
    };
    let leaves = balancer.is_empty();
    api.modify_status(key, |status| status.set("loadBalancer", balancer));
    if leaves {
        for other in waiting(api) {
            reconcile(api, &other);
        }
    }
    None
}
