//! `current-context`, `get-contexts`, `get-clusters`, `get-users`, `rename-context`, `use-context`

use crate::base::table::Table;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::{DONE, Flow, Session};

use super::{arguments, load};

pub(super) const CURRENT: Command = Command {
    name: "current-context",
    short: "Display the current-context",
    run: Some(current),
    ..Command::NONE
};
pub(super) const GET: Command = Command {
    name: "get-contexts",
    usage: "[(-o|--output=)name)]",
    short: "Describe one or many contexts",
    flags: &["no-headers:bool output,o"],
    run: Some(get),
    ..Command::NONE
};
pub(super) const GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    short: "Display clusters defined in the kubeconfig",
    run: Some(|session| names(session, "clusters")),
    ..Command::NONE
};
pub(super) const GET_USERS: Command = Command {
    name: "get-users",
    short: "Display users defined in the kubeconfig",
    run: Some(|session| names(session, "users")),
    ..Command::NONE
};
pub(super) const RENAME: Command = Command {
    name: "rename-context",
    usage: "CONTEXT_NAME NEW_NAME",
    short: "Rename a context from the kubeconfig file",
    run: Some(rename),
    ..Command::NONE
};
pub(super) const USE: Command = Command {
    name: "use-context",
    usage: "CONTEXT_NAME",
    aliases: &["use"],
    short: "Set the current-context in a kubeconfig file",
    run: Some(use_context),
    ..Command::NONE
};

fn current(session: &mut Session<'_>) -> Result<Flow> {
    let config = load(session)?;
    if config.current().is_empty() {
        bail!("current-context is not set");
    }
    session.line(config.current());
    DONE
}

fn get(session: &mut Session<'_>) -> Result<Flow> {
    let form = session.flags.text("output");
    if !matches!(form, "" | "name") {
        bail!("output must be one of '' or 'name': {form}");
    }
    let config = load(session)?;
    let wanted = session.args().to_vec();
    let mut all: Vec<&str> =
        config.body.get("contexts").items().iter().map(|c| c.get("name").str()).collect();
    all.sort_unstable();
    let mut errors = Vec::new();
    let mut shown = Vec::new();
    match wanted.is_empty() {
        true => shown = all,
        false => {
            for name in &wanted {
                match config.entry("contexts", name) {
                    Some(_) => shown.push(name),
                    None => errors.push(Error::plain(format!("context {name} not found"))),
                }
            }
        }
    }
    if form == "name" {
        shown.iter().for_each(|name| session.line(name));
        return Error::all(errors).and(DONE);
    }
    let mut table = Table::new();
    if !session.flags.is("no-headers") {
        table.push(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]);
    }
    for name in shown {
        let context =
            config.entry("contexts", name).map(|entry| entry.get("context").clone()).unwrap_or_default();
        let mark = if name == config.current() { "*" } else { "" };
        table.push([
            mark,
            name,
            context.get("cluster").str(),
            context.get("user").str(),
            context.get("namespace").str(),
        ]);
    }
    let text = table.text();
    session.io.out(&text);
    Error::all(errors).and(DONE)
}

fn names(session: &mut Session<'_>, list: &str) -> Result<Flow> {
    let config = load(session)?;
    session.line("NAME");
    let mut names: Vec<&str> =
        config.body.get(list).items().iter().map(|entry| entry.get("name").str()).collect();
    names.sort_unstable();
    names.into_iter().for_each(|name| session.line(name));
    DONE
}

fn rename(session: &mut Session<'_>) -> Result<Flow> {
    let [old, new] = arguments(session)?;
    let mut config = load(session)?;
    if config.entry("contexts", &old).is_none() {
        bail!("cannot rename the context \"{old}\", it's not in {}", config.path);
    }
    if config.entry("contexts", &new).is_some() {
        bail!("cannot rename the context \"{old}\", the context \"{new}\" already exists in {}", config.path);
    }
    for entry in config.body.entry("contexts").items_mut() {
        if entry.get("name").str() == old {
            entry.set("name", new.as_str());
        }
    }
    if config.current() == old {
        config.body.set("current-context", new.as_str());
    }
    config.save(session.io)?;
    session.line(format!("Context \"{old}\" renamed to \"{new}\"."));
    DONE
}

fn use_context(session: &mut Session<'_>) -> Result<Flow> {
    let [name] = arguments(session)?;
    let mut config = load(session)?;
    if config.entry("contexts", &name).is_none() {
        bail!("no context exists with the name: \"{name}\"");
    }
    config.body.set("current-context", name.as_str());
    config.save(session.io)?;
    session.line(format!("Switched to context \"{name}\"."));
    DONE
}
