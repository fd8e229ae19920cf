//! `kubectl rollout pause` and `kubectl rollout resume`

use crate::api::Kind;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result};
use crate::kubectl::flags::{FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};

use super::{find, refuse};

const FLAGS: &[&str] = &[FILES, PRINT, "field-manager=kubectl-rollout selector,l"];

pub(super) const PAUSE: Command = Command {
    name: "pause",
    usage: "RESOURCE",
    short: "Mark the provided resource as paused",
    flags: FLAGS,
    run: Some(|session| run(session, true)),
    ..Command::NONE
};

pub(super) const RESUME: Command = Command {
    name: "resume",
    usage: "RESOURCE",
    short: "Resume a paused resource",
    flags: FLAGS,
    run: Some(|session| run(session, false)),
    ..Command::NONE
};

fn run(session: &mut Session<'_>, pause: bool) -> Result<Flow> {
    let (objects, mut errors) = find(session)?;
    let mut teller = Teller::new(session)?;
    let deed = if pause { "paused" } else { "resumed" };
    for object in objects {
        if object.kind != Kind::Deployment {
            let what = if pause { "pausing" } else { "resuming" };
            errors.push(refuse(&object, &format!("{what} is not supported")));
            continue;
        }
        if object.spec().get("paused").bool() == pause {
            errors.push(refuse(&object, if pause { "is already paused" } else { "is not paused" }));
            continue;
        }
        let mut changed = object.clone();
        if pause {
            changed.set_at(&["spec", "paused"], true);
        } else {
            changed.entry("spec").remove("paused");
        }
        match session.change(&object, changed, false) {
            Ok(changed) => teller.tell(session, &changed.body, deed)?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}
