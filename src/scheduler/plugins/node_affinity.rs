//! NodeAffinity: Pods only onto nodes that they select, best onto those that they prefer.

use std::collections::BTreeSet;

use crate::api::Object;
use crate::base::Value;
use crate::controllers::node::{is_selected, meets};
use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;

use super::normalize;

fn rules(pod: &PodInfo) -> &Value {
    pod.object.spec().at(&["affinity", "nodeAffinity"])
}

/// True where a Pod says anything about its node.
pub fn applies(pod: &PodInfo) -> bool {
    !pod.object.spec().get("nodeSelector").is_empty()
        || !rules(pod).get("requiredDuringSchedulingIgnoredDuringExecution").is_null()
}

/// The nodes that a Pod names itself, as those of a DaemonSet do; none where it leaves that open.
///
/// # Errors
/// Where it names no node at all.
pub fn named_nodes(pod: &PodInfo) -> Result<Option<BTreeSet<String>>, Rejection> {
    let terms =
        rules(pod).at(&["requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]).items();
    let mut all = BTreeSet::new();
    for term in terms {
        let named =
            term.get("matchFields").items().iter().filter(|field| {
                field.get("key").str() == "metadata.name" && field.get("operator").str() == "In"
            });
        let sets = named.map(|field| field.get("values").items().iter().map(|v| v.str().to_string()));
        let sets = sets.map(|names| names.collect::<BTreeSet<String>>());
        let Some(names) = sets.reduce(|a, b| &a & &b) else { return Ok(None) };
        all.extend(names);
    }
    match (terms.is_empty(), all.is_empty()) {
        (true, _) => Ok(None),
        (_, true) => Err(Rejection::lasting(Plugin::NodeAffinity, "pod affinity terms conflict")),
        _ => Ok(Some(all)),
    }
}

/// Lets pass onto a node that the Pod selects.
pub fn filter(pod: &PodInfo, node: &NodeInfo) -> Verdict {
    match &node.node {
        Some(node) if !is_selected(pod.object.spec(), node) => {
            Err(Rejection::lasting(Plugin::NodeAffinity, "node(s) didn't match Pod's node affinity/selector"))
        }
        _ => Ok(()),
    }
}

/// The sum of the weights of the preferences that a node meets.
pub fn score(pod: &PodInfo, nodes: &[&NodeInfo]) -> Vec<i64> {
    let preferred = rules(pod).get("preferredDuringSchedulingIgnoredDuringExecution").items();
    if preferred.is_empty() {
        return vec![0; nodes.len()];
    }
    let weight = |node: &Object| -> i64 {
        let met = preferred.iter().filter(|term| meets(term.get("preference"), node));
        met.map(|term| term.get("weight").int()).sum()
    };
    let mut scores: Vec<i64> = nodes.iter().map(|node| node.node.as_ref().map_or(0, weight)).collect();
    normalize(&mut scores, false);
    scores
}

/// A node that the Pod selects, and did not.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    let selects = |node: &Object| is_selected(pod.object.spec(), node);
    match event {
        Event::NodeAdded(node) => selects(node),
        Event::NodeLabels(old, node) => selects(node) && !selects(old),
        _ => false,
    }
}
