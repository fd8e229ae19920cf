//! The sizes of a Deployment's ReplicaSets.

use crate::api::Object;
use crate::apiserver::ApiServer;

use super::{Pass, SOURCE, active, available, is_rolling, max_surge, oldest_first, replicas};

/// The annotation with the size of the whole Deployment when a ReplicaSet was sized.
pub(super) const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
/// The annotation with that size and the surge.
pub(super) const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";

pub(super) fn desired_annotation(set: &Object) -> Option<i64> {
    set.annotation(DESIRED_REPLICAS).str().parse().ok()
}

pub(super) fn annotate_sizes(deployment: &Object, set: &mut Object) {
    let wanted = replicas(deployment);
    set.set_at(&["metadata", "annotations", DESIRED_REPLICAS], wanted.to_string());
    set.set_at(&["metadata", "annotations", MAX_REPLICAS], (wanted + max_surge(deployment)).to_string());
}

/// Half away from zero, as Kubernetes rounds shares.
fn round(share: f64) -> i64 {
    share.round() as i64
}

impl Pass {
    /// Gives a ReplicaSet a size and tells about it; the ReplicaSet as it is now, where the size is another.
    pub(super) fn resize(&self, api: &mut ApiServer, set: &Object, size: i64) -> Option<Object> {
        if replicas(set) == size { None } else { self.resize_or_annotate(api, set, size) }
    }

    fn resize_or_annotate(&self, api: &mut ApiServer, set: &Object, size: i64) -> Option<Object> {
        let from = replicas(set);
        let resized = api.modify(&set.key(), |set| {
            set.set_at(&["spec", "replicas"], size);
            annotate_sizes(&self.deployment, set);
        })?;
        if from == size {
            return None;
        }
        let way = if size > from { "up" } else { "down" };
        let text = format!("Scaled {way} replica set {} from {from} to {size}", set.name());
        api.event(&self.deployment, SOURCE, "ScalingReplicaSet", &text);
        Some(resized)
    }

    /// Sizes the ReplicaSets without rolling anything out: the one that is there, or several by their shares
    /// (`scale`).
    pub(super) fn scale_all(&self, api: &mut ApiServer, new: Option<&Object>, old: &[Object]) {
        let wanted = replicas(&self.deployment);
        let mut sets: Vec<Object> = old.to_vec();
        sets.extend(new.cloned());
        let mut sized = active(&sets);
        match &sized[..] {
            [] => {
                oldest_first(&mut sets);
                if let Some(set) = new.or(sets.last()) {
                    self.resize(api, set, wanted);
                }
                return;
            }
            [one] => return drop(self.resize(api, one, wanted)),
            _ => {}
        }
        let saturated = new.is_some_and(|new| {
            desired_annotation(new) == Some(wanted) && replicas(new) == wanted && available(new) == wanted
        });
        if saturated {
            for set in active(old) {
                self.resize(api, &set, 0);
            }
        } else if is_rolling(&self.deployment) {
            self.scale_by_share(api, &mut sized);
        }
    }

    fn scale_by_share(&self, api: &mut ApiServer, sets: &mut [Object]) {
        let wanted = replicas(&self.deployment);
        let allowed = if wanted > 0 { wanted + max_surge(&self.deployment) } else { 0 };
        let to_add = allowed - sets.iter().map(replicas).sum::<i64>();
        // The biggest first; of equal ones the newest where Pods are added, the oldest where they go.
        oldest_first(sets);
        if to_add > 0 {
            sets.reverse();
        }
        sets.sort_by_key(|set| std::cmp::Reverse(replicas(set)));
        let mut added = 0;
        let mut sizes: Vec<i64> = Vec::new();
        for set in sets.iter() {
            let share = self.share(set, to_add, added);
            added += share;
            sizes.push(replicas(set) + share);
        }
        if let Some(first) = sizes.first_mut() {
            *first = (*first + to_add - added).max(0);
        }
        for (set, size) in sets.iter().zip(sizes) {
            self.resize_or_annotate(api, set, size);
        }
    }

    /// How much of a change falls to one ReplicaSet (`GetReplicaSetProportion`).
    fn share(&self, set: &Object, to_add: i64, added: i64) -> i64 {
        let size = replicas(set);
        if size == 0 || to_add == 0 || to_add == added {
            return 0;
        }
        let wanted = replicas(&self.deployment);
        let fraction = if wanted == 0 {
            -size
        } else {
            let most_before = set.annotation(MAX_REPLICAS).str().parse().ok().filter(|most| *most != 0);
            let most_before = most_before.unwrap_or(self.deployment.status().get("replicas").int()).max(1);
            let most = wanted + max_surge(&self.deployment);
            round((size * most) as f64 / most_before as f64) - size
        };
        if to_add > 0 { fraction.min(to_add - added) } else { fraction.max(to_add - added) }
    }
}
