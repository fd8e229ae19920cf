//! Profiles: the clusters that people have, as data.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Kind, Object};
use crate::apiserver::ApiServer;
use crate::apiserver::allocation::create_default_range;
use crate::base::{SimTime, Value, json};
use crate::images::Reference;
use crate::kubelet::NODE_CONDITIONS;
use crate::network::route::Plugin;
use crate::value;

use super::{Cluster, Event};

/// A kind of cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// `docker-desktop`, `minikube-1.36` …
    pub name: String,
    /// The context in the learner's kubeconfig.
    pub context: String,
    /// The address of the API server there.
    pub server: String,
    /// The port that the API server has on its node: 6443 as kubeadm sets it up, 8443 in minikube.
    pub secure_port: u16,
    /// Its nodes; the first has the control plane.
    pub nodes: Vec<Node>,
    /// What its network plugin does.
    pub network: Plugin,
    /// The default StorageClass: its name and its provisioner.
    pub storage_class: (String, String),
    /// How many CoreDNS Pods it has.
    pub dns_replicas: i64,
    /// The Pods of kube-system that the first node runs by itself, by name without the node's.
    pub static_pods: Vec<StaticPod>,
    /// The Pods of kube-system that somebody put there by hand: name and image.
    pub other_pods: Vec<(String, String)>,
    /// What was pulled to its nodes before, beside the images of its own Pods.
    pub images: Vec<String>,
    /// For how long it has been running when a scenario begins.
    pub booted_before: Duration,
}

/// A machine of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its address.
    pub ip: Ipv4Addr,
    /// The addresses of its Pods: the first, and the length of the prefix.
    pub pod_range: (Ipv4Addr, u8),
    /// True where the control plane runs on it.
    pub control_plane: bool,
    /// True where Pods must tolerate the control plane to run on it.
    pub tainted: bool,
    /// Its processors.
    pub cpu: u32,
    /// Its memory: `8142036Ki`.
    pub memory: String,
    /// The OS-IMAGE column.
    pub os_image: String,
    /// The KERNEL-VERSION column.
    pub kernel: String,
    /// The CONTAINER-RUNTIME column.
    pub runtime: String,
    /// The id of its machine, 32 hexadecimal digits; one follows from its name where none is told.
    pub machine_id: Option<String>,
    /// How many seconds after the cluster was switched on it joins; the first is there from the start.
    pub joins_after: u64,
}

/// A Pod that a kubelet runs from a file of its machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StaticPod {
    /// `etcd`: the Pod is `etcd-NODE`.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The CPU that it asks for.
    pub cpu: String,
    /// The memory that it asks for.
    pub memory: Option<String>,
}

/// There is no profile of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProfile(pub String);

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Profile::ALL.iter().map(|(name, _)| *name).collect();
        write!(f, "no profile is called \"{}\"; there are {}", self.0, names.join(", "))
    }
}

/// A file of `profiles/` as `build.rs` made JSON of it.
macro_rules! profile {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/profiles/", $name, ".json"))
    };
}

