//! Deletes Pods from nodes with `NoExecute` taints that they do not tolerate, or no longer.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::event::Source;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Part};
use crate::base::{Date, Value};
use crate::value;

use super::{Enqueue, NOW, node, pod};

const SOURCE: Source<'static> = Source::component("taint-eviction-controller");

/// Looks at the Pods of a node whose taints change, and at Pods that come to a tainted node.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if change.kind == ChangeKind::Deleted {
        return;
    }
    match object.kind {
        Kind::Node => {
            let taints = object.spec().get("taints");
            if change.old.as_ref().is_some_and(|old| old.spec().get("taints") != taints) {
                api.store().pods_on(object.name()).for_each(|pod| enqueue(pod.key(), NOW));
            }
        }
        Kind::Pod if change.differs(&[Part::Spec]) => {
            let place = object.spec().get("nodeName");
            let came = change.old.as_ref().is_none_or(|old| {
                old.spec().get("nodeName") != place || old.spec().get("tolerations") != object.spec().get("tolerations")
            });
            if came && !place.is_null() && no_execute(api, place.str()).next().is_some() {
                enqueue(object.key(), NOW);
            }
        }
        _ => {}
    }
}

fn no_execute<'a>(api: &'a ApiServer, node: &str) -> impl Iterator<Item = &'a Value> {
    api.get(&ObjectKey::new(Kind::Node, "", node))
        .into_iter()
        .flat_map(|node| node.spec().get("taints").items())
        .filter(|taint| taint.get("effect").str() == "NoExecute")
}

/// Deletes a Pod whose time on its node is over.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let pod = api.get(key).filter(|pod| !pod.is_terminating() && !pod::is_terminal(pod))?.clone();
    let place = pod.spec().get("nodeName").str();
    let tolerates_for_a_while = |toleration: &Value| !toleration.get("tolerationSeconds").is_null();
    if pod.spec().get("tolerations").items().iter().any(|t| {
        tolerates_for_a_while(t) && no_execute(api, place).any(|taint| node::tolerates(t, taint))
    }) {
        date_taints(api, place);
    }
    let at = evicted_at(api, &pod)?;
    let left = api.clock.at(at).since(api.clock.now);
    if !left.is_zero() {
        return Some(left);
    }
    let what = format!("Marking for deletion Pod {}/{}", pod.namespace(), pod.name());
    api.event(&pod, SOURCE, "TaintManagerEviction", &what);
    let condition = value!({
        "lastProbeTime": null,
        "lastTransitionTime": (api.clock.date().rfc3339()),
        "message": "Taint manager: deleting due to NoExecute taint",
        "observedGeneration": (pod.generation()),
        "reason": "DeletionByTaintManager",
        "status": "True",
        "type": "DisruptionTarget"
    });
    api.modify_status(key, |status| set_condition(status, condition));
    // It can only be gone already.
    let _ = api.delete(key, Deletion::default());
    None
}

/// Dates the taints that somebody put on a node by hand: the time for which they are tolerated begins now.
fn date_taints(api: &mut ApiServer, node: &str) {
    let undated = |taint: &Value| taint.get("effect").str() == "NoExecute" && taint.get("timeAdded").is_null();
    let key = ObjectKey::new(Kind::Node, "", node);
    if !no_execute(api, node).any(undated) {
        return;
    }
    let now = api.clock.date().rfc3339();
    api.modify(&key, |node| {
        for taint in node.entry_at(&["spec", "taints"]).items_mut().iter_mut().filter(|taint| undated(taint)) {
            taint.set("timeAdded", now.as_str());
        }
    });
}

/// When a Pod must leave its node: at once for a taint that it does not tolerate, after the shortest time for which it
/// tolerates one otherwise; none where it may stay.
fn evicted_at(api: &ApiServer, pod: &Object) -> Option<Date> {
    let tolerations = pod.spec().get("tolerations").items();
    let mut soonest: Option<Date> = None;
    for taint in no_execute(api, pod.spec().get("nodeName").str()) {
        let since = Date::parse_rfc3339(taint.get("timeAdded").str()).unwrap_or_default();
        let mut covering = tolerations.iter().filter(|toleration| node::tolerates(toleration, taint)).peekable();
        if covering.peek().is_none() {
            return Some(Date::default());
        }
        let shortest = covering.filter_map(|toleration| toleration.get("tolerationSeconds").as_int()).min();
        if let Some(seconds) = shortest {
            let at = Date(since.0 + seconds.max(0));
            soonest = Some(soonest.map_or(at, |soonest| soonest.min(at)));
        }
    }
    soonest
}
