//! One look for a node for one Pod: which can take it, and which of these is best.

use std::collections::BTreeSet;

use crate::apiserver::ApiServer;

use super::cache::{Cache, NodeInfo};
use super::diagnosis::Diagnosis;
use super::plugin::{Rejection, Verdict};
use super::plugins::{
    image_locality, inter_pod_affinity, node_affinity, node_ports, node_resources_balanced_allocation,
    node_resources_fit, node_unschedulable, pod_topology_spread, taint_toleration, volume_binding,
    volume_restrictions, volume_zone,
};
use super::pod_info::PodInfo;
use super::queue::Nominations;

/// Up to this many nodes all are looked at, and of more at least so many.
const ALWAYS_LOOKED_AT: usize = 100;

/// What the plugins found out once for a Pod, before they look at nodes (PreFilter).
pub struct Cycle<'a> {
    api: &'a ApiServer,
    cache: &'a Cache,
    nominations: &'a Nominations,
    pod: &'a PodInfo,
    selects_nodes: bool,
    named_nodes: Option<BTreeSet<String>>,
    restrictions: volume_restrictions::State,
    volumes: volume_binding::State,
    zones: volume_zone::State,
    spread: pod_topology_spread::State,
    affinity: inter_pod_affinity::State,
}

/// What came of looking for nodes.
pub struct Search<'a> {
    /// The nodes that will do.
    pub feasible: Vec<&'a NodeInfo>,
    /// What is wrong with the others that were looked at.
    pub diagnosis: Diagnosis,
    /// How many were looked at.
    pub looked_at: usize,
}

impl<'a> Cycle<'a> {
    /// Asks the plugins what they can tell before they look at any node.
    ///
    /// # Errors
    /// Where no node will do.
    pub fn new(
        api: &'a ApiServer,
        cache: &'a Cache,
        nominations: &'a Nominations,
        pod: &'a PodInfo,
    ) -> Result<Self, Rejection> {
        Ok(Self {
            api,
            cache,
            nominations,
            pod,
            selects_nodes: node_affinity::applies(pod),
            named_nodes: node_affinity::named_nodes(pod)?,
            restrictions: volume_restrictions::State::new(api, cache, pod)?,
            volumes: volume_binding::State::new(api, pod)?,
            zones: volume_zone::State::new(api, pod),
            spread: pod_topology_spread::State::new(cache, pod),
            affinity: inter_pod_affinity::State::new(api, cache, pod),
        })
    }

    /// Asks the plugins about a node as it is.
    pub fn filter(&self, node: &NodeInfo) -> Verdict {
        let pod = self.pod;
        node_unschedulable::filter(pod, node)?;
        taint_toleration::filter(pod, node)?;
        if self.selects_nodes {
            node_affinity::filter(pod, node)?;
        }
        if !pod.ports.is_empty() {
            node_ports::filter(pod, node)?;
        }
        node_resources_fit::filter(pod, node)?;
        if !self.restrictions.is_empty() {
            self.restrictions.filter(node)?;
        }
        if !self.volumes.is_empty() {
            self.volumes.plan(self.api, node)?;
            self.zones.filter(node)?;
        }
        if !self.spread.is_empty() {
            self.spread.filter(pod, node)?;
        }
        if !self.affinity.is_empty(pod) {
            self.affinity.filter(pod, node)?;
        }
        Ok(())
    }

    /// Asks the plugins about a node with other Pods than it has.
    pub fn filter_changed(&self, node: &NodeInfo) -> Verdict {
        let alone =
            self.restrictions.is_empty() && self.spread.is_empty() && self.affinity.is_empty(self.pod);
        if alone {
            return self.filter(node);
        }
        let cache = self.cache.with(node.clone());
        Cycle::new(self.api, &cache, self.nominations, self.pod)?.filter(node)
    }

    /// Asks the plugins about a node: with the Pods of at least the same priority that are to come to it, and without
    /// them, since they may not come.
    pub fn filter_with_nominated(&self, node: &NodeInfo) -> Verdict {
        let to_come: Vec<_> = self
            .nominations
            .on(node.name())
            .filter(|other| other.key != self.pod.key && other.priority() >= self.pod.priority())
            .collect();
        if !to_come.is_empty() {
            let mut with = node.clone();
            to_come.into_iter().for_each(|pod| with.add_pod(pod.clone()));
            self.filter_changed(&with)?;
        }
        self.filter_changed_or_same(node)
    }

    fn filter_changed_or_same(&self, node: &NodeInfo) -> Verdict {
        match self.cache.node(node.name()) {
            Some(known) if std::ptr::eq(&**known, node) => self.filter(node),
            _ => self.filter_changed(node),
        }
    }

    /// Looks at the nodes, from the `start`th on and around, until enough will do.
    pub fn search(&self, start: usize) -> Search<'a> {
        let all: Vec<&NodeInfo> = self.cache.nodes().map(|node| &**node).collect();
        let mut search = Search {
            feasible: Vec::with_capacity(all.len().min(ALWAYS_LOOKED_AT)),
            diagnosis: Diagnosis { nodes: all.len(), ..Diagnosis::default() },
            looked_at: 0,
        };
        if let Some(node) = self.cache.node(self.nominations.node_of(&self.pod.key))
            && self.filter_with_nominated(node).is_ok()
        {
            search.feasible.push(node);
            return search;
        }
        let nodes: Vec<&NodeInfo> = match &self.named_nodes {
            Some(names) => {
                names.iter().filter_map(|name| self.cache.node(name)).map(|node| &**node).collect()
            }
            None => all,
        };
        if self.named_nodes.is_some() {
            search.diagnosis.others = Some("node(s) didn't satisfy plugin(s) [NodeAffinity]".into());
        }
        let enough = enough(nodes.len());
        let (before, after) = nodes.split_at(start % nodes.len().max(1));
        for node in after.iter().chain(before) {
            search.looked_at += 1;
            let verdict = match self.nominations.is_empty() {
                true => self.filter(node),
                false => self.filter_with_nominated(node),
            };
            match verdict {
                Ok(()) => search.feasible.push(node),
                Err(rejection) => drop(search.diagnosis.by_node.insert(node.name().into(), rejection)),
            }
            if search.feasible.len() == enough {
                break;
            }
        }
        search
    }

    /// The scores of nodes, the plugins' together with their weights.
    pub fn score(&self, nodes: &[&NodeInfo]) -> Vec<i64> {
        let (api, cache, pod) = (self.api, self.cache, self.pod);
        let balanced = node_resources_balanced_allocation::applies(pod);
        let mut scores: Vec<i64> = nodes
            .iter()
            .map(|node| {
                let balance = if balanced { node_resources_balanced_allocation::score(pod, node) } else { 0 };
                node_resources_fit::score(pod, node) + balance
            })
            .collect();
        let weighed = [
            (3, taint_toleration::score(pod, nodes)),
            (2, node_affinity::score(pod, nodes)),
            (2, pod_topology_spread::score(api, cache, pod, nodes)),
            (2, inter_pod_affinity::score(api, cache, pod, nodes)),
            (1, image_locality::score(pod, nodes, cache)),
        ];
        for (weight, more) in weighed {
            scores.iter_mut().zip(more).for_each(|(score, more)| *score += weight * more);
        }
        scores
    }
}

/// How many nodes that will do are enough: the share falls with the number (`numFeasibleNodesToFind`).
fn enough(nodes: usize) -> usize {
    if nodes < ALWAYS_LOOKED_AT {
        return nodes;
    }
    let percent = 50usize.saturating_sub(nodes / 125).max(5);
    (nodes * percent / 100).max(ALWAYS_LOOKED_AT)
}
