//! The cluster: the API server and everything that acts on it, driven by one queue of events.

mod aggregation;
mod event;
pub mod exec;
mod fabric;
mod import;
pub mod logs;
mod machines;
mod metrics;
mod outside;
mod profile;
mod queue;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Kind, Mark, Object, ObjectKey};
use crate::apiserver::{ApiServer, ChangeKind, Clock, Part, Settings};
use crate::base::{Date, Random, SimTime};
use crate::controllers::Controller;
use crate::kubelet::Kubelet;
use crate::scheduler::Scheduler;

pub use event::Event;
pub use fabric::{Arrival, Fabric, NODE_RESOLVER};
pub use import::{Dump, ImportError, Imported};
pub use profile::{Node, Profile, UnknownProfile};
pub use queue::Queue;
pub use trace::Findings;

/// What the uids and names of a cluster's own objects follow from.
const BOOT_SEED: u64 = 0;
/// From a change to the scheduler's look at it.
const SCHEDULER_LATENCY: Duration = Duration::from_millis(6);
/// From a change to the kubelet's look at it.
const KUBELET_LATENCY: Duration = Duration::from_millis(10);
/// From a change to what a Pod's client hears of it.
const WATCH_LATENCY: Duration = Duration::from_millis(2);
/// The parts of the control plane that can stop.
const CONTROLLERS: &str = "kube-controller-manager";
const SCHEDULER: &str = "kube-scheduler";
/// Between two reports of a kubelet that it lives.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A whole cluster, as a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cluster {
    /// The API server with the store, the clock and the randomness.
    pub api: ApiServer,
    profile: Arc<Profile>,
    kubelets: BTreeMap<Arc<str>, Kubelet>,
    scheduler: Scheduler,
    queue: Queue,
    /// What controllers have to look at while their manager does not run.
    unattended: BTreeSet<(Controller, ObjectKey)>,
    /// The Pods in which somebody watches the API server, with their nodes.
    watching: BTreeSet<(Arc<str>, Arc<str>)>,
    /// The last revision of the store that everyone was told of.
    seen: u64,
    /// How often programs in containers went on.
    programs_ran: u64,
    /// The packets on their way.
    pub fabric: Fabric,
    /// True where objects were imported and nothing acts on them.
    frozen: bool,
}

impl Cluster {
    /// A cluster that was switched on [`Profile::booted_before`] ago: its own Pods run, its Services have
    /// their addresses. `date` is the date now, and all that is random from now on follows from `seed`.
    pub fn new(profile: Arc<Profile>, date: Date, seed: u64) -> Self {
        let clock =
            Clock { now: SimTime::ZERO, epoch: Date(date.0 - profile.booted_before.as_secs() as i64) };
        let mut cluster = Self {
            api: ApiServer::new(
                clock,
                Random::from_seed(BOOT_SEED),
                Settings {
                    secure_port: profile.secure_port,
                    authority: profile.authority(),
                    owner: profile.owner(),
                    load_balancers: profile.network.ports_on_host.then_some("localhost"),
                    ..Settings::default()
                },
            ),
            profile: profile.clone(),
            kubelets: BTreeMap::new(),
            scheduler: Scheduler::default(),
            queue: Queue::default(),
            unattended: BTreeSet::new(),
            watching: BTreeSet::new(),
            seen: 0,
            programs_ran: 0,
            fabric: Fabric::default(),
            frozen: false,
        };
        profile::boot(&mut cluster);
        cluster.run_until(SimTime::ZERO + profile.booted_before);
        // Its numbers are given out already, uids among them.
        let seed = if seed == BOOT_SEED { u64::MAX } else { seed };
        cluster.api.random = Random::from_seed(seed);
        cluster.fabric.seed(seed);
        cluster
    }

    /// What kind of cluster it is.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// True where objects were imported and nothing acts on them.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// What time it is: since the cluster was switched on.
    pub fn now(&self) -> SimTime {
        self.api.clock.now
    }

    /// When something will happen by itself.
    pub fn next_at(&self) -> Option<SimTime> {
        self.queue.next_at()
    }

    /// The kubelet of a node.
    pub fn kubelet(&self, node: &str) -> Option<&Kubelet> {
        self.kubelets.get(node)
    }

    /// The kubelet of a node, to act on it.
    pub fn kubelet_mut(&mut self, node: &str) -> Option<&mut Kubelet> {
        self.kubelets.get_mut(node)
    }

