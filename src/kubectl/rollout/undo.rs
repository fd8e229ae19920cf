//! `kubectl rollout undo`

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::patch::PatchKind;
use crate::base::Value;
use crate::kubectl::apply::LAST_APPLIED;
use crate::kubectl::command::Command;
use crate::kubectl::describe;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, DryRun, Flow, Session};
use crate::value;

use super::{REVISION, Revision, find, revisions};

pub(super) const COMMAND: Command = Command {
    name: "undo",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "Undo a previous rollout",
    flags: &[FILES, PRINT, DRY_RUN, "selector,l to-revision:int=0"],
    run: Some(run),
    ..Command::NONE
};

/// Annotations of a Deployment that are not a revision's.
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (objects, mut errors) = find(session)?;
    let mut teller = Teller::new(session)?;
    for object in objects {
        if !object.annotation(LAST_APPLIED).is_null() {
            session.note(format!(
                "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                object.kind.names().plural,
                object.name()
            ));
        }
        match undo(session, &object) {
            Ok(deed) => teller.tell(session, &object.body, &deed)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}

fn undo(session: &mut Session<'_>, object: &Object) -> Result<String> {
    let wanted = session.flags.number("to-revision");
    let all = revisions(session, object, "rollbacker")?;
    let revision = choose(object, all, wanted)?;
    let dry_run = session.dry_run()?;
    if dry_run == DryRun::Client {
        let mut page = describe::Page::new(session, false);
        describe::template(&mut page, &revision.template);
        return Ok(page.text().trim_end().to_string());
    }
    if object.kind == Kind::Deployment && object.spec().get("paused").bool() {
        bail!(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
        );
    }
    let template = describe::without_hash(&revision.template);
    if same(&template, object.spec().get("template")) {
        return Ok(format!(
            "skipped rollback (current template already matches revision {})",
            revision.number
        ));
    }
    let key = ObjectKey::new(object.kind, object.namespace(), object.name());
    let patch = match object.kind {
        Kind::Deployment => value!([
            {"op": "replace", "path": "/spec/template", "value": template},
            {"op": "replace", "path": "/metadata/annotations", "value": (annotations(object, &revision.kept))}
        ]),
        _ => value!([{"op": "replace", "path": "/spec/template", "value": (without_directives(&template))}]),
    };
    let patched = session.patch(&key, PatchKind::Json, &patch, dry_run.is_server());
    patched
        .map_err(|error| Error::plain(format!("failed restoring revision {wanted}: {}", error.message())))?;
    Ok("rolled back".into())
}

fn choose(object: &Object, mut all: Vec<Revision>, wanted: i64) -> Result<Revision> {
    let missing =
        |wanted: i64| Error::plain(format!("unable to find specified revision {wanted} in history"));
    if wanted != 0 {
        return all.into_iter().find(|revision| revision.number == wanted).ok_or_else(|| missing(wanted));
    }
    if all.len() < 2 {
        match object.kind {
            Kind::Deployment => bail!("no rollout history found for deployment \"{}\"", object.name()),
            _ => bail!("no last revision to roll back to"),
        }
    }
    Ok(all.swap_remove(all.len() - 2))
}

fn same(a: &Value, b: &Value) -> bool {
    without_directives(a) == without_directives(b)
}

fn without_directives(template: &Value) -> Value {
    let mut template = template.clone();
    template.as_map_mut().remove("$patch");
    template
}

/// The revision's own annotations with those of the Deployment that are not a revision's.
fn annotations(deployment: &Object, kept: &Object) -> Value {
    let mut all = Value::map();
    for (key, value) in kept.meta("annotations").entries().filter(|(key, _)| !KEPT.contains(key)) {
        all.set(key, value);
    }
    for (key, value) in deployment.meta("annotations").entries().filter(|(key, _)| KEPT.contains(key)) {
        all.set(key, value);
    }
    all
}
