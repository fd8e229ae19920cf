//! What may change in a Pod: almost nothing (`ValidatePodUpdate`).

use crate::api::Cause;
use crate::base::Value;
use crate::resources::structs::{self, Type};
use crate::resources::{formats, metadata, pod_spec};

use super::SPEC;

pub(super) fn validate(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    metadata::validate_update(new, old, causes);
    super::validate_metadata_and_spec(new, causes);
    let (spec, before) = (new.get("spec"), old.get("spec"));
    for list in ["containers", "initContainers"] {
        if spec.get(list).items().len() != before.get(list).items().len() {
            causes.push(SPEC.field(list).forbidden("pod updates may not add or remove containers"));
            return;
        }
        let path = SPEC.field(list);
        for (at, container) in spec.get(list).items().iter().enumerate() {
            if container.get("image").str().is_empty() {
                causes.push(path.index(at).field("image").required());
            }
        }
    }
    if !validate_deadline(spec, before, causes) {
        return;
    }
    validate_tolerations(spec, before, causes);
    let gates = SPEC.field("schedulingGates");
    for (at, gate) in spec.get("schedulingGates").items().iter().enumerate() {
        if !before.get("schedulingGates").items().contains(gate) {
            let name = gate.get("name").str();
            let detail = format!("only deletion is allowed, but found new scheduling gate '{name}'");
            causes.push(gates.index(at).field("name").forbidden(detail));
        }
    }
    let spec = without_changeable(spec, before);
    if spec != *before {
        const CHANGEABLE: &str = "`spec.containers[*].image`,`spec.initContainers[*].image`,\
                                  `spec.activeDeadlineSeconds`,\
                                  `spec.tolerations` (only additions to existing tolerations),\
                                  `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously \
                                  negative)";
        let ty = Type::Struct(&structs::POD_SPEC);
        let diff = structs::diff(&pod_spec::internal(before), &pod_spec::internal(&spec), ty);
        causes.push(
            SPEC.forbidden(format_args!("pod updates may not change fields other than {CHANGEABLE}\n{diff}")),
        );
    }
}

/// A deadline may be set, and brought nearer. False where nothing more is looked at.
fn validate_deadline(spec: &Value, before: &Value, causes: &mut Vec<Cause>) -> bool {
    const MOST: i64 = i32::MAX as i64;
    let path = SPEC.field("activeDeadlineSeconds");
    let of = |spec: &Value| spec.get("activeDeadlineSeconds").as_int();
    match (of(spec), of(before)) {
        (Some(seconds), _) if !(0..=MOST).contains(&seconds) => {
            causes.push(path.invalid(seconds, formats::between(0, MOST)));
            return false;
        }
        (Some(seconds), Some(old)) if old < seconds => {
            causes.push(path.invalid(seconds, "must be less than or equal to previous value"));
            return false;
        }
        (None, Some(_)) => {
            causes.push(path.invalid(&Value::Null, "must not update from a positive integer to nil value"));
        }
        _ => {}
    }
    true
}

/// Tolerations may be added, and be given another time.
fn validate_tolerations(spec: &Value, before: &Value, causes: &mut Vec<Cause>) {
    let path = SPEC.field("tolerations");
    let timeless = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.remove("tolerationSeconds");
        toleration
    };
    let now: Vec<Value> = spec.get("tolerations").items().iter().map(timeless).collect();
    if before.get("tolerations").items().iter().any(|old| !now.contains(&timeless(old))) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        causes.push(path.forbidden(detail));
        return;
    }
    pod_spec::validate_tolerations(spec.get("tolerations"), &path, causes);
}

/// The new spec with everything that may change as it was.
fn without_changeable(spec: &Value, before: &Value) -> Value {
    let mut spec = spec.clone();
    for list in ["containers", "initContainers"] {
        for (at, old) in before.get(list).items().iter().enumerate() {
            if spec.get(list).items()[at].get("image") != old.get("image") {
                spec.entry(list).items_mut()[at].set("image", old.get("image"));
            }
        }
    }
    let mut changeable = vec!["activeDeadlineSeconds", "schedulingGates", "tolerations"];
    let grace = "terminationGracePeriodSeconds";
    if before.get(grace).int() < 0 && spec.get(grace).int() == 1 {
        changeable.push(grace);
    }
    // A Pod that waits at a gate may still be told where to go.
    if !before.get("schedulingGates").is_empty() {
        let kept = before
            .get("nodeSelector")
            .entries()
            .all(|(key, value)| spec.get("nodeSelector").get(key) == value);
        if kept {
            changeable.push("nodeSelector");
        }
    }
    for field in changeable {
        crate::resources::keep(&mut spec, before, field);
    }
    spec
}
