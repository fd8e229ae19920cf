//! `namespace`, `namePrefix`, `nameSuffix`, and the hashes at the end of names.

use crate::base::{Value, json};

use super::path::each;
use super::resources::Resources;
use super::{Outcome, hash};

/// Where kinds name a namespace beside their own.
const NAMESPACES: [(&str, &str, bool); 3] = [
    ("Namespace", "metadata/name", true),
    ("APIService", "spec/service/namespace", true),
    ("CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/namespace", false),
];

/// Puts all objects in a namespace.
pub(super) fn set_namespace(all: &mut Resources, namespace: &str) -> Outcome<()> {
    if namespace.is_empty() {
        return Ok(());
    }
    for at in 0..all.0.len() {
        let one = &mut all.0[at];
        one.remember();
        let mut id = one.id();
        if !id.is_cluster_wide() {
            one.body.set_at(&["metadata", "namespace"], namespace);
        }
        for (kind, path, create) in NAMESPACES {
            if kind == id.kind {
                each(&mut one.body, path, create, &mut |value| {
                    *value = namespace.into();
                    Ok(())
                })?;
            }
        }
        if matches!(id.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
            && !one.body.get("subjects").is_null()
        {
            let subjects = one.body.entry("subjects").items_mut();
            for subject in subjects.iter_mut().filter(|subject| subject.get("name").str() == "default") {
                subject.set("namespace", namespace);
            }
        }
        id = one.id();
        let same: Vec<String> = all
            .0
            .iter()
            .filter(|other| other.id().is(&id))
            .map(|other| json::to_string(&other.body))
            .collect();
        if same.len() > 1 {
            return Err(["namespace transformation produces ID conflict: [", &same.join(" "), "]"].concat());
        }
    }
    Ok(())
}

/// Puts `namePrefix` and `nameSuffix` around names.
pub(super) fn affix(all: &mut Resources, kustomization: &Value) {
    const NOT: [&str; 3] = ["CustomResourceDefinition", "APIService", "Namespace"];
    let (prefix, suffix) = (kustomization.get("namePrefix").str(), kustomization.get("nameSuffix").str());
    for one in all.0.iter_mut().filter(|one| !NOT.contains(&one.first_id().kind.as_str())) {
        if !prefix.is_empty() {
            one.prefixes.push(prefix.into());
            one.remember();
            one.set_name([prefix, one.name()].concat());
        }
        if !suffix.is_empty() {
            one.suffixes.push(suffix.into());
            one.remember();
            one.set_name([one.name(), suffix].concat());
        }
    }
}

/// Puts the hash of their contents behind the names of generated objects.
pub(super) fn add_hashes(all: &mut Resources) {
    for one in all.0.iter_mut().filter(|one| one.hashed) {
        one.remember();
        one.set_name([one.name(), "-", &hash::of(&one.body)].concat());
    }
}
