//! Admission: what the API server adds to and refuses of objects because of others.

use saya::api::{Kind, Object, ObjectKey, Status};
use saya::apiserver::allocation::create_default_range;
use saya::apiserver::{ApiServer, Clock, Deletion, Settings};
use saya::base::{Date, Random, SimTime, Value};
use saya::controllers::Controller;

/// An API server with the controller that counts.
struct World {
    api: ApiServer,
    seen: u64,
}

impl World {
    fn new() -> Self {
        let clock = Clock { now: SimTime::ZERO, epoch: Date(1_795_212_870) };
        let mut world =
            Self { api: ApiServer::new(clock, Random::from_seed(7), Settings::default()), seen: 0 };
        create_default_range(&mut world.api);
        for name in ["default", "kube-system", "kube-node-lease"] {
            world.api.create(Object::new(Kind::Namespace, "", name).body, "", false).unwrap();
            world.api.create(Object::new(Kind::ServiceAccount, name, "default").body, name, false).unwrap();
        }
        world
    }

    fn create(&mut self, mut body: Value) -> Result<Object, Status> {
        let namespace = body.at(&["metadata", "namespace"]).as_str().unwrap_or("default").to_string();
        if body.at(&["metadata", "namespace"]).is_null() {
            body.entry("metadata").remove("namespace");
        }
        self.api.create(body, &namespace, false)
    }

    fn change(&mut self, key: &str, patch: &Value) -> Result<Object, Status> {
        let mut object = self.api.read(&key_of(key))?.clone();
        merge(&mut object.body, patch);
        object.entry("metadata").remove("resourceVersion");
        self.api.update(object, false)
    }

    fn count_quotas(&mut self) {
        while self.seen < self.api.store().revision() {
            let mut keys = Vec::new();
            for change in self.api.store().changes_since(self.seen) {
                Controller::Quotas.observe(&self.api, change, &mut |key, _| keys.push(key));
            }
            self.seen = self.api.store().revision();
            for key in &keys {
                let _ = Controller::Quotas.reconcile(&mut self.api, key);
            }
        }
    }
}

fn key_of(text: &str) -> ObjectKey {
    let parts: Vec<&str> = text.split('/').collect();
    let kind = Kind::from_word(parts[0]).unwrap_or_else(|| panic!("no kind in {text}"));
    match parts[1..] {
        [name] => ObjectKey::new(kind, "default", name),
        [namespace, name] => ObjectKey::new(kind, namespace, name),
        _ => panic!("no name in {text}"),
    }
}

fn merge(into: &mut Value, patch: &Value) {
    for (key, value) in patch.entries() {
        match value {
            Value::Null => drop(into.remove(key)),
            Value::Map(_) => merge(into.entry(key), value),
            _ => into.set(key, value.clone()),
        }
    }
}

/// Where `wanted` says something else than `found`, of which it may leave out fields and later items.
fn difference(wanted: &Value, found: &Value, path: &str) -> Option<String> {
    match wanted {
        Value::Map(map) => {
            map.iter().find_map(|(key, wanted)| difference(wanted, found.get(key), &format!("{path}.{key}")))
        }
        Value::List(items) => items.iter().enumerate().find_map(|(at, wanted)| {
            difference(wanted, found.items().get(at).unwrap_or(&Value::Null), &format!("{path}[{at}]"))
        }),
        _ => (wanted != found).then(|| format!("{path}: {found:?} is not {wanted:?}")),
    }
}

/// A step does one thing, which is refused in the words of `refused` or not at all.
fn play(name: &str, steps: &Value) {
    let mut world = World::new();
    for (at, step) in steps.items().iter().enumerate() {
        let place = format!("{name}, step {at}");
        let refused = step.get("refused").as_str();
        let results: Vec<Result<Object, Status>> = step
            .entries()
            .filter(|(what, _)| *what != "refused")
            .flat_map(|(what, value)| match what {
                "create" => vec![world.create(value.clone())],
                "change" => value.entries().map(|(key, patch)| world.change(key, patch)).collect(),
                "delete" => vec![world.api.delete(&key_of(value.str()), Deletion::default())],
                "status" => {
                    for (key, patch) in value.entries() {
                        let changed = world.api.modify_status(&key_of(key), |status| merge(status, patch));
                        assert!(changed.is_some(), "{place}: no {key}");
                    }
                    Vec::new()
                }
                "expect" => {
                    for (key, wanted) in value.entries() {
                        let found =
                            world.api.read(&key_of(key)).unwrap_or_else(|why| panic!("{place}: {why:?}"));
                        let wrong = difference(wanted, found, "");
                        assert!(wrong.is_none(), "{place}: {key} {}", wrong.unwrap_or_default());
                    }
                    Vec::new()
                }
                other => panic!("{place}: no step {other}"),
            })
            .collect();
        for result in results {
            assert_eq!(result.err().map(|why| why.message).as_deref(), refused, "{place}");
        }
        world.count_quotas();
    }
}

#[test]
fn scenarios() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/admission");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut failed = Vec::new();
    for file in files {
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let scenarios = serde_yaml::from_str(&text).and_then(|mut tree: serde_yaml::Value| {
            tree.apply_merge()?;
            serde_yaml::from_value::<Value>(tree)
        });
        let scenarios = scenarios.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (name, steps) in scenarios.entries() {
            let name = format!("{}: {name}", file.file_stem().unwrap_or_default().to_string_lossy());
            if std::panic::catch_unwind(|| play(&name, steps)).is_err() {
                failed.push(name);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
