//! Namespace.

use crate::base::Value;
use crate::value;

use super::printing::age;
use super::{Rules, formats, headings, keep, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"phase": "Active"}),
    create: |namespace| {
        let finalizers = namespace.entry_at(&["spec", "finalizers"]);
        if !finalizers.items().iter().any(|f| f.str() == "kubernetes") {
            finalizers.push("kubernetes");
        }
    },
    update: |new, old| keep(new.entry("spec"), old.get("spec"), "finalizers"),
    validate: |namespace, causes| metadata::validate(namespace, false, formats::dns_label, causes),
    validate_update: metadata::validate_update,
    columns: headings!["NAME", "STATUS", "AGE"],
    row: |namespace, now| {
        vec![namespace.name().into(), namespace.status().get("phase").str().into(), age(namespace, now)]
    },
    ..Rules::PLAIN
};

fn set_defaults(namespace: &mut Value) {
    let name = namespace.at(&["metadata", "name"]).clone();
    if !name.str().is_empty() {
        namespace.set_at(&["metadata", "labels", "kubernetes.io/metadata.name"], name);
    }
}
