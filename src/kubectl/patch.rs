//! `kubectl patch`

use crate::api::{Object, ObjectKey, Status};
use crate::apiserver::patch::{self, PatchKind};
use crate::base::{Value, json, yaml};

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "patch",
    short: "Update fields of a resource",
    flags: &[
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
    if local || dry_run == DryRun::Client {
        let body = match kind {
            PatchKind::Strategic => {
                patch::strategic(object.kind, &object.body, patch).map_err(Error::Plain)?
            }
            PatchKind::Merge => patch::merge(&object.body, patch),
            PatchKind::Json => patch::json(&object.body, patch).map_err(Error::Plain)?,
        };
        return Ok(Object { kind: object.kind, body });
    }
    let key = ObjectKey::new(object.kind, object.namespace(), object.name());
    session.patch(&key, kind, patch, dry_run.is_server())
}
