//! `delete-cluster`, `delete-context`, `delete-user`

use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{DONE, Flow, Session};

use super::load;

pub(super) const CLUSTER: Command = Command {
    name: "delete-cluster",
    usage: "NAME",
    short: "Delete the specified cluster from the kubeconfig",
    run: Some(|session| run(session, "clusters", "cluster")),
    ..Command::NONE
};
pub(super) const CONTEXT: Command = Command {
    name: "delete-context",
    usage: "NAME",
    short: "Delete the specified context from the kubeconfig",
    run: Some(|session| run(session, "contexts", "context")),
    ..Command::NONE
};
pub(super) const USER: Command = Command {
    name: "delete-user",
    usage: "NAME",
    short: "Delete the specified user from the kubeconfig",
    run: Some(|session| run(session, "users", "user")),
    ..Command::NONE
};

fn run(session: &mut Session<'_>, list: &str, what: &str) -> Result<Flow> {
    let args = session.args().to_vec();
    let [name] = &args[..] else { bail!("Unexpected args: [{}]", args.join(" ")) };
    let mut config = load(session)?;
    if config.entry(list, name).is_none() {
        bail!("cannot delete {what} {name}, not in {}", config.path);
    }
    if what == "context" && config.current() == name {
        session.note(
            "warning: this removed your active context, use \"kubectl config use-context\" to select a different one",
        );
    }
    config.body.entry(list).items_mut().retain(|entry| entry.get("name").str() != name);
    config.save(session.io)?;
    session.line(format!("deleted {what} {name} from {}", config.path));
    DONE
}
