//! `kubectl set`

mod env;
mod image;
mod resources;
mod selector;
mod service_account;
mod subject;

use crate::api::Object;
use crate::kubectl::builder::{Builder, Found};
use crate::kubectl::command::{Command, Group};
use crate::kubectl::error::{Result, bail};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DryRun, Session};

pub(super) const COMMAND: Command = Command {
    name: "set",
    usage: "SUBCOMMAND",
    short: "Set specific features on objects",
    commands: &[
        &image::COMMAND,
        &resources::COMMAND,
        &selector::COMMAND,
        &subject::COMMAND,
        &service_account::COMMAND,
        &env::COMMAND,
    ],
    group: Some(Group {
        long: "Configure application resources.\n\n These commands help you make changes to existing application resources.",
        examples: "",
        on_stdout: false,
    }),
    ..Command::NONE
};

/// The flags of most of these.
const SETTING: &str = "all:bool field-manager=kubectl-set local:bool record:bool selector,l";

/// Finds what is to be changed: objects as the server, or with `--local` the file, has them.
fn find(
    session: &mut Session<'_>,
    resources: &[String],
) -> Result<(Vec<Object>, Vec<crate::kubectl::Error>)> {
    let flags = session.flags;
    let local = flags.is("local");
    let found: Found = Builder::new(session)
        .files(session)
        .local(local)
        .labels(flags.text("selector"))
        .select_all(flags.is("all"))
        .args(resources, false)
        .find(session)?;
    let (infos, mut errors) = found.infos();
    let mut objects = Vec::new();
    for info in infos {
        if info.source.is_empty() || local {
            objects.extend(info.object);
            continue;
        }
        match session.read(info.kind, &info.namespace, &info.name) {
            Ok(object) => objects.push(object),
            Err(error) => errors.push(error),
        }
    }
    Ok((objects, errors))
}

/// What these say of flags that do not go together, or of no resource.
fn check(session: &Session<'_>, resources: &[String]) -> Result<()> {
    let flags = session.flags;
    if flags.is("all") && !flags.text("selector").is_empty() {
        bail!("cannot set --all and --selector at the same time");
    }
    if resources.is_empty() && flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        bail!("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    Ok(())
}

/// Sends a changed object and tells of it.
fn send(
    session: &mut Session<'_>,
    teller: &mut Teller,
    before: &Object,
    after: Object,
    deed: &str,
) -> Result<()> {
    let dry_run = session.dry_run()?;
    let after = if session.flags.is("local") || dry_run == DryRun::Client {
        after
    } else {
        session.change(before, after, dry_run.is_server())?
    };
    teller.tell(session, &after.body, deed)
}
