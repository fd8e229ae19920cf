//! VolumeBinding: a Pod goes where its volumes can be had, and claims that wait for it get theirs there.

use std::collections::BTreeSet;

use crate::api::{Kind, Object, ObjectKey, Quantity, Selector};
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::controllers::node::meets;
use crate::controllers::volume_binder::{
    BIND_COMPLETED, BOUND_BY_CONTROLLER, SELECTED_NODE, claim_reference, class_of,
};
use crate::resources::pod::amounts::amount;
use crate::scheduler::cache::NodeInfo;
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection};
use crate::scheduler::pod_info::PodInfo;

/// What is found out once for a Pod.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The volumes of bound claims; none where one is gone.
    bound: Vec<Option<Object>>,
    /// Claims that wait for their first Pod.
    waiting: Vec<Object>,
}

/// What is to be done before a Pod can be bound to a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Volumes that are there, and the claims that get them.
    bind: Vec<(ObjectKey, ObjectKey)>,
    /// Claims for which a volume is to be made.
    provision: Vec<ObjectKey>,
}

impl Plan {
    /// True where nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.bind.is_empty() && self.provision.is_empty()
    }

    /// The claims that are to become bound.
    pub fn claims(&self) -> impl Iterator<Item = &ObjectKey> {
        self.bind.iter().map(|(_, claim)| claim).chain(&self.provision)
    }

    /// Asks the volume controllers for it: volumes are kept for their claims, and claims told their node.
    pub fn request(&self, api: &mut ApiServer, node: &str) {
        for (volume, claim) in &self.bind {
            let Some(claim) = api.get(claim).cloned() else { continue };
            api.modify(volume, |volume| {
                if volume.spec().get("claimRef").is_null() {
                    volume.set_at(&["metadata", "annotations", BOUND_BY_CONTROLLER], "yes");
                }
                volume.set_at(&["spec", "claimRef"], claim_reference(&claim));
            });
        }
        for claim in &self.provision {
            api.modify(claim, |claim| claim.set_at(&["metadata", "annotations", SELECTED_NODE], node));
        }
    }
}

fn is_bound(claim: &Object) -> bool {
    !claim.spec().get("volumeName").is_empty() && !claim.annotation(BIND_COMPLETED).is_null()
}

fn waits_for_consumer(api: &ApiServer, claim: &Object) -> bool {
    let class = api.get(&ObjectKey::new(Kind::StorageClass, "", class_of(claim)));
    class.is_some_and(|class| class.get("volumeBindingMode").str() == "WaitForFirstConsumer")
}

/// What has become of claims that were to be bound on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All are bound.
    Bound,
    /// Some are not yet.
    Waiting,
    /// It will not be: why.
    Failed(String),
}

/// Looks whether the claims that a Pod waits for are bound.
pub fn progress(api: &ApiServer, node: &str, plan: &Plan) -> Progress {
    for key in plan.claims() {
        let Some(claim) = api.get(key) else {
            return Progress::Failed(format!("persistentvolumeclaim \"{}\" not found", key.name));
        };
        if plan.provision.contains(key) && claim.annotation(SELECTED_NODE).str() != node {
            return Progress::Failed(format!("provisioning failed for PVC \"{}\"", key.name));
        }
        if !is_bound(claim) {
            return Progress::Waiting;
        }
    }
    Progress::Bound
}

impl State {
    /// Looks at the claims of a Pod.
    ///
    /// # Errors
    /// Where one is missing, lost, on its way out, or still to be bound without waiting for the Pod.
    pub fn new(api: &ApiServer, pod: &PodInfo) -> Result<Self, Rejection> {
        let refuse = |reason: String| Err(Rejection::lasting(Plugin::VolumeBinding, reason));
        let mut claims = Vec::new();
        for volume in pod.object.spec().get("volumes").items() {
            let is_ephemeral = !volume.get("ephemeral").is_null();
            let name = match volume.at(&["persistentVolumeClaim", "claimName"]).as_str() {
                Some(name) => name.to_string(),
                None if is_ephemeral => format!("{}-{}", pod.key.name, volume.get("name").str()),
                None => continue,
            };
            let Some(claim) = api.get(&pod.key.sibling(Kind::PersistentVolumeClaim, &name)) else {
                return refuse(match is_ephemeral {
                    true => {
                        format!(
                            "waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\""
                        )
                    }
                    false => format!("persistentvolumeclaim \"{name}\" not found"),
                });
            };
            if claim.status().get("phase").str() == "Lost" {
                let volume = claim.spec().get("volumeName").str();
                return refuse(format!(
                    "persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\""
                ));
            }
            if claim.is_terminating() {
                return refuse(format!("persistentvolumeclaim \"{name}\" is being deleted"));
            }
            claims.push(claim);
        }
        let mut state = Self::default();
        let mut immediate = false;
        for claim in claims {
            let volume = claim.spec().get("volumeName").str();
            if is_bound(claim) {
                state.bound.push(api.get(&ObjectKey::new(Kind::PersistentVolume, "", volume)).cloned());
            } else if volume.is_empty() && waits_for_consumer(api, claim) {
                state.waiting.push(claim.clone());
            } else {
                immediate = true;
            }
        }
        match immediate {
            true => refuse("pod has unbound immediate PersistentVolumeClaims".into()),
            false => Ok(state),
        }
    }

    /// True where every node will do.
    pub fn is_empty(&self) -> bool {
        self.bound.is_empty() && self.waiting.is_empty()
    }

