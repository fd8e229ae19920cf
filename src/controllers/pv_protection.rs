//! Keeps a volume that is bound from going away under its claim.

use std::time::Duration;

use crate::api::{Kind, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind};

use super::{Enqueue, NOW, drop_finalizer};

const FINALIZER: &str = "kubernetes.io/pv-protection";

/// Looks at volumes that are to go.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == Kind::PersistentVolume && object.is_terminating() && change.kind != ChangeKind::Deleted {
        enqueue(object.key(), NOW);
    }
}

/// Lets a volume go that is not bound.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let volume = api.get(key).filter(|volume| volume.is_terminating())?;
    if volume.status().get("phase").str() != "Bound" {
        drop_finalizer(api, key, FINALIZER);
    }
    None
}
