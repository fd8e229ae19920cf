//! The controllers alone: a scenario is a list of steps, with a scheduler and a kubelet that do their part at once.

use std::collections::BTreeMap;
use std::time::Duration;

use saya::api::{Kind, Object, ObjectKey};
use saya::apiserver::allocation::create_default_range;
use saya::apiserver::server::set_condition;
use saya::apiserver::{ApiServer, Change, ChangeKind, Clock, Deletion, Propagation, Settings};
use saya::base::{Date, Random, SimTime, Value};
use saya::controllers::Controller;
use saya::value;

/// From a change to what its observers do.
const LATENCY: Duration = Duration::from_millis(5);
/// How long a container takes to start, to stop and to run to its end.
const STARTING: Duration = Duration::from_millis(500);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Reconcile(Controller, ObjectKey),
    Bind(ObjectKey),
    Start(ObjectKey),
    End(ObjectKey),
    Heartbeat(String),
}

/// An API server, the controllers, and the least of everything else.
struct World {
    api: ApiServer,
    queue: BTreeMap<(SimTime, u64), Event>,
    due: BTreeMap<Event, SimTime>,
    sequence: u64,
    seen: u64,
    nodes: usize,
    stopped: Vec<String>,
    next_ip: u32,
    log: Vec<Change>,
}

