//! `kubectl rollout status`

use crate::api::{Kind, Object, ObjectKey};
use crate::base::SimTime;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::FILES;
use crate::kubectl::running::Running;
use crate::kubectl::session::{DONE, Flow, Session, Wake};

use super::{REVISION, find};

pub(super) const COMMAND: Command = Command {
    name: "status",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "Show the status of the rollout",
    flags: &[FILES, "revision:int=0 selector,l timeout:duration=0s watch,w:bool=true"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let revision = session.flags.number("revision");
    if revision < 0 {
        bail!("revision must be a positive integer: {revision}");
    }
    let (objects, errors) = find(session)?;
    Error::all(errors)?;
    for object in &objects {
        if !matches!(object.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) {
            bail!("no status viewer has been implemented for {}", object.kind.group_kind());
        }
    }
    let timeout = session.flags.nanos("timeout");
    let watching = Watching {
        keys: objects.iter().map(Object::key).collect(),
        seen: None,
        until: (timeout > 0).then(|| session.after(timeout)),
    };
    watching.step(session)
}

/// Rollouts that are watched, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watching {
    keys: Vec<ObjectKey>,
    /// The version of the first object that was told of last.
    seen: Option<String>,
    until: Option<SimTime>,
}

impl Watching {
    /// Tells of every change until the rollout is done.
    ///
    /// # Errors
    /// Where it cannot come to its end, or takes too long.
    pub fn step(mut self, session: &mut Session<'_>) -> Result<Flow> {
        while let Some(key) = self.keys.first().cloned() {
            let Some(object) = session.api.get(&key).cloned() else {
                bail!("object has been deleted");
            };
            let version = object.meta("resourceVersion").str().to_string();
            if self.seen.as_deref() != Some(version.as_str()) {
                let (text, done) = progress(&object, session.flags.number("revision"))?;
                session.line(text);
                if done || !session.flags.is("watch") {
                    self.keys.remove(0);
                    self.seen = None;
                    continue;
                }
                self.seen = Some(version);
            }
            if self.until.is_some_and(|until| session.io.now() >= until) {
                bail!("timed out waiting for the condition");
            }
            let wake = Wake::on_change_until(self.until);
            return Ok(Flow::Running(Running::RolloutStatus(self), wake));
        }
        DONE
    }
}

/// How far a rollout is, and whether it is done.
fn progress(object: &Object, revision: i64) -> Result<(String, bool)> {
    let (spec, status, name) = (object.spec(), object.status(), object.name());
    let count = |field: &str| status.get(field).int();
    let wanted = spec.get("replicas").as_int().unwrap_or(1);
    let observed = object.generation() <= count("observedGeneration");
    let strategy = |field: &str| spec.at(&[field, "type"]).str().to_string();
    Ok(match object.kind {
        Kind::Deployment => {
            if revision > 0 {
                let running: i64 = object.annotation(REVISION).str().parse().unwrap_or(0);
                if running != revision {
                    bail!("desired revision ({revision}) is different from the running revision ({running})");
                }
            }
            if !observed {
                return Ok(("Waiting for deployment spec update to be observed...".into(), false));
            }
            if object.condition("Progressing").get("reason").str() == "ProgressDeadlineExceeded" {
                bail!("deployment \"{name}\" exceeded its progress deadline");
            }
            let waiting = format!("Waiting for deployment \"{name}\" rollout to finish:");
            let (all, updated, available) =
                (count("replicas"), count("updatedReplicas"), count("availableReplicas"));
            if updated < wanted {
                (format!("{waiting} {updated} out of {wanted} new replicas have been updated..."), false)
            } else if all > updated {
                (format!("{waiting} {} old replicas are pending termination...", all - updated), false)
            } else if available < updated {
                (format!("{waiting} {available} of {updated} updated replicas are available..."), false)
            } else {
                (format!("deployment \"{name}\" successfully rolled out"), true)
            }
        }
        Kind::DaemonSet => {
            if strategy("updateStrategy") != "RollingUpdate" {
                bail!("rollout status is only available for RollingUpdate strategy type");
            }
            if !observed {
                return Ok(("Waiting for daemon set spec update to be observed...".into(), false));
            }
            let waiting = format!("Waiting for daemon set \"{name}\" rollout to finish:");
            let (wanted, updated, available) =
                (count("desiredNumberScheduled"), count("updatedNumberScheduled"), count("numberAvailable"));
            if updated < wanted {
                (format!("{waiting} {updated} out of {wanted} new pods have been updated..."), false)
            } else if available < wanted {
                (format!("{waiting} {available} of {wanted} updated pods are available..."), false)
            } else {
                (format!("daemon set \"{name}\" successfully rolled out"), true)
            }
        }
        _ => stateful_set(object, observed, wanted)?,
    })
}

fn stateful_set(set: &Object, observed: bool, wanted: i64) -> Result<(String, bool)> {
    let (spec, status) = (set.spec(), set.status());
    if spec.at(&["updateStrategy", "type"]).str() != "RollingUpdate" {
        bail!("rollout status is only available for RollingUpdate strategy type");
    }
    let count = |field: &str| status.get(field).int();
    if count("observedGeneration") == 0 || !observed {
        return Ok(("Waiting for statefulset spec update to be observed...".into(), false));
    }
    if count("readyReplicas") < wanted {
        return Ok((format!("Waiting for {} pods to be ready...", wanted - count("readyReplicas")), false));
    }
    let partition = spec.at(&["updateStrategy", "rollingUpdate", "partition"]);
    if !spec.at(&["updateStrategy", "rollingUpdate"]).is_null() {
        let updating = wanted - partition.int();
        if !partition.is_null() && count("updatedReplicas") < updating {
            let text = format!(
                "Waiting for partitioned roll out to finish: {} out of {updating} new pods have been updated...",
                count("updatedReplicas")
            );
            return Ok((text, false));
        }
        let text = format!(
            "partitioned roll out complete: {} new pods have been updated...",
            count("updatedReplicas")
        );
        return Ok((text, true));
    }
    let (update, current) = (status.get("updateRevision").str(), status.get("currentRevision").str());
    if update != current {
        let text = format!(
            "waiting for statefulset rolling update to complete {} pods at revision {update}...",
            count("updatedReplicas")
        );
        return Ok((text, false));
    }
    let text = format!(
        "statefulset rolling update complete {} pods at revision {current}...",
        count("currentReplicas")
    );
    Ok((text, true))
}
