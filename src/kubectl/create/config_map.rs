//! `kubectl create configmap`

use crate::api::{Kind, base64};
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::session::{Flow, Session};

use super::{make, making, name, sources};

pub(super) const COMMAND: Command = Command {
    name: "configmap",
    usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    aliases: &["cm"],
    short: "Create a config map from a local file, directory or literal value",
    flags: making!(sources::FLAGS),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let mut fields = Value::map();
    for (key, bytes) in sources::read(session, "ConfigMap", &name)? {
        match String::from_utf8(bytes) {
            Ok(text) => fields.set_at(&["data", &key], text),
            Err(error) => fields.set_at(&["binaryData", &key], base64::encode(error.as_bytes())),
        }
    }
    make(session, Kind::ConfigMap, &name, fields, Some("failed to create configmap:"))
}
