//! The verbs of the API server.

use std::collections::BTreeMap;

use crate::api::{Cause, Kind, Object, ObjectKey, Status};
use crate::base::{Date, Random, SimTime, Value};
use crate::resources;
use crate::value;

use super::managed_fields::ManagedFields;
use super::metrics::Metrics;
use super::{Change, Store, admission, allocation};

/// How much of `generateName` is used: the suffix must find room in a name of 63 letters.
const MAX_GENERATED_PREFIX: usize = 58;

/// What keeps a CustomResourceDefinition that is to go until its objects are gone.
pub const CUSTOM_RESOURCE_CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// What time it is, in the simulation and on the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock {
    /// Virtual time.
    pub now: SimTime,
    /// The date at virtual time zero.
    pub epoch: Date,
}

impl Clock {
    /// The date now, in whole seconds, as objects are stamped with.
    pub fn date(&self) -> Date {
        self.date_at(self.now)
    }
    /// The date at a moment of the simulation.
    pub fn date_at(&self, at: SimTime) -> Date {
        Date(self.epoch.0 + at.as_secs() as i64)
    }
    /// The moment of the simulation at which a date begins; zero for dates before it.
    pub fn at(&self, date: Date) -> SimTime {
        SimTime::from_secs(u64::try_from(date.0 - self.epoch.0).unwrap_or(0))
    }
    /// The date now with microseconds, as `MicroTime` fields hold it.
    pub fn micro_date(&self) -> String {
        // One before them keeps the zeros.
        let micros = (1_000_000 + self.now.0 % 1_000_000).to_string();
        [self.date().rfc3339().trim_end_matches('Z'), ".", &micros[1..], "Z"].concat()
    }
}

/// What the control plane was started with: flags of the API server, unless something else is said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// What cluster IPs are given out of at first (`--service-cluster-ip-range`).
    pub service_range: &'static str,
    /// The first and last NodePort.
    pub node_ports: (u16, u16),
    /// The port that it serves HTTPS on (`--secure-port`).
    pub secure_port: u16,
    /// The common name of the authority that certifies users.
    pub authority: &'static str,
    /// The name in the certificate that the cluster's maker gives its user.
    pub owner: &'static str,
    /// What Services of type LoadBalancer are called outside, where something leads there.
    pub load_balancers: Option<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_range: "10.96.0.0/12",
            node_ports: (30_000, 32_767),
            secure_port: 6443,
            authority: "kubernetes",
            owner: "kubernetes-admin",
            load_balancers: None,
        }
    }
}

/// What becomes of the dependents of a deleted object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Propagation {
    /// They are deleted afterwards by the garbage collector.
    #[default]
    Background,
    /// They are deleted first.
    Foreground,
    /// They stay, without their owner.
    Orphan,
}

/// How to delete (`metav1.DeleteOptions`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deletion {
    /// Seconds of grace; the object's own if not given.
    pub grace_period_seconds: Option<i64>,
    /// What becomes of dependents.
    pub propagation: Propagation,
}

/// What a controller remembers of its last pass over an object, so that the next one looks at what changed since then
/// alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pass {
    /// The store's revision of which it was.
    pub revision: u64,
    /// What it counted, in an order of the controller's own.
    pub counts: [i64; 4],
}

/// What an autoscaler remembers: what it recommended, and by how much it changed its target, with the moments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scalings {
    /// Recommended numbers of replicas.
    pub recommended: Vec<(SimTime, i64)>,
    /// Changes of that number: negative where it fell.
    pub changed: Vec<(SimTime, i64)>,
}

/// The API server. It also keeps the clock and the one source of randomness, since whoever acts on the cluster
/// acts through it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiServer {
    /// What time it is.
    pub clock: Clock,
    /// The one source of randomness.
    pub random: Random,
    /// The flags that it was started with.
    pub settings: Settings,
    /// What the metrics server knows.
    pub metrics: Metrics,
    store: Store,
    pub(super) managed: ManagedFields,
    /// What autoscalers remember, by their keys.
    pub scalings: BTreeMap<ObjectKey, Scalings>,
    /// By the object of which it was, or of what it wrote, whose end is theirs too.
    passes: BTreeMap<ObjectKey, Pass>,
    /// A program in a container has opened a watch: it wants to go on when something changes. Who runs it remembers that and takes this back.
    pub watched: bool,
}

impl ApiServer {
    /// An API server with an empty store.
    pub fn new(clock: Clock, random: Random, settings: Settings) -> Self {
        let (metrics, store, managed, scalings, passes) = Default::default();
        Self { clock, random, settings, metrics, store, managed, scalings, passes, watched: false }
    }

