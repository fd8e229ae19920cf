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

/// The headings of a table, which stand two spaces apart.
fn headings(table: &str) -> Vec<&str> {
    table
        .lines()
        .next()
        .unwrap_or_default()
        .split("  ")
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn columns_are_the_servers() {
    let mut seen = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for case in ["get-describe", "apply-ok"].iter().flat_map(|group| cases(group)) {
        // `kubectl get KINDS [NAMES] [FLAGS]`: of one kind, as a table.
        let command: Vec<&str> = case.get("command").str().split(' ').collect();
        let Some(kind) = command.get(2).and_then(|word| Kind::from_word(word.split('/').next()?)) else {
            continue;
        };
        let is_wide = command.ends_with(&["-o", "wide"]);
        let is_plain = !command.iter().any(|word| word.starts_with(['-', '|', '>', '&']));
        if command[1] != "get" || !(is_wide || is_plain) || case.get("exit_code").int() != 0 {
            continue;
        }
        let shown = resources::columns(kind).iter().filter(|column| is_wide || !column.wide);
        let mut got: Vec<&str> = shown.map(|column| column.name).collect();
        if command.contains(&"-A") || command.contains(&"--all-namespaces") {
            got.insert(0, "NAMESPACE");
        }
        let want = headings(case.get("stdout").str());
        if !want.is_empty() && got != want {
            wrong.push(format!("{}\n got {got:?}\nwant {want:?}", case.get("id").str()));
        }
        seen.insert(kind);
    }
    assert!(seen.len() > 20, "only {seen:?}");
    assert!(wrong.is_empty(), "{} tables:\n{}", wrong.len(), wrong.join("\n"));
}

/// The objects that were printed whole, each with the case's id.
fn printed_objects() -> Vec<(String, Kind, Value)> {
    let all = ["get-describe", "apply-ok"].iter().flat_map(|group| cases(group));
    all.filter(|case| [" -o yaml", " -o json"].iter().any(|end| case.get("command").str().ends_with(end)))
        .flat_map(|case| {
            let (id, object) = (case.get("id").str().to_string(), yaml(case.get("stdout").str()));
            let list = object.get("items").items().to_vec();
            let objects = if object.get("kind").str() == "List" { list } else { vec![object] };
            objects.into_iter().filter_map(move |object| {
                let kind = Kind::of(object.get("apiVersion").str(), object.get("kind").str())?;
                Some((id.clone(), kind, object))
            })
        })
        .collect()
}

#[test]
fn objects_of_the_server_have_their_defaults_and_are_valid() {
    let mut wrong = Vec::new();
    let objects = printed_objects();
    assert!(objects.len() > 20, "only {}", objects.len());
    for (id, kind, stored) in objects {
        let mut object = stored.clone();
        resources::set_defaults(kind, &mut object);
        if object != stored {
            wrong.push(format!("{id}\n got {object:?}\nwant {stored:?}"));
        }
        resources::prepare_update(kind, &mut object, &stored);
        if object != stored {
            wrong.push(format!("{id}, prepared\n got {object:?}\nwant {stored:?}"));
        }
        let causes = resources::validate_update(kind, &stored, &stored);
        wrong.extend(causes.iter().map(|cause| format!("{id}: {}", cause.text())));
    }
    assert!(wrong.is_empty(), "{} objects:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn rows_are_the_servers() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let tables = cases("apply-ok");
    for (id, kind, object) in printed_objects() {
        let scenario = id.strip_suffix("/yaml").unwrap_or(&id);
        for (name, wide) in [("get", false), ("get-wide", true)] {
            let Some(case) = tables.iter().find(|case| case.get("id").str() == format!("{scenario}/{name}"))
            else {
                continue;
            };
            let table = case.get("stdout").str();
            let columns: Vec<_> = resources::columns(kind).iter().collect();
            let cells = resources::row(kind, &Object::from_value(object.clone()).unwrap(), Date(0));
            let shown = columns.iter().zip(cells).filter(|(column, _)| wide || !column.wide);
            // The two commands ran one after the other: ages differ.
            let got: Vec<String> =
                shown.filter(|(column, _)| column.name != "AGE").map(|(_, cell)| one_spaced(&cell)).collect();
            let want = cells_of(table, "AGE");
            count += 1;
            if got != want {
                wrong.push(format!("{}\n got {got:?}\nwant {want:?}", case.get("id").str()));
            }
        }
    }
    assert!(count > 15, "only {count} rows");
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// The cells of a table's first row but that under the heading `without`.
fn cells_of(table: &str, without: &str) -> Vec<String> {
    let mut lines = table.lines();
    let (heading, row) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let names = headings(table);
    let starts: Vec<usize> = names
        .iter()
        .scan(0, |from, name| {
            let at = heading[*from..].find(name)? + *from;
            *from = at + name.len();
            Some(at)
        })
        .collect();
    let ends = starts.iter().skip(1).copied().chain([row.len()]);
    let cells = starts.iter().zip(ends).map(|(start, end)| one_spaced(&row[*start..end.max(*start)]));
    names.iter().zip(cells).filter(|(name, _)| **name != without).map(|(_, cell)| cell).collect()
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

/// What kubectl printed as the server's warnings; its own speak of `resource …` and of deletion.
fn recorded_warnings(stderr: &str) -> Vec<&str> {
    let own = ["resource ", "Immediate deletion", "v1 Endpoints"];
    let all = stderr.lines().filter_map(|line| line.strip_prefix("Warning: "));
    all.filter(|text| !own.iter().any(|start| text.starts_with(start))).collect()
}

#[test]
fn the_server_warns_where_it_should() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let groups = ["apply-bad", "apply-bad-nested", "typos", "apply-ok", "defaults"];
    for case in groups.iter().flat_map(|group| cases(group)) {
        let Some(manifest) = only_manifest(&case) else { continue };
        let stderr = case.get("stderr").str();
        if case.get("exit_code").int() != 0 || case.get("command").str().contains("--dry-run=client") {
            continue;
        }
        count += 1;
        let objects = objects(manifest).into_iter().map(created);
        let got: Vec<String> =
            objects.flat_map(|(kind, object)| resources::warnings(kind, &object, None)).collect();
        let want = recorded_warnings(stderr);
        if got != want {
            wrong.push(format!("{}\n got {got:?}\nwant {want:?}", case.get("id").str()));
        }
    }
    assert!(count > 100, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}
