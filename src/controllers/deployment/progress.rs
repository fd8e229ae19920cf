//! What a Deployment says of itself.

use std::time::Duration;

use crate::api::Object;
use crate::apiserver::ApiServer;
use crate::base::{Date, Value};
use crate::value;

use super::{Pass, available, max_unavailable, replicas};

/// A condition as of now.
pub(super) fn condition(api: &ApiServer, kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let now = api.clock.date().rfc3339();
    value!({
        "lastTransitionTime": (now.as_str()),
        "lastUpdateTime": (now.as_str()),
        "message": message,
        "reason": reason,
        "status": status,
        "type": kind
    })
}

fn find<'a>(status: &'a Value, kind: &str) -> Option<&'a Value> {
    status.get("conditions").items().iter().find(|condition| condition.get("type").str() == kind)
}

fn drop_condition(status: &mut Value, kind: &str) {
    if find(status, kind).is_some() {
        status.entry("conditions").items_mut().retain(|condition| condition.get("type").str() != kind);
    }
    if status.get("conditions").is_empty() {
        status.remove("conditions");
    }
}

/// Puts a condition last, unless one of its status and reason is there (`SetDeploymentCondition`).
pub(super) fn put_condition(status: &mut Value, mut condition: Value) {
    let kind = condition.get("type").str().to_string();
    if let Some(old) = find(status, &kind) {
        if old.get("status") == condition.get("status") {
            if old.get("reason") == condition.get("reason") {
                return;
            }
            condition.set("lastTransitionTime", old.get("lastTransitionTime").clone());
        }
        drop_condition(status, &kind);
    }
    status.entry("conditions").push(condition);
}

fn sum(sets: &[&Object], of: impl Fn(&Object) -> i64) -> i64 {
    sets.iter().map(|set| of(set)).sum()
}

impl Pass {
    pub(super) fn has_deadline(&self) -> bool {
        self.deadline().is_some()
    }

    fn deadline(&self) -> Option<i64> {
        self.deployment
            .spec()
            .get("progressDeadlineSeconds")
            .as_int()
            .filter(|seconds| *seconds != i64::from(i32::MAX))
    }

    /// Says that the rollout is paused, or that it goes on.
    pub(super) fn tell_of_pause(&mut self, api: &mut ApiServer) {
        let reason = self.deployment.condition("Progressing").get("reason").str();
        if !self.has_deadline() || reason == "ProgressDeadlineExceeded" {
            return;
        }
        let told = match (self.is_paused(), reason == "DeploymentPaused") {
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return,
        };
        let condition = condition(api, "Progressing", "Unknown", told.0, told.1);
        if let Some(changed) = api.modify_status(&self.key, |status| put_condition(status, condition)) {
            self.deployment = changed;
        }
    }

    /// True where a status says that everything is of the new template and available.
    pub(super) fn is_complete(&self, status: &Value) -> bool {
        let wanted = replicas(&self.deployment);
        ["updatedReplicas", "replicas", "availableReplicas"].iter().all(|field| status.get(field).int() == wanted)
            && status.get("observedGeneration").int() >= self.deployment.generation()
    }

    fn status_of(&self, api: &ApiServer, new: Option<&Object>, old: &[Object]) -> Value {
        let mut sets: Vec<&Object> = old.iter().collect();
        sets.extend(new);
        let counted = |field: &'static str| move |set: &Object| set.status().get(field).int();
        let ready_to_serve = sum(&sets, available);
        let terminating =
            sets.iter().map(|set| set.status().get("terminatingReplicas").as_int()).sum::<Option<i64>>();
        let mut status = Value::map();
        if let Some(terminating) = terminating {
            status.set("terminatingReplicas", terminating);
        }
        for (field, count) in [
            ("observedGeneration", self.deployment.generation()),
            ("replicas", sum(&sets, counted("replicas"))),
            ("updatedReplicas", new.map_or(0, counted("replicas"))),
            ("readyReplicas", sum(&sets, counted("readyReplicas"))),
            ("availableReplicas", ready_to_serve),
            ("unavailableReplicas", (sum(&sets, replicas) - ready_to_serve).max(0)),
        ] {
            if count != 0 {
                status.set(field, count);
            }
        }
        for field in ["collisionCount", "conditions"] {
            let kept = self.deployment.status().get(field);
            if !kept.is_empty() {
                status.set(field, kept.clone());
            }
        }
        let enough = ready_to_serve >= replicas(&self.deployment) - max_unavailable(&self.deployment);
        put_condition(
            &mut status,
            if enough {
                let message = "Deployment has minimum availability.";
                condition(api, "Available", "True", "MinimumReplicasAvailable", message)
            } else {
                let message = "Deployment does not have minimum availability.";
                condition(api, "Available", "False", "MinimumReplicasUnavailable", message)
            },
        );
        status
    }

