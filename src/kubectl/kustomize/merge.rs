//! Strategic merge patches as kustomize applies them, by the merge keys of OpenAPI.
//!
//! Other than in the API server, the items that a patch names come first in a merged list, and an item is found by all
//! of its keys (a port by number and protocol).

use crate::api::schema::{ListType, Merge, StructId, schema};
use crate::base::{Map, Value};

const DIRECTIVE: &str = "$patch";

/// How a list is merged.
enum Way {
    Replace,
    Keys(Vec<&'static str>),
    Set,
}

/// Merges `patch` into an object; nothing is left of it where the patch deletes it.
pub(super) fn merge(object: &Value, patch: &Value) -> Option<Value> {
    let (api_version, kind) = (object.get("apiVersion").str(), object.get("kind").str());
    let place = schema().kind(api_version, kind).map(|kind| kind.fields);
    merged(object, patch, place, &Way::Replace)
}

fn way(place: Option<StructId>, field: &str) -> (Way, Option<StructId>) {
    let Some(field) = place.and_then(|id| schema().structure(id).field(field)) else {
        return (Way::Replace, None);
    };
    let way = match (&field.merge, &field.list_type) {
        (Merge::ByKey(_), ListType::Map(keys)) => Way::Keys(keys.clone()),
        (Merge::ByKey(key), _) => Way::Keys(vec![key]),
        (Merge::AsSet, _) => Way::Set,
        _ => Way::Replace,
    };
    (way, field.of.items().struct_id())
}

fn merged(old: &Value, new: &Value, place: Option<StructId>, way: &Way) -> Option<Value> {
    match (old, new) {
        (_, Value::Null) => None,
        (_, Value::Map(new)) => match (new.get(DIRECTIVE).map(Value::str), old) {
            (Some("delete"), _) => None,
            (None | Some("merge"), Value::Map(old)) => Some(Value::Map(maps(old, new, place))),
            _ => Some(without_directives(&Value::Map(new.clone()))),
        },
        (Value::List(old), Value::List(new)) => Some(match way {
            Way::Replace => without_directives(&Value::List(new.clone())),
            Way::Set => {
                let kept = old.iter().filter(|item| !new.contains(item));
                new.iter().chain(kept).cloned().collect()
            }
            Way::Keys(keys) => lists(old, new, place, keys),
        }),
        _ => Some(without_directives(new)),
    }
}

fn maps(old: &Map, new: &Map, place: Option<StructId>) -> Map {
    let mut all = old.clone();
    for (field, new) in new.iter().filter(|(field, _)| *field != DIRECTIVE) {
        let (way, inner) = way(place, field);
        let none = Value::Null;
        match merged(old.get(field).unwrap_or(&none), new, inner, &way) {
            Some(value) => drop(all.insert(field, value)),
            None => drop(all.remove(field)),
        }
    }
    all
}

fn lists(old: &[Value], new: &[Value], place: Option<StructId>, keys: &[&str]) -> Value {
    // Keys that no item has tell nothing apart.
    let keys: Vec<&str> = keys
        .iter()
        .copied()
        .filter(|key| old.iter().chain(new).any(|item| !item.get(key).is_null()))
        .collect();
    let same = |a: &Value, b: &Value| keys.iter().all(|key| a.get(key) == b.get(key));
    if keys.is_empty() || new.iter().any(|item| is_directive(item, "replace")) {
        return without_directives(&Value::from(new.to_vec()));
    }
    let none = Value::Null;
    let matching = |items: &'_ [Value], item: &Value| items.iter().position(|other| same(other, item));
    let changed = |item: &Value| {
        let before = matching(old, item).map_or(&none, |at| &old[at]);
        merged(before, item, place, &Way::Replace)
    };
    // Items with one key come in the order of the patch; with more, those that were there stay where they were.
    let several = keys.len() > 1;
    let first = new.iter().filter(|item| !several || matching(old, item).is_none());
    let mut all: Vec<Value> = first.filter_map(changed).collect();
    for item in old {
        match matching(new, item) {
            None => all.push(item.clone()),
            Some(at) if several => all.extend(changed(&new[at])),
            Some(_) => {}
        }
    }
    all.into()
}

/// `$patch: replace` as an item of its own.
fn is_directive(item: &Value, what: &str) -> bool {
    item.get(DIRECTIVE).str() == what && item.as_map().is_some_and(|map| map.len() == 1)
}

fn without_directives(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            let kept = map.iter().filter(|(field, value)| *field != DIRECTIVE && !value.is_null());
            Value::Map(kept.map(|(field, value)| (field, without_directives(value))).collect())
        }
        Value::List(items) => items
            .iter()
            .filter(|item| !is_directive(item, "replace") && item.get(DIRECTIVE).str() != "delete")
            .map(without_directives)
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    fn pod(containers: Value) -> Value {
        value!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}})
    }

    #[test]
    fn what_a_patch_names_comes_first() {
        let old = pod(value!([{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1", "tty": true}]));
        let new = pod(value!([{"name": "c", "image": "c:1"}, {"name": "b", "image": "b:2", "tty": null}]));
        let both = pod(
            value!([{"name": "c", "image": "c:1"}, {"name": "b", "image": "b:2"}, {"name": "a", "image": "a:1"}]),
        );
        assert_eq!(merge(&old, &new), Some(both));
    }

    #[test]
    fn ports_are_told_apart_by_number_and_protocol() {
        let service =
            |ports: Value| value!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports}});
        let old = service(value!([{"port": 1, "protocol": "TCP"}, {"port": 2, "protocol": "TCP"}]));
        let new =
            service(value!([{"port": 2, "protocol": "TCP", "name": "b"}, {"port": 2, "protocol": "UDP"}]));
        let both = service(value!([
            {"port": 2, "protocol": "UDP"},
            {"port": 1, "protocol": "TCP"},
            {"port": 2, "protocol": "TCP", "name": "b"}
        ]));
        assert_eq!(merge(&old, &new), Some(both));
    }

    #[test]
    fn directives() {
        let old = pod(value!([{"name": "a"}, {"name": "b"}]));
        let without = merge(&old, &pod(value!([{"name": "a", "$patch": "delete"}])));
        assert_eq!(without, Some(pod(value!([{"name": "b"}]))));
        let other = merge(&old, &pod(value!([{"$patch": "replace"}, {"name": "c"}])));
        assert_eq!(other, Some(pod(value!([{"name": "c"}]))));
        assert_eq!(merge(&old, &value!({"$patch": "delete"})), None);
    }
}
