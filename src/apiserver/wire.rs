//! Objects as the API server puts them on the wire: their fields in the order in which Go's structs declare them.

use crate::api::Kind;
use crate::base::{Map, Value, json};
use crate::resources::structs::{self, Struct, Type};

/// The order of what no table of structs holds: discovery, refusals, statuses, what lists begin with.
const ORDER: &[&str] = &[
    "kind",
    "apiVersion",
    "groupVersion",
    "singularName",
    "namespaced",
    "metadata",
    "spec",
    "name",
    "versions",
    "serverAddressByClientCIDRs",
    "clientCIDR",
    "serverAddress",
    "verbs",
    "shortNames",
    "categories",
    "major",
    "minor",
    "emulationMajor",
    "emulationMinor",
    "minCompatibilityMajor",
    "minCompatibilityMinor",
    "gitVersion",
    "goVersion",
    "compiler",
    "type",
    "observedGeneration",
    "phase",
    "replicas",
    "fullyLabeledReplicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "status",
    "state",
    "lastState",
    "ready",
    "restartCount",
    "image",
    "imageID",
    "containerID",
    "started",
    "conditions",
    "lastProbeTime",
    "lastUpdateTime",
    "lastTransitionTime",
    "message",
    "reason",
    "details",
    "code",
    "hostIP",
    "hostIPs",
    "namespace",
    "creationTimestamp",
    "labels",
    "timestamp",
    "window",
    "containers",
    "usage",
    "podIP",
    "podIPs",
    "startTime",
    "initContainerStatuses",
    "containerStatuses",
    "qosClass",
];
/// The same of a resource in discovery.
const RESOURCE: &[&str] = &["name", "singularName", "namespaced", "kind", "verbs", "shortNames"];
/// The same of what a refusal is about.
const DETAILS: &[&str] = &["name", "group", "kind", "uid", "causes"];
/// The same of a field at fault.
const CAUSE: &[&str] = &["reason", "message", "field"];
/// The same of a condition, whose reason comes first.
const CONDITION: &[&str] = &[
    "type",
    "observedGeneration",
    "status",
    "lastProbeTime",
    "lastUpdateTime",
    "lastTransitionTime",
    "reason",
    "message",
];

/// An item of a list, or a field with its name, and what is known of its type.
type Item<'a> = (Option<&'a str>, &'a Value, Option<&'static Type>);

/// A value as the server answers it: on lines of their own for those who read it, in one line for programs.
pub fn to_string(value: &Value, pretty: bool) -> String {
    let mut out = String::new();
    write(&mut out, value, None, Place::Anywhere, pretty.then_some(0));
    if !pretty {
        out.push('\n');
    }
    out
}

/// Where a value stands: the items of a list are of its kind, and do not say so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Items,
    Item,
}

fn write(out: &mut String, value: &Value, of: Option<&'static Type>, place: Place, depth: Option<usize>) {
    let deeper = depth.map(|depth| depth + 1);
    let (open, close, items): (_, _, Vec<Item<'_>>) = match value {
        Value::List(items) if !items.is_empty() => {
            let of = match of {
                Some(Type::List(of)) => Some(*of),
                _ => None,
            };
            ('[', ']', items.iter().map(|item| (None, item, of)).collect())
        }
        Value::Map(map) if !map.is_empty() => {
            let mut fields = fields(map, of);
            let says = |name: Option<&str>| matches!(name, Some("kind" | "apiVersion"));
            fields.retain(|(name, ..)| place != Place::Item || !says(*name));
            ('{', '}', fields)
        }
        _ => return out.push_str(&json::to_string(value)),
    };
    out.push(open);
    for (at, (name, item, of)) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        newline(out, deeper);
        if let Some(name) = name {
            out.push_str(&json::to_string(&name.into()));
            out.push_str(if depth.is_some() { ": " } else { ":" });
        }
        let place = match name {
            None if place == Place::Items => Place::Item,
            Some("items") if value.get("kind").str().ends_with("List") => Place::Items,
            _ => Place::Anywhere,
        };
        write(out, item, of, place, deeper);
    }
    newline(out, depth);
    out.push(close);
}

