//! The kinds that the API server knows, with their names.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::custom_kind;

/// What discovery says about a kind.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Names {
    /// `Deployment`.
    pub kind: &'static str,
    /// `apps`; empty for the core group.
    pub group: &'static str,
    /// `v1`.
    pub version: &'static str,
    /// `apps/v1`, or `v1` in the core group.
    pub api_version: &'static str,
    /// `deployments`: the resource's name.
    pub plural: &'static str,
    /// `deployment`.
    pub singular: &'static str,
    /// `deploy`.
    pub short: &'static [&'static str],
    /// True where objects live in a namespace.
    pub namespaced: bool,
    /// True for what `kubectl get all` shows.
    pub in_all: bool,
}

macro_rules! kinds {
    ($($kind:ident $group:literal $version:literal $plural:literal $singular:literal $short:tt $scope:ident $($all:ident)?;)*) => {
        /// What each built-in kind is counted by.
        enum Number { $($kind),* }

        #[allow(missing_docs, non_upper_case_globals, reason = "the names are Kubernetes' own")]
        impl Kind {
            $(pub const $kind: Kind = Kind(Number::$kind as u16);)*

            /// Every built-in kind.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];
        }

        static NAMES: &[Names] = &[$(
            Names {
                kind: stringify!($kind),
                group: $group,
                version: $version,
                api_version: const { if $group.is_empty() { $version } else { concat!($group, "/", $version) } },
                plural: $plural,
                singular: $singular,
                short: &$short,
                namespaced: kinds!(@scope $scope),
                in_all: kinds!(@all $($all)?),
            },
        )*];
    };
    (@scope namespaced) => { true };
    (@scope cluster) => { false };
    (@all) => { false };
    (@all all) => { true };
}

/// A kind of object: one of the constants here, or one that a CustomResourceDefinition names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind(u16);

// In the order in which a Namespace gives up its contents and `kubectl get all` prints them where that matters.
kinds! {
    Pod "" "v1" "pods" "pod" ["po"] namespaced all;
    ReplicationController "" "v1" "replicationcontrollers" "replicationcontroller" ["rc"] namespaced all;
    Service "" "v1" "services" "service" ["svc"] namespaced all;
    DaemonSet "apps" "v1" "daemonsets" "daemonset" ["ds"] namespaced all;
    Deployment "apps" "v1" "deployments" "deployment" ["deploy"] namespaced all;
    ReplicaSet "apps" "v1" "replicasets" "replicaset" ["rs"] namespaced all;
    StatefulSet "apps" "v1" "statefulsets" "statefulset" ["sts"] namespaced all;
    HorizontalPodAutoscaler "autoscaling" "v2" "horizontalpodautoscalers" "horizontalpodautoscaler" ["hpa"] namespaced all;
    CronJob "batch" "v1" "cronjobs" "cronjob" ["cj"] namespaced all;
    Job "batch" "v1" "jobs" "job" [] namespaced all;
    ConfigMap "" "v1" "configmaps" "configmap" ["cm"] namespaced;
    Endpoints "" "v1" "endpoints" "endpoints" ["ep"] namespaced;
    Event "" "v1" "events" "event" ["ev"] namespaced;
    LimitRange "" "v1" "limitranges" "limitrange" ["limits"] namespaced;
    Namespace "" "v1" "namespaces" "namespace" ["ns"] cluster;
    Node "" "v1" "nodes" "node" ["no"] cluster;
    PersistentVolumeClaim "" "v1" "persistentvolumeclaims" "persistentvolumeclaim" ["pvc"] namespaced;
    PersistentVolume "" "v1" "persistentvolumes" "persistentvolume" ["pv"] cluster;
    ResourceQuota "" "v1" "resourcequotas" "resourcequota" ["quota"] namespaced;
    Secret "" "v1" "secrets" "secret" [] namespaced;
    ServiceAccount "" "v1" "serviceaccounts" "serviceaccount" ["sa"] namespaced;
    ControllerRevision "apps" "v1" "controllerrevisions" "controllerrevision" [] namespaced;
    Lease "coordination.k8s.io" "v1" "leases" "lease" [] namespaced;
    EndpointSlice "discovery.k8s.io" "v1" "endpointslices" "endpointslice" [] namespaced;
    IngressClass "networking.k8s.io" "v1" "ingressclasses" "ingressclass" [] cluster;
    Ingress "networking.k8s.io" "v1" "ingresses" "ingress" ["ing"] namespaced;
    NetworkPolicy "networking.k8s.io" "v1" "networkpolicies" "networkpolicy" ["netpol"] namespaced;
    PodDisruptionBudget "policy" "v1" "poddisruptionbudgets" "poddisruptionbudget" ["pdb"] namespaced;
    ClusterRoleBinding "rbac.authorization.k8s.io" "v1" "clusterrolebindings" "clusterrolebinding" [] cluster;
    ClusterRole "rbac.authorization.k8s.io" "v1" "clusterroles" "clusterrole" [] cluster;
    RoleBinding "rbac.authorization.k8s.io" "v1" "rolebindings" "rolebinding" [] namespaced;
    Role "rbac.authorization.k8s.io" "v1" "roles" "role" [] namespaced;
    PriorityClass "scheduling.k8s.io" "v1" "priorityclasses" "priorityclass" ["pc"] cluster;
    APIService "apiregistration.k8s.io" "v1" "apiservices" "apiservice" [] cluster;
    StorageClass "storage.k8s.io" "v1" "storageclasses" "storageclass" ["sc"] cluster;
    CertificateSigningRequest "certificates.k8s.io" "v1" "certificatesigningrequests" "certificatesigningrequest" ["csr"] cluster;
    IPAddress "networking.k8s.io" "v1" "ipaddresses" "ipaddress" ["ip"] cluster;
    ServiceCIDR "networking.k8s.io" "v1" "servicecidrs" "servicecidr" [] cluster;
    RuntimeClass "node.k8s.io" "v1" "runtimeclasses" "runtimeclass" [] cluster;
    CustomResourceDefinition "apiextensions.k8s.io" "v1" "customresourcedefinitions" "customresourcedefinition" ["crd", "crds"] cluster;
}

