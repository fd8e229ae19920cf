//! Why a Pod has no node (scheduler/framework, `FitError`).

use std::collections::{BTreeMap, BTreeSet};

use super::plugin::{Plugin, Rejection};

/// What was found out in looking for a node.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// How many nodes there are.
    pub nodes: usize,
    /// Why no node was even looked at.
    pub before: Option<Rejection>,
    /// Why each node that was looked at will not do, by its name.
    pub by_node: BTreeMap<String, Rejection>,
    /// Said of each node that was not looked at.
    pub others: Option<String>,
    /// What came of trying to make room.
    pub after: String,
}

impl Diagnosis {
    /// The plugins that let the Pod onto no node.
    pub fn plugins(&self) -> BTreeSet<Plugin> {
        let all = self.before.iter().chain(self.by_node.values()).map(|rejection| rejection.plugin);
        // Nodes are left out where the Pod names its nodes itself.
        all.chain(self.others.iter().map(|_| Plugin::NodeAffinity)).collect()
    }

    /// `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). preemption: …`
    pub fn message(&self) -> String {
        if self.nodes == 0 {
            return "no nodes available to schedule pods".into();
        }
        let mut text = format!("0/{} nodes are available:", self.nodes);
        match &self.before {
            Some(rejection) => text.push_str(&format!(" {}.", rejection.reasons.join(", "))),
            None => {
                let reasons = self.by_node.values().flat_map(|rejection| &rejection.reasons);
                let others = self.others.as_ref().map(|why| (why.as_str(), self.nodes - self.by_node.len()));
                text.push_str(&histogram(reasons.map(AsRef::as_ref), others));
            }
        }
        if !self.after.is_empty() {
            text.push_str(&format!(" {}", self.after));
        }
        text
    }
}

/// The reasons with how often each was given, in the order of these texts: ` 1 Insufficient cpu, 2 Too many pods.`
pub fn histogram<'a>(reasons: impl Iterator<Item = &'a str>, others: Option<(&'a str, usize)>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    if let Some((reason, count)) = others.filter(|(_, count)| *count > 0) {
        *counts.entry(reason).or_default() += count;
    }
    let mut texts: Vec<String> =
        counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    texts.sort_unstable();
    if texts.is_empty() { String::new() } else { format!(" {}.", texts.join(", ")) }
}
