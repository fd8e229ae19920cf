//! `kubectl create role`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::auth::VERBS;
use crate::kubectl::command::Command;
use crate::kubectl::discovery;
use crate::kubectl::error::{Error, Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name};

pub(super) const COMMAND: Command = Command {
    name: "role",
    usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a role with single rule",
    flags: making!("resource:list resource-name:array verb:list"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let verbs = verbs(session)?;
    if session.flags.list("resource").is_empty() {
        bail!("at least one resource must be specified");
    }
    let rules = resource_rules(session, &verbs)?;
    make(session, Kind::Role, &name, value!({"rules": rules}), None)
}

/// The verbs of `--verb`, each once; `*` stands for all.
pub(super) fn verbs(session: &mut Session<'_>) -> Result<Vec<String>> {
    let mut verbs: Vec<String> = Vec::new();
    for verb in session.flags.list("verb") {
        if verb == "*" {
            verbs = vec!["*".into()];
            break;
        }
        if !verbs.contains(verb) {
            verbs.push(verb.clone());
        }
    }
    if verbs.is_empty() {
        bail!("at least one verb must be specified");
    }
    for verb in verbs.iter().filter(|verb| !VERBS.contains(&verb.as_str())) {
        session.note(format!("Warning: '{verb}' is not a standard resource verb"));
    }
    Ok(verbs)
}

/// A rule for each group of the resources of `--resource`.
pub(super) fn resource_rules(session: &Session<'_>, verbs: &[String]) -> Result<Vec<Value>> {
    let names = session.flags.list("resource-name");
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for word in session.flags.list("resource") {
        let (word, part) = word.split_once('/').map_or((word.as_str(), ""), |(word, part)| (word, part));
        let (group, mut resource) = if word == "*" {
            ("*".to_string(), "*".to_string())
        } else {
            let found = discovery::find(session.api, word).ok_or_else(|| {
                Error::Raw(format!(
                    "the server doesn't have a resource type \"{}\"",
                    word.split('.').next().unwrap_or_default()
                ))
            })?;
            (found.group().to_string(), found.plural.to_string())
        };
        if !part.is_empty() {
            resource = format!("{resource}/{part}");
        }
        let at = groups.iter().position(|(other, _)| *other == group).unwrap_or_else(|| {
            groups.push((group, Vec::new()));
            groups.len() - 1
        });
        if !groups[at].1.contains(&resource) {
            groups[at].1.push(resource);
        }
    }
    groups.sort();
    let rule = |(group, resources): (String, Vec<String>)| {
        let mut rule = value!({"apiGroups": [group], "resources": resources, "verbs": (verbs.to_vec())});
        if !names.is_empty() {
            rule.set("resourceNames", names.to_vec());
        }
        rule
    };
    Ok(groups.into_iter().map(rule).collect())
}
