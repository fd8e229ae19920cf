//! What the API server makes of manifests and how it prints objects, against what a real one did.

use saya::api::{Kind, Object};
use saya::base::time::human_duration;
use saya::base::{Date, Value};
use saya::resources;

/// The cases of a recorded group.
fn cases(group: &str) -> Vec<Value> {
    let path = format!("{}/tests/recorded/{group}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let all: Value = serde_json::from_str(&text).unwrap();
    all.items().to_vec()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// What admission and allocation add, which is not the business of a kind's own rules: the token volume, default
/// tolerations, service account and priority of Pods, addresses and node ports of Services, protection finalizers.
fn without_admission(mut object: Value) -> Value {
    let metadata = object.entry("metadata");
    for field in ["uid", "creationTimestamp", "resourceVersion", "namespace", "finalizers"] {
        metadata.remove(field);
    }
    let kind = object.get("kind").str().to_string();
    let Some(spec) = object.as_map_mut().get("spec").cloned() else { return object };
    let mut spec = spec;
    if kind == "Pod" {
        for field in ["serviceAccount", "serviceAccountName", "priority", "preemptionPolicy"] {
            spec.remove(field);
        }
        let added = |name: &str| name.starts_with("kube-api-access-");
        drop_items(&mut spec, "volumes", |v| added(v.get("name").str()));
        drop_items(&mut spec, "tolerations", |t| t.get("tolerationSeconds").int() == 300);
        for list in ["containers", "initContainers"] {
            if !spec.get(list).is_null() {
                for container in spec.entry(list).items_mut() {
                    drop_items(container, "volumeMounts", |m| added(m.get("name").str()));
                }
            }
        }
    }
    if kind == "Service" {
        spec.remove("clusterIPs");
        if spec.get("clusterIP").str() != "None" {
            spec.remove("clusterIP");
        }
        if !spec.get("ports").is_null() {
            for port in spec.entry("ports").items_mut() {
                port.remove("nodePort");
            }
        }
    }
    object.set("spec", spec);
    object
}

fn drop_items(of: &mut Value, list: &str, drop: impl Fn(&Value) -> bool) {
    if of.get(list).is_null() {
        return;
    }
    of.entry(list).items_mut().retain(|item| !drop(item));
    if of.get(list).items().is_empty() {
        of.remove(list);
    }
}

/// The object that a manifest makes, with the server's identity of `stored`.
fn create(mut object: Value, stored: &Value) -> Value {
    let kind = Kind::of(object.get("apiVersion").str(), object.get("kind").str()).unwrap();
    for field in ["uid", "creationTimestamp"] {
        object.set_at(&["metadata", field], stored.at(&["metadata", field]).clone());
    }
    resources::set_defaults(kind, &mut object);
    resources::prepare_create(kind, &mut object);
    object
}

#[test]
fn defaults_are_the_servers() {
    let mut wrong = Vec::new();
    for case in cases("defaults") {
        let manifest = yaml(case.get("files").entries().next().unwrap().1.str());
        let expected = yaml(case.get("stdout").str());
        let got = without_admission(create(manifest, &expected));
        let expected = without_admission(expected);
        if got != expected {
            wrong.push(format!("{}\n got {got:?}\nwant {expected:?}", case.get("id").str()));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn pods_print_their_status() {
    let columns = resources::columns(Kind::Pod);
    let mut wrong = Vec::new();
    for case in cases("pod-status") {
        let pod = Object::from_value(case.get("object").clone()).unwrap();
        let recorded_at = Date::parse_rfc3339(case.get("recorded_at").str()).unwrap();
        for (field, wide) in [("stdout", false), ("wide_stdout", true)] {
            let want = one_spaced(case.get(field).str().lines().nth(1).unwrap());
            // The recorder's clock was read before each of the commands ran, in whole seconds.
            let got = [0, 1, 2].map(|late| {
                let cells = resources::row(Kind::Pod, &pod, Date(recorded_at.0 + late));
                let shown = columns.iter().zip(cells).filter(|(column, _)| wide || !column.wide);
                one_spaced(&shown.map(|(_, cell)| cell).collect::<Vec<_>>().join(" "))
            });
            if !got.contains(&want) {
                wrong.push(format!("{}\n got {}\nwant {want}", case.get("id").str(), got[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
}

/// A line of a table, its words apart by one space.
fn one_spaced(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn ages_are_rounded_as_kubectl_does() {
    for case in cases("age-format") {
        let seconds = case.get("elapsed_seconds").int();
        assert_eq!(human_duration(seconds), case.get("printed").str(), "{seconds} s");
    }
}
