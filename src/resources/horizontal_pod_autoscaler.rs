//! HorizontalPodAutoscaler (autoscaling/v2).

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::printing::{UNSET, age, or};
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"currentMetrics": null, "desiredReplicas": 0}),
    columns: headings!["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"],
    row,
    ..Rules::PLAIN
};

fn set_defaults(autoscaler: &mut Value) {
    let spec = autoscaler.entry("spec");
    spec.set_default("minReplicas", 1);
    if spec.get("metrics").items().is_empty() {
        spec.set(
            "metrics",
            value!([{
                "resource": {"name": "cpu", "target": {"averageUtilization": 80, "type": "Utilization"}},
                "type": "Resource"
            }]),
        );
    }
    if spec.get("behavior").is_null() {
        return;
    }
    let up = value!([
        {"periodSeconds": 15, "type": "Pods", "value": 4},
        {"periodSeconds": 15, "type": "Percent", "value": 100}
    ]);
    let down = value!([{"periodSeconds": 15, "type": "Percent", "value": 100}]);
    let behavior = spec.entry("behavior");
    behavior.entry("scaleUp").set_default("stabilizationWindowSeconds", 0);
    for (direction, policies) in [("scaleUp", up), ("scaleDown", down)] {
        let rules = behavior.entry(direction);
        rules.set_default("selectPolicy", "Max");
        if rules.get("policies").items().is_empty() {
            rules.set("policies", policies);
        }
    }
}

fn row(autoscaler: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (autoscaler.spec(), autoscaler.status());
    let target = spec.get("scaleTargetRef");
    vec![
        autoscaler.name().into(),
        format!("{}/{}", target.get("kind").str(), target.get("name").str()),
        targets(spec.get("metrics").items(), status.get("currentMetrics").items()),
        or(spec.get("minReplicas"), UNSET),
        spec.get("maxReplicas").int().to_string(),
        status.get("currentReplicas").int().to_string(),
        age(autoscaler, now),
    ]
}

/// What is measured and what is wanted of at most two metrics (printers/internalversion, `formatHPAMetrics`).
fn targets(metrics: &[Value], current: &[Value]) -> String {
    const MOST: usize = 2;
    if metrics.is_empty() {
        return "<none>".into();
    }
    let all: Vec<String> = metrics
        .iter()
        .enumerate()
        .map(|(at, metric)| target(metric, current.get(at).unwrap_or(&Value::Null)))
        .collect();
    match all.len() {
        0..=MOST => all.join(", "),
        count => format!("{} + {} more...", all[..MOST].join(", "), count - MOST),
    }
}

fn target(metric: &Value, current: &Value) -> String {
    const UNKNOWN: &str = "<unknown>";
    let (field, of_resource) = match metric.get("type").str() {
        "External" => ("external", false),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        _ => return "<unknown type>".into(),
    };
    let (metric, now) = (metric.get(field), current.at(&[field, "current"]));
    let wanted = metric.get("target");
    let average = wanted.get("averageValue");
    if of_resource {
        let name = metric.get("name").str();
        if !average.is_null() {
            return format!("{name}: {}/{}", or(now.get("averageValue"), UNKNOWN), average.str());
        }
        let percent = |value: &Value, otherwise: &str| match value.as_int() {
            Some(number) => format!("{number}%"),
            None => otherwise.into(),
        };
        let utilization = percent(now.get("averageUtilization"), UNKNOWN);
        return format!("{name}: {utilization}/{}", percent(wanted.get("averageUtilization"), "<auto>"));
    }
    if field == "pods" {
        return format!("{}/{}", or(now.get("averageValue"), UNKNOWN), average.str());
    }
    if !average.is_null() {
        return format!("{}/{} (avg)", or(now.get("averageValue"), UNKNOWN), average.str());
    }
    format!("{}/{}", or(now.get("value"), UNKNOWN), wanted.get("value").str())
}
