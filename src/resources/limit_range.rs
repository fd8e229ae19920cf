//! LimitRange.

use crate::api::{Cause, Quantity};
use crate::base::Value;

use super::path::Path;
use super::{Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
    },
    columns: headings!["NAME", "CREATED AT"],
    row: |range, _| vec![range.name().into(), range.meta("creationTimestamp").str().into()],
    ..Rules::PLAIN
};

/// For containers, a default limit is the maximum, and a default request the default limit or else the minimum.
fn set_defaults(range: &mut Value) {
    if range.at(&["spec", "limits"]).items().is_empty() {
        return;
    }
    for item in range.entry_at(&["spec", "limits"]).items_mut() {
        if item.get("type").str() != "Container" {
            continue;
        }
        for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
            for (name, quantity) in item.get(from).clone().entries() {
                item.entry(to).set_default(name, quantity);
            }
        }
    }
}

fn validate(range: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(range, true, formats::dns_subdomain, causes);
    let spec = Path::root("spec");
    let list = spec.field("limits");
    let items = range.at(&["spec", "limits"]).items();
    for (at, item) in items.iter().enumerate() {
        let path = list.index(at);
        let kind = item.get("type").str();
        let messages = formats::qualified_name(kind);
        if messages.is_empty()
            && !kind.contains('/')
            && !matches!(kind, "Pod" | "Container" | "PersistentVolumeClaim")
        {
            let detail = "must be a standard limit type or fully qualified";
            causes.push(path.field("type").invalid(kind, detail));
        }
        causes.extend(messages.iter().map(|message| path.field("type").invalid(kind, message)));
        if items[..at].iter().any(|other| other.get("type").str() == kind) {
            causes.push(path.field("type").duplicate(kind));
        }
        validate_item(item, kind, &path, causes);
    }
}

fn validate_item(item: &Value, kind: &str, path: &Path, causes: &mut Vec<Cause>) {
    let check = match kind {
        "Pod" | "Container" => pod_spec::validate_container_name,
        _ => pod_spec::validate_name,
    };
    for field in ["max", "min", "default", "defaultRequest"] {
        let field_path = path.field(field);
        if kind == "Pod" && field.starts_with("default") {
            if !item.get(field).is_empty() {
                causes.push(field_path.forbidden("may not be specified when `type` is 'Pod'"));
            }
            continue;
        }
        for (name, _) in item.get(field).entries() {
            check(name, &field_path.key(name), causes);
        }
    }
    let has_storage = |field: &str| !item.get(field).get("storage").is_null();
    if kind == "PersistentVolumeClaim" && !has_storage("min") && !has_storage("max") {
        let detail = "either minimum or maximum storage value is required, but neither was provided";
        causes.push(path.field("limits").required_because(detail));
    }
    for (name, _) in item.get("maxLimitRequestRatio").entries() {
        check(name, &path.field("maxLimitRequestRatio").key(name), causes);
    }
    let fields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
    let mut names: Vec<&str> =
        fields.iter().flat_map(|field| item.get(field).entries()).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        validate_order(item, name, path, causes);
    }
}

/// Minimum, default request, default limit and maximum may not be the wrong way round.
fn validate_order(item: &Value, name: &str, path: &Path, causes: &mut Vec<Cause>) {
    let text = |field: &str| item.get(field).get(name);
    // Field blamed, value shown; the smaller one and its name; the larger one and its name.
    let rules = [
        ("min", "min", ("min", "min value"), ("max", "max value")),
        (
            "defaultRequest",
            "defaultRequest",
            ("min", "min value"),
            ("defaultRequest", "default request value"),
        ),
        (
            "defaultRequest",
            "defaultRequest",
            ("defaultRequest", "default request value"),
            ("max", "max value"),
        ),
        (
            "defaultRequest",
            "defaultRequest",
            ("defaultRequest", "default request value"),
            ("default", "default limit value"),
        ),
        ("default", "min", ("min", "min value"), ("default", "default value")),
        ("default", "max", ("default", "default value"), ("max", "max value")),
    ];
    for (blamed, shown, (small, small_name), (large, large_name)) in rules {
        let (Ok(less), Ok(more)) = (Quantity::parse(text(small).str()), Quantity::parse(text(large).str()))
        else {
            continue;
        };
        if less > more {
            let detail = format!(
                "{small_name} {} is greater than {large_name} {}",
                text(small).str(),
                text(large).str()
            );
            causes.push(path.field(blamed).key(name).invalid(text(shown), detail));
        }
    }
    let ratio = text("maxLimitRequestRatio");
    if Quantity::parse(ratio.str()).is_ok_and(|ratio| ratio < Quantity::from_value(1)) {
        let detail = format!("ratio {} is less than 1", ratio.str());
        causes.push(path.field("maxLimitRequestRatio").key(name).invalid(ratio, detail));
    }
    let (limit, request) = (text("default"), text("defaultRequest"));
    if !pod_spec::is_overcommit_allowed(name)
        && !limit.is_null()
        && !request.is_null()
        && Quantity::parse(limit.str()) != Quantity::parse(request.str())
    {
        let (limit, shown) = (limit.str(), request.str());
        let detail = format!("default value {limit} must equal to defaultRequest value {shown} in {name}");
        causes.push(path.field("defaultRequest").key(name).invalid(request, detail));
    }
}
