//! RoleBinding and ClusterRoleBinding.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::age;
use super::structs::{Internal, ROLE_REF, Type};
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    validate,
    validate_update: |new, old, causes| {
        validate(new, causes);
        metadata::validate_update(new, old, causes);
        let role = new.get("roleRef");
        if role != old.get("roleRef") {
            let shown = Internal(role, Type::Struct(&ROLE_REF));
            causes.push(Path::root("roleRef").invalid(shown, "cannot change roleRef"));
        }
    },
    columns: headings!["NAME", "ROLE", "AGE"; "USERS", "GROUPS", "SERVICEACCOUNTS"],
    row,
    ..Rules::PLAIN
};

/// The group of RBAC itself.
pub const GROUP: &str = "rbac.authorization.k8s.io";

fn set_defaults(binding: &mut Value) {
    binding.entry("roleRef").set_default("apiGroup", GROUP);
    if !binding.get("subjects").items().is_empty() {
        for subject in binding.entry("subjects").items_mut() {
            if matches!(subject.get("kind").str(), "User" | "Group") {
                subject.set_default("apiGroup", GROUP);
            }
        }
    }
}

fn row(binding: &Object, now: Date) -> Vec<String> {
    let role = binding.get("roleRef");
    let of = |kind: &str| {
        let subjects =
            binding.get("subjects").items().iter().filter(|subject| subject.get("kind").str() == kind);
        let names: Vec<String> = subjects
            .map(|subject| match (kind, subject.get("namespace").str()) {
                ("ServiceAccount", namespace) => format!("{namespace}/{}", subject.get("name").str()),
                _ => subject.get("name").str().into(),
            })
            .collect();
        names.join(", ")
    };
    vec![
        binding.name().into(),
        format!("{}/{}", role.get("kind").str(), role.get("name").str()),
        age(binding, now),
        of("User"),
        of("Group"),
        of("ServiceAccount"),
    ]
}

fn validate(binding: &Value, causes: &mut Vec<Cause>) {
    const ROLE: Path = Path::root("roleRef");
    let namespaced = binding.get("kind").str() == "RoleBinding";
    metadata::validate(binding, namespaced, formats::path_segment, causes);
    let role = binding.get("roleRef");
    let group = role.get("apiGroup").str();
    if group != GROUP {
        causes.push(ROLE.field("apiGroup").unsupported(group, &[GROUP]));
    }
    let kinds: &[&str] = if namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    let kind = role.get("kind").str();
    if !kinds.contains(&kind) {
        causes.push(ROLE.field("kind").unsupported(kind, kinds));
    }
    match role.get("name").str() {
        "" => causes.push(ROLE.field("name").required()),
        name => ROLE.field("name").check(name, formats::path_segment, causes),
    }
    let subjects = Path::root("subjects");
    for (at, subject) in binding.get("subjects").items().iter().enumerate() {
        validate_subject(subject, namespaced, &subjects.index(at), causes);
    }
}

fn validate_subject(subject: &Value, namespaced: bool, path: &Path, causes: &mut Vec<Cause>) {
    let (name, group) = (subject.get("name").str(), subject.get("apiGroup").str());
    if name.is_empty() {
        causes.push(path.field("name").required());
    }
    match subject.get("kind").str() {
        "ServiceAccount" => {
            if !name.is_empty() {
                path.field("name").check(name, formats::dns_subdomain, causes);
            }
            if !group.is_empty() {
                causes.push(path.field("apiGroup").unsupported(group, &[""]));
            }
            if !namespaced && subject.get("namespace").str().is_empty() {
                causes.push(path.field("namespace").required());
            }
        }
        kind @ ("User" | "Group") => {
            if name.is_empty() {
                let detail = format!("{} name cannot be empty", kind.to_lowercase());
                causes.push(path.field("name").invalid("", detail));
            }
            if group != GROUP {
                causes.push(path.field("apiGroup").unsupported(group, &[GROUP]));
            }
        }
        other => causes.push(path.field("kind").unsupported(other, &["ServiceAccount", "User", "Group"])),
    }
}
