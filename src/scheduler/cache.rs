//! What the scheduler remembers of the nodes and the Pods on them, so that it need not count them for each Pod.
//! All of it follows from the store.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::api::{Kind, Mark, Object, ObjectKey};
use crate::apiserver::{Change, ChangeKind, Part, Store};
use crate::base::{Digest, Value};
use crate::resources::pod::amounts::{Amounts, amount};

use super::pod_info::{HostPort, PodAffinity, PodInfo};
use super::resource::Resource;

/// The label of a node's host name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
/// The label of a node's zone.
pub const ZONE: &str = "topology.kubernetes.io/zone";

/// A node with what its Pods take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeInfo {
    /// The node; none while only Pods of it are known.
    pub node: Option<Object>,
    /// Its labels.
    pub labels: Value,
    /// Of these, its host name and its zone, which is asked for each Pod.
    pub places: [Value; 2],
    /// Its taints: a list, if any.
    pub taints: Value,
    /// True where it takes no new Pods.
    pub unschedulable: bool,
    /// What it has.
    pub allocatable: Resource,
    /// How many Pods it takes.
    pub allowed_pods: i64,
    /// The sizes of the images on it, by name.
    pub images: BTreeMap<String, i64>,
    /// Its Pods.
    pub pods: BTreeMap<ObjectKey, Arc<PodInfo>>,
    /// What they ask for.
    pub requested: Resource,
    /// What they ask for with something for each container that asks for nothing: CPU and memory.
    pub least: (i64, i64),
    /// The ports that they take, and how many of them each.
    pub ports: BTreeMap<HostPort, u32>,
    /// How many there are of each shape.
    pub shapes: BTreeMap<Digest, i64>,
}

impl NodeInfo {
    /// Its name.
    pub fn name(&self) -> &str {
        self.node.as_ref().map_or("", |node| node.name())
    }

    /// Its label `key`.
    pub fn label(&self, key: &str) -> Option<&str> {
        let value = match key {
            HOSTNAME => &self.places[0],
            ZONE => &self.places[1],
            _ => self.labels.get(key),
        };
        value.as_str()
    }

    /// True where it has the label of its host name.
    pub fn has_host_name(&self) -> bool {
        self.places[0].as_str().is_some()
    }

    /// Its taints, one by one.
    pub fn taints(&self) -> &[Value] {
        self.taints.items()
    }

    fn set_node(&mut self, node: &Object) {
        let had = self.node.replace(node.clone());
        self.labels = node.labels().clone();
        self.places = [HOSTNAME, ZONE].map(|name| self.labels.get(name).clone());
        self.taints = node.spec().get("taints").clone();
        self.unschedulable = node.spec().get("unschedulable").bool();
        let same = |had: &Object, field: &str| had.status().get(field) == node.status().get(field);
        if had.is_some_and(|had| same(&had, "allocatable") && same(&had, "images")) {
            return;
        }
        let all: Amounts = node
            .status()
            .get("allocatable")
            .entries()
            .filter_map(|(name, value)| Some((name.to_string(), amount(value)?)))
            .collect();
        self.allocatable = Resource::from_amounts(&all);
        self.allowed_pods = all.get("pods").map_or(0, |pods| pods.value());
        self.images = node
            .status()
            .get("images")
            .items()
            .iter()
            .flat_map(|image| {
                let names = image.get("names").items().iter();
                names.map(|name| (name.str().to_string(), image.get("sizeBytes").int()))
            })
            .collect();
    }

    /// Puts a Pod on it, in place of an older state of it.
    pub fn add_pod(&mut self, pod: Arc<PodInfo>) {
        self.remove_pod(&pod.key);
        self.count(&pod, 1);
        self.pods.insert(pod.key.clone(), pod);
    }

    /// Takes a Pod off it.
    pub fn remove_pod(&mut self, key: &ObjectKey) -> Option<Arc<PodInfo>> {
        let pod = self.pods.remove(key)?;
        self.count(&pod, -1);
        Some(pod)
    }

    fn count(&mut self, pod: &PodInfo, sign: i64) {
        self.requested.count(&pod.requests, sign);
        self.least.0 += sign * pod.least.0;
        self.least.1 += sign * pod.least.1;
        for port in &pod.ports {
            let users = self.ports.entry(port.clone()).or_default();
            *users = users.saturating_add_signed(sign as i32);
            if *users == 0 {
                self.ports.remove(port);
            }
        }
        let alike = self.shapes.entry(pod.shape).or_default();
        *alike += sign;
        if *alike == 0 {
            self.shapes.remove(&pod.shape);
        }
    }
}

