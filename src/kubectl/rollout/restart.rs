//! `kubectl rollout restart`

use crate::api::Kind;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result};
use crate::kubectl::flags::{FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};

use super::{find, refuse};

pub(super) const COMMAND: Command = Command {
    name: "restart",
    usage: "RESOURCE",
    short: "Restart a resource",
    flags: &[FILES, PRINT, "field-manager=kubectl-rollout selector,l"],
    run: Some(run),
    ..Command::NONE
};

const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (objects, mut errors) = find(session)?;
    let mut teller = Teller::new(session)?;
    for object in objects {
        if !matches!(object.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) {
            errors.push(refuse(&object, "restarting is not supported"));
            continue;
        }
        if object.spec().get("paused").bool() {
            errors.push(refuse(&object, "can't restart paused deployment (run rollout resume first)"));
            continue;
        }
        let mut changed = object.clone();
        let now = session.date().rfc3339();
        changed.set_at(&["spec", "template", "metadata", "annotations", RESTARTED], now);
        if changed.body == object.body {
            errors.push(Error::plain(format!(
                "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
                object.name()
            )));
            continue;
        }
        match session.change(&object, changed, false) {
            Ok(changed) => teller.tell(session, &changed.body, "restarted")?,
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors).and(DONE)
}
