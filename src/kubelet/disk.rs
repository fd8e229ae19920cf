//! A node's own disk: what Pods with `hostPath` volumes see of it, and people who log in to the node.

use std::sync::{Arc, LazyLock};

use crate::apiserver::ApiServer;
use crate::container::files::VolumeId;
use crate::container::tree::{Content, Ino, Node, Tree};
use crate::images::{System, iptables};

use super::etc::NodeDns;
use super::static_pods::{FOLDER, StaticPods};
use super::{NodeState, host};

/// The folders of a node's disk besides those of its system.
const FOLDERS: &[&str] = &[
    "/data",
    "/etc/cni/net.d",
    FOLDER,
    "/mnt",
    "/opt/cni/bin",
    "/run/containerd",
    "/var/lib/containerd",
    "/var/lib/docker/containers",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
];

/// What a node has besides the tools of its system.
const TOOLS: &[&str] = &["curl", "ip", "ping", "ps", "ss", "sudo", "top"];

/// The tree of a node's own disk.
pub(super) fn id() -> VolumeId {
    static ID: LazyLock<VolumeId> = LazyLock::new(|| VolumeId("node".into()));
    ID.clone()
}

/// Makes what is to be at a path of the node's disk, where there is nothing yet.
pub(super) fn make(disk: &mut Tree, path: &str, kind: &str) -> Option<Ino> {
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

/// Whether a path of the node's disk is what it must be (pkg/volume/hostpath, checkType).
///
/// # Errors
/// The kubelet's words.
pub(super) fn check_type(disk: &Tree, path: &str, kind: &str) -> Result<(), String> {
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

/// A node's own disk.
pub(super) fn of<'a>(node: &'a mut NodeState, api: &ApiServer) -> &'a mut Tree {
    let NodeState { name, ip, volumes, static_pods, .. } = node;
    volumes.entry(id()).or_insert_with(|| new_disk(name, &ip.to_string(), api, static_pods).into())
}

/// A node's disk before anybody has used it.
fn new_disk(node: &str, ip: &str, api: &ApiServer, static_pods: &mut StaticPods) -> Tree {
    let date = api.clock.epoch;
    let mut tree = System::Debian.tree();
    for folder in FOLDERS {
        tree.add_directory(folder, 0o755);
    }
    for tool in TOOLS {
        System::Debian.add_tool(&mut tree, tool);
    }
    for program in ["conntrack", "crictl", "ctr", "docker", "journalctl", "nerdctl", "systemctl"] {
        tree.add_program(&["/usr/bin/", program].concat(), "not-simulated");
    }
    for path in iptables::PATHS {
        tree.add_program(path, iptables::ID);
    }
    for (name, text) in static_pods.write() {
        let manifest = Node::new(Content::File(text), 0o600, 0, 0, date);
        tree.put(&[FOLDER, "/", name].concat(), manifest);
    }
    // Where minikube has the authority, and kubeadm.
    let folder = match api.settings.authority {
        "minikubeCA" => "/var/lib/minikube/certs",
        _ => "/etc/kubernetes/pki",
    };
    // The key lies where the control plane runs.
    if !static_pods.files.is_empty() {
        for (name, text, mode) in api.authority().files() {
            let file = Node::new(Content::File(Arc::new(text.into_bytes())), mode, 0, 0, date);
            tree.put(&[folder, "/", name].concat(), file);
        }
    }
    let (user, uid) = host::USER;
    let home = tree.add_directory(&["/home/", user].concat(), 0o755);
    if let Some(home) = tree.node_mut(home) {
        (home.uid, home.gid) = (uid, uid);
    }
    for (file, more) in [
        ("/etc/passwd", format!("{user}:x:{uid}:{uid}::/home/{user}:/bin/bash\n")),
        ("/etc/group", format!("{user}:x:{uid}:\n")),
    ] {
        let old =
            tree.read(file).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        tree.add_file(file, old + &more, 0o644);
    }
    tree.add_file("/etc/hostname", [node, "\n"].concat(), 0o644);
    tree.add_file("/etc/hosts", ["127.0.0.1\tlocalhost\n", ip, "\t", node, "\n"].concat(), 0o644);
    let servers = NodeDns::default().nameservers;
    let lines: String = servers.iter().map(|server| ["nameserver ", server, "\n"].concat()).collect();
    tree.add_file("/etc/resolv.conf", lines, 0o644);
    tree.put("/run/containerd/containerd.sock", Node::new(Content::Socket, 0o660, 0, 0, date));
    tree.date(date);
    tree.frozen()
}
