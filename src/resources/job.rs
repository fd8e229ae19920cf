//! Job.

use crate::api::{Cause, Object};
use crate::base::time::human_duration;
use crate::base::{Date, Value};

use super::path::{IMMUTABLE, Path};
use super::printing::{self, age, containers};
use super::structs::{Internal, POD_TEMPLATE, Type};
use super::{
    Generation, Rules, empty_status, formats, headings, label_selector, metadata, pod_spec, pod_template,
};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: empty_status,
    generation: Generation::Spec,
    create: generate_selector,
    validate,
    validate_update,
    warn: pod_template::warn_with_name,
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

const SPEC: Path = Path::root("spec");

fn validate(job: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(job, true, formats::dns_subdomain, causes);
    validate_generated(job, causes);
    let spec = job.get("spec");
    validate_whole_spec(spec, causes);
    let completions = spec.get("completions").int();
    if spec.get("completionMode").str() == "Indexed" && completions > 0 {
        let name = job.at(&["metadata", "name"]).str();
        let host = format!("{name}-{}", completions - 1);
        if !formats::dns_label(&host).is_empty() {
            let detail = format!("will not able to create pod with invalid DNS label: {host}");
            causes.push(Path::root("metadata").field("name").invalid(name, detail));
        }
    }
}

/// A selector that the server made must not have been tampered with.
fn validate_generated(job: &Value, causes: &mut Vec<Cause>) {
    let spec = job.get("spec");
    let selector = spec.get("selector");
    if spec.get("manualSelector").bool() || selector.is_null() {
        return;
    }
    let (name, uid) = (job.at(&["metadata", "name"]), job.at(&["metadata", "uid"]));
    let labels = spec.at(&["template", "metadata", "labels"]);
    let template = SPEC.field("template");
    let metadata = template.field("metadata");
    let path = metadata.field("labels");
    let mut expected = Value::map();
    for (key, value) in [
        ("controller-uid", uid),
        ("job-name", name),
        ("batch.kubernetes.io/controller-uid", uid),
        ("batch.kubernetes.io/job-name", name),
    ] {
        expected.set(key, value);
        let detail = format!("must be '{}'", value.str());
        match labels.get(key) {
            Value::Null => causes.push(path.key(key).required_because(detail)),
            label if label != value => causes.push(path.key(key).invalid(labels, detail)),
            _ => {}
        }
    }
    if label_selector::is_usable(selector) && !label_selector::selects(selector, &expected) {
        causes.push(SPEC.field("selector").invalid(selector, "`selector` not auto-generated"));
    }
}

fn validate_whole_spec(spec: &Value, causes: &mut Vec<Cause>) {
    validate_spec(spec, &SPEC, causes);
    let selector = spec.get("selector");
    if selector.is_null() {
        causes.push(SPEC.field("selector").required());
    }
    label_selector::validate(selector, &SPEC.field("selector"), causes);
    if selector.is_null() || label_selector::is_usable(selector) {
        pod_template::validate_selected(spec, &SPEC, causes);
    }
}

/// The spec of a Job, or of the Jobs of a CronJob.
pub fn validate_spec(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        path.field(field).check_not_negative(spec.get(field), causes);
    }
    if !spec.get("maxFailedIndexes").is_null() && spec.get("backoffLimitPerIndex").is_null() {
        causes
            .push(path.field("backoffLimitPerIndex").required_because("when maxFailedIndexes is specified"));
    }
    if let Some(manager) = spec.get("managedBy").as_str() {
        path.field("managedBy").check(manager, formats::domain_prefixed_path, causes);
    }
    validate_completion_mode(spec, path, causes);
    validate_failure_policy(spec, path, causes);
    let replacement = spec.get("podReplacementPolicy");
    let supported: &[&str] =
        if spec.get("podFailurePolicy").is_null() { &["Failed", "TerminatingOrFailed"] } else { &["Failed"] };
    if !replacement.is_null() && !supported.contains(&replacement.str()) {
        causes.push(path.field("podReplacementPolicy").unsupported(replacement, supported));
    }
    let template = path.field("template");
    pod_template::validate(spec.get("template"), &[], &template, causes);
    let of_pod = template.field("spec");
    let policy = spec.at(&["template", "spec", "restartPolicy"]).str();
    let path = of_pod.field("restartPolicy");
    match policy {
        "Always" | "" => {
            causes.push(path.required_because("valid values: \"OnFailure\", \"Never\""));
        }
        "OnFailure" | "Never" => {
            if !spec.get("podFailurePolicy").is_null() && policy != "Never" {
                let detail = "only \"Never\" is supported when podFailurePolicy is specified";
                causes.push(path.invalid(policy, detail));
            }
        }
        _ => causes.push(path.unsupported(policy, &["OnFailure", "Never"])),
    }
}

fn validate_completion_mode(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let (completions, parallelism) = (spec.get("completions").as_int(), spec.get("parallelism").int());
    let most_failed = spec.get("maxFailedIndexes").as_int();
    match spec.get("completionMode").as_str() {
        Some("Indexed") => {
            const MOST: i64 = 100_000;
            if completions.is_none() {
                causes.push(path.field("completions").required_because("when completion mode is Indexed"));
            }
            if parallelism > MOST {
                let detail = format!("must be less than or equal to {MOST} when completion mode is Indexed");
                causes.push(path.field("parallelism").invalid(parallelism, detail));
            }
            if let (Some(failed), Some(completions)) = (most_failed, completions)
                && failed > completions
            {
                let detail = "must be less than or equal to completions";
                causes.push(path.field("maxFailedIndexes").invalid(failed, detail));
            }
        }
        mode => {
            if let Some(other) = mode
                && other != "NonIndexed"
            {
                causes.push(path.field("completionMode").unsupported(other, &["NonIndexed", "Indexed"]));
                return;
            }
            for field in ["backoffLimitPerIndex", "maxFailedIndexes"] {
                if !spec.get(field).is_null() {
                    causes
                        .push(path.field(field).invalid(spec.get(field), "requires indexed completion mode"));
                }
            }
        }
    }
}

