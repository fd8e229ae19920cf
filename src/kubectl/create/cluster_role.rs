//! `kubectl create clusterrole`

use crate::api::Kind;
use crate::base::Value;
use crate::kubectl::command::Command;
use crate::kubectl::error::{Result, bail};
use crate::kubectl::session::{Flow, Session};
use crate::value;

use super::{make, making, name, role};

pub(super) const COMMAND: Command = Command {
    name: "clusterrole",
    usage: "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a cluster role",
    flags: making!("aggregation-rule:map non-resource-url:list resource:list resource-name:array verb:list"),
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    let name = name(session)?;
    let flags = session.flags;
    let aggregation = flags.list("aggregation-rule");
    if !aggregation.is_empty() {
        if !flags.list("verb").is_empty()
            || !flags.list("resource").is_empty()
            || !flags.list("non-resource-url").is_empty()
        {
            bail!("aggregation rule must be specified without nonResourceURLs or resources");
        }
        let mut labels = Value::map();
        for pair in aggregation {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            labels.set(key, value);
        }
        let fields = value!({
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]},
            "rules": null
        });
        return make(session, Kind::ClusterRole, &name, fields, None);
    }
    let verbs = role::verbs(session)?;
    let (resources, urls) = (flags.list("resource"), flags.list("non-resource-url"));
    if resources.is_empty() && urls.is_empty() {
        bail!("one of resource or nonResourceURL must be specified");
    }
    let mut rules = role::resource_rules(session, &verbs)?;
    if !urls.is_empty() {
        rules.push(value!({"nonResourceURLs": (urls.to_vec()), "verbs": verbs}));
    }
    make(session, Kind::ClusterRole, &name, value!({"rules": rules}), None)
}