/// What other Pods see of a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Its namespace.
    pub namespace: SmolStr,
    /// Its labels.
    pub labels: Value,
    /// True once it is to go.
    pub terminating: bool,
    /// Where it wants to be because of other Pods.
    pub affinity: Option<Arc<PodAffinity>>,
    /// How many there are.
    count: usize,
}

/// The nodes, by name, and the shapes of the Pods on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    nodes: BTreeMap<Arc<str>, Arc<NodeInfo>>,
    shapes: BTreeMap<Digest, Shape>,
    /// The number of changes: what was found at one generation holds until the next.
    pub generation: u64,
}

impl Hash for Cache {
    /// Nothing: it follows from the store, and so does its equality.
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl Cache {
    /// The nodes that are there, by name.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<NodeInfo>> {
        self.nodes.values().filter(|info| info.node.is_some())
    }

    /// The node of this name.
    pub fn node(&self, name: &str) -> Option<&Arc<NodeInfo>> {
        self.nodes.get(name).filter(|info| info.node.is_some())
    }

    /// The shapes of the Pods on nodes.
    pub fn shapes(&self) -> impl Iterator<Item = (&Digest, &Shape)> {
        self.shapes.iter()
    }

    /// The same with one node in another state.
    pub fn with(&self, node: NodeInfo) -> Self {
        let mut other = self.clone();
        other.nodes.insert(node.name().into(), Arc::new(node));
        other
    }

    /// Takes note of a change.
    pub fn observe(&mut self, change: &Change) {
        let object = &change.object;
        match object.kind {
            Kind::Node if change.kind == ChangeKind::Deleted => self.forget_node(object.name()),
            Kind::Node => self.set_node(object, change.old.as_ref()),
            Kind::Pod => {
                let before = change.old.as_ref().filter(|old| occupies(old));
                let after = (change.kind != ChangeKind::Deleted && occupies(object)).then_some(object);
                if before.is_some()
                    && after.is_some()
                    && !change.differs(&[Part::Spec, Part::Labels, Part::Terminating])
                {
                    return;
                }
                if let Some(before) = before {
                    self.remove_pod(node_of(before), &before.key());
                }
                if let Some(after) = after {
                    let assumed = self.nodes.get(node_of(after)).and_then(|node| node.pods.get(&after.key()));
                    match assumed.and_then(|assumed| assumed.bound(after)) {
                        Some(bound) => self.know_again(node_of(after), bound),
                        None => self.add_pod(node_of(after), Arc::new(PodInfo::new(after))),
                    }
                }
            }
            Kind::Namespace | Kind::PersistentVolume | Kind::PersistentVolumeClaim | Kind::StorageClass => {
                self.generation += 1;
            }
            _ => {}
        }
    }

    /// Reads everything anew.
    pub fn resync(&mut self, store: &Store) {
        *self = Self { generation: self.generation + 1, ..Self::default() };
        store.list(Kind::Node).for_each(|node| self.set_node(node, None));
        for pod in store.list(Kind::Pod).filter(|pod| occupies(pod)) {
            self.add_pod(node_of(pod), Arc::new(PodInfo::new(pod)));
        }
    }

    fn set_node(&mut self, node: &Object, old: Option<&Object>) {
        let same = old.is_some_and(|old| {
            let same = |path: &[&str]| old.at(path) == node.at(path);
            same(&["spec"]) && same(&["metadata", "labels"]) && same(&["status", "allocatable"])
        });
        if !same {
            self.generation += 1;
        }
        Arc::make_mut(self.nodes.entry(node.name().into()).or_default()).set_node(node);
    }

    fn forget_node(&mut self, name: &str) {
        self.generation += 1;
        let Some(gone) = self.nodes.remove(name).filter(|info| !info.pods.is_empty()) else { return };
        let mut left = NodeInfo::default();
        gone.pods.values().for_each(|pod| left.add_pod(pod.clone()));
        self.nodes.insert(name.into(), Arc::new(left));
    }

    /// Puts a Pod on a node.
    pub fn add_pod(&mut self, node: &str, pod: Arc<PodInfo>) {
        self.generation += 1;
        self.remove_pod(node, &pod.key);
        let object = &pod.object;
        let shape = self.shapes.entry(pod.shape).or_insert_with(|| Shape {
            namespace: pod.key.namespace.clone(),
            labels: object.labels().clone(),
            terminating: object.is_terminating(),
            affinity: pod.affinity.clone(),
            count: 0,
        });
        shape.count += 1;
        let info = match self.nodes.get_mut(node) {
            Some(info) => info,
            None => self.nodes.entry(node.into()).or_default(),
        };
        Arc::make_mut(info).add_pod(pod);
    }

