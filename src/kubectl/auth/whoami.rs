//! `kubectl auth whoami`

use crate::base::table::Table;
use crate::kubectl::command::Command;
use crate::kubectl::error::Result;
use crate::kubectl::flags::PRINT;
use crate::kubectl::printer;
use crate::kubectl::session::{DONE, Flow, Session};
use crate::value;

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

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let (name, mut groups) = match &session.user {
        Some(user) => (user.name.clone(), user.groups.clone()),
        None => (own_name(session), vec!["system:masters".into(), "system:authenticated".to_string()]),
    };
    groups.dedup();
    let credential = session.user.is_none().then(|| {
        let digest = crate::base::digest_of(&name).to_string();
        format!("X509SHA256={}", digest.repeat(4))
    });
    if let Some(output) = printer::output(session, false)? {
        let mut info = value!({"groups": groups, "username": name});
        if let Some(credential) = credential {
            info.set("extra", value!({"authentication.kubernetes.io/credential-id": [credential]}));
        }
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
    table.push(["Username".to_string(), name]);
    table.push(["Groups".to_string(), format!("[{}]", groups.join(" "))]);
    if let Some(credential) = credential {
        table.push([
            "Extra: authentication.kubernetes.io/credential-id".to_string(),
            format!("[{credential}]"),
        ]);
    }
    let text = table.text();
    session.io.out(&text);
    DONE
}
