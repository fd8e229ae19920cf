//! The kubelet: runs the Pods of one node and tells the API server how they are.

mod capabilities;
mod container;
mod disk;
mod env_file;
mod environment;
pub mod etc;
mod hook;
pub mod host;
mod mounting;
mod probe;
mod process;
mod request;
mod static_pods;
mod status;
mod usage;
mod volumes;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::SimTime;
use crate::container::files::Volumes;
use crate::container::machine::Environment;
use crate::network::ipam::PodAddresses;
use crate::network::namespace::Namespace;
use crate::network::packet::{Outgoing, Space};
use crate::value;

pub use container::{Container, End, Role, State};
pub use hook::{Hook, HookKind};
pub use probe::{Outcome, ProbeKind, Prober};
pub use process::{ContainerMachine, Process, Unpacked, not_started};
pub use static_pods::StaticPods;
pub use worker::Worker;

/// A node's kubelet with its container runtime.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kubelet {
    /// What the kubelet's Pods share.
    pub node: NodeState,
    /// By uid. Clones of a cluster share those that nothing has happened to since.
    workers: BTreeMap<Arc<str>, Arc<Worker>>,
}

/// The paths of mounts, and whether a single file is mounted there.
pub type MountPoints = Vec<(Arc<str>, bool)>;
/// Services with the variables that tell of them.
type Links = (Vec<Object>, Environment);

/// What the Pods of a node share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeState {
    /// The node's name.
    pub name: Arc<str>,
    /// The node's address.
    pub ip: Ipv4Addr,
    /// False while the machine is switched off: nothing on it happens and nothing is reported.
    pub running: bool,
    /// The addresses of its Pods.
    pub addresses: PodAddresses,
    /// The images on its disk, by complete reference.
    pub images: Arc<BTreeSet<String>>,
    /// What containers of one image share, by its complete reference and by what is mounted where.
    pub unpacked: Arc<BTreeMap<(String, MountPoints), Unpacked>>,
    /// The variables that tell of Services, by namespace and whether links are wanted, with the Services that they were
    /// made from.
    links: BTreeMap<(SmolStr, bool), Links>,
    /// The network namespace of the node itself, which Pods with `hostNetwork` share.
    pub net: Namespace,
    /// The volumes that are mounted, or were and outlive their Pods.
    pub volumes: Volumes,
    /// Its own system, where a person has been there.
    pub host: Option<Box<host::Host>>,
    /// What its kubelet runs by itself.
    static_pods: StaticPods,
}

impl Kubelet {
    /// The kubelet of a node without Pods.
    pub fn new(name: &str, ip: Ipv4Addr, pod_range: (Ipv4Addr, u8)) -> Self {
        Self {
            node: NodeState {
                name: name.into(),
                ip,
                running: true,
                addresses: PodAddresses::new(pod_range.0, pod_range.1),
                images: Arc::default(),
                unpacked: Arc::default(),
                links: BTreeMap::new(),
                net: Namespace::of_node(ip.into()),
                volumes: Volumes::new(),
                host: None,
                static_pods: StaticPods::default(),
            },
            workers: BTreeMap::new(),
        }
    }

    /// True where nothing has been done on its node since it was as `earlier`.
    pub fn has_rested_since(&self, earlier: &Self) -> bool {
        let mut workers = self.workers.iter().zip(&earlier.workers);
        self.workers.len() == earlier.workers.len()
            && self.node == earlier.node
            && workers.all(|((uid, now), (other, then))| {
                uid == other && (Arc::ptr_eq(now, then) || now.has_rested_since(then))
            })
    }

    /// The Pod with this uid, as it is on the node.
    pub fn worker(&self, uid: &str) -> Option<&Worker> {
        self.workers.get(uid).map(|worker| &**worker)
    }

    /// The Pod with this uid, to act in its containers.
    pub fn worker_mut(&mut self, uid: &str) -> Option<(&mut NodeState, &mut Worker)> {
        self.workers.get_mut(uid).map(|worker| (&mut self.node, Arc::make_mut(worker)))
    }

    /// Every Pod on the node, by uid.
    pub fn workers(&self) -> impl Iterator<Item = (&Arc<str>, &Worker)> {
        self.workers.iter().map(|(uid, worker)| (uid, &**worker))
    }

    /// Looks at a Pod, brings its containers nearer to what it says, and reports. Returns when to look again.
    pub fn sync_pod(&mut self, api: &mut ApiServer, key: &ObjectKey, uid: &Arc<str>) -> Option<SimTime> {
        if !self.node.running {
            return None;
        }
        if self.keeps_mirror(api, key, uid) {
            return None;
        }
        let pod = api.get(key).filter(|pod| pod.uid() == &**uid).cloned();
        let Some(pod) = pod else {
            if let Some(mut gone) = self.workers.remove(uid) {
                Arc::make_mut(&mut gone).lose(api, &mut self.node);
            }
            return None;
        };
        // One that ended elsewhere, or before this machine was switched on, is not run again.
        let ended = ["Succeeded", "Failed"].contains(&pod.status().get("phase").str());
        if ended && !self.workers.contains_key(uid) && !pod.is_terminating() {
            return None;
        }
        let pod = self.unless_withdrawn(pod, uid);
        let withdrawn = static_pods::is_mirror(&pod) && pod.is_terminating();
        let worker =
            self.workers.entry(uid.clone()).or_insert_with(|| Arc::new(Worker::new(&pod, api.clock.now)));
        let next = Arc::make_mut(worker).sync(api, &mut self.node, pod);
        if withdrawn {
            self.mirror_next(api, key);
        }
        next
    }