impl Kind {
    /// The custom kind of these names: `stable.example.com/v1`, `CronTab`, `crontabs`.
    pub fn custom(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> Kind {
        Kind(NAMES.len() as u16 + custom_kind::number(api_version, kind, plural, namespaced))
    }

    /// True for a kind that a CustomResourceDefinition names.
    pub fn is_custom(self) -> bool {
        usize::from(self.0) >= NAMES.len()
    }

    /// Its names in discovery.
    pub fn names(self) -> &'static Names {
        match NAMES.get(usize::from(self.0)) {
            Some(names) => names,
            None => custom_kind::names(self.0 - NAMES.len() as u16),
        }
    }

    /// The built-in kind that a manifest's `apiVersion` and `kind` name.
    pub fn of(api_version: &str, kind: &str) -> Option<Kind> {
        Self::ALL.iter().copied().find(|k| k.names().kind == kind && k.api_version() == api_version)
    }

    /// The built-in kind that a word on a command line means: plural, singular or short, with or without its group
    /// (`deployments.apps`, `deploy.v1.apps`), in any case.
    pub fn from_word(word: &str) -> Option<Kind> {
        let word = word.to_lowercase();
        let (name, group) = word.split_once('.').unwrap_or((&word, ""));
        Self::ALL.iter().copied().find(|k| {
            let names = k.names();
            (name == names.plural || name == names.singular || names.short.contains(&name))
                && (group.is_empty()
                    || group == names.group
                    || group
                        .strip_prefix(names.version)
                        .is_some_and(|rest| rest.trim_start_matches('.') == names.group))
        })
    }

    /// `apps/v1`, or `v1` in the core group.
    pub fn api_version(self) -> &'static str {
        self.names().api_version
    }

    /// `deployment.apps`, or `pod` in the core group: how kubectl names a kind in what it prints.
    pub fn printed(self) -> String {
        self.with_group(self.names().singular)
    }

    /// `deployments.apps`, or `pods` in the core group: how the server names a resource in its errors.
    pub fn resource(self) -> String {
        self.with_group(self.names().plural)
    }

    /// `Deployment.apps`, or `Pod` in the core group: how the server names a kind in its errors.
    pub fn group_kind(self) -> String {
        self.with_group(self.names().kind)
    }

    fn with_group(self, name: &str) -> String {
        match self.names().group {
            "" => name.into(),
            group => format!("{name}.{group}"),
        }
    }
}

// The numbers of custom kinds tell in which order they were met, which is nothing of the cluster's: what orders and what is
// hashed are their names.
impl Ord for Kind {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.is_custom() && other.is_custom() {
            true => custom_kind::compare(self.names(), other.names()),
            false => self.0.cmp(&other.0),
        }
    }
}
impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Hash for Kind {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.is_custom() {
            true => custom_kind::hash(self.names(), state),
            false => self.0.hash(state),
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_command_line() {
        for (word, kind) in [
            ("po", Some(Kind::Pod)),
            ("Pods", Some(Kind::Pod)),
            ("deploy", Some(Kind::Deployment)),
            ("deployments.apps", Some(Kind::Deployment)),
            ("deployment.v1.apps", Some(Kind::Deployment)),
            ("pods.apps", None),
            ("podz", None),
        ] {
            assert_eq!(Kind::from_word(word), kind, "{word}");
        }
    }

    #[test]
    fn manifests_name_their_kind() {
        assert_eq!(Kind::of("apps/v1", "Deployment"), Some(Kind::Deployment));
        assert_eq!(Kind::of("v1", "Deployment"), None);
        assert_eq!(Kind::Deployment.printed(), "deployment.apps");
        assert_eq!(Kind::Pod.resource(), "pods");
    }
}
