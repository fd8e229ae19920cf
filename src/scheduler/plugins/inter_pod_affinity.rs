//! InterPodAffinity: Pods near others, or apart from them, where a label of nodes says what is near.

use std::collections::BTreeMap;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::{Digest, Value};
use crate::scheduler::cache::{Cache, NodeInfo, Shape};
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::{PodAffinity, PodInfo, Term};

use super::MAX_SCORE;

/// A label of nodes and its value: a place.
type Place = (String, String);

/// What is found out once for a Pod.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// How many Pods in a place do not want the Pod there.
    unwelcome: BTreeMap<Place, i64>,
    /// How many Pods in a place the Pod wants to be near to.
    near: BTreeMap<Place, i64>,
    /// How many Pods in a place the Pod does not want to be near to.
    apart: BTreeMap<Place, i64>,
    /// True where the Pod is of those that it wants to be near to: the first of them may go anywhere.
    is_one_itself: bool,
}

/// The labels of a namespace, which selectors of namespaces go by.
fn namespace_labels<'a>(api: &'a ApiServer, name: &str) -> &'a Value {
    static NONE: Value = Value::Null;
    api.get(&ObjectKey::new(Kind::Namespace, "", name)).map_or(&NONE, |namespace| namespace.labels())
}

fn matches(api: &ApiServer, term: &Term, pod: &Object) -> bool {
    term.matches(pod.namespace(), pod.labels(), namespace_labels(api, pod.namespace()))
}

fn matches_shape(api: &ApiServer, term: &Term, shape: &Shape) -> bool {
    term.matches(&shape.namespace, &shape.labels, namespace_labels(api, &shape.namespace))
}

/// Counts the Pods of some shapes where they are, for each term that is given with a shape.
fn count(cache: &Cache, mut counted: Vec<(&Digest, Vec<&Term>)>, counts: &mut BTreeMap<Place, i64>) {
    counted.retain(|(_, terms)| !terms.is_empty());
    if counted.is_empty() {
        return;
    }
    for node in cache.nodes() {
        for (digest, terms) in &counted {
            let Some(pods) = node.shapes.get(digest) else { continue };
            for term in terms {
                if let Some(place) = place(term, node) {
                    *counts.entry(place).or_default() += pods * term.weight;
                }
            }
        }
    }
}

/// The shapes that terms are about, with those terms.
fn matching<'a>(api: &ApiServer, cache: &'a Cache, terms: &'a [Term]) -> Vec<(&'a Digest, Vec<&'a Term>)> {
    if terms.is_empty() {
        return Vec::new();
    }
    let shapes = cache.shapes();
    shapes
        .map(|(digest, shape)| (digest, terms.iter().filter(|t| matches_shape(api, t, shape)).collect()))
        .collect()
}

fn place(term: &Term, node: &NodeInfo) -> Option<Place> {
    Some((term.topology_key.clone(), node.label(&term.topology_key)?.to_string()))
}

impl State {
    /// Looks at the Pods that there are.
    pub fn new(api: &ApiServer, cache: &Cache, pod: &PodInfo) -> Self {
        let mut state = Self::default();
        let refusing = cache.shapes().map(|(digest, shape)| {
            let terms = shape.affinity.iter().flat_map(|affinity| &affinity.apart);
            (digest, terms.filter(|term| matches(api, term, &pod.object)).collect())
        });
        count(cache, refusing.collect(), &mut state.unwelcome);
        let Some(PodAffinity { near, apart, .. }) = pod.affinity.as_deref() else { return state };
        if !near.is_empty() {
            state.is_one_itself = near.iter().all(|term| matches(api, term, &pod.object));
            let wanted = cache
                .shapes()
                .filter(|(_, shape)| near.iter().all(|term| matches_shape(api, term, shape)))
                .map(|(digest, _)| (digest, near.iter().collect()));
            count(cache, wanted.collect(), &mut state.near);
        }
        count(cache, matching(api, cache, apart), &mut state.apart);
        state
    }

    /// True where nothing keeps the Pod from any node.
    pub fn is_empty(&self, pod: &PodInfo) -> bool {
        self.unwelcome.is_empty()
            && pod
                .affinity
                .as_ref()
                .is_none_or(|affinity| affinity.near.is_empty() && affinity.apart.is_empty())
    }

