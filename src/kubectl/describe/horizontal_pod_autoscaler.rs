//! HorizontalPodAutoscalers.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, date, or_unset, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, scaler: &Object) {
    let (spec, status) = (scaler.spec(), scaler.status());
    page.head(scaler);
    page.field(0, "CreationTimestamp", date(scaler.meta("creationTimestamp")));
    let target = spec.get("scaleTargetRef");
    page.field(0, "Reference", format_args!("{}/{}", target.get("kind").str(), target.get("name").str()));
    page.field(0, "Metrics", "( current / target )");
    for (at, metric) in spec.get("metrics").items().iter().enumerate() {
        let current = status.get("currentMetrics").items().get(at).cloned().unwrap_or_default();
        page.line(1, metric_text(metric, &current));
    }
    page.field(0, "Min replicas", or_unset(spec.get("minReplicas")));
    page.field(0, "Max replicas", spec.get("maxReplicas").int());
    if !spec.get("behavior").is_null() {
        page.line(0, "Behavior:");
        for (name, field) in [("Scale Up", "scaleUp"), ("Scale Down", "scaleDown")] {
            behavior(page, name, spec.at(&["behavior", field]));
        }
    }
    page.field(
        0,
        &format!("{} pods", target.get("kind").str()),
        format_args!(
            "{} current / {} desired",
            status.get("currentReplicas").int(),
            status.get("desiredReplicas").int()
        ),
    );
    page.conditions(status.get("conditions"), &["Type", "Status", "Reason", "Message"]);
    page.events(session, scaler);
}

/// One metric: what it is, where it stands, where it should stand.
fn metric_text(metric: &Value, current: &Value) -> String {
    let known = |value: &Value| if value.is_null() { "<unknown>".to_string() } else { plain(value) };
    let kind = metric.get("type").str();
    match kind {
        "Resource" | "ContainerResource" => {
            let field = if kind == "Resource" { "resource" } else { "containerResource" };
            let (source, now) = (metric.get(field), current.at(&[field, "current"]));
            let of = match source.get("container").str() {
                "" => String::new(),
                container => format!(" of container \"{container}\""),
            };
            let subject = format!("resource {}{of} on pods", source.get("name").str());
            let target = source.get("target");
            if !target.get("averageValue").is_null() {
                return format!(
                    "{subject}:\t{} / {}",
                    known(now.get("averageValue")),
                    plain(target.get("averageValue"))
                );
            }
            let now = match now.get("averageUtilization") {
                Value::Null => "<unknown>".to_string(),
                percent => format!("{}% ({})", percent.int(), plain(now.get("averageValue"))),
            };
            let wanted = match target.get("averageUtilization") {
                Value::Null => "<auto>".to_string(),
                percent => format!("{}%", percent.int()),
            };
            format!("{subject}  (as a percentage of request):\t{now} / {wanted}")
        }
        "Pods" => format!(
            "\"{}\" on pods:\t{} / {}",
            metric.at(&["pods", "metric", "name"]).str(),
            known(current.at(&["pods", "current", "averageValue"])),
            plain(metric.at(&["pods", "target", "averageValue"]))
        ),
        "Object" | "External" => {
            let field = if kind == "Object" { "object" } else { "external" };
            let source = metric.get(field);
            let on = match source.get("describedObject") {
                Value::Null => String::new(),
                object => format!(" on {}/{}", object.get("kind").str(), object.get("name").str()),
            };
            let average = !source.at(&["target", "averageValue"]).is_null();
            let (what, value) =
                if average { ("target average value", "averageValue") } else { ("target value", "value") };
            format!(
                "\"{}\"{on} ({what}):\t{} / {}",
                source.at(&["metric", "name"]).str(),
                known(current.at(&[field, "current", value])),
                plain(source.at(&["target", value]))
            )
        }
        other => format!("<unknown metric type \"{other}\">"),
    }
}

fn behavior(page: &mut Page, name: &str, rules: &Value) {
    if rules.is_null() {
        return;
    }
    page.line(1, format_args!("{name}:"));
    if !rules.get("stabilizationWindowSeconds").is_null() {
        page.line(
            2,
            format_args!("Stabilization Window: {} seconds", rules.get("stabilizationWindowSeconds").int()),
        );
    }
    if rules.get("policies").is_empty() {
        return;
    }
    let select = match rules.get("selectPolicy").str() {
        "" => "Max",
        select => select,
    };
    page.line(2, format_args!("Select Policy: {select}"));
    page.line(2, "Policies:");
    for policy in rules.get("policies").items() {
        page.line(
            3,
            format_args!(
                "- Type: {}\tValue: {}\tPeriod: {} seconds",
                policy.get("type").str(),
                policy.get("value").int(),
                policy.get("periodSeconds").int()
            ),
        );
    }
}