    /// The kubelets by their nodes' names.
    pub fn kubelets(&self) -> impl Iterator<Item = &Kubelet> {
        self.kubelets.values()
    }

    /// Lets everything happen that falls due up to `until`, which it then is.
    pub fn run_until(&mut self, until: SimTime) {
        self.tell_of_changes();
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.step();
        }
        self.api.clock.now = self.api.clock.now.max(until);
    }

    /// Lets the next thing happen, and goes to its time. False where nothing will ever happen.
    pub fn step(&mut self) -> bool {
        let Some((at, event)) = self.queue.pop() else { return false };
        self.api.clock.now = self.api.clock.now.max(at);
        self.handle(event);
        self.tell_of_changes();
        true
    }

    fn handle(&mut self, event: Event) {
        let now = self.api.clock.now;
        match event {
            Event::Reconcile(controller, key) if !self.runs(CONTROLLERS) => {
                self.unattended.insert((controller, key));
            }
            Event::Reconcile(controller, key) => {
                if let Some(after) = controller.reconcile(&mut self.api, &key) {
                    self.queue.push(now + after, Event::Reconcile(controller, key));
                }
            }
            Event::Schedule if !self.runs(SCHEDULER) => {}
            Event::Schedule => {
                if let Some(at) = self.scheduler.schedule(&mut self.api) {
                    self.queue.push(at, Event::Schedule);
                }
            }
            Event::SyncPod { node, key, uid } => {
                let isolated = self.is_isolated(&node);
                let Some(kubelet) = self.kubelets.get_mut(&node) else { return };
                if !isolated && let Some(at) = kubelet.sync_pod(&mut self.api, &key, &uid) {
                    self.queue.push(at, Event::SyncPod { node: node.clone(), key, uid: uid.clone() });
                }
                self.run_pod(node, uid);
            }
            Event::RunPod { node, uid } => self.run_pod(node, uid),
            Event::Network => self.deliver_packets(),
            Event::Join(number) => {
                if let Some(node) = self.profile.clone().nodes.get(number) {
                    self.add_node(node);
                }
            }
            Event::Heartbeat(node) => {
                if let Some(kubelet) = self.kubelets.get(&node) {
                    if !self.is_isolated(&node) {
                        kubelet.heartbeat(&mut self.api);
                    }
                    self.queue.push(now + HEARTBEAT, Event::Heartbeat(node));
                }
            }
        }
    }

    /// Lets the programs of a Pod go on, and has the kubelet look at it where a main one ended.
    fn run_pod(&mut self, node: Arc<str>, uid: Arc<str>) {
        let now = self.api.clock.now;
        let Some(kubelet) = self.kubelets.get_mut(&node) else { return };
        let (next, ended) = kubelet.run_pod(&uid, &mut self.api);
        if std::mem::take(&mut self.api.watched) {
            self.watching.insert((node.clone(), uid.clone()));
        }
        let packets = kubelet.take_packets(&uid);
        for (key, uid) in kubelet.read_manifests(&mut self.api) {
            self.queue.push(now, Event::SyncPod { node: node.clone(), key, uid });
        }
        self.programs_ran += 1;
        if ended && let Some(key) = kubelet.key_of(&uid) {
            self.queue.push(now, Event::SyncPod { node: node.clone(), key, uid: uid.clone() });
        }
        if let Some(at) = next {
            self.queue.push(at, Event::RunPod { node, uid });
        }
        for (space, packets) in packets {
            self.send_packets(&space, packets);
        }
        self.scrape();
    }

    /// Changes whenever anything changed that a program outside may wait for: an object, or what a container did.
    pub fn revision(&self) -> u64 {
        self.api.store().revision() + self.programs_ran
    }

    /// True where nothing has happened since it was as `earlier`, but that nodes told that they live and programs looked whether
    /// there is something to do.
    pub fn has_rested_since(&self, earlier: &Self) -> bool {
        let mut changes = self.api.store().changes_since(earlier.api.store().revision());
        changes.all(|change| change.object.kind == Kind::Lease)
            && self.api.metrics == earlier.api.metrics
            && self.kubelets.len() == earlier.kubelets.len()
            && self.kubelets().zip(earlier.kubelets()).all(|(now, then)| now.has_rested_since(then))
    }

    /// Tells the controllers, the scheduler and the kubelets what changed. To be called after everything that is
    /// done to the API server from outside.
    pub fn tell_of_changes(&mut self) {
        let now = self.api.clock.now;
        if self.frozen {
            return;
        }
        for change in self.api.store().changes_since(self.seen) {
            for controller in Controller::watching(change.object.kind) {
                controller.observe(&self.api, change, &mut |key, after| {
                    let at = now + controller.latency() + after;
                    self.queue.push(at, Event::Reconcile(*controller, key));
                });
            }
            self.scheduler.observe(&self.api, change);
            let object = &change.object;
            if object.kind == Kind::Pod
                && object.has(Mark::Bound)
                && let Some(node) = object.spec().get("nodeName").as_str()
            {
                let own_report = change.kind == ChangeKind::Modified
                    && !change.differs(&[Part::Spec])
                    && change.old.as_ref().is_some_and(|old| {
                        !(old.is_terminating() || object.is_terminating())
                            || old.meta("deletionTimestamp") == object.meta("deletionTimestamp")
                    });
                if !own_report {
                    let event =
                        Event::SyncPod { node: node.into(), key: object.key(), uid: object.uid().into() };
                    self.queue.push(now + KUBELET_LATENCY, event);
                }
            }
        }
        if !self.watching.is_empty() && self.seen != self.api.store().revision() {
            self.tell_watchers();
        }
        self.seen = self.api.store().revision();
        if !self.unattended.is_empty() && self.runs(CONTROLLERS) {
            for (controller, key) in std::mem::take(&mut self.unattended) {
                self.queue.push(now + controller.latency(), Event::Reconcile(controller, key));
            }
        }
        if self.scheduler.is_ready() && self.runs(SCHEDULER) {
            self.queue.push(now + SCHEDULER_LATENCY, Event::Schedule);
        }
    }

    /// Lets those go on who watch the API server from within Pods.
    #[inline(never)]
    fn tell_watchers(&mut self) {
        let at = self.now() + WATCH_LATENCY;
        let kubelets = &self.kubelets;
        self.watching.retain(|(node, uid)| kubelets.get(node).is_some_and(|kubelet| kubelet.watches(uid)));
        for (node, uid) in self.watching.clone() {
            self.queue.push(at, Event::RunPod { node, uid });
        }
    }

    /// True while a part of the control plane runs: somebody may have taken its manifest away. The API server and etcd
    /// answer in any case, for without them nothing could be asked.
    fn runs(&self, part: &str) -> bool {
        let first = self.profile.nodes.first().and_then(|node| self.kubelets.get(node.name.as_str()));
        first.is_none_or(|kubelet| kubelet.runs_part(&self.api, part))
    }

    /// Adds a machine to the cluster: its Node object, its Lease and its kubelet.
    pub(crate) fn add_node(&mut self, node: &Node) {
        self.start_kubelet(node);
        self.register(node);
        self.queue.push(self.now(), Event::Heartbeat(node.name.as_str().into()));
    }

    /// Adds a machine whose Node object is there already.
    fn take_on(&mut self, node: Node) {
        self.start_kubelet(&node);
        self.lease(&node.name);
        self.queue.push(self.now(), Event::Heartbeat(node.name.as_str().into()));
        Arc::make_mut(&mut self.profile).nodes.push(node);
    }

    fn start_kubelet(&mut self, node: &Node) {
        let mut kubelet = Kubelet::new(&node.name, node.ip, node.pod_range);
        kubelet.node.images = Arc::new(profile::images_at_hand(&self.profile).collect());
        self.kubelets.insert(node.name.as_str().into(), kubelet);
    }

    /// What a kubelet does when it starts: the Node object and its Lease.
    fn register(&mut self, node: &Node) {
        let object = profile::node_object(node, &self.api);
        // A node that comes back under its name finds its object there.
        let _ = self.api.create(object.body, "", false);
        self.api.modify_status(&ObjectKey::new(Kind::Node, "", &node.name), |status| {
            *status = profile::node_status(node);
        });
        self.lease(&node.name);
    }

    fn lease(&mut self, node: &str) {
        let mut lease = Object::new(Kind::Lease, "kube-node-lease", node);
        lease.set_at(&["spec", "holderIdentity"], node);
        lease.set_at(&["spec", "leaseDurationSeconds"], 40);
        let _ = self.api.create(lease.body, "kube-node-lease", false);
    }
}
