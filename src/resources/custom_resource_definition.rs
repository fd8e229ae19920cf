//! CustomResourceDefinition: a kind that the cluster's users add (apiextensions-apiserver).

use std::cmp::Reverse;

use crate::api::{Cause, Object};
use crate::base::{Date, Value};
use crate::value;

use super::json_schema::structural;
use super::path::Path;
use super::{Generation, Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    defaults,
    fresh_status: |definition| {
        let stored = versions(definition).iter().find(|version| version.get("storage").bool());
        let names: Vec<Value> = stored.map(|version| version.get("name").clone()).into_iter().collect();
        value!({
            "acceptedNames": {"kind": "", "plural": ""},
            "conditions": [],
            "storedVersions": names
        })
    },
    generation: Generation::Spec,
    validate: |definition, causes| {
        metadata::validate(definition, false, formats::dns_subdomain, causes);
        validate(definition, causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
        validate_immutable(new, old, causes);
    },
    warn: |definition, _, warnings| warn(definition, warnings),
    columns: headings!["NAME", "CREATED AT"],
    row,
    ..Rules::PLAIN
};

const SPEC: Path = Path::root("spec");
const SCOPES: [&str; 2] = ["Cluster", "Namespaced"];
const COLUMN_TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];

fn versions(definition: &Value) -> &[Value] {
    definition.at(&["spec", "versions"]).items()
}

/// Of its versions that are served, the one that clients take who have no wish: a stable one before betas and alphas, the
/// highest first (apimachinery, `CompareKubeAwareVersionStrings`).
pub fn preferred_version(definition: &Value) -> Option<&str> {
    let served = versions(definition).iter().filter(|version| version.get("served").bool());
    served.map(|version| version.get("name").str()).max_by_key(|name| (rank(name), Reverse(*name)))
}

/// How far before others a version comes: `v2`, `v1`, `v1beta1`, `v1alpha1`; one that is written otherwise comes last.
pub fn rank(version: &str) -> (u8, u64, u64) {
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| !text.starts_with('0'));
    let Some(rest) = version.strip_prefix('v') else { return (0, 0, 0) };
    let level = |word: &str, level: u8| {
        let (major, minor) = rest.split_once(word)?;
        Some((level, number(major)?, number(minor)?))
    };
    let stable = number(rest).map(|major| (3, major, 0));
    stable.or_else(|| level("beta", 2)).or_else(|| level("alpha", 1)).unwrap_or_default()
}

/// The version of this name.
pub fn version<'a>(definition: &'a Value, name: &str) -> &'a Value {
    static NONE: Value = Value::Null;
    versions(definition).iter().find(|version| version.get("name").str() == name).unwrap_or(&NONE)
}

/// apiextensions/v1, defaults.go.
fn defaults(definition: &mut Value) {
    let spec = definition.entry("spec");
    spec.entry("conversion").set_default("strategy", "None");
    let kind = spec.at(&["names", "kind"]).str().to_owned();
    let names = spec.entry("names");
    for (field, usual) in [("singular", kind.to_lowercase()), ("listKind", format!("{kind}List"))] {
        if names.get(field).str().is_empty() {
            names.set(field, usual);
        }
    }
    if !spec.get("preserveUnknownFields").bool() {
        spec.remove("preserveUnknownFields");
    }
}

