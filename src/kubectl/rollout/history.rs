//! `kubectl rollout history`

use crate::base::table::elastic;
use crate::kubectl::command::Command;
use crate::kubectl::describe;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{FILES, PRINT};
use crate::kubectl::printer;
use crate::kubectl::session::{DONE, Flow, Session};

use super::{find, revisions};

pub(super) const COMMAND: Command = Command {
    name: "history",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "View rollout history",
    flags: &[FILES, PRINT, "revision:int=0 selector,l"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let wanted = session.flags.number("revision");
    if wanted < 0 {
        bail!("revision must be a positive integer: {wanted}");
    }
    let (objects, errors) = find(session)?;
    let output = printer::output(session, false)?;
    for object in objects {
        let all = revisions(session, &object, "history viewer")?;
        if let Some(output) = &output {
            let chosen = all.iter().filter(|revision| wanted == 0 || revision.number == wanted);
            for (at, revision) in chosen.enumerate() {
                output.print(session.io, &revision.kept.body, at == 0, false)?;
            }
            continue;
        }
        if wanted > 0 && !all.is_empty() && all.iter().all(|revision| revision.number != wanted) {
            bail!("unable to find the specified revision");
        }
        let with = if wanted > 0 { format!("with revision #{wanted}") } else { String::new() };
        session.line(format!("{} {with}", printer::name(&object.body)));
        if all.is_empty() {
            session.line("No rollout history found.");
            continue;
        }
        if let Some(revision) = all.iter().find(|revision| wanted > 0 && revision.number == wanted) {
            let mut page = describe::Page::new(session, false);
            describe::template(&mut page, &revision.template);
            let text = page.text();
            session.line(text);
            continue;
        }
        let mut table = String::from("REVISION\tCHANGE-CAUSE\n");
        for revision in &all {
            table += &format!("{}\t{}\n", revision.number, revision.cause);
        }
        let text = elastic(&table, 2);
        session.line(text);
    }
    Error::all(errors).and(DONE)
}
