//! Role and ClusterRole.

use crate::api::Cause;
use crate::base::Value;

use super::path::Path;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate,
    validate_update: |new, old, causes| {
        validate(new, causes);
        metadata::validate_update(new, old, causes);
    },
    columns: headings!["NAME", "CREATED AT"],
    row: |role, _| vec![role.name().into(), role.meta("creationTimestamp").str().into()],
    ..Rules::PLAIN
};

fn validate(role: &Value, causes: &mut Vec<Cause>) {
    let namespaced = role.get("kind").str() == "Role";
    metadata::validate(role, namespaced, formats::path_segment, causes);
    let rules = Path::root("rules");
    for (at, rule) in role.get("rules").items().iter().enumerate() {
        let path = rules.index(at);
        let has = |field: &str| !rule.get(field).items().is_empty();
        if !has("verbs") {
            causes.push(path.field("verbs").required_because("verbs must contain at least one value"));
        }
        let urls = rule.get("nonResourceURLs");
        if has("nonResourceURLs") {
            let path = path.field("nonResourceURLs");
            if namespaced {
                causes.push(path.invalid(urls, "namespaced rules cannot apply to non-resource URLs"));
            }
            if has("apiGroups") || has("resources") || has("resourceNames") {
                let detail = "rules cannot apply to both regular resources and non-resource URLs";
                causes.push(path.invalid(urls, detail));
            }
            continue;
        }
        if !has("apiGroups") {
            let detail = "resource rules must supply at least one api group";
            causes.push(path.field("apiGroups").required_because(detail));
        }
        if !has("resources") {
            let detail = "resource rules must supply at least one resource";
            causes.push(path.field("resources").required_because(detail));
        }
    }
}