    /// What is to be done for the Pod to run on a node.
    ///
    /// # Errors
    /// Where its volumes cannot be had there.
    pub fn plan(&self, api: &ApiServer, info: &NodeInfo) -> Result<Plan, Rejection> {
        let Some(node) = &info.node else { return Ok(Plan::default()) };
        let mut reasons = Vec::new();
        if self.bound.iter().flatten().any(|volume| !is_reachable(volume, node)) {
            reasons.push("node(s) didn't match PersistentVolume's node affinity".into());
        }
        let plan = self.plan_waiting(api, node);
        if plan.is_none() {
            reasons.push("node(s) didn't find available persistent volumes to bind".into());
        }
        if self.bound.iter().any(Option::is_none) {
            reasons.push("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)".into());
        }
        match plan.filter(|_| reasons.is_empty()) {
            Some(plan) => Ok(plan),
            None => Err(Rejection { plugin: Plugin::VolumeBinding, reasons, by_pods: false }),
        }
    }

    /// Finds a volume for each waiting claim, the smallest claim first, or a provisioner.
    fn plan_waiting(&self, api: &ApiServer, node: &Object) -> Option<Plan> {
        let mut plan = Plan::default();
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        let mut claims: Vec<&Object> = self.waiting.iter().collect();
        claims.sort_by_key(|claim| asked(claim));
        for claim in claims {
            let chosen = claim.annotation(SELECTED_NODE).str();
            if !chosen.is_empty() && chosen != node.name() {
                return None;
            }
            let found = chosen.is_empty().then(|| matching_volume(api, claim, node, &taken)).flatten();
            if let Some(volume) = found {
                taken.insert(volume.name());
                plan.bind.push((volume.key(), claim.key()));
            } else if can_provision(api, claim, node) {
                plan.provision.push(claim.key());
            } else {
                return None;
            }
        }
        Some(plan)
    }
}

fn asked(claim: &Object) -> Option<Quantity> {
    amount(claim.spec().at(&["resources", "requests", "storage"]))
}

/// True where a volume can be had on a node.
fn is_reachable(volume: &Object, node: &Object) -> bool {
    let required = volume.spec().at(&["nodeAffinity", "required"]);
    required.is_null() || required.get("nodeSelectorTerms").items().iter().any(|term| meets(term, node))
}

/// The volume that is kept for a claim, or the smallest free one that will do (`volume.FindMatchingVolume`).
fn matching_volume<'a>(
    api: &'a ApiServer,
    claim: &Object,
    node: &Object,
    taken: &BTreeSet<&str>,
) -> Option<&'a Object> {
    let capacity = |volume: &Object| amount(volume.spec().at(&["capacity", "storage"]));
    let mode = |object: &Object| object.spec().get("volumeMode").as_str().unwrap_or("Filesystem").to_string();
    let selector = Selector::from_label_selector(claim.spec().get("selector"));
    let modes = claim.spec().get("accessModes").items();
    let fits = |volume: &&Object| {
        class_of(volume) == class_of(claim)
            && !taken.contains(volume.name())
            && capacity(volume) >= asked(claim)
            && mode(volume) == mode(claim)
            && !volume.is_terminating()
            && is_reachable(volume, node)
    };
    let kept = |volume: &&Object| {
        let reference = volume.spec().get("claimRef");
        reference.get("name").str() == claim.name()
            && reference.get("namespace").str() == claim.namespace()
            && (reference.get("uid").is_empty() || reference.get("uid").str() == claim.uid())
    };
    let volumes = || api.store().list(Kind::PersistentVolume).filter(fits);
    volumes().find(kept).or_else(|| {
        let free = volumes().filter(|volume| {
            let offered = volume.spec().get("accessModes").items();
            volume.spec().get("claimRef").is_null()
                && volume.status().get("phase").str() == "Available"
                && selector.matches(volume.labels())
                && modes.iter().all(|mode| offered.contains(mode))
        });
        free.reduce(|best, other| if capacity(other) < capacity(best) { other } else { best })
    })
}

/// True where the class of a claim has a provisioner that makes volumes for the node.
fn can_provision(api: &ApiServer, claim: &Object, node: &Object) -> bool {
    let Some(class) = api.get(&ObjectKey::new(Kind::StorageClass, "", class_of(claim))) else { return false };
    let allowed = class.get("allowedTopologies").items();
    let holds = |term: &Value| {
        let expressions = term.get("matchLabelExpressions").items();
        expressions.iter().all(|e| e.get("values").items().contains(node.labels().get(e.get("key").str())))
    };
    !matches!(class.get("provisioner").str(), "" | "kubernetes.io/no-provisioner")
        && (allowed.is_empty() || allowed.iter().any(holds))
}

/// A claim of the Pod, a volume or a class for one, or another node.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo, api: &ApiServer) -> bool {
    match event {
        Event::NodeAdded(_) | Event::NodeLabels(..) => true,
        Event::Claim(claim) => pod.claims().any(|own| own == claim.key()),
        Event::Volume(volume) => {
            // A free one only helps claims that wait for the scheduler: the others are bound by their controller.
            let reference = volume.spec().get("claimRef");
            pod.claims().any(|own| match reference.is_null() {
                true => api.get(&own).is_some_and(|claim| !is_bound(claim) && waits_for_consumer(api, claim)),
                false => {
                    reference.get("name").str() == &*own.name
                        && reference.get("namespace").str() == &*own.namespace
                }
            })
        }
        Event::Class(class) => {
            pod.claims().any(|own| api.get(&own).is_some_and(|claim| class_of(claim) == class.name()))
        }
        _ => false,
    }
}
