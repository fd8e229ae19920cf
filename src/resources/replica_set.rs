//! ReplicaSet.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};
use crate::value;

use super::path::Path;
use super::printing::{self, age, containers};
use super::{Generation, Rules, formats, headings, label_selector, metadata, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"replicas": 0}),
    generation: Generation::Spec,
    validate: |set, causes| {
        metadata::validate(set, true, formats::dns_subdomain, causes);
        validate_spec(set.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
        let path = ["spec", "selector"];
        SPEC.field("selector").check_unchanged(new.at(&path), old.at(&path), causes);
    },
    warn: pod_template::warn_with_name,
    columns: headings!["NAME", "DESIRED", "CURRENT", "READY", "AGE"; "CONTAINERS", "IMAGES", "SELECTOR"],
    row: |set, now| row(set, now, printing::label_selector(set.spec().get("selector"))),
    ..Rules::PLAIN
};

fn set_defaults(set: &mut Value) {
    let spec = set.entry("spec");
    spec.set_default("replicas", 1);
    pod_template::set_defaults(spec);
}

const SPEC: Path = Path::root("spec");

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    for field in ["replicas", "minReadySeconds"] {
        SPEC.field(field).check_not_negative(spec.get(field), causes);
    }
    // The server says deployment here too.
    pod_template::validate_selector(spec, "empty selector is invalid for deployment", &SPEC, causes);
    validate_template(spec, "invalid label selector", &SPEC, causes);
}

/// The template of a ReplicaSet or a Deployment.
pub fn validate_template(spec: &Value, unusable: &str, path: &Path, causes: &mut Vec<Cause>) {
    let selector = spec.get("selector");
    if !selector.is_null() && !label_selector::is_usable(selector) {
        causes.push(path.field("selector").invalid(selector, unusable));
        return;
    }
    if selector.is_null() || !label_selector::is_empty(selector) {
        pod_template::validate_selected(spec, path, causes);
    }
    pod_template::validate(spec.get("template"), &[], &path.field("template"), causes);
    if spec.get("replicas").int() > 1 {
        pod_template::validate_shared_disks(spec, path, causes);
    }
    pod_template::validate_always_running(spec, "ReplicaSet", path, causes);
}

/// The row of a ReplicaSet or a ReplicationController.
pub fn row(set: &Object, now: Date, selector: String) -> Vec<String> {
    let [names, images] = containers(set.spec().get("template"));
    vec![
        set.name().into(),
        set.spec().get("replicas").int().to_string(),
        set.status().get("replicas").int().to_string(),
        set.status().get("readyReplicas").int().to_string(),
        age(set, now),
        names,
        images,
        selector,
    ]
}
