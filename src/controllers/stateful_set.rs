//! StatefulSets: Pods with names, in order.

mod claims;
mod identity;

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::apiserver::admission::most_pods;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::{Value, json};
use crate::value;

use super::revision_history::{self, Naming};
use super::{Enqueue, NOW, int_or_string, ownership, pod, template_hash};

/// Who this loop is in Events.
const SOURCE: Source<'static> = Source::component("statefulset-controller");
/// The label that says of which revision a Pod is.
const REVISION_LABEL: &str = "controller-revision-hash";
/// The name of a StatefulSet's revisions: the hash of what they keep.
const NAMING: Naming = Naming {
    label: "controller.kubernetes.io/hash",
    hash: |_, data, collisions| template_hash::controller_revision_hash(&json::to_string(data), collisions),
};

/// Looks at a StatefulSet when it or a Pod of it changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::StatefulSet if change.kind != ChangeKind::Deleted => enqueue(object.key(), NOW),
        Kind::Pod if api.store().count(Kind::StatefulSet) > 0 => observe_pod(api, change, enqueue),
        _ => {}
    }
}

// A new cluster has no StatefulSets: no part of the page's first program.
#[inline(never)]
fn observe_pod(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    ownership::concerned_by_pod(api, Kind::StatefulSet, change, selector_of, |key| enqueue(key, NOW));
}

/// Creates, deletes or replaces the Pod whose turn it is, and writes the status.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let set = api.get(key)?.clone();
    let selector = selector_of(&set);
    let prefix = format!("{}-", set.name());
    let pods = ownership::claim(api, &set, Kind::Pod, &selector, |pod| {
        pod.name().strip_prefix(&prefix).is_some_and(|rest| rest.parse::<u32>().is_ok())
    });
    let mut revisions = revision_history::list(api, &set);
    let mut collisions = set.status().get("collisionCount").int();
    let update = revision_history::current(api, &set, &mut revisions, &mut collisions, &NAMING)?;
    let current = revisions
        .iter()
        .find(|revision| revision.name() == set.status().get("currentRevision").str())
        .unwrap_or(&update)
        .clone();
    let mut pass = Pass::new(set, pods, current, update, api);
    if !pass.set.is_terminating() {
        pass.step(api);
    }
    let again = pass.write_status(api, collisions);
    let limit = pass.set.spec().get("revisionHistoryLimit").as_int().unwrap_or(10);
    revision_history::truncate(api, &revisions, limit, |revision| {
        revision.name() == pass.current.name()
            || revision.name() == pass.update.name()
            || pass.pods().any(|pod| pod.labels().get(REVISION_LABEL).str() == revision.name())
    });
    again
}

fn selector_of(set: &Object) -> Selector {
    Selector::from_label_selector(set.spec().get("selector"))
}

fn is_running_and_ready(pod: &Object) -> bool {
    pod.status().get("phase").str() == "Running" && pod::is_ready(pod)
}

/// One pass over one StatefulSet.
struct Pass {
    set: Object,
    current: Object,
    update: Object,
    /// The Pods that should be there, by ordinal from the first one; none where it is yet to be created.
    replicas: Vec<Option<Object>>,
    /// The Pods beyond them, the highest ordinal first.
    condemned: Vec<Object>,
    first_ordinal: i64,
    min_ready_seconds: i64,
    /// How many Pods of the current revision this pass has deleted to replace them.
    replaced: i64,
    again: Option<Duration>,
}

impl Pass {
    fn new(set: Object, pods: Vec<Object>, current: Object, update: Object, api: &ApiServer) -> Self {
        let first_ordinal = set.spec().at(&["ordinals", "start"]).int();
        let wanted = set.spec().get("replicas").as_int().unwrap_or(1);
        // One beyond what the API server lets in is enough for its refusal to be told.
        let wanted = usize::try_from(wanted).unwrap_or(0).min(most_pods(api) + 1);
        let mut replicas: Vec<Option<Object>> = vec![None; wanted];
        let mut condemned = Vec::new();
        let min_ready_seconds = set.spec().get("minReadySeconds").int();
        let mut again: Option<Duration> = None;
        for pod in pods {
            if let Some(left) = pod::available_in(&pod, min_ready_seconds, &api.clock).filter(|d| !d.is_zero()) {
                again = Some(again.map_or(left, |soonest| soonest.min(left)));
            }
            let at = identity::ordinal(&pod) - first_ordinal;
            match usize::try_from(at).ok().and_then(|at| replicas.get_mut(at)) {
                Some(place) => *place = Some(pod),
                None => condemned.push(pod),
            }
        }
        condemned.sort_by_key(|pod| std::cmp::Reverse(identity::ordinal(pod)));
        Self { set, current, update, replicas, condemned, first_ordinal, min_ready_seconds, replaced: 0, again }
    }

