//! `kubectl delete`

use crate::api::{Kind, ObjectKey, Selector};
use crate::apiserver::{Deletion, Propagation};
use crate::base::SimTime;

use super::builder::{Builder, Info};
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES};
use super::raw;
use super::running::Running;
use super::session::{DONE, DryRun, Flow, Session, Wake};

pub(super) const COMMAND: Command = Command {
    name: "delete",
    usage: "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    suggested_by: &["rm"],
    short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    flags: &[
        FILES,
        DRY_RUN,
        "all:bool all-namespaces,A:bool cascade=background?background field-selector force:bool grace-period:int=-1 \
         ignore-not-found:bool interactive,i:bool~ now:bool output,o raw selector,l timeout:duration=0s wait:bool=true",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    if session.flags.given("raw") {
        return raw::send(session, "DELETE");
    }
    let deletion = options(session)?;
    let flags = session.flags;
    let selected =
        flags.is("all") || !flags.text("selector").is_empty() || !flags.text("field-selector").is_empty();
    let args = session.args().to_vec();
    let builder = Builder::new(session)
        .all_namespaces(flags.is("all-namespaces"))
        .files(session)
        .labels(flags.text("selector"))
        .fields(flags.text("field-selector"))
        .select_all(flags.is("all"))
        .args(&args, false)
        .without_reading();
    let found = builder.find(session)?;
    let (infos, mut errors) = found.infos();
    let ignore = flags.is("ignore-not-found") || (selected && !flags.given("ignore-not-found"));
    let mut deleter = Deleter::new(session, deletion)?;
    let nothing = infos.is_empty() && errors.is_empty();
    for info in infos {
        match deleter.delete(session, &info) {
            Err(error) if ignore && error.is_not_found() => {}
            Err(error) => errors.push(error),
            Ok(()) => {}
        }
    }
    if nothing || (deleter.told == 0 && errors.is_empty()) {
        session.line("No resources found");
        return DONE;
    }
    Error::all(errors)?;
    if !flags.is("wait") || deleter.dry_run != DryRun::None || deleter.gone.is_empty() {
        return DONE;
    }
    let timeout = flags.nanos("timeout");
    let until = (timeout > 0).then(|| session.after(timeout));
    Waiting { uids: deleter.gone, until, then: Then::Done }.step(session)
}

/// What the flags ask of the server.
///
/// # Errors
/// kubectl's words for flags that do not go together.
fn options(session: &mut Session<'_>) -> Result<Deletion> {
    let flags = session.flags;
    if flags.given("output") && flags.text("output") != "name" {
        return Err(session.usage(format!(
            "unexpected -o output mode: {}. We only support '-o name'",
            flags.text("output")
        )));
    }
    if flags.is("all") && !flags.text("selector").is_empty() {
        bail!("cannot set --all and --selector at the same time");
    }
    if flags.is("all") && !flags.text("field-selector").is_empty() {
        bail!("cannot set --all and --field-selector at the same time");
    }
    deletion(session)
}

/// The server's options that `--cascade`, `--grace-period`, `--force` and `--now` mean.
///
/// # Errors
/// kubectl's words for values that make no sense.
pub fn deletion(session: &mut Session<'_>) -> Result<Deletion> {
    let flags = session.flags;
    let propagation = match flags.text("cascade") {
        "background" | "" => Propagation::Background,
        "foreground" => Propagation::Foreground,
        "orphan" => Propagation::Orphan,
        other => match super::flags::parse_bool(other) {
            Some(true) => {
                session.log("helpers.go:778", &format!("--cascade={other} is deprecated (boolean value) and can be replaced with --cascade=background."));
                Propagation::Background
            }
            Some(false) => {
                session.log("helpers.go:781", &format!("--cascade={other} is deprecated (boolean value) and can be replaced with --cascade=orphan."));
                Propagation::Orphan
            }
            None => bail!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            ),
        },
    };
    let mut grace = flags.number("grace-period");
    let force = flags.is("force");
    if flags.is("now") {
        if grace != -1 {
            bail!("--now and --grace-period cannot be specified together");
        }
        grace = 1;
    }
    if grace == 0 && !force {
        // A Pod may still be running: one second lets it be told.
        grace = 1;
    }
    if force && grace > 0 {
        bail!("--force and --grace-period greater than 0 cannot be specified together");
    }
    if force {
        grace = 0;
        session.note("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
    }
    Ok(Deletion { grace_period_seconds: (grace >= 0).then_some(grace), propagation })
}

/// Deletes one object after the other and tells of it.
#[derive(Clone, Debug)]
pub struct Deleter {
    deletion: Deletion,
    /// Whether it is meant.
    pub dry_run: DryRun,
    /// The objects that were there, with their uids.
    pub gone: Vec<(ObjectKey, String)>,
    /// How many were told of.
    pub told: usize,
    quiet: bool,
    warned: bool,
}

impl Deleter {
    /// By the flags.
    ///
    /// # Errors
    /// kubectl's words for `--dry-run`.
    pub fn new(session: &mut Session<'_>, deletion: Deletion) -> Result<Self> {
        Ok(Self {
            deletion,
            dry_run: session.dry_run()?,
            gone: Vec::new(),
            told: 0,
            quiet: false,
            warned: false,
        })
    }

    /// Deletes an object and tells of it.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn delete(&mut self, session: &mut Session<'_>, info: &Info) -> Result<()> {
        if !info.kind.names().namespaced && session.explicit_namespace && !self.warned {
            self.warned = true;
            session.note("Warning: deleting cluster-scoped resources, not scoped to the provided namespace");
        }
        let key = ObjectKey::new(info.kind, &info.namespace, &info.name);
        if self.dry_run != DryRun::Client {
            session
                .authorize("delete", info.kind, &info.namespace, &info.name)
                .map_err(|error| error.of_source("deleting", &info.source))?;
            let uid = session.api.read(&key).map(|object| object.uid().to_string());
            let uid = uid.map_err(|status| Error::from(status).of_source("deleting", &info.source))?;
            if self.dry_run == DryRun::None {
                let deleted = session.delete(&key, self.deletion);
                deleted.map_err(|status| status.of_source("deleting", &info.source))?;
            }
            self.gone.push((key, uid));
        }
        self.told += 1;
        if !self.quiet {
            self.tell(session, info);
        }
        Ok(())
    }

    fn tell(&self, session: &mut Session<'_>, info: &Info) {
        if session.flags.text("output") == "name" {
            return session.line(info.printed());
        }
        let deed = if self.deletion.grace_period_seconds == Some(0) { "force deleted" } else { "deleted" };
        let place = match &*info.namespace {
            "" => String::new(),
            namespace if info.kind.names().namespaced => format!(" from {namespace} namespace"),
            _ => String::new(),
        };
        session.line(format!(
            "{} \"{}\" {deed}{place}{}",
            info.kind.printed(),
            info.name,
            self.dry_run.suffix()
        ));
    }
}

