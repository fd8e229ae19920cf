//! ResourceQuota.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::{IMMUTABLE, Path};
use super::printing::age;
use super::{Rules, empty_status, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    fresh_status: empty_status,
    validate: |quota, causes| {
        metadata::validate(quota, true, formats::dns_subdomain, causes);
        validate_spec(quota.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
        let scopes = |quota: &Value| {
            let mut scopes = quota.at(&["spec", "scopes"]).items().to_vec();
            scopes.sort_unstable_by(|a, b| a.str().cmp(b.str()));
            scopes
        };
        if scopes(new) != scopes(old) {
            causes.push(SPEC.field("scopes").invalid(new.at(&["spec", "scopes"]), IMMUTABLE));
        }
    },
    columns: headings!["NAME", "REQUEST", "LIMIT", "AGE"],
    row,
    ..Rules::PLAIN
};

const SPEC: Path = Path::root("spec");
const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    let hard = SPEC.field("hard");
    for (name, amount) in spec.get("hard").entries() {
        let path = hard.key(name);
        pod_spec::validate_name(name, &path, causes);
        if !name.contains('/') && !pod_spec::is_standard_quota_resource(name) {
            causes.push(path.invalid(name, "must be a standard resource for quota"));
        }
        pod_spec::validate_value(name, amount, &path, causes);
    }
    let (scopes, path) = (spec.get("scopes"), SPEC.field("scopes"));
    for scope in scopes.items() {
        if !SCOPES.contains(&scope.str()) {
            causes.push(path.invalid(scopes, "unsupported scope"));
        }
        for (name, _) in spec.get("hard").entries() {
            if pod_spec::is_standard_quota_resource(name) && !can_limit(scope.str(), name) {
                causes.push(path.invalid(scopes, "unsupported scope applied to resource"));
            }
        }
    }
    let has = |scope: &str| scopes.items().iter().any(|other| other.str() == scope);
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        if has(one) && has(other) {
            causes.push(path.invalid(scopes, "conflicting scopes"));
        }
    }
    validate_selector(spec, causes);
}

/// Whether a scope has anything to do with a resource.
fn can_limit(scope: &str, resource: &str) -> bool {
    let of_pods = matches!(
        resource,
        "pods"
            | "cpu"
            | "memory"
            | "ephemeral-storage"
            | "requests.cpu"
            | "requests.memory"
            | "requests.ephemeral-storage"
            | "limits.cpu"
            | "limits.memory"
            | "limits.ephemeral-storage"
    );
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => matches!(resource, "persistentvolumeclaims" | "requests.storage"),
        scope if SCOPES.contains(&scope) => of_pods,
        _ => true,
    }
}

fn validate_selector(spec: &Value, causes: &mut Vec<Cause>) {
    let selector = SPEC.field("scopeSelector");
    let path = selector.field("matchExpressions");
    for requirement in spec.at(&["scopeSelector", "matchExpressions"]).items() {
        let (scope, operator) = (requirement.get("scopeName").str(), requirement.get("operator").str());
        let values = requirement.get("values");
        if !SCOPES.contains(&scope) {
            causes.push(path.field("scopeName").invalid(scope, "unsupported scope"));
        }
        let is_plain = SCOPES.contains(&scope) && !matches!(scope, "PriorityClass" | "VolumeAttributesClass");
        if is_plain && operator != "Exists" {
            let detail = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, \
                          ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                          ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            causes.push(path.field("operator").invalid(operator, detail));
        }
        match operator {
            "In" | "NotIn" => {
                if values.items().is_empty() {
                    let detail =
                        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                    causes.push(path.field("values").required_because(detail));
                }
            }
            "Exists" | "DoesNotExist" => {
                if !values.items().is_empty() {
                    let detail =
                        "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                    causes.push(path.field("values").invalid(values, detail));
                }
            }
            _ => causes.push(path.field("operator").invalid(operator, "not a valid selector operator")),
        }
    }
}

/// What is used of what is allowed, limits apart from the rest.
fn row(quota: &Object, now: Date) -> Vec<String> {
    let used = quota.status().get("used");
    let cell = |limits: bool| {
        let all =
            quota.status().get("hard").entries().filter(|(name, _)| name.starts_with("limits.") == limits);
        let texts: Vec<String> = all
            .map(|(name, hard)| {
                let used = if used.get(name).is_null() { "0" } else { used.get(name).str() };
                format!("{name}: {used}/{}", hard.str())
            })
            .collect();
        texts.join(", ")
    };
    vec![quota.name().into(), cell(false), cell(true), age(quota, now)]
}
