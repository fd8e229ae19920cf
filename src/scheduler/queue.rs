//! The Pods that wait for a node (scheduler/backend/queue).
//!
//! A Pod that finds no node is parked until something happens that may help it. Pods that are alike for the
//! scheduler are parked as one class: where many wait, only the first is looked at again, and the next one when that
//! one found a node.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::api::ObjectKey;
use crate::base::{Digest, SimTime};

use super::plugin::Plugin;
use super::pod_info::PodInfo;

/// The first back-off after a Pod found no node, which doubles.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
/// The longest back-off.
const MAX_BACKOFF: Duration = Duration::from_secs(10);
/// How long a Pod is parked at most.
const MAX_PARKED: Duration = Duration::from_secs(300);
/// How often it is looked for Pods that were parked for that long.
const FLUSH_PERIOD: Duration = Duration::from_secs(30);
/// Of a class with so many Pods all are looked at again when something happens.
const FEW: usize = 16;

/// The order in which Pods are looked at: by priority, then by how long they wait.
type Rank = (Reverse<i64>, SimTime, u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// It may not be looked at.
    Gated,
    /// It is to be looked at.
    Active,
    /// It is to be looked at after this moment, or before where there is nothing else to do.
    Backoff(SimTime),
    /// It waits for something to happen.
    Parked(Digest),
    /// It is being looked at.
    Out,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    info: Arc<PodInfo>,
    rank: Rank,
    failures: u32,
    place: Place,
}

/// Why the Pods of a class found no node, at one generation of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The generation of the cache for which it holds also for others; none where it holds for this Pod alone.
    pub generation: Option<u64>,
    /// In the scheduler's words.
    pub message: String,
    /// Who said no; nobody where there was no node.
    pub plugins: BTreeSet<Plugin>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Class {
    members: BTreeMap<Rank, ObjectKey>,
    failure: Option<Failure>,
}

/// The Pods that wait.
///
/// Invariant: each is in exactly one of the lists, the one that its place says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    waiting: BTreeMap<ObjectKey, Waiting>,
    active: BTreeMap<Rank, ObjectKey>,
    backoff: BTreeMap<(SimTime, Rank), ObjectKey>,
    classes: BTreeMap<Digest, Class>,
    by_plugin: BTreeMap<Plugin, BTreeSet<Digest>>,
    /// The classes of Pods for which there was no node at all.
    by_none: BTreeSet<Digest>,
    by_claim: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>,
    parked_since: BTreeSet<(SimTime, ObjectKey)>,
    sequence: u64,
}

impl std::hash::Hash for Queue {
    /// Who waits where for how long says it all: the rest follows from that and the store.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        for (key, waiting) in &self.waiting {
            (key, waiting.rank, waiting.failures, waiting.place).hash(state);
        }
        self.sequence.hash(state);
    }
}

fn is_gated(info: &PodInfo) -> bool {
    !info.object.spec().get("schedulingGates").is_empty()
}

impl Queue {
    /// Takes in a Pod, new or changed. A change may help it, so that it is looked at again.
    pub fn put(&mut self, info: Arc<PodInfo>, now: SimTime) {
        let key = info.key.clone();
        let old = self.remove(&key);
        let same_pod = old.filter(|old| old.info.object.uid() == info.object.uid());
        let (rank, failures) = match &same_pod {
            Some(old) => (old.rank, old.failures),
            None => {
                self.sequence += 1;
                ((Reverse(info.priority()), now, self.sequence), 0)
            }
        };
        for claim in info.claims() {
            self.by_claim.entry(claim).or_default().insert(key.clone());
        }
        self.waiting.insert(key.clone(), Waiting { info, rank, failures, place: Place::Out });
        self.activate(&key, now);
    }

    /// Takes out a Pod that is gone or has found its node.
    pub fn forget(&mut self, key: &ObjectKey) {
        self.remove(key);
    }