impl Profile {
    /// Every profile: its name and its file.
    pub const ALL: &'static [(&'static str, &'static str)] = &[
        ("docker-desktop", profile!("docker-desktop")),
        ("minikube-1.36", profile!("minikube-1.36")),
        ("minikube-two-node", profile!("minikube-two-node")),
        ("kind", profile!("kind")),
    ];

    /// The common name of the authority that a cluster's maker makes.
    pub fn authority(&self) -> &'static str {
        if self.name.starts_with("minikube") { "minikubeCA" } else { "kubernetes" }
    }

    /// The name in the certificate that a cluster's maker gives its user.
    pub fn owner(&self) -> &'static str {
        match self.context.as_str() {
            "minikube" => "minikube-user",
            "docker-desktop" => "docker-for-desktop",
            _ => "kubernetes-admin",
        }
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn named(name: &str) -> Result<Arc<Self>, UnknownProfile> {
        let unknown = || UnknownProfile(name.into());
        let (_, text) = Self::ALL.iter().find(|(known, _)| *known == name).ok_or_else(unknown)?;
        // The files are the program's own, and a test reads them all.
        json::from_str(text).ok().and_then(|value| Self::read(&value)).map(Arc::new).ok_or_else(unknown)
    }

    fn read(from: &Value) -> Option<Self> {
        Some(Self {
            name: text(from, "name")?,
            context: text(from, "context")?,
            server: text(from, "server")?,
            secure_port: number(from, "secure_port")?,
            nodes: from.get("nodes").items().iter().map(Node::read).collect::<Option<_>>()?,
            network: Plugin::read(from.get("network"))?,
            storage_class: pair(from.get("storage_class"))?,
            dns_replicas: number(from, "dns_replicas")?,
            static_pods: from
                .get("static_pods")
                .items()
                .iter()
                .map(StaticPod::read)
                .collect::<Option<_>>()?,
            other_pods: from.get("other_pods").items().iter().map(pair).collect::<Option<_>>()?,
            images: from.get("images").items().iter().map(|image| image.str().to_owned()).collect(),
            booted_before: Duration::from_secs(number(from, "bootedBeforeSeconds")?),
        })
    }
}

impl Node {
    fn read(from: &Value) -> Option<Self> {
        let range = from.get("pod_range").items();
        Some(Self {
            name: text(from, "name")?,
            ip: from.get("ip").str().parse().ok()?,
            pod_range: (range.first()?.str().parse().ok()?, u8::try_from(range.get(1)?.int()).ok()?),
            control_plane: from.get("control_plane").bool(),
            tainted: from.get("tainted").bool(),
            cpu: number(from, "cpu")?,
            memory: text(from, "memory")?,
            os_image: text(from, "os_image")?,
            kernel: text(from, "kernel")?,
            runtime: text(from, "runtime")?,
            machine_id: text(from, "machine_id"),
            joins_after: number(from, "joinsAfterSeconds").unwrap_or(0),
        })
    }
}

impl StaticPod {
    fn read(from: &Value) -> Option<Self> {
        Some(Self {
            name: text(from, "name")?,
            image: text(from, "image")?,
            cpu: text(from, "cpu")?,
            memory: text(from, "memory"),
        })
    }
}

fn text(from: &Value, name: &str) -> Option<String> {
    from.get(name).as_str().map(str::to_owned)
}

fn number<T: TryFrom<i64>>(from: &Value, name: &str) -> Option<T> {
    T::try_from(from.get(name).as_int()?).ok()
}

fn pair(from: &Value) -> Option<(String, String)> {
    let [one, other] = from.items() else { return None };
    Some((one.str().to_owned(), other.str().to_owned()))
}

/// What every cluster has in kube-system and beside it.
const SYSTEM: &str = profile!("system");

/// The images of the Pods in it.
const SYSTEM_IMAGES: &[&str] =
    &["registry.k8s.io/coredns/coredns:v1.14.1", "registry.k8s.io/kube-proxy:v1.36.2"];

