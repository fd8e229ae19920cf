//! DaemonSets: a Pod on every node that takes one.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::Value;
use crate::value;

use super::revision_history::{self, Naming};
use super::{Enqueue, NOW, int_or_string, node, ownership, pod, replica_set, template_hash};

const SOURCE: Source<'static> = Source::component("daemonset-controller");
/// The label that says of which revision a Pod is.
const REVISION_LABEL: &str = "controller-revision-hash";
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// Looks at a DaemonSet when it, a Pod of it or a node changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::DaemonSet if change.kind != ChangeKind::Deleted => enqueue(object.key(), NOW),
        Kind::Pod => {
            ownership::concerned_by_pod(api, Kind::DaemonSet, change, selector_of, |key| enqueue(key, NOW));
        }
        Kind::Node => {
            let same = |old: &Object| old.labels() == object.labels() && old.spec() == object.spec();
            if change.kind != ChangeKind::Modified || !change.old.as_ref().is_some_and(same) {
                api.store().list(Kind::DaemonSet).for_each(|set| enqueue(set.key(), NOW));
            }
        }
        _ => {}
    }
}

fn selector_of(set: &Object) -> Selector {
    Selector::from_label_selector(set.spec().get("selector"))
}

/// The name of a DaemonSet's revisions: the hash of the template alone.
const NAMING: Naming = Naming {
    label: REVISION_LABEL,
    hash: |set, _, collisions| {
        let collisions = Some(collisions).filter(|_| !set.status().get("collisionCount").is_null());
        template_hash::pod_template_hash(set.spec().get("template"), collisions)
    },
};

/// Creates, deletes and replaces Pods, and writes the status.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let set = api.get(key)?.clone();
    let selector = selector_of(&set);
    if selector.is_empty() {
        let why = "This daemon set is selecting all pods. A non-empty selector is required.";
        api.warning(&set, SOURCE, "SelectingAll", why);
        return None;
    }
    if set.is_terminating() {
        return None;
    }
    let mut revisions = revision_history::list(api, &set);
    let had = set.status().get("collisionCount").as_int();
    let mut collisions = had.unwrap_or(0);
    let current = revision_history::current(api, &set, &mut revisions, &mut collisions, &NAMING)?;
    let hash = current.labels().get(REVISION_LABEL).str().to_string();
    let mut pass = Pass::new(api, set, &selector, hash);
    let created = pass.place(api);
    if !created && pass.set.spec().at(&["updateStrategy", "type"]).str() != "OnDelete" {
        pass.roll(api);
    }
    let limit = pass.set.spec().get("revisionHistoryLimit").as_int().unwrap_or(10);
    revision_history::truncate(api, &revisions, limit, |revision| {
        let hash = revision.labels().get(REVISION_LABEL);
        revision.name() == current.name()
            || pass.pods.values().flatten().any(|pod| pod.labels().get(REVISION_LABEL) == hash)
    });
    let collided = (collisions > 0 || had.is_some()).then_some(collisions);
    pass.write_status(api, collided)
}

/// One pass over one DaemonSet.
struct Pass {
    set: Object,
    hash: String,
    /// The nodes, with whether a Pod should be started there and whether one may stay.
    nodes: Vec<(Object, bool, bool)>,
    /// The Pods by the node they are on or made for, the oldest first.
    pods: BTreeMap<String, Vec<Object>>,
    min_ready_seconds: i64,
}

/// The node that a Pod is on or was made for.
fn node_of(pod: &Object) -> String {
    let bound = pod.spec().get("nodeName").str();
    if !bound.is_empty() {
        return bound.to_string();
    }
    let required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = pod.spec().at(&required).get("nodeSelectorTerms").items();
    let fields = terms.iter().flat_map(|term| term.get("matchFields").items());
    let named = fields.filter(|field| field.get("key").str() == "metadata.name");
    named.flat_map(|field| field.get("values").items()).map(|node| node.str().to_string()).next().unwrap_or_default()
}

impl Pass {
    fn new(api: &mut ApiServer, set: Object, selector: &Selector, hash: String) -> Self {
        let mut pods: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        for pod in ownership::claim(api, &set, Kind::Pod, selector, |_| true) {
            pods.entry(node_of(&pod)).or_default().push(pod);
        }
        for on_node in pods.values_mut() {
            on_node.sort_by_key(|pod| (pod.created_at(), pod.name().to_string()));
        }
        let mut spec = set.spec().at(&["template", "spec"]).clone();
        add_tolerations(&mut spec);
        let nodes = api.store().list(Kind::Node).map(|node| {
            let (starts, stays) = suits(&spec, node);
            (node.clone(), starts, stays)
        });
        let nodes = nodes.collect();
        let min_ready_seconds = set.spec().get("minReadySeconds").int();
        Self { set, hash, nodes, pods, min_ready_seconds }
    }

