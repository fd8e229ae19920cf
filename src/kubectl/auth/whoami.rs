//! `kubectl auth whoami`

use crate::base::Value;
use crate::base::table::Table;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::flags::PRINT;
use crate::kubectl::printer;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::value;

/// Where the API server says which certificate it saw.
const CREDENTIAL: &str = "authentication.kubernetes.io/credential-id";

pub(super) const COMMAND: Command = Command {
    name: "whoami",
    usage: "",
    short: "Experimental: Check self subject attributes",
    flags: &[PRINT],
    run: Some(run),
    ..Command::NONE
};

/// The name in the certificate that a cluster's maker gives its user.
pub(super) fn own_name(session: &Session<'_>) -> String {
    match session.cluster.profile().context.as_str() {
        "minikube" => "minikube-user".into(),
        "docker-desktop" => "docker-for-desktop".into(),
        _ => "kubernetes-admin".into(),
    }
}

/// What the API server knows of whoever asks: a `UserInfo`.
pub(in crate::kubectl) fn user_info(session: &Session<'_>) -> Value {
    let (name, mut groups) = match &session.user {
        Some(user) => (user.name.clone(), user.groups.clone()),
        None => (own_name(session), vec!["system:masters".into(), "system:authenticated".to_string()]),
    };
    groups.dedup();
    let mut info = value!({"groups": groups, "username": (name.as_str())});
    let is_account = name.starts_with("system:serviceaccount:");
    if !session.flags.given("as") && !is_account {
        let digest = crate::base::digest_of(&name).to_string();
        info.set_at(&["extra", CREDENTIAL], value!([(format!("X509SHA256={}", digest.repeat(4)))]));
    }
    info
}

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let info = user_info(session);
    if let Some(output) = printer::output(session, false)? {
        let review = value!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "SelfSubjectReview",
            "metadata": {"creationTimestamp": (session.date().rfc3339())},
            "status": {"userInfo": info}
        });
        output.print(session.io, &review, true, false)?;
        return DONE;
    }
    let mut table = Table::new();
    table.push(["ATTRIBUTE".to_string(), "VALUE".into()]);
    let listed = |list: &Value| {
        let items: Vec<&str> = list.items().iter().map(Value::str).collect();
        format!("[{}]", items.join(" "))
    };
    table.push(["Username".to_string(), info.get("username").str().into()]);
    table.push(["Groups".to_string(), listed(info.get("groups"))]);
    for (name, list) in info.get("extra").entries() {
        table.push([format!("Extra: {name}"), listed(list)]);
    }
    let text = table.text();
    session.io.out(&text);
    DONE
}
