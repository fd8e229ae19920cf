//! What the server's discovery tells kubectl: every resource of Kubernetes 1.36, simulated or not.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::api::{Kind, Object, Status};
use crate::apiserver::ApiServer;
use crate::apiserver::custom_resources::kind_of_definition;
use crate::base::Value;

use super::error::{Error, Result};

/// A resource in discovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// `deployments`.
    pub plural: Cow<'static, str>,
    /// `deployment`, where it is another word than the kind.
    pub singular: Cow<'static, str>,
    /// `deploy`; several with commas between.
    pub short: Cow<'static, str>,
    /// `apps/v1`.
    pub api_version: &'static str,
    /// True where objects live in a namespace.
    pub namespaced: bool,
    /// `Deployment`.
    pub kind: &'static str,
    /// What can be done with it, sorted.
    pub verbs: &'static str,
    /// What groups it belongs to: `all`; several with commas between.
    pub categories: Cow<'static, str>,
    /// The kind, where a CustomResourceDefinition names it.
    pub custom: Option<Kind>,
}

/// All the usual verbs.
const ALL: &str = "create,delete,deletecollection,get,list,patch,update,watch";
const CREATE: &str = "create";

/// A line a resource: plural, short names or `-`, group and version, whether it is namespaced, kind, and what of
/// verbs and categories is not the usual.
macro_rules! resources {
    ($($plural:literal $short:literal $api:literal $namespaced:literal $kind:literal $verbs:ident $categories:literal;)*) => {
        &[$(Resource {
            plural: Cow::Borrowed($plural), singular: Cow::Borrowed(""), short: Cow::Borrowed($short), api_version: $api,
            namespaced: $namespaced, kind: $kind, verbs: $verbs, categories: Cow::Borrowed($categories), custom: None,
        }),*]
    };
}

const GET_LIST: &str = "get,list";