impl World {
    fn new(nodes: usize) -> Self {
        let clock = Clock { now: SimTime::ZERO, epoch: Date(1_795_212_870) };
        let mut api = ApiServer::new(clock, Random::from_seed(7), Settings::default());
        create_default_range(&mut api);
        let mut world = Self {
            api,
            queue: BTreeMap::new(),
            due: BTreeMap::new(),
            sequence: 0,
            seen: 0,
            nodes,
            stopped: Vec::new(),
            next_ip: 0,
            log: Vec::new(),
        };
        for name in ["default", "kube-system", "kube-node-lease"] {
            world.create(Object::new(Kind::Namespace, "", name).body);
        }
        world.run(Duration::from_secs(1));
        world.create(value!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {
                "name": "standard",
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}
            },
            "provisioner": "k8s.io/minikube-hostpath"
        }));
        for at in 0..nodes {
            let name = format!("node-{at}");
            let mut node = Object::new(Kind::Node, "", &name);
            node.set_at(&["metadata", "labels", "kubernetes.io/hostname"], name.as_str());
            world.create(node.body);
            world.create(Object::new(Kind::Lease, "kube-node-lease", &name).body);
            world.push(Duration::ZERO, Event::Heartbeat(name));
        }
        world.run(Duration::from_secs(1));
        world
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

    fn push(&mut self, after: Duration, event: Event) {
        let at = self.api.clock.now + after;
        if self.due.get(&event).is_some_and(|earlier| *earlier <= at) {
            return;
        }
        self.due.insert(event.clone(), at);
        self.queue.insert((at, self.sequence), event);
        self.sequence += 1;
    }

    fn tell(&mut self) {
        let changes: Vec<Change> = self.api.store().changes_since(self.seen).cloned().collect();
        self.seen = self.api.store().revision();
        for change in changes {
            for controller in Controller::ALL {
                let mut looks = Vec::new();
                controller.observe(&self.api, &change, &mut |key, after| looks.push((key, after)));
                for (key, after) in looks {
                    self.push(LATENCY + after, Event::Reconcile(*controller, key));
                }
            }
            let pod = &change.object;
            if pod.kind == Kind::Pod && change.kind != ChangeKind::Deleted {
                let key = pod.key();
                let phase = pod.status().get("phase").str();
                if pod.spec().get("nodeName").is_empty() {
                    self.push(LATENCY, Event::Bind(key));
                } else if pod.is_terminating() {
                    self.push(STARTING, Event::End(key));
                } else if matches!(phase, "" | "Pending") {
                    self.push(STARTING, Event::Start(key));
                } else if phase == "Running" && pod.spec().get("restartPolicy").str() != "Always" {
                    self.push(STARTING, Event::End(key));
                }
            }
            self.log.push(change);
        }
    }

    fn run(&mut self, time: Duration) {
        let until = self.api.clock.now + time;
        self.tell();
        while let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), event) = entry.remove_entry();
            if self.due.get(&event) == Some(&at) {
                self.due.remove(&event);
            } else {
                continue;
            }
            self.api.clock.now = at;
            match event {
                Event::Reconcile(controller, key) => {
                    if let Some(after) = controller.reconcile(&mut self.api, &key) {
                        assert!(!after.is_zero(), "{controller:?} {key} looks again at once");
                        self.push(after, Event::Reconcile(controller, key));
                    }
                }
                Event::Bind(key) => self.bind(&key),
                Event::Start(key) => self.start(&key),
                Event::End(key) => self.end(&key),
                Event::Heartbeat(node) => self.heartbeat(node),
            }
            self.tell();
        }
        self.api.clock.now = until;
    }

    fn bind(&mut self, key: &ObjectKey) {
        let Some(pod) = self.api.get(key).filter(|pod| pod.spec().get("nodeName").is_empty()) else { return };
        if pod.is_terminating() || self.nodes == 0 {
            return;
        }
        let waits = pod.spec().get("volumes").items().iter().any(|volume| {
            let claim = volume.at(&["persistentVolumeClaim", "claimName"]).str();
            !claim.is_empty()
                && self
                    .api
                    .get(&key.sibling(Kind::PersistentVolumeClaim, claim))
                    .is_none_or(|claim| claim.status().get("phase").str() != "Bound")
        });
        if waits {
            return self.push(Duration::from_millis(100), Event::Bind(key.clone()));
        }
        let wanted = pod
            .spec()
            .get("affinity")
            .at(&["nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
        let field =
            wanted.get("nodeSelectorTerms").items().first().map(|term| term.get("matchFields").items());
        let node = match field.and_then(|fields| fields.first()) {
            Some(field) => field.get("values").items()[0].str().to_string(),
            None => {
                let up: Vec<String> = (0..self.nodes)
                    .map(|at| format!("node-{at}"))
                    .filter(|node| {
                        let key = ObjectKey::new(Kind::Node, "", node);
                        self.api.get(&key).is_some_and(|node| node.spec().get("taints").is_empty())
                    })
                    .collect();
                let Some(node) = (!up.is_empty()).then(|| &up[self.sequence as usize % up.len()]) else {
                    return self.push(Duration::from_secs(1), Event::Bind(key.clone()));
                };
                node.clone()
            }
        };
        self.api.bind(key, &node);
    }

    /// A container of an image called `never…` does not become ready.
    fn start(&mut self, key: &ObjectKey) {
        let waiting = |pod: &&Object| !pod.is_terminating() && pod.status().get("phase").str() == "Pending";
        let Some(pod) = self.api.get(key).filter(waiting) else { return };
        if self.stopped.iter().any(|node| node == pod.spec().get("nodeName").str()) {
            return;
        }
        let image = pod.spec().get("containers").items()[0].get("image").str().to_string();
        self.next_ip += 1;
        let ip = std::net::Ipv4Addr::from(0x0af4_0000 + self.next_ip).to_string();
        let now = self.api.clock.date().rfc3339();
        self.api.modify_status(key, |status| {
            status.set("phase", "Running");
            status.set("podIP", ip);
            let ready = if image.starts_with("never") { "False" } else { "True" };
            set_condition(status, value!({"type": "Ready", "status": ready, "lastTransitionTime": now}));
        });
    }

    /// A container of an image called `fail…` ends badly.
    fn end(&mut self, key: &ObjectKey) {
        let Some(pod) = self.api.get(key) else { return };
        if self.stopped.iter().any(|node| node == pod.spec().get("nodeName").str()) {
            return;
        }
        let image = pod.spec().get("containers").items()[0].get("image").str().to_string();
        let now = self.api.clock.date().rfc3339();
        let phase = if image.starts_with("fail") { "Failed" } else { "Succeeded" };
        let terminating = pod.is_terminating();
        let lasting = pod.spec().get("restartPolicy").str() == "Always";
        if !terminating && (lasting || pod.status().get("phase").str() != "Running") {
            return;
        }
        self.api.modify_status(key, |status| {
            status.set("phase", phase);
            set_condition(status, value!({"type": "Ready", "status": "False", "lastTransitionTime": now}));
        });
        if terminating {
            self.api.finish_pod(key);
        }
    }

    fn heartbeat(&mut self, node: String) {
        if !self.stopped.contains(&node) {
            let (now, micro) = (self.api.clock.date().rfc3339(), self.api.clock.micro_date());
            self.api.modify(&ObjectKey::new(Kind::Lease, "kube-node-lease", &node), |lease| {
                lease.set_at(&["spec", "renewTime"], micro);
            });
            self.api.modify_status(&ObjectKey::new(Kind::Node, "", &node), |status| {
                let ready = value!({
                    "lastHeartbeatTime": (now.as_str()), "lastTransitionTime": now, "status": "True",
                    "reason": "KubeletReady", "type": "Ready"
                });
                set_condition(status, ready);
            });
        }
        self.push(Duration::from_secs(10), Event::Heartbeat(node));
    }

    fn events(&self, about: &str) -> Vec<String> {
        let mut events: Vec<&Object> = self
            .api
            .store()
            .list(Kind::Event)
            .filter(|event| {
                let object = event.get("involvedObject");
                format!("{}/{}", object.get("kind").str(), object.get("name").str()) == about
            })
            .collect();
        events.sort_by_key(|event| event.meta("resourceVersion").str().parse::<u64>().unwrap_or(0));
        events
            .iter()
            .map(|event| format!("{} {}", event.get("reason").str(), event.get("message").str()))
            .collect()
    }

    /// What must hold at every moment.
    fn check_always(&self, scenario: &str) {
        for object in self.api.store().all() {
            let owners = object.meta("ownerReferences").items();
            let controllers = owners.iter().filter(|owner| owner.get("controller").bool()).count();
            assert!(controllers <= 1, "{scenario}: {} has {controllers} controllers", object.key());
        }
    }

    /// What must hold when nothing more happens.
    fn check_quiet(&self, scenario: &str) {
        self.check_always(scenario);
        for object in self.api.store().all().filter(|object| !object.is_terminating()) {
            let owners = object.meta("ownerReferences").items();
            let alive = owners.is_empty()
                || owners
                    .iter()
                    .any(|owner| self.api.store().all().any(|o| o.uid() == owner.get("uid").str()));
            assert!(alive, "{scenario}: {} outlives its owners", object.key());
        }
    }
}

fn key_of(text: &str) -> ObjectKey {
    let mut parts = text.split('/');
    let kind = parts.next().and_then(Kind::from_word).unwrap_or_else(|| panic!("no kind in {text}"));
    let rest: Vec<&str> = parts.collect();
    match rest[..] {
        [name] => ObjectKey::new(kind, "default", name),
        [namespace, name] => ObjectKey::new(kind, namespace, name),
        _ => panic!("no name in {text}"),
    }
}

/// What `wanted` says differently from `found`: maps are looked into, `null` means that there is nothing, text in
/// slashes is a part of the text.
fn difference(wanted: &Value, found: &Value, path: &str) -> Option<String> {
    match wanted {
        Value::Map(map) => {
            map.iter().find_map(|(key, wanted)| difference(wanted, found.get(key), &format!("{path}.{key}")))
        }
        Value::List(items) => {
            if items.len() != found.items().len() {
                return Some(format!("{path}: {found:?} has not {} items", items.len()));
            }
            let mut pairs = items.iter().zip(found.items()).enumerate();
            pairs.find_map(|(at, (wanted, found))| difference(wanted, found, &format!("{path}[{at}]")))
        }
        Value::Str(text) if text.len() > 1 && text.starts_with('/') && text.ends_with('/') => {
            let part = &text[1..text.len() - 1];
            (!found.str().contains(part)).then(|| format!("{path}: {found:?} has no {part:?}"))
        }
        _ => (wanted != found).then(|| format!("{path}: {found:?} is not {wanted:?}")),
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

fn seconds(value: &Value) -> Duration {
    match value {
        Value::Float(seconds) => Duration::from_secs_f64(seconds.0),
        _ => Duration::from_secs(value.int() as u64),
    }
}

fn play(name: &str, scenario: &Value) {
    let mut world = World::new(scenario.get("nodes").as_int().unwrap_or(1) as usize);
    for (at, step) in scenario.get("steps").items().iter().enumerate() {
        let place = format!("{name}, step {at}");
        for (what, value) in step.entries() {
            match what {
                "create" => value.items().iter().for_each(|manifest| world.create(manifest.clone())),
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
                "delete" => {
                    let (key, cascade) = value.str().split_once(' ').unwrap_or((value.str(), ""));
                    let propagation = match cascade {
                        "foreground" => Propagation::Foreground,
                        "orphan" => Propagation::Orphan,
                        _ => Propagation::Background,
                    };
                    let how = Deletion { grace_period_seconds: None, propagation };
                    world
                        .api
                        .delete(&key_of(key), how)
                        .unwrap_or_else(|why| panic!("{place}: {}", why.message));
                }
                "stop" => world.stopped.push(value.str().into()),
                "start" => {
                    world.stopped.retain(|node| node != value.str());
                    let late = |pod: &&Object| pod.is_terminating();
                    let keys: Vec<_> =
                        world.api.store().pods_on(value.str()).filter(late).map(Object::key).collect();
                    keys.into_iter().for_each(|key| world.push(STARTING, Event::End(key)));
                }
                "run" => {
                    world.run(seconds(value));
                    world.check_always(&place);
                }
                "expect" => {
                    for (key, wanted) in value.entries() {
                        let key = key_of(key);
                        let found = world.api.get(&key).map(|object| object.body.clone()).unwrap_or_default();
                        let wrong = match wanted {
                            Value::Null => (!found.is_null()).then(|| "is there".to_string()),
                            _ if found.is_null() => Some("is not there".into()),
                            _ => difference(wanted, &found, ""),
                        };
                        assert!(wrong.is_none(), "{place}: {key} {}\n{found:?}", wrong.unwrap_or_default());
                    }
                }
                "only" => {
                    // Each object of a kind, by its name in order.
                    for (kind, wanted) in value.entries() {
                        let kind = Kind::from_word(kind).unwrap_or_else(|| panic!("{place}: no kind {kind}"));
                        let found: Vec<Value> = world
                            .api
                            .store()
                            .list(kind)
                            .filter(|o| {
                                !matches!(o.name(), "kube-root-ca.crt" | "kube-system" | "kube-node-lease")
                            })
                            .map(|object| object.body.clone())
                            .collect();
                        let wrong = match wanted {
                            Value::Int(count) => {
                                (found.len() as i64 != *count).then(|| format!("{} of them", found.len()))
                            }
                            _ => difference(wanted, &Value::from(found.clone()), ""),
                        };
                        assert!(wrong.is_none(), "{place}: {kind} {}\n{found:#?}", wrong.unwrap_or_default());
                    }
                }
                "events" => {
                    for (about, wanted) in value.entries() {
                        let found: Value = world.events(about).into_iter().collect();
                        let wrong = difference(wanted, &found, "");
                        assert!(wrong.is_none(), "{place}: {}\n{found:#?}", wrong.unwrap_or_default());
                    }
                }
                "bounds" => {
                    // Since the last look, a Deployment had never fewer available nor more Pods.
                    let (key, least, most) =
                        (key_of(value.get("of").str()), value.get("least").int(), value.get("most").int());
                    check_bounds(&place, &world, &key, least, most);
                }
                "forget" => world.log.clear(),
                other => panic!("{place}: no step {other}"),
            }
        }
    }
    world.run(Duration::from_secs(120));
    world.check_quiet(name);
}

/// Follows the Pods through the changes and counts them after each.
fn check_bounds(place: &str, world: &World, key: &ObjectKey, least: i64, most: i64) {
    let mut pods: BTreeMap<ObjectKey, Object> = BTreeMap::new();
    let mut reached = false;
    for change in &world.log {
        let pod = &change.object;
        if pod.kind != Kind::Pod || !pod.name().starts_with(&format!("{}-", key.name)) {
            continue;
        }
        if change.kind == ChangeKind::Deleted || pod.is_terminating() {
            pods.remove(&pod.key());
        } else {
            pods.insert(pod.key(), pod.clone());
        }
        let available = pods.values().filter(|pod| pod.has_condition("Ready")).count() as i64;
        reached |= available >= least;
        assert!(!reached || available >= least, "{place}: only {available} available at {}", change.revision);
        assert!(pods.len() as i64 <= most, "{place}: {} Pods at {}", pods.len(), change.revision);
    }
    assert!(reached, "{place}: never {least} available");
}

/// A workload of `kind` called `name`, with one Service for all of them.
fn workload(kind: &str, name: &str, replicas: u64, image: &str) -> Value {
    let mut made = value!({
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"of": name}},
            "template": {
                "metadata": {"labels": {"of": name, "all": "yes"}},
                "spec": {"containers": [{"name": "c", "image": image}]}
            }
        }
    });
    if kind != "DaemonSet" {
        made.set_at(&["spec", "replicas"], replicas as i64);
    }
    if kind == "StatefulSet" {
        made.set_at(&["spec", "serviceName"], "all");
    }
    made
}

