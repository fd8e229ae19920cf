//! `kubectl create clusterrolebinding`

use crate::api::Kind;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::session::{Flow, Session};

use super::{make, making, name, role_binding};

pub(super) const COMMAND: Command = Command {
    name: "clusterrolebinding",
    usage: "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a cluster role binding for a particular cluster role",
    flags: making!("clusterrole! group:array serviceaccount:array user:array"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let fields = role_binding::binding(session, "ClusterRole", session.flags.text("clusterrole"))?;
    make(session, Kind::ClusterRoleBinding, &name, fields, Some("failed to create clusterrolebinding:"))
}
