//! Whether a Pod's volumes can be mounted: what they need of other objects, and of the node's own disk.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::{Date, Value};
use crate::container::files::{VolumeId, Volumes};
use crate::container::tree::{Content, Ino, Node, Tree};
use crate::images::System;

/// The annotation of a PersistentVolume that no person has made.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

/// The folders of a node's disk besides those of its system.
const FOLDERS: &[&str] = &[
    "/data",
    "/etc/cni/net.d",
    "/etc/kubernetes/manifests",
    "/mnt",
    "/opt/cni/bin",
    "/run/containerd",
    "/var/lib/containerd",
    "/var/lib/docker/containers",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
];

/// Where a volume's files are: in which tree, and where in it.
pub(super) struct Located {
    pub id: VolumeId,
    /// Empty for the whole tree.
    pub path: String,
}

/// The tree of a node's own disk.
fn disk() -> VolumeId {
    VolumeId("node".into())
}

/// A volume of the Pod's own is called by its uid; a part of the node's disk by its path; what a provisioner has made by
/// its PersistentVolume.
pub(super) fn locate(api: &ApiServer, pod: &Object, volume: &Value) -> Located {
    if let Some(path) = volume.at(&["hostPath", "path"]).as_str() {
        return Located { id: disk(), path: path.into() };
    }
    let Some(bound) = persistent_volume(api, pod, volume) else {
        return Located { id: own_id(pod, volume), path: String::new() };
    };
    let by_hand = bound.annotation(PROVISIONED_BY).str().is_empty();
    let path = ["hostPath", "local"].iter().find_map(|kind| bound.spec().at(&[kind, "path"]).as_str());
    match path.filter(|_| by_hand) {
        Some(path) => Located { id: disk(), path: path.into() },
        None => Located { id: VolumeId(format!("pv/{}", bound.name()).into()), path: String::new() },
    }
}

/// What a volume of the Pod's own is called.
pub(super) fn own_id(pod: &Object, volume: &Value) -> VolumeId {
    VolumeId(format!("{}/{}", pod.uid(), volume.get("name").str()).into())
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

/// Makes what volumes have to have on the node.
///
/// # Errors
/// Why the first one that cannot be mounted cannot, in the kubelet's words.
pub(super) fn set_up(api: &ApiServer, pod: &Object, node: &str, volumes: &mut Volumes) -> Result<(), String> {
    let there = |kind: Kind, name: &str| api.get(&ObjectKey::new(kind, pod.namespace(), name)).is_some();
    for volume in pod.spec().get("volumes").items() {
        let name = volume.get("name").str();
        let failed =
            |name: &str, why: String| Err(format!("MountVolume.SetUp failed for volume \"{name}\" : {why}"));
        for (field, of, kind, word) in [
            ("configMap", "name", Kind::ConfigMap, "configmap"),
            ("secret", "secretName", Kind::Secret, "secret"),
        ] {
            let source = volume.get(field);
            if let Some(source_name) = source.get(of).as_str()
                && !source.get("optional").bool()
                && !there(kind, source_name)
            {
                return failed(name, format!("{word} \"{source_name}\" not found"));
            }
        }
        let mut from = (name, volume);
        if let Some(claim) = claim(pod, volume) {
            let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace(), &claim);
            if api.get(&key).is_none_or(|claim| claim.status().get("phase").str() != "Bound") {
                return failed(name, format!("persistentvolumeclaim \"{claim}\" is not bound"));
            }
            let Some(bound) = persistent_volume(api, pod, volume) else { continue };
            from = (bound.name(), bound.spec());
        }
        if let Err(why) = elsewhere(pod, from.0, from.1) {
            return failed(from.0, why);
        }
        let Located { id, path } = locate(api, pod, volume);
        if id != disk() {
            continue;
        }
        let disk = volumes.entry(id).or_insert_with(|| disk_of(node, api.clock.epoch));
        if !from.1.get("local").is_null() && disk.find(&path).is_none() {
            let name = from.0;
            return Err(format!(
                "MountVolume.NewMounter initialization failed for volume \"{name}\" : path \"{path}\" does not exist"
            ));
        }
        let kind = from.1.at(&["hostPath", "type"]).str();
        if let Some(made) = make(disk, &path, kind) {
            disk.touch(made, api.clock.date());
        }
        if let Err(why) = check_type(disk, &path, kind) {
            return failed(from.0, why);
        }
    }
    Ok(())
}

