//! `kubectl api-resources`

use crate::base::table::Table;

use super::command::Command;
use super::discovery::{self, Resource};
use super::error::{Result, bail};
use super::session::{DONE, Flow, Session};

pub(super) const COMMAND: Command = Command {
    name: "api-resources",
    short: "Print the supported API resources on the server",
    flags: &[
        "api-group cached:bool categories:list namespaced:bool=true no-headers:bool output,o sort-by verbs:list",
    ],
    run: Some(run),
    ..Command::NONE
};

fn run(session: &mut Session<'_>) -> Result<Flow> {
    if !session.args().is_empty() {
        return Err(session.usage(format!("unexpected arguments: [{}]", session.args().join(" "))));
    }
    let flags = session.flags;
    let form = flags.text("output");
    if !matches!(form, "" | "wide" | "name" | "json" | "yaml") {
        bail!("--output must be one of 'wide', 'name', 'json' or 'yaml'; --output {form} is not available");
    }
    let sort_by = flags.text("sort-by");
    if !matches!(sort_by, "" | "name" | "kind") {
        bail!("--sort-by accepts only name or kind");
    }
    let group = flags.given("api-group").then(|| flags.text("api-group"));
    let all = discovery::resources(session.api);
    let mut chosen: Vec<&Resource> = all
        .iter()
        .filter(|resource| group.is_none_or(|group| resource.group() == group))
        .filter(|resource| !flags.given("namespaced") || resource.namespaced == flags.is("namespaced"))
        .filter(|resource| {
            flags.list("verbs").iter().all(|verb| resource.verbs.split(',').any(|v| v == verb))
        })
        .filter(|resource| {
            let wanted = flags.list("categories");
            wanted.iter().all(|category| resource.categories.split(',').any(|c| c == category))
        })
        .collect();
    match sort_by {
        "name" => chosen.sort_by(|a, b| a.plural.cmp(&b.plural)),
        "kind" => chosen.sort_by_key(|resource| resource.kind),
        _ => {}
    }
    if form == "name" {
        for resource in chosen {
            session.line(resource.qualified());
        }
        return DONE;
    }
    let mut table = Table::new();
    if !flags.is("no-headers") {
        let mut headings = vec!["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"];
        if form == "wide" {
            headings.extend(["VERBS", "CATEGORIES"]);
        }
        table.push(headings);
    }
    for resource in chosen {
        let namespaced = resource.namespaced.to_string();
        let mut row: Vec<&str> =
            vec![&resource.plural, &resource.short, resource.api_version, &namespaced, resource.kind];
        if form == "wide" {
            row.extend([resource.verbs, &resource.categories]);
        }
        table.push(row);
    }
    let text = table.text();
    session.io.out(&text);
    DONE
}
