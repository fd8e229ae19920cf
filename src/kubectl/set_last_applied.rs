//! `kubectl apply set-last-applied`

use crate::base::json;

use super::apply::LAST_APPLIED;
use super::builder::Builder;
use super::command::Command;
use super::error::{Error, Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT};
use super::printer::Teller;
use super::session::{DONE, DryRun, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "set-last-applied",
    usage: "-f FILENAME",
    short: "Set the last-applied-configuration annotation on a live object to match the contents of a file",
    flags: &[DRY_RUN, FILES, PRINT, "create-annotation:bool"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let dry_run = session.dry_run()?;
    let found = Builder::new(session).files(session).find(session)?;
    let (infos, errors) = found.infos();
    Error::all(errors)?;
    let mut changes = Vec::new();
    for info in infos {
        let Some(wanted) = info.object else { continue };
        let live = session.read(info.kind, &info.namespace, &info.name)?;
        let (before, after) = (live.annotation(LAST_APPLIED), json::to_string(&wanted) + "\n");
        if before.is_null() && !session.flags.is("create-annotation") {
            bail!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                info.name
            );
        }
        if before.str().trim() == after.trim() {
            session.line(format!("set-last-applied {}: no changes required.", info.name));
            continue;
        }
        let mut changed = live.clone();
        changed.set_at(&["metadata", "annotations", LAST_APPLIED], after);
        changes.push((live, changed));
    }
    let mut teller = Teller::new(session)?;
    for (live, mut changed) in changes {
        if dry_run != DryRun::Client {
            changed = session.change(&live, changed, dry_run.is_server())?;
        }
        teller.tell(session, &changed.body, "configured")?;
    }
    DONE
}
