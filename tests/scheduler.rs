//! The scheduler with the API server: nodes and Pods, where these go and what is said of those that go nowhere.

use std::collections::BTreeMap;
use std::time::Duration;

use saya::api::{Kind, Object, ObjectKey};
use saya::apiserver::{ApiServer, Change, ChangeKind, Clock, Deletion, Settings};
use saya::base::{Date, Random, SimTime, Value};
use saya::controllers::Controller;
use saya::scheduler::Scheduler;
use saya::value;

/// From a change to what its observers do.
const LATENCY: Duration = Duration::from_millis(5);
/// How long the kubelets let their Pods stop.
const STOPPING: Duration = Duration::from_millis(500);
/// The controllers that make and bind what is scheduled.
const CONTROLLERS: &[Controller] = &[
    Controller::ServiceAccounts,
    Controller::Deployments,
    Controller::ReplicaSets,
    Controller::StatefulSets,
    Controller::DaemonSets,
    Controller::VolumeBinder,
    Controller::VolumeProvisioner,
    Controller::ClaimProtection,
];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Reconcile(Controller, ObjectKey),
    Schedule,
    Stop(ObjectKey),
}

/// An API server, a scheduler, and the least of everything else.
struct World {
    api: ApiServer,
    scheduler: Scheduler,
    queue: BTreeMap<(SimTime, u64), Event>,
    due: BTreeMap<Event, SimTime>,
    sequence: u64,
    seen: u64,
}

impl World {
    fn new(nodes: &Value) -> Self {
        let clock = Clock { now: SimTime::ZERO, epoch: Date(1_795_212_870) };
        let mut world = Self {
            api: ApiServer::new(clock, Random::from_seed(7), Settings::default()),
            scheduler: Scheduler::default(),
            queue: BTreeMap::new(),
            due: BTreeMap::new(),
            sequence: 0,
            seen: 0,
        };
        for name in ["default", "kube-system"] {
            world.create(Object::new(Kind::Namespace, "", name).body);
        }
        world.run(Duration::from_secs(1));
        nodes.entries().for_each(|(name, node)| world.add_node(name, node));
        world
    }

    /// A node is written as what it has, its labels and its taints; 4 CPUs, 8Gi and 110 Pods if it does not say.
    fn add_node(&mut self, name: &str, node: &Value) {
        let mut object = Object::new(Kind::Node, "", name);
        object.set_at(&["metadata", "labels", "kubernetes.io/hostname"], name);
        merge(object.entry_at(&["metadata", "labels"]), node.get("labels"));
        self.create(object.body);
        let key = ObjectKey::new(Kind::Node, "", name);
        self.api.modify(&key, |object| {
            // It is ready.
            object.entry("spec").remove("taints");
            merge(object.entry("spec"), node.get("spec"));
        });
        self.api.modify_status(&key, |status| {
            let mut has = value!({"cpu": "4", "ephemeral-storage": "60Gi", "memory": "8Gi", "pods": "110"});
            merge(&mut has, node.get("has"));
            status.set("allocatable", has.clone());
            status.set("capacity", has);
            if !node.get("images").is_null() {
                status.set("images", node.get("images").clone());
            }
        });
    }

    fn create(&mut self, mut body: Value) {
        let namespace = body.at(&["metadata", "namespace"]).as_str().unwrap_or("default").to_string();
        if body.at(&["metadata", "namespace"]).is_null() {
            body.entry("metadata").remove("namespace");
        }
        if let Err(refusal) = self.api.create(body.clone(), &namespace, false) {
            panic!("{body:?}: {}", refusal.message);
        }
    }

    fn push(&mut self, at: SimTime, event: Event) {
        if self.due.get(&event).is_some_and(|earlier| *earlier <= at) {
            return;
        }
        self.due.insert(event.clone(), at);
        self.queue.insert((at, self.sequence), event);
        self.sequence += 1;
    }

