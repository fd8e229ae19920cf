//! VolumeRestrictions: claims must be there, a claim for one Pod has one, and some disks attach only once.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::scheduler::cache::{Cache, NodeInfo};
use crate::scheduler::event::Event;
use crate::scheduler::plugin::{Plugin, Rejection, Verdict};
use crate::scheduler::pod_info::PodInfo;

/// What is found out once for a Pod.
#[derive(Clone, Debug, Default)]
pub struct State {
    in_use: bool,
    disks: Vec<Value>,
}

fn claims(pod: &Object) -> impl Iterator<Item = ObjectKey> {
    let volumes = pod.spec().get("volumes").items().iter();
    let names = volumes.filter_map(|volume| volume.at(&["persistentVolumeClaim", "claimName"]).as_str());
    names.map(|name| pod.key().sibling(Kind::PersistentVolumeClaim, name))
}

fn uses(pod: &PodInfo, claim: &ObjectKey) -> bool {
    pod.key.namespace == claim.namespace && claims(&pod.object).any(|other| other == *claim)
}

impl State {
    /// Looks for the claims.
    ///
    /// # Errors
    /// Where one is not there.
    pub fn new(api: &ApiServer, cache: &Cache, pod: &PodInfo) -> Result<Self, Rejection> {
        let mut state = Self::default();
        for key in claims(&pod.object) {
            let Some(claim) = api.get(&key) else {
                let reason = format!("persistentvolumeclaim \"{}\" not found", key.name);
                return Err(Rejection::lasting(Plugin::VolumeRestrictions, reason));
            };
            let modes = claim.spec().get("accessModes").items();
            if modes.iter().any(|mode| mode.str() == "ReadWriteOncePod") {
                state.in_use |= cache.nodes().any(|node| node.pods.values().any(|other| uses(other, &key)));
            }
        }
        let volumes = pod.object.spec().get("volumes").items().iter();
        state.disks = volumes.filter(|volume| disk(volume).is_some()).cloned().collect();
        Ok(state)
    }

    /// True where other Pods matter.
    pub fn is_empty(&self) -> bool {
        !self.in_use && self.disks.is_empty()
    }

    /// Lets pass where nobody else has what only one can have.
    pub fn filter(&self, node: &NodeInfo) -> Verdict {
        let on_node = || node.pods.values().flat_map(|pod| pod.object.spec().get("volumes").items());
        if self.disks.iter().any(|disk| on_node().any(|other| conflict(disk, other))) {
            return Err(Rejection::by_pods(Plugin::VolumeRestrictions, "node(s) had no available disk"));
        }
        if self.in_use {
            let reason = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
            return Err(Rejection::by_pods(Plugin::VolumeRestrictions, reason));
        }
        Ok(())
    }
}

/// The kinds of disks that attach only once, with the field that tells them apart.
const DISKS: [(&str, &str); 4] = [
    ("gcePersistentDisk", "pdName"),
    ("awsElasticBlockStore", "volumeID"),
    ("iscsi", "iqn"),
    ("rbd", "image"),
];

fn disk(volume: &Value) -> Option<(&'static str, &Value, &Value)> {
    DISKS.iter().find_map(|(kind, id)| {
        let source = volume.get(kind);
        (!source.is_null()).then(|| (*kind, source, source.get(id)))
    })
}

/// Reading at both ends is no conflict, but for AWS.
fn conflict(one: &Value, other: &Value) -> bool {
    let (Some((kind, one, id)), Some((other_kind, other, other_id))) = (disk(one), disk(other)) else {
        return false;
    };
    kind == other_kind
        && id == other_id
        && one.get("pool") == other.get("pool")
        && (kind == "awsElasticBlockStore" || !(one.get("readOnly").bool() && other.get("readOnly").bool()))
}

/// A claim of the Pod, or a Pod that gives back a claim or a disk.
pub fn is_helped_by(event: &Event<'_>, pod: &PodInfo) -> bool {
    match event {
        Event::Claim(claim) => uses(pod, &claim.key()),
        Event::PodDeleted(gone) => {
            let volumes = |pod: &Object| pod.spec().get("volumes").items().to_vec();
            let disks = volumes(gone);
            claims(gone).any(|claim| uses(pod, &claim))
                || volumes(&pod.object).iter().any(|one| disks.iter().any(|other| conflict(one, other)))
        }
        _ => false,
    }
}
