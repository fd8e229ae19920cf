//! A Pod as the scheduler looks at it: what its spec says, worked out once.

use std::sync::Arc;

use crate::api::labels::Requirement;
use crate::api::{Object, ObjectKey, Selector};
use crate::base::{Digest, Value, digest_of};
use crate::resources::pod::amounts::of_pod;

use super::resource::{Resource, least_requests};

/// A Pod with what follows from its spec. Its status is not kept up to date.
#[derive(Clone, Debug)]
pub struct PodInfo {
    /// Its key.
    pub key: ObjectKey,
    /// The object, its status as it was once.
    pub object: Object,
    /// What it asks for.
    pub requests: Resource,
    /// CPU in thousandths and memory in bytes, with something for each container that asks for none.
    pub least: (i64, i64),
    /// The ports of its node that it takes.
    pub ports: Vec<HostPort>,
    /// Where it wants to be because of other Pods.
    pub affinity: Option<Arc<PodAffinity>>,
    /// What other Pods see of it: Pods of one shape need to be compared with only once.
    pub shape: Digest,
}

impl PartialEq for PodInfo {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&self.object, &other.object);
        one.uid() == two.uid()
            && one.spec() == two.spec()
            && one.labels() == two.labels()
            && one.is_terminating() == two.is_terminating()
    }
}
impl Eq for PodInfo {}

/// A port of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    /// The port.
    pub port: i64,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// The address; `0.0.0.0` for all.
    pub ip: String,
}

impl HostPort {
    const ANY: &'static str = "0.0.0.0";

    /// True where two cannot both be had.
    pub fn collides(&self, other: &HostPort) -> bool {
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || self.ip == Self::ANY || other.ip == Self::ANY)
    }
}

/// `podAffinity` and `podAntiAffinity`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodAffinity {
    /// Pods that must be near.
    pub near: Vec<Term>,
    /// Pods that must not be near.
    pub apart: Vec<Term>,
    /// Pods that should be near, and with a negative weight those that should not.
    pub preferred: Vec<Term>,
}

/// One term of an affinity to Pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    namespaces: Vec<String>,
    namespace_selector: Option<Selector>,
    selector: Option<Selector>,
    /// The label of nodes by which they are one place.
    pub topology_key: String,
    /// How much it counts; 1 for required ones.
    pub weight: i64,
}

impl Term {
    fn new(pod: &Object, term: &Value, weight: i64) -> Self {
        let all = term.get("namespaces").items();
        let own = all.is_empty() && term.get("namespaceSelector").is_null();
        let selector = |value: &Value| (!value.is_null()).then(|| Selector::from_label_selector(value));
        let mut chosen = selector(term.get("labelSelector"));
        if let Some(chosen) = &mut chosen {
            for (field, is) in [("matchLabelKeys", true), ("mismatchLabelKeys", false)] {
                add_label_keys(chosen, pod, term.get(field), is);
            }
        }
        Self {
            namespaces: match own {
                true => vec![pod.namespace().into()],
                false => all.iter().map(|name| name.str().into()).collect(),
            },
            namespace_selector: selector(term.get("namespaceSelector")),
            selector: chosen,
            topology_key: term.get("topologyKey").str().into(),
            weight,
        }
    }

    /// True where it is about a Pod with these labels in this namespace, which has labels itself.
    pub fn matches(&self, namespace: &str, labels: &Value, namespace_labels: &Value) -> bool {
        let in_scope = self.namespaces.iter().any(|name| name == namespace)
            || self.namespace_selector.as_ref().is_some_and(|selector| selector.matches(namespace_labels));
        in_scope && self.selector.as_ref().is_some_and(|selector| selector.matches(labels))
    }
}

/// Asks for the same values as a Pod has (`matchLabelKeys`), or for others.
pub fn add_label_keys(selector: &mut Selector, pod: &Object, keys: &Value, same: bool) {
    for key in keys.items() {
        let Some(value) = pod.labels().get(key.str()).as_str() else { continue };
        let (key, values) = (key.str().to_string(), vec![value.to_string()]);
        selector.0.push(if same { Requirement::In(key, values) } else { Requirement::NotIn(key, values) });
    }
}

