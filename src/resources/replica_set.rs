//! ReplicaSet.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::printing::{age, containers, label_selector};
use super::{Generation, Rules, headings, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"replicas": 0}),
    generation: Generation::Spec,
    columns: headings!["NAME", "DESIRED", "CURRENT", "READY", "AGE"; "CONTAINERS", "IMAGES", "SELECTOR"],
    row: |set, now| row(set, now, label_selector(set.spec().get("selector"))),
    ..Rules::PLAIN
};

fn set_defaults(set: &mut Value) {
    let spec = set.entry("spec");
    spec.set_default("replicas", 1);
    pod_template::set_defaults(spec);
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
