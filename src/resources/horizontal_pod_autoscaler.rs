//! HorizontalPodAutoscaler (autoscaling/v2).

use crate::api::{Cause, Object, Quantity};
use crate::base::{Date, Value};
use crate::value;

use super::path::Path;
use super::printing::{UNSET, age, or};
use super::{Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"currentMetrics": null, "desiredReplicas": 0}),
    validate: |autoscaler, causes| {
        metadata::validate(autoscaler, true, formats::dns_subdomain, causes);
        validate_spec(autoscaler.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
    },
    columns: headings!["NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"],
    row,
    ..Rules::PLAIN
};

/// A manifest of `autoscaling/v1` as the same autoscaler of `autoscaling/v2`; all else is left as it is.
///
/// Conversion in Kubernetes, pkg/apis/autoscaling/v1: the one percentage becomes a metric.
pub(super) fn convert(body: &mut Value) {
    if body.get("kind").str() != "HorizontalPodAutoscaler" || body.get("apiVersion").str() != "autoscaling/v1"
    {
        return;
    }
    body.set("apiVersion", "autoscaling/v2");
    let Some(percentage) = body.at(&["spec", "targetCPUUtilizationPercentage"]).as_int() else { return };
    let spec = body.entry("spec");
    spec.as_map_mut().remove("targetCPUUtilizationPercentage");
    spec.set("metrics", value!([(cpu(percentage))]));
}

/// The processor time of the Pods as a part of what they asked for.
fn cpu(percentage: i64) -> Value {
    value!({
        "resource": {"name": "cpu", "target": {"averageUtilization": percentage, "type": "Utilization"}},
        "type": "Resource"
    })
}

fn set_defaults(autoscaler: &mut Value) {
    let spec = autoscaler.entry("spec");
    spec.set_default("minReplicas", 1);
    if spec.get("metrics").items().is_empty() {
        spec.set("metrics", value!([(cpu(80))]));
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

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas").int());
    if least.as_int().is_some_and(|least| least < 1) {
        causes.push(SPEC.field("minReplicas").invalid(least, "must be greater than or equal to 1"));
    }
    let path = SPEC.field("maxReplicas");
    if most < 1 {
        causes.push(path.invalid(most, "must be greater than 0"));
    }
    if least.as_int().is_some_and(|least| most < least) {
        causes.push(path.invalid(most, "must be greater than or equal to `minReplicas`"));
    }
    validate_reference(spec.get("scaleTargetRef"), &SPEC.field("scaleTargetRef"), causes);
    let metrics = SPEC.field("metrics");
    for (at, metric) in spec.get("metrics").items().iter().enumerate() {
        validate_metric(metric, &metrics.index(at), causes);
    }
    let behavior = SPEC.field("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        let rules = spec.at(&["behavior", direction]);
        if !rules.is_null() {
            validate_rules(rules, &behavior.field(direction), causes);
        }
    }
}

fn validate_reference(reference: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for field in ["kind", "name"] {
        match reference.get(field).str() {
            "" => causes.push(path.field(field).required()),
            text => path.field(field).check(text, formats::path_segment, causes),
        }
    }
}

fn validate_rules(rules: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let window = rules.get("stabilizationWindowSeconds");
    if window.int() < 0 {
        let detail = "must be greater than or equal to zero";
        causes.push(path.field("stabilizationWindowSeconds").invalid(window, detail));
    }
    if window.int() > 3600 {
        let detail = "must be less than or equal to 3600";
        causes.push(path.field("stabilizationWindowSeconds").invalid(window, detail));
    }
    let policy = rules.get("selectPolicy").str();
    if !matches!(policy, "Max" | "Min" | "Disabled" | "") {
        causes.push(path.field("selectPolicy").unsupported(policy, &["Disabled", "Max", "Min"]));
    }
    let policies = path.field("policies");
    if rules.get("policies").items().is_empty() {
        causes.push(policies.required_because("must specify at least one Policy"));
    }
    for (at, policy) in rules.get("policies").items().iter().enumerate() {
        let path = policies.index(at);
        let kind = policy.get("type").str();
        if !matches!(kind, "Pods" | "Percent") {
            causes.push(path.field("type").unsupported(kind, &["Percent", "Pods"]));
        }
        for field in ["value", "periodSeconds"] {
            let number = policy.get(field).int();
            if number <= 0 {
                causes.push(path.field(field).invalid(number, "must be greater than zero"));
            }
            if field == "periodSeconds" && number > 1800 {
                causes.push(path.field(field).invalid(number, "must be less than or equal to 1800"));
            }
        }
    }
}

fn validate_metric(metric: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const TYPES: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];
    const FIELDS: &[&str] = &["object", "external", "pods", "resource", "containerResource"];
    let kind = metric.get("type").str();
    if kind.is_empty() {
        causes.push(path.field("type").required_because("must specify a metric source type"));
    }
    if !TYPES.contains(&kind) {
        causes.push(path.field("type").unsupported(kind, TYPES));
    }
    let present: Vec<&str> = FIELDS.iter().copied().filter(|field| !metric.get(field).is_null()).collect();
    if let Some(field) = present.first() {
        validate_source(field, metric.get(field), &path.field(field), causes);
    }
    let expected = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(kind));
    match expected {
        Some(field) if metric.get(field).is_null() => {
            let detail = "must populate information for the given metric source";
            causes.push(path.field(field).required_because(detail));
        }
        Some(_) => {}
        None => causes.push(path.field("type").unsupported(kind, TYPES)),
    }
    if present.len() != 1 {
        for field in present.iter().filter(|field| Some(*field) != expected) {
            causes.push(path.field(field).forbidden("must populate the given metric source only"));
        }
    }
}

