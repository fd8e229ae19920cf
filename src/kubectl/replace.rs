//! `kubectl replace`

use crate::api::ObjectKey;

use super::builder::{Builder, Info};
use super::command::Command;
use super::delete::{Deleter, Then, Waiting, deletion};
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT, RECORD, VALIDATE};
use super::printer::Teller;
use super::raw;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "replace",
    usage: "-f FILENAME",
    short: "Replace a resource by file name or stdin",
    flags: &[
        RECORD,
        FILES,
        PRINT,
        DRY_RUN,
        VALIDATE,
        "cascade=background?background field-manager=kubectl-replace force:bool grace-period:int=-1 raw save-config:bool \
         subresource~ timeout:duration=0s wait:bool",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    if !session.args().is_empty() {
        return Err(session.usage(format!("Unexpected args: [{}]", session.args().join(" "))));
    }
    let force = flags.is("force");
    if flags.number("grace-period") >= 0 && !force {
        bail!("--grace-period must have --force specified");
    }
    if flags.nanos("timeout") != 0 && !force {
        bail!("--timeout must have --force specified");
    }
    if flags.given("cascade") && !force {
        bail!("--cascade must have --force specified");
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!("must specify one of -f and -k");
    }
    if flags.given("raw") {
        return raw::send(session, "PUT");
    }
    let dry_run = session.dry_run()?;
    let found = Builder::new(session).files(session).find(session)?;
    let (infos, errors) = found.infos();
    if force {
        return forced(session, infos, errors);
    }
    let mut errors = errors;
    let nothing = infos.is_empty() && errors.is_empty();
    let mut teller = Teller::new(session)?;
    for info in infos {
        match replace(session, &info, dry_run) {
            Ok(object) => teller.tell(session, &object.body, "replaced")?,
            Err(error) => errors.push(error.of_source("replacing", &info.source)),
        }
    }
    if nothing {
        bail!("no objects passed to replace");
    }
    Error::all(errors).and(DONE)
}

fn replace(session: &mut Session<'_>, info: &Info, dry_run: DryRun) -> Result<crate::api::Object> {
    let Some(mut object) = info.object.clone() else { bail!("no object") };
    if session.flags.is("save-config") {
        *object = super::apply::modified_configuration(&object);
    }
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let key = ObjectKey::new(info.kind, &info.namespace, &info.name);
    session.api.read(&key)?;
    session.update(object, dry_run.is_server())
}

/// `--force`: what is there is deleted, waited for, and made anew.
fn forced(session: &mut Session<'_>, infos: Vec<Info>, errors: Vec<Error>) -> Result<Flow> {
    Error::all(errors)?;
    let mut options = deletion_quietly(session)?;
    if options.grace_period_seconds == Some(0) && session.flags.number("grace-period") < 0 {
        options.grace_period_seconds = None;
    }
    let mut deleter = Deleter::new(session, options)?;
    for info in &infos {
        match deleter.delete(session, info) {
            Err(error) if error.is_not_found() => {}
            other => other?,
        }
    }
    let timeout = session.flags.nanos("timeout");
    let until = session.after(if timeout > 0 { timeout } else { 300_000_000_000 });
    Waiting { uids: deleter.gone, until: Some(until), then: Then::Replace(Anew { infos }) }.step(session)
}

/// `--force` alone is no hurry here.
fn deletion_quietly(session: &mut Session<'_>) -> Result<crate::apiserver::Deletion> {
    if session.flags.number("grace-period") == 0 {
        return deletion(session);
    }
    let grace = session.flags.number("grace-period");
    Ok(crate::apiserver::Deletion {
        grace_period_seconds: (grace >= 0).then_some(grace),
        ..crate::apiserver::Deletion::default()
    })
}

/// Objects to make anew once the old ones are gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Anew {
    infos: Vec<Info>,
}

impl Anew {
    /// Makes them.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn create(self, session: &mut Session<'_>) -> Result<Flow> {
        let mut teller = Teller::new(session)?;
        let mut errors = Vec::new();
        for info in self.infos {
            let Some(object) = info.object else { continue };
            match session.create(object.body, &info.namespace, false) {
                Ok(made) => teller.tell(session, &made.body, "replaced")?,
                Err(error) => errors.push(error.of_source("replacing", &info.source)),
            }
        }
        Error::all(errors).and(DONE)
    }
}
