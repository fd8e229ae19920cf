//! ReplicationController.

use crate::base::Value;
use crate::value;

use super::printing::labels;
use super::{Generation, Rules, pod_template, replica_set};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"replicas": 0}),
    generation: Generation::Spec,
    columns: replica_set::RULES.columns,
    row: |controller, now| replica_set::row(controller, now, labels(controller.spec().get("selector"))),
    ..Rules::PLAIN
};

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
