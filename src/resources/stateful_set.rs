//! StatefulSet.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};
use crate::value;

use super::path::Path;
use super::printing::{age, containers};
use super::structs::{Internal, STATEFUL_SET_ROLLING_UPDATE, STATEFUL_SET_STRATEGY, Type};
use super::{
    Generation, Rules, formats, headings, keep, label_selector, metadata, persistent_volume_claim,
    pod_template,
};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"availableReplicas": 0, "replicas": 0}),
    generation: Generation::Spec,
    validate: |set, causes| {
        metadata::validate(set, true, formats::dns_label, causes);
        validate_spec(set.get("spec"), false, causes);
    },
    validate_update,
    warn,
    columns: headings!["NAME", "READY", "AGE"; "CONTAINERS", "IMAGES"],
    row,
    ..Rules::PLAIN
};

fn warn(new: &Value, old: Option<&Value>, warnings: &mut Vec<String>) {
    pod_template::warn(new, old, warnings);
    let spec = new.get("spec");
    let claims = SPEC.field("volumeClaimTemplates");
    for (at, claim) in spec.get("volumeClaimTemplates").items().iter().enumerate() {
        persistent_volume_claim::warn_of_spec(claim.get("spec"), &claims.index(at), warnings);
    }
    if spec.get("revisionHistoryLimit").int() < 0 {
        let message = "a negative value retains all historical revisions; a value >= 0 is recommended";
        warnings.push(SPEC.field("revisionHistoryLimit").warning(message));
    }
}

fn set_defaults(set: &mut Value) {
    let spec = set.entry("spec");
    spec.set_default("podManagementPolicy", "OrderedReady");
    let strategy = spec.entry("updateStrategy");
    strategy.set_default("type", "RollingUpdate");
    if strategy.get("type").str() == "RollingUpdate" {
        strategy.entry("rollingUpdate").set_default("partition", 0);
    }
    let retention = spec.entry("persistentVolumeClaimRetentionPolicy");
    retention.set_default("whenDeleted", "Retain");
    retention.set_default("whenScaled", "Retain");
    spec.set_default("replicas", 1);
    spec.set_default("revisionHistoryLimit", 10);
    spec.set_default("serviceName", "");
    pod_template::set_defaults(spec);
    if !spec.get("volumeClaimTemplates").items().is_empty() {
        for claim in spec.entry("volumeClaimTemplates").items_mut() {
            claim.set("apiVersion", "v1");
            claim.set("kind", "PersistentVolumeClaim");
            claim.set_default("metadata", Value::map());
            persistent_volume_claim::set_defaults(claim);
        }
    }
}

const SPEC: Path = Path::root("spec");

fn validate_spec(spec: &Value, is_update: bool, causes: &mut Vec<Cause>) {
    let policy = spec.get("podManagementPolicy").str();
    if !matches!(policy, "OrderedReady" | "Parallel") {
        let path = SPEC.field("podManagementPolicy");
        causes.push(path.invalid(policy, "must be 'OrderedReady' or 'Parallel'"));
    }
    validate_strategy(spec.get("updateStrategy"), &SPEC.field("updateStrategy"), causes);
    let retention = SPEC.field("persistentVolumeClaimRetentionPolicy");
    for field in ["whenDeleted", "whenScaled"] {
        let policy = spec.at(&["persistentVolumeClaimRetentionPolicy", field]).str();
        if !matches!(policy, "Retain" | "Delete") {
            causes.push(retention.field(field).unsupported(policy, &["Retain", "Delete"]));
        }
    }
    let claims = spec.get("volumeClaimTemplates").items();
    if !is_update {
        for (at, claim) in claims.iter().enumerate() {
            let templates = SPEC.field("volumeClaimTemplates");
            let path = templates.index(at);
            persistent_volume_claim::validate_spec(claim.get("spec"), &path.field("spec"), causes);
        }
    }
    for field in ["replicas", "minReadySeconds"] {
        SPEC.field(field).check_not_negative(spec.get(field), causes);
    }
    SPEC.field("ordinals.start").check_not_negative(spec.at(&["ordinals", "start"]), causes);
    let service = spec.get("serviceName").str();
    if !is_update && !service.is_empty() {
        SPEC.field("serviceName").check(service, formats::dns_label, causes);
    }
    pod_template::validate_selector(spec, "empty selector is invalid for statefulset", &SPEC, causes);
    let selector = spec.get("selector");
    if !selector.is_null() && !label_selector::is_usable(selector) {
        causes.push(SPEC.field("selector").invalid(selector, ""));
    } else {
        if selector.is_null() || !label_selector::is_empty(selector) {
            pod_template::validate_selected(spec, &SPEC, causes);
        }
        let claimed: Vec<&str> = claims.iter().map(|claim| claim.at(&["metadata", "name"]).str()).collect();
        pod_template::validate(spec.get("template"), &claimed, &SPEC.field("template"), causes);
    }
    pod_template::validate_always_running(spec, "StatefulSet", &SPEC, causes);
    SPEC.field("revisionHistoryLimit").check_not_negative(spec.get("revisionHistoryLimit"), causes);
}

fn validate_strategy(strategy: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let rolling = strategy.get("rollingUpdate");
    let path_of_rolling = path.field("rollingUpdate");
    match strategy.get("type").str() {
        "" => causes.push(path.required()),
        "OnDelete" => {
            if !rolling.is_null() {
                let shown = Internal(rolling, Type::Struct(&STATEFUL_SET_ROLLING_UPDATE));
                let detail = "only allowed for updateStrategy 'RollingUpdate'";
                causes.push(path_of_rolling.invalid(shown, detail));
            }
        }
        "RollingUpdate" => {
            path_of_rolling.field("partition").check_not_negative(rolling.get("partition"), causes);
            let unavailable = rolling.get("maxUnavailable");
            if !unavailable.is_null() {
                let path = path_of_rolling.field("maxUnavailable");
                pod_template::validate_int_or_percent(unavailable, &path, causes);
                if pod_template::int_or_percent(unavailable) == 0 {
                    causes.push(path.invalid(unavailable, "cannot be 0"));
                }
                pod_template::validate_at_most_all(unavailable, &path, causes);
            }
        }
        _ => {
            let shown = Internal(strategy, Type::Struct(&STATEFUL_SET_STRATEGY));
            causes.push(path.invalid(shown, "must be 'RollingUpdate' or 'OnDelete'"));
        }
    }
}

fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    metadata::validate_update(new, old, causes);
    validate_spec(new.get("spec"), true, causes);
    let mut spec = new.get("spec").clone();
    for field in [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ] {
        keep(&mut spec, old.get("spec"), field);
    }
    if spec != *old.get("spec") {
        causes.push(SPEC.forbidden(
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', \
             'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ));
    }
}

fn row(set: &Object, now: Date) -> Vec<String> {
    let [names, images] = containers(set.spec().get("template"));
    let ready = set.status().get("readyReplicas").int();
    vec![
        set.name().into(),
        format!("{ready}/{}", set.spec().get("replicas").int()),
        age(set, now),
        names,
        images,
    ]
}
