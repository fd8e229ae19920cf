//! Watches over the nodes: one that is silent is not ready, and is tainted.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::{Date, SimTime, Value};
use crate::value;

use super::{Enqueue, NOW};

const SOURCE: Source<'static> = Source::component("node-controller");
/// How long a node may be silent (`--node-monitor-grace-period`).
const GRACE: Duration = Duration::from_secs(50);
/// How often the nodes are looked at (`--node-monitor-period`).
const PERIOD: Duration = Duration::from_secs(5);
/// The conditions that a kubelet reports.
const REPORTED: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];
const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// Looks at a node when it changes, and at the others where it decides whether all are silent.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind != Kind::Node {
        return;
    }
    enqueue(object.key(), NOW);
    let ready = |node: &Object| node.has_condition("Ready");
    if change.old.as_ref().is_none_or(|old| ready(old) != ready(object)) || change.kind == ChangeKind::Deleted {
        api.store().list(Kind::Node).for_each(|node| enqueue(node.key(), NOW));
    }
}

/// Marks a silent node, and keeps the taints as its conditions say.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let deadline = last_sign(api, key)? + GRACE;
    let mut again = deadline.since(api.clock.now);
    if again.is_zero() {
        again = PERIOD;
        let node = api.get(key)?.clone();
        if node.condition("Ready").get("status").str() != "Unknown" {
            mark_unknown(api, key);
            let what = format!("Node {} status is now: NodeNotReady", key.name);
            api.event(&node, SOURCE, "NodeNotReady", &what);
            mark_pods(api, key);
        }
    }
    keep_taints(api, key);
    Some(again)
}

/// The last sign of life: the Lease, or the kubelet's own report.
fn last_sign(api: &ApiServer, key: &ObjectKey) -> Option<SimTime> {
    let node = api.get(key)?;
    let lease = api.get(&ObjectKey::new(Kind::Lease, "kube-node-lease", &key.name));
    let renewed = lease.and_then(|lease| Date::parse_rfc3339(lease.spec().get("renewTime").str()));
    let reported = Date::parse_rfc3339(node.condition("Ready").get("lastHeartbeatTime").str());
    let last = [renewed, reported, node.created_at()].into_iter().flatten().max()?;
    Some(api.clock.at(last))
}

fn mark_unknown(api: &mut ApiServer, key: &ObjectKey) {
    let now = api.clock.date().rfc3339();
    let Some(created) = api.get(key).map(|node| node.meta("creationTimestamp").clone()) else { return };
    api.modify_status(key, |status| {
        for kind in REPORTED {
            let list = status.entry("conditions").items_mut();
            match list.iter_mut().find(|condition| condition.get("type").str() == kind) {
                None => list.push(value!({
                    "lastHeartbeatTime": (created.clone()),
                    "lastTransitionTime": (now.as_str()),
                    "message": "Kubelet never posted node status.",
                    "reason": "NodeStatusNeverUpdated",
                    "status": "Unknown",
                    "type": kind
                })),
                Some(condition) if condition.get("status").str() != "Unknown" => {
                    condition.set("status", "Unknown");
                    condition.set("reason", "NodeStatusUnknown");
                    condition.set("message", "Kubelet stopped posting node status.");
                    condition.set("lastTransitionTime", now.as_str());
                }
                Some(_) => {}
            }
        }
    });
}

/// Says of every ready Pod on the node that it is not.
fn mark_pods(api: &mut ApiServer, key: &ObjectKey) {
    let pods: Vec<Object> =
        api.store().pods_on(&key.name).filter(|pod| pod.has_condition("Ready")).cloned().collect();
    let now = api.clock.date().rfc3339();
    for pod in pods {
        api.modify_status(&pod.key(), |status| {
            for condition in status.entry("conditions").items_mut() {
                if condition.get("type").str() == "Ready" {
                    condition.set("status", "False");
                    condition.set("lastTransitionTime", now.as_str());
                }
            }
        });
        api.warning(&pod, SOURCE, "NodeNotReady", "Node is not ready");
    }
}

/// Puts and takes the taints that follow from the conditions: `NoSchedule` in one write, `NoExecute` in another.
fn keep_taints(api: &mut ApiServer, key: &ObjectKey) {
    let Some(node) = api.get(key) else { return };
    let ready = node.condition("Ready").get("status").str().to_string();
    let cause = match ready.as_str() {
        "True" => None,
        "Unknown" => Some(UNREACHABLE),
        "" => return,
        _ => Some(NOT_READY),
    };
    let cordoned = node.spec().get("unschedulable").bool();
    let mut no_schedule: Vec<&str> = cause.into_iter().collect();
    for (kind, taint) in [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ] {
        if node.has_condition(kind) {
            no_schedule.push(taint);
        }
    }
    if cordoned {
        no_schedule.push("node.kubernetes.io/unschedulable");
    }
    set_taints(api, key, "NoSchedule", &no_schedule);
    // Where every node is silent it is the control plane that is cut off, and no Pod has to leave.
    let cut_off = !api.store().list(Kind::Node).any(|node| node.has_condition("Ready"));
    set_taints(api, key, "NoExecute", &Vec::from_iter(cause.filter(|_| !cut_off)));
}

/// Makes the taints of this loop with `effect` exactly those.
fn set_taints(api: &mut ApiServer, key: &ObjectKey, effect: &str, wanted: &[&str]) {
    let now = api.clock.date().rfc3339();
    api.modify(key, |node| {
        let own = |taint: &Value| {
            taint.get("effect").str() == effect
                && matches!(
                    taint.get("key").str().strip_prefix("node.kubernetes.io/"),
                    Some(
                        "not-ready"
                            | "unreachable"
                            | "memory-pressure"
                            | "disk-pressure"
                            | "pid-pressure"
                            | "network-unavailable"
                            | "unschedulable"
                    )
                )
        };
        let kept = |taint: &&Value| !own(taint) || wanted.contains(&taint.get("key").str());
        let mut taints: Vec<Value> = node.spec().get("taints").items().iter().filter(kept).cloned().collect();
        for key in wanted {
            let there = |taint: &Value| taint.get("key").str() == *key && taint.get("effect").str() == effect;
            if !taints.iter().any(there) {
                taints.push(value!({"effect": effect, "key": (*key), "timeAdded": (now.as_str())}));
            }
        }
        if taints.is_empty() {
            if !node.spec().get("taints").is_null() {
                node.entry("spec").remove("taints");
            }
        } else {
            node.set_at(&["spec", "taints"], taints);
        }
    });
}
