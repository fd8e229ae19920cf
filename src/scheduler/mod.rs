//! The scheduler: gives every Pod without a node the best of those that can take it, or says why none can.
//!
//! It acts on one Pod at a time, in the order of the `queue`. A `cycle` asks the `plugins` which nodes will do
//! and which of them is best; where none will, less important Pods may have to make room (`preemption`). A Pod
//! whose volumes are yet to be bound waits for them before it is bound itself (`binding`).

mod binding;
mod cache;
mod cycle;
mod diagnosis;
mod event;
mod plugin;
mod plugins;
mod pod_info;
mod preemption;
mod queue;
mod resource;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use crate::api::{Kind, Mark, Object, ObjectKey};
use crate::apiserver::event::Action;
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Part};
use crate::base::SimTime;
use crate::value;

use binding::Binding;
use cache::{Cache, node_of};
use cycle::Cycle;
use diagnosis::Diagnosis;
use event::Event;
use plugin::Plugin;
use pod_info::PodInfo;
use preemption::Outcome;
use queue::{Failure, Nominations, Queue};

const NAME: &str = "default-scheduler";
/// How long it takes to find a place for one Pod.
const CYCLE: Duration = Duration::from_millis(1);

/// The scheduler with all that it keeps in mind between two looks at the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scheduler {
    queue: Queue,
    cache: Cache,
    nominations: Nominations,
    bindings: BTreeMap<ObjectKey, Binding>,
    /// The revision of the last change that it was told of.
    seen: u64,
    /// True where changes were missed.
    stale: bool,
    /// The node to begin with, where not all are looked at.
    start: usize,
}

/// What is to become of a Pod.
enum Decision {
    /// It goes to one of these, which are equally good.
    Nodes(Vec<SmolStr>),
    /// It goes to this node when these Pods have gone.
    Room(String, Vec<Arc<PodInfo>>),
    /// It goes nowhere; `true` where it is also no longer to come to the node that it made room on.
    Nowhere(bool),
}

/// True for a Pod that this scheduler is to find a node for.
fn is_ours(pod: &Object) -> bool {
    !pod.has(Mark::Bound)
        && !pod.has(Mark::Ended)
        && matches!(pod.spec().get("schedulerName").str(), "" | NAME)
}

impl Scheduler {
    /// Takes note of a change. To be called for each, in order.
    pub fn observe(&mut self, api: &ApiServer, change: &Change) {
        self.stale |= change.revision != self.seen + 1;
        self.seen = change.revision;
        self.cache.observe(change);
        if change.object.kind == Kind::Pod {
            self.observe_pod(change, api.clock.now);
        }
        if self.queue.has_parked() {
            Event::of(change).iter().for_each(|event| self.wake(api, event));
        }
    }

    /// True where there is a Pod to find a node for: [`Self::schedule`] is to be called soon.
    pub fn is_ready(&self) -> bool {
        self.stale || self.queue.is_ready()
    }

    fn observe_pod(&mut self, change: &Change, now: SimTime) {
        let pod = &change.object;
        if change.old.as_ref().is_some_and(|old| !is_ours(old)) && !is_ours(pod) {
            return;
        }
        let key = pod.key();
        if change.kind == ChangeKind::Deleted || !is_ours(pod) {
            self.queue.forget(&key);
            self.nominations.forget(&key);
            if let Some(binding) = self.bindings.remove(&key).filter(|binding| binding.node != node_of(pod)) {
                self.cache.remove_pod(&binding.node, &key);
            }
            return;
        }
        let changed = change
            .old
            .as_ref()
            .is_none_or(|old| change.differs(&[Part::Spec, Part::Labels]) || old.uid() != pod.uid());
        if changed && !self.bindings.contains_key(&key) {
            self.queue.put(Arc::new(PodInfo::new(pod)), now);
        }
        let nominated = |pod: &Object| pod.status().get("nominatedNodeName").str().to_string();
        let (before, after) = (change.old.as_ref().map(nominated).unwrap_or_default(), nominated(pod));
        if before != after && !self.bindings.contains_key(&key) {
            self.nominate(pod, &after);
        }
    }

    fn nominate(&mut self, pod: &Object, node: &str) {
        self.cache.generation += 1;
        self.nominations.set(Arc::new(PodInfo::new(pod)), node);
    }

