//! Node.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::{NONE, UNKNOWN, age, join};
use super::structs::{Internal, TAINT, Type};
use super::{Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: |node| {
        let capacity = node.at(&["status", "capacity"]).clone();
        if !capacity.is_empty() && node.at(&["status", "allocatable"]).is_null() {
            node.set_at(&["status", "allocatable"], capacity);
        }
    },
    validate: |node, causes| {
        metadata::validate(node, false, formats::dns_subdomain, causes);
        validate_taints(node.at(&["spec", "taints"]).items(), causes);
    },
    validate_update,
    columns: headings![
        "NAME", "STATUS", "ROLES", "AGE", "VERSION";
        "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"
    ],
    row,
    ..Rules::PLAIN
};

/// Taints are named under `metadata`, as the server does.
fn validate_taints(taints: &[Value], causes: &mut Vec<Cause>) {
    let metadata = Path::root("metadata");
    let path = metadata.field("taints");
    for (at, taint) in taints.iter().enumerate() {
        let path = path.index(at);
        path.field("key").check(taint.get("key").str(), formats::qualified_name, causes);
        let value = taint.get("value").str();
        let messages = formats::label_value(value);
        if !messages.is_empty() {
            causes.push(path.field("value").invalid(value, messages.join(";")));
        }
        pod_spec::validate_taint_effect(taint.get("effect").str(), &path.field("effect"), causes);
        let same = |other: &Value| {
            other.get("key") == taint.get("key") && other.get("effect") == taint.get("effect")
        };
        if taints[..at].iter().any(same) {
            let mut cause = path.duplicate(Internal(taint, Type::Struct(&TAINT)));
            cause.message.push_str(": taints must be unique by key and effect pair");
            causes.push(cause);
        }
    }
}

fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    metadata::validate_update(new, old, causes);
    let (spec, before) = (new.get("spec"), old.get("spec"));
    if !before.get("podCIDRs").is_empty() && spec.get("podCIDRs") != before.get("podCIDRs") {
        let detail = "node updates may not change podCIDR except from \"\" to valid";
        causes.push(SPEC.field("podCIDRs").forbidden(detail));
    }
    if !before.get("providerID").is_empty() && spec.get("providerID") != before.get("providerID") {
        let detail = "node updates may not change providerID except from \"\" to valid";
        causes.push(SPEC.field("providerID").forbidden(detail));
    }
    validate_taints(spec.get("taints").items(), causes);
}

fn row(node: &Object, now: Date) -> Vec<String> {
    let info = node.status().get("nodeInfo");
    let text = |field| match info.get(field).str() {
        "" => UNKNOWN.into(),
        text => text.to_string(),
    };
    let address = |kind: &str| {
        let all = node.status().get("addresses").items();
        all.iter().find(|a| a.get("type").str() == kind).map_or(NONE, |a| a.get("address").str()).to_string()
    };
    let kernel = match info.get("architecture").str() {
        "" => text("kernelVersion"),
        architecture => format!("{} ({architecture})", text("kernelVersion")),
    };
    vec![
        node.name().into(),
        status_text(node),
        roles(node),
        age(node, now),
        info.get("kubeletVersion").str().into(),
        address("InternalIP"),
        address("ExternalIP"),
        text("osImage"),
        kernel,
        text("containerRuntimeVersion"),
    ]
}

fn status_text(node: &Object) -> String {
    let ready = match node.condition("Ready") {
        Value::Null => "Unknown",
        condition if condition.get("status").str() == "True" => "Ready",
        _ => "NotReady",
    };
    match node.spec().get("unschedulable").bool() {
        true => format!("{ready},SchedulingDisabled"),
        false => ready.into(),
    }
}

/// What follows `node-role.kubernetes.io/`, and the value of `kubernetes.io/role`, sorted.
fn roles(node: &Object) -> String {
    let mut roles: Vec<&str> = node
        .labels()
        .entries()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            None if key == "kubernetes.io/role" => Some(value.str()),
            role => role,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() { NONE.into() } else { join(roles) }
}
