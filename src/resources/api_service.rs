//! APIService: a group and version that another server answers for.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::age;
use super::{Rules, headings, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: |service: &mut Value| {
        if !service.at(&["spec", "service"]).is_null() {
            service.entry_at(&["spec", "service"]).set_default("port", 443);
        }
    },
    validate: |service, causes| {
        metadata::validate(service, false, |_| Vec::new(), causes);
        validate(service, causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
    },
    columns: headings!["NAME", "SERVICE", "AVAILABLE", "AGE"],
    row,
    ..Rules::PLAIN
};

/// kube-aggregator, validation.go, `ValidateAPIService`.
fn validate(service: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    let spec = service.get("spec");
    let (group, version) = (spec.get("group").str(), spec.get("version").str());
    let wanted = format!("{version}.{group}");
    let name = service.at(&["metadata", "name"]).str();
    if name != wanted {
        let detail = format!("must be `spec.version+\".\"+spec.group`: \"{wanted}\"");
        causes.push(Path::root("metadata").field("name").invalid(name, detail));
    }
    for (field, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1_000)] {
        let priority = spec.get(field).int();
        if !(1..=most).contains(&priority) {
            let detail = format!("must be positive and less than {most}");
            causes.push(SPEC.field(field).invalid(priority, detail));
        }
    }
    let insecure = spec.get("insecureSkipTLSVerify");
    let of = spec.get("service");
    if of.is_null() {
        return;
    }
    for field in ["namespace", "name"] {
        if of.get(field).str().is_empty() {
            causes.push(SPEC.field("service").field(field).required());
        }
    }
    if insecure.bool() && !spec.get("caBundle").str().is_empty() {
        let detail = "may not be true if caBundle is present";
        causes.push(SPEC.field("insecureSkipTLSVerify").invalid(insecure, detail));
    }
}

/// Who answers, and whether it does (kube-aggregator, apiservice/etcd.go, `ConvertToTable`).
fn row(service: &Object, now: Date) -> Vec<String> {
    let of = service.spec().get("service");
    let who = match of.is_null() {
        true => "Local".to_owned(),
        false => format!("{}/{}", of.get("namespace").str(), of.get("name").str()),
    };
    let available = service.condition("Available");
    let answers = match (available.get("status").str(), available.get("reason").str()) {
        ("", _) => "Unknown".to_owned(),
        ("True", _) | (_, "") => available.get("status").str().to_owned(),
        (status, reason) => format!("{status} ({reason})"),
    };
    vec![service.name().into(), who, answers, age(service, now)]
}
