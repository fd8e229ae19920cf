//! `kubectl patch`

use crate::api::{Kind, Object, Status};
use crate::apiserver::patch::PatchKind;
use crate::apiserver::subresource;
use crate::base::{Value, json, yaml};

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "patch",
    usage: "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    short: "Update fields of a resource",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        "field-manager=kubectl-patch local:bool patch,p patch-file subresource type=strategic",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if !flags.text("patch").is_empty() && !flags.text("patch-file").is_empty() {
        bail!("cannot specify --patch and --patch-file together");
    }
    if flags.text("patch").is_empty() && flags.text("patch-file").is_empty() {
        bail!("must specify --patch or --patch-file containing the contents of the patch");
    }
    let local = flags.is("local");
    let kind = match flags.text("type") {
        "strategic" => PatchKind::Strategic,
        "merge" => PatchKind::Merge,
        "json" => PatchKind::Json,
        other => bail!("--type must be one of [json merge strategic], not \"{other}\""),
    };
    let text = match flags.text("patch-file") {
        "" => flags.text("patch").as_bytes().to_vec(),
        path => {
            let read = session.io.read_file(path);
            read.map_err(|why| Error::plain(format!("unable to read patch file: open {path}: {why}")))?
        }
    };
    let patch = read(&text)?;
    let args = session.args().to_vec();
    let found = Builder::new(session).files(session).local(local).args(&args, false).find(session)?;
    let (infos, mut errors) = found.infos();
    let dry_run = session.dry_run()?;
    let mut teller = Teller::new(session)?;
    let nothing = infos.is_empty() && errors.is_empty();
    for info in infos {
        let object = match info.object {
            Some(object) if local || info.source.is_empty() => object,
            _ => session.read(info.kind, &info.namespace, &info.name)?,
        };
        match apply(session, &object, kind, &patch, dry_run, local) {
            Ok(patched) => {
                let deed = if patched.body == object.body { "patched (no change)" } else { "patched" };
                teller.tell(session, &patched.body, deed)?;
            }
            Err(error) => errors.push(error),
        }
    }
    if nothing {
        bail!("no objects passed to patch");
    }
    Error::all(errors).and(DONE)
}

/// A patch in YAML, or in JSON, which is the server's to read.
fn read(text: &[u8]) -> Result<std::result::Result<Value, String>> {
    let shown = String::from_utf8_lossy(text);
    if shown.trim_start().starts_with('{') {
        return Ok(match json::read_value(text, 0) {
            Ok(read) => Ok(read.map(|(value, _)| value).unwrap_or_default()),
            Err(problem) => Err(problem.message),
        });
    }
    match yaml::read(text) {
        Ok(document) => Ok(Ok(document.value)),
        Err(why) => bail!("unable to parse \"{shown}\": {}", why.message),
    }
}

fn apply(
    session: &mut Session<'_>,
    object: &Object,
    kind: PatchKind,
    patch: &std::result::Result<Value, String>,
    dry_run: DryRun,
    local: bool,
) -> Result<Object> {
    let patch = match patch {
        Ok(patch) => patch,
        Err(why) => return Err(Status::bad_request(why.as_str()).into()),
    };
    let patched = |body: &Value| kind.applied(object.kind, body, patch).map_err(Error::Plain);
    if local || dry_run == DryRun::Client {
        return Ok(Object::of(object.kind, patched(&object.body)?));
    }
    let key = object.key();
    let name = session.flags.text("subresource");
    if name.is_empty() {
        return session.patch(&key, kind, patch, dry_run.is_server());
    }
    if name == "resize" && object.kind == Kind::Pod {
        return session.resize(&key, kind, patch, dry_run.is_server());
    }
    let part = patched(&subresource::of(session.api, object, name)?)?;
    if dry_run.is_server() {
        return Ok(Object::of(object.kind, part));
    }
    if name == "scale" {
        let replicas = part.at(&["spec", "replicas"]).clone();
        let path = subresource::replicas_path(session.api, object.kind).unwrap_or_default();
        let patch = subresource::at_path(&path, replicas);
        session.patch(&key, PatchKind::Merge, &patch, false)?;
        return Ok(Object::of(object.kind, part));
    }
    let changed = session.api.modify_status(&key, |status| *status = part.get("status").clone());
    Ok(changed.unwrap_or_else(|| object.clone()))
}
