//! Deletes Jobs some time after they are done, where they say so.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Propagation};
use crate::base::Date;

use super::{Enqueue, NOW, job};

/// Looks at Jobs that are done.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == Kind::Job
        && change.kind != ChangeKind::Deleted
        && !object.spec().get("ttlSecondsAfterFinished").is_null()
        && job::is_finished(object)
    {
        enqueue(object.key(), NOW);
    }
}

/// Deletes a Job whose time is over, after its Pods.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let job = api.get(key).filter(|job| !job.is_terminating())?;
    let ttl = job.spec().get("ttlSecondsAfterFinished").as_int()?;
    let left = api.clock.at(Date(finished_at(job)?.0 + ttl)).since(api.clock.now);
    if !left.is_zero() {
        return Some(left);
    }
    let how = Deletion { grace_period_seconds: None, propagation: Propagation::Foreground };
    // It can only be gone already.
    let _ = api.delete(key, how);
    None
}

fn finished_at(job: &Object) -> Option<Date> {
    let done = if job.has_condition("Complete") { "Complete" } else { "Failed" };
    Date::parse_rfc3339(job.condition(done).get("lastTransitionTime").str())
}