    fn pods(&self) -> impl Iterator<Item = &Object> {
        self.replicas.iter().flatten().chain(&self.condemned)
    }

    fn is_parallel(&self) -> bool {
        self.set.spec().get("podManagementPolicy").str() == "Parallel"
    }

    fn is_available(&self, pod: &Object, api: &ApiServer) -> bool {
        is_running_and_ready(pod)
            && pod::available_in(pod, self.min_ready_seconds, &api.clock) == Some(Duration::ZERO)
    }

    /// True where a Pod keeps others waiting.
    fn is_unavailable(&self, pod: &Object, api: &ApiServer) -> bool {
        pod.is_terminating() || !self.is_available(pod, api)
    }

    /// Does what can be done now; of an ordered set no more than one Pod's change.
    fn step(&mut self, api: &mut ApiServer) {
        let first_unhealthy = self
            .replicas
            .iter()
            .flatten()
            .chain(self.condemned.iter().rev())
            .find(|pod| self.is_unavailable(pod, api))
            .map(|pod| pod.uid().to_string());
        for pod in &self.condemned {
            claims::own(api, &self.set, pod, true);
        }
        for at in 0..self.replicas.len() {
            if !self.keep_replica(api, at) {
                return;
            }
        }
        for pod in self.condemned.clone() {
            if !self.remove_condemned(api, &pod, first_unhealthy.as_deref()) {
                return;
            }
        }
        self.roll(api);
    }

    /// Sees to one Pod that should be there. False where the pass ends with it.
    fn keep_replica(&mut self, api: &mut ApiServer, at: usize) -> bool {
        let parallel = self.is_parallel();
        let Some(pod) = self.replicas[at].clone() else {
            return self.create(api, at) && parallel;
        };
        if pod::is_terminal(&pod) {
            if !pod.is_terminating() {
                let (namespace, set) = (self.set.namespace(), self.set.name());
                let what = |state| format!("StatefulSet {namespace}/{set} is recreating {state} Pod {}", pod.name());
                if pod.status().get("phase").str() == "Failed" {
                    api.warning(&self.set, SOURCE, "RecreatingFailedPod", &what("failed"));
                } else {
                    api.event(&self.set, SOURCE, "RecreatingTerminatedPod", &what("terminated"));
                }
                self.delete(api, &pod);
            }
            return parallel;
        }
        if pod.status().get("phase").str() != "Running" && !pod.is_terminating() {
            claims::create(api, &self.set, &pod, &SOURCE);
        }
        if self.is_unavailable(&pod, api) && !parallel {
            return false;
        }
        claims::own(api, &self.set, &pod, false);
        identity::keep(api, &self.set, &pod);
        true
    }

    fn create(&mut self, api: &mut ApiServer, at: usize) -> bool {
        let ordinal = self.first_ordinal + at as i64;
        let partition = self.set.spec().at(&["updateStrategy", "rollingUpdate", "partition"]).int();
        let kept_back = self.is_rolling() && ordinal < self.first_ordinal + partition;
        let revision = if kept_back { &self.current } else { &self.update };
        let pod = identity::new_pod(&self.set, revision, ordinal);
        if !claims::create(api, &self.set, &pod, &SOURCE) {
            return false;
        }
        let (name, set) = (pod.name().to_string(), self.set.name());
        match api.create(pod.body, self.set.namespace(), false) {
            Ok(created) => {
                let text = format!("Create Pod {name} in StatefulSet {set} successful");
                api.event(&self.set, SOURCE, "SuccessfulCreate", &text);
                claims::own(api, &self.set, &created, false);
                true
            }
            Err(refusal) => {
                if !super::namespace_is_going(api, &self.set) {
                    let why = format!("Create Pod {name} in StatefulSet {set} failed error: {}", refusal.message);
                    api.warning(&self.set, SOURCE, "FailedCreate", &why);
                    self.again = Some(Duration::from_secs(1));
                }
                false
            }
        }
    }

