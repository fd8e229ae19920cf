//! ReplicaSets: as many Pods of a template as were asked for. ReplicationControllers work the same way.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector, Status};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Part, Pass};
use crate::base::{Date, Value};
use crate::resources;
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
    let wanted = usize::try_from(set.spec().get("replicas").as_int().unwrap_or(1)).unwrap_or(0);
    let mut again = None;
    let known = recount(api, &set, &selector).filter(|replicas| replicas.active <= wanted as i64);
    let (replicas, active) = known.map_or_else(
        || {
            let pods = ownership::claim(api, &set, Kind::Pod, &selector, |pod| !pod::is_terminal(pod));
            (count(api, &set, &pods, &mut again), pods.into_iter().filter(|pod| !pod.is_terminating()).collect())
        },
        |replicas| (replicas, Vec::new()),
    );
    let Replicas { active: found, terminating, labeled, ready, .. } = replicas;
    api.passed(key, Pass { revision: api.store().revision(), counts: [found, terminating, labeled, ready] });
    let failure = if set.is_terminating() {
        None
    } else {
        manage_replicas(api, &set, found as usize, wanted, &active, &source).err()
    };
    let status = status_of(api, &set, &replicas, failure, &mut again);
    api.modify_status(key, |old| *old = status);
    again
}

/// How many Pods of a set there are, those that have ended left out.
#[derive(Clone, Copy, Default)]
struct Replicas {
    active: i64,
    terminating: i64,
    /// Those with all labels of the template.
    labeled: i64,
    ready: i64,
    available: i64,
}

/// Counts these Pods, and says when one of them will have been ready for long enough.
fn count(api: &ApiServer, set: &Object, pods: &[Object], again: &mut Option<Duration>) -> Replicas {
    let template_labels = Selector::from_map(set.spec().at(&["template", "metadata", "labels"]));
    let min_ready_seconds = set.spec().get("minReadySeconds").int();
    let mut replicas = Replicas::default();
    for pod in pods {
        replicas.add(pod, &template_labels, 1);
        match pod::available_in(pod, min_ready_seconds, &api.clock) {
            Some(Duration::ZERO) if !pod.is_terminating() => replicas.available += 1,
            Some(left) if !pod.is_terminating() => {
                *again = Some(again.map_or(left, |soonest| soonest.min(left)));
            }
            _ => {}
        }
    }
    replicas
}

/// The same from what the last pass counted and what changed since, without a look at each Pod. None where that is not
/// known, or where there is a Pod to adopt or to release.
fn recount(api: &ApiServer, set: &Object, selector: &Selector) -> Option<Replicas> {
    let (pass, mut changes) = api.since_pass(&set.key())?;
    let [active, terminating, labeled, ready] = pass.counts;
    let mut replicas = Replicas { active, terminating, labeled, ready, available: 0 };
    let template_labels = Selector::from_map(set.spec().at(&["template", "metadata", "labels"]));
    let simple = changes.all(|change| match change.object.kind {
        Kind::Pod if pod::counts_differently(change) => {
            let gone = change.old.iter().map(|old| (old, -1));
            let come = (change.kind != ChangeKind::Deleted).then_some((&change.object, 1));
            let mut own = gone.chain(come).filter(|(pod, _)| {
                !pod::is_terminal(pod) && pod.is_controlled_by(set.uid())
            });
            own.all(|(pod, by)| {
                replicas.add(pod, &template_labels, by);
                selector.matches(pod.labels())
            })
        }
        kind => kind != set.kind || change.object.uid() != set.uid() || !change.differs(&[Part::Spec]),
    });
    let may_adopt = |pod: &Object| {
        !pod.is_terminating() && !pod::is_terminal(pod) && selector.matches(pod.labels())
    };
    let known = simple
        && set.spec().get("minReadySeconds").int() <= 0
        && !api.store().orphans(Kind::Pod, set.namespace()).any(may_adopt);
    known.then_some(Replicas { available: replicas.ready, ..replicas })
}

impl Replicas {
    fn add(&mut self, pod: &Object, template_labels: &Selector, by: i64) {
        if pod.is_terminating() {
            self.terminating += by;
            return;
        }
        self.active += by;
        self.labeled += if template_labels.matches(pod.labels()) { by } else { 0 };
        self.ready += if pod::is_ready(pod) { by } else { 0 };
    }
}

/// The status, as the Pods were before this pass created or deleted any (`calculateStatus`).
fn status_of(
    api: &ApiServer,
    set: &Object,
    replicas: &Replicas,
    failure: Option<Failure>,
    again: &mut Option<Duration>,
) -> Value {
    let clock = &api.clock;
    let mut status = value!({"replicas": (replicas.active)});
    for (field, count) in [
        ("fullyLabeledReplicas", replicas.labeled),
        ("readyReplicas", replicas.ready),
        ("availableReplicas", replicas.available),
    ] {
        if count > 0 {
            status.set(field, count);
        }
    }
    if set.kind == Kind::ReplicaSet {
        status.set("terminatingReplicas", replicas.terminating);
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

/// Creates the Pods that lack, or deletes as many of the `active` ones as are too many.
fn manage_replicas(
    api: &mut ApiServer,
    set: &Object,
    found: usize,
    wanted: usize,
    active: &[Object],
    source: &Source<'_>,
) -> Result<(), Failure> {
    if wanted > found {
        create_pods(api, set, (wanted - found).min(BURST_REPLICAS), source)
            .map_err(|refusal| Failure { reason: "FailedCreate", refusal })?;
    } else if wanted < found {
        for pod in pods_to_delete(api, set, active, (found - wanted).min(BURST_REPLICAS)) {
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
    // What all of them have is put in once.
    let mut template = pod::from_template(set.spec().get("template"), set);
    resources::set_defaults(Kind::Pod, &mut template);
    // The places of what each gets besides, so that it is put in without a copy of the others.
    for field in ["creationTimestamp", "generation", "name", "resourceVersion", "uid"] {
        template.set_at(&["metadata", field], Value::Null);
    }
    let (mut left, mut batch, mut valid) = (count, 1, false);
    while left > 0 {
        let mut refused = None;
        for _ in 0..batch.min(left) {
            let created = api.create_of_template(template.clone(), set.namespace(), valid);
            valid |= created.is_ok();
            if let Err(refusal) = tell_of_created(api, set, created, source) {
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
    tell_of_created(api, owner, created, source)
}

fn tell_of_created(
    api: &mut ApiServer,
    owner: &Object,
    created: Result<Object, Status>,
    source: &Source<'_>,
) -> Result<Object, Status> {
    match &created {
        Ok(pod) => {
            api.event(owner, *source, "SuccessfulCreate", &["Created pod: ", pod.name()].concat());
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