    fn is_available(&self, api: &ApiServer, pod: &Object) -> bool {
        pod::available_in(pod, self.min_ready_seconds, &api.clock) == Some(Duration::ZERO)
    }

    fn on(&self, node: &Object) -> &[Object] {
        self.pods.get(node.name()).map_or(&[], |pods| pods)
    }

    /// Puts a Pod on every node that lacks one, and takes those away that do not belong (`manage`). True where it
    /// did anything.
    fn place(&mut self, api: &mut ApiServer) -> bool {
        let (mut lacking, mut surplus) = (Vec::new(), Vec::new());
        for (node, starts, stays) in &self.nodes {
            let pods = self.on(node);
            if *starts && pods.is_empty() {
                lacking.push(node.name().to_string());
            } else if !*stays {
                surplus.extend(pods.iter().filter(|pod| !pod.is_terminating()).cloned());
            } else {
                let (ended, mut running): (Vec<&Object>, Vec<&Object>) =
                    pods.iter().filter(|pod| !pod.is_terminating()).partition(|pod| pod::is_terminal(pod));
                for pod in ended {
                    self.tell_of_ended(api, pod, node.name());
                    surplus.push(pod.clone());
                }
                let surging = self.surge() > 0
                    && running.iter().any(|p| p.labels().get(REVISION_LABEL).str() == self.hash);
                if !surging && running.len() > 1 {
                    // The one that is bound, or the oldest, stays.
                    running.sort_by_key(|pod| pod.spec().get("nodeName").is_empty());
                    surplus.extend(running.drain(1..).cloned());
                }
            }
        }
        for (node, pods) in &self.pods {
            if !self.nodes.iter().any(|(known, ..)| known.name() == node) {
                let waiting = |pod: &&Object| pod.spec().get("nodeName").is_empty() && !pod.is_terminating();
                surplus.extend(pods.iter().filter(waiting).cloned());
            }
        }
        let did = !lacking.is_empty() || !surplus.is_empty();
        for node in lacking {
            if self.create(api, &node).is_err() {
                break;
            }
        }
        for pod in surplus {
            // What is refused is told of, and tried again when something changes.
            let _ = replica_set::delete_pod(api, &self.set, &pod, &SOURCE);
        }
        did
    }

    fn tell_of_ended(&self, api: &mut ApiServer, pod: &Object, node: &str) {
        let (namespace, name) = (pod.namespace(), pod.name());
        if pod.status().get("phase").str() == "Failed" {
            let what = format!("Found failed daemon pod {namespace}/{name} on node {node}, will try to kill it");
            api.warning(&self.set, SOURCE, "FailedDaemonPod", &what);
        } else {
            let what =
                format!("Found succeeded daemon pod {namespace}/{name} on node {node}, will try to delete it");
            api.event(&self.set, SOURCE, "SucceededDaemonPod", &what);
        }
    }

    fn create(&self, api: &mut ApiServer, node: &str) -> Result<(), crate::api::Status> {
        let mut made = pod::from_template(self.set.spec().get("template"), &self.set);
        made.set_at(&["metadata", "labels", REVISION_LABEL], self.hash.as_str());
        let generation = self.set.annotation(TEMPLATE_GENERATION).str();
        if !generation.is_empty() {
            made.set_at(&["metadata", "labels", "pod-template-generation"], generation);
        }
        add_tolerations(made.entry("spec"));
        let name = value!({"key": "metadata.name", "operator": "In", "values": [node]});
        made.set_at(
            &["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"],
            value!({"nodeSelectorTerms": [{"matchFields": [name]}]}),
        );
        replica_set::create_pod(api, &self.set, made.body, &SOURCE).map(drop)
    }

    fn rolling(&self, field: &str, unset: i64) -> i64 {
        let value = self.set.spec().at(&["updateStrategy", "rollingUpdate", field]);
        let wanted = self.nodes.iter().filter(|(_, starts, _)| *starts).count() as i64;
        if value.is_null() { unset } else { int_or_string::scaled(value, wanted, true) }
    }

    fn surge(&self) -> i64 {
        self.rolling("maxSurge", 0)
    }

