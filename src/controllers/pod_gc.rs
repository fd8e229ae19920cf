//! Deletes Pods that nobody else will: those of nodes that are gone, those that never came to a node, and the oldest
//! of too many that have ended.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Part};
use crate::value;

use super::{Enqueue, NOW, pod};

/// How long a node must be gone before its Pods are.
const QUARANTINE: Duration = Duration::from_secs(40);

/// Looks at the Pods of a node that is gone, and at those deleted before they had one.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Node if change.kind == ChangeKind::Deleted => {
            api.store().pods_on(object.name()).for_each(|pod| enqueue(pod.key(), QUARANTINE));
        }
        Kind::Pod if change.kind != ChangeKind::Deleted => {
            let place = |pod: &Object| pod.spec().get("nodeName").clone();
            let moved = change.differs(&[Part::Spec]) && change.old.as_ref().is_none_or(|old| place(old) != place(object));
            if !moved && !change.differs(&[Part::Terminating]) {
                return;
            }
            let node = object.spec().get("nodeName").str();
            let lost = !node.is_empty() && api.get(&ObjectKey::new(Kind::Node, "", node)).is_none();
            if lost {
                enqueue(object.key(), QUARANTINE);
            } else if node.is_empty() && object.is_terminating() {
                enqueue(object.key(), NOW);
            }
        }
        _ => {}
    }
}

/// Deletes a Pod without a node, at once.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let pod = api.get(key)?.clone();
    let node = pod.spec().get("nodeName").str();
    let unbound = node.is_empty() && pod.is_terminating();
    let lost = !node.is_empty() && api.get(&ObjectKey::new(Kind::Node, "", node)).is_none();
    if !(unbound || lost) {
        return None;
    }
    if !pod::is_terminal(&pod) {
        let condition = value!({
            "lastProbeTime": null,
            "lastTransitionTime": (api.clock.date().rfc3339()),
            "message": "PodGC: node no longer exists",
            "observedGeneration": (pod.generation()),
            "reason": "DeletionByPodGC",
            "status": "True",
            "type": "DisruptionTarget"
        });
        api.modify_status(key, |status| {
            status.set("phase", "Failed");
            if lost {
                set_condition(status, condition);
            }
        });
    }
    finish(api, &pod);
    None
}

fn finish(api: &mut ApiServer, pod: &Object) {
    let how = Deletion { grace_period_seconds: Some(0), ..Deletion::default() };
    // It can only be gone already.
    let _ = api.delete(&pod.key(), how);
}
