//! What the API server makes of manifests and how it prints objects, against what a real one did.

use saya::api::{Kind, Object};
use saya::base::time::human_duration;
use saya::base::{Date, Value};
use saya::resources;
use saya::value;

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

/// The objects of a manifest, as the server has them after defaults; none where it is no YAML that can be read here.
fn objects(manifest: &str) -> Vec<Value> {
    use serde::Deserialize;
    serde_yaml::Deserializer::from_str(manifest)
        .map_while(|document| Value::deserialize(document).ok())
        .filter(|object| Kind::of(object.get("apiVersion").str(), object.get("kind").str()).is_some())
        .collect()
}

fn identity(namespaced: bool) -> Value {
    let mut stored = value!({"metadata": {"creationTimestamp": "2026-11-20T22:00:00Z", "uid": "0000-uid"}});
    if namespaced {
        stored.set_at(&["metadata", "namespace"], "default");
    }
    stored
}

/// What the server says against a new object, as kubectl prints it: each fault once.
fn faults(kind: Kind, causes: Vec<saya::api::Cause>, name: &str) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in causes.iter().map(saya::api::Cause::text) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    match &texts[..] {
        [] => String::new(),
        [one] => format!("The {kind} \"{name}\" is invalid: {one}"),
        all => format!("The {kind} \"{name}\" is invalid: \n* {}", all.join("\n* ")),
    }
}

fn created(object: Value) -> (Kind, Value) {
    let kind = Kind::of(object.get("apiVersion").str(), object.get("kind").str()).unwrap();
    let identity = identity(kind.names().namespaced);
    let mut object = create(object, &identity);
    if let Some(namespace) = identity.at(&["metadata", "namespace"]).as_str() {
        object.set_at(&["metadata", "namespace"], namespace);
    }
    (kind, object)
}

/// Uids differ from cluster to cluster.
fn without_uids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("controller-uid\":\"") {
        let (before, after) = rest.split_at(at + 17);
        out.push_str(before);
        out.push_str("UID");
        rest = after.find('"').map_or("", |end| &after[end..]);
    }
    out + rest
}

/// The manifest of a case that is one `apply` or `create` of one file onto an empty cluster.
fn only_manifest(case: &Value) -> Option<&str> {
    let command = case.get("command").str();
    let mut files = case.get("files").entries();
    let (name, text) = files.next()?;
    let plain = case.get("setup").items().is_empty()
        && files.next().is_none()
        && (command.starts_with("kubectl apply ") || command.starts_with("kubectl create "))
        && command.contains(name);
    plain.then_some(text.str())
}

// Faults found while allocating addresses and ports belong to the store, not to the kind.
const OF_ALLOCATION: &[&str] = &["already allocated", "failed to allocate"];

#[test]
fn new_objects_are_refused_in_the_servers_words() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in ["apply-bad", "apply-bad-nested", "typos"].iter().flat_map(|group| cases(group)) {
        let stderr = case.get("stderr").str();
        let Some(manifest) = only_manifest(&case) else { continue };
        if !stderr.contains(" is invalid: ") || OF_ALLOCATION.iter().any(|what| stderr.contains(what)) {
            continue;
        }
        count += 1;
        let got: Vec<String> = objects(manifest)
            .into_iter()
            .map(|object| {
                let (kind, object) = created(object);
                faults(
                    kind,
                    resources::validate_create(kind, &object),
                    object.at(&["metadata", "name"]).str(),
                )
            })
            .filter(|text| !text.is_empty())
            .collect();
        let got = got.join("\n");
        if without_uids(got.trim_end()) != without_uids(stderr.trim_end()) {
            wrong.push(format!("{}\n got {got}\nwant {}", case.get("id").str(), stderr.trim_end()));
        }
    }
    assert!(count > 100, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_the_server_accepts_is_accepted() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in ["apply-bad", "apply-bad-nested", "typos", "apply-ok"].iter().flat_map(|group| cases(group)) {
        let Some(manifest) = only_manifest(&case) else { continue };
        if case.get("exit_code").int() != 0 || case.get("command").str().contains("--dry-run=client") {
            continue;
        }
        count += 1;
        for object in objects(manifest) {
            let (kind, object) = created(object);
            let faults = faults(kind, resources::validate_create(kind, &object), "");
            if !faults.is_empty() {
                wrong.push(format!("{}\n got {faults}", case.get("id").str()));
            }
        }
    }
    assert!(count > 100, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// `over` laid over `under`: maps field by field, items of lists by their names.
fn merged(under: &Value, over: &Value) -> Value {
    let named = |list: &Value| list.items().iter().all(|item| !item.get("name").is_null());
    match (under, over) {
        (Value::Map(_), Value::Map(_)) => {
            let mut all = under.clone();
            for (key, value) in over.entries() {
                all.set(key, merged(under.get(key), value));
            }
            all
        }
        (Value::List(_), Value::List(_)) if named(under) && named(over) => {
            let of = |name: &Value| under.items().iter().find(|item| item.get("name") == name);
            let items = over.items().iter();
            Value::from_iter(items.map(|item| merged(of(item.get("name")).unwrap_or(&Value::Null), item)))
        }
        _ => over.clone(),
    }
}

#[test]
fn changes_are_refused_in_the_servers_words() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases("apply-bad") {
        let stderr = case.get("stderr").str();
        let setup = case.get("setup").items();
        if setup.is_empty()
            || !stderr.contains(" is invalid: ")
            || OF_ALLOCATION.iter().any(|w| stderr.contains(w))
        {
            continue;
        }
        count += 1;
        let before =
            setup.iter().flat_map(|item| item.get("files").entries()).map(|(_, text)| text.str()).next();
        let old = objects(before.unwrap_or_default()).into_iter().next().map(created);
        let new =
            case.get("files").entries().next().and_then(|(_, text)| objects(text.str()).into_iter().next());
        let (Some((kind, old)), Some(new)) = (old, new) else { continue };
        let mut new = merged(&old, &new);
        resources::set_defaults(kind, &mut new);
        resources::prepare_update(kind, &mut new, &old);
        let got =
            faults(kind, resources::validate_update(kind, &new, &old), new.at(&["metadata", "name"]).str());
        if without_uids(got.trim_end()) != without_uids(stderr.trim_end()) {
            wrong.push(format!("{}\n got {got}\nwant {}", case.get("id").str(), stderr.trim_end()));
        }
    }
    assert!(count > 5, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}
