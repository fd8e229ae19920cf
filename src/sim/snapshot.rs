//! What a renderer may see of a simulation: plain, immutable, with nothing left to look up.

use std::collections::BTreeMap;

use crate::base::SimTime;

/// A namespaced name, as `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The namespace; empty for what has none.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// The cluster at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The moment.
    pub now: SimTime,
    /// The namespaces by name, the ones of Kubernetes itself included.
    pub namespaces: Vec<String>,
    /// The nodes by name.
    pub nodes: Vec<NodeView>,
    /// The Pods, bound or not, by namespace and name.
    pub pods: Vec<PodView>,
    /// The Services by namespace and name.
    pub services: Vec<ServiceView>,
    /// The claims by namespace and name.
    pub claims: Vec<ClaimView>,
    /// The PersistentVolumes by name.
    pub volumes: Vec<PersistentVolumeView>,
    /// Deployments, ReplicaSets and the like, by kind, namespace and name.
    pub controllers: Vec<ControllerView>,
    /// The NetworkPolicies by namespace and name.
    pub policies: Vec<PolicyView>,
    /// The port-forwards that run.
    pub forwards: Vec<ForwardView>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// Its address.
    pub ip: String,
    /// True while its kubelet reports.
    pub ready: bool,
    /// True where it takes no new Pods (`kubectl cordon`).
    pub unschedulable: bool,
    /// True for the node of the control plane.
    pub control_plane: bool,
}

/// A Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodView {
    /// Namespace and name.
    pub name: Name,
    /// Its uid: another one under the same name is another Pod.
    pub uid: String,
    /// The node it is bound to.
    pub node: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// `status.phase`.
    pub phase: String,
    /// The STATUS column of `kubectl get pods`: `Pending`, `ContainerCreating`, `Running`, `Terminating` …
    pub status: String,
    /// How many containers are ready, of how many: the READY column.
    pub ready: (usize, usize),
    /// The RESTARTS column's number.
    pub restarts: i64,
    /// True once its deletion was asked for.
    pub terminating: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Init containers in their order, then containers in theirs.
    pub containers: Vec<ContainerView>,
    /// The volumes that a container of its own mounts, service account tokens aside.
    pub volumes: Vec<VolumeView>,
    /// Kind and name of its controller.
    pub owner: Option<(String, String)>,
}

/// What a container is doing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContainerState {
    /// Not started, and why: `ContainerCreating`, `PodInitializing`, `ImagePullBackOff`, `CrashLoopBackOff` …
    Waiting(String),
    /// Started.
    Running,
    /// Ended, with its exit code and reason (`Completed`, `Error`, `OOMKilled`).
    Terminated(i64, String),
}

/// A container of a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContainerView {
    /// Its name.
    pub name: String,
    /// Its image as the manifest writes it.
    pub image: String,
    /// True for an init container.
    pub init: bool,
    /// True for an init container that stays (`restartPolicy: Always`).
    pub sidecar: bool,
    /// What it is doing.
    pub state: ContainerState,
    /// True while it is ready.
    pub ready: bool,
    /// How often it was started again.
    pub restarts: i64,
    /// The ports of its manifest.
    pub ports: Vec<u16>,
}

/// A volume of a Pod, with who mounts it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VolumeView {
    /// Its name in the Pod.
    pub name: String,
    /// The field that says what it is: `emptyDir`, `persistentVolumeClaim`, `configMap`, `secret`, `hostPath` …
    pub kind: String,
    /// The claim, ConfigMap or Secret behind it.
    pub source: Option<String>,
    /// Who mounts it.
    pub mounts: Vec<MountView>,
}

/// A volume in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MountView {
    /// The container's name.
    pub container: String,
    /// Where in its file system.
    pub path: String,
    /// True where it cannot be written to there.
    pub read_only: bool,
}

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceView {
    /// Namespace and name.
    pub name: Name,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    pub kind: String,
    /// Its address; `None` for a headless one.
    pub cluster_ip: Option<String>,
    /// The EXTERNAL-IP column where there is one.
    pub external_ip: Option<String>,
    /// Its ports.
    pub ports: Vec<ServicePortView>,
    /// Its selector.
    pub selector: BTreeMap<String, String>,
    /// The Pods behind it, ready or not.
    pub endpoints: Vec<EndpointView>,
    /// The Pods known to call it: they name it in their environment or arguments, or their image is a client of
    /// its port (phpMyAdmin of 3306).
    pub clients: Vec<Name>,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServicePortView {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The port of the Cluster IP.
    pub port: u16,
    /// The port of the Pod: a number, or the name of a container's port.
    pub target_port: String,
    /// The port of every node.
    pub node_port: Option<u16>,
}

/// A Pod behind a Service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EndpointView {
    /// The Pod.
    pub pod: Name,
    /// True while it takes connections.
    pub ready: bool,
}

/// A PersistentVolumeClaim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimView {
    /// Namespace and name.
    pub name: Name,
    /// `Pending`, `Bound` or `Lost`.
    pub phase: String,
    /// The PersistentVolume bound to it.
    pub volume: Option<String>,
    /// Its storage class.
    pub storage_class: Option<String>,
    /// What it asked for, or has: `256Mi`.
    pub capacity: String,
}

/// An object that owns Pods, or owns their owners.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ControllerView {
    /// `Deployment`, `ReplicaSet`, `StatefulSet`, `DaemonSet`, `Job`, `CronJob`.
    pub kind: String,
    /// Namespace and name.
    pub name: Name,
    /// How many Pods are ready, of how many wanted.
    pub ready: (i64, i64),
    /// Kind and name of its own controller.
    pub owner: Option<(String, String)>,
}

/// A PersistentVolume.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersistentVolumeView {
    /// Its name.
    pub name: String,
    /// `Available`, `Bound`, `Released` or `Failed`.
    pub phase: String,
    /// Its storage class.
    pub storage_class: Option<String>,
    /// How large it is.
    pub capacity: String,
    /// The claim that it is bound to.
    pub claim: Option<Name>,
}

/// A port-forward from the learner's machine into a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ForwardView {
    /// The Pod.
    pub pod: Name,
    /// The ports: of the machine, and of the Pod.
    pub ports: Vec<(u16, u16)>,
}

/// A NetworkPolicy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyView {
    /// Namespace and name.
    pub name: Name,
    /// Whom it is for: `app=mysql`; empty for every Pod of its namespace.
    pub selector: String,
    /// The Pods that it is for.
    pub pods: Vec<Name>,
    /// Who may call them: a line a rule; none where it says nothing of that.
    pub ingress: Option<Vec<String>>,
    /// Whom they may call: a line a rule; none where it says nothing of that.
    pub egress: Option<Vec<String>>,
}
