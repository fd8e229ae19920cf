//! `kubectl create serviceaccount`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::session::{Flow, Session};

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "serviceaccount",
    usage: "NAME [--dry-run=server|client|none]",
    aliases: &["sa"],
    short: "Create a service account with the specified name",
    flags: making!(),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    make(session, Kind::ServiceAccount, &name, Value::map(), Some("failed to create serviceaccount:"))
}
