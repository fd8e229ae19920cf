//! PodTopologySpread: Pods of one kind evenly over zones and nodes, as they ask for; those of a Service, a ReplicaSet
//! or a StatefulSet also where they do not ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::api::{Kind, Object, Selector};
use crate::apiserver::ApiServer;
use crate::base::{Digest, Value};
use crate::controllers::node::{is_selected, untolerated};
use crate::scheduler::cache::{Cache, HOSTNAME, NodeInfo, ZONE};
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::{PodInfo, add_label_keys};

use super::MAX_SCORE;

/// One constraint of a Pod.
#[derive(Clone, Debug)]
struct Constraint {
    topology_key: SmolStr,
    max_skew: i64,
    min_domains: usize,
    selector: Option<Arc<Selector>>,
    /// Nodes that the Pod does not select do not count.
    honors_affinity: bool,
    /// Nodes that the Pod does not tolerate do not count.
    honors_taints: bool,
}

impl Constraint {
    fn new(pod: &Object, constraint: &Value) -> Self {
        let selector = constraint.get("labelSelector");
        let mut selector = (!selector.is_null()).then(|| Selector::from_label_selector(selector));
        if let Some(selector) = &mut selector {
            add_label_keys(selector, pod, constraint.get("matchLabelKeys"), true);
        }
        Self {
            topology_key: constraint.get("topologyKey").str().into(),
            max_skew: constraint.get("maxSkew").int(),
            min_domains: constraint.get("minDomains").as_int().unwrap_or(1).max(1) as usize,
            selector: selector.map(Arc::new),
            honors_affinity: constraint.get("nodeAffinityPolicy").str() != "Ignore",
            honors_taints: constraint.get("nodeTaintsPolicy").str() == "Honor",
        }
    }

    /// A constraint that every Pod of `selector` has (`systemDefaultConstraints`).
    fn default(topology_key: &'static str, max_skew: i64, selector: &Arc<Selector>) -> Self {
        Self {
            topology_key: SmolStr::new_static(topology_key),
            max_skew,
            min_domains: 1,
            selector: Some(selector.clone()),
            honors_affinity: true,
            honors_taints: false,
        }
    }

    fn selects(&self, labels: &Value) -> bool {
        self.selector.as_ref().is_some_and(|selector| selector.matches(labels))
    }

    /// The shapes of the Pods that it counts. A selector of everything counts nothing.
    fn shapes(&self, cache: &Cache, namespace: &str) -> Vec<Digest> {
        let counts = self.selector.as_ref().is_some_and(|selector| !selector.is_empty());
        let shapes = cache.shapes().filter(|(_, shape)| {
            counts && &*shape.namespace == namespace && !shape.terminating && self.selects(&shape.labels)
        });
        shapes.map(|(digest, _)| *digest).collect()
    }

    fn counts_node(&self, pod: &Object, node: &Object) -> bool {
        (!self.honors_affinity || is_selected(pod.spec(), node))
            && (!self.honors_taints || untolerated(pod.spec(), node, &["NoSchedule", "NoExecute"]).is_none())
    }
}

fn constraints(pod: &PodInfo, action: &str) -> Vec<Constraint> {
    let all = pod.object.spec().get("topologySpreadConstraints").items().iter();
    let chosen = all.filter(|constraint| constraint.get("whenUnsatisfiable").str() == action);
    chosen.map(|constraint| Constraint::new(&pod.object, constraint)).collect()
}

fn pods_on(node: &NodeInfo, shapes: &[Digest]) -> i64 {
    shapes.iter().filter_map(|digest| node.shapes.get(digest)).sum()
}

/// True where a node is somewhere for each of the constraints.
fn is_placed(constraints: &[Constraint], labels: &Value) -> bool {
    constraints.iter().all(|constraint| !labels.get(&constraint.topology_key).is_null())
}

/// What is found out once for a Pod with constraints that must hold.
#[derive(Clone, Debug, Default)]
pub struct State(Vec<(Constraint, BTreeMap<String, i64>)>);

