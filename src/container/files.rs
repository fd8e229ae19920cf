//! The files a machine sees: its root tree and the volumes mounted into it.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, OnceLock};

use super::projection::Projection;
use super::tree::{Ino, Kind, Node, Tree};
pub use super::view::View;
use crate::base::Date;

/// The name of a volume: unique where the volumes are kept, such as a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeId(pub Arc<str>);

/// A tree that machines share. What comes from objects is made when somebody looks at it, which for most never happens.
#[derive(Clone, Debug)]
pub struct Volume {
    tree: OnceLock<Tree>,
    projection: Option<Arc<Projection>>,
}

impl From<Tree> for Volume {
    fn from(tree: Tree) -> Self {
        Self { tree: tree.into(), projection: None }
    }
}
impl From<Projection> for Volume {
    fn from(projection: Projection) -> Self {
        Self { tree: OnceLock::new(), projection: Some(Arc::new(projection)) }
    }
}
impl Deref for Volume {
    type Target = Tree;
    fn deref(&self) -> &Tree {
        self.tree.get_or_init(|| self.projection.as_ref().map(|files| files.tree()).unwrap_or_default())
    }
}
impl DerefMut for Volume {
    fn deref_mut(&mut self) -> &mut Tree {
        let _: &Tree = self;
        self.projection = None;
        self.tree.get_mut().unwrap_or_else(|| unreachable!("just made"))
    }
}
impl PartialEq for Volume {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl Eq for Volume {}
impl Hash for Volume {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// The volumes that machines share. Whoever runs the machines keeps them and lends them to each run, so that two
/// containers with the same volume see one tree.
pub type Volumes = BTreeMap<VolumeId, Volume>;

/// A volume seen at a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Absolute, without a slash at the end.
    pub at: Arc<str>,
    /// Which tree.
    pub volume: VolumeId,
    /// The directory or file of the volume that is seen; empty for its root.
    pub sub_path: Arc<str>,
    /// Writing fails with `Read-only file system`.
    pub read_only: bool,
}

impl Mount {
    /// True where it shows a single file.
    pub fn is_file(&self, volumes: &Volumes) -> bool {
        let part = Some(&*self.sub_path).filter(|path| !path.is_empty());
        let node = part.and_then(|path| {
            let tree = volumes.get(&self.volume)?;
            tree.node(tree.find(path)?)
        });
        node.is_some_and(|node| !node.is_directory())
    }
}

/// A machine's own tree and what is mounted over it. Two machines share a tree only through [`Volumes`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Files {
    /// What is there without mounts: an image's tree, or the learner's disk.
    pub root: Tree,
    /// True where the root tree must not be written (`readOnlyRootFilesystem`).
    pub read_only: bool,
    /// Later ones lie over earlier ones.
    pub(super) mounts: Vec<Mount>,
}

/// Who asks: what permissions are checked against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// User id; 0 may do everything.
    pub uid: u32,
    /// Primary group.
    pub gid: u32,
    /// Further groups.
    pub groups: Arc<[u32]>,
}

impl Credentials {
    /// The user `root`.
    pub fn root() -> Self {
        Self { uid: 0, gid: 0, groups: Arc::default() }
    }
    /// A user without further groups.
    pub fn new(uid: u32, gid: u32) -> Self {
        Self { uid, gid, groups: Arc::default() }
    }
    /// Whether a node lets this user do all of `wanted` (read 4, write 2, search or run 1).
    pub fn may(&self, node: &Node, wanted: u16) -> bool {
        if self.uid == 0 {
            return wanted & 1 == 0 || node.is_directory() || node.mode & 0o111 != 0;
        }
        let shift = if node.uid == self.uid {
            6
        } else if node.gid == self.gid || self.groups.contains(&node.gid) {
            3
        } else {
            0
        };
        (node.mode >> shift) & wanted == wanted
    }
}

/// Which tree a file is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// The machine's own.
    Root,
    /// A mounted one.
    Volume(VolumeId),
}

/// Where a file is, whatever its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The tree.
    pub store: Store,
    /// The file in it.
    pub ino: Ino,
    /// Reached through something read-only.
    pub read_only: bool,
}

/// What `stat` tells of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Number within its tree.
    pub ino: Ino,
    /// Directory, file, link, ….
    pub kind: Kind,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Names it has.
    pub links: u32,
    /// Bytes.
    pub size: u64,
    /// Last change of the content.
    pub modified: Date,
    /// Which tree it is in.
    pub store: Store,
}

impl Stat {
    /// True for a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }
}

impl Files {
    /// A machine's files from a tree.
    pub fn new(root: Tree) -> Self {
        Self { root, ..Self::default() }
    }

    /// Mounts a volume; the mount point is made where the root tree has none, as a container runtime does.
    pub fn mount(&mut self, mount: Mount, volumes: &Volumes) {
        let mount = Mount { at: self.root.resolve(&mount.at).into(), ..mount };
        if self.root.find(&mount.at).is_none() {
            if mount.is_file(volumes) {
                self.root.add_file(&mount.at, Vec::new(), 0o755);
            } else {
                self.root.add_directory(&mount.at, 0o755);
            }
        }
        self.mounts.push(mount);
    }

    /// Puts other volumes in the places of those that are mounted, in the same order.
    pub fn remount(&mut self, mounts: Vec<Mount>) {
        for (there, mount) in self.mounts.iter_mut().zip(mounts) {
            *there = Mount { at: there.at.clone(), ..mount };
        }
    }

    /// Takes away what was mounted after the first `count`.
    pub fn unmount_after(&mut self, count: usize) {
        self.mounts.truncate(count);
    }

    /// Puts an executable in the machine's own tree; see [`Tree::add_program`].
    pub fn add_program(&mut self, path: &str, id: &str) {
        self.root.add_program(path, id);
    }

    /// The machine's own tree, below all mounts.
    pub fn root(&self) -> &Tree {
        &self.root
    }

    /// What is mounted, in the order it was.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The files as a user in a directory sees them. `now` is the time that changes get.
    pub fn view<'a>(
        &'a mut self,
        volumes: &'a mut Volumes,
        who: &'a Credentials,
        cwd: &'a str,
        now: Date,
    ) -> View<'a> {
        View { files: self, volumes, who, cwd, root: "", now }
    }
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// To read.
    pub read: bool,
    /// To write.
    pub write: bool,
    /// Every write goes to the end.
    pub append: bool,
    /// Emptied first.
    pub truncate: bool,
    /// Made with this mode where there is none.
    pub create: Option<u16>,
    /// Must not be there yet.
    pub exclusive: bool,
}

impl How {
    /// To read.
    pub fn read() -> Self {
        Self { read: true, ..Self::default() }
    }
    /// To write anew, as `>` does.
    pub fn write() -> Self {
        Self { write: true, truncate: true, create: Some(0o666), ..Self::default() }
    }
    /// To write at the end, as `>>` does.
    pub fn append() -> Self {
        Self { write: true, append: true, create: Some(0o666), ..Self::default() }
    }
}
