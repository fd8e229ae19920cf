//! Objects as the API server writes them.

use crate::api::Quantity;
use crate::base::{Map, Value, json};
use crate::value;

use super::{Empty, Field, Struct, Type};

/// Brings an object of the API into the form that decoding into Go structs and encoding again gives it.
/// Fields that the structs do not have stay as they are: it is for strict decoding to refuse them.
pub fn canonicalize(object: &mut Value, of: &Struct) {
    if let Some(canonical) = in_struct(object, of) {
        *object = canonical;
    }
}

/// The canonical form of a struct where it differs.
fn in_struct(value: &Value, of: &Struct) -> Option<Value> {
    let map = value.as_map()?;
    let mut changed: Option<Map> = None;
    for (key, item) in map.iter() {
        let Some(field) = of.fields.iter().find(|field| field.json == key) else { continue };
        if is_left_out(item, field) {
            changed.get_or_insert_with(|| map.clone()).remove(key);
        } else if let Some(canonical) = in_type(item, &field.ty) {
            changed.get_or_insert_with(|| map.clone()).insert(key, canonical);
        }
    }
    for field in of.fields.iter().filter(|field| field.empty == Empty::In) {
        if map.get(field.json).is_none_or(Value::is_null) {
            let empty = empty_value(&field.ty);
            if !(empty.is_null() && map.contains(field.json)) {
                changed.get_or_insert_with(|| map.clone()).insert(field.json, empty);
            }
        }
    }
    changed.map(Value::Map)
}

fn is_left_out(value: &Value, field: &Field) -> bool {
    match (field.empty, &field.ty) {
        (Empty::In, _) => false,
        (Empty::Pointer, _) => value.is_null(),
        // Go's omitempty does not see through structs.
        (Empty::Out, Type::Struct(_) | Type::Quantity | Type::IntOrString | Type::Any) => value.is_null(),
        (Empty::Out, _) => value.is_empty(),
    }
}

/// What stands for a missing value that is written all the same.
fn empty_value(ty: &Type) -> Value {
    match ty {
        Type::Str => "".into(),
        Type::Int | Type::IntOrString => 0.into(),
        Type::Bool => false.into(),
        Type::Quantity => "0".into(),
        Type::Struct(of) => in_struct(&Value::map(), of).unwrap_or_else(Value::map),
        Type::List(_) | Type::Map(_) | Type::Any => Value::Null,
    }
}

fn in_type(value: &Value, ty: &Type) -> Option<Value> {
    match ty {
        Type::Struct(of) => match value {
            Value::Null => Some(in_struct(&value!({}), of).unwrap_or_else(Value::map)),
            _ => in_struct(value, of),
        },
        Type::Quantity => in_quantity(value),
        Type::List(item_type) => {
            let items = value.items();
            let at = items.iter().position(|item| in_type(item, item_type).is_some())?;
            let rest =
                items[at..].iter().map(|item| in_type(item, item_type).unwrap_or_else(|| item.clone()));
            Some(Value::from_iter(items[..at].iter().cloned().chain(rest)))
        }
        Type::Map(item_type) => {
            let map = value.as_map()?;
            let mut changed: Option<Map> = None;
            for (key, item) in map.iter() {
                if let Some(canonical) = in_type(item, item_type) {
                    changed.get_or_insert_with(|| map.clone()).insert(key, canonical);
                }
            }
            changed.map(Value::Map)
        }
        Type::Str if value.is_null() => Some("".into()),
        Type::Str | Type::Int | Type::Bool | Type::IntOrString | Type::Any => None,
    }
}

/// A quantity may be written as a number; the server writes text.
fn in_quantity(value: &Value) -> Option<Value> {
    let text = match value {
        Value::Str(text) => text.clone(),
        Value::Int(number) => number.to_string().into(),
        Value::Float(number) => json::float(number.0).into(),
        _ => return None,
    };
    let canonical = Quantity::parse(&text).ok()?.to_string();
    (value.as_str() != Some(&canonical)).then(|| canonical.into())
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;
    use crate::api::Kind;

    #[test]
    fn empty_fields_go_and_pointers_stay() {
        let mut pod = value!({"spec": {
            "containers": [{
                "args": [],
                "env": [{"name": "A", "value": ""}],
                "name": "c",
                "resources": {"limits": {"cpu": 1}},
                "securityContext": {"privileged": false},
                "stdin": false,
                "volumeMounts": [{"mountPath": "/", "name": "v", "readOnly": false}]
            }],
            "hostNetwork": false,
            "nodeSelector": {},
            "priority": 0,
            "volumes": null
        }});
        canonicalize(&mut pod, of(Kind::Pod));
        let want = value!({
            "metadata": {},
            "spec": {
                "containers": [{
                    "env": [{"name": "A"}],
                    "name": "c",
                    "resources": {"limits": {"cpu": "1"}},
                    "securityContext": {"privileged": false},
                    "volumeMounts": [{"mountPath": "/", "name": "v"}]
                }],
                "priority": 0
            }
        });
        assert_eq!(pod, want);
        let before = pod.clone();
        canonicalize(&mut pod, of(Kind::Pod));
        assert_eq!(pod, before);
    }
}