/// Objects that were deleted and are waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// The objects with their uids.
    pub uids: Vec<(ObjectKey, String)>,
    /// How long.
    pub until: Option<SimTime>,
    /// What is done afterwards.
    pub then: Then,
}

/// What is done when all objects are gone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Then {
    /// Nothing.
    Done,
    /// They are made anew (`replace --force`).
    Replace(super::replace::Anew),
}

impl Waiting {
    /// Looks whether all is gone.
    ///
    /// # Errors
    /// kubectl's words when it takes too long.
    pub fn step(mut self, session: &mut Session<'_>) -> Result<Flow> {
        let store = session.api.store();
        self.uids.retain(|(key, uid)| store.get(key).is_some_and(|object| object.uid() == uid));
        let Some((key, _)) = self.uids.first() else {
            return match self.then {
                Then::Done => DONE,
                Then::Replace(anew) => anew.create(session),
            };
        };
        if self.until.is_some_and(|until| session.io.now() >= until) {
            bail!("timed out waiting for the condition on {}/{}", key.kind.names().plural, key.name);
        }
        let wake = Wake::on_change_until(self.until);
        Ok(Flow::Running(Running::Delete(self), wake))
    }
}

/// The objects of a kind that a selector selects, as they are to be deleted.
pub fn selected(session: &Session<'_>, kind: Kind, selector: &Selector) -> Vec<Info> {
    session.select(kind, &session.namespace, selector).into_iter().map(Info::of).collect()
}
