//! `kubectl auth can-i`

use crate::apiserver::rbac::{Request, User};
use crate::base::Value;
use crate::base::table::Table;
use crate::kubectl::command::Command;
use crate::kubectl::discovery;
use crate::kubectl::error::{Error, Result};
use crate::kubectl::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "can-i",
    usage: "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    short: "Check whether an action is allowed",
    flags: &["all-namespaces,A:bool list:bool no-headers:bool quiet,q:bool subresource"],
    run: Some(run),
    ..Command::NONE
};

/// The verbs that rules are known to speak of.
pub(in crate::kubectl) const VERBS: [&str; 15] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "escalate",
    "approve",
    "sign",
    "*",
];

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let flags = session.flags;
    let args = session.args().to_vec();
    let wrong =
        |text: &str| Err(Error::plain(format!("{text}\nSee 'kubectl auth can-i -h' for help and examples.")));
    let user = match &session.user {
        Some(user) => user.clone(),
        None => User::named(session.api.settings.owner, &["system:masters".into()]),
    };
    if flags.is("list") {
        if flags.is("quiet") {
            return wrong("list option and quiet option can't be specified together");
        }
        if flags.is("all-namespaces") {
            return wrong("list option and all-namespaces option can't be specified together");
        }
        if !args.is_empty() {
            return wrong("list option must be specified with no arguments");
        }
        let rules = session.api.rules_of(&user, &session.namespace);
        list(session, &rules);
        return DONE;
    }
    let (verb, word) = match &args[..] {
        [verb, word] => (verb.as_str(), word.as_str()),
        _ => return wrong("you must specify two arguments: verb resource or verb resource/resourceName."),
    };
    if word.starts_with('/') {
        if !flags.text("subresource").is_empty() {
            return wrong("--subresource can not be used with NonResourceURL");
        }
        let request = Request { verb, group: "", resource: word, name: "", namespace: "" };
        return answer(session, &user, request);
    }
    let (word, name) = word.split_once('/').unwrap_or((word, ""));
    let found = discovery::find(session.api, word);
    let (group, resource) = match &found {
        Some(found) => (found.group().to_string(), found.plural.to_string()),
        None if word == "*" => ("*".into(), "*".into()),
        None => {
            match word.split_once('.') {
                Some((resource, group)) => session.note(format!(
                    "Warning: the server doesn't have a resource type '{resource}' in group '{group}'\n"
                )),
                None => session.note(format!("Warning: the server doesn't have a resource type '{word}'\n")),
            }
            let (resource, group) = word.split_once('.').unwrap_or((word, ""));
            (group.to_string(), resource.to_string())
        }
    };
    if !VERBS.contains(&verb) {
        session.note(format!("Warning: verb '{verb}' is not a known verb\n"));
    }
    let mut namespace = if flags.is("all-namespaces") { String::new() } else { session.namespace.clone() };
    if let Some(found) = found.filter(|found| !found.namespaced) {
        if !flags.is("all-namespaces") {
            let place = match found.group() {
                "" => String::new(),
                group => format!(" in group '{group}'"),
            };
            session.note(format!("Warning: resource '{}' is not namespace scoped{place}\n", found.plural));
        }
        namespace.clear();
    }
    let resource = match flags.text("subresource") {
        "" => resource,
        part => format!("{resource}/{part}"),
    };
    let request = Request { verb, group: &group, resource: &resource, name, namespace: &namespace };
    answer(session, &user, request)
}

fn answer(session: &mut Session<'_>, user: &User, request: Request<'_>) -> Result<Flow> {
    let yes = session.api.allows(user, request);
    if !session.flags.is("quiet") {
        session.line(if yes { "yes" } else { "no" });
    }
    Ok(Flow::Done(u8::from(!yes)))
}

/// A row for each resource and path, in the order of verbs, groups, resources.
fn list(session: &mut Session<'_>, rules: &[Value]) {
    let text = |list: &Value| list.items().iter().map(Value::str).collect::<Vec<_>>().join(" ");
    let mut rows: Vec<([String; 5], [String; 4])> = Vec::new();
    for rule in rules {
        let (verbs, names) = (text(rule.get("verbs")), text(rule.get("resourceNames")));
        for group in rule.get("apiGroups").items() {
            for resource in rule.get("resources").items() {
                let shown = match group.str() {
                    "" => resource.str().to_string(),
                    group => format!("{}.{group}", resource.str()),
                };
                let key =
                    [verbs.clone(), group.str().into(), resource.str().into(), names.clone(), String::new()];
                rows.push((key, [shown, "[]".into(), format!("[{names}]"), format!("[{verbs}]")]));
            }
        }
        for url in rule.get("nonResourceURLs").items() {
            let key = [verbs.clone(), String::new(), String::new(), String::new(), format!("{}]", url.str())];
            let urls = format!("[{}]", url.str());
            rows.push((key, [String::new(), urls, "[]".into(), format!("[{verbs}]")]));
        }
    }
    // What is no resource comes last, as nothing in Go's text of a rule sorts behind a group.
    rows.sort_by(|(a, row_a), (b, row_b)| {
        (&a[0], row_a[0].is_empty(), a).cmp(&(&b[0], row_b[0].is_empty(), b))
    });
    let mut table = Table::new();
    if !session.flags.is("no-headers") {
        table.push(["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    }
    rows.into_iter().for_each(|(_, row)| table.push(row));
    let text = table.text();
    session.io.out(&text);
}
