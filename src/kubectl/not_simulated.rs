//! The words of kubectl that Saya reads, and refuses plainly.

use super::command::Command;
use super::error::{Result, bail};
use super::flags::{DRY_RUN, FILES, PRINT};
use super::session::{DONE, Flow, Session};

pub(super) const RECONCILE: Command = Command {
    name: "reconcile",
    usage: "-f FILENAME",
    short: "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
    flags: &[FILES, PRINT, DRY_RUN, "remove-extra-permissions:bool remove-extra-subjects:bool"],
    run: Some(refuse),
    ..Command::NONE
};

pub(super) const EDIT_LAST_APPLIED: Command = Command {
    name: "edit-last-applied",
    usage: "(RESOURCE/NAME | -f FILENAME)",
    short: "Edit latest last-applied-configuration annotations of a resource/object",
    flags: &[FILES, PRINT, "field-manager=kubectl-client-side-apply windows-line-endings:bool"],
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

/// A script that shells can read, though it completes nothing: many have it read by each new shell.
fn completion(session: &mut Session<'_>) -> Result<Flow> {
    match session.args() {
        [] => Err(session.usage("Shell not specified.")),
        [shell] if ["bash", "zsh", "fish", "powershell"].contains(&shell.as_str()) => {
            session.line(format!("# {shell} completion for kubectl: Saya does not simulate this script."));
            session.line("# Tab completes kubectl's words in Saya's terminals without it.");
            DONE
        }
        [shell] => Err(session.usage(format!("Unsupported shell type \"{shell}\"."))),
        _ => Err(session.usage("Too many arguments. Expected only the shell type.")),
    }
}
