//! Node.

use crate::api::Object;
use crate::base::{Date, Value};

use super::printing::{NONE, UNKNOWN, age, join};
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: |node| {
        let capacity = node.at(&["status", "capacity"]).clone();
        if !capacity.is_empty() && node.at(&["status", "allocatable"]).is_null() {
            node.set_at(&["status", "allocatable"], capacity);
        }
    },
    columns: headings![
        "NAME", "STATUS", "ROLES", "AGE", "VERSION";
        "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"
    ],
    row,
    ..Rules::PLAIN
};

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
