//! Making room for a Pod by those that are less important (DefaultPreemption).

use std::cmp::Reverse;
use std::sync::Arc;

use crate::api::{Kind, Object, Selector};
use crate::apiserver::ApiServer;
use crate::base::Value;

use super::cache::{Cache, NodeInfo};
use super::cycle::Cycle;
use super::diagnosis::{Diagnosis, histogram};
use super::pod_info::PodInfo;

/// So many nodes on which room can be made are enough to choose from.
const CANDIDATES: usize = 100;

/// What came of it.
pub enum Outcome {
    /// Room can be made on a node: its name, and the Pods that have to go.
    Room(String, Vec<Arc<PodInfo>>),
    /// The Pod may not push others away, or not now: why.
    NotEligible(&'static str),
    /// It would be no use: why.
    NoUse(String),
}

/// The Pods that have to go from a node.
struct Candidate<'a> {
    node: &'a NodeInfo,
    /// The most important first.
    victims: Vec<Arc<PodInfo>>,
    /// How many of them disruption budgets protect.
    violations: usize,
}

/// Looks for the node on which the least harm is done.
pub fn preempt(
    api: &ApiServer,
    cache: &Cache,
    cycle: &Cycle<'_>,
    pod: &PodInfo,
    nominated: &str,
    diagnosis: &Diagnosis,
) -> Outcome {
    if pod.object.spec().get("preemptionPolicy").str() == "Never" {
        return Outcome::NotEligible("not eligible due to preemptionPolicy=Never.");
    }
    if waits_for_victims(api, cache, pod, nominated, diagnosis) {
        return Outcome::NotEligible("not eligible due to a terminating pod on the nominated node.");
    }
    let budgets: Vec<Budget> = api.store().list(Kind::PodDisruptionBudget).map(Budget::new).collect();
    let (mut candidates, mut reasons, mut looked_at) = (Vec::new(), Vec::new(), 0);
    let helpful = diagnosis.by_node.iter().filter(|(_, rejection)| rejection.by_pods);
    for node in helpful.filter_map(|(name, _)| cache.node(name)) {
        looked_at += 1;
        match candidate(api, cycle, pod, node, &budgets) {
            Ok(candidate) => candidates.push(candidate),
            Err(why) => reasons.extend(why),
        }
        if candidates.len() == CANDIDATES {
            break;
        }
    }
    match candidates.into_iter().min_by_key(|candidate| harm(api, candidate)) {
        Some(best) => Outcome::Room(best.node.name().into(), best.victims),
        None => {
            let others = ("Preemption is not helpful for scheduling", diagnosis.nodes - looked_at);
            let reasons = histogram(reasons.iter().map(String::as_str), Some(others));
            Outcome::NoUse(format!("0/{} nodes are available:{reasons}", diagnosis.nodes))
        }
    }
}

/// True while the Pods that were pushed away from the nominated node are still going.
fn waits_for_victims(
    api: &ApiServer,
    cache: &Cache,
    pod: &PodInfo,
    nominated: &str,
    diagnosis: &Diagnosis,
) -> bool {
    let going = |other: &Arc<PodInfo>| {
        let Some(object) = api.get(&other.key) else { return false };
        other.priority() < pod.priority()
            && object.is_terminating()
            && object.condition("DisruptionTarget").get("reason").str() == "PreemptionByScheduler"
    };
    diagnosis.by_node.get(nominated).is_some_and(|rejection| rejection.by_pods)
        && cache.node(nominated).is_some_and(|node| node.pods.values().any(going))
}

/// Nodes are compared by these in turn: protected Pods that must go, the most important that must go, the sum of
/// priorities, the number of Pods, and how long the most important ones have run (`pickOneNodeForPreemption`).
fn harm(api: &ApiServer, candidate: &Candidate<'_>) -> (usize, i64, i64, usize, Reverse<String>) {
    let highest = candidate.victims.first().map_or(i64::MIN, |victim| victim.priority());
    let sum = candidate.victims.iter().map(|victim| victim.priority() + i64::from(i32::MAX) + 1).sum();
    let top = candidate.victims.iter().filter(|victim| victim.priority() == highest);
    let earliest = top.map(|victim| started(api, victim)).min().unwrap_or_default();
    (candidate.violations, highest, sum, candidate.victims.len(), Reverse(earliest))
}

/// When a Pod started; what has not started is later than all.
fn started(api: &ApiServer, pod: &PodInfo) -> String {
    let at = api.get(&pod.key).map(|pod| pod.status().get("startTime").str().to_string());
    at.filter(|at| !at.is_empty()).unwrap_or_else(|| "~".into())
}

/// The fewest Pods of a node that must go: all less important ones, apart from those that can stay.
fn candidate<'a>(
    api: &ApiServer,
    cycle: &Cycle<'_>,
    pod: &PodInfo,
    node: &'a NodeInfo,
    budgets: &[Budget],
) -> Result<Candidate<'a>, Vec<String>> {
    let mut less: Vec<Arc<PodInfo>> =
        node.pods.values().filter(|other| other.priority() < pod.priority()).cloned().collect();
    if less.is_empty() {
        return Err(vec!["No preemption victims found for incoming pod".into()]);
    }
    let mut left = node.clone();
    less.iter().for_each(|victim| drop(left.remove_pod(&victim.key)));
    if let Err(rejection) = cycle.filter_with_nominated(&left) {
        return Err(rejection.reasons.iter().map(|reason| reason.to_string()).collect());
    }
    let importance = |pod: &Arc<PodInfo>| (Reverse(pod.priority()), started(api, pod));
    less.sort_by_cached_key(importance);
    let (protected, free) = by_budget(less, budgets);
    let (mut victims, mut violations) = (Vec::new(), 0);
    for (pods, violates) in [(protected, 1), (free, 0)] {
        for victim in pods {
            left.add_pod(victim.clone());
            if cycle.filter_with_nominated(&left).is_err() {
                left.remove_pod(&victim.key);
                violations += violates;
                victims.push(victim);
            }
        }
    }
    victims.sort_by_cached_key(importance);
    Ok(Candidate { node, victims, violations })
}

/// A disruption budget, and how many more of its Pods may go.
struct Budget<'a> {
    budget: &'a Object,
    selector: Selector,
    allowed: i64,
}

impl<'a> Budget<'a> {
    fn new(budget: &'a Object) -> Self {
        Self {
            budget,
            selector: Selector::from_label_selector(budget.spec().get("selector")),
            allowed: budget.status().get("disruptionsAllowed").int(),
        }
    }

    fn covers(&self, pod: &Object) -> bool {
        let disrupted: &Value = self.budget.status().get("disruptedPods").get(pod.name());
        self.budget.namespace() == pod.namespace()
            && !self.selector.is_empty()
            && !pod.labels().is_empty()
            && self.selector.matches(pod.labels())
            && disrupted.is_null()
    }
}

/// The Pods whose going would be more than their budgets allow, and the others; both in the order that they came in.
fn by_budget(pods: Vec<Arc<PodInfo>>, budgets: &[Budget<'_>]) -> (Vec<Arc<PodInfo>>, Vec<Arc<PodInfo>>) {
    let mut allowed: Vec<i64> = budgets.iter().map(|budget| budget.allowed).collect();
    pods.into_iter().partition(|pod| {
        let mut violates = false;
        for (budget, allowed) in budgets.iter().zip(&mut allowed) {
            if budget.covers(&pod.object) {
                *allowed -= 1;
                violates |= *allowed < 0;
            }
        }
        violates
    })
}
