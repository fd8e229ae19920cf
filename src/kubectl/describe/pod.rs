//! Pods.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, date, or_none, plain, selector_text};
use super::{containers, volumes};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, pod: &Object) {
    let (spec, status) = (pod.spec(), pod.status());
    page.field(0, "Name", pod.name());
    page.field(0, "Namespace", pod.namespace());
    if !spec.get("priority").is_null() {
        page.field(0, "Priority", spec.get("priority").int());
    }
    for (name, field) in
        [("Priority Class Name", "priorityClassName"), ("Runtime Class Name", "runtimeClassName")]
    {
        if !spec.get(field).str().is_empty() {
            page.field(0, name, spec.get(field).str());
        }
    }
    if !spec.get("serviceAccountName").str().is_empty() {
        page.field(0, "Service Account", spec.get("serviceAccountName").str());
    }
    match spec.get("nodeName").str() {
        "" => page.field(0, "Node", "<none>"),
        node => page.field(0, "Node", format_args!("{node}/{}", status.get("hostIP").str())),
    }
    if !status.get("startTime").is_null() {
        page.field(0, "Start Time", date(status.get("startTime")));
    }
    page.labels(0, "Labels", pod.labels());
    page.annotations(0, pod.meta("annotations"));
    if pod.is_terminating() && !matches!(status.get("phase").str(), "Succeeded" | "Failed") {
        page.field(
            0,
            "Status",
            format_args!("Terminating (lasts {})", page.since(pod.meta("deletionTimestamp"))),
        );
        page.field(
            0,
            "Termination Grace Period",
            format_args!("{}s", pod.meta("deletionGracePeriodSeconds").int()),
        );
    } else {
        page.field(0, "Status", status.get("phase").str());
    }
    for (name, field) in [("Reason", "reason"), ("Message", "message")] {
        if !status.get(field).str().is_empty() {
            page.field(0, name, status.get(field).str());
        }
    }
    let security = spec.at(&["securityContext", "seccompProfile", "type"]).str();
    if !security.is_empty() {
        page.field(0, "SeccompProfile", security);
    }
    page.field(0, "IP", status.get("podIP").str());
    if status.get("podIPs").is_empty() {
        page.field(0, "IPs", "<none>");
    } else {
        page.line(0, "IPs:");
        status.get("podIPs").items().iter().for_each(|ip| page.field(1, "IP", ip.get("ip").str()));
    }
    page.controller(pod);
    if !status.get("nominatedNodeName").str().is_empty() {
        page.field(0, "NominatedNodeName", status.get("nominatedNodeName").str());
    }
    if !spec.get("initContainers").is_empty() {
        let statuses = status.get("initContainerStatuses");
        containers::list(page, "Init Containers", spec.get("initContainers"), statuses, Some(pod), false);
    }
    containers::list(
        page,
        "Containers",
        spec.get("containers"),
        status.get("containerStatuses"),
        Some(pod),
        false,
    );
    if !spec.get("ephemeralContainers").is_empty() {
        let statuses = status.get("ephemeralContainerStatuses");
        containers::list(
            page,
            "Ephemeral Containers",
            spec.get("ephemeralContainers"),
            statuses,
            Some(pod),
            false,
        );
    }
    gates(page, pod);
    if !status.get("conditions").is_empty() {
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus");
        for condition in status.get("conditions").items() {
            // The blanks are kubectl's.
            page.line(
                1,
                format_args!("{} \t{} ", condition.get("type").str(), condition.get("status").str()),
            );
        }
    }
    volumes::list(page, spec.get("volumes"), false);
    page.field(0, "QoS Class", or_none(status.get("qosClass").str()));
    page.labels(0, "Node-Selectors", spec.get("nodeSelector"));
    tolerations(page, 0, spec.get("tolerations"));
    spread(page, 0, spec.get("topologySpreadConstraints"));
    page.events(session, pod);
}

fn gates(page: &mut Page, pod: &Object) {
    let gates = pod.spec().get("readinessGates");
    if gates.is_empty() {
        return;
    }
    page.line(0, "Readiness Gates:");
    page.line(1, "Type\tStatus");
    for gate in gates.items() {
        let kind = gate.get("conditionType").str();
        page.line(1, format_args!("{kind} \t{} ", or_none(pod.condition(kind).get("status").str())));
    }
}

/// Tolerations, by their keys.
pub(super) fn tolerations(page: &mut Page, level: usize, tolerations: &Value) {
    let mut sorted: Vec<&Value> = tolerations.items().iter().collect();
    sorted.sort_by_key(|toleration| toleration.get("key").str());
    let texts: Vec<String> = sorted.into_iter().map(toleration).collect();
    page.fields(level, "Tolerations", &texts);
}

fn toleration(toleration: &Value) -> String {
    let mut text = toleration.get("key").str().to_string();
    let (value, effect) = (toleration.get("value").str(), toleration.get("effect").str());
    if !value.is_empty() {
        text += &format!("={value}");
    }
    if !effect.is_empty() {
        text += &format!(":{effect}");
    }
    if toleration.get("operator").str() == "Exists" && value.is_empty() {
        text += if text.is_empty() { "op=Exists" } else { " op=Exists" };
    }
    if !toleration.get("tolerationSeconds").is_null() {
        text += &format!(" for {}s", toleration.get("tolerationSeconds").int());
    }
    text
}

/// Topology spread constraints, where there are any.
pub(super) fn spread(page: &mut Page, level: usize, constraints: &Value) {
    if constraints.is_empty() {
        return;
    }
    let mut sorted: Vec<&Value> = constraints.items().iter().collect();
    sorted.sort_by_key(|constraint| constraint.get("topologyKey").str());
    let text = |constraint: &Value| {
        let mut text = format!(
            "{}:{} when max skew {} is exceeded",
            constraint.get("topologyKey").str(),
            constraint.get("whenUnsatisfiable").str(),
            plain(constraint.get("maxSkew"))
        );
        if !constraint.get("labelSelector").is_null() {
            text += &format!(" for selector {}", selector_text(constraint.get("labelSelector")));
        }
        text
    };
    let texts: Vec<String> = sorted.into_iter().map(text).collect();
    page.fields(level, "Topology Spread Constraints", &texts);
}
