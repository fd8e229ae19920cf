//! Where a Pod's volumes are, and whether they can be mounted: what they need of other objects and of the node's disk.

use std::net::IpAddr;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::Value;
use crate::container::files::VolumeId;
use crate::controllers::volume_binder::PROVISIONED_BY;

use super::{NodeState, disk};

/// Where a volume's files are: in which tree, and where in it.
pub(super) struct Located {
    pub id: VolumeId,
    /// Empty for the whole tree.
    pub path: String,
}

/// A volume of the Pod's own is called by its uid; a part of the node's disk by its path; what a provisioner has made by
/// its PersistentVolume.
pub(super) fn locate(api: &ApiServer, pod: &Object, volume: &Value) -> Located {
    if let Some(path) = volume.at(&["hostPath", "path"]).as_str() {
        return Located { id: disk::id(), path: path.into() };
    }
    let Some(bound) = persistent_volume(api, pod, volume) else {
        return Located { id: own_id(pod, volume), path: String::new() };
    };
    let path = ["hostPath", "local"].iter().find_map(|kind| bound.spec().at(&[kind, "path"]).as_str());
    match path.filter(|_| is_by_hand(bound)) {
        Some(path) => Located { id: disk::id(), path: path.into() },
        None => Located { id: VolumeId(format!("pv/{}", bound.name()).into()), path: String::new() },
    }
}

/// What a volume of the Pod's own is called.
pub(super) fn own_id(pod: &Object, volume: &Value) -> VolumeId {
    VolumeId([pod.uid(), "/", volume.get("name").str()].concat().into())
}

/// The claim that a volume names.
fn claim(pod: &Object, volume: &Value) -> Option<String> {
    match volume.get("ephemeral") {
        Value::Null => volume.at(&["persistentVolumeClaim", "claimName"]).as_str().map(Into::into),
        _ => Some(format!("{}-{}", pod.name(), volume.get("name").str())),
    }
}

/// The PersistentVolume behind a volume that names a claim.
fn persistent_volume<'a>(api: &'a ApiServer, pod: &Object, volume: &Value) -> Option<&'a Object> {
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace(), &claim(pod, volume)?);
    let bound = api.get(&key)?.spec().get("volumeName").str();
    api.get(&ObjectKey::new(Kind::PersistentVolume, "", bound))
}

/// True for what no provisioner has made.
fn is_by_hand(volume: &Object) -> bool {
    volume.annotation(PROVISIONED_BY).str().is_empty()
}

/// Makes what volumes have to have on the node.
///
/// # Errors
/// Why the first one that cannot be mounted cannot, in the kubelet's words.
pub(super) fn set_up(api: &ApiServer, pod: &Object, node: &mut NodeState) -> Result<(), String> {
    for volume in pod.spec().get("volumes").items() {
        let name = volume.get("name").str();
        for (kind, source) in volume.entries() {
            match kind {
                "configMap" => is_there(api, pod, Kind::ConfigMap, source, "name"),
                "secret" => is_there(api, pod, Kind::Secret, source, "secretName"),
                "hostPath" => on_disk(api, node, source),
                "ephemeral" | "persistentVolumeClaim" => {
                    claimed(api, pod, node, volume)?;
                    Ok(())
                }
                _ => elsewhere(pod, name, kind, source),
            }
            .map_err(|why| failed(name, &why))?;
        }
    }
    Ok(())
}

fn failed(name: &str, why: &str) -> String {
    format!("MountVolume.SetUp failed for volume \"{name}\" : {why}")
}

/// Whether a ConfigMap or a Secret is there that has to be.
fn is_there(api: &ApiServer, pod: &Object, kind: Kind, source: &Value, field: &str) -> Result<(), String> {
    let name = source.get(field).str();
    if source.get("optional").bool() || api.get(&ObjectKey::new(kind, pod.namespace(), name)).is_some() {
        return Ok(());
    }
    Err(format!("{} \"{name}\" not found", kind.names().singular))
}

/// Whether the node's disk has what a volume shows of it.
fn on_disk(api: &ApiServer, node: &mut NodeState, source: &Value) -> Result<(), String> {
    let (path, kind) = (source.get("path").str(), source.get("type").str());
    let disk = disk::of(node, api);
    if let Some(made) = disk::make(disk, path, kind) {
        disk.touch(made, api.clock.date());
    }
    disk::check_type(disk, path, kind)
}

/// Whether a claim is bound, and to something that can be mounted.
fn claimed(api: &ApiServer, pod: &Object, node: &mut NodeState, volume: &Value) -> Result<(), String> {
    let claim = claim(pod, volume).unwrap_or_default();
    let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace(), &claim);
    if api.get(&key).is_none_or(|claim| claim.status().get("phase").str() != "Bound") {
        let why = format!("persistentvolumeclaim \"{claim}\" is not bound");
        return Err(failed(volume.get("name").str(), &why));
    }
    let bound = persistent_volume(api, pod, volume).filter(|bound| is_by_hand(bound));
    let Some(bound) = bound else { return Ok(()) };
    let name = bound.name();
    for (kind, source) in bound.spec().entries() {
        match kind {
            "hostPath" => on_disk(api, node, source),
            "local" => {
                let path = source.get("path").str();
                if disk::of(node, api).find(path).is_none() {
                    return Err(format!(
                        "MountVolume.NewMounter initialization failed for volume \"{name}\" : path \"{path}\" does not exist"
                    ));
                }
                Ok(())
            }
            _ => elsewhere(pod, name, kind, source),
        }
        .map_err(|why| failed(name, &why))?;
    }
    Ok(())
}

/// Why files cannot come from where they are said to be: nothing is around the cluster that would have them.
fn elsewhere(pod: &Object, name: &str, kind: &str, source: &Value) -> Result<(), String> {
    Err(match kind {
        "csi" => {
            let driver = source.get("driver").str();
            format!(
                "kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name {driver} not found in the list of registered CSI drivers"
            )
        }
        "nfs" => {
            let (server, path, uid) = (source.get("server").str(), source.get("path").str(), pod.uid());
            let why = match server.parse::<IpAddr>() {
                Ok(_) => "Connection timed out".to_owned(),
                Err(_) => format!("Failed to resolve server {server}: Name or service not known"),
            };
            format!(
                "mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs {server}:{path} /var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~nfs/{name}\nOutput: mount.nfs: {why}"
            )
        }
        "gitRepo" => "git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`".into(),
        "awsElasticBlockStore" | "azureDisk" | "azureFile" | "cephfs" | "cinder" | "fc" | "flexVolume"
        | "flocker" | "gcePersistentDisk" | "glusterfs" | "iscsi" | "photonPersistentDisk"
        | "portworxVolume" | "quobyte" | "rbd" | "scaleIO" | "storageos" | "vsphereVolume" => {
            format!("volumes of the type {kind} are not simulated by Saya")
        }
        _ => return Ok(()),
    })
}
