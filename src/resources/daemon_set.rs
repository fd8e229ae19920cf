//! DaemonSet.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};
use crate::value;

use super::path::Path;
use super::printing::{self, age, containers, labels};
use super::structs::{DAEMON_SET_STRATEGY, Internal, Type};
use super::{Generation, Rules, formats, headings, label_selector, metadata, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0}),
    generation: Generation::Spec,
    create: |set| set.set_at(&["metadata", "annotations", TEMPLATE_GENERATION], "1"),
    update: count_template_up,
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
    warn: pod_template::warn,
    columns: headings![
        "NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE";
        "CONTAINERS", "IMAGES", "SELECTOR"
    ],
    row,
};

/// How often the template was changed, kept from the days of extensions/v1beta1.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

fn set_defaults(set: &mut Value) {
    let spec = set.entry("spec");
    let strategy = spec.entry("updateStrategy");
    strategy.set_default("type", "RollingUpdate");
    if strategy.get("type").str() == "RollingUpdate" {
        let rolling = strategy.entry("rollingUpdate");
        rolling.set_default("maxUnavailable", 1);
        rolling.set_default("maxSurge", 0);
    }
    spec.set_default("revisionHistoryLimit", 10);
    pod_template::set_defaults(spec);
}

fn count_template_up(new: &mut Value, old: &Value) {
    let path = ["metadata", "annotations", TEMPLATE_GENERATION];
    let before: i64 = old.at(&path).str().parse().unwrap_or_default();
    let changed = new.at(&["spec", "template"]) != old.at(&["spec", "template"]);
    new.set_at(&path, (before + i64::from(changed)).to_string());
}

const SPEC: Path = Path::root("spec");

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    let selector = spec.get("selector");
    if selector.is_null() {
        causes.push(SPEC.field("selector").required());
    }
    label_selector::validate(selector, &SPEC.field("selector"), causes);
    if selector.is_null() || label_selector::is_usable(selector) {
        pod_template::validate_selected(spec, &SPEC, causes);
    }
    if !selector.is_null() && label_selector::is_empty(selector) {
        causes.push(SPEC.field("selector").invalid(selector, "empty selector is invalid for daemonset"));
    }
    pod_template::validate(spec.get("template"), &[], &SPEC.field("template"), causes);
    pod_template::validate_shared_disks(spec, &SPEC, causes);
    pod_template::validate_always_running(spec, "DaemonSet", &SPEC, causes);
    SPEC.field("minReadySeconds").check_not_negative(spec.get("minReadySeconds"), causes);
    validate_strategy(spec.get("updateStrategy"), &SPEC.field("updateStrategy"), causes);
    SPEC.field("revisionHistoryLimit").check_not_negative(spec.get("revisionHistoryLimit"), causes);
}

fn validate_strategy(strategy: &Value, path: &Path, causes: &mut Vec<Cause>) {
    match strategy.get("type").str() {
        "OnDelete" => return,
        "RollingUpdate" => {}
        _ => {
            let shown = Internal(strategy, Type::Struct(&DAEMON_SET_STRATEGY));
            causes.push(path.unsupported(shown, &["RollingUpdate", "OnDelete"]));
            return;
        }
    }
    let rolling = strategy.get("rollingUpdate");
    let path = path.field("rollingUpdate");
    let fields = ["maxUnavailable", "maxSurge"];
    for field in fields {
        pod_template::validate_int_or_percent(rolling.get(field), &path.field(field), causes);
    }
    for field in fields {
        pod_template::validate_at_most_all(rolling.get(field), &path.field(field), causes);
    }
    match fields.map(|field| pod_template::int_or_percent(rolling.get(field)) != 0) {
        [true, true] => {
            let detail = "may not be set when maxUnavailable is non-zero";
            causes.push(path.field("maxSurge").invalid(rolling.get("maxSurge"), detail));
        }
        [false, false] => {
            causes.push(path.field("maxUnavailable").required_because("cannot be 0 when maxSurge is 0"));
        }
        _ => {}
    }
}

fn row(set: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (set.spec(), set.status());
    let count = |field| status.get(field).int().to_string();
    let [names, images] = containers(spec.get("template"));
    vec![
        set.name().into(),
        count("desiredNumberScheduled"),
        count("currentNumberScheduled"),
        count("numberReady"),
        count("updatedNumberScheduled"),
        count("numberAvailable"),
        labels(spec.at(&["template", "spec", "nodeSelector"])),
        age(set, now),
        names,
        images,
        printing::label_selector(spec.get("selector")),
    ]
}
