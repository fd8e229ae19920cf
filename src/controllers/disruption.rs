//! PodDisruptionBudgets: how many of their Pods may be evicted now.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::{Date, Value};
use crate::value;

use super::{Enqueue, NOW, int_or_string, pod};

/// How long a Pod whose eviction was granted may take to be deleted.
const DELETION_TIMEOUT: Duration = Duration::from_secs(120);
const SOURCE: Source<'static> = Source::component("controllermanager");

/// Looks at a budget when it, a Pod that it covers or what controls such a Pod changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::PodDisruptionBudget if change.kind != ChangeKind::Deleted => {
            enqueue(object.key(), NOW);
        }
        _ if api.store().count(Kind::PodDisruptionBudget) == 0 => {}
        _ => observe_others(api, change, enqueue),
    }
}

// A new cluster has no budgets: no part of the page's first program.
#[inline(never)]
fn observe_others(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Pod if pod::counts_differently(change) => {
            for budget in api.store().list_in(Kind::PodDisruptionBudget, object.namespace()) {
                let selector = selector_of(budget);
                if [Some(object), change.old.as_ref()].into_iter().flatten().any(|pod| selector.matches(pod.labels())) {
                    enqueue(budget.key(), NOW);
                }
            }
        }
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController
            if change.old.as_ref().is_none_or(|old| old.spec().get("replicas") != object.spec().get("replicas")) =>
        {
            let budgets = api.store().list_in(Kind::PodDisruptionBudget, object.namespace());
            budgets.for_each(|budget| enqueue(budget.key(), NOW));
        }
        _ => {}
    }
}

/// What a budget selects; nothing without a selector.
fn selector_of(budget: &Object) -> Selector {
    Selector::from_label_selector(budget.spec().get("selector"))
}

/// Counts its Pods.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let budget = api.get(key)?.clone();
    let selector = selector_of(&budget);
    let no_selector = budget.spec().get("selector").is_null();
    let pods: Vec<Object> = api
        .store()
        .list_in(Kind::Pod, budget.namespace())
        .filter(|pod| !no_selector && selector.matches(pod.labels()))
        .cloned()
        .collect();
    if pods.is_empty() {
        api.event(&budget, SOURCE, "NoPods", "No matching pods found");
    }
    let (expected, desired) = wanted(api, &budget, &pods);
    let (evicted, again) = still_evicted(api, &budget, &pods);
    let is_healthy = |pod: &&Object| {
        pod::is_ready(pod) && !pod.is_terminating() && evicted.get(pod.name()).is_null()
    };
    let healthy = pods.iter().filter(is_healthy).count() as i64;
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let (status, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let condition = value!({
        "lastTransitionTime": (api.clock.date().rfc3339()),
        "message": "",
        "observedGeneration": (budget.generation()),
        "reason": reason,
        "status": status,
        "type": "DisruptionAllowed"
    });
    api.modify_status(key, |written| {
        written.set("currentHealthy", healthy);
        written.set("desiredHealthy", desired);
        written.set("disruptionsAllowed", allowed);
        written.set("expectedPods", expected);
        written.set("observedGeneration", budget.generation());
        if evicted.is_empty() {
            written.remove("disruptedPods");
        } else {
            written.set("disruptedPods", evicted);
        }
        set_condition(written, condition);
    });
    again
}

/// The Pods whose eviction was granted and has not begun yet, and when the first of them is given up.
fn still_evicted(api: &ApiServer, budget: &Object, pods: &[Object]) -> (Value, Option<Duration>) {
    let (mut evicted, mut again) = (Value::map(), None);
    for (name, at) in budget.status().get("disruptedPods").entries() {
        let begun = pods.iter().find(|pod| pod.name() == name).is_none_or(Object::is_terminating);
        let granted = Date::parse_rfc3339(at.str()).unwrap_or_default();
        let left = (api.clock.at(granted) + DELETION_TIMEOUT).since(api.clock.now);
        if !begun && !left.is_zero() {
            evicted.set(name, at.clone());
            again = Some(again.map_or(left, |soonest: Duration| soonest.min(left)));
        }
    }
    (evicted, again)
}

/// How many Pods there should be and how many must stay healthy (`getExpectedPodCount`).
fn wanted(api: &ApiServer, budget: &Object, pods: &[Object]) -> (i64, i64) {
    let (least, most_gone) = (budget.spec().get("minAvailable"), budget.spec().get("maxUnavailable"));
    if !most_gone.is_null() {
        let all = scale_of(api, pods);
        return (all, (all - int_or_string::scaled(most_gone, all, true)).max(0));
    }
    if least.as_int().is_some() || least.is_null() {
        return (pods.len() as i64, least.int());
    }
    let all = scale_of(api, pods);
    (all, int_or_string::scaled(least, all, true))
}

/// The replicas that the controllers of these Pods were asked for.
fn scale_of(api: &ApiServer, pods: &[Object]) -> i64 {
    let mut scales: BTreeMap<ObjectKey, i64> = BTreeMap::new();
    for pod in pods {
        let Some(mut owner) = pod.controller_key() else { continue };
        if owner.kind == Kind::ReplicaSet
            && let Some(deployment) = api.get(&owner).and_then(Object::controller_key)
        {
            owner = deployment;
        }
        let replicas = |owner: &Object| owner.spec().get("replicas").as_int();
        if let Some(count) = api.get(&owner).and_then(replicas) {
            scales.insert(owner, count);
        }
    }
    scales.into_values().sum()
}
