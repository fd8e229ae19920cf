//! Keeps the IPAddresses and the cluster IPs of the Services together, whatever people do to the former (Kubernetes
//! registry/core/service/ipallocator/controller, repairip.go).

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::event::Action;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, allocation};

use super::{Enqueue, NOW};

const NAME: &str = "ipallocator-repair-controller";
/// How long an address may be there before its Service, in seconds.
const GRACE: i64 = 60;

/// Looks at Services that lost their address, and at addresses that no Service has.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let address = &change.object;
    if address.kind != Kind::IPAddress {
        return;
    }
    let held = parent(address).filter(|key| api.get(key).is_some_and(|service| has(service, address.name())));
    match (held, change.kind) {
        (Some(key), ChangeKind::Deleted) => enqueue(key, NOW),
        (None, ChangeKind::Added | ChangeKind::Modified) => enqueue(address.key(), NOW),
        _ => {}
    }
}

/// The Service that an address says it is of.
fn parent(address: &Object) -> Option<ObjectKey> {
    let parent = address.spec().get("parentRef");
    let of_service = parent.get("group").is_empty() && parent.get("resource").str() == "services";
    of_service.then(|| ObjectKey::new(Kind::Service, parent.get("namespace").str(), parent.get("name").str()))
}

fn has(service: &Object, ip: &str) -> bool {
    service.spec().get("clusterIPs").items().iter().any(|own| own.str() == ip)
}

/// Makes the address that a Service lacks, and takes away one that nobody has.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let object = api.get(key)?.clone();
    if key.kind == Kind::Service {
        let ip = object.spec().get("clusterIP").str();
        if api.get(&ObjectKey::new(Kind::IPAddress, "", ip)).is_none() {
            let note = format!("Cluster IP [IPv4]: {ip} is not allocated; repairing");
            warn(api, &object, "ClusterIPNotAllocated", "ClusterIPAllocation", &note);
            allocation::book(api, &object);
        }
        return None;
    }
    if object.labels().get("ipaddress.kubernetes.io/managed-by").str() != "ipallocator.k8s.io" {
        return None;
    }
    let name = object.name();
    let of = object.spec().get("parentRef");
    let [group, resource, namespace, service] =
        ["group", "resource", "namespace", "name"].map(|field| of.get(field).str());
    let (reason, note) = match parent(&object).map(|parent| api.get(&parent)) {
        None => {
            let was = format!(
                "&ParentReference{{Group:{group},Resource:{resource},Namespace:{namespace},Name:{service},}}"
            );
            let why = format!(
                "IPAddress {name} appears to have been modified, not referencing a Service {was}: cleaning up"
            );
            ("IPAddressNotAllocated", why)
        }
        Some(Some(there)) if has(there, name) => return None,
        Some(Some(_)) => {
            let why = format!(
                "IPAddress: {name} for Service {namespace}/{service} has a wrong reference; cleaning up"
            );
            ("IPAddressWrongReference", why)
        }
        Some(None) => {
            let left = object.created_at().unwrap_or_default().0 + GRACE - api.clock.date().0;
            if left >= 0 {
                return Some(Duration::from_secs(left as u64 + 1));
            }
            let why = format!(
                "IPAddress: {name} for Service {namespace}/{service} appears to have leaked: cleaning up"
            );
            ("IPAddressNotAllocated", why)
        }
    };
    warn(api, &object, reason, "IPAddressAllocation", &note);
    // It can only be gone already.
    let _ = api.delete(key, Deletion::default());
    None
}

fn warn(api: &mut ApiServer, about: &Object, reason: &str, action: &'static str, note: &str) {
    let action = Action { name: action, related: None };
    api.record_action(about, action, NAME, "Warning", reason, note);
}
