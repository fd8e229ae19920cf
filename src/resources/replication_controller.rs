//! ReplicationController.

use crate::api::Cause;
use crate::base::Value;
use crate::value;

use super::path::Path;
use super::printing::labels;
use super::{Generation, Rules, formats, metadata, pod_template, replica_set};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"replicas": 0}),
    generation: Generation::Spec,
    validate: |controller, causes| {
        metadata::validate(controller, true, formats::dns_subdomain, causes);
        validate_spec(controller.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
    },
    warn: pod_template::warn_with_name,
    columns: replica_set::RULES.columns,
    row: |controller, now| replica_set::row(controller, now, labels(controller.spec().get("selector"))),
    ..Rules::PLAIN
};

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    SPEC.field("minReadySeconds").check_not_negative(spec.get("minReadySeconds"), causes);
    let selector = spec.get("selector");
    if selector.is_empty() {
        causes.push(SPEC.field("selector").required());
    }
    SPEC.field("replicas").check_not_negative(spec.get("replicas"), causes);
    let template = spec.get("template");
    if template.is_null() {
        causes.push(SPEC.field("template").required());
        return;
    }
    let labels = template.at(&["metadata", "labels"]);
    if selector.entries().any(|(key, value)| labels.get(key) != value) {
        let template = SPEC.field("template");
        let path = template.field("metadata");
        causes.push(path.field("labels").invalid(labels, "`selector` does not match template `labels`"));
    }
    pod_template::validate(template, &[], &SPEC.field("template"), causes);
    pod_template::validate_always_running(spec, "ReplicationController", &SPEC, causes);
}

/// Its selector and its own labels are those of the template where it has none.
fn set_defaults(controller: &mut Value) {
    let labels = controller.at(&["spec", "template", "metadata", "labels"]).clone();
    if !labels.is_empty() {
        if controller.at(&["spec", "selector"]).is_empty() {
            controller.set_at(&["spec", "selector"], labels.clone());
        }
        if controller.at(&["metadata", "labels"]).is_empty() {
            controller.set_at(&["metadata", "labels"], labels);
        }
    }
    let spec = controller.entry("spec");
    spec.set_default("replicas", 1);
    if !spec.get("template").is_null() {
        pod_template::set_defaults(spec);
    }
}
