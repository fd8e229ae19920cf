//! `kubectl auth whoami`

use crate::apiserver::rbac::User;
use crate::base::table::Table;
use crate::base::{Value, digest_of};
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

/// What the API server knows of whoever asks: a `UserInfo`.
pub(in crate::kubectl) fn user_info(session: &Session<'_>) -> Value {
    let mut user = match &session.user {
        Some(user) => user.clone(),
        None => User::named(session.api.settings.owner, &["system:masters".into()]),
    };
    user.groups.dedup();
    let mut info = value!({"groups": (user.groups), "username": (user.name.as_str())});
    if !user.uid.is_empty() {
        info.set("uid", user.uid.as_str());
    } else if !session.flags.given("as") {
        let digest = digest_of(&user.name).to_string();
        user.extra.push(("credential-id", format!("X509SHA256={}", digest.repeat(4))));
    }
    for (name, text) in user.extra {
        info.set_at(&["extra", &format!("authentication.kubernetes.io/{name}")], value!([text]));
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
    if let Some(uid) = info.get("uid").as_str() {
        table.push(["UID".to_string(), uid.into()]);
    }
    table.push(["Groups".to_string(), listed(info.get("groups"))]);
    for (name, list) in info.get("extra").entries() {
        table.push([format!("Extra: {name}"), listed(list)]);
    }
    let text = table.text();
    session.io.out(&text);
    DONE
}