fn validate_failure_policy(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const ACTIONS: &[&str] = &["Count", "FailIndex", "FailJob", "Ignore"];
    let rules = spec.at(&["podFailurePolicy", "rules"]).items();
    let policy = path.field("podFailurePolicy");
    let path = policy.field("rules");
    if rules.len() > 20 {
        causes.push(path.too_many(rules.len(), 20));
    }
    for (at, rule) in rules.iter().enumerate() {
        let path = path.index(at);
        match rule.get("action").str() {
            "" => {
                let detail = "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]";
                causes.push(path.field("action").required_because(detail));
            }
            "FailIndex" if spec.get("backoffLimitPerIndex").is_null() => {
                let detail = "requires the backoffLimitPerIndex to be set";
                causes.push(path.field("action").invalid("FailIndex", detail));
            }
            action if ACTIONS.contains(&action) => {}
            action => causes.push(path.field("action").unsupported(action, ACTIONS)),
        }
        let (codes, conditions) = (rule.get("onExitCodes"), rule.get("onPodConditions").items());
        if !codes.is_null() {
            validate_exit_codes(spec, codes, &path.field("onExitCodes"), causes);
        }
        for (at, pattern) in conditions.iter().enumerate() {
            let conditions = path.field("onPodConditions");
            let path = conditions.index(at);
            path.field("type").check(pattern.get("type").str(), formats::qualified_name, causes);
            pod_spec::one_of(pattern, "status", &["False", "True", "Unknown"], &path, causes);
        }
        match (codes.is_null(), conditions.is_empty()) {
            (false, false) => {
                let detail = "specifying both OnExitCodes and OnPodConditions is not supported";
                causes.push(path.invalid_unseen(detail));
            }
            (true, true) => {
                let detail = "specifying one of OnExitCodes and OnPodConditions is required";
                causes.push(path.invalid_unseen(detail));
            }
            _ => {}
        }
    }
}

fn validate_exit_codes(spec: &Value, codes: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let operator = codes.get("operator").str();
    match operator {
        "" => causes.push(path.field("operator").required_because("valid values: [\"In\" \"NotIn\"]")),
        "In" | "NotIn" => {}
        _ => causes.push(path.field("operator").unsupported(operator, &["In", "NotIn"])),
    }
    if let Some(name) = codes.get("containerName").as_str() {
        let mut containers = ["containers", "initContainers"]
            .iter()
            .flat_map(|list| spec.at(&["template", "spec", list]).items());
        if !containers.any(|container| container.get("name").str() == name) {
            let detail = "must be one of the container or initContainer names in the pod template";
            causes.push(path.field("containerName").invalid(name, detail));
        }
    }
    let (values, path) = (codes.get("values").items(), path.field("values"));
    if values.is_empty() {
        causes.push(path.invalid(codes.get("values"), "at least one value is required"));
    }
    for (at, value) in values.iter().enumerate() {
        if operator == "In" && value.int() == 0 {
            causes.push(path.index(at).invalid(0, "must not be 0 for the In operator"));
        }
        if values[..at].contains(value) {
            causes.push(path.index(at).duplicate(value));
        }
    }
    if !values.is_sorted_by_key(Value::int) {
        causes.push(path.invalid(codes.get("values"), "must be ordered"));
    }
}

fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    metadata::validate_update(new, old, causes);
    let (spec, before) = (new.get("spec"), old.get("spec"));
    validate_whole_spec(spec, causes);
    validate_completions(spec, before, causes);
    SPEC.field("selector").check_unchanged(spec.get("selector"), before.get("selector"), causes);
    let mut expected = before.get("template").clone();
    // Until it has begun, a suspended Job can be told where its Pods go.
    if before.get("suspend").bool() && old.at(&["status", "startTime"]).is_null() {
        for field in ["labels", "annotations"] {
            super::keep(expected.entry("metadata"), spec.at(&["template", "metadata"]), field);
        }
        for field in ["nodeSelector", "tolerations", "schedulingGates", "affinity"] {
            super::keep(expected.entry("spec"), spec.at(&["template", "spec"]), field);
        }
    }
    let template = spec.get("template");
    if *template != expected {
        let mut internal = template.clone();
        internal.set("spec", pod_spec::internal(template.get("spec")));
        let shown = Internal(&internal, Type::Struct(&POD_TEMPLATE));
        causes.push(SPEC.field("template").invalid(shown, IMMUTABLE));
    }
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        SPEC.field(field).check_unchanged(spec.get(field), before.get(field), causes);
    }
}

/// An indexed Job may be given another number together with the same parallelism.
fn validate_completions(spec: &Value, before: &Value, causes: &mut Vec<Cause>) {
    let same = spec.get("completions") == before.get("completions");
    let is_indexed = spec.get("completionMode").str() == "Indexed";
    if same || (is_indexed && spec.get("completions") == spec.get("parallelism")) {
        return;
    }
    let detail = match is_indexed {
        true => "can only be modified in tandem with parallelism",
        false => IMMUTABLE,
    };
    causes.push(SPEC.field("completions").invalid(spec.get("completions"), detail));
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
        printing::label_selector(spec.get("selector")),
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
