//! `kubectl set serviceaccount`

use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::kubectl::templates::pod_spec_path;

use super::{SETTING, find, send};

pub(super) const COMMAND: Command = Command {
    name: "serviceaccount",
    usage: "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    aliases: &["sa"],
    short: "Update the service account of a resource",
    flags: &[FILES, PRINT, DRY_RUN, SETTING],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let Some((account, resources)) = args.split_last() else { bail!("serviceaccount is required") };
    let (objects, mut errors) = find(session, resources)?;
    if let Some(error) = errors.first() {
        return Err(error.clone());
    }
    let mut teller = Teller::new(session)?;
    for object in objects {
        let mut changed = object.clone();
        let Some(path) = pod_spec_path(object.kind) else { continue };
        changed.entry_at(path).set("serviceAccountName", account.as_str());
        if changed.body != object.body {
            changed.entry_at(path).set("serviceAccount", account.as_str());
        }
        if let Err(error) = send(session, &mut teller, &object, changed, "serviceaccount updated") {
            errors.push(error);
        }
    }
    Error::all(errors).and(DONE)
}
