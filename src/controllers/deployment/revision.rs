//! Which ReplicaSet is of which revision of the template.

use crate::api::{Kind, Object};
use crate::apiserver::{ApiServer, Deletion};
use crate::base::Value;
use crate::value;

use super::progress::{condition, put_condition};
use super::scale::annotate_sizes;
use super::{Pass, SOURCE, replicas};
use crate::controllers::{namespace_is_going, template_hash};

/// The annotation that numbers the revisions.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotation with the numbers that a ReplicaSet had before it was rolled back to.
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// The label that tells the Pods of one template from those of another.
const HASH_LABEL: &str = "pod-template-hash";
/// The annotations of a Deployment that its ReplicaSets do not take over.
const OWN_ANNOTATIONS: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    super::scale::DESIRED_REPLICAS,
    super::scale::MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

pub(super) fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).str().parse().unwrap_or(0)
}

/// A template without the label that its ReplicaSet added.
fn plain(template: &Value) -> Value {
    let mut template = template.clone();
    if !template.at(&["metadata", "labels", HASH_LABEL]).is_null() {
        template.entry_at(&["metadata", "labels"]).remove(HASH_LABEL);
    }
    template
}

impl Pass {
    /// The ReplicaSet of the present template, made where it lacks and `create` says so, and the others
    /// (`getAllReplicaSetsAndSyncRevision`).
    pub(super) fn split(&mut self, api: &mut ApiServer, create: bool) -> (Option<Object>, Vec<Object>) {
        super::oldest_first(&mut self.sets);
        let template = plain(self.deployment.spec().get("template"));
        let found = self.sets.iter().position(|set| plain(set.spec().get("template")) == template);
        let mut old = self.sets.clone();
        let new = found.map(|at| old.remove(at));
        let next = old.iter().map(revision).max().unwrap_or(0) + 1;
        let new = match new {
            Some(new) => Some(self.keep_new(api, new, next)),
            None if create => self.create_new(api, &old, next),
            None => None,
        };
        (new, old)
    }

    /// Keeps the annotations of an existing ReplicaSet right; the Deployment follows it in the next pass.
    fn keep_new(&mut self, api: &mut ApiServer, new: Object, next: i64) -> Object {
        let mut kept = new.clone();
        annotate(&self.deployment, &mut kept, next);
        let min_ready_seconds = self.deployment.spec().get("minReadySeconds").int();
        if new.spec().get("minReadySeconds").int() != min_ready_seconds {
            kept.set_at(&["spec", "minReadySeconds"], min_ready_seconds);
        }
        if kept != new {
            let key = kept.key();
            let kept = api.modify(&key, |set| *set = kept).unwrap_or(new);
            self.replace(&kept);
            return kept;
        }
        let number = revision(&new).to_string();
        let found = self
            .has_deadline()
            .then(|| format!("Found new replica set \"{}\"", new.name()))
            .filter(|_| self.deployment.condition("Progressing").is_null())
            .map(|message| condition(api, "Progressing", "True", "FoundNewReplicaSet", &message));
        self.set_revision(api, &number, found);
        new
    }

    fn replace(&mut self, changed: &Object) {
        for set in self.sets.iter_mut().filter(|set| set.uid() == changed.uid()) {
            *set = changed.clone();
        }
    }

    /// Writes the revision and a condition to the Deployment, where they are new.
    fn set_revision(&mut self, api: &mut ApiServer, number: &str, told: Option<Value>) {
        let changed = api.modify_with_status(&self.key, |deployment| {
            deployment.set_at(&["metadata", "annotations", REVISION], number);
            if let Some(condition) = told {
                put_condition(deployment.entry("status"), condition);
            }
        });
        self.deployment = changed.unwrap_or_else(|| self.deployment.clone());
    }

