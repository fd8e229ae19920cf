//! Deployment.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::{age, containers, selector_text};
use super::structs::{DEPLOYMENT_STRATEGY, Internal, Type};
use super::{Generation, Rules, empty_status, formats, headings, metadata, pod_template, replica_set};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: empty_status,
    generation: Generation::SpecAndAnnotations,
    validate: |deployment, causes| {
        metadata::validate(deployment, true, formats::dns_subdomain, causes);
        validate_spec(deployment.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
        let path = ["spec", "selector"];
        SPEC.field("selector").check_unchanged(new.at(&path), old.at(&path), causes);
    },
    warn: pod_template::warn_with_name,
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

const SPEC: Path = Path::root("spec");

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    SPEC.field("replicas").check_not_negative(spec.get("replicas"), causes);
    pod_template::validate_selector(spec, "empty selector is invalid for deployment", &SPEC, causes);
    replica_set::validate_template(spec, "invalid label selector", &SPEC, causes);
    validate_strategy(spec.get("strategy"), &SPEC.field("strategy"), causes);
    for field in ["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        SPEC.field(field).check_not_negative(spec.get(field), causes);
    }
    let deadline = spec.get("progressDeadlineSeconds");
    if deadline.as_int().is_some_and(|seconds| seconds <= spec.get("minReadySeconds").int()) {
        let path = SPEC.field("progressDeadlineSeconds");
        causes.push(path.invalid(deadline, "must be greater than minReadySeconds"));
    }
}

fn validate_strategy(strategy: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let rolling = strategy.get("rollingUpdate");
    let path_of_rolling = path.field("rollingUpdate");
    match strategy.get("type").str() {
        "Recreate" => {
            if !rolling.is_null() {
                let detail = "may not be specified when strategy `type` is 'Recreate'";
                causes.push(path_of_rolling.forbidden(detail));
            }
        }
        "RollingUpdate" => {
            let (unavailable, surge) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
            let path = path_of_rolling.field("maxUnavailable");
            pod_template::validate_int_or_percent(unavailable, &path, causes);
            pod_template::validate_int_or_percent(surge, &path_of_rolling.field("maxSurge"), causes);
            if pod_template::int_or_percent(unavailable) == 0 && pod_template::int_or_percent(surge) == 0 {
                causes.push(path.invalid(unavailable, "may not be 0 when `maxSurge` is 0"));
            }
            pod_template::validate_at_most_all(unavailable, &path, causes);
        }
        _ => {
            let shown = Internal(strategy, Type::Struct(&DEPLOYMENT_STRATEGY));
            causes.push(path.unsupported(shown, &["Recreate", "RollingUpdate"]));
        }
    }
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
