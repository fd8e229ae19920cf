//! `set` and `unset`: single values by their paths.

use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{DONE, Flow, Session};

use super::{arguments, load};

pub(super) const SET: Command = Command {
    name: "set",
    usage: "PROPERTY_NAME PROPERTY_VALUE",
    short: "Set an individual value in a kubeconfig file",
    flags: &["set-raw-bytes:bool"],
    run: Some(set),
    ..Command::NONE
};
pub(super) const UNSET: Command = Command {
    name: "unset",
    usage: "PROPERTY_NAME",
    short: "Unset an individual value in a kubeconfig file",
    run: Some(unset),
    ..Command::NONE
};

fn set(session: &mut Session<'_>) -> Result<Flow> {
    let [path, text] = arguments(session)?;
    change(session, &path, Some(&text))?;
    session.line(format!("Property \"{path}\" set."));
    DONE
}

fn unset(session: &mut Session<'_>) -> Result<Flow> {
    let [path] = arguments(session)?;
    change(session, &path, None)?;
    session.line(format!("Property \"{path}\" unset."));
    DONE
}

fn change(session: &mut Session<'_>, path: &str, text: Option<&str>) -> Result<()> {
    let mut config = load(session)?;
    let parts: Vec<&str> = path.split('.').collect();
    let inside = |list: &str| match list {
        "clusters" => Some("cluster"),
        "contexts" => Some("context"),
        "users" => Some("user"),
        _ => None,
    };
    match parts[..] {
        ["current-context"] => match text {
            Some(text) => config.body.set("current-context", text),
            None => config.body.set("current-context", ""),
        },
        [list, name, field] if inside(list).is_some() => {
            let entry = config.entry_mut(list, inside(list).unwrap_or_default(), name);
            match text {
                Some(text) if field == "insecure-skip-tls-verify" => entry.set(field, text == "true"),
                Some(text) => entry.set(field, text),
                None => drop(entry.remove(field)),
            }
        }
        [list, name] if inside(list).is_some() && text.is_none() => {
            config.body.entry(list).items_mut().retain(|entry| entry.get("name").str() != name);
        }
        [list] if inside(list).is_some() && text.is_none() => {
            config.body.set(list, Value::from(Vec::<Value>::new()))
        }
        _ => bail!("unable to parse {path} after [] at api.Config"),
    }
    config.save(session.io)
}
