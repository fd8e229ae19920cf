//! `kubectl set subject`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::flags::{DRY_RUN, FILES, PRINT};
use crate::kubectl::printer::Teller;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::value;

use super::{SETTING, find, send};

pub(super) const COMMAND: Command = Command {
    name: "subject",
    usage: "(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    short: "Update the user, group, or service account in a role binding or cluster role binding",
    flags: &[FILES, PRINT, DRY_RUN, SETTING, "group:array serviceaccount:array user:array"],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let args = session.args().to_vec();
    let (objects, mut errors) = find(session, &args)?;
    if let Some(error) = errors.first() {
        return Err(error.clone());
    }
    let wanted = subjects(session)?;
    if wanted.is_empty() {
        bail!("you must specify at least one value of user, group or serviceaccount");
    }
    let mut teller = Teller::new(session)?;
    for object in objects {
        if !matches!(object.kind, Kind::RoleBinding | Kind::ClusterRoleBinding) {
            errors
                .push(Error::plain("setting subjects is only supported for RoleBinding/ClusterRoleBinding"));
            continue;
        }
        let mut changed = object.clone();
        let mut all = object.get("subjects").items().to_vec();
        all.extend(
            wanted.iter().filter(|subject| !object.get("subjects").items().contains(subject)).cloned(),
        );
        changed.set("subjects", all);
        if changed.body == object.body && !session.flags.is("local") {
            continue;
        }
        if let Err(error) = send(session, &mut teller, &object, changed, "subjects updated") {
            errors.push(error);
        }
    }
    Error::all(errors).and(DONE)
}

fn subjects(session: &Session<'_>) -> Result<Vec<Value>> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let flags = session.flags;
    let mut all: Vec<Value> = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        all.extend(
            flags.list(flag).iter().map(|name| value!({"apiGroup": GROUP, "kind": kind, "name": name})),
        );
    }
    for account in flags.list("serviceaccount") {
        match account.split(':').collect::<Vec<_>>()[..] {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                all.push(value!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
            }
            _ => bail!("serviceaccount must be <namespace>:<name>"),
        }
    }
    Ok(all)
}
