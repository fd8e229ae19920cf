//! Deployments: ReplicaSets of one template after another, and the change from one to the next.
//!
//! As in Kubernetes a pass works on what it read at its start: a status written after a scaling still counts the old
//! sizes, and the next pass, which the scaling brings about, sees the new ones.

mod progress;
mod revision;
mod scale;

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::event::Source;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::Value;

use super::{Enqueue, NOW, int_or_string, ownership};

/// Who these loops are in Events.
const SOURCE: Source<'static> = Source::component("deployment-controller");

/// Looks at a Deployment when it or a ReplicaSet of it changes, or its last Pod is gone.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Deployment if change.kind != ChangeKind::Deleted => enqueue(object.key(), NOW),
        Kind::ReplicaSet => ownership::concerned(api, Kind::Deployment, change, selector_of, |key| {
            enqueue(key, NOW);
        }),
        Kind::Pod if change.kind == ChangeKind::Deleted => {
            let deployment = object
                .controller_key()
                .filter(|owner| owner.kind == Kind::ReplicaSet)
                .and_then(|owner| api.get(&owner)?.controller_key());
            if let Some(key) = deployment.filter(|key| key.kind == Kind::Deployment)
                && api.get(&key).is_some_and(|deployment| !is_rolling(deployment))
            {
                enqueue(key, NOW);
            }
        }
        _ => {}
    }
}

/// Takes the Deployment one step on.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let deployment = api.get(key)?.clone();
    let selector = selector_of(&deployment);
    if selector.is_empty() {
        let why = "This deployment is selecting all pods. A non-empty selector is required.";
        api.warning(&deployment, SOURCE, "SelectingAll", why);
        return None;
    }
    let sets = ownership::claim(api, &deployment, Kind::ReplicaSet, &selector, |_| true);
    let mut pass = Pass { key: key.clone(), deployment, sets };
    if pass.deployment.is_terminating() {
        let (new, old) = pass.split(api, false);
        return pass.write_status(api, new.as_ref(), &old);
    }
    pass.tell_of_pause(api);
    if pass.is_paused() || pass.is_scaled(api) {
        return pass.scale_only(api);
    }
    if is_rolling(&pass.deployment) { pass.roll(api) } else { pass.recreate(api) }
}

fn selector_of(deployment: &Object) -> Selector {
    Selector::from_label_selector(deployment.spec().get("selector"))
}

fn is_rolling(deployment: &Object) -> bool {
    deployment.spec().at(&["strategy", "type"]).str() != "Recreate"
}

/// The replicas that an object with a scale asks for.
fn replicas(object: &Object) -> i64 {
    object.spec().get("replicas").as_int().unwrap_or(1)
}

fn available(set: &Object) -> i64 {
    set.status().get("availableReplicas").int()
}

/// The Pods above `replicas` and the unavailable ones below it that a rolling update may have (`ResolveFenceposts`).
fn fenceposts(deployment: &Object) -> (i64, i64) {
    let rolling = deployment.spec().at(&["strategy", "rollingUpdate"]);
    let total = replicas(deployment);
    let quarter = Value::from("25%");
    let of = |field: &str, round_up: bool| {
        let value = rolling.get(field);
        int_or_string::scaled(if value.is_null() { &quarter } else { value }, total, round_up)
    };
    let (surge, unavailable) = (of("maxSurge", true), of("maxUnavailable", false));
    (surge, if surge == 0 && unavailable == 0 { 1 } else { unavailable })
}

fn max_surge(deployment: &Object) -> i64 {
    if is_rolling(deployment) { fenceposts(deployment).0 } else { 0 }
}

fn max_unavailable(deployment: &Object) -> i64 {
    if !is_rolling(deployment) || replicas(deployment) == 0 {
        return 0;
    }
    fenceposts(deployment).1.min(replicas(deployment))
}

/// The ReplicaSets that have or should have Pods.
fn active(sets: &[Object]) -> Vec<Object> {
    sets.iter().filter(|set| replicas(set) > 0).cloned().collect()
}

fn oldest_first(sets: &mut [Object]) {
    sets.sort_by_key(|set| (set.created_at(), set.name().to_string()));
}

/// One pass over one Deployment, on what it read at its start.
struct Pass {
    key: ObjectKey,
    deployment: Object,
    sets: Vec<Object>,
}

impl Pass {
    fn is_paused(&self) -> bool {
        self.deployment.spec().get("paused").bool()
    }

    /// True where the number of replicas was changed since the ReplicaSets were sized (`isScalingEvent`).
    fn is_scaled(&mut self, api: &mut ApiServer) -> bool {
        let (new, mut sets) = self.split(api, false);
        sets.extend(new);
        active(&sets).iter().any(|set| {
            scale::desired_annotation(set).is_some_and(|desired| desired != replicas(&self.deployment))
        })
    }

