//! Job.

use crate::api::Object;
use crate::base::time::human_duration;
use crate::base::{Date, Value};

use super::printing::{age, containers, label_selector};
use super::{Generation, Rules, empty_status, headings, pod_template};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: empty_status,
    generation: Generation::Spec,
    create: generate_selector,
    columns: headings!["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"; "CONTAINERS", "IMAGES", "SELECTOR"],
    row,
    ..Rules::PLAIN
};

fn set_defaults(job: &mut Value) {
    let labels = job.at(&["spec", "template", "metadata", "labels"]).clone();
    if !labels.is_empty() && job.at(&["metadata", "labels"]).is_empty() {
        job.set_at(&["metadata", "labels"], labels);
    }
    let spec = job.entry("spec");
    if spec.get("completions").is_null() && spec.get("parallelism").is_null() {
        spec.set("completions", 1);
    }
    spec.set_default("parallelism", 1);
    let per_index = !spec.get("backoffLimitPerIndex").is_null();
    spec.set_default("backoffLimit", if per_index { i32::MAX } else { 6 });
    spec.set_default("completionMode", "NonIndexed");
    spec.set_default("suspend", false);
    spec.set_default("manualSelector", false);
    let failure_policy = !spec.get("podFailurePolicy").is_null();
    spec.set_default("podReplacementPolicy", if failure_policy { "Failed" } else { "TerminatingOrFailed" });
    set_failure_policy_defaults(spec);
    pod_template::set_defaults(spec);
}

/// A pattern on a condition of a Pod means status `True` where it names none.
pub fn set_failure_policy_defaults(spec: &mut Value) {
    if spec.at(&["podFailurePolicy", "rules"]).items().is_empty() {
        return;
    }
    for rule in spec.entry_at(&["podFailurePolicy", "rules"]).items_mut() {
        if !rule.get("onPodConditions").items().is_empty() {
            for pattern in rule.entry("onPodConditions").items_mut() {
                pattern.set_default("status", "True");
            }
        }
    }
}

/// The labels by which a Job knows its Pods, unless `manualSelector` is set (registry/batch/job, `generateSelector`).
fn generate_selector(job: &mut Value) {
    if job.at(&["spec", "manualSelector"]).bool() {
        return;
    }
    let (name, uid) = (job.at(&["metadata", "name"]).clone(), job.at(&["metadata", "uid"]).clone());
    // A Job without labels of its own shares those of its template, the generated ones too.
    let own = job.at(&["metadata", "labels"]);
    let shared = own.is_empty() || own == job.at(&["spec", "template", "metadata", "labels"]);
    let labels = job.entry_at(&["spec", "template", "metadata", "labels"]);
    for (key, value) in [
        ("job-name", &name),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("batch.kubernetes.io/controller-uid", &uid),
    ] {
        labels.set_default(key, value);
    }
    let labels = labels.clone();
    if shared {
        job.set_at(&["metadata", "labels"], labels);
    }
    job.entry_at(&["spec", "selector", "matchLabels"])
        .set_default("batch.kubernetes.io/controller-uid", &uid);
}

fn row(job: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (job.spec(), job.status());
    let succeeded = status.get("succeeded").int();
    let completions = match (spec.get("completions").as_int(), spec.get("parallelism").int()) {
        (Some(all), _) => format!("{succeeded}/{all}"),
        (None, parallel @ 2..) => format!("{succeeded}/1 of {parallel}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let time = |field| Date::parse_rfc3339(status.get(field).str());
    let duration = match (time("startTime"), time("completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => human_duration(end.unwrap_or(now).0 - start.0),
    };
    let [names, images] = containers(spec.get("template"));
    vec![
        job.name().into(),
        status_text(job).into(),
        completions,
        duration,
        age(job, now),
        names,
        images,
        label_selector(spec.get("selector")),
    ]
}

fn status_text(job: &Object) -> &'static str {
    if job.has_condition("Complete") {
        "Complete"
    } else if job.has_condition("Failed") {
        "Failed"
    } else if job.is_terminating() {
        "Terminating"
    } else if job.has_condition("Suspended") {
        "Suspended"
    } else if job.has_condition("FailureTarget") {
        "FailureTarget"
    } else if job.has_condition("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    }
}
