//! `kubectl create namespace`

use crate::api::Kind;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "namespace",
    usage: "NAME [--dry-run=server|client|none]",
    aliases: &["ns"],
    short: "Create a namespace with the specified name",
    flags: making!(),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    make(session, Kind::Namespace, &name, value!({"spec": {}, "status": {}}), None)
}