/// Creates what a new cluster begins with.
pub(super) fn boot(cluster: &mut Cluster) {
    let profile = cluster.profile.clone();
    let create = |api: &mut ApiServer, object: Value| {
        let namespace = object.at(&["metadata", "namespace"]).str().to_string();
        // What cannot be created is missing in the test that counts these objects.
        let _ = api.create(object, &namespace, false);
    };
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        create(&mut cluster.api, Object::new(Kind::Namespace, "", name).body);
        create(&mut cluster.api, Object::new(Kind::ServiceAccount, name, "default").body);
    }
    create_default_range(&mut cluster.api);
    // As above: a file of the program's own.
    for mut object in json::from_str(SYSTEM).unwrap_or_default().items().iter().cloned() {
        if object.at(&["metadata", "name"]).str() == "coredns" && object.get("kind").str() == "Deployment" {
            object.set_at(&["spec", "replicas"], profile.dns_replicas);
        }
        if object.at(&["metadata", "name"]).str() == "kubernetes" {
            object.entry_at(&["spec", "ports"]).items_mut()[0]
                .set("targetPort", u32::from(profile.secure_port));
        }
        create(&mut cluster.api, object);
    }
    let (name, provisioner) = &profile.storage_class;
    let mut class = Object::new(Kind::StorageClass, "", name);
    class.set_at(&["metadata", "annotations", "storageclass.kubernetes.io/is-default-class"], "true");
    class.set("provisioner", provisioner.as_str());
    create(&mut cluster.api, class.body);
    for (number, node) in profile.nodes.iter().enumerate() {
        match node.joins_after {
            0 => cluster.add_node(node),
            seconds => cluster.queue.push(SimTime::from_secs(seconds), Event::Join(number)),
        }
    }
    kubernetes_endpoints(cluster, &profile);
    let first = profile.nodes[0].name.as_str();
    for pod in &profile.static_pods {
        let mut object = pod_of_system(&pod.name, &pod.name, &pod.image);
        let labels = value!({"component": (pod.name.as_str()), "tier": "control-plane"});
        object.set_at(&["metadata", "labels"], labels);
        let mut requests = value!({"cpu": (pod.cpu.as_str())});
        if let Some(memory) = &pod.memory {
            requests.set("memory", memory.as_str());
        }
        object.entry_at(&["spec", "containers"]).items_mut()[0].set_at(&["resources", "requests"], requests);
        if let Some(kubelet) = cluster.kubelets.get_mut(first) {
            kubelet.add_manifest(&mut cluster.api, &[&pod.name, ".yaml"].concat(), &object.body);
        }
    }
    super::aggregation::boot(&mut cluster.api);
    for (name, image) in &profile.other_pods {
        create(&mut cluster.api, Object::new(Kind::ServiceAccount, "kube-system", name).body);
        let mut pod = pod_of_system(name, name, image);
        pod.set_at(&["spec", "nodeName"], first);
        pod.set_at(&["spec", "tolerations"], value!([{"operator": "Exists"}]));
        pod.set_at(&["spec", "serviceAccountName"], name.as_str());
        create(&mut cluster.api, pod.body);
    }
}

/// The images that a node has when a scenario begins: those of the cluster's own Pods, and what was pulled before.
pub(super) fn images_at_hand(profile: &Profile) -> impl Iterator<Item = String> {
    let own = profile.static_pods.iter().map(|pod| pod.image.as_str());
    let others = profile.other_pods.iter().map(|(_, image)| image.as_str());
    let pulled = profile.images.iter().map(String::as_str);
    let images = own.chain(others).chain(SYSTEM_IMAGES.iter().copied()).chain(pulled);
    images.filter_map(|image| Some(Reference::parse(image)?.to_string()))
}

fn pod_of_system(name: &str, container: &str, image: &str) -> Object {
    let mut pod = Object::new(Kind::Pod, "kube-system", name);
    pod.set(
        "spec",
        value!({
            "containers": [{"image": image, "name": container}],
            "hostNetwork": true,
            "priority": 2_000_001_000,
            "priorityClassName": "system-node-critical"
        }),
    );
    pod
}

/// The API server looks after the endpoints of its own Service.
fn kubernetes_endpoints(cluster: &mut Cluster, profile: &Profile) {
    let ip = profile.nodes[0].ip.to_string();
    let labels = value!({"endpointslice.kubernetes.io/skip-mirror": "true"});
    let mut endpoints = Object::new(Kind::Endpoints, "default", "kubernetes");
    endpoints.set_at(&["metadata", "labels"], labels);
    endpoints.set(
        "subsets",
        value!([{
            "addresses": [{"ip": (ip.as_str())}],
            "ports": [{"name": "https", "port": (u32::from(profile.secure_port)), "protocol": "TCP"}]
        }]),
    );
    let _ = cluster.api.create(endpoints.body, "default", false);
    let mut slice = Object::new(Kind::EndpointSlice, "default", "kubernetes");
    slice.set_at(&["metadata", "labels"], value!({"kubernetes.io/service-name": "kubernetes"}));
    slice.set("addressType", "IPv4");
    slice.set("endpoints", value!([{"addresses": [(ip.as_str())], "conditions": {"ready": true}}]));
    slice.set(
        "ports",
        value!([{"name": "https", "port": (u32::from(profile.secure_port)), "protocol": "TCP"}]),
    );
    let _ = cluster.api.create(slice.body, "default", false);
}