    fn remove(&mut self, key: &ObjectKey) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        self.leave(key, waiting.place, waiting.rank);
        for claim in waiting.info.claims() {
            if let Some(keys) = self.by_claim.get_mut(&claim) {
                keys.remove(key);
                if keys.is_empty() {
                    self.by_claim.remove(&claim);
                }
            }
        }
        Some(waiting)
    }

    /// Puts a Pod where it is to be looked at.
    fn activate(&mut self, key: &ObjectKey, now: SimTime) {
        let Some(waiting) = self.waiting.get_mut(key) else { return };
        let (before, rank) = (waiting.place, waiting.rank);
        let backoff = match waiting.failures {
            0 => Duration::ZERO,
            failures => (INITIAL_BACKOFF * 2u32.pow((failures - 1).min(8))).min(MAX_BACKOFF),
        };
        let until = rank.1 + backoff;
        waiting.place = if is_gated(&waiting.info) {
            Place::Gated
        } else if waiting.failures > 0 && until > now {
            Place::Backoff(until)
        } else {
            Place::Active
        };
        let place = waiting.place;
        self.leave(key, before, rank);
        match place {
            Place::Backoff(until) => drop(self.backoff.insert((until, rank), key.clone())),
            Place::Active => drop(self.active.insert(rank, key.clone())),
            _ => {}
        }
    }

    fn take_from_place(&mut self, key: &ObjectKey) -> Option<Arc<PodInfo>> {
        let waiting = self.waiting.get_mut(key)?;
        let (place, rank, info) = (waiting.place, waiting.rank, waiting.info.clone());
        waiting.place = Place::Out;
        self.leave(key, place, rank);
        Some(info)
    }

    fn leave(&mut self, key: &ObjectKey, place: Place, rank: Rank) {
        match place {
            Place::Active => drop(self.active.remove(&rank)),
            Place::Backoff(until) => drop(self.backoff.remove(&(until, rank))),
            Place::Parked(digest) => {
                self.parked_since.remove(&(rank.1, key.clone()));
                if let Some(class) = self.classes.get_mut(&digest) {
                    class.members.remove(&rank);
                    if class.members.is_empty() {
                        self.forget_class(digest);
                    }
                }
            }
            Place::Gated | Place::Out => {}
        }
    }

    fn forget_class(&mut self, digest: Digest) {
        self.classes.remove(&digest);
        self.by_none.remove(&digest);
        self.by_plugin.retain(|_, digests| {
            digests.remove(&digest);
            !digests.is_empty()
        });
    }

    /// The Pod that is to be looked at next: of those in back-off only where there is no other.
    pub fn pop(&mut self) -> Option<Arc<PodInfo>> {
        let key = self.active.values().next().or_else(|| self.backoff.values().next())?.clone();
        self.take_from_place(&key)
    }

    /// What a look for a Pod of this class would find at this generation, where that is known.
    pub fn known_failure(&self, class: Digest, generation: u64) -> Option<&Failure> {
        self.classes.get(&class)?.failure.as_ref().filter(|failure| failure.generation == Some(generation))
    }

    /// True where a Pod is parked.
    pub fn has_parked(&self) -> bool {
        !self.classes.is_empty()
    }

    /// Parks a Pod that found no node until something happens. Where others of its class wait and the reason is
    /// another than theirs, they are looked at again.
    pub fn park(&mut self, key: &ObjectKey, digest: Digest, failure: Failure, now: SimTime) {
        self.take_from_place(key);
        let Some(waiting) = self.waiting.get_mut(key) else { return };
        waiting.failures += 1;
        waiting.rank.1 = now;
        waiting.place = Place::Parked(digest);
        self.parked_since.insert((now, key.clone()));
        let rank = waiting.rank;
        let class = self.classes.entry(digest).or_default();
        let others: Vec<ObjectKey> = match &class.failure {
            Some(known) if known.message != failure.message => class.members.values().cloned().collect(),
            _ => Vec::new(),
        };
        class.members.insert(rank, key.clone());
        if class.failure.as_ref().is_none_or(|known| known.plugins != failure.plugins) {
            for digests in self.by_plugin.values_mut() {
                digests.remove(&digest);
            }
            self.by_none.remove(&digest);
            for plugin in &failure.plugins {
                self.by_plugin.entry(*plugin).or_default().insert(digest);
            }
            if failure.plugins.is_empty() {
                self.by_none.insert(digest);
            }
        }
        class.failure = Some(failure);
        others.iter().for_each(|other| self.activate(other, now));
    }

    /// Puts a Pod back that something went wrong with on the way to its node.
    pub fn retry(&mut self, key: &ObjectKey, now: SimTime) {
        if let Some(waiting) = self.waiting.get_mut(key) {
            waiting.failures += 1;
            waiting.rank.1 = now;
        }
        self.activate(key, now);
    }

    /// Looks again at the Pods that an event may help: `helps` says of one Pod of a class and the plugins that kept
    /// it away whether it does. Of a large class only the first is looked at.
    pub fn wake(
        &mut self,
        plugins: &[Plugin],
        nodes_too: bool,
        now: SimTime,
        helps: impl Fn(&PodInfo, &BTreeSet<Plugin>) -> bool,
    ) {
        let mut digests: BTreeSet<Digest> =
            plugins.iter().filter_map(|plugin| self.by_plugin.get(plugin)).flatten().copied().collect();
        if nodes_too {
            digests.extend(&self.by_none);
        }
        for digest in digests {
            let Some(class) = self.classes.get(&digest) else { continue };
            let first = class.members.values().next().and_then(|key| self.waiting.get(key));
            let (Some(first), Some(failure)) = (first, &class.failure) else { continue };
            if failure.plugins.is_empty() || helps(&first.info, &failure.plugins) {
                self.wake_class(digest, now);
            }
        }
    }

    /// Looks again at the Pods that use a claim.
    pub fn wake_users(&mut self, claim: &ObjectKey, now: SimTime) {
        for key in self.by_claim.get(claim).cloned().unwrap_or_default() {
            if self.waiting.get(&key).is_some_and(|waiting| matches!(waiting.place, Place::Parked(_))) {
                self.activate(&key, now);
            }
        }
    }

    /// Looks again at the next Pods of a class.
    pub fn wake_class(&mut self, digest: Digest, now: SimTime) {
        let Some(class) = self.classes.get(&digest) else { return };
        let count = if class.members.len() <= FEW { FEW } else { 1 };
        let keys: Vec<ObjectKey> = class.members.values().take(count).cloned().collect();
        keys.iter().for_each(|key| self.activate(key, now));
    }

    /// Looks at the next Pod of a class of which not all are looked at when something happens.
    pub fn wake_next(&mut self, digest: Digest, now: SimTime) {
        if self.classes.get(&digest).is_some_and(|class| class.members.len() > FEW) {
            self.wake_class(digest, now);
        }
    }

    /// Looks again at the Pods that have been parked for too long.
    pub fn flush(&mut self, now: SimTime) {
        while self.next_flush().is_some_and(|due| due <= now) {
            let Some((_, key)) = self.parked_since.first().cloned() else { return };
            self.activate(&key, now);
        }
    }

    /// When the Pod that has been parked for longest has been so for too long.
    pub fn next_flush(&self) -> Option<SimTime> {
        let period = FLUSH_PERIOD.as_micros() as u64;
        let (since, _) = self.parked_since.first()?;
        Some(SimTime(((*since + MAX_PARKED).0 / period + 1) * period))
    }

    /// True where a Pod is to be looked at.
    pub fn is_ready(&self) -> bool {
        !(self.active.is_empty() && self.backoff.is_empty())
    }
}