/// What a learner may do, drawn at random; then everything comes to rest as the objects say.
#[test]
fn whatever_happens_it_comes_to_rest_as_asked() {
    const KINDS: [(&str, &str); 4] =
        [("Deployment", "deploy"), ("ReplicaSet", "rs"), ("StatefulSet", "sts"), ("DaemonSet", "ds")];
    for seed in 0..60 {
        let mut random = Random::from_seed(seed);
        let mut world = World::new(3);
        let place = format!("seed {seed}");
        world.create(value!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "all"},
            "spec": {"selector": {"all": "yes"}, "ports": [{"port": 80}]}
        }));
        for _ in 0..12 {
            let (kind, word) = KINDS[random.below(4) as usize];
            let name = format!("{word}-{}", ["a", "b"][random.below(2) as usize]);
            let key = key_of(&format!("{word}/{name}"));
            let image = format!("nginx:{}", random.below(3));
            let replicas = random.below(6);
            match (random.below(5), world.api.get(&key).cloned()) {
                (_, None) => world.create(workload(kind, &name, replicas, &image)),
                (0, Some(_)) => {
                    let propagation = match random.below(3) {
                        0 => Propagation::Background,
                        1 => Propagation::Foreground,
                        _ => Propagation::Orphan,
                    };
                    let how = Deletion { grace_period_seconds: None, propagation };
                    world.api.delete(&key, how).unwrap_or_else(|why| panic!("{place}: {}", why.message));
                }
                (1, Some(mut object)) if kind != "DaemonSet" => {
                    object.set_at(&["spec", "replicas"], replicas as i64);
                    world.api.update(object, false).unwrap_or_else(|why| panic!("{place}: {}", why.message));
                }
                (2, _) => {
                    let pods: Vec<ObjectKey> = world.api.store().list(Kind::Pod).map(Object::key).collect();
                    if let Some(pod) = pods.get(random.below(pods.len() as u64) as usize) {
                        world
                            .api
                            .delete(pod, Deletion::default())
                            .unwrap_or_else(|why| panic!("{}", why.message));
                    }
                }
                (_, Some(mut object)) => {
                    object.entry_at(&["spec", "template", "spec", "containers"]).items_mut()[0]
                        .set("image", image);
                    world.api.update(object, false).unwrap_or_else(|why| panic!("{place}: {}", why.message));
                }
            }
            world.run(Duration::from_millis(random.below(3_000)));
            world.check_always(&place);
        }
        world.run(Duration::from_secs(120));
        world.check_quiet(&place);
        check_rest(&place, &world);
    }
}