    /// The store, to read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The object under `key`.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.store.get(key)
    }

    /// The last pass over an object.
    pub fn pass(&self, key: &ObjectKey) -> Option<Pass> {
        self.passes.get(key).copied()
    }

    /// The last pass over an object and what changed after it; none where that is not known any more.
    pub fn since_pass(&self, key: &ObjectKey) -> Option<(Pass, impl Iterator<Item = &Change> + use<'_>)> {
        let pass = self.pass(key)?;
        let changes = self.store.changes_since(pass.revision);
        (changes.len() as u64 == self.store.revision() - pass.revision).then_some((pass, changes))
    }

    /// Remembers a pass over an object.
    pub fn passed(&mut self, key: &ObjectKey, pass: Pass) {
        self.passes.insert(key.clone(), pass);
    }

    /// The object under `key`.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn read(&self, key: &ObjectKey) -> Result<&Object, Status> {
        self.store.get(key).ok_or_else(|| Status::not_found(key))
    }

    /// Creates an object: defaults, admission, validation, allocation. `namespace` is the request's; with
    /// `dry_run` nothing is kept.
    ///
    /// # Errors
    /// What the server answers.
    pub fn create(&mut self, body: Value, namespace: &str, dry_run: bool) -> Result<Object, Status> {
        let mut object = self.object_of(body).ok_or_else(|| Status::bad_request("unknown kind"))?;
        if object.kind.is_custom() {
            self.admit_custom(object.kind)?;
        }
        let shown = self.name_and_date(&mut object, namespace);
        resources::set_defaults(object.kind, &mut object);
        self.admit_named(&mut object, &shown)?;
        self.validate(&object)?;
        self.create_valid(object, dry_run)
    }

    /// Creates an object that has its defaults already: of many that are made of one template, they are the same. So is what
    /// validation says of them: it is not asked where another one was found `valid` at this moment.
    ///
    /// # Errors
    /// What the server answers.
    pub fn create_of_template(
        &mut self,
        mut object: Object,
        namespace: &str,
        valid: bool,
    ) -> Result<Object, Status> {
        let shown = self.name_and_date(&mut object, namespace);
        self.admit_named(&mut object, &shown)?;
        if !valid {
            self.validate(&object)?;
        }
        self.create_valid(object, false)
    }

    /// Gives a new object what the server says of each, and returns what refusals call it.
    fn name_and_date(&mut self, object: &mut Object, namespace: &str) -> String {
        let (mut shown, mut name) = (object.name().to_string(), object.meta("name").clone());
        if shown.is_empty()
            && let Some(prefix) = object.meta("generateName").as_str()
        {
            shown = prefix.into();
            let end = (0..=MAX_GENERATED_PREFIX.min(prefix.len())).rfind(|at| prefix.is_char_boundary(*at));
            name = [&prefix[..end.unwrap_or(0)], &self.random.name_suffix(5)].concat().into();
        }
        let namespaced = object.kind.names().namespaced;
        let metadata = object.entry("metadata").as_map_mut();
        let (date, uid) = (self.clock.date().rfc3339(), self.random.uuid());
        metadata.insert_all([("creationTimestamp", date.into()), ("uid", uid.into())]);
        if !name.is_null() {
            metadata.insert("name", name);
        }
        if namespaced {
            metadata.insert("namespace", namespace);
        }
        shown
    }

    fn admit_named(&mut self, object: &mut Object, shown: &str) -> Result<(), Status> {
        admission::admit(self, object, None, shown)?;
        resources::prepare_create(object.kind, object);
        if object.kind.is_custom() {
            self.prepare_custom(object, None);
        }
        Ok(())
    }

    fn validate(&self, object: &Object) -> Result<(), Status> {
        let mut causes = resources::validate_create(object.kind, &object.body);
        if object.kind.is_custom() {
            causes.extend(self.validate_custom(object));
        }
        if causes.is_empty() { Ok(()) } else { Err(Status::invalid(object.kind, object.name(), causes)) }
    }

    fn create_valid(&mut self, mut object: Object, dry_run: bool) -> Result<Object, Status> {
        admission::validate(self, &mut object, None)?;
        allocation::allocate(self, &mut object, None, dry_run)?;
        let key = object.key();
        if self.store.get(&key).is_some() {
            return Err(Status::already_exists(&key));
        }
        if dry_run {
            return Ok(object);
        }
        allocation::book(self, &object);
        let created = self.store.put(self.clock.now, object, None);
        admission::charge(self, &created, None);
        Ok(created)
    }

    /// Puts `object` in place of the one under its key, status aside: what `kubectl apply`, `edit`, `replace` and
    /// `patch` end in. An unchanged object is not written.
    ///
    /// # Errors
    /// What the server answers.
    pub fn update(&mut self, object: Object, dry_run: bool) -> Result<Object, Status> {
        self.write(object, dry_run, resources::validate_update)
    }

    /// Puts an object in place of what is there, as far as `validate` lets it.
    pub(super) fn write(
        &mut self,
        mut object: Object,
        dry_run: bool,
        validate: fn(Kind, &Value, &Value) -> Vec<Cause>,
    ) -> Result<Object, Status> {
        let kind = object.kind;
        let key = object.key();
        let old = self.read(&key)?.clone();
        let version = object.meta("resourceVersion").str();
        if !version.is_empty() && version != old.meta("resourceVersion").str() {
            return Err(Status::conflict(
                &key,
                "the object has been modified; please apply your changes to the latest version and try again",
            ));
        }
        for field in
            ["uid", "creationTimestamp", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"]
        {
            match old.meta(field) {
                Value::Null => drop(object.entry("metadata").remove(field)),
                kept => object.set_at(&["metadata", field], kept.clone()),
            }
        }
        resources::set_defaults(kind, &mut object);
        admission::admit(self, &mut object, Some(&old), &key.name)?;
        match kind.is_custom() {
            true => self.prepare_custom(&mut object, Some(&old)),
            false => resources::prepare_update(kind, &mut object, &old.body),
        }
        let mut causes = validate(kind, &object.body, &old.body);
        if kind.is_custom() {
            causes.extend(self.validate_custom(&object));
        }
        if !causes.is_empty() {
            return Err(Status::invalid(kind, object.name(), causes));
        }
        admission::validate(self, &mut object, Some(&old))?;
        allocation::allocate(self, &mut object, Some(&old), dry_run)?;
        if dry_run {
            return Ok(object);
        }
        allocation::book(self, &object);
        let updated = self.put_if_changed(object, &old);
        allocation::release(self, &old, Some(&updated));
        admission::charge(self, &updated, Some(&old));
        Ok(updated)
    }

    /// Lets a component change an object that it knows: spec and metadata with `generation` kept right, status too.
    /// Nothing is validated, since it is the cluster's own; an unchanged object is not written. Nothing happens
    /// where there is no such object.
    pub fn modify(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Object)) -> Option<Object> {
        let old = self.store.get(key)?.clone();
        let mut object = old.clone();
        change(&mut object);
        let status = object.status().clone();
        resources::prepare_update(key.kind, &mut object, &old.body);
        if !status.is_null() {
            object.set("status", status);
        }
        Some(self.put_if_changed(object, &old))
    }

    /// Lets a component change the status of an object; see [`Self::modify`].
    pub fn modify_status(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Value)) -> Option<Object> {
        self.modify_with_status(key, |object| change(object.entry("status")))
    }

    /// Lets a component change the status of an object and with it its annotations, which does not count as a new
    /// generation; see [`Self::modify`].
    pub fn modify_with_status(
        &mut self,
        key: &ObjectKey,
        change: impl FnOnce(&mut Object),
    ) -> Option<Object> {
        let old = self.store.get(key)?.clone();
        let mut object = old.clone();
        change(&mut object);
        Some(self.put_if_changed(object, &old))
    }

    /// Binds a Pod to a node (the `binding` subresource).
    pub fn bind(&mut self, key: &ObjectKey, node: &str) {
        let now = self.clock.date().rfc3339();
        let Some(old) = self.store.get(key).cloned() else { return };
        let mut pod = old.clone();
        pod.set_at(&["spec", "nodeName"], node);
        pod.entry("status").remove("nominatedNodeName");
        if let Some(node) = self.get(&ObjectKey::new(Kind::Node, "", node)) {
            admission::copy_topology_labels(node, &mut pod);
        }
        let scheduled = value!({
            "lastProbeTime": null,
            "lastTransitionTime": now,
            "observedGeneration": (pod.generation()),
            "status": "True",
            "type": "PodScheduled"
        });
        set_condition(pod.entry("status"), scheduled);
        self.put_if_changed(pod, &old);
    }

    /// Puts an object of another cluster in the store, with everything that it says of itself.
    pub fn put_as_it_is(&mut self, object: Object) {
        let version = object.meta("resourceVersion").clone();
        allocation::book(self, &object);
        self.store.put(self.clock.now, object, version.as_str());
    }

    /// Takes an object out of the store, for imports: nobody is asked.
    pub fn take_as_it_is(&mut self, key: &ObjectKey) {
        self.remove(key);
    }

    /// Puts a new object of the server's own in the store, which has nothing to add to it.
    pub(super) fn put_new(&mut self, object: Object) {
        self.store.put(self.clock.now, object, None);
    }

    fn put_if_changed(&mut self, object: Object, old: &Object) -> Object {
        if object == *old {
            return object;
        }
        let done = object.is_terminating()
            && object.meta("finalizers").is_empty()
            && object.spec().get("finalizers").is_empty()
            && object.meta("deletionGracePeriodSeconds").int() == 0;
        let key = old.key();
        // What only finalizers kept is gone with the last of them; a Pod is seen to have no time left first.
        let kept = |field: &Value| !field.is_empty();
        if done && (kept(old.meta("finalizers")) || kept(old.spec().get("finalizers"))) {
            self.remove(&key);
            return object;
        }
        let stored = self.store.put(self.clock.now, object, None);
        if done {
            self.remove(&key);
        }
        stored
    }

    fn remove(&mut self, key: &ObjectKey) {
        self.managed.forget(key);
        self.passes.remove(key);
        if let Some(old) = self.store.take(self.clock.now, key) {
            allocation::release(self, &old, None);
        }
    }

    /// Deletes an object, or begins to: one with finalizers or a Pod with time to stop stays until it is done.
    /// The answer is the object as it was left.
    ///
    /// # Errors
    /// `NotFound`, or `Forbidden` for a namespace that stays for ever.
    pub fn delete(&mut self, key: &ObjectKey, how: Deletion) -> Result<Object, Status> {
        let old = self.read(key)?.clone();
        admission::admit_delete(key)?;
        let mut object = old.clone();
        let grace = self.grace_period_seconds(&old, how);
        let mut finalizers: Vec<Value> = object.meta("finalizers").items().to_vec();
        let mut add = |name: &str| {
            if !finalizers.iter().any(|f| f.str() == name) {
                finalizers.push(name.into());
            }
        };
        if key.kind == Kind::CustomResourceDefinition {
            add(CUSTOM_RESOURCE_CLEANUP);
        }
        match how.propagation {
            Propagation::Background => {}
            Propagation::Foreground => add("foregroundDeletion"),
            Propagation::Orphan => add("orphan"),
        }
        if !finalizers.is_empty() {
            object.set_at(&["metadata", "finalizers"], finalizers.clone());
        }
        let held = !finalizers.is_empty() || !object.spec().get("finalizers").is_empty();
        if !held && (grace == 0 && !(key.kind == Kind::Pod && bound(&old))) {
            self.remove(key);
            return Ok(object);
        }
        let deadline = Date(self.clock.date().0 + grace);
        let sooner = old.meta("deletionGracePeriodSeconds").as_int().is_none_or(|left| grace < left);
        if !old.is_terminating() || (key.kind == Kind::Pod && sooner) {
            object.set_at(&["metadata", "deletionTimestamp"], deadline.rfc3339());
            object.set_at(&["metadata", "deletionGracePeriodSeconds"], grace);
            if !object.meta("generation").is_null() && !old.is_terminating() {
                let next = object.generation() + 1;
                object.set_at(&["metadata", "generation"], next);
            }
        }
        if key.kind == Kind::Namespace {
            object.set_at(&["status", "phase"], "Terminating");
        }
        Ok(self.put_if_changed(object, &old))
    }

    /// A Pod has time to stop only where a kubelet runs it (registry/core/pod, `CheckGracefulDelete`).
    fn grace_period_seconds(&self, object: &Object, how: Deletion) -> i64 {
        let done = matches!(object.status().get("phase").str(), "Succeeded" | "Failed");
        if object.kind != Kind::Pod || !bound(object) || done {
            return 0;
        }
        let own = object.spec().get("terminationGracePeriodSeconds").as_int().unwrap_or(30);
        how.grace_period_seconds.unwrap_or(own).max(0)
    }

    /// The kubelet's last word on a Pod that has stopped: it is gone.
    pub fn finish_pod(&mut self, key: &ObjectKey) {
        if let Some(old) = self.store.get(key).cloned() {
            let mut pod = old.clone();
            pod.set_at(&["metadata", "deletionGracePeriodSeconds"], 0);
            pod.set_at(&["metadata", "deletionTimestamp"], self.clock.date().rfc3339());
            self.put_if_changed(pod, &old);
        }
    }
}

fn bound(pod: &Object) -> bool {
    !pod.spec().get("nodeName").str().is_empty()
}

/// Puts a condition in place of the one of its type, or at the end. The transition time stays where the status
/// does not change.
pub fn set_condition(status: &mut Value, condition: Value) {
    let kind = condition.get("type").str().to_string();
    let at = status.get("conditions").items().iter().position(|c| c.get("type").str() == kind);
    let Some(at) = at else {
        return status.entry("conditions").push(condition);
    };
    let old = &status.get("conditions").items()[at];
    let mut condition = condition;
    if old.get("status") == condition.get("status") {
        condition.set("lastTransitionTime", old.get("lastTransitionTime").clone());
    }
    if *old != condition {
        status.entry("conditions").items_mut()[at] = condition;
    }
}
