//! Keeps a claim that Pods use from going away under them.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind};

use super::volume_binder::claims_of;
use super::{Enqueue, NOW, drop_finalizer};

const FINALIZER: &str = "kubernetes.io/pvc-protection";

/// Looks at claims that are to go, and at those of Pods that are gone.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::PersistentVolumeClaim if object.is_terminating() && change.kind != ChangeKind::Deleted => {
            enqueue(object.key(), NOW);
        }
        Kind::Pod if change.kind == ChangeKind::Deleted => {
            for name in claims_of(object) {
                let key = object.key().sibling(Kind::PersistentVolumeClaim, &name);
                if api.get(&key).is_some_and(Object::is_terminating) {
                    enqueue(key, NOW);
                }
            }
        }
        _ => {}
    }
}

/// Lets a claim go that no Pod on a node uses.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let claim = api.get(key).filter(|claim| claim.is_terminating())?;
    let used = api.store().list_in(Kind::Pod, claim.namespace()).any(|pod| {
        !pod.spec().get("nodeName").is_empty() && claims_of(pod).any(|name| name == claim.name())
    });
    if !used {
        drop_finalizer(api, key, FINALIZER);
    }
    None
}
