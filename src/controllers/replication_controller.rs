//! ReplicationControllers: ReplicaSets of old.

use std::time::Duration;

use crate::api::{Kind, ObjectKey};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change};

use super::{Enqueue, replica_set};

/// Looks at a ReplicationController when it or a Pod of it changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    replica_set::observe_kind(Kind::ReplicationController, api, change, enqueue);
}

/// Creates or deletes Pods and writes the status.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    replica_set::sync(api, key, Source::component("replication-controller"))
}