    /// Puts a Pod that is on a node in place of its state before it was bound: it counts for the same.
    fn know_again(&mut self, node: &str, pod: PodInfo) {
        self.generation += 1;
        if let Some(info) = self.nodes.get_mut(node) {
            Arc::make_mut(info).pods.insert(pod.key.clone(), Arc::new(pod));
        }
    }

    /// Takes a Pod off a node.
    pub fn remove_pod(&mut self, node: &str, key: &ObjectKey) {
        let Some(info) = self.nodes.get_mut(node).filter(|info| info.pods.contains_key(key)) else { return };
        self.generation += 1;
        let removed = Arc::make_mut(info).remove_pod(key);
        if info.pods.is_empty() && info.node.is_none() {
            self.nodes.remove(node);
        }
        let Some(shape) = removed.map(|pod| pod.shape) else { return };
        if let Some(kept) = self.shapes.get_mut(&shape) {
            kept.count -= 1;
            if kept.count == 0 {
                self.shapes.remove(&shape);
            }
        }
    }
}

/// True for a Pod that takes room on a node.
pub fn occupies(pod: &Object) -> bool {
    pod.has(Mark::Bound) && !pod.has(Mark::Ended)
}

/// The node that a Pod is bound to; empty for none.
pub fn node_of(pod: &Object) -> &str {
    pod.spec().get("nodeName").str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Kind, Object};
    use crate::apiserver::{ApiServer, Clock, Deletion, Settings};
    use crate::base::Random;
    use crate::value;

    fn create(api: &mut ApiServer, kind: Kind, name: &str, spec: Value) {
        let mut object = Object::new(kind, "default", name);
        object.set("spec", spec);
        // It may be there already.
        let _ = api.create(object.body, "default", false);
    }

    fn act(api: &mut ApiServer, dice: &mut Random) {
        let node = format!("n{}", dice.below(3));
        let name = format!("p{}", dice.below(8));
        let key = ObjectKey::new(Kind::Pod, "default", &name);
        let at_once = Deletion { grace_period_seconds: Some(0), ..Deletion::default() };
        match dice.below(8) {
            0 | 1 => {
                let port = value!({"containerPort": 80, "hostPort": (8_000 + dice.below(2) as i64)});
                let requests = value!({"cpu": (format!("{}m", dice.below(3))), "example.com/a": "1"});
                let resources = value!({"requests": (requests.clone()), "limits": {"example.com/a": "1"}});
                let container = value!({"name": "c", "image": "i", "ports": [port], "resources": resources});
                create(api, Kind::Pod, &name, value!({"containers": [container]}));
            }
            2 => api.bind(&key, &node),
            3 => drop(api.modify(&key, |pod| {
                pod.set_at(&["metadata", "labels", "a"], dice.below(3).to_string());
            })),
            4 => drop(api.modify_status(&key, |status| status.set("phase", "Succeeded"))),
            5 => {
                let _ = api.delete(&key, Deletion::default());
                if dice.below(2) == 0 {
                    api.finish_pod(&key);
                }
            }
            6 => {
                let _ = api.delete(&ObjectKey::new(Kind::Node, "", &node), at_once);
            }
            _ => {
                create(api, Kind::Node, &node, Value::map());
                api.modify_status(&ObjectKey::new(Kind::Node, "", &node), |status| {
                    status.set("allocatable", value!({"cpu": (dice.below(9).to_string()), "pods": "9"}));
                });
            }
        }
    }

    /// After any changes it is what one finds by looking at everything.
    #[test]
    fn remembers_what_there_is() {
        let mut crowded = 0;
        for seed in 0..30 {
            let mut api = ApiServer::new(Clock::default(), Random::from_seed(seed), Settings::default());
            let mut dice = Random::from_seed(seed + 1_000);
            let mut cache = Cache::default();
            create(&mut api, Kind::Namespace, "default", Value::map());
            create(&mut api, Kind::ServiceAccount, "default", Value::Null);
            let mut seen = 0;
            for _ in 0..150 {
                act(&mut api, &mut dice);
                api.store().changes_since(seen).for_each(|change| cache.observe(change));
                seen = api.store().revision();
                let mut fresh = Cache::default();
                fresh.resync(api.store());
                (fresh.generation, cache.generation) = (0, 0);
                assert_eq!(cache, fresh, "seed {seed}");
                crowded += usize::from(cache.nodes().any(|node| node.pods.len() > 1));
            }
        }
        assert!(crowded > 0);
    }
}