    /// Looks again at the Pods that an event may help.
    fn wake(&mut self, api: &ApiServer, event: &Event<'_>) {
        use Plugin::*;
        let plugins: &[Plugin] = match event {
            Event::Claim(claim) => return self.queue.wake_users(&claim.key(), api.clock.now),
            Event::PodAdded(_) => &[PodTopologySpread, InterPodAffinity],
            Event::PodChanged(..) => &[NodeResourcesFit, PodTopologySpread, InterPodAffinity],
            Event::PodDeleted(_) => {
                &[NodePorts, NodeResourcesFit, VolumeRestrictions, PodTopologySpread, InterPodAffinity]
            }
            Event::NodeAdded(_) => Plugin::ALL,
            Event::NodeLabels(..) => {
                &[NodeAffinity, VolumeBinding, VolumeZone, PodTopologySpread, InterPodAffinity]
            }
            Event::NodeTaints(..) => &[NodeUnschedulable, TaintToleration, PodTopologySpread],
            Event::NodeAllocatable(..) => &[NodeResourcesFit],
            Event::NodeDeleted(_) => &[PodTopologySpread],
            Event::Volume(_) | Event::Class(_) => &[VolumeBinding, VolumeZone],
        };
        let helps = |pod: &PodInfo, by: &BTreeSet<Plugin>| {
            plugins.iter().any(|plugin| by.contains(plugin) && plugin.is_helped_by(event, pod, api))
        };
        self.queue.wake(plugins, matches!(event, Event::NodeAdded(_)), api.clock.now, helps);
    }

    /// Finds a node for the next Pod, if there is one, and takes those on whose volumes are bound. Returns when it is
    /// to be called again, unless something happens before.
    pub fn schedule(&mut self, api: &mut ApiServer) -> Option<SimTime> {
        let now = api.clock.now;
        if self.stale {
            self.resync(api);
        }
        self.continue_bindings(api);
        self.queue.flush(now);
        if let Some(pod) = self.queue.pop() {
            self.schedule_pod(api, &pod);
        }
        let next = self.queue.is_ready().then_some(now + CYCLE);
        [next, self.next_poll(), self.queue.next_flush()].into_iter().flatten().min()
    }

    /// Reads everything anew, after changes were missed.
    fn resync(&mut self, api: &ApiServer) {
        self.stale = false;
        self.seen = api.store().revision();
        self.cache.resync(api.store());
        self.queue = Queue::default();
        self.nominations = Nominations::default();
        self.bindings.clear();
        for pod in api.store().list(Kind::Pod).filter(|pod| is_ours(pod)) {
            self.queue.put(Arc::new(PodInfo::new(pod)), api.clock.now);
            self.nominate(pod, pod.status().get("nominatedNodeName").str());
        }
    }

    fn schedule_pod(&mut self, api: &mut ApiServer, info: &Arc<PodInfo>) {
        let Some(pod) = api.get(&info.key).filter(|pod| is_ours(pod) && !pod.is_terminating()).cloned()
        else {
            return self.queue.forget(&info.key);
        };
        let now = api.clock.now;
        let class = self.queue.has_parked().then(|| info.class());
        let known = class.and_then(|class| self.queue.known_failure(class, self.cache.generation));
        if let Some(failure) = known.filter(|_| self.nominations.node_of(&info.key).is_empty()).cloned() {
            refuse(api, &pod, "Unschedulable", &failure.message, None);
            let class = class.unwrap_or_else(|| info.class());
            return self.queue.park(&info.key, class, failure, now);
        }
        let generation = self.cache.generation;
        let (decision, diagnosis) = self.decide(api, info);
        match decision {
            Decision::Nodes(nodes) => {
                let at = if nodes.len() > 1 { api.random.below(nodes.len() as u64) as usize } else { 0 };
                self.take_to(api, info, &nodes[at]);
                if let Some(class) = class {
                    self.queue.wake_class(class, now);
                }
            }
            Decision::Room(node, victims) => {
                self.make_room(api, &pod, &node, &victims);
                refuse(api, &pod, "Unschedulable", &diagnosis.message(), Some(&node));
                self.nominate(&pod, &node);
                let class = info.class();
                let (message, plugins) = (diagnosis.message(), diagnosis.plugins());
                self.queue.park(&info.key, class, Failure { generation: None, message, plugins }, now);
                self.queue.wake_next(class, now);
            }
            Decision::Nowhere(no_longer_nominated) => {
                let (message, plugins) = (diagnosis.message(), diagnosis.plugins());
                refuse(api, &pod, "Unschedulable", &message, no_longer_nominated.then_some(""));
                let failure = Failure { generation: Some(generation), message, plugins };
                self.queue.park(&info.key, info.class(), failure, now);
            }
        }
    }

