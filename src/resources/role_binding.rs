//! RoleBinding and ClusterRoleBinding.

use crate::api::Object;
use crate::base::{Date, Value};

use super::printing::age;
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
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
