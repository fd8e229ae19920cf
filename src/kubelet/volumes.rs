//! The files of a Pod's volumes.

use smol_str::{SmolStr, format_smolstr};

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::{Date, Value};
use crate::container::files::{Mount, Volume, VolumeId, Volumes};
use crate::container::projection::{ProjectedFile, Projection};
use crate::container::tree::{Content, Tree};

use super::Worker;
use crate::images::{self, Reference};
use crate::resources::pod::amounts::amount;

use super::environment::{self, decode};
use super::mounting::{self, Located};

/// The volumes of a container as mounts; trees of volumes that nobody made yet are made.
pub(super) fn mounts(
    api: &ApiServer,
    worker: &Worker,
    spec: &Value,
    variables: &[(String, String)],
    volumes: &mut Volumes,
) -> Vec<Mount> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let pod = worker.pod();
    let mut mounts = Vec::new();
    for mount in spec.get("volumeMounts").items() {
        let name = mount.get("name").str();
        let listed = pod.spec().get("volumes").items();
        let Some(volume) = listed.iter().find(|volume| volume.get("name").str() == name) else { continue };
        let sub_path = match mount.get("subPathExpr").str() {
            "" => mount.get("subPath").str().to_owned(),
            expression => environment::expand(expression, &variable),
        };
        let Located { mut id, path } = mounting::locate(api, pod, volume);
        let within = path.len();
        let sub_path = if sub_path.is_empty() { path } else { [path.as_str(), "/", &sub_path].concat() };
        if is_projection(volume) && !sub_path.is_empty() {
            // What a container mounts of it stays as it is while the container runs.
            id = VolumeId(format!("{}{sub_path}", id.0).into());
            volumes.insert(id.clone(), flat(&files(api, worker, volume)).into());
        } else if !volumes.contains_key(&id) {
            volumes.insert(id.clone(), made(api, worker, volume));
        }
        // A part that is not there is made (`subpath_linux.go`, SafeMakeDir).
        let part = volumes.get_mut(&id).filter(|_| !sub_path.is_empty());
        if let Some(tree) = part.filter(|tree| tree.find(&sub_path).is_none()) {
            let root = tree.find(&sub_path[..within]).and_then(|ino| tree.node(ino));
            let mode = root.map_or(0o755, |root| root.mode);
            let ino = tree.add_directory(&sub_path, mode);
            tree.touch(ino, api.clock.date());
        }
        mounts.push(Mount {
            at: mount.get("mountPath").str().into(),
            volume: id,
            sub_path: sub_path.as_str().into(),
            read_only: mount.get("readOnly").bool()
                || is_projection(volume)
                || !volume.get("image").is_null(),
        });
    }
    mounts
}

/// Where the containers of a Pod share memory.
const SHARED_MEMORY: &str = "/dev/shm";

/// Mounts the memory that the containers of a Pod share, as they share their namespace of messages and semaphores (CRI,
/// `sandboxDevShm`), unless a volume of the Pod's lies there.
pub(super) fn share_memory(pod: &Object, date: Date, mounts: &mut Vec<Mount>, volumes: &mut Volumes) {
    if mounts.iter().any(|mount| &*mount.at == SHARED_MEMORY) {
        return;
    }
    // No volume of a Pod is called so.
    let id = VolumeId([pod.uid(), "/", SHARED_MEMORY].concat().into());
    volumes.entry(id.clone()).or_insert_with(|| {
        let mut tree = Tree::new();
        tree.set_root_mode(0o1777);
        tree.touch(Tree::ROOT, date);
        (tree.in_memory, tree.limit) = (true, Some(64 << 20));
        tree.into()
    });
    mounts.push(Mount { at: SHARED_MEMORY.into(), volume: id, sub_path: "".into(), read_only: false });
}

/// Forgets the volumes that go with a Pod.
pub(super) fn forget(pod: &Object, volumes: &mut Volumes) {
    let own = format!("{}/", pod.uid());
    volumes.retain(|id, _| !id.0.starts_with(&own));
}

/// The image whose files a volume shows.
pub(super) fn image_of(volume: &Value) -> Option<Reference> {
    Reference::parse(volume.at(&["image", "reference"]).as_str()?)
}

/// True for volumes whose files come from objects: nobody writes to them.
fn is_projection(volume: &Value) -> bool {
    ["configMap", "secret", "projected", "downwardAPI"].iter().any(|kind| !volume.get(kind).is_null())
}

/// True where a Pod has files whose objects may change: the kubelet looks after them from time to time.
pub(super) fn may_change(pod: &Object) -> bool {
    let volumes = pod.spec().get("volumes").items();
    volumes.iter().any(|own| is_projection(own) && !own.get("name").str().starts_with("kube-api-access-"))
}

/// True where something that a Pod's files come from may be another than at a revision of the store.
pub(super) fn may_differ(api: &ApiServer, pod: &Object, revision: u64) -> bool {
    let mut changes = api.store().changes_since(revision);
    let all_known = changes.len() as u64 == api.store().revision() - revision;
    !all_known
        || changes.any(|change| match change.object.kind {
            Kind::Pod => change.object.uid() == pod.uid(),
            Kind::ConfigMap | Kind::Secret | Kind::Node => true,
            Kind::PersistentVolumeClaim | Kind::PersistentVolume => true,
            _ => false,
        })
}

