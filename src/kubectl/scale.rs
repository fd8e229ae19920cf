//! `kubectl scale`

use crate::api::{Kind, Object, ObjectKey, Status};
use crate::apiserver::patch::PatchKind;
use crate::apiserver::subresource::{at_path, replicas_path};

use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "scale",
    usage: "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    short: "Set a new size for a deployment, replica set, or replication controller",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        "all:bool current-replicas:int=-1 replicas:int! resource-version selector,l timeout:duration=0s",
    ],
    run: Some(run),
    ..Command::NONE
};

/// What the server says of a kind that has no `scale`.
pub(super) fn no_scale() -> Error {
    Error::from(Status {
        code: 404,
        reason: "NotFound",
        message: "the server could not find the requested resource".into(),
        causes: Vec::new(),
    })
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let replicas = flags.number("replicas");
    if replicas < 0 {
        bail!("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    }
    let current = flags.number("current-replicas");
    if flags.given("current-replicas") && current < -1 {
        bail!("The --current-replicas must specify an integer of -1 or greater");
    }
    let args = session.args().to_vec();
    let found = Builder::new(session)
        .files(session)
        .select_all(flags.is("all"))
        .labels(flags.text("selector"))
        .args(&args, false)
        .find(session)?;
    let (infos, mut errors) = found.infos();
    if infos.len() > 1 && !flags.text("resource-version").is_empty() {
        bail!("cannot use --resource-version with multiple resources");
    }
    let dry_run = session.dry_run()?;
    let mut teller = Teller::new(session)?;
    if infos.is_empty() && errors.is_empty() {
        bail!("no objects passed to scale");
    }
    for info in infos {
        match scale(session, &info.namespace, &info.name, info.kind, dry_run) {
            Ok(object) => teller.tell(session, &object.body, "scaled")?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}

fn scale(
    session: &mut Session<'_>,
    namespace: &str,
    name: &str,
    kind: Kind,
    dry_run: DryRun,
) -> Result<Object> {
    let flags = session.flags;
    let object = session.read(kind, namespace, name)?;
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let path = replicas_path(session.api, kind).ok_or_else(no_scale)?;
    let own: Vec<&str> = path.iter().map(String::as_str).collect();
    let (now, wanted) = (object.at(&own).int(), flags.number("current-replicas"));
    if flags.given("current-replicas") && wanted >= 0 && now != wanted {
        bail!("Expected replicas to be {wanted}, was {now}");
    }
    let version = flags.text("resource-version");
    if !version.is_empty() && version != object.meta("resourceVersion").str() {
        bail!("Expected resource version to be {version}, was {}", object.meta("resourceVersion").str());
    }
    let key = ObjectKey::new(kind, namespace, name);
    let patch = at_path(&path, flags.number("replicas").into());
    session.patch(&key, PatchKind::Merge, &patch, dry_run.is_server())
}
