//! `kubectl config`

mod contexts;
mod delete;
mod entries;
mod set;
mod view;

use crate::kubectl::command::{Command, Group};
use crate::kubectl::error::{Error, Result};
use crate::kubectl::kubeconfig::Kubeconfig;
use crate::kubectl::session::Session;

pub(super) const COMMAND: Command = Command {
    name: "config",
    usage: "SUBCOMMAND",
    short: "Modify kubeconfig files",
    commands: &[
        &contexts::CURRENT,
        &delete::CLUSTER,
        &delete::CONTEXT,
        &delete::USER,
        &contexts::GET_CLUSTERS,
        &contexts::GET,
        &contexts::GET_USERS,
        &contexts::RENAME,
        &set::SET,
        &entries::CLUSTER,
        &entries::CONTEXT,
        &entries::CREDENTIALS,
        &set::UNSET,
        &contexts::USE,
        &view::COMMAND,
    ],
    group: Some(Group {
        long: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".\n\n The loading order follows these rules:\n\n  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.\n  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.\n  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.",
        examples: "",
        on_stdout: false,
    }),
    ..Command::NONE
};

/// The kubeconfig of this call.
fn load(session: &Session<'_>) -> Result<Kubeconfig> {
    Kubeconfig::load(session.io, session.flags.text("kubeconfig"))
}

/// Exactly so many arguments.
fn arguments<const N: usize>(session: &Session<'_>) -> Result<[String; N]> {
    let args = session.args().to_vec();
    let text = args.join(" ");
    <[String; N]>::try_from(args).map_err(|_| Error::plain(format!("Unexpected args: [{text}]")))
}
