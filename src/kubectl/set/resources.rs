//! `kubectl set resources`

use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::create::amounts;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::kubectl::templates::each_container;

use super::{SETTING, check, find, send};

pub(super) const COMMAND: Command = Command {
    name: "resources",
    usage: "(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    short: "Update resource requests/limits on objects with pod templates",
    flags: &[FILES, PRINT, DRY_RUN, SETTING, "containers,c=* limits requests"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let (objects, mut errors) = find(session, &args)?;
    if let Some(error) = errors.first() {
        return Err(error.clone());
    }
    check(session, &args)?;
    let flags = session.flags;
    if flags.text("limits").is_empty() && flags.text("requests").is_empty() {
        bail!("you must specify an update to requests or limits (in the form of --requests/--limits)");
    }
    let (limits, requests) = (amounts(flags.text("limits"))?, amounts(flags.text("requests"))?);
    let mut teller = Teller::new(session)?;
    for object in objects {
        let mut changed = object.clone();
        let name = flags.text("containers");
        let found = each_container(&mut changed, &["containers", "initContainers"], name, |container| {
            for (field, amounts) in [("limits", &limits), ("requests", &requests)] {
                set(container, field, amounts);
            }
        });
        if found == 0 {
            errors.push(Error::plain(format!("unable to find container named {name}")));
            continue;
        }
        if changed.body == object.body && !flags.is("local") {
            continue;
        }
        if let Err(error) = send(session, &mut teller, &object, changed, "resource requirements updated") {
            errors.push(Error::plain(format!(
                "failed to patch resources update to pod template {}",
                error.message()
            )));
        }
    }
    Error::all(errors).and(DONE)
}

/// Amounts of 0 are taken away.
fn set(container: &mut Value, field: &str, amounts: &Value) {
    for (resource, amount) in amounts.entries() {
        if amount.str() == "0" {
            if !container.at(&["resources", field]).is_null() {
                container.entry_at(&["resources", field]).remove(resource);
            }
        } else {
            container.set_at(&["resources", field, resource], amount);
        }
    }
}