/// Makes what is to be at a path of the node's disk, where there is nothing yet.
fn make(disk: &mut Tree, path: &str, kind: &str) -> Option<Ino> {
    if disk.find(path).is_some() {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match kind {
        "DirectoryOrCreate" | "" => Some(disk.add_directory(path, 0o755)),
        "FileOrCreate" if disk.find(folder).is_some() => Some(disk.add_file(path, Vec::new(), 0o644)),
        _ => None,
    }
}

/// What a path of the node's disk must be (pkg/volume/hostpath, checkType).
fn check_type(disk: &Tree, path: &str, kind: &str) -> Result<(), String> {
    let content = disk.find(path).and_then(|ino| disk.node(ino)).map(|node| &node.content);
    let is = |wanted: &str| match content {
        Some(Content::Directory { .. }) => wanted == "directory",
        Some(Content::File(_) | Content::Program(_)) => wanted == "file",
        Some(Content::Socket) => wanted == "socket file",
        Some(Content::Device(_)) => wanted == "character device",
        Some(Content::Symlink(_)) | None => false,
    };
    if kind == "FileOrCreate" && content.is_none() {
        return Err(format!("open {path}: no such file or directory"));
    }
    let wanted = match kind {
        "Directory" | "DirectoryOrCreate" => "directory",
        "File" | "FileOrCreate" => "file",
        "Socket" => "socket file",
        "CharDevice" => "character device",
        "BlockDevice" => "block device",
        _ => return Ok(()),
    };
    if is(wanted) { Ok(()) } else { Err(format!("hostPath type check failed: {path} is not a {wanted}")) }
}

/// A node's own disk, before anybody has used it.
fn disk_of(node: &str, date: Date) -> Tree {
    let mut tree = System::Debian.tree();
    for folder in FOLDERS {
        tree.add_directory(folder, 0o755);
    }
    tree.add_file("/etc/hostname", format!("{node}\n"), 0o644);
    tree.put("/run/containerd/containerd.sock", Node::new(Content::Socket, 0o660, 0, 0, date));
    tree.date(date);
    tree.frozen()
}

/// Why files cannot come from where they are said to be: nothing is around the cluster that would have them.
fn elsewhere(pod: &Object, name: &str, source: &Value) -> Result<(), String> {
    if let Some(driver) = source.at(&["csi", "driver"]).as_str() {
        return Err(format!(
            "kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name {driver} not found in the list of registered CSI drivers"
        ));
    }
    let nfs = source.get("nfs");
    if let Some(server) = nfs.get("server").as_str() {
        let (path, uid) = (nfs.get("path").str(), pod.uid());
        let why = match server.parse::<std::net::IpAddr>() {
            Ok(_) => "Connection timed out".to_owned(),
            Err(_) => format!("Failed to resolve server {server}: Name or service not known"),
        };
        return Err(format!(
            "mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs {server}:{path} /var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~nfs/{name}\nOutput: mount.nfs: {why}"
        ));
    }
    if !source.get("gitRepo").is_null() {
        return Err("git-repo volume plugin has been disabled; if necessary, it may be re-enabled by enabling the feature-gate `GitRepoVolumeDriver`".into());
    }
    const OTHERS: &[&str] = &[
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "fc",
        "flexVolume",
        "flocker",
        "gcePersistentDisk",
        "glusterfs",
        "iscsi",
        "photonPersistentDisk",
        "portworxVolume",
        "quobyte",
        "rbd",
        "scaleIO",
        "storageos",
        "vsphereVolume",
    ];
    match OTHERS.iter().find(|kind| !source.get(kind).is_null()) {
        Some(kind) => Err(format!("volumes of the type {kind} are not simulated by Saya")),
        None => Ok(()),
    }
}
