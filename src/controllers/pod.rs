//! What the controllers ask of a Pod, and how they make one from a template.

use std::cmp::Reverse;
use std::time::Duration;

use crate::api::{Kind, Mark, Object};
use crate::apiserver::{Change, Clock, Part};
use crate::base::{Date, Value};
use crate::value;

/// True where all its containers have ended for good.
pub fn is_terminal(pod: &Object) -> bool {
    pod.has(Mark::Ended)
}

/// True where it counts as a replica: it has not ended and is not going away.
pub fn is_active(pod: &Object) -> bool {
    !is_terminal(pod) && !pod.is_terminating()
}

/// True where its condition `Ready` holds.
pub fn is_ready(pod: &Object) -> bool {
    pod.has(Mark::Ready)
}

fn ready_since(pod: &Object) -> Option<Date> {
    Date::parse_rfc3339(pod.condition("Ready").get("lastTransitionTime").str())
}

/// How long until it has been ready for `min_ready_seconds`: nothing if it has been already; none if it is not ready.
pub fn available_in(pod: &Object, min_ready_seconds: i64, clock: &Clock) -> Option<Duration> {
    if !is_ready(pod) {
        return None;
    }
    if min_ready_seconds <= 0 {
        return Some(Duration::ZERO);
    }
    let since = ready_since(pod)?;
    Some(clock.at(Date(since.0 + min_ready_seconds)).since(clock.now))
}

/// True where the two states of a Pod in a change differ in what decides how many replicas there are.
pub fn counts_differently(change: &Change) -> bool {
    change.differs(&[Part::Phase, Part::Ready, Part::Terminating, Part::Labels, Part::Owners])
}

/// A Pod of `template` that `owner` controls, with a name to be generated.
pub fn from_template(template: &Value, owner: &Object) -> Object {
    let mut pod = Object::new(Kind::Pod, owner.namespace(), "");
    let metadata = template.get("metadata");
    for field in ["labels", "annotations", "finalizers"] {
        if !metadata.get(field).is_empty() {
            pod.set_at(&["metadata", field], metadata.get(field).clone());
        }
    }
    pod.set_at(&["metadata", "generateName"], format!("{}-", owner.name()));
    pod.set_at(&["metadata", "ownerReferences"], value!([(owner.as_controller())]));
    pod.set("spec", template.get("spec").clone());
    pod
}

/// Sorts Pods so that those to be deleted first come first (`controller.ActivePodsWithRanks`). `crowd` says how many
/// related Pods share the node of one.
pub fn sort_for_deletion(pods: &mut [Object], clock: &Clock, crowd: impl Fn(&Object) -> usize) {
    // A Pod's age on a logarithmic scale, so that among Pods of like age chance decides.
    let magnitude = |since: Option<Date>| {
        let age = clock.now.since(clock.at(since.unwrap_or_default()));
        (age.as_nanos() > 0).then(|| age.as_nanos().ilog2())
    };
    pods.sort_by_cached_key(|pod| {
        let phase = match pod.status().get("phase").str() {
            "Running" => 2,
            "Unknown" => 1,
            _ => 0,
        };
        let cost =
            pod.annotation("controller.kubernetes.io/pod-deletion-cost").str().parse::<i64>().unwrap_or(0);
        let restarts =
            pod.status().get("containerStatuses").items().iter().map(|c| c.get("restartCount").int()).max();
        (
            !pod.spec().get("nodeName").is_empty(),
            phase,
            is_ready(pod),
            cost,
            Reverse(crowd(pod)),
            magnitude(ready_since(pod)),
            (Reverse(restarts), magnitude(pod.created_at()), pod.uid().to_string()),
        )
    });
}
