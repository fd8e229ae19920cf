//! `kubectl auth`

mod can_i;
mod whoami;

use crate::kubectl::command::{Command, Group};

pub(super) const COMMAND: Command = Command {
    name: "auth",
    short: "Inspect authorization",
    commands: &[&can_i::COMMAND, &whoami::COMMAND],
    group: Some(Group { long: "Inspect authorization.", examples: "", usage: "[flags]", on_stdout: false }),
    ..Command::NONE
};