/// apiextensions, validation.go, `ValidateCustomResourceDefinition`.
fn validate(definition: &Value, causes: &mut Vec<Cause>) {
    let spec = definition.get("spec");
    let (group, names) = (spec.get("group").str(), spec.get("names"));
    let name = definition.at(&["metadata", "name"]).str();
    if name != format!("{}.{group}", names.get("plural").str()) {
        causes.push(
            Path::root("metadata").field("name").invalid(name, "must be spec.names.plural+\".\"+spec.group"),
        );
    }
    validate_group(definition, group, causes);
    match spec.get("scope").str() {
        "" => causes.push(SPEC.field("scope").required()),
        scope if !SCOPES.contains(&scope) => causes.push(SPEC.field("scope").unsupported(scope, &SCOPES)),
        _ => {}
    }
    let own = SPEC.field("versions");
    let no_schema = |version: &Value| version.at(&["schema", "openAPIV3Schema"]).is_null();
    for (at, _) in versions(definition).iter().enumerate().filter(|(_, version)| no_schema(version)) {
        let path = own.index(at);
        causes.push(path.field("schema").field("openAPIV3Schema").required_because("schemas are required"));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (at, version) in versions(definition).iter().enumerate() {
        seen.push(version.get("name").str());
        validate_version(version, &own.index(at), causes);
    }
    let all = versions(definition).len();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() < all {
        causes.push(own.invalid(spec.get("versions"), "must contain unique version names"));
    }
    if versions(definition).iter().filter(|version| version.get("storage").bool()).count() != 1 {
        let detail = "must have exactly one version marked as storage version";
        causes.push(own.invalid(spec.get("versions"), detail));
    }
    validate_names(names, causes);
}

fn validate_group(definition: &Value, group: &str, causes: &mut Vec<Cause>) {
    let path = SPEC.field("group");
    if group.is_empty() {
        causes.push(path.required());
    } else {
        let errors = formats::dns_subdomain(group);
        if !errors.is_empty() {
            causes.push(path.invalid(group, errors.join(",")));
        } else if !group.contains('.') {
            causes.push(path.invalid(group, "should be a domain with at least one dot"));
        }
    }
    const APPROVED: &str = "api-approved.kubernetes.io";
    let is_protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|domain| group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if is_protected && definition.at(&["metadata", "annotations"]).get(APPROVED).str().is_empty() {
        let detail = format!(
            "protected groups must have approval annotation \"{APPROVED}\", see https://github.com/kubernetes/enhancements/pull/1111"
        );
        causes.push(Path::root("metadata").field("annotations").key(APPROVED).required_because(detail));
    }
}

fn validate_version(version: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let name = version.get("name").str();
    let errors = formats::dns_1035_label(name);
    if !errors.is_empty() {
        causes.push(path.field("name").invalid(name, errors.join(",")));
    }
    let schema = version.at(&["schema", "openAPIV3Schema"]);
    if !schema.is_null() {
        structural::validate(schema, &path.field("schema").field("openAPIV3Schema"), causes);
    }
    for (at, column) in version.get("additionalPrinterColumns").items().iter().enumerate() {
        let list = path.field("additionalPrinterColumns");
        let path = list.index(at);
        if column.get("name").str().is_empty() {
            causes.push(path.field("name").required());
        }
        match column.get("type").str() {
            "" => causes.push(
                path.field("type").required_because(format!("must be one of {}", COLUMN_TYPES.join(","))),
            ),
            kind if !COLUMN_TYPES.contains(&kind) => {
                causes.push(
                    path.field("type").invalid(kind, format!("must be one of {}", COLUMN_TYPES.join(","))),
                );
            }
            _ => {}
        }
        if column.get("jsonPath").str().is_empty() {
            causes.push(path.field("jsonPath").required());
        }
    }
    let parts = path.field("subresources");
    let scale = version.at(&["subresources", "scale"]);
    if !scale.is_null() {
        let path = parts.field("scale");
        for (field, begins) in [("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")] {
            let found = scale.get(field).str();
            if found.is_empty() {
                causes.push(path.field(field).required());
            } else if !found.starts_with(begins) {
                causes.push(
                    path.field(field).invalid(
                        found,
                        format!("should be a json path under {}", begins.trim_end_matches('.')),
                    ),
                );
            }
        }
    }
}

/// `ValidateCustomResourceDefinitionNames`
fn validate_names(names: &Value, causes: &mut Vec<Cause>) {
    let path = SPEC.field("names");
    for field in ["plural", "singular", "kind", "listKind"] {
        if names.get(field).str().is_empty() {
            causes.push(path.field(field).required());
        }
    }
    for field in ["plural", "singular"] {
        check_name(names.get(field).str(), &path.field(field), causes);
    }
    for field in ["kind", "listKind"] {
        let name = names.get(field).str();
        let errors = formats::dns_1035_label(&name.to_lowercase());
        if !name.is_empty() && !errors.is_empty() {
            let detail = format!("may have mixed case, but should otherwise match: {}", errors.join(","));
            causes.push(path.field(field).invalid(name, detail));
        }
    }
    for field in ["shortNames", "categories"] {
        for (at, name) in names.get(field).items().iter().enumerate() {
            check_name(name.str(), &path.field(field).index(at), causes);
        }
    }
    if !names.get("kind").is_empty() && names.get("kind") == names.get("listKind") {
        causes.push(
            path.field("listKind").invalid(names.get("listKind"), "kind and listKind may not be the same"),
        );
    }
}

fn check_name(name: &str, path: &Path, causes: &mut Vec<Cause>) {
    let errors = formats::dns_1035_label(name);
    if !name.is_empty() && !errors.is_empty() {
        causes.push(path.invalid(name, errors.join(",")));
    }
}

/// What stays as it is once the names were accepted (`ValidateCustomResourceDefinitionUpdate`).
fn validate_immutable(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    let is_established = old.at(&["status", "conditions"]).items().iter().any(|condition| {
        condition.get("type").str() == "Established" && condition.get("status").str() == "True"
    });
    let names = SPEC.field("names");
    let (new, old) = (new.get("spec"), old.get("spec"));
    if is_established {
        SPEC.field("scope").check_unchanged(new.get("scope"), old.get("scope"), causes);
        names.field("kind").check_unchanged(new.at(&["names", "kind"]), old.at(&["names", "kind"]), causes);
    }
    SPEC.field("group").check_unchanged(new.get("group"), old.get("group"), causes);
    names.field("plural").check_unchanged(new.at(&["names", "plural"]), old.at(&["names", "plural"]), causes);
}

/// What of it Saya leaves out.
fn warn(definition: &Value, warnings: &mut Vec<String>) {
    if versions(definition)
        .iter()
        .any(|version| structural::has_rules(version.at(&["schema", "openAPIV3Schema"])))
    {
        warnings.push("Saya does not simulate x-kubernetes-validations: their rules are not asked".into());
    }
    if definition.at(&["spec", "conversion", "strategy"]).str() == "Webhook" {
        warnings.push("Saya does not simulate the conversion of custom resources by webhooks".into());
    }
}

fn row(definition: &Object, _: Date) -> Vec<String> {
    let created = definition.meta("creationTimestamp").str();
    vec![definition.name().into(), created.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_versions_come_first() {
        let mut names = ["v1alpha1", "foo1", "v2", "v1beta2", "v10", "v1", "v1beta1", "v11alpha2", "foo10"];
        names.sort_by_key(|name| (Reverse(rank(name)), *name));
        let wanted = ["v10", "v2", "v1", "v1beta2", "v1beta1", "v11alpha2", "v1alpha1", "foo1", "foo10"];
        assert_eq!(names, wanted);
    }
}