    /// Keeps the size right and the history short, and rolls nothing out.
    fn scale_only(&mut self, api: &mut ApiServer) -> Option<Duration> {
        let (new, old) = self.split(api, false);
        self.scale_all(api, new.as_ref(), &old);
        if self.is_paused() {
            self.clean_up(api, &old);
        }
        self.write_status(api, new.as_ref(), &old)
    }

    fn roll(&mut self, api: &mut ApiServer) -> Option<Duration> {
        let known = self.sets.len();
        let (new, old) = self.split(api, true);
        let new = new?;
        if self.sets.len() > known {
            // Its creation takes a while; the old ones are the next pass's.
            return self.write_rollout_status(api, Some(&new), &old);
        }
        let moved = self.scale_new_for_rolling(api, &new, &old) || self.scale_old_for_rolling(api, &new, &old);
        if !moved && self.is_complete(self.deployment.status()) {
            self.clean_up(api, &old);
        }
        self.write_rollout_status(api, Some(&new), &old)
    }

    fn recreate(&mut self, api: &mut ApiServer) -> Option<Duration> {
        let (mut new, mut old) = self.split(api, false);
        let mut moved = false;
        for set in active(&old) {
            moved |= self.resize(api, &set, 0).is_some();
        }
        if moved || old_pods_running(api, new.as_ref(), &self.sets) {
            return self.write_rollout_status(api, new.as_ref(), &old);
        }
        if new.is_none() {
            (new, old) = self.split(api, true);
        }
        if let Some(new) = &new {
            self.resize(api, new, replicas(&self.deployment));
        }
        if self.is_complete(self.deployment.status()) {
            self.clean_up(api, &old);
        }
        self.write_rollout_status(api, new.as_ref(), &old)
    }

    /// Grows the new ReplicaSet as far as the surge allows.
    fn scale_new_for_rolling(&mut self, api: &mut ApiServer, new: &Object, old: &[Object]) -> bool {
        let wanted = replicas(&self.deployment);
        let size = match replicas(new).cmp(&wanted) {
            std::cmp::Ordering::Equal => return false,
            std::cmp::Ordering::Greater => wanted,
            std::cmp::Ordering::Less => self.next_size_of_new(replicas(new), old),
        };
        self.resize(api, new, size).is_some()
    }

    /// The size that the new ReplicaSet may have beside the old ones (`NewRSNewReplicas`).
    fn next_size_of_new(&self, size: i64, old: &[Object]) -> i64 {
        let wanted = replicas(&self.deployment);
        if !is_rolling(&self.deployment) {
            return wanted;
        }
        let pods = size + old.iter().map(replicas).sum::<i64>();
        let room = wanted + max_surge(&self.deployment) - pods;
        if room <= 0 { size } else { size + room.min(wanted - size) }
    }

    /// Shrinks the old ReplicaSets as far as enough Pods stay available, unhealthy ones first.
    fn scale_old_for_rolling(&mut self, api: &mut ApiServer, new: &Object, old: &[Object]) -> bool {
        let mut old = active(old);
        let old_pods: i64 = old.iter().map(replicas).sum();
        if old_pods == 0 {
            return false;
        }
        let min_available = replicas(&self.deployment) - max_unavailable(&self.deployment);
        let new_unavailable = replicas(new) - available(new);
        let may_go = old_pods + replicas(new) - min_available - new_unavailable;
        if may_go <= 0 {
            return false;
        }
        oldest_first(&mut old);
        let mut gone = 0;
        for set in &mut old {
            let unhealthy = replicas(set) - available(set);
            if unhealthy > 0 && gone < may_go {
                let fewer = unhealthy.min(may_go - gone);
                gone += fewer;
                let size = replicas(set) - fewer;
                if let Some(resized) = self.resize(api, set, size) {
                    *set = resized;
                }
            }
        }
        let healthy: i64 = old.iter().map(available).sum::<i64>() + available(new);
        let mut surplus = healthy - min_available;
        for set in &old {
            let fewer = replicas(set).min(surplus);
            if fewer > 0 {
                surplus -= fewer;
                gone += fewer;
                self.resize(api, set, replicas(set) - fewer);
            }
        }
        gone > 0
    }
}

/// True while Pods of old ReplicaSets still run (`oldPodsRunning`).
fn old_pods_running(api: &ApiServer, new: Option<&Object>, sets: &[Object]) -> bool {
    let mut old = sets.iter().filter(|set| new.is_none_or(|new| new.uid() != set.uid()));
    old.any(|set| {
        set.status().get("replicas").int() > 0
            || api
                .store()
                .owned_by(set.uid())
                .any(|object| object.kind == Kind::Pod && !super::pod::is_terminal(object))
    })
}
