//! DaemonSet.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::printing::{age, containers, label_selector, labels};
use super::{Generation, Rules, headings, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0}),
    generation: Generation::Spec,
    create: |set| set.set_at(&["metadata", "annotations", TEMPLATE_GENERATION], "1"),
    update: count_template_up,
    columns: headings![
        "NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE";
        "CONTAINERS", "IMAGES", "SELECTOR"
    ],
    row,
    ..Rules::PLAIN
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
        label_selector(spec.get("selector")),
    ]
}