/// Every resource, by group (the core group first) and name.
pub const RESOURCES: &[Resource] = resources! {
    "bindings" "" "v1" true "Binding" CREATE "";
    "componentstatuses" "cs" "v1" false "ComponentStatus" GET_LIST "";
    "configmaps" "cm" "v1" true "ConfigMap" ALL "";
    "endpoints" "ep" "v1" true "Endpoints" ALL "";
    "events" "ev" "v1" true "Event" ALL "";
    "limitranges" "limits" "v1" true "LimitRange" ALL "";
    "namespaces" "ns" "v1" false "Namespace" NO_COLLECTION "";
    "nodes" "no" "v1" false "Node" ALL "";
    "persistentvolumeclaims" "pvc" "v1" true "PersistentVolumeClaim" ALL "";
    "persistentvolumes" "pv" "v1" false "PersistentVolume" ALL "";
    "pods" "po" "v1" true "Pod" ALL "all";
    "podtemplates" "" "v1" true "PodTemplate" ALL "";
    "replicationcontrollers" "rc" "v1" true "ReplicationController" ALL "all";
    "resourcequotas" "quota" "v1" true "ResourceQuota" ALL "";
    "secrets" "" "v1" true "Secret" ALL "";
    "serviceaccounts" "sa" "v1" true "ServiceAccount" ALL "";
    "services" "svc" "v1" true "Service" ALL "all";
    "mutatingadmissionpolicies" "" "admissionregistration.k8s.io/v1" false "MutatingAdmissionPolicy" ALL "api-extensions";
    "mutatingadmissionpolicybindings" "" "admissionregistration.k8s.io/v1" false "MutatingAdmissionPolicyBinding" ALL "api-extensions";
    "mutatingwebhookconfigurations" "" "admissionregistration.k8s.io/v1" false "MutatingWebhookConfiguration" ALL "api-extensions";
    "validatingadmissionpolicies" "" "admissionregistration.k8s.io/v1" false "ValidatingAdmissionPolicy" ALL "api-extensions";
    "validatingadmissionpolicybindings" "" "admissionregistration.k8s.io/v1" false "ValidatingAdmissionPolicyBinding" ALL "api-extensions";
    "validatingwebhookconfigurations" "" "admissionregistration.k8s.io/v1" false "ValidatingWebhookConfiguration" ALL "api-extensions";
    "customresourcedefinitions" "crd,crds" "apiextensions.k8s.io/v1" false "CustomResourceDefinition" ALL "api-extensions";
    "apiservices" "" "apiregistration.k8s.io/v1" false "APIService" ALL "api-extensions";
    "controllerrevisions" "" "apps/v1" true "ControllerRevision" ALL "";
    "daemonsets" "ds" "apps/v1" true "DaemonSet" ALL "all";
    "deployments" "deploy" "apps/v1" true "Deployment" ALL "all";
    "replicasets" "rs" "apps/v1" true "ReplicaSet" ALL "all";
    "statefulsets" "sts" "apps/v1" true "StatefulSet" ALL "all";
    "selfsubjectreviews" "" "authentication.k8s.io/v1" false "SelfSubjectReview" CREATE "";
    "tokenreviews" "" "authentication.k8s.io/v1" false "TokenReview" CREATE "";
    "localsubjectaccessreviews" "" "authorization.k8s.io/v1" true "LocalSubjectAccessReview" CREATE "";
    "selfsubjectaccessreviews" "" "authorization.k8s.io/v1" false "SelfSubjectAccessReview" CREATE "";
    "selfsubjectrulesreviews" "" "authorization.k8s.io/v1" false "SelfSubjectRulesReview" CREATE "";
    "subjectaccessreviews" "" "authorization.k8s.io/v1" false "SubjectAccessReview" CREATE "";
    "horizontalpodautoscalers" "hpa" "autoscaling/v2" true "HorizontalPodAutoscaler" ALL "all";
    "cronjobs" "cj" "batch/v1" true "CronJob" ALL "all";
    "jobs" "" "batch/v1" true "Job" ALL "all";
    "certificatesigningrequests" "csr" "certificates.k8s.io/v1" false "CertificateSigningRequest" ALL "";
    "leases" "" "coordination.k8s.io/v1" true "Lease" ALL "";
    "endpointslices" "" "discovery.k8s.io/v1" true "EndpointSlice" ALL "";
    "events" "ev" "events.k8s.io/v1" true "Event" ALL "";
    "flowschemas" "" "flowcontrol.apiserver.k8s.io/v1" false "FlowSchema" ALL "";
    "prioritylevelconfigurations" "" "flowcontrol.apiserver.k8s.io/v1" false "PriorityLevelConfiguration" ALL "";
    "ingressclasses" "" "networking.k8s.io/v1" false "IngressClass" ALL "";
    "ingresses" "ing" "networking.k8s.io/v1" true "Ingress" ALL "";
    "ipaddresses" "ip" "networking.k8s.io/v1" false "IPAddress" ALL "";
    "networkpolicies" "netpol" "networking.k8s.io/v1" true "NetworkPolicy" ALL "";
    "servicecidrs" "" "networking.k8s.io/v1" false "ServiceCIDR" ALL "";
    "runtimeclasses" "" "node.k8s.io/v1" false "RuntimeClass" ALL "";
    "poddisruptionbudgets" "pdb" "policy/v1" true "PodDisruptionBudget" ALL "";
    "clusterrolebindings" "" "rbac.authorization.k8s.io/v1" false "ClusterRoleBinding" ALL "";
    "clusterroles" "" "rbac.authorization.k8s.io/v1" false "ClusterRole" ALL "";
    "rolebindings" "" "rbac.authorization.k8s.io/v1" true "RoleBinding" ALL "";
    "roles" "" "rbac.authorization.k8s.io/v1" true "Role" ALL "";
    "deviceclasses" "" "resource.k8s.io/v1" false "DeviceClass" ALL "";
    "resourceclaims" "" "resource.k8s.io/v1" true "ResourceClaim" ALL "";
    "resourceclaimtemplates" "" "resource.k8s.io/v1" true "ResourceClaimTemplate" ALL "";
    "resourceslices" "" "resource.k8s.io/v1" false "ResourceSlice" ALL "";
    "priorityclasses" "pc" "scheduling.k8s.io/v1" false "PriorityClass" ALL "";
    "csidrivers" "" "storage.k8s.io/v1" false "CSIDriver" ALL "";
    "csinodes" "" "storage.k8s.io/v1" false "CSINode" ALL "";
    "csistoragecapacities" "" "storage.k8s.io/v1" true "CSIStorageCapacity" ALL "";
    "storageclasses" "sc" "storage.k8s.io/v1" false "StorageClass" ALL "";
    "volumeattachments" "" "storage.k8s.io/v1" false "VolumeAttachment" ALL "";
    "volumeattributesclasses" "vac" "storage.k8s.io/v1" false "VolumeAttributesClass" ALL "";
};

