//! `kubectl rollout`

mod history;
mod pause;
mod restart;
pub mod status;
mod undo;

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::kubectl::builder::Builder;
use crate::kubectl::command::{Command, Group};
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::Session;

pub(super) const COMMAND: Command = Command {
    name: "rollout",
    usage: "SUBCOMMAND",
    short: "Manage the rollout of a resource",
    commands: &[
        &history::COMMAND,
        &pause::PAUSE,
        &pause::RESUME,
        &undo::COMMAND,
        &status::COMMAND,
        &restart::COMMAND,
    ],
    group: Some(Group {
        long: "Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets",
        examples: "  # Rollback to the previous deployment\n  kubectl rollout undo deployment/abc\n  \n  # Check the rollout status of a daemonset\n  kubectl rollout status daemonset/foo\n  \n  # Restart a deployment\n  kubectl rollout restart deployment/abc\n  \n  # Restart deployments with the 'app=nginx' label\n  kubectl rollout restart deployment --selector=app=nginx",
        on_stdout: true,
    }),
    ..Command::NONE
};

/// The objects that a word of `rollout` is about.
fn find(session: &mut Session<'_>) -> Result<(Vec<Object>, Vec<Error>)> {
    let flags = session.flags;
    let args = session.args().to_vec();
    if args.is_empty() && flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!("required resource not specified");
    }
    let found = Builder::new(session)
        .files(session)
        .labels(flags.text("selector"))
        .args(&args, true)
        .find(session)?;
    let (infos, mut errors) = found.infos();
    let mut objects = Vec::new();
    for info in infos {
        match (&*info.source, info.object) {
            ("", Some(object)) => objects.push(object),
            _ => match session.read(info.kind, &info.namespace, &info.name) {
                Ok(object) => objects.push(object),
                Err(error) => errors.push(error),
            },
        }
    }
    Ok((objects, errors))
}

/// What a revision of an object wanted.
#[derive(Clone, Debug)]
struct Revision {
    number: i64,
    cause: String,
    /// The Pod template.
    template: Value,
    /// The object that keeps it: a ReplicaSet or a ControllerRevision.
    kept: Object,
}

/// The annotation in which controllers count revisions of a Deployment.
const REVISION: &str = "deployment.kubernetes.io/revision";
const CAUSE: &str = "kubernetes.io/change-cause";

/// The revisions of an object, oldest first.
///
/// # Errors
/// kubectl's words for kinds that have none; `what` is what is missing: `history viewer`.
fn revisions(session: &Session<'_>, object: &Object, what: &str) -> Result<Vec<Revision>> {
    let kept = session.api.store().owned_by(object.uid());
    let cause = |kept: &Object| match kept.annotation(CAUSE).str() {
        "" => "<none>".to_string(),
        cause => cause.to_string(),
    };
    let mut all: Vec<Revision> = match object.kind {
        Kind::Deployment => kept
            .filter(|kept| kept.kind == Kind::ReplicaSet)
            .filter_map(|kept| {
                let number = kept.annotation(REVISION).str().parse().ok()?;
                Some(Revision {
                    number,
                    cause: cause(kept),
                    template: kept.spec().get("template").clone(),
                    kept: kept.clone(),
                })
            })
            .collect(),
        Kind::StatefulSet | Kind::DaemonSet => kept
            .filter(|kept| kept.kind == Kind::ControllerRevision)
            .map(|kept| Revision {
                number: kept.get("revision").int(),
                cause: cause(kept),
                template: kept.body.at(&["data", "spec", "template"]).clone(),
                kept: kept.clone(),
            })
            .collect(),
        kind => bail!("no {what} has been implemented for \"{}\"", kind.group_kind()),
    };
    all.sort_by_key(|revision| revision.number);
    Ok(all)
}

/// Says of one object why something cannot be done.
fn refuse(object: &Object, why: &str) -> Error {
    Error::plain(format!("error: {} \"{}\" {why}", object.kind.resource(), object.name()))
}
