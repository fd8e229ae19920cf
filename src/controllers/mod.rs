//! The controllers: each brings the store nearer to what its objects say, acting only through the API server.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change};

mod backend;
mod int_or_string;
pub mod node;
mod ownership;
mod pod;
mod revision_history;
mod template_hash;

/// Takes a key that a controller must look at, and how long it may wait before it does. A key that already waits
/// is looked at at the earlier of the two times.
pub type Enqueue<'a> = dyn FnMut(ObjectKey, Duration) + 'a;

/// At once: a controller takes up a key as soon as it is free.
const NOW: Duration = Duration::ZERO;

/// True where the namespace of an object is gone or going away, and takes nothing new.
fn namespace_is_going(api: &ApiServer, object: &Object) -> bool {
    let key = ObjectKey::new(Kind::Namespace, "", object.namespace());
    api.get(&key).is_none_or(Object::is_terminating)
}

/// Takes a finalizer off an object, which may be the last thing that kept it.
fn drop_finalizer(api: &mut ApiServer, key: &ObjectKey, name: &str) {
    api.modify(key, |object| {
        let finalizers = object.entry_at(&["metadata", "finalizers"]);
        finalizers.items_mut().retain(|finalizer| finalizer.str() != name);
        if finalizers.is_empty() {
            object.entry("metadata").remove("finalizers");
        }
    });
}

macro_rules! controllers {
    ($($name:ident $module:ident;)*) => {
        $(pub mod $module;)*

        /// A controller's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the modules say it")]
        pub enum Controller { $($name),* }

        impl Controller {
            /// Every controller.
            pub const ALL: &'static [Controller] = &[$(Controller::$name),*];

            /// Those that look at changes of a kind. Events and Leases are most of what is written, and next to nobody's.
            pub fn watching(kind: Kind) -> &'static [Controller] {
                match kind {
                    Kind::Event => &[Controller::GarbageCollector, Controller::EventTtl],
                    Kind::Lease => &[Controller::GarbageCollector, Controller::Quotas],
                    _ => Self::ALL,
                }
            }

            /// The objects that this controller must look at because of a change.
            pub fn observe(self, api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
                match self { $(Controller::$name => $module::observe(api, change, enqueue)),* }
            }

            /// From a change to this controller's look at it. A sync of the Deployment controller reads and writes several
            /// objects, so that a ReplicaSet's controller has already reported when it takes the next step of a rollout.
            pub fn latency(self) -> Duration {
                Duration::from_millis(if self == Controller::Deployments { 14 } else { 8 })
            }

            /// Looks at one object and does what is to be done. Returns when to look again, where it must without a change.
            pub fn reconcile(self, api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
                match self { $(Controller::$name => $module::reconcile(api, key)),* }
            }
        }
    };
}

controllers! {
    ServiceAccounts service_accounts;
    Deployments deployment;
    ReplicaSets replica_set;
    ReplicationControllers replication_controller;
    StatefulSets stateful_set;
    DaemonSets daemon_set;
    Jobs job;
    TtlAfterFinished ttl_after_finished;
    CronJobs cron_job;
    Namespaces namespace;
    EndpointSlices endpoint_slice;
    EndpointSliceMirrors endpoint_slice_mirroring;
    EndpointsLists endpoints;
    GarbageCollector garbage_collector;
    EphemeralVolumes ephemeral_volume;
    VolumeBinder volume_binder;
    VolumeProvisioner volume_provisioner;
    ClaimProtection pvc_protection;
    VolumeProtection pv_protection;
    Disruption disruption;
    Autoscalers horizontal_pod_autoscaler;
    NodeLifecycle node_lifecycle;
    TaintEviction taint_eviction;
    PodCollector pod_gc;
    Quotas resource_quota;
    EventTtl event_ttl;
    ApiServices api_service;
    CustomResourceDefinitions custom_resource_definition;
    CertificateSigningRequests certificate_signing_request;
    ClusterRoleAggregation cluster_role_aggregation;
    ServiceCidrs service_cidr;
    ClusterIpRepair cluster_ip_repair;
    LoadBalancers load_balancer;
}