/// What the metrics server adds, where there is one.
pub const METRICS: &[Resource] = resources! {
    "nodes" "" "metrics.k8s.io/v1beta1" false "NodeMetrics" GET_LIST "";
    "pods" "" "metrics.k8s.io/v1beta1" true "PodMetrics" GET_LIST "";
};

/// Its group and version.
pub const METRICS_VERSION: &str = "metrics.k8s.io/v1beta1";

/// Namespaces cannot be deleted all at once.
const NO_COLLECTION: &str = "create,delete,get,list,patch,update,watch";

/// Every group and version, `v1` last, as `api-versions` prints them.
pub const API_VERSIONS: &[&str] = &[
    "admissionregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1",
    "apps/v1",
    "authentication.k8s.io/v1",
    "authorization.k8s.io/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "certificates.k8s.io/v1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "events.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1",
    "networking.k8s.io/v1",
    "node.k8s.io/v1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
    "resource.k8s.io/v1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1",
    "v1",
];

impl Resource {
    /// `apps`; empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }
    /// `v1`.
    pub fn version(&self) -> &'static str {
        self.api_version.split_once('/').map_or(self.api_version, |(_, version)| version)
    }
    /// `deployments.apps`.
    pub fn qualified(&self) -> String {
        match self.group() {
            "" => self.plural.to_string(),
            group => format!("{}.{group}", self.plural),
        }
    }
    /// The kind, where it is simulated. Both groups of Events show the same objects.
    pub fn simulated(&self) -> Option<Kind> {
        match self.kind {
            _ if self.custom.is_some() => self.custom,
            "Event" => Some(Kind::Event),
            kind => Kind::of(self.api_version, kind),
        }
    }
    /// True where a new cluster has no objects of it and nothing here makes any, so that its list is known to be empty.
    fn is_empty(&self) -> bool {
        const FILLED: [&str; 5] =
            ["csinodes", "flowschemas", "ipaddresses", "prioritylevelconfigurations", "servicecidrs"];
        self.verbs == ALL && !FILLED.contains(&&*self.plural) && self.simulated().is_none()
    }
    /// The server has no object of this name.
    pub fn not_found(&self, name: &str) -> Error {
        let message = format!("{} \"{name}\" not found", self.qualified());
        Status { code: 404, reason: "NotFound", message, causes: Vec::new() }.into()
    }
    fn is_called(&self, name: &str) -> bool {
        name == self.plural
            || name == self.singular
            || name == self.kind.to_lowercase()
            || self.short.split(',').any(|short| short == name)
    }
}

/// The resource of an established CustomResourceDefinition.
fn custom(definition: &Object) -> Option<Resource> {
    let kind = kind_of_definition(definition)?;
    let names = definition.spec().get("names");
    let list = |field: &str| {
        let words: Vec<&str> = names.get(field).items().iter().map(Value::str).collect();
        words.join(",").into()
    };
    Some(Resource {
        plural: kind.names().plural.into(),
        singular: names.get("singular").str().to_owned().into(),
        short: list("shortNames"),
        api_version: kind.api_version(),
        namespaced: kind.names().namespaced,
        kind: kind.names().kind,
        verbs: ALL,
        categories: list("categories"),
        custom: Some(kind),
    })
}

/// The resources that CustomResourceDefinitions have added.
pub fn customs(api: &ApiServer) -> impl Iterator<Item = Resource> + use<'_> {
    api.established_definitions().filter_map(custom)
}

/// Every resource, by group and name.
pub fn resources(api: &ApiServer) -> Vec<Resource> {
    let metrics = api.metrics_available().map(|_| METRICS).into_iter().flatten();
    let mut all: Vec<Resource> = RESOURCES.iter().chain(metrics).cloned().chain(customs(api)).collect();
    all.sort_by(|a, b| (a.group(), &a.plural).cmp(&(b.group(), &b.plural)));
    all
}

