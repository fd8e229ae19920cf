//! Static Pods: what a kubelet runs by itself, from a folder of its node's disk, and their mirrors in the API server
//! (kubelet `config/file.go`, `config/common.go`, `pod/mirror_client.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::schema::{self, schema};
use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::{Value, digest_of, yaml};
use crate::container::tree::{Content, Tree};
use crate::value;

use super::{Kubelet, NodeState, disk};

/// The folder that kubeadm has kubelets watch (`staticPodPath`).
pub(super) const FOLDER: &str = "/etc/kubernetes/manifests";

const HASH: &str = "kubernetes.io/config.hash";
const MIRROR: &str = "kubernetes.io/config.mirror";
const SOURCE: &str = "kubernetes.io/config.source";

/// What a kubelet runs by itself, by the names of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StaticPods {
    pub(super) files: BTreeMap<Arc<str>, StaticPod>,
    /// True once a person has changed one of the files.
    changed: bool,
}

/// A file of that folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct StaticPod {
    manifest: Manifest,
    /// The Pod as it is mirrored; none where the file is no Pod.
    mirror: Option<Object>,
}

/// What stands in a file of that folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Manifest {
    /// As the installation has it: its text is written when somebody comes to the disk, for most never do.
    Installed(Value),
    Text(Arc<Vec<u8>>),
}

impl StaticPods {
    /// The Pod of this key, as it is mirrored.
    fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.files.values().filter_map(|file| file.mirror.as_ref()).find(|pod| pod.key() == *key)
    }

    /// The files' texts by their names, for a new disk.
    pub(super) fn write(&mut self) -> impl Iterator<Item = (&Arc<str>, Arc<Vec<u8>>)> {
        self.files.iter_mut().map(|(name, own)| (name, own.manifest.write()))
    }

    /// True where a folder holds other files than were read last, or others' texts.
    fn differ(&self, disk: &Tree) -> bool {
        let mut found = texts(disk);
        let same = self.files.iter().all(|(name, own)| {
            found.next().is_some_and(|(file, text)| file == name && own.manifest.says(text))
        });
        !same || found.next().is_some()
    }
}

impl Manifest {
    fn write(&mut self) -> Arc<Vec<u8>> {
        let text = match self {
            Self::Installed(pod) => Arc::new(yaml::to_string(pod).into_bytes()),
            Self::Text(text) => text.clone(),
        };
        *self = Self::Text(text.clone());
        text
    }

    fn says(&self, other: &Arc<Vec<u8>>) -> bool {
        matches!(self, Self::Text(text) if text == other)
    }
}

/// The files that kubelets read (`extractFromDir`).
fn texts(disk: &Tree) -> impl Iterator<Item = (&Arc<str>, &Arc<Vec<u8>>)> {
    let files = disk.find(FOLDER).into_iter().flat_map(|folder| disk.entries(folder));
    files.filter(|(name, _)| !name.starts_with('.')).filter_map(|(name, ino)| {
        match &disk.node(ino)?.content {
            Content::File(text) => Some((name, text)),
            _ => None,
        }
    })
}

impl NodeState {
    /// The Pod that a file makes, as it is mirrored.
    fn mirror(&self, api: &ApiServer, text: &[u8]) -> Option<Object> {
        let document = yaml::read(text).ok()?.value;
        let known = schema().kind(document.get("apiVersion").str(), document.get("kind").str())?;
        let pod = Object::from_value(schema::decode(&document, known).ok()?.object);
        Some(self.own(api, pod.filter(|object| object.kind == Kind::Pod)?))
    }

    /// A Pod of a file, with what the kubelet writes into it (`applyDefaults`).
    fn own(&self, api: &ApiServer, mut pod: Object) -> Object {
        let (metadata, spec) = (pod.body.get("metadata"), pod.spec());
        let hash = format!(
            "{}{}",
            digest_of(&(metadata, spec, &*self.name)),
            digest_of(&(&*self.name, spec, metadata))
        );
        let name = [pod.name(), "-", &self.name].concat();
        let namespace = if pod.namespace().is_empty() { "default" } else { pod.namespace() }.to_owned();
        pod.set_at(&["metadata", "name"], name);
        pod.set_at(&["metadata", "namespace"], namespace);
        let seen = api.clock.micro_date();
        for (annotation, value) in
            [(HASH, hash.as_str()), (MIRROR, &hash), ("kubernetes.io/config.seen", &seen), (SOURCE, "file")]
        {
            pod.set_at(&["metadata", "annotations", annotation], value);
        }
        pod.set_at(&["spec", "nodeName"], &*self.name);
        let everything = value!({"effect": "NoExecute", "operator": "Exists"});
        if !pod.spec().get("tolerations").items().contains(&everything) {
            pod.entry_at(&["spec", "tolerations"]).push(everything);
        }
        pod
    }

    /// The static Pod that a Pod of the API server mirrors, as long as its file says the same.
    fn mirrored_by(&self, pod: &Object) -> Option<&Object> {
        self.static_pods.get(&pod.key()).filter(|own| own.annotation(HASH) == pod.annotation(HASH))
    }
}

/// True for a Pod that mirrors what its kubelet runs by itself.
pub(super) fn is_mirror(pod: &Object) -> bool {
    pod.annotation(SOURCE).str() == "file" && !pod.annotation(MIRROR).is_null()
}