/// Brings files to what their objects hold now.
pub(super) fn refresh(api: &ApiServer, worker: &Worker, volumes: &mut Volumes) {
    let pod = worker.pod();
    for volume in pod.spec().get("volumes").items().iter().filter(|own| is_projection(own)) {
        let id = mounting::locate(api, pod, volume).id;
        let projection = projection(api, worker, volume);
        let mark = projection.mark();
        let old = volumes.get(&id).and_then(|tree| tree.find("/..data").and_then(|ino| tree.node(ino)));
        let same = matches!(old.map(|node| &node.content), Some(Content::Symlink(to)) if to.ends_with(&mark));
        if old.is_some() && !same {
            volumes.insert(id, projection.into());
        }
    }
}

fn files(api: &ApiServer, worker: &Worker, volume: &Value) -> Vec<ProjectedFile> {
    let sources = volume.at(&["projected", "sources"]).items();
    let one = std::slice::from_ref(volume);
    let sources = if sources.is_empty() { one } else { sources };
    let kinds = ["configMap", "secret", "projected", "downwardAPI"];
    let mode = kinds.iter().find_map(|kind| volume.at(&[kind, "defaultMode"]).as_int()).unwrap_or(0o644);
    sources.iter().flat_map(|source| files_of(api, worker, source, mode)).collect()
}

fn flat(files: &[ProjectedFile]) -> Tree {
    let mut tree = Tree::new();
    for (path, text, mode) in files {
        tree.add_file(&format!("/{path}"), text.as_str(), *mode);
    }
    tree
}

/// The files that come from objects, as they are now.
fn projection(api: &ApiServer, worker: &Worker, volume: &Value) -> Projection {
    Projection {
        files: files(api, worker, volume),
        date: api.clock.date(),
        in_memory: volume.get("configMap").is_null(),
        group: group(worker),
    }
}

/// The group that a Pod's volumes are given to.
fn group(worker: &Worker) -> Option<u32> {
    let gid = worker.pod().spec().at(&["securityContext", "fsGroup"]).as_int();
    gid.and_then(|gid| u32::try_from(gid).ok())
}

/// A volume that nobody has used yet: anybody may write to an emptyDir and to what a provisioner has made, and where the Pod
/// has an `fsGroup`, its volumes are that group's (`volume_linux.go`, SetVolumeOwnership). The node's disk is no such volume.
fn made(api: &ApiServer, worker: &Worker, volume: &Value) -> Volume {
    if let Some(image) = image_of(volume) {
        return images::layers(&image).into();
    }
    if is_projection(volume) {
        return projection(api, worker, volume).into();
    }
    let mut tree = Tree::new();
    let memory = volume.at(&["emptyDir", "medium"]).str() == "Memory";
    tree.set_root_mode(if memory { 0o1777 } else { 0o777 });
    tree.touch(Tree::ROOT, api.clock.date());
    tree.in_memory = memory;
    if memory {
        tree.limit = amount(volume.at(&["emptyDir", "sizeLimit"])).map(|limit| limit.value());
    }
    if let Some(gid) = group(worker).filter(|_| !volume.get("emptyDir").is_null()) {
        tree.give_to(gid, 0o2770, 0o660);
    }
    tree.into()
}

/// The files of one source.
fn files_of(api: &ApiServer, worker: &Worker, source: &Value, mode: i64) -> Vec<ProjectedFile> {
    let mode_of = |item: &Value| item.get("mode").as_int().unwrap_or(mode) as u16;
    let pod = worker.pod();
    for (field, name_field, kind) in [
        ("configMap", "name", Kind::ConfigMap),
        ("secret", "secretName", Kind::Secret),
        ("secret", "name", Kind::Secret),
    ] {
        let from = source.get(field);
        let Some(name) = from.get(name_field).as_str() else { continue };
        let Some(object) = api.get(&ObjectKey::new(kind, pod.namespace(), name)) else { continue };
        let text = |value: &Value| match value {
            Value::Str(text) if kind != Kind::Secret => text.clone(),
            text => decode(text.str()).into(),
        };
        let items = from.get("items").items();
        let data = object.get("data").entries().map(|(key, value)| (key, text(value)));
        let binary =
            object.get("binaryData").entries().map(|(key, value)| (key, SmolStr::from(decode(value.str()))));
        return data
            .chain(binary)
            .filter_map(|(key, text)| {
                let item = items.iter().find(|item| item.get("key").str() == key);
                match item {
                    Some(item) => Some((item.get("path").str().into(), text, mode_of(item))),
                    None if items.is_empty() => Some((key.into(), text, mode as u16)),
                    None => None,
                }
            })
            .collect();
    }
    if let Some(path) = source.at(&["serviceAccountToken", "path"]).as_str() {
        return vec![(path.into(), format_smolstr!("saya.{}.{}", pod.namespace(), pod.uid()), mode as u16)];
    }
    let field = |item: &Value| match item.get("resourceFieldRef") {
        Value::Null => environment::field(worker, item.at(&["fieldRef", "fieldPath"]).str(), ("", "")),
        from => environment::resource(api, pod, &Value::Null, from),
    };
    let downward = source.at(&["downwardAPI", "items"]).items();
    downward.iter().map(|item| (item.get("path").str().into(), field(item).into(), mode_of(item))).collect()
}
