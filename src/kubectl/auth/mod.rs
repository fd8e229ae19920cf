//! `kubectl auth`

mod can_i;
mod whoami;

use crate::kubectl::command::{Command, Group};
use crate::kubectl::not_simulated;

pub(super) use can_i::VERBS;
pub(super) use whoami::user_info;

pub(super) const COMMAND: Command = Command {
    name: "auth",
    short: "Inspect authorization",
    commands: &[&can_i::COMMAND, &not_simulated::RECONCILE, &whoami::COMMAND],
    group: Some(Group { long: "Inspect authorization.", examples: "", on_stdout: false }),
    ..Command::NONE
};
