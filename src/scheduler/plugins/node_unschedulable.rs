//! NodeUnschedulable: no Pods onto cordoned nodes.

use crate::api::Object;
use crate::controllers::node::tolerates;
use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;
use crate::value;

/// Lets pass onto a node that is not cordoned, or whose cordon the Pod tolerates.
pub fn filter(pod: &PodInfo, node: &NodeInfo) -> Verdict {
    match &node.node {
        Some(object) if node.unschedulable && is_closed(pod, object) => {
            Err(Rejection::lasting(Plugin::NodeUnschedulable, "node(s) were unschedulable"))
        }
        _ => Ok(()),
    }
}

fn is_closed(pod: &PodInfo, node: &Object) -> bool {
    if !node.spec().get("unschedulable").bool() {
        return false;
    }
    let taint = value!({"effect": "NoSchedule", "key": "node.kubernetes.io/unschedulable"});
    !pod.object.spec().get("tolerations").items().iter().any(|toleration| tolerates(toleration, &taint))
}

/// A node that takes Pods, and did not.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    match event {
        Event::NodeAdded(node) => !is_closed(pod, node),
        Event::NodeTaints(old, node) => is_closed(pod, old) && !is_closed(pod, node),
        _ => false,
    }
}