pub(super) fn node_object(node: &Node, _api: &ApiServer) -> Object {
    let mut object = Object::new(Kind::Node, "", &node.name);
    let mut labels = value!({
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": (node.name.as_str()),
        "kubernetes.io/os": "linux"
    });
    if node.control_plane {
        labels.set("node-role.kubernetes.io/control-plane", "");
        labels.set("node.kubernetes.io/exclude-from-external-load-balancers", "");
    }
    object.set_at(&["metadata", "labels"], labels);
    object.set_at(
        &["metadata", "annotations"],
        value!({
            "node.alpha.kubernetes.io/ttl": "0",
            "volumes.kubernetes.io/controller-managed-attach-detach": "true"
        }),
    );
    let range = format!("{}/{}", node.pod_range.0, node.pod_range.1);
    object.set("spec", value!({"podCIDR": (range.as_str()), "podCIDRs": [(range.as_str())]}));
    if node.tainted {
        object.set_at(
            &["spec", "taints"],
            value!([{"effect": "NoSchedule", "key": "node-role.kubernetes.io/control-plane"}]),
        );
    }
    object
}

pub(super) fn node_status(node: &Node) -> Value {
    let resources = value!({
        "cpu": (node.cpu.to_string()),
        "ephemeral-storage": "61202244Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": (node.memory.as_str()),
        "pods": "110"
    });
    let conditions: Value = NODE_CONDITIONS
        .iter()
        .map(|(kind, _, _, _)| value!({"type": (*kind), "status": "Unknown"}))
        .collect();
    let machine = node.machine_id.clone().unwrap_or_else(|| {
        let digest = crate::base::digest_of(node.name.as_str());
        format!("{digest}{digest}")
    });
    let uuid = [&machine[..8], &machine[8..12], "4015", "afdd", &machine[20..]].join("-");
    value!({
        "addresses": [
            {"address": (node.ip.to_string()), "type": "InternalIP"},
            {"address": (node.name.as_str()), "type": "Hostname"}
        ],
        "allocatable": (resources.clone()),
        "capacity": resources,
        "conditions": conditions,
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10_250}},
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": (format!("0b0c0d0e-1f2a-4b3c-8d4e-{}", &machine[..12])),
            "containerRuntimeVersion": (node.runtime.as_str()),
            "kernelVersion": (node.kernel.as_str()),
            "kubeProxyVersion": "",
            "kubeletVersion": "v1.36.2",
            "machineID": (machine.as_str()),
            "operatingSystem": "linux",
            "osImage": (node.os_image.as_str()),
            "systemUUID": uuid
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_read() {
        for (name, text) in Profile::ALL {
            let profile = Profile::named(name).unwrap();
            assert_eq!(profile.name, *name);
            // What is written in a file and not read would be missed by nobody.
            let written = json::from_str(text).unwrap();
            let known = format!("{profile:?}").replace("booted_before", "bootedBeforeSeconds");
            let known = known.replace("joins_after", "joinsAfterSeconds");
            let parts = [&written, written.get("network")];
            let parts = parts.into_iter().chain(written.get("nodes").items());
            for (key, _) in parts.chain(written.get("static_pods").items()).flat_map(Value::entries) {
                assert!(known.contains(&format!("{key}: ")), "{name}: {key}");
            }
        }
        assert!(Profile::named("nope").unwrap_err().to_string().contains("docker-desktop"));
    }
}