/// When all is quiet, status says what spec asked for, and the Service lists exactly the ready Pods.
fn check_rest(place: &str, world: &World) {
    let store = world.api.store();
    for (kind, wanted, ready) in [
        (Kind::Deployment, "replicas", "availableReplicas"),
        (Kind::ReplicaSet, "replicas", "availableReplicas"),
        (Kind::StatefulSet, "replicas", "availableReplicas"),
        (Kind::DaemonSet, "", "numberAvailable"),
    ] {
        for object in store.list(kind) {
            let asked = if wanted.is_empty() { 3 } else { object.spec().get(wanted).int() };
            let status = object.status();
            assert_eq!(status.get(ready).int(), asked, "{place}: {} {status:?}", object.key());
            assert_eq!(
                status.get("observedGeneration").int(),
                object.generation(),
                "{place}: {}",
                object.key()
            );
            let image = |object: &Object, path: &[&str]| {
                object.spec().at(path).get("containers").items()[0].get("image").clone()
            };
            if kind != Kind::ReplicaSet {
                let template = image(object, &["template", "spec"]);
                for set in store.list(Kind::Pod).filter(|pod| {
                    pod.is_controlled_by(object.uid())
                        || pod
                            .controller_key()
                            .and_then(|set| store.get(&set))
                            .is_some_and(|set| set.is_controlled_by(object.uid()))
                }) {
                    assert_eq!(image(set, &[]), template, "{place}: {} is of an old template", set.key());
                }
            }
        }
    }
    let mut listed: Vec<&str> = store
        .list(Kind::EndpointSlice)
        .flat_map(|slice| slice.get("endpoints").items())
        .map(|endpoint| endpoint.at(&["targetRef", "name"]).str())
        .collect();
    listed.sort_unstable();
    let pods = store.list(Kind::Pod).filter(|pod| pod.labels().get("all").str() == "yes");
    let ready: Vec<&str> = pods.filter(|pod| pod.has_condition("Ready")).map(Object::name).collect();
    assert_eq!(listed, ready, "{place}: endpoints");
}

#[test]
fn scenarios() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/controllers");
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
