//! Roles and ClusterRoles.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, joined};

pub(super) fn fill(page: &mut Page, _session: &Session<'_>, role: &Object) {
    page.field(0, "Name", role.name());
    page.labels(0, "Labels", role.labels());
    page.annotations(0, role.meta("annotations"));
    page.line(0, "PolicyRule:");
    page.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    page.line(1, "---------\t-----------------\t--------------\t-----");
    let mut rows: Vec<String> = role.get("rules").items().iter().flat_map(rows).collect();
    rows.sort();
    rows.iter().for_each(|row| page.line(1, row));
}

/// A row for each resource of a rule.
fn rows(rule: &Value) -> Vec<String> {
    let verbs = joined(rule.get("verbs"), " ");
    let names = joined(rule.get("resourceNames"), " ");
    let urls = joined(rule.get("nonResourceURLs"), " ");
    let row = |resource: String| format!("{resource}\t[{urls}]\t[{names}]\t[{verbs}]");
    if rule.get("resources").is_empty() {
        return vec![row(String::new())];
    }
    let mut all = Vec::new();
    for group in rule.get("apiGroups").items() {
        for resource in rule.get("resources").items() {
            all.push(row(match group.str() {
                "" => resource.str().into(),
                group => format!("{}.{group}", resource.str()),
            }));
        }
    }
    all
}