    /// Replaces Pods of older revisions, as many at once as may be unavailable or surge.
    fn roll(&mut self, api: &mut ApiServer) {
        let surge = self.surge();
        let mut may_go = self.rolling("maxUnavailable", 1);
        let mut may_come = surge;
        let (mut replaceable, mut candidates) = (Vec::new(), Vec::new());
        let mut nodes_for_new = Vec::new();
        for (node, starts, _) in &self.nodes {
            let alive = self.on(node).iter().filter(|pod| !pod.is_terminating());
            let (new, old): (Vec<&Object>, Vec<&Object>) =
                alive.partition(|pod| pod.labels().get(REVISION_LABEL).str() == self.hash);
            match (new.first(), old.first()) {
                (None, None) => may_go -= i64::from(*starts),
                (Some(new), None) => {
                    let unavailable = i64::from(!self.is_available(api, new));
                    if surge == 0 { may_go -= unavailable } else { may_come -= unavailable }
                }
                (Some(new), Some(old)) => {
                    // A surge: the old one goes once the new one is there.
                    if surge > 0 && !self.is_available(api, new) {
                        may_come -= 1;
                    } else {
                        replaceable.push((*old).clone());
                    }
                }
                (None, Some(old)) if !self.is_available(api, old) => {
                    if surge > 0 {
                        nodes_for_new.insert(0, node.name().to_string());
                    } else {
                        may_go -= 1;
                        replaceable.push((*old).clone());
                    }
                }
                (None, Some(_)) if surge > 0 => nodes_for_new.push(node.name().to_string()),
                (None, Some(old)) => candidates.push((*old).clone()),
            }
        }
        replaceable.extend(candidates.into_iter().take(usize::try_from(may_go).unwrap_or(0)));
        for pod in replaceable {
            let _ = replica_set::delete_pod(api, &self.set, &pod, &SOURCE);
        }
        for node in nodes_for_new.into_iter().take(usize::try_from(may_come).unwrap_or(0)) {
            let _ = self.create(api, &node);
        }
    }

    fn write_status(&self, api: &mut ApiServer, collisions: Option<i64>) -> Option<Duration> {
        let (mut desired, mut current, mut astray, mut ready, mut available, mut updated) = (0, 0, 0, 0, 0, 0);
        let mut again: Option<Duration> = None;
        for (node, starts, _) in &self.nodes {
            let pods = self.on(node);
            if !starts {
                astray += i64::from(!pods.is_empty());
                continue;
            }
            desired += 1;
            let Some(pod) = pods.first() else { continue };
            current += 1;
            if let Some(left) = pod::available_in(pod, self.min_ready_seconds, &api.clock) {
                ready += 1;
                available += i64::from(left.is_zero());
                if !left.is_zero() {
                    again = Some(again.map_or(left, |soonest| soonest.min(left)));
                }
            }
            updated += i64::from(pod.labels().get(REVISION_LABEL).str() == self.hash);
        }
        let mut status = value!({
            "currentNumberScheduled": current,
            "desiredNumberScheduled": desired,
            "numberMisscheduled": astray,
            "numberReady": ready
        });
        for (field, count) in [
            ("observedGeneration", self.set.generation()),
            ("updatedNumberScheduled", updated),
            ("numberAvailable", available),
            ("numberUnavailable", desired - available),
        ] {
            if count > 0 {
                status.set(field, count);
            }
        }
        if let Some(collisions) = collisions {
            status.set("collisionCount", collisions);
        }
        api.modify_status(&self.set.key(), |written| *written = status);
        again
    }
}

/// Whether a Pod of this spec should be started on a node, and whether one may stay there (`NodeShouldRunDaemonPod`).
fn suits(spec: &Value, node: &Object) -> (bool, bool) {
    let named = spec.get("nodeName").str();
    if (!named.is_empty() && named != node.name()) || !node::is_selected(spec, node) {
        return (false, false);
    }
    let starts = node::untolerated(spec, node, &["NoSchedule", "NoExecute"]).is_none();
    (starts, starts || node::untolerated(spec, node, &["NoExecute"]).is_none())
}

/// What a Pod of a DaemonSet tolerates beyond its template (`AddOrUpdateDaemonPodTolerations`).
fn add_tolerations(spec: &mut Value) {
    let mut add = |key: &str, effect: &str| {
        let toleration = value!({"effect": effect, "key": key, "operator": "Exists"});
        let tolerations = spec.entry("tolerations");
        let same = |t: &Value| {
            t.get("key") == toleration.get("key")
                && t.get("effect") == toleration.get("effect")
                && t.get("operator").str() == "Exists"
        };
        match tolerations.items().iter().position(same) {
            Some(at) => tolerations.items_mut()[at] = toleration,
            None => tolerations.push(toleration),
        }
    };
    add("node.kubernetes.io/not-ready", "NoExecute");
    add("node.kubernetes.io/unreachable", "NoExecute");
    for key in ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"] {
        add(&format!("node.kubernetes.io/{key}"), "NoSchedule");
    }
    if spec.get("hostNetwork").bool() {
        let toleration = value!({
            "effect": "NoSchedule", "key": "node.kubernetes.io/network-unavailable", "operator": "Exists"
        });
        if !spec.get("tolerations").items().contains(&toleration) {
            spec.entry("tolerations").push(toleration);
        }
    }
}
