//! A kustomization file, read and brought up to date.

use crate::base::{Value, yaml};

use super::Outcome;
use super::fields;
use super::root::Root;

/// Old fields with what takes their place, in the order in which kustomize warns of them.
const DEPRECATED: [(&str, &str); 5] = [
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
];

/// Reads the kustomization of a folder; adds what is deprecated in it to `warnings`.
pub(super) fn read(root: &Root<'_>, warnings: &mut Vec<String>) -> Outcome<Value> {
    let text = root.kustomization()?;
    let invalid = |why: &str| match why.starts_with("Saya ") {
        true => why.to_string(),
        false => ["invalid Kustomization: ", why].concat(),
    };
    let file = yaml::read(&text).map_err(|error| invalid(&error.message))?.value;
    if !matches!(file, Value::Map(_) | Value::Null) {
        return Err(invalid("json: cannot unmarshal into Go value of type types.Kustomization"));
    }
    let mut all = fields::kustomization(&file).map_err(|why| invalid(&why))?;
    for (old, new) in DEPRECATED {
        if !all.get(old).is_null() {
            warnings.push(format!(
                "# Warning: '{old}' is deprecated. Please use '{new}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n"
            ));
        }
    }
    for (old, new) in [("bases", "resources"), ("imageTags", "images")] {
        if let Some(items) = all.remove(old) {
            all.entry(new).items_mut().extend_from_slice(items.items());
        }
    }
    all.set_default("kind", "Kustomization");
    check(&all).map_err(|why| match why.is_empty() {
        true => "kustomization.yaml is empty".into(),
        false => ["Failed to read kustomization file under ", &root.path, ":\n", &why].concat(),
    })?;
    Ok(all)
}

/// What makes it no kustomization; nothing to say where it is empty.
fn check(all: &Value) -> Outcome<()> {
    if all.entries().all(|(field, value)| matches!(field, "kind" | "apiVersion") || value.is_empty()) {
        return Err(String::new());
    }
    let kind = all.get("kind").str();
    let version = match kind {
        "Component" => "kustomize.config.k8s.io/v1alpha1",
        _ => "kustomize.config.k8s.io/v1beta1",
    };
    let mut wrong = Vec::new();
    if !matches!(kind, "Kustomization" | "Component") {
        wrong.push("kind should be Kustomization or Component".to_string());
    }
    if !matches!(all.get("apiVersion").str(), "") && all.get("apiVersion").str() != version {
        wrong.push(["apiVersion for ", kind, " should be ", version].concat());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}
