//! `PodTemplateSpec`, the same in every kind that makes Pods.

use crate::api::Cause;
use crate::base::Value;

use super::metadata::{validate_annotations, validate_labels};
use super::path::{NEGATIVE, Path};
use super::{formats, label_selector, metadata, pod_spec};

/// Defaults of the template in `spec.template`.
pub fn set_defaults(spec: &mut Value) {
    let template = spec.entry("template");
    template.set_default("metadata", Value::map());
    pod_spec::set_defaults(template.entry("spec"));
}

/// A template by itself. Labels and annotations are named without `metadata`, as the server does.
/// `claimed` are the volumes that a StatefulSet's claims add.
pub fn validate(template: &Value, claimed: &[&str], path: &Path, causes: &mut Vec<Cause>) {
    let (metadata, spec) = (template.get("metadata"), template.get("spec"));
    let annotations = metadata.get("annotations");
    validate_labels(metadata.get("labels"), &path.field("labels"), causes);
    validate_annotations(annotations, &path.field("annotations"), causes);
    pod_spec::validate_annotations(annotations, spec, &path.field("annotations"), causes);
    let context = pod_spec::Context { claimed, ..pod_spec::Context::template(spec) };
    pod_spec::validate(&context, &path.field("spec"), causes);
    if !spec.get("ephemeralContainers").is_empty() {
        let path = path.field("spec");
        causes.push(
            path.field("ephemeralContainers").forbidden("ephemeral containers not allowed in pod template"),
        );
    }
}

/// Warns of what is odd in `spec.template`, unless it is as it was.
pub fn warn(new: &Value, old: Option<&Value>, warnings: &mut Vec<String>) {
    const SPEC: Path = Path::root("spec");
    if is_changed(new, old) {
        pod_spec::warn(new.at(&["spec", "template"]), Some(&SPEC.field("template")), warnings);
    }
}

/// [`warn`], and of a new object's name, after which its Pods are named.
pub fn warn_with_name(new: &Value, old: Option<&Value>, warnings: &mut Vec<String>) {
    if old.is_none() {
        metadata::warn_of_name(new, "Pod names and hostnames", warnings);
    }
    warn(new, old, warnings);
}

/// True for what is new or of another generation than before.
pub fn is_changed(new: &Value, old: Option<&Value>) -> bool {
    const GENERATION: [&str; 2] = ["metadata", "generation"];
    old.is_none_or(|old| new.at(&GENERATION) != old.at(&GENERATION))
}

/// The selector of a workload and the template that it must select.
pub fn validate_selector(spec: &Value, empty: &str, path: &Path, causes: &mut Vec<Cause>) {
    let selector = spec.get("selector");
    let path = path.field("selector");
    if selector.is_null() {
        causes.push(path.required());
        return;
    }
    label_selector::validate(selector, &path, causes);
    if label_selector::is_empty(selector) {
        causes.push(path.invalid(selector, empty));
    }
}

/// Says so where the selector does not select the labels of the template.
pub fn validate_selected(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let labels = spec.at(&["template", "metadata", "labels"]);
    if !label_selector::selects(spec.get("selector"), labels) {
        let path = path.field("template");
        let path = path.field("metadata");
        causes.push(path.field("labels").invalid(labels, "`selector` does not match template `labels`"));
    }
}

/// What a template of Pods that always run must be like; `kind` is named in the message.
pub fn validate_always_running(spec: &Value, kind: &str, path: &Path, causes: &mut Vec<Cause>) {
    let template = path.field("template");
    let path = template.field("spec");
    let of = spec.at(&["template", "spec"]);
    let policy = of.get("restartPolicy").str();
    if policy != "Always" {
        causes.push(path.field("restartPolicy").unsupported(policy, &["Always"]));
    }
    if !of.get("activeDeadlineSeconds").is_null() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        causes.push(path.field("activeDeadlineSeconds").forbidden(detail));
    }
}

/// Read-write disks of GCE go to one node only.
pub fn validate_shared_disks(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let template = path.field("template");
    let spec_path = template.field("spec");
    let volumes = spec_path.field("volumes");
    for (at, volume) in spec.at(&["template", "spec", "volumes"]).items().iter().enumerate() {
        let disk = volume.get("gcePersistentDisk");
        if !disk.is_null() && !disk.get("readOnly").bool() {
            let detail = "must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it \
                          is read-only";
            let path = volumes.index(at);
            causes.push(path.field("gcePersistentDisk").field("readOnly").invalid(false, detail));
        }
    }
}

/// A number or a percentage that is not below zero.
pub fn validate_int_or_percent(value: &Value, path: &Path, causes: &mut Vec<Cause>) {
    match value.as_str() {
        Some(text) => path.check(text, formats::percent, causes),
        None if value.int() < 0 => causes.push(path.invalid(value, NEGATIVE)),
        None => {}
    }
}

/// Says so where a percentage is more than all.
pub fn validate_at_most_all(value: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if value.as_str().is_some_and(|text| formats::percent(text).is_empty()) && int_or_percent(value) > 100 {
        causes.push(path.invalid(value, "must not be greater than 100%"));
    }
}

/// The number, or the number before the percent sign.
pub fn int_or_percent(value: &Value) -> i64 {
    match value.as_str() {
        Some(text) => text.trim_end_matches('%').parse().unwrap_or_default(),
        None => value.int(),
    }
}
