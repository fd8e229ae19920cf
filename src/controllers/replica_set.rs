//! ReplicaSets: as many Pods of a template as were asked for. ReplicationControllers work the same way.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector, Status};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::{Date, Value};
use crate::value;

use super::{Enqueue, NOW, ownership, pod};

/// How many Pods one pass creates or deletes at most.
const BURST_REPLICAS: usize = 500;

/// Looks at a ReplicaSet when it or a Pod of it changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    observe_kind(Kind::ReplicaSet, api, change, enqueue);
}

/// Creates or deletes Pods and writes the status.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    sync(api, key, Source::component("replicaset-controller"))
}

/// What its objects select.
pub(super) fn selector_of(set: &Object) -> Selector {
    match set.kind {
        Kind::ReplicationController => Selector::from_map(set.spec().get("selector")),
        _ => Selector::from_label_selector(set.spec().get("selector")),
    }
}

pub(super) fn observe_kind(kind: Kind, api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == kind && change.kind != ChangeKind::Deleted {
        let asked = |object: &Object| (object.spec().clone(), object.is_terminating());
        if change.old.as_ref().is_none_or(|old| asked(old) != asked(object)) {
            enqueue(object.key(), NOW);
        }
    }
    if object.kind == Kind::Pod {
        // A pass over many Pods takes its time, in which more of them change.
        let pace = |key: &ObjectKey| {
            let replicas = api.get(key).map_or(0, |set| set.status().get("replicas").int());
            Duration::from_micros(500 * u64::try_from(replicas).unwrap_or(0))
        };
        ownership::concerned_by_pod(api, kind, change, selector_of, |key| {
            let after = pace(&key);
            enqueue(key, after);
        });
    }
}

pub(super) fn sync(api: &mut ApiServer, key: &ObjectKey, source: Source<'_>) -> Option<Duration> {
    let set = api.get(key)?.clone();
    let selector = selector_of(&set);
    let pods = ownership::claim(api, &set, Kind::Pod, &selector, |pod| !pod::is_terminal(pod));
    let (terminating, active): (Vec<Object>, Vec<Object>) = pods.into_iter().partition(Object::is_terminating);
    let failure =
        if set.is_terminating() { None } else { manage_replicas(api, &set, &active, &source).err() };
    let mut again = None;
    let status = status_of(api, &set, &active, terminating.len(), failure, &mut again);
    api.modify_status(key, |old| *old = status);
    again
}

/// The status, as the Pods were before this pass created or deleted any (`calculateStatus`).
fn status_of(
    api: &ApiServer,
    set: &Object,
    active: &[Object],
    terminating: usize,
    failure: Option<Failure>,
    again: &mut Option<Duration>,
) -> Value {
    let clock = &api.clock;
    let template_labels = Selector::from_map(set.spec().at(&["template", "metadata", "labels"]));
    let min_ready_seconds = set.spec().get("minReadySeconds").int();
    let (mut labeled, mut ready, mut available) = (0, 0, 0);
    for pod in active {
        labeled += i64::from(template_labels.matches(pod.labels()));
        match pod::available_in(pod, min_ready_seconds, clock) {
            None => {}
            Some(Duration::ZERO) => {
                ready += 1;
                available += 1;
            }
            Some(left) => {
                ready += 1;
                *again = Some(again.map_or(left, |soonest| soonest.min(left)));
            }
        }
    }
    let mut status = value!({"replicas": (active.len())});
    for (field, count) in
        [("fullyLabeledReplicas", labeled), ("readyReplicas", ready), ("availableReplicas", available)]
    {
        if count > 0 {
            status.set(field, count);
        }
    }
    if set.kind == Kind::ReplicaSet {
        status.set("terminatingReplicas", terminating);
    }
    if set.generation() > 0 {
        status.set("observedGeneration", set.generation());
    }
    let conditions = set.status().get("conditions");
    if let Some(failure) = failure {
        if !conditions.is_empty() {
            status.set("conditions", conditions.clone());
        }
        if !set.has_condition("ReplicaFailure") {
            let now = clock.date().rfc3339();
            set_condition(
                &mut status,
                value!({
                    "lastTransitionTime": now,
                    "message": (failure.refusal.message),
                    "reason": (failure.reason),
                    "status": "True",
                    "type": "ReplicaFailure"
                }),
            );
        }
        // Tried again ever more seldom: the pause doubles, so it is as long as all tries before it took.
        let since = Date::parse_rfc3339(set.condition("ReplicaFailure").get("lastTransitionTime").str());
        let so_far = since.map_or(NOW, |since| clock.now.since(clock.at(since)));
        *again = Some(so_far.clamp(Duration::from_millis(500), Duration::from_secs(1000)));
    } else {
        let left: Vec<Value> = conditions
            .items()
            .iter()
            .filter(|condition| condition.get("type").str() != "ReplicaFailure")
            .cloned()
            .collect();
        if !left.is_empty() {
            status.set("conditions", left);
        }
    }
    status
}