/// The Pods that made room on a node and are to come to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nominations {
    nodes: BTreeMap<String, BTreeMap<ObjectKey, Arc<PodInfo>>>,
    of: BTreeMap<ObjectKey, String>,
}

impl std::hash::Hash for Nominations {
    /// Nothing: they follow from the store.
    fn hash<H: std::hash::Hasher>(&self, _state: &mut H) {}
}

impl Nominations {
    /// True where no Pod is to come anywhere.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// The Pods that are to come to a node.
    pub fn on(&self, node: &str) -> impl Iterator<Item = &Arc<PodInfo>> {
        self.nodes.get(node).into_iter().flat_map(BTreeMap::values)
    }

    /// The node that a Pod is to come to; empty for none.
    pub fn node_of(&self, key: &ObjectKey) -> &str {
        self.of.get(key).map_or("", String::as_str)
    }

    /// Takes note of where a Pod is to come to: its `nominatedNodeName`, empty for nowhere.
    pub fn set(&mut self, pod: Arc<PodInfo>, node: &str) {
        self.forget(&pod.key);
        if !node.is_empty() {
            self.of.insert(pod.key.clone(), node.into());
            self.nodes.entry(node.into()).or_default().insert(pod.key.clone(), pod);
        }
    }

    /// Forgets a Pod.
    pub fn forget(&mut self, key: &ObjectKey) {
        let Some(node) = self.of.remove(key) else { return };
        if let Some(pods) = self.nodes.get_mut(&node) {
            pods.remove(key);
            if pods.is_empty() {
                self.nodes.remove(&node);
            }
        }
    }
}