fn validate_source(kind: &str, source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let of_resource = matches!(kind, "resource" | "containerResource");
    if of_resource {
        match source.get("name").str() {
            "" => causes.push(path.field("name").required_because("must specify a resource name")),
            name if kind == "containerResource" => {
                pod_spec::validate_container_name(name, &path.field("name"), causes);
            }
            _ => {}
        }
        if kind == "containerResource" {
            match source.get("container").str() {
                "" => causes.push(path.field("container").required_because("must specify a container")),
                name => path.field("container").check(name, formats::dns_label, causes),
            }
        }
    } else {
        if kind == "object" {
            validate_reference(source.get("describedObject"), &path.field("describedObject"), causes);
        }
        let metric = path.field("metric");
        match source.at(&["metric", "name"]).str() {
            "" => causes.push(metric.field("name").required_because("must specify a metric name")),
            name => metric.field("name").check(name, formats::path_segment, causes),
        }
    }
    let (target, path) = (source.get("target"), path.field("target"));
    validate_target(target, &path, causes);
    let (value, average) = (!target.get("value").is_null(), !target.get("averageValue").is_null());
    let utilization = !target.get("averageUtilization").is_null();
    let missing = match kind {
        "object" if !value && !average => "must set either a target value or averageValue",
        "external" if !value && !average => "must set either a target value for metric or a per-pod target",
        "pods" if !average => "must specify a positive target averageValue",
        _ => "",
    };
    if !missing.is_empty() {
        causes.push(path.field("averageValue").required_because(missing));
    }
    if kind == "external" && value && average {
        let detail = "may not set both a target value for metric and a per-pod target";
        causes.push(path.field("value").forbidden(detail));
    }
    if of_resource && !utilization && !average {
        let detail = "must set either a target raw value or a target utilization";
        causes.push(path.field("averageUtilization").required_because(detail));
    }
    if of_resource && utilization && average {
        let detail = "may not set both a target raw value and a target utilization";
        causes.push(path.field("averageValue").forbidden(detail));
    }
}

fn validate_target(target: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let kind = target.get("type").str();
    if kind.is_empty() {
        causes.push(path.field("type").required_because("must specify a metric target type"));
    }
    if !matches!(kind, "Utilization" | "Value" | "AverageValue") {
        let detail = "must be either Utilization, Value, or AverageValue";
        causes.push(path.field("type").invalid(kind, detail));
    }
    for field in ["value", "averageValue"] {
        let value = target.get(field);
        if Quantity::parse(value.str()).is_ok_and(|value| value.is_zero() || value.is_negative()) {
            causes.push(path.field(field).invalid(value, "must be positive"));
        }
    }
    let utilization = target.get("averageUtilization");
    if utilization.as_int().is_some_and(|percent| percent < 1) {
        causes.push(path.field("averageUtilization").invalid(utilization, "must be greater than 0"));
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