    /// Looks for a node, or for a way to make room on one.
    fn decide(&mut self, api: &ApiServer, info: &PodInfo) -> (Decision, Diagnosis) {
        if self.cache.nodes().next().is_none() {
            return (Decision::Nowhere(true), Diagnosis::default());
        }
        let cycle = match Cycle::new(api, &self.cache, &self.nominations, info) {
            Ok(cycle) => cycle,
            Err(rejection) => {
                // The kube-scheduler asks for devices to give back, and is not prepared for this.
                let (before, after) = (Some(rejection), "not found".to_string());
                let nodes = self.cache.nodes().count();
                return (
                    Decision::Nowhere(false),
                    Diagnosis { nodes, before, after, ..Diagnosis::default() },
                );
            }
        };
        let mut search = cycle.search(self.start);
        let looked_at = search.looked_at;
        let decision = match &search.feasible[..] {
            [] => {
                let nominated = self.nominations.node_of(&info.key);
                match preemption::preempt(api, &self.cache, &cycle, info, nominated, &search.diagnosis) {
                    Outcome::Room(node, victims) => Decision::Room(node, victims),
                    Outcome::NotEligible(why) => {
                        search.diagnosis.after = format!("no new claims to deallocate, preemption: {why}");
                        Decision::Nowhere(false)
                    }
                    Outcome::NoUse(why) => {
                        search.diagnosis.after = format!("no new claims to deallocate, preemption: {why}");
                        Decision::Nowhere(true)
                    }
                }
            }
            [one] => Decision::Nodes(vec![one.name().into()]),
            several => {
                let scores = cycle.score(several);
                let best = scores.iter().copied().max();
                let best = several.iter().zip(&scores).filter(|(_, score)| Some(**score) == best);
                Decision::Nodes(best.map(|(node, _)| node.name().into()).collect())
            }
        };
        self.start = (self.start + looked_at) % search.diagnosis.nodes;
        (decision, search.diagnosis)
    }

    /// Lets the Pods go that are in the way of another.
    fn make_room(&mut self, api: &mut ApiServer, pod: &Object, node: &str, victims: &[Arc<PodInfo>]) {
        let now = api.clock.date().rfc3339();
        for victim in victims {
            let Some(object) = api.get(&victim.key).cloned() else { continue };
            let condition = value!({
                "lastProbeTime": null,
                "lastTransitionTime": (now.as_str()),
                "message": (format!("{NAME}: preempting to accommodate a higher priority pod")),
                "observedGeneration": (object.generation()),
                "reason": "PreemptionByScheduler",
                "status": "True",
                "type": "DisruptionTarget"
            });
            api.modify_status(&victim.key, |status| set_condition(status, condition));
            // It can only be gone already.
            let _ = api.delete(&victim.key, Deletion::default());
            let what = format!("Preempted by pod {} on node {node}", pod.uid());
            let action = Action { name: "Preempting", related: Some(pod) };
            api.record_action(&object, action, NAME, "Normal", "Preempted", &what);
        }
        // Less important Pods that were to come there have to look for another place.
        let priority = pod.spec().get("priority").int();
        let others: Vec<ObjectKey> = self
            .nominations
            .on(node)
            .filter(|other| other.priority() < priority)
            .map(|other| other.key.clone())
            .collect();
        for other in others {
            api.modify_status(&other, |status| drop(status.remove("nominatedNodeName")));
        }
    }
}

/// Writes down why a Pod has no node, and the node that it is to come to where that is another.
fn refuse(api: &mut ApiServer, pod: &Object, reason: &str, message: &str, nominated: Option<&str>) {
    let condition = value!({
        "lastProbeTime": null,
        "lastTransitionTime": (api.clock.date().rfc3339()),
        "message": message,
        "observedGeneration": (pod.generation()),
        "reason": reason,
        "status": "False",
        "type": "PodScheduled"
    });
    api.modify_status(&pod.key(), |status| {
        set_condition(status, condition);
        match nominated {
            Some("") => drop(status.remove("nominatedNodeName")),
            Some(node) => status.set("nominatedNodeName", node),
            None => {}
        }
    });
    let action = Action { name: "Scheduling", related: None };
    api.record_action(pod, action, NAME, "Warning", "FailedScheduling", message);
}
