//! IPAddress: an address that somebody has; its name is the address.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::NONE;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate: |address, causes| {
        metadata::validate(address, false, formats::strict_ip, causes);
        validate_parent(address.at(&["spec", "parentRef"]), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        let path = ["spec", "parentRef"];
        SPEC.field("parentRef").check_unchanged(new.at(&path), old.at(&path), causes);
    },
    columns: headings!["NAME", "PARENTREF"],
    row,
    ..Rules::PLAIN
};

const SPEC: Path = Path::root("spec");

/// Kubernetes networking/validation, `validateIPAddressParentReference`.
fn validate_parent(parent: &Value, causes: &mut Vec<Cause>) {
    let path = SPEC.field("parentRef");
    if parent.is_null() {
        return causes.push(path.required());
    }
    if !parent.get("group").is_empty() {
        path.field("group").check(parent.get("group").str(), formats::dns_subdomain, causes);
    }
    for field in ["resource", "name"] {
        match parent.get(field).str() {
            "" => causes.push(path.field(field).required()),
            text => path.field(field).check(text, formats::path_segment, causes),
        }
    }
    if !parent.get("namespace").is_empty() {
        path.field("namespace").check(parent.get("namespace").str(), formats::path_segment, causes);
    }
}

fn row(address: &Object, _: Date) -> Vec<String> {
    let parent = address.spec().get("parentRef");
    let resource = match parent.get("group").str() {
        "" => parent.get("resource").str().to_lowercase(),
        group => format!("{}.{group}", parent.get("resource").str()).to_lowercase(),
    };
    let parts = [resource.as_str(), parent.get("namespace").str(), parent.get("name").str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let text = if parent.is_null() { NONE.into() } else { parts.join("/") };
    vec![address.name().into(), text]
}