    /// Writes the status while nothing is rolled out.
    pub(super) fn write_status(
        &self,
        api: &mut ApiServer,
        new: Option<&Object>,
        old: &[Object],
    ) -> Option<Duration> {
        let status = self.status_of(api, new, old);
        api.modify_status(&self.key, |written| *written = status);
        None
    }

    /// Writes the status with what there is to say of the rollout (`syncRolloutStatus`).
    pub(super) fn write_rollout_status(
        &self,
        api: &mut ApiServer,
        new: Option<&Object>,
        old: &[Object],
    ) -> Option<Duration> {
        let mut status = self.status_of(api, new, old);
        let before = self.deployment.status();
        if !self.has_deadline() {
            drop_condition(&mut status, "Progressing");
        }
        let reason = find(before, "Progressing").map(|condition| condition.get("reason").str());
        let settled = status.get("replicas") == status.get("updatedReplicas")
            && reason == Some("NewReplicaSetAvailable");
        let subject = match new {
            Some(new) => format!("ReplicaSet \"{}\"", new.name()),
            None => format!("Deployment \"{}\"", self.deployment.name()),
        };
        if self.has_deadline() && !settled {
            if self.is_complete(&status) {
                let message = format!("{subject} has successfully progressed.");
                let done = condition(api, "Progressing", "True", "NewReplicaSetAvailable", &message);
                put_condition(&mut status, done);
            } else if is_progressing(before, &status) {
                let message = format!("{subject} is progressing.");
                let mut going = condition(api, "Progressing", "True", "ReplicaSetUpdated", &message);
                if let Some(old) = find(before, "Progressing")
                    && old.get("status").str() == "True"
                {
                    going.set("lastTransitionTime", old.get("lastTransitionTime").clone());
                }
                drop_condition(&mut status, "Progressing");
                put_condition(&mut status, going);
            } else if self.time_left(api, &status) == Some(Duration::ZERO) {
                let message = format!("{subject} has timed out progressing.");
                let late = condition(api, "Progressing", "False", "ProgressDeadlineExceeded", &message);
                put_condition(&mut status, late);
            }
        }
        match new.into_iter().chain(old).map(|set| set.condition("ReplicaFailure")).find(|c| !c.is_null()) {
            Some(failure) => {
                let mut told = failure.clone();
                told.set("lastUpdateTime", failure.get("lastTransitionTime").clone());
                put_condition(&mut status, told);
            }
            None => drop_condition(&mut status, "ReplicaFailure"),
        }
        let again = self.time_left(api, &status).filter(|_| !self.is_complete(&status));
        api.modify_status(&self.key, |written| *written = status);
        again.filter(|left| !left.is_zero())
    }

    /// How long the rollout may still show no progress; none where that is not being watched.
    fn time_left(&self, api: &ApiServer, status: &Value) -> Option<Duration> {
        let progressing = find(status, "Progressing")?;
        if matches!(progressing.get("reason").str(), "NewReplicaSetAvailable" | "ProgressDeadlineExceeded") {
            return None;
        }
        let from = Date::parse_rfc3339(progressing.get("lastUpdateTime").str())?;
        Some(api.clock.at(Date(from.0 + self.deadline()?)).since(api.clock.now))
    }
}

/// True where more Pods are of the new template, ready or available than before, or fewer of an old one
/// (`DeploymentProgressing`).
fn is_progressing(before: &Value, after: &Value) -> bool {
    let old_ones = |status: &Value| status.get("replicas").int() - status.get("updatedReplicas").int();
    let more = |field: &str| after.get(field).int() > before.get(field).int();
    more("updatedReplicas")
        || more("readyReplicas")
        || more("availableReplicas")
        || old_ones(after) < old_ones(before)
}
