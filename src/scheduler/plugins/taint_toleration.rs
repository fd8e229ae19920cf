//! TaintToleration: no Pods onto nodes with taints that they do not tolerate.

use crate::api::Object;
use crate::base::Value;
use crate::controllers::node::{tolerates, untolerated};
use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;

use super::normalize;

const EFFECTS: [&str; 2] = ["NoSchedule", "NoExecute"];

/// Lets pass onto a node all of whose taints the Pod tolerates.
pub fn filter(pod: &PodInfo, node: &NodeInfo) -> Verdict {
    match &node.node {
        Some(object) if !node.taints().is_empty() && is_tainted(pod, object) => {
            Err(Rejection::lasting(Plugin::TaintToleration, "node(s) had untolerated taint(s)"))
        }
        _ => Ok(()),
    }
}

fn is_tainted(pod: &PodInfo, node: &Object) -> bool {
    untolerated(pod.object.spec(), node, &EFFECTS).is_some()
}

/// The fewer taints of the kind that only asks not to come, the better.
pub fn score(pod: &PodInfo, nodes: &[&NodeInfo]) -> Vec<i64> {
    let tolerations: Vec<&Value> = pod
        .object
        .spec()
        .get("tolerations")
        .items()
        .iter()
        .filter(|toleration| matches!(toleration.get("effect").str(), "" | "PreferNoSchedule"))
        .collect();
    let unwelcome = |taint: &&Value| {
        taint.get("effect").str() == "PreferNoSchedule"
            && !tolerations.iter().any(|toleration| tolerates(toleration, taint))
    };
    let mut scores: Vec<i64> =
        nodes.iter().map(|node| node.taints().iter().filter(unwelcome).count() as i64).collect();
    normalize(&mut scores, true);
    scores
}

/// A node whose taints the Pod tolerates, and did not.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    match event {
        Event::NodeAdded(node) => !is_tainted(pod, node),
        Event::NodeTaints(old, node) => is_tainted(pod, old) && !is_tainted(pod, node),
        _ => false,
    }
}