    fn delete(&mut self, api: &mut ApiServer, pod: &Object) {
        let (name, set) = (pod.name(), self.set.name());
        match api.delete(&pod.key(), Deletion::default()) {
            Ok(_) => {
                let text = format!("Delete Pod {name} in StatefulSet {set} successful");
                api.event(&self.set, SOURCE, "SuccessfulDelete", &text);
            }
            Err(refusal) => {
                let why = format!("Delete Pod {name} in StatefulSet {set} failed error: {}", refusal.message);
                api.warning(&self.set, SOURCE, "FailedDelete", &why);
            }
        }
    }

    /// Takes one Pod beyond the wanted ones away. False where the pass ends with it.
    fn remove_condemned(&mut self, api: &mut ApiServer, pod: &Object, first_unhealthy: Option<&str>) -> bool {
        let parallel = self.is_parallel();
        if pod.is_terminating() {
            return parallel;
        }
        // An ordered set waits for what is unhealthy, unless that is the one to go.
        if !parallel && !self.is_available(pod, api) && first_unhealthy != Some(pod.uid()) {
            return false;
        }
        self.delete(api, pod);
        parallel
    }

    fn is_rolling(&self) -> bool {
        self.set.spec().at(&["updateStrategy", "type"]).str() != "OnDelete"
    }

    /// Deletes Pods of another revision than the wanted one, the highest ordinal first, as long as no more than
    /// `maxUnavailable` are unavailable.
    fn roll(&mut self, api: &mut ApiServer) {
        if !self.is_rolling() {
            return;
        }
        let rolling = self.set.spec().at(&["updateStrategy", "rollingUpdate"]);
        let first = usize::try_from(rolling.get("partition").int()).unwrap_or(0);
        let most = match rolling.get("maxUnavailable") {
            Value::Null => 1,
            value => int_or_string::scaled(value, self.replicas.len() as i64, true).max(1),
        };
        let unavailable = self.replicas.iter().flatten().filter(|pod| self.is_unavailable(pod, api)).count();
        let mut may_go = usize::try_from(most).unwrap_or(1).saturating_sub(unavailable);
        for at in (first..self.replicas.len()).rev() {
            let Some(pod) = self.replicas[at].clone() else { continue };
            let outdated = pod.labels().get(REVISION_LABEL).str() != self.update.name();
            if may_go > 0 && outdated && !pod.is_terminating() {
                self.delete(api, &pod);
                self.replaced += 1;
                may_go -= 1;
            }
        }
    }

    /// Writes the status, as the Pods were before this pass created or deleted any.
    fn write_status(&mut self, api: &mut ApiServer, collisions: i64) -> Option<Duration> {
        let (mut replicas, mut ready, mut available, mut current, mut updated) = (0, 0, 0, 0, 0);
        for pod in self.pods() {
            replicas += 1;
            if is_running_and_ready(pod) {
                ready += 1;
                available += i64::from(self.is_available(pod, api));
            }
            if !pod.is_terminating() {
                let revision = pod.labels().get(REVISION_LABEL).str();
                current += i64::from(revision == self.current.name());
                updated += i64::from(revision == self.update.name());
            }
        }
        current -= self.replaced;
        let wanted = self.replicas.len() as i64;
        let mut current_revision = self.current.name();
        if self.is_rolling() && [updated, ready, replicas].iter().all(|count| *count == wanted) {
            current = updated;
            current_revision = self.update.name();
        }
        let mut status = value!({
            "availableReplicas": available,
            "collisionCount": collisions,
            "currentRevision": current_revision,
            "replicas": replicas,
            "updateRevision": (self.update.name())
        });
        for (field, count) in [
            ("observedGeneration", self.set.generation()),
            ("readyReplicas", ready),
            ("currentReplicas", current),
            ("updatedReplicas", updated),
        ] {
            if count != 0 {
                status.set(field, count);
            }
        }
        if !self.set.status().get("conditions").is_empty() {
            status.set("conditions", self.set.status().get("conditions").clone());
        }
        api.modify_status(&self.set.key(), |written| *written = status);
        self.again
    }
}