/// Why there are not as many Pods as there should be.
struct Failure {
    reason: &'static str,
    refusal: Status,
}

/// Creates the Pods that lack and deletes those that are too many.
fn manage_replicas(
    api: &mut ApiServer,
    set: &Object,
    active: &[Object],
    source: &Source<'_>,
) -> Result<(), Failure> {
    let wanted = usize::try_from(set.spec().get("replicas").as_int().unwrap_or(1)).unwrap_or(0);
    if wanted > active.len() {
        let lacking = (wanted - active.len()).min(BURST_REPLICAS);
        create_pods(api, set, lacking, source)
            .map_err(|refusal| Failure { reason: "FailedCreate", refusal })?;
    } else if wanted < active.len() {
        let surplus = (active.len() - wanted).min(BURST_REPLICAS);
        for pod in pods_to_delete(api, set, active, surplus) {
            delete_pod(api, set, &pod, source)
                .map_err(|refusal| Failure { reason: "FailedDelete", refusal })?;
        }
    }
    Ok(())
}

/// Creates `count` Pods in batches of 1, 2, 4 …: one that is refused in full ends it, so that a quota is not run into
/// hundreds of times (`slowStartBatch`).
fn create_pods(
    api: &mut ApiServer,
    set: &Object,
    count: usize,
    source: &Source<'_>,
) -> Result<(), Status> {
    let template = pod::from_template(set.spec().get("template"), set);
    let (mut left, mut batch) = (count, 1);
    while left > 0 {
        let mut refused = None;
        for _ in 0..batch.min(left) {
            if let Err(refusal) = create_pod(api, set, template.body.clone(), source) {
                refused.get_or_insert(refusal);
            }
        }
        if let Some(refusal) = refused {
            return Err(refusal);
        }
        left -= batch.min(left);
        batch *= 2;
    }
    Ok(())
}

/// Creates a Pod for `owner` and tells about it.
pub(super) fn create_pod(
    api: &mut ApiServer,
    owner: &Object,
    body: Value,
    source: &Source<'_>,
) -> Result<Object, Status> {
    let created = api.create(body, owner.namespace(), false);
    match &created {
        Ok(pod) => {
            api.event(owner, *source, "SuccessfulCreate", &format!("Created pod: {}", pod.name()));
        }
        Err(refusal) => {
            api.warning(owner, *source, "FailedCreate", &format!("Error creating: {}", refusal.message));
        }
    }
    created
}

/// Deletes a Pod of `owner` and tells about it.
pub(super) fn delete_pod(
    api: &mut ApiServer,
    owner: &Object,
    pod: &Object,
    source: &Source<'_>,
) -> Result<(), Status> {
    match api.delete(&pod.key(), Deletion::default()) {
        Ok(_) => {
            api.event(owner, *source, "SuccessfulDelete", &format!("Deleted pod: {}", pod.name()));
            Ok(())
        }
        Err(refusal) if refusal.code == 404 => Ok(()),
        Err(refusal) => {
            api.warning(owner, *source, "FailedDelete", &format!("Error deleting: {}", refusal.message));
            Err(refusal)
        }
    }
}

/// The Pods to delete first. Those of the same Deployment count as neighbours on a node.
fn pods_to_delete(api: &ApiServer, set: &Object, active: &[Object], count: usize) -> Vec<Object> {
    let mut pods = active.to_vec();
    if count < pods.len() {
        let mut crowd: BTreeMap<String, usize> = BTreeMap::new();
        let mut count_on = |pod: &Object| {
            *crowd.entry(pod.spec().get("nodeName").str().to_string()).or_default() += 1;
        };
        match set.controller() {
            Some(owner) => {
                for related in api.store().owned_by(owner.get("uid").str()).filter(|o| o.kind == set.kind) {
                    api.store().owned_by(related.uid()).filter(|o| pod::is_active(o)).for_each(&mut count_on);
                }
            }
            None => active.iter().for_each(&mut count_on),
        }
        let on = |pod: &Object| crowd.get(pod.spec().get("nodeName").str()).copied().unwrap_or(0);
        pod::sort_for_deletion(&mut pods, &api.clock, on);
        pods.truncate(count);
    }
    pods
}
