//! `kubectl create secret generic`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::session::{Flow, Session};

use super::{make, making, name, sources};

pub(super) const COMMAND: Command = Command {
    name: "generic",
    usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a secret from a local file, directory, or literal value",
    flags: making!(sources::FLAGS, "type"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let data = sources::secret_data(&sources::read(session, "Secret", &name)?);
    let mut fields = Value::map();
    if !data.is_null() {
        fields.set("data", data);
    }
    if !session.flags.text("type").is_empty() {
        fields.set("type", session.flags.text("type"));
    }
    make(session, Kind::Secret, &name, fields, Some("failed to create secret"))
}