impl PodAffinity {
    fn of(pod: &Object) -> Option<Self> {
        let rules = pod.spec().get("affinity");
        let (near, apart) = (rules.get("podAffinity"), rules.get("podAntiAffinity"));
        if near.is_empty() && apart.is_empty() {
            return None;
        }
        let required = |rules: &Value| {
            let terms = rules.get("requiredDuringSchedulingIgnoredDuringExecution").items().iter();
            terms.map(|term| Term::new(pod, term, 1)).collect::<Vec<Term>>()
        };
        let preferred = |rules: &Value, sign: i64| {
            let terms = rules.get("preferredDuringSchedulingIgnoredDuringExecution").items().iter();
            let weighed = terms.map(|term| (term.get("podAffinityTerm"), sign * term.get("weight").int()));
            weighed.map(|(term, weight)| Term::new(pod, term, weight)).collect::<Vec<Term>>()
        };
        let mut all = preferred(near, 1);
        all.extend(preferred(apart, -1));
        Some(Self { near: required(near), apart: required(apart), preferred: all })
    }
}

impl PodInfo {
    /// Reads a Pod.
    pub fn new(pod: &Object) -> Self {
        let spec = pod.spec();
        let requests = Resource::from_amounts(&of_pod(spec, "requests", &[]));
        let least = Resource::from_amounts(&of_pod(spec, "requests", &least_requests()));
        let sidecars =
            spec.get("initContainers").items().iter().filter(|c| c.get("restartPolicy").str() == "Always");
        let ports = spec
            .get("containers")
            .items()
            .iter()
            .chain(sidecars)
            .flat_map(|container| container.get("ports").items())
            .filter(|port| port.get("hostPort").int() > 0)
            .map(|port| HostPort {
                port: port.get("hostPort").int(),
                protocol: port.get("protocol").as_str().unwrap_or("TCP").into(),
                ip: port.get("hostIP").as_str().filter(|ip| !ip.is_empty()).unwrap_or(HostPort::ANY).into(),
            })
            .collect();
        let affinity = PodAffinity::of(pod).map(Arc::new);
        let rules = affinity.as_ref().map(|_| spec.get("affinity"));
        Self {
            key: pod.key(),
            requests,
            least: (least.cpu_milli, least.memory),
            ports,
            affinity,
            shape: digest_of(&(pod.namespace(), pod.labels(), pod.is_terminating(), rules)),
            object: pod.clone(),
        }
    }

    /// The same Pod with a node; none where it is another otherwise too.
    pub fn bound(&self, pod: &Object) -> Option<Self> {
        let (old, new) = (self.object.spec(), pod.spec());
        let same = old.entries().eq(new.entries().filter(|(field, _)| *field != "nodeName"))
            && self.object.labels() == pod.labels()
            && self.object.is_terminating() == pod.is_terminating();
        same.then(|| Self { object: pod.clone(), ..self.clone() })
    }

    /// Its priority.
    pub fn priority(&self) -> i64 {
        self.object.spec().get("priority").int()
    }

    /// The claims that its volumes name, those of its ephemeral volumes included.
    pub fn claims(&self) -> impl Iterator<Item = ObjectKey> {
        let names = crate::controllers::volume_binder::claims_of(&self.object);
        names.map(|name| self.key.sibling(crate::api::Kind::PersistentVolumeClaim, &name))
    }

    /// The name under which Pods are alike for the scheduler: where one finds no place, neither does another.
    pub fn class(&self) -> Digest {
        let mut spec = self.object.spec().clone();
        if !spec.get("volumes").is_empty() {
            // The token's volume has a random name.
            spec.entry("volumes").items_mut().retain(|volume| volume.get("projected").is_null());
        }
        for list in ["containers", "initContainers"] {
            if !spec.get(list).is_empty() {
                for container in spec.entry(list).items_mut() {
                    container.remove("volumeMounts");
                }
            }
        }
        let ephemeral =
            self.object.spec().get("volumes").items().iter().any(|v| !v.get("ephemeral").is_null());
        let name = if ephemeral { self.object.name() } else { "" };
        digest_of(&(self.object.namespace(), self.object.labels(), name, spec))
    }
}