/// The resource that a word on a command line means: `deploy`, `Deployment`, `deployments.apps`,
/// `deployments.v1.apps`; a group may be shortened to its beginning.
pub fn find(api: &ApiServer, word: &str) -> Option<Resource> {
    let word = word.to_lowercase();
    let (name, rest) = word.split_once('.').unwrap_or((&word, ""));
    let customs: Vec<Resource> = customs(api).collect();
    let named = || RESOURCES.iter().chain(&customs).filter(|resource| resource.is_called(name));
    if let Some((version, group)) = rest.split_once('.') {
        let serves = |resource: &Resource| {
            let api_version = [group, "/", version].concat();
            resource.custom.is_some() && api.kind_of(&api_version, resource.kind) == resource.custom
        };
        let exact = named().find(|r| (r.version() == version && r.group() == group) || serves(r));
        if exact.is_some() {
            return exact.cloned();
        }
    }
    let found = match rest {
        "" if word.contains('.') => named().find(|r| r.group().is_empty()),
        "" => named().next(),
        _ => named()
            .find(|r| r.group() == rest)
            .or_else(|| named().find(|r| !r.group().is_empty() && r.group().starts_with(rest))),
    };
    found.cloned()
}

/// The simulated kind that a word means.
///
/// # Errors
/// kubectl's words where the server has no such resource; Saya's where it has one that is not simulated.
pub fn kind(api: &ApiServer, word: &str) -> Result<Kind> {
    let resource =
        find(api, word).ok_or_else(|| Error::no_resource_type(word.split('.').next().unwrap_or_default()))?;
    if resource.verbs == CREATE {
        let message = "the server does not allow this method on the requested resource".into();
        return Err(Status { code: 405, reason: "MethodNotAllowed", message, causes: Vec::new() }.into());
    }
    resource.simulated().ok_or_else(|| not_simulated(resource.kind))
}

/// The resource that a word means, where it is not simulated and there are no objects of it.
pub fn empty(api: &ApiServer, word: &str) -> Option<Resource> {
    find(api, word).filter(|resource| resource.is_empty())
}

/// What Saya says of a kind that a real server has.
pub fn not_simulated(kind: &str) -> Error {
    Error::plain(format!("Saya does not simulate {kind}"))
}

/// The resources of each category, with their groups; those of `all` in the order in which discovery lists the groups.
pub fn categories(api: &ApiServer) -> BTreeMap<String, Vec<String>> {
    let built_in = Kind::ALL.iter().filter(|kind| kind.names().in_all).map(|kind| kind.resource());
    let mut categories = BTreeMap::from([("all".to_owned(), built_in.collect::<Vec<_>>())]);
    for resource in customs(api) {
        for name in resource.categories.split(',').filter(|name| !name.is_empty()) {
            categories.entry(name.to_owned()).or_default().push(resource.qualified());
        }
    }
    categories
}

/// True for a kind that a manifest may name though it is not simulated.
pub fn is_known(api_version: &str, kind: &str) -> bool {
    RESOURCES.iter().any(|r| r.api_version == api_version && r.kind == kind)
        || matches!((api_version, kind), ("autoscaling/v1", "HorizontalPodAutoscaler"))
}

/// True for a kind that is known to live in no namespace.
pub fn is_cluster_wide(api_version: &str, kind: &str) -> bool {
    RESOURCES.iter().any(|r| r.api_version == api_version && r.kind == kind && !r.namespaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::{Clock, Settings};
    use crate::base::Random;

    #[test]
    fn words_find_resources() {
        let api = ApiServer::new(Clock::default(), Random::from_seed(1), Settings::default());
        for (word, found) in [
            ("po", Some("pods")),
            ("Pod", Some("pods")),
            ("deployments.v1.apps", Some("deployments")),
            ("deploy.apps", Some("deployments")),
            ("ingresses.networking", Some("ingresses")),
            ("pods.v1", None),
            ("pods.v1.", Some("pods")),
            ("podz", None),
            ("csr", Some("certificatesigningrequests")),
        ] {
            assert_eq!(find(&api, word).map(|r| r.plural), found.map(Cow::Borrowed), "{word}");
        }
    }

    #[test]
    fn every_simulated_kind_is_there_by_its_names() {
        let api = ApiServer::new(Clock::default(), Random::from_seed(1), Settings::default());
        for kind in Kind::ALL {
            let names = kind.names();
            let resource = find(&api, &kind.resource()).unwrap_or_else(|| panic!("{kind}"));
            assert_eq!((resource.kind, resource.namespaced), (names.kind, names.namespaced));
            assert_eq!(resource.short, names.short.join(","));
        }
    }
}