impl State {
    /// Counts the Pods in each domain.
    pub fn new(cache: &Cache, pod: &PodInfo) -> Self {
        let constraints = constraints(pod, "DoNotSchedule");
        if constraints.is_empty() {
            return Self::default();
        }
        let placed: Vec<_> = cache.nodes().filter(|node| is_placed(&constraints, &node.labels)).collect();
        let counted = constraints.iter().map(|constraint| {
            let shapes = constraint.shapes(cache, &pod.key.namespace);
            let mut domains: BTreeMap<String, i64> = BTreeMap::new();
            for node in &placed {
                let (Some(object), Some(domain)) = (&node.node, node.label(&constraint.topology_key)) else {
                    continue;
                };
                if constraint.counts_node(&pod.object, object) {
                    *domains.entry(domain.into()).or_default() += pods_on(node, &shapes);
                }
            }
            (constraint.clone(), domains)
        });
        Self(counted.collect())
    }

    /// True where nothing must hold.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lets pass onto a node whose domains are not too far ahead of the emptiest.
    pub fn filter(&self, pod: &PodInfo, node: &NodeInfo) -> Verdict {
        for (constraint, domains) in &self.0 {
            let Some(domain) = node.label(&constraint.topology_key) else {
                let reason = "node(s) didn't match pod topology spread constraints (missing required label)";
                return Err(Rejection::lasting(Plugin::PodTopologySpread, reason));
            };
            let least = match domains.len() < constraint.min_domains {
                true => 0,
                false => domains.values().min().copied().unwrap_or(0),
            };
            let there = domains.get(domain).copied().unwrap_or(0);
            if there + i64::from(constraint.selects(pod.object.labels())) - least > constraint.max_skew {
                let reason = "node(s) didn't match pod topology spread constraints";
                return Err(Rejection::by_pods(Plugin::PodTopologySpread, reason));
            }
        }
        Ok(())
    }
}

/// The constraints of a Pod that asks for none: over nodes and zones, among those of its Services and its controller.
fn default_constraints(api: &ApiServer, pod: &PodInfo) -> Vec<Constraint> {
    let (object, mut selector) = (&pod.object, Selector::default());
    for service in api.store().list_in(Kind::Service, object.namespace()) {
        let of_service = service.spec().get("selector");
        if Selector::map_matches(of_service, object.labels()) {
            selector.0.extend(Selector::from_map(of_service).0);
        }
    }
    if let Some(owner) = object.controller_key().and_then(|key| api.get(&key)) {
        let of_owner = owner.spec().get("selector");
        match owner.kind {
            Kind::ReplicationController => selector.0.extend(Selector::from_map(of_owner).0),
            Kind::ReplicaSet | Kind::StatefulSet => {
                selector.0.extend(Selector::from_label_selector(of_owner).0);
            }
            _ => {}
        }
    }
    if selector.is_empty() {
        return Vec::new();
    }
    let selector = Arc::new(selector);
    vec![Constraint::default(HOSTNAME, 3, &selector), Constraint::default(ZONE, 5, &selector)]
}

/// The fewer Pods there are already in a node's domains, the better.
pub fn score(api: &ApiServer, cache: &Cache, pod: &PodInfo, nodes: &[&NodeInfo]) -> Vec<i64> {
    let own = !pod.object.spec().get("topologySpreadConstraints").is_empty();
    let constraints = if own { constraints(pod, "ScheduleAnyway") } else { default_constraints(api, pod) };
    if constraints.is_empty() {
        return vec![0; nodes.len()];
    }
    // A node without a zone is spread over too where the Pod did not ask itself.
    let counts = |node: &NodeInfo| !own || is_placed(&constraints, &node.labels);
    let counted: Vec<Counted<'_>> = constraints
        .iter()
        .filter_map(|constraint| Counted::new(cache, pod, constraint, nodes, &counts))
        .collect();
    let raw: Vec<Option<i64>> = nodes
        .iter()
        .map(|node| {
            counts(node).then(|| {
                let score: f64 = counted.iter().map(|counted| counted.score(node)).sum();
                score.round() as i64
            })
        })
        .collect();
    let known = || raw.iter().flatten().copied();
    let (least, most) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
    let normalized =
        |score: i64| if most == 0 { MAX_SCORE } else { MAX_SCORE * (most + least - score) / most };
    raw.into_iter().map(|score| score.map_or(0, normalized)).collect()
}