fn newline(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

/// Custom resources are no structs: their fields are in the order of their names, at every level.
static UNSTRUCTURED: Type = Type::Map(&UNSTRUCTURED);

/// True for a custom resource, or a list of them: only Kubernetes' own groups have no dot or end so.
fn is_unstructured(map: &Map) -> bool {
    let group = map.get("apiVersion").and_then(|version| Some(version.as_str()?.split_once('/')?.0));
    group.is_some_and(|group| group.contains('.') && !group.ends_with(".k8s.io"))
}

/// The fields of an object in their order, with what is known of their types.
fn fields<'a>(map: &'a Map, of: Option<&'static Type>) -> Vec<Item<'a>> {
    let of = if of.is_none() && is_unstructured(map) { Some(&UNSTRUCTURED) } else { of };
    let text = |name: &str| map.get(name).map_or("", Value::str);
    let kind = Kind::ALL
        .iter()
        .find(|kind| kind.names().kind == text("kind") && kind.api_version() == text("apiVersion"));
    let known: Option<&'static Struct> = match of {
        Some(Type::Struct(of)) => Some(of),
        Some(_) => None,
        None => kind.filter(|_| map.contains("metadata")).map(|kind| structs::of(*kind)),
    };
    let entry = |of: Option<&'static Type>| match of {
        Some(Type::Map(of)) => Some(*of),
        _ => None,
    };
    let others = match map {
        _ if map.contains("singularName") => RESOURCE,
        _ if map.contains("lastTransitionTime") => CONDITION,
        _ if map.iter().all(|(name, _)| DETAILS.contains(&name)) => DETAILS,
        _ if map.iter().all(|(name, _)| CAUSE.contains(&name)) => CAUSE,
        _ => ORDER,
    };
    let own = |name: &str| known.and_then(|known| known.fields.iter().position(|field| field.json == name));
    let rank = |name: &str| match (own(name), others.iter().position(|other| *other == name)) {
        _ if kind.is_some() && of.is_none() && name == "kind" => (0, 0),
        _ if kind.is_some() && of.is_none() && name == "apiVersion" => (0, 1),
        (Some(at), _) => (1, at),
        (None, Some(at)) if !matches!(of, Some(Type::Map(_))) => (2, at),
        _ => (3, 0),
    };
    let mut names: Vec<&str> = map.iter().map(|(name, _)| name).collect();
    names.sort_by_key(|name| rank(name));
    let of_name = |name: &str| match known {
        Some(known) => own(name).map(|at| &known.fields[at].ty),
        None => entry(of),
    };
    let value = |name: &str| map.get(name).unwrap_or(&Value::Null);
    names.into_iter().map(|name| (Some(name), value(name), of_name(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn fields_come_as_structs_declare_them() {
        let pod = value!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"labels": {"name": "z", "app": "a"}, "name": "web", "uid": "1"},
            "spec": {"containers": [{"image": "i", "name": "c"}], "volumes": [{"emptyDir": {}, "name": "v"}]},
            "status": {"podIP": "10.0.0.1", "phase": "Running"}
        });
        assert_eq!(
            to_string(&pod, false),
            "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"web\",\"uid\":\"1\",\"labels\":{\"app\":\"a\",\"name\":\"z\"}},\"spec\":{\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}],\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]},\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.0.1\"}}\n"
        );
        let refusal = value!({
            "apiVersion": "v1", "code": 404, "kind": "Status", "message": "m", "metadata": {}, "reason": "NotFound",
            "status": "Failure"
        });
        assert!(to_string(&refusal, true).ends_with(
            "  \"metadata\": {},\n  \"status\": \"Failure\",\n  \"message\": \"m\",\n  \"reason\": \"NotFound\",\n  \"code\": 404\n}"
        ));
    }
}
