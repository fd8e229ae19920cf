//! Deployment.

use crate::api::Object;
use crate::base::{Date, Value};

use super::printing::{age, containers, selector_text};
use super::{Generation, Rules, empty_status, headings, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: empty_status,
    generation: Generation::SpecAndAnnotations,
    columns: headings!["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"; "CONTAINERS", "IMAGES", "SELECTOR"],
    row,
    ..Rules::PLAIN
};

fn set_defaults(deployment: &mut Value) {
    let spec = deployment.entry("spec");
    spec.set_default("replicas", 1);
    let strategy = spec.entry("strategy");
    strategy.set_default("type", "RollingUpdate");
    if strategy.get("type").str() == "RollingUpdate" {
        let rolling = strategy.entry("rollingUpdate");
        rolling.set_default("maxUnavailable", "25%");
        rolling.set_default("maxSurge", "25%");
    }
    spec.set_default("revisionHistoryLimit", 10);
    spec.set_default("progressDeadlineSeconds", 600);
    pod_template::set_defaults(spec);
}

fn row(deployment: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (deployment.spec(), deployment.status());
    let count = |field| status.get(field).int();
    let [names, images] = containers(spec.get("template"));
    vec![
        deployment.name().into(),
        format!("{}/{}", count("readyReplicas"), spec.get("replicas").int()),
        count("updatedReplicas").to_string(),
        count("availableReplicas").to_string(),
        age(deployment, now),
        names,
        images,
        selector_text(spec.get("selector")),
    ]
}