    /// Lets pass onto a node near to all Pods that the Pod must be near to, where neither it nor those there mind.
    pub fn filter(&self, pod: &PodInfo, node: &NodeInfo) -> Verdict {
        let some = |counts: &BTreeMap<Place, i64>, term: &Term| {
            place(term, node).is_some_and(|place| counts.get(&place).is_some_and(|count| *count > 0))
        };
        if let Some(affinity) = &pod.affinity {
            let is_place = |term: &Term| node.label(&term.topology_key).is_some();
            let near = affinity.near.iter().all(|term| some(&self.near, term))
                || (self.near.is_empty() && self.is_one_itself && affinity.near.iter().all(is_place));
            if !near {
                let reason = "node(s) didn't match pod affinity rules";
                return Err(Rejection::lasting(Plugin::InterPodAffinity, reason));
            }
            if affinity.apart.iter().any(|term| some(&self.apart, term)) {
                let reason = "node(s) didn't match pod anti-affinity rules";
                return Err(Rejection::by_pods(Plugin::InterPodAffinity, reason));
            }
        }
        let minds = |((key, value), count): (&Place, &i64)| *count > 0 && node.label(key) == Some(value);
        if self.unwelcome.iter().any(minds) {
            let reason = "node(s) didn't satisfy existing pods anti-affinity rules";
            return Err(Rejection::by_pods(Plugin::InterPodAffinity, reason));
        }
        Ok(())
    }
}

/// The sum of what the Pod prefers and what the Pods that are there prefer.
pub fn score(api: &ApiServer, cache: &Cache, pod: &PodInfo, nodes: &[&NodeInfo]) -> Vec<i64> {
    let mut places: BTreeMap<Place, i64> = BTreeMap::new();
    let preferred = pod.affinity.as_ref().map_or(&[][..], |affinity| &affinity.preferred);
    count(cache, matching(api, cache, preferred), &mut places);
    // What must be near of an existing Pod counts with 1, what should be with its weight.
    let theirs = cache.shapes().map(|(digest, shape)| {
        let terms =
            shape.affinity.iter().flat_map(|affinity| affinity.near.iter().chain(&affinity.preferred));
        (digest, terms.filter(|term| matches(api, term, &pod.object)).collect())
    });
    count(cache, theirs.collect(), &mut places);
    if places.is_empty() {
        return vec![0; nodes.len()];
    }
    let sum = |node: &&NodeInfo| -> i64 {
        places.iter().filter(|((key, value), _)| node.label(key) == Some(value)).map(|(_, score)| score).sum()
    };
    let scores: Vec<i64> = nodes.iter().map(sum).collect();
    let (least, most) =
        (scores.iter().min().copied().unwrap_or(0), scores.iter().max().copied().unwrap_or(0));
    scores
        .into_iter()
        .map(|score| if most > least { MAX_SCORE * (score - least) / (most - least) } else { 0 })
        .collect()
}

/// A Pod that the waiting one wants to be near to, one less that keeps it away, or another place.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo, api: &ApiServer) -> bool {
    static NONE: PodAffinity = PodAffinity { near: Vec::new(), apart: Vec::new(), preferred: Vec::new() };
    let own = pod.affinity.as_deref().unwrap_or(&NONE);
    let near = |other: &Object| !own.near.is_empty() && own.near.iter().all(|term| matches(api, term, other));
    let apart = |other: &Object| own.apart.iter().any(|term| matches(api, term, other));
    match event {
        Event::PodAdded(other) => near(other),
        Event::PodChanged(before, after) => {
            (near(after) && !near(before)) || (apart(before) && !apart(after))
        }
        Event::PodDeleted(other) => {
            let theirs = PodInfo::new(other).affinity;
            apart(other)
                || theirs
                    .is_some_and(|theirs| theirs.apart.iter().any(|term| matches(api, term, &pod.object)))
        }
        Event::NodeAdded(node) => {
            let mut terms = own.near.iter().chain(&own.apart).peekable();
            terms.peek().is_none() || terms.any(|term| !node.labels().get(&term.topology_key).is_null())
        }
        Event::NodeLabels(old, node) => {
            let moved =
                |term: &Term| old.labels().get(&term.topology_key) != node.labels().get(&term.topology_key);
            (own.near.is_empty() && own.apart.is_empty()) || own.near.iter().chain(&own.apart).any(moved)
        }
        _ => false,
    }
}