    fn tell(&mut self) {
        let changes: Vec<Change> = self.api.store().changes_since(self.seen).cloned().collect();
        let now = self.api.clock.now;
        self.seen = self.api.store().revision();
        for change in changes {
            for controller in CONTROLLERS {
                let mut looks = Vec::new();
                controller.observe(&self.api, &change, &mut |key, after| looks.push((key, after)));
                for (key, after) in looks {
                    self.push(now + LATENCY + after, Event::Reconcile(*controller, key));
                }
            }
            self.scheduler.observe(&self.api, &change);
            let pod = &change.object;
            let bound = pod.kind == Kind::Pod && !pod.spec().get("nodeName").is_empty();
            if bound && pod.is_terminating() && change.kind != ChangeKind::Deleted {
                self.push(now + STOPPING, Event::Stop(pod.key()));
            }
        }
        if self.scheduler.is_ready() {
            self.push(now + LATENCY, Event::Schedule);
        }
    }

    fn run(&mut self, time: Duration) {
        let until = self.api.clock.now + time;
        self.tell();
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), event) = entry.remove_entry();
            if self.due.get(&event) != Some(&at) {
                continue;
            }
            self.due.remove(&event);
            self.api.clock.now = at;
            match event {
                Event::Reconcile(controller, key) => {
                    if let Some(after) = controller.reconcile(&mut self.api, &key) {
                        self.push(at + after, Event::Reconcile(controller, key));
                    }
                }
                Event::Schedule => {
                    if let Some(next) = self.scheduler.schedule(&mut self.api) {
                        assert!(next > at, "the scheduler is to be called again at once");
                        self.push(next, Event::Schedule);
                    }
                }
                Event::Stop(key) => self.api.finish_pod(&key),
            }
            self.tell();
        }
        self.api.clock.now = until;
    }

    fn pod(&self, name: &str) -> Option<&Object> {
        self.api.get(&ObjectKey::new(Kind::Pod, "default", name))
    }

    /// `Reason (xCOUNT) message` of the scheduler's Events about a Pod, in the order in which they were first told.
    fn events(&self, pod: &str) -> Vec<String> {
        let told = self.api.store().changes_since(0).filter(|change| change.kind == ChangeKind::Added);
        let events = told
            .filter(|change| change.object.kind == Kind::Event)
            .filter(|change| change.object.at(&["involvedObject", "name"]).str() == pod)
            .filter_map(|change| self.api.get(&change.object.key()))
            .filter(|event| event.get("reportingComponent").str() == "default-scheduler");
        let text = |event: &Object| {
            let count = match event.at(&["series", "count"]).int() {
                0 => String::new(),
                count => format!(" (x{count})"),
            };
            format!("{}{count} {}", event.get("reason").str(), event.get("message").str())
        };
        events.map(text).collect()
    }

    /// No node has more than it can have.
    fn check(&self, place: &str) {
        for node in self.api.store().list(Kind::Node) {
            let running = self
                .api
                .store()
                .pods_on(node.name())
                .filter(|pod| !matches!(pod.status().get("phase").str(), "Succeeded" | "Failed"));
            let most = node.status().at(&["allocatable", "pods"]).str().parse().unwrap_or(usize::MAX);
            assert!(running.count() <= most, "{place}: too many Pods on {}", node.name());
        }
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

fn key_of(text: &str) -> ObjectKey {
    let (kind, name) = text.split_once('/').unwrap_or_else(|| panic!("no name in {text}"));
    ObjectKey::new(Kind::from_word(kind).unwrap_or_else(|| panic!("no kind in {text}")), "default", name)
}

fn seconds(value: &Value) -> Duration {
    match value {
        Value::Float(seconds) => Duration::from_secs_f64(seconds.0),
        _ => Duration::from_secs(value.int() as u64),
    }
}

/// Where `wanted` says something else than `found`, of which it may leave out fields.
fn difference(wanted: &Value, found: &Value, path: &str) -> Option<String> {
    match wanted {
        Value::Map(map) => {
            map.iter().find_map(|(key, wanted)| difference(wanted, found.get(key), &format!("{path}.{key}")))
        }
        _ => (wanted != found).then(|| format!("{path}: {found:?} is not {wanted:?}")),
    }
}

fn play(name: &str, scenario: &Value) {
    let mut world = World::new(scenario.get("nodes"));
    for (at, step) in scenario.get("steps").items().iter().enumerate() {
        let place = format!("{name}, step {at}");
        // What is expected comes first in a step, then what is done, then time passes.
        const DONE: [&str; 6] = ["nodes", "create", "change", "status", "delete", "run"];
        let rank = |what: &str| DONE.iter().position(|done| *done == what);
        let mut actions: Vec<(&str, &Value)> = step.entries().collect();
        actions.sort_by_key(|(what, _)| rank(what));
        for (what, value) in actions {
            match what {
                "create" => value.items().iter().for_each(|manifest| world.create(manifest.clone())),
                "nodes" => value.entries().for_each(|(name, node)| world.add_node(name, node)),
                "change" => {
                    for (key, patch) in value.entries() {
                        let key = key_of(key);
                        let mut object =
                            world.api.get(&key).unwrap_or_else(|| panic!("{place}: no {key}")).clone();
                        merge(&mut object.body, patch);
                        object.entry("metadata").remove("resourceVersion");
                        if let Err(refusal) = world.api.update(object, false) {
                            panic!("{place}: {}", refusal.message);
                        }
                    }
                }
                "status" => {
                    for (key, patch) in value.entries() {
                        let changed = world.api.modify_status(&key_of(key), |status| merge(status, patch));
                        assert!(changed.is_some(), "{place}: no {key}");
                    }
                }
                "delete" => {
                    for key in value.items() {
                        let deleted = world.api.delete(&key_of(key.str()), Deletion::default());
                        assert!(deleted.is_ok(), "{place}: {deleted:?}");
                    }
                }
                "run" => {
                    world.run(seconds(value));
                    world.check(&place);
                }
                // The node of each Pod; `null` for none.
                "places" => {
                    for (pod, node) in value.entries() {
                        let found = world.pod(pod).unwrap_or_else(|| panic!("{place}: no Pod {pod}"));
                        assert_eq!(
                            found.spec().get("nodeName"),
                            node,
                            "{place}: {pod} {:?}",
                            world.events(pod)
                        );
                    }
                }
                // How many Pods whose names begin alike are on each node; those without one under `none`.
                "spread" => {
                    for (prefix, wanted) in value.entries() {
                        let mut found = Value::map();
                        let pods =
                            world.api.store().list(Kind::Pod).filter(|pod| pod.name().starts_with(prefix));
                        for pod in pods {
                            let node = pod.spec().get("nodeName").as_str().unwrap_or("none");
                            let count = found.get(node).int() + 1;
                            found.set(node, count);
                        }
                        assert_eq!(found, *wanted, "{place}: {prefix}");
                    }
                }
                // What the condition of a Pod without a node says.
                "says" => {
                    for (pod, message) in value.entries() {
                        let found = world.pod(pod).unwrap_or_else(|| panic!("{place}: no Pod {pod}"));
                        let condition = found.condition("PodScheduled");
                        assert_eq!(condition.get("message"), message, "{place}: {pod}");
                        assert_eq!(condition.get("status").str(), "False", "{place}: {pod}");
                    }
                }
                "events" => {
                    for (pod, wanted) in value.entries() {
                        let found: Value = world.events(pod).into_iter().collect();
                        assert_eq!(found, *wanted, "{place}: {pod}");
                    }
                }
                "gone" => {
                    for key in value.items() {
                        assert!(world.api.get(&key_of(key.str())).is_none(), "{place}: {key:?} is there");
                    }
                }
                "expect" => {
                    for (key, wanted) in value.entries() {
                        let found = world.api.get(&key_of(key)).map(|object| object.body.clone());
                        let found = found.unwrap_or_else(|| panic!("{place}: no {key}"));
                        let wrong = difference(wanted, &found, "");
                        assert!(wrong.is_none(), "{place}: {key} {}", wrong.unwrap_or_default());
                    }
                }
                other => panic!("{place}: no step {other}"),
            }
        }
    }
}

#[test]
fn scenarios() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scheduler");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut failed = Vec::new();
    let only = std::env::var("SCENARIO").unwrap_or_default();
    for file in files {
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let scenarios = serde_yaml::from_str(&text).and_then(|mut tree: serde_yaml::Value| {
            tree.apply_merge()?;
            serde_yaml::from_value::<Value>(tree)
        });
        let scenarios = scenarios.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (name, scenario) in scenarios.entries().filter(|(name, _)| name.contains(&only)) {
            let name = format!("{}: {name}", file.file_stem().unwrap_or_default().to_string_lossy());
            if std::panic::catch_unwind(|| play(&name, scenario)).is_err() {
                failed.push(name);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