    fn create_new(&mut self, api: &mut ApiServer, old: &[Object], next: i64) -> Option<Object> {
        let deployment = self.deployment.clone();
        let collisions = deployment.status().get("collisionCount").as_int();
        let mut template = deployment.spec().get("template").clone();
        let hash = template_hash::pod_template_hash(&template, collisions);
        let size = self.next_size_of_new(0, old);
        let mut set = Object::new(Kind::ReplicaSet, deployment.namespace(), &format!("{}-{hash}", deployment.name()));
        template.set_at(&["metadata", "labels", HASH_LABEL], hash.as_str());
        let mut selector = deployment.spec().get("selector").clone();
        selector.set_at(&["matchLabels", HASH_LABEL], hash.as_str());
        set.set_at(&["metadata", "labels"], template.at(&["metadata", "labels"]).clone());
        set.set_at(&["metadata", "ownerReferences"], value!([(deployment.as_controller())]));
        set.set("spec", value!({"replicas": size, "selector": selector, "template": (template.clone())}));
        let min_ready_seconds = deployment.spec().get("minReadySeconds").int();
        if min_ready_seconds > 0 {
            set.set_at(&["spec", "minReadySeconds"], min_ready_seconds);
        }
        annotate(&deployment, &mut set, next);
        annotate_sizes(&deployment, &mut set);
        let key = set.key();
        match api.create(set.body, deployment.namespace(), false) {
            Ok(created) => {
                if size > 0 {
                    let text = format!("Scaled up replica set {} from 0 to {size}", created.name());
                    api.event(&deployment, SOURCE, "ScalingReplicaSet", &text);
                }
                let told = self.has_deadline().then(|| {
                    let message = format!("Created new replica set \"{}\"", created.name());
                    condition(api, "Progressing", "True", "NewReplicaSetCreated", &message)
                });
                self.sets.push(created.clone());
                self.set_revision(api, &next.to_string(), told);
                Some(created)
            }
            Err(refusal) if refusal.reason == "AlreadyExists" => {
                // Another template has the same hash: the next try counts on.
                let ours = api.get(&key).is_some_and(|set| set.is_controlled_by(deployment.uid()));
                let same = api.get(&key).is_some_and(|set| {
                    plain(set.spec().get("template")) == plain(deployment.spec().get("template"))
                });
                if !(ours && same) {
                    api.modify_status(&self.key, |status| {
                        status.set("collisionCount", collisions.unwrap_or(0) + 1);
                    });
                }
                None
            }
            Err(refusal) => {
                if namespace_is_going(api, &deployment) {
                    return None;
                }
                let message = format!("Failed to create new replica set \"{}\": {}", key.name, refusal.message);
                if self.has_deadline() {
                    let failed = condition(api, "Progressing", "False", "ReplicaSetCreateError", &message);
                    api.modify_status(&self.key, |status| put_condition(status, failed));
                }
                api.warning(&deployment, SOURCE, "ReplicaSetCreateError", &message);
                None
            }
        }
    }

    /// Deletes old ReplicaSets without Pods, the oldest revisions first, until no more than the history's limit are
    /// left.
    pub(super) fn clean_up(&self, api: &mut ApiServer, old: &[Object]) {
        let limit = self.deployment.spec().get("revisionHistoryLimit").as_int().unwrap_or(10);
        let mut old: Vec<&Object> = old.iter().filter(|set| !set.is_terminating()).collect();
        let surplus = old.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        old.sort_by_key(|set| (revision(set), set.created_at()));
        for set in &old[..surplus] {
            let idle = set.status().get("replicas").int() == 0
                && replicas(set) == 0
                && set.generation() <= set.status().get("observedGeneration").int();
            if idle {
                // It can only be gone already.
                let _ = api.delete(&set.key(), Deletion::default());
            }
        }
    }
}

/// Gives a ReplicaSet the annotations of its Deployment and the number of its revision
/// (`SetNewReplicaSetAnnotations`).
fn annotate(deployment: &Object, set: &mut Object, next: i64) {
    for (key, value) in deployment.meta("annotations").entries() {
        if !OWN_ANNOTATIONS.contains(&key) {
            set.set_at(&["metadata", "annotations", key], value.clone());
        }
    }
    let had = set.annotation(REVISION).as_str().map(str::to_string);
    if revision(set) >= next {
        return;
    }
    set.set_at(&["metadata", "annotations", REVISION], next.to_string());
    if let Some(had) = had {
        let history = match set.annotation(REVISION_HISTORY).str() {
            "" => had,
            history => format!("{history},{had}"),
        };
        set.set_at(&["metadata", "annotations", REVISION_HISTORY], history);
    }
}
