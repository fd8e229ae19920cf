//! `kubectl create rolebinding`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "rolebinding",
    usage: "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Create a role binding for a particular role or cluster role",
    flags: making!("clusterrole group:array role serviceaccount:array user:array"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let (role, cluster_role) = (session.flags.text("role"), session.flags.text("clusterrole"));
    if role.is_empty() == cluster_role.is_empty() {
        bail!("exactly one of clusterrole or role must be specified");
    }
    let (kind, role) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    let fields = binding(session, kind, role)?;
    make(session, Kind::RoleBinding, &name, fields, Some("failed to create rolebinding:"))
}

/// The role and who gets it.
pub(super) fn binding(session: &Session<'_>, kind: &str, role: &str) -> Result<Value> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let flags = session.flags;
    let mut subjects: Vec<Value> = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        subjects.extend(
            flags.list(flag).iter().map(|name| value!({"apiGroup": GROUP, "kind": kind, "name": name})),
        );
    }
    for account in flags.list("serviceaccount") {
        match account.split(':').collect::<Vec<_>>()[..] {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(value!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
            }
            _ => bail!("serviceaccount must be <namespace>:<name>"),
        }
    }
    let mut fields = value!({"roleRef": {"apiGroup": GROUP, "kind": kind, "name": role}});
    if !subjects.is_empty() {
        fields.set("subjects", subjects);
    }
    Ok(fields)
}
