//! The provisioner of a cluster on one machine: a directory of the node for each claim that asks for it.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::value;

use super::volume_binder::{PROVISIONED_BY, PROVISIONER, SELECTED_NODE, claim_reference, class_of};
use super::{Enqueue, NOW};

/// The provisioners that run in a cluster of a profile.
const RUNNING: [&str; 3] = ["k8s.io/minikube-hostpath", "rancher.io/local-path", "docker.io/hostpath"];
/// From the request to the volume.
const PROVISIONING: Duration = Duration::from_millis(350);

/// Looks at claims that ask for a volume, and at volumes of its own that are released.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let is_concerned = matches!(change.object.kind, Kind::PersistentVolumeClaim | Kind::PersistentVolume);
    if is_concerned && change.kind != ChangeKind::Deleted {
        observe_present(&change.object, enqueue);
    }
}

// A new cluster has no claims and no volumes: no part of the page's first program.
#[inline(never)]
fn observe_present(object: &Object, enqueue: &mut Enqueue<'_>) {
    match object.kind {
        Kind::PersistentVolumeClaim
            if RUNNING.contains(&object.annotation(PROVISIONER[0]).str())
                && object.spec().get("volumeName").is_empty() =>
        {
            enqueue(object.key(), PROVISIONING);
        }
        Kind::PersistentVolume
            if object.status().get("phase").str() == "Released"
                && RUNNING.contains(&object.annotation(PROVISIONED_BY).str()) =>
        {
            enqueue(object.key(), NOW);
        }
        _ => {}
    }
}

/// Makes the volume of a claim, or deletes a released one.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let object = api.get(key)?.clone();
    match key.kind {
        Kind::PersistentVolumeClaim => provision(api, &object),
        _ => {
            let released = object.status().get("phase").str() == "Released";
            let policy = object.spec().get("persistentVolumeReclaimPolicy").str();
            if released && policy == "Delete" && !object.is_terminating() {
                // It can only be gone already.
                let _ = api.delete(key, Deletion::default());
            }
        }
    }
    None
}

fn provision(api: &mut ApiServer, claim: &Object) {
    let class = api.get(&ObjectKey::new(Kind::StorageClass, "", class_of(claim))).cloned();
    let Some(class) = class.filter(|_| claim.spec().get("volumeName").is_empty() && !claim.is_terminating()) else {
        return;
    };
    let provisioner = class.get("provisioner").str();
    let name = format!("pvc-{}", claim.uid());
    let mut volume = Object::new(Kind::PersistentVolume, "", &name);
    volume.set_at(&["metadata", "annotations", PROVISIONED_BY], provisioner);
    let policy = class.get("reclaimPolicy").as_str().unwrap_or("Delete");
    let (namespace, claim_name) = (claim.namespace(), claim.name());
    let local = provisioner == "rancher.io/local-path";
    let path = if local {
        format!("/var/local-path-provisioner/{name}_{namespace}_{claim_name}")
    } else {
        format!("/tmp/hostpath-provisioner/{namespace}/{claim_name}")
    };
    volume.set(
        "spec",
        value!({
            "accessModes": (claim.spec().get("accessModes").clone()),
            "capacity": {"storage": (claim.spec().at(&["resources", "requests", "storage"]).clone())},
            "claimRef": (claim_reference(claim)),
            "hostPath": {"path": path, "type": (if local { "DirectoryOrCreate" } else { "" })},
            "persistentVolumeReclaimPolicy": policy,
            "storageClassName": (class.name()),
            "volumeMode": (claim.spec().get("volumeMode").as_str().unwrap_or("Filesystem"))
        }),
    );
    if !class.get("mountOptions").is_empty() {
        volume.set_at(&["spec", "mountOptions"], class.get("mountOptions").clone());
    }
    let node = claim.annotation(SELECTED_NODE).str();
    if local && !node.is_empty() {
        let hostname = value!({"key": "kubernetes.io/hostname", "operator": "In", "values": [node]});
        volume.set_at(
            &["spec", "nodeAffinity"],
            value!({"required": {"nodeSelectorTerms": [{"matchExpressions": [hostname]}]}}),
        );
    }
    // It is there already where the claim was looked at twice.
    let _ = api.create(volume.body, "", false);
}