impl Kubelet {
    /// Puts a Pod's manifest in the kubelet's folder, before anybody has been at its disk.
    pub fn add_manifest(&mut self, api: &mut ApiServer, name: &str, pod: &Value) {
        let mirror = Object::from_value(pod.clone()).map(|pod| self.node.own(api, pod));
        let key = mirror.as_ref().map(Object::key);
        let manifest = Manifest::Installed(pod.clone());
        self.node.static_pods.files.insert(name.into(), StaticPod { manifest, mirror });
        if let Some(key) = key {
            self.mirror(api, &key);
        }
    }

    /// Reads the folder where somebody may have changed it: new Pods are mirrored at once. Returns the Pods that are not to
    /// run any longer, to be looked at.
    pub fn read_manifests(&mut self, api: &mut ApiServer) -> Vec<(ObjectKey, Arc<str>)> {
        let Some(disk) = self.node.volumes.get(&disk::id()) else { return Vec::new() };
        if self.node.running && self.node.static_pods.differ(disk) {
            return self.read_changed(api);
        }
        Vec::new()
    }

    /// Somebody has changed the folder, which is no part of the page's first program.
    #[inline(never)]
    fn read_changed(&mut self, api: &mut ApiServer) -> Vec<(ObjectKey, Arc<str>)> {
        let Some(disk) = self.node.volumes.get(&disk::id()) else { return Vec::new() };
        let files = texts(disk).map(|(name, text)| {
            let known = self.node.static_pods.files.get(name).filter(|own| own.manifest.says(text));
            let read =
                || StaticPod { manifest: Manifest::Text(text.clone()), mirror: self.node.mirror(api, text) };
            (name.clone(), known.cloned().unwrap_or_else(read))
        });
        self.node.static_pods = StaticPods { files: files.collect(), changed: true };
        self.mirror_all(api);
        let own = self.workers.iter().filter(|(_, worker)| is_mirror(worker.pod()));
        let over = own.filter(|(_, worker)| self.node.mirrored_by(worker.pod()).is_none());
        over.map(|(uid, worker)| (worker.key().clone(), uid.clone())).collect()
    }

    /// Tells the API server of a static Pod that it knows nothing of, as long as it knows the node.
    fn mirror(&self, api: &mut ApiServer, key: &ObjectKey) -> Option<Object> {
        let mut pod = self.node.static_pods.get(key).filter(|_| api.get(key).is_none())?.clone();
        let node = api.get(&ObjectKey::new(Kind::Node, "", &self.node.name))?;
        let owner = value!({
            "apiVersion": "v1", "controller": true, "kind": "Node", "name": (node.name()), "uid": (node.uid())
        });
        pod.set_at(&["metadata", "ownerReferences"], vec![owner]);
        // A file that is refused makes no Pod; only the kubelet's own log, which is not simulated, tells why.
        api.create(pod.body, &key.namespace, false).ok()
    }

    /// Tells the API server of all static Pods that it knows nothing of, as a kubelet does that starts.
    pub fn mirror_all(&self, api: &mut ApiServer) {
        let pods = self.node.static_pods.files.values().filter_map(|file| file.mirror.as_ref());
        for pod in pods {
            self.mirror(api, &pod.key());
        }
    }

    /// What becomes of a mirror: one that somebody deleted comes back, and its containers never notice. True where that
    /// happened.
    pub(super) fn keeps_mirror(&mut self, api: &mut ApiServer, key: &ObjectKey, uid: &Arc<str>) -> bool {
        let Some(worker) = self.workers.get(uid).filter(|worker| is_mirror(worker.pod())) else {
            return false;
        };
        let there = api.get(key).is_some_and(|pod| pod.uid() == &**uid && !pod.is_terminating());
        if there || worker.is_stopping() || self.node.mirrored_by(worker.pod()).is_none() {
            return false;
        }
        if api.get(key).is_some_and(|pod| pod.uid() == &**uid) {
            api.finish_pod(key);
        }
        let (Some(new), Some(mut worker)) = (self.mirror(api, key), self.workers.remove(uid)) else {
            return false;
        };
        let uid = new.uid().into();
        Arc::make_mut(&mut worker).pod = new;
        self.workers.insert(uid, worker);
        true
    }

    /// A Pod as its worker is to see it: a mirror whose file is gone, or says something else, is to stop.
    pub(super) fn unless_withdrawn(&self, mut pod: Object, uid: &str) -> Object {
        let stopping = self.workers.get(uid).is_some_and(|worker| worker.is_stopping());
        if is_mirror(&pod) && !pod.is_terminating() && (stopping || self.node.mirrored_by(&pod).is_none()) {
            let grace = pod.spec().get("terminationGracePeriodSeconds").clone();
            let created = pod.meta("creationTimestamp").clone();
            pod.set_at(&["metadata", "deletionTimestamp"], created);
            pod.set_at(&["metadata", "deletionGracePeriodSeconds"], grace);
        }
        pod
    }

    /// A static Pod that has stopped makes room for what its file says now.
    pub(super) fn mirror_next(&self, api: &mut ApiServer, key: &ObjectKey) {
        if api.get(key).is_none() {
            self.mirror(api, key);
        }
    }

    /// True while a part of the control plane runs here, or nobody has touched its manifest.
    pub fn runs_part(&self, api: &ApiServer, part: &str) -> bool {
        let own = &self.node.static_pods;
        let key = || ObjectKey::new(Kind::Pod, "kube-system", &[part, "-", &self.node.name].concat());
        !own.changed
            || own.get(&key()).and_then(|_| api.get(&key())).is_some_and(|pod| {
                let containers = pod.status().get("containerStatuses").items();
                containers.iter().all(|container| !container.at(&["state", "running"]).is_null())
            })
    }
}
