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

pub(super) const KUSTOMIZE: Command = Command {
    name: "kustomize",
    usage: "DIR [flags]",
    short: "Build a kustomization target from a directory or URL",
    flags: &[
        "as-current-user:bool enable-alpha-plugins:bool enable-helm:bool env,e:array helm-api-versions:list \
         helm-command=helm helm-debug:bool helm-kube-version load-restrictor=LoadRestrictionsRootOnly mount:array \
         network:bool network-name=bridge output,o",
    ],
    run: Some(kustomize),
    ..Command::NONE
};

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

fn kustomize(session: &mut Session<'_>) -> Result<Flow> {
    let folder = match session.args() {
        [] => ".",
        [folder] => folder.as_str(),
        _ => bail!("specify one path to {}", "kustomization.yaml"),
    };
    bail!("{}", kustomization(session, folder))
}

/// Why a kustomization cannot be built: there is none, in kustomize's words, or Saya does not build it.
pub(super) fn kustomization(session: &Session<'_>, folder: &str) -> String {
    const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let path = folder.trim_end_matches('/').trim_start_matches("./");
    let home = session.io.env("PWD").unwrap_or_default();
    let whole = match path {
        _ if folder.starts_with('/') => path.to_string(),
        "" | "." => home,
        _ => format!("{home}/{path}"),
    };
    if !session.io.exists(folder) {
        return format!(
            "must build at directory: not a valid directory: evalsymlink failure on '{folder}' : lstat {whole}: no such file or directory"
        );
    }
    if !session.io.is_dir(folder) {
        return format!("must build at directory: not a valid directory: file is not directory: '{folder}'");
    }
    if !NAMES.iter().any(|name| session.io.exists(&format!("{whole}/{name}"))) {
        return format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{whole}'"
        );
    }
    "Saya does not simulate kustomize (-k)".into()
}

fn completion(session: &mut Session<'_>) -> Result<Flow> {
    match session.args() {
        [] => Err(session.usage("Shell not specified.")),
        [shell] if ["bash", "zsh", "fish", "powershell"].contains(&shell.as_str()) => refuse(session),
        [shell] => Err(session.usage(format!("Unsupported shell type \"{shell}\"."))),
        _ => Err(session.usage("Too many arguments. Expected only the shell type.")),
    }
}