/// What is counted once for a constraint that should hold.
struct Counted<'n> {
    constraint: &'n Constraint,
    shapes: Vec<Digest>,
    /// The Pods in each domain of a node that is left; none for nodes, which are counted one by one.
    domains: Option<BTreeMap<&'n str, i64>>,
    /// Domains of which there are many count more.
    weight: f64,
}

impl<'n> Counted<'n> {
    /// None where no node is in any domain, so that there is nothing to count.
    fn new(
        cache: &Cache,
        pod: &PodInfo,
        constraint: &'n Constraint,
        nodes: &[&'n NodeInfo],
        counts: &dyn Fn(&NodeInfo) -> bool,
    ) -> Option<Self> {
        if constraint.topology_key == HOSTNAME {
            let shapes = constraint.shapes(cache, &pod.key.namespace);
            let size = nodes.iter().filter(|node| counts(node)).count();
            return Some(Self { constraint, shapes, domains: None, weight: natural_logarithm(size + 2) });
        }
        let (mut domains, mut elsewhere) = (BTreeMap::new(), false);
        for node in nodes.iter().filter(|node| counts(node)) {
            match node.label(&constraint.topology_key) {
                Some(domain) => drop(domains.insert(domain, 0)),
                None => elsewhere = true,
            }
        }
        if domains.is_empty() {
            return None;
        }
        let shapes = constraint.shapes(cache, &pod.key.namespace);
        let weight = natural_logarithm(domains.len() + usize::from(elsewhere) + 2);
        for node in cache.nodes().filter(|node| counts(node)) {
            let there = node.label(&constraint.topology_key).and_then(|domain| domains.get_mut(domain));
            if let Some(there) = there
                && node.node.as_ref().is_some_and(|node| constraint.counts_node(&pod.object, node))
            {
                *there += pods_on(node, &shapes);
            }
        }
        Some(Self { constraint, shapes, domains: Some(domains), weight })
    }

    fn score(&self, node: &NodeInfo) -> f64 {
        let there = match &self.domains {
            None if !node.has_host_name() => return 0.0,
            None => pods_on(node, &self.shapes),
            Some(domains) => match node.label(&self.constraint.topology_key) {
                None => return 0.0,
                Some(domain) => domains.get(domain).copied().unwrap_or(0),
            },
        };
        there as f64 * self.weight + (self.constraint.max_skew - 1) as f64
    }
}

/// The natural logarithm of a whole number above 0, from additions, multiplications and divisions alone, so that the
/// page and the native program agree to the last bit.
fn natural_logarithm(number: usize) -> f64 {
    let doublings = number.max(1).ilog2();
    let rest = number as f64 / (1u64 << doublings) as f64;
    // ln(x) = 2 artanh((x - 1) / (x + 1)), for x from 1 to 2.
    let y = (rest - 1.0) / (rest + 1.0);
    let (mut power, mut sum) = (y, 0.0);
    for odd in (1..40).step_by(2) {
        sum += power / f64::from(odd);
        power *= y * y;
    }
    2.0 * sum + f64::from(doublings) * std::f64::consts::LN_2
}

/// One Pod more or less in another domain, or another domain.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    let constraints = constraints(pod, "DoNotSchedule");
    let counted = |other: &Object| {
        other.namespace() == &*pod.key.namespace && constraints.iter().any(|c| c.selects(other.labels()))
    };
    match event {
        Event::PodAdded(other) | Event::PodDeleted(other) => counted(other),
        Event::PodChanged(before, after) => counted(before) != counted(after),
        Event::NodeAdded(node) | Event::NodeDeleted(node) | Event::NodeTaints(_, node) => {
            is_placed(&constraints, node.labels())
        }
        Event::NodeLabels(old, node) => {
            let moved =
                |c: &Constraint| old.labels().get(&c.topology_key) != node.labels().get(&c.topology_key);
            (is_placed(&constraints, old.labels()) || is_placed(&constraints, node.labels()))
                && constraints.iter().any(moved)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_close_enough() {
        for number in [1, 2, 3, 4, 5, 7, 12, 102, 5_002, 1_000_003] {
            assert!((natural_logarithm(number) - (number as f64).ln()).abs() < 1e-12, "{number}");
        }
    }
}