    /// Lets the programs of a Pod go on. Returns when they go on by themselves, and whether a main program ended, so
    /// that the Pod is to be looked at.
    pub fn run_pod(&mut self, uid: &str, api: &mut ApiServer) -> (Option<SimTime>, bool) {
        match self.workers.get_mut(uid) {
            _ if uid == host::HOST => (self.node.run_host(api), false),
            Some(worker) if self.node.running => Arc::make_mut(worker).run_programs(&mut self.node, api),
            _ => (None, false),
        }
    }

    /// True where a program of a Pod, or of the node itself, wants to go on when something changes in the API server.
    #[inline(never)]
    pub fn watches(&self, uid: &str) -> bool {
        match &self.node.host {
            Some(host) if uid == host::HOST => !host.machine.ignores_world(),
            _ => self.workers.get(uid).is_some_and(|worker| worker.watches()),
        }
    }

    /// What the programs of a Pod have sent, and from where.
    pub fn take_packets(&mut self, uid: &Arc<str>) -> Vec<(Space, Vec<Outgoing>)> {
        let node = &self.node.name;
        let mut sent = Vec::new();
        if let Some(worker) = self.workers.get_mut(uid).filter(|worker| !worker.net.outbox.is_empty()) {
            let pod = Space::Pod { node: node.clone(), uid: uid.clone() };
            sent.push((pod, std::mem::take(&mut Arc::make_mut(worker).net.outbox)));
        }
        if !self.node.net.outbox.is_empty() {
            sent.push((Space::Node(node.clone()), std::mem::take(&mut self.node.net.outbox)));
        }
        sent
    }

    /// A network namespace of this node, and the uids of the Pods whose programs are in it.
    pub fn namespace_mut(&mut self, space: &Space) -> Option<(&mut Namespace, Vec<Arc<str>>)> {
        match space {
            _ if !self.node.running => None,
            Space::Pod { uid, .. } => {
                let worker = self.workers.get_mut(uid).filter(|worker| worker.ip.is_some())?;
                Some((&mut Arc::make_mut(worker).net, vec![uid.clone()]))
            }
            Space::Node(_) => {
                let inside = self.workers.iter().filter(|(_, worker)| worker.uses_host_network());
                let people = self.node.host.as_ref().map(|_| host::HOST.into());
                let uids = inside.map(|(uid, _)| uid.clone()).chain(people).collect();
                Some((&mut self.node.net, uids))
            }
            _ => None,
        }
    }

    /// The key of a Pod that runs here.
    pub fn key_of(&self, uid: &str) -> Option<ObjectKey> {
        self.workers.get(uid).map(|worker| worker.key().clone())
    }

    /// Ends everything on the node at once.
    pub fn power_off(&mut self, api: &mut ApiServer) {
        self.node.running = false;
        self.node.host = None;
        for worker in self.workers.values_mut() {
            Arc::make_mut(worker).power_off(&mut self.node, api);
        }
    }

    /// Renews the node's Lease, and says that it is ready where that is not known.
    pub fn heartbeat(&self, api: &mut ApiServer) {
        if !self.node.running {
            return;
        }
        let micro = api.clock.micro_date();
        api.modify(&ObjectKey::new(Kind::Lease, "kube-node-lease", &self.node.name), |lease| {
            lease.set_at(&["spec", "renewTime"], micro);
        });
        let node = ObjectKey::new(Kind::Node, "", &self.node.name);
        let Some(old) = api.get(&node) else { return };
        let ready = old.condition("Ready");
        let told = crate::base::Date::parse_rfc3339(ready.get("lastHeartbeatTime").str());
        let stale = told.is_none_or(|at| api.clock.date().0 - at.0 >= 300);
        if ready.get("status").str() == "True" && !stale {
            return;
        }
        let now = api.clock.date().rfc3339();
        api.modify_status(&node, |status| {
            for (kind, value, reason, message) in NODE_CONDITIONS {
                crate::apiserver::server::set_condition(
                    status,
                    value!({
                        "lastHeartbeatTime": (now.as_str()),
                        "lastTransitionTime": (now.as_str()),
                        "message": (*message),
                        "reason": (*reason),
                        "status": (*value),
                        "type": (*kind)
                    }),
                );
            }
        });
    }
}

/// The conditions of a healthy node.
pub const NODE_CONDITIONS: &[(&str, &str, &str, &str)] = &[
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
];
