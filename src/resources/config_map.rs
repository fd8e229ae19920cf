//! ConfigMap.

use crate::api::Cause;
use crate::base::Value;

use super::path::Path;
use super::printing::age;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_immutable(new, old, &["data", "binaryData"], causes);
        validate(new, causes);
    },
    columns: headings!["NAME", "DATA", "AGE"],
    row: |map, now| {
        let count = map.get("data").entries().count() + map.get("binaryData").entries().count();
        vec![map.name().into(), count.to_string(), age(map, now)]
    },
    ..Rules::PLAIN
};

/// The most that a ConfigMap or a Secret can hold, in bytes.
pub const MOST_DATA: usize = 1024 * 1024;

fn validate(map: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(map, true, formats::dns_subdomain, causes);
    let mut size = 0;
    for field in ["data", "binaryData"] {
        let path = Path::root(field);
        for (key, value) in map.get(field).entries() {
            path.key(key).check(key, formats::config_map_key, causes);
            if field == "data" && !map.get("binaryData").get(key).is_null() {
                causes.push(path.key(key).invalid(key, "duplicate of key present in binaryData"));
            }
            size += value.str().len();
        }
    }
    if size > MOST_DATA {
        causes.push(Path::root("").too_long(MOST_DATA));
    }
}

/// Where `immutable` is set, it stays set and these fields stay as they are; also of a Secret.
pub fn validate_immutable(new: &Value, old: &Value, fields: &[&str], causes: &mut Vec<Cause>) {
    const DETAIL: &str = "field is immutable when `immutable` is set";
    if !old.get("immutable").bool() {
        return;
    }
    if !new.get("immutable").bool() {
        causes.push(Path::root("immutable").forbidden(DETAIL));
    }
    for field in fields.iter().filter(|field| new.get(field) != old.get(field)) {
        causes.push(Path::root(field).forbidden(DETAIL));
    }
}
