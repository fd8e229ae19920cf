//! `kubectl plugin`: there are none.

use super::command::{Command, Group};
use super::error::{Result, bail};
use super::session::{Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "plugin",
    short: "Provides utilities for interacting with plugins",
    commands: &[&LIST],
    group: Some(Group {
        long: "Provides utilities for interacting with plugins.",
        examples: "",
        on_stdout: false,
    }),
    ..Command::NONE
};

const LIST: Command = Command {
    name: "list",
    short: "List all visible plugin executables on a user's PATH",
    flags: &["name-only:bool"],
    run: Some(list),
    ..Command::NONE
};

fn list(_: &mut Session<'_>) -> Result<Flow> {
    bail!("unable to find any kubectl plugins in your PATH")
}
