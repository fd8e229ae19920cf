//! The words of kubectl that Saya reads, and refuses plainly.

use super::command::{Command, Group};
use super::error::{Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT};
use super::session::{Flow, Session};

pub(super) const CERTIFICATE: Command = Command {
    name: "certificate",
    usage: "SUBCOMMAND",
    short: "Modify certificate resources",
    commands: &[&APPROVE, &DENY],
    group: Some(Group { long: "Modify certificate resources.", examples: "", on_stdout: false }),
    ..Command::NONE
};

const APPROVE: Command = Command {
    name: "approve",
    usage: "(-f FILENAME | NAME)",
    short: "Approve a certificate signing request",
    flags: &[FILES, PRINT, "force:bool"],
    run: Some(refuse),
    ..Command::NONE
};

const DENY: Command = Command { name: "deny", short: "Deny a certificate signing request", ..APPROVE };

pub(super) const RECONCILE: Command = Command {
    name: "reconcile",
    usage: "-f FILENAME",
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    flags: &[FILES, PRINT, DRY_RUN, "remove-extra-permissions:bool remove-extra-subjects:bool"],
    run: Some(refuse),
    ..Command::NONE
};

pub(super) const COMPLETION: Command = Command {
    name: "completion",
    usage: "SHELL",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    run: Some(completion),
    ..Command::NONE
};

fn refuse(session: &mut Session<'_>) -> Result<Flow> {
    bail!("Saya does not simulate {}", session.command)
}

fn completion(session: &mut Session<'_>) -> Result<Flow> {
    match session.args() {
        [] => Err(session.usage("Shell not specified.")),
        [shell] if ["bash", "zsh", "fish", "powershell"].contains(&shell.as_str()) => refuse(session),
        [shell] => Err(session.usage(format!("Unsupported shell type \"{shell}\"."))),
        _ => Err(session.usage("Too many arguments. Expected only the shell type.")),
    }
}
