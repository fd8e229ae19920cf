//! Structural schemas (apiextensions-apiserver, schema, pruning, defaulting).

use crate::api::Cause;
use crate::base::{Map, Value};

use super::super::path::Path;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// What every object has beside the fields of its schema.
const OF_EVERY_OBJECT: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Where a schema stands in another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Field,
    Item,
}

fn int_or_string(schema: &Value) -> bool {
    schema.get("x-kubernetes-int-or-string").bool()
}

fn keeps_unknown(schema: &Value) -> bool {
    schema.get("x-kubernetes-preserve-unknown-fields").bool()
}

/// What keeps a schema from being structural (schema/validation.go, `ValidateStructural`).
pub fn validate(schema: &Value, path: &Path, causes: &mut Vec<Cause>) {
    validate_level(schema, path, Level::Root, causes);
}

fn validate_level(schema: &Value, path: &Path, level: Level, causes: &mut Vec<Cause>) {
    let own = path.field("type");
    match schema.get("type").str() {
        "" if level != Level::Root && (int_or_string(schema) || keeps_unknown(schema)) => {}
        "" => causes.push(own.required_because(match level {
            Level::Root => "must not be empty at the root",
            Level::Field => "must not be empty for specified object fields",
            Level::Item => "must not be empty for specified array items",
        })),
        found if !TYPES.contains(&found) => causes.push(own.unsupported(found, &TYPES)),
        found if level == Level::Root && found != "object" => {
            causes.push(own.invalid(found, "must be object at the root"));
        }
        _ => {}
    }
    if schema.get("type").str() == "array" && schema.get("items").is_null() {
        causes.push(path.field("items").required_because("must be specified"));
    }
    for (name, field) in schema.get("properties").entries() {
        validate_level(field, &path.field("properties").key(name), Level::Field, causes);
    }
    let more = schema.get("additionalProperties");
    if more.as_map().is_some() {
        if !schema.get("properties").is_null() {
            causes.push(
                path.field("additionalProperties")
                    .forbidden("additionalProperties and properties are mutual exclusive"),
            );
        }
        validate_level(more, &path.field("additionalProperties"), Level::Field, causes);
    }
    if schema.get("items").as_map().is_some() {
        validate_level(schema.get("items"), &path.field("items"), Level::Item, causes);
    }
}

/// True where a schema has rules in the Common Expression Language.
pub fn has_rules(schema: &Value) -> bool {
    match schema {
        Value::Map(map) => map
            .iter()
            .any(|(name, value)| name == "x-kubernetes-validations" && !value.is_empty() || has_rules(value)),
        Value::List(items) => items.iter().any(has_rules),
        _ => false,
    }
}

/// Takes out of an object what its schema does not know; the paths of that.
pub fn prune(object: &mut Value, schema: &Value) -> Vec<String> {
    let mut pruned = Vec::new();
    prune_level(object, schema, true, "", &mut pruned);
    pruned
}

fn prune_level(value: &mut Value, schema: &Value, is_root: bool, path: &str, pruned: &mut Vec<String>) {
    match value {
        Value::Map(map) => {
            let is_root = is_root || schema.get("x-kubernetes-embedded-resource").bool();
            let mut kept = Map::new();
            for (name, value) in map.iter() {
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let of = match schema.get("properties").get(name) {
                    Value::Null => schema.get("additionalProperties"),
                    field => field,
                };
                if is_root && OF_EVERY_OBJECT.contains(&name) {
                    kept.insert(name, value);
                } else if !of.is_null() {
                    let mut value = value.clone();
                    prune_level(&mut value, of, false, &path, pruned);
                    kept.insert(name, value);
                } else if keeps_unknown(schema) {
                    kept.insert(name, value);
                } else {
                    pruned.push(path);
                }
            }
            *map = kept;
        }
        Value::List(_) => {
            for (at, item) in value.items_mut().iter_mut().enumerate() {
                prune_level(item, schema.get("items"), false, &format!("{path}[{at}]"), pruned);
            }
        }
        _ => {}
    }
}

/// Fills in what an object leaves out, as its schema says.
pub fn set_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Map(_) => {
            for (name, field) in schema.get("properties").entries() {
                let default = field.get("default");
                // A null where none may be is as good as nothing.
                let is_missing = value.get(name).is_null() && !field.get("nullable").bool()
                    || value.as_map().is_some_and(|map| !map.contains(name));
                if is_missing && !default.is_null() {
                    value.set(name, default.clone());
                }
                if !value.get(name).is_null() {
                    set_defaults(value.entry(name), field);
                }
            }
            let more = schema.get("additionalProperties");
            if more.as_map().is_some() {
                for (_, value) in value.as_map_mut().iter_mut() {
                    set_defaults(value, more);
                }
            }
        }
        Value::List(_) => {
            for item in value.items_mut() {
                set_defaults(item, schema.get("items"));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn unknown_fields_go_and_defaults_come() {
        let schema = value!({
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "properties": {
                        "replicas": {"type": "integer", "default": 1},
                        "steps": {"type": "array", "items": {"type": "object", "properties": {
                            "name": {"type": "string"}, "times": {"type": "integer", "default": 3}
                        }}},
                        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}}
                    }
                }
            }
        });
        let mut object = value!({
            "kind": "X", "metadata": {"name": "x"}, "other": 1,
            "spec": {"steps": [{"name": "a", "odd": 1}], "free": {"any": {"thing": 1}}, "labels": {"a": "b"}, "replicas": null}
        });
        assert_eq!(prune(&mut object, &schema), ["other", "spec.steps[0].odd"]);
        set_defaults(&mut object, &schema);
        let wanted = value!({
            "kind": "X", "metadata": {"name": "x"},
            "spec": {
                "steps": [{"name": "a", "times": 3}], "free": {"any": {"thing": 1}}, "labels": {"a": "b"}, "replicas": 1
            }
        });
        assert_eq!(object, wanted);
    }
}
