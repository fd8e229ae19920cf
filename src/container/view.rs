//! The calls on files: paths, permissions, reading and writing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::errno::Errno;
use super::files::{Credentials, Files, How, Mount, Place, Stat, Store, VolumeId, Volumes};
use super::tree::{Content, Ino, Kind, Node, Tree};
use crate::base::Date;

/// No file grows beyond this: the whole machine is memory.
const MAX_FILE: u64 = 64 << 20;

/// A node on a walk, with what its [`Place`] is made of.
#[derive(Clone, Copy)]
struct Stop<'v> {
    /// The volume that it is in; none for the machine's own tree.
    volume: Option<&'v VolumeId>,
    tree: &'v Tree,
    ino: Ino,
    node: &'v Node,
    read_only: bool,
}

impl<'v> Stop<'v> {
    /// What has this number in the same tree.
    fn beside(self, ino: Ino, read_only: bool) -> Result<Self> {
        Ok(Self { ino, node: self.tree.node(ino).ok_or(Errno::NotFound)?, read_only, ..self })
    }

    fn place(&self) -> Place {
        let store = self.volume.map_or(Store::Root, |id| Store::Volume(id.clone()));
        Place { store, ino: self.ino, read_only: self.read_only }
    }
}

/// Where a walk ended; as [`Walk`], which holds on to no files.
struct Found<'v> {
    parent: Stop<'v>,
    stop: Option<Stop<'v>>,
    path: String,
    slash: bool,
}

/// A path that was walked.
struct Walk {
    /// The directory that holds the last name.
    parent: Place,
    /// What is there, if anything.
    place: Option<Place>,
    /// The absolute path without links, `.` and `..`.
    path: String,
    /// The path ended with a slash.
    slash: bool,
}

impl Walk {
    /// The last name; empty for the root.
    fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(_, name)| name)
    }
}

/// Files as one user in one directory sees them: relative paths start there, permissions are checked.
pub struct View<'a> {
    pub(super) files: &'a mut Files,
    pub(super) volumes: &'a mut Volumes,
    pub(super) who: &'a Credentials,
    pub(super) cwd: &'a str,
    /// What its root is, as a path without a slash at the end (`chroot`); empty for the machine's own.
    pub(super) root: &'a str,
    pub(super) now: Date,
}

type Result<T> = std::result::Result<T, Errno>;

/// The paths still to go, without the slashes before their first names.
struct Ahead<'p> {
    /// Empty where nothing is ahead.
    next: &'p str,
    /// Those after it, the last of them first.
    later: Vec<&'p str>,
}

impl<'p> Ahead<'p> {
    /// Puts a path before the others, unless there is no name in it.
    fn go(&mut self, path: &'p str) {
        let path = path.trim_start_matches('/');
        if !path.is_empty() {
            let other = std::mem::replace(&mut self.next, path);
            if !other.is_empty() {
                self.later.push(other);
            }
        }
    }

    /// Takes the next name out.
    fn name(&mut self) -> Option<&'p str> {
        if self.next.is_empty() {
            return None;
        }
        let path = std::mem::take(&mut self.next);
        let (name, rest) = path.split_at(path.bytes().position(|b| b == b'/').unwrap_or(path.len()));
        self.next = rest.trim_start_matches('/');
        if self.next.is_empty() {
            self.next = self.later.pop().unwrap_or_default();
        }
        Some(name)
    }
}

impl View<'_> {
    fn tree(&self, store: &Store) -> Option<&Tree> {
        match store {
            Store::Root => Some(&self.files.root),
            Store::Volume(id) => self.volumes.get(id).map(|volume| &**volume),
        }
    }

    fn tree_mut(&mut self, store: &Store) -> Option<&mut Tree> {
        match store {
            Store::Root => Some(&mut self.files.root),
            Store::Volume(id) => self.volumes.get_mut(id).map(|volume| &mut **volume),
        }
    }

    fn node(&self, place: &Place) -> Result<&Node> {
        self.tree(&place.store).and_then(|tree| tree.node(place.ino)).ok_or(Errno::NotFound)
    }

    fn root_stop(&self) -> Result<Stop<'_>> {
        if let Some(mounted) = self.mounted_at("") {
            return mounted;
        }
        let (tree, ino) = (&self.files.root, Tree::ROOT);
        let node = tree.node(ino).ok_or(Errno::NotFound)?;
        Ok(Stop { volume: None, tree, ino, node, read_only: self.files.read_only })
    }

    /// What a mount shows at an absolute path, if one is there.
    fn mounted_at(&self, path: &str) -> Option<Result<Stop<'_>>> {
        let is_there = |mount: &&Mount| {
            let rest = mount.at.as_bytes().get(path.len()..);
            rest.is_some_and(|rest| rest.iter().all(|b| *b == b'/')) && mount.at.starts_with(path)
        };
        let mount = self.files.mounts.iter().rev().find(is_there)?;
        let tree: &Tree = self.volumes.get(&mount.volume)?;
        let ino = tree.find(&mount.sub_path)?;
        let stop = |node| Stop { volume: Some(&mount.volume), tree, ino, node, read_only: mount.read_only };
        Some(tree.node(ino).map(stop).ok_or(Errno::NotFound))
    }

    fn walk(&self, path: &str, follow_last: bool) -> Result<Walk> {
        let Found { parent, stop, path, slash } = self.walk_below(self.root, path, follow_last)?;
        Ok(Walk { parent: parent.place(), place: stop.map(|stop| stop.place()), path, slash })
    }

    /// What is at a path.
    fn find(&self, path: &str, follow_last: bool) -> Result<Stop<'_>> {
        self.walk_below(self.root, path, follow_last)?.stop.ok_or(Errno::NotFound)
    }

    fn walk_below(&self, base: &str, path: &str, follow_last: bool) -> Result<Found<'_>> {
        if path.is_empty() {
            return Err(Errno::NotFound);
        }
        if path.len() > 4095 {
            return Err(Errno::NameTooLong);
        }
        let mut ahead = Ahead { next: path.trim_start_matches('/'), later: Vec::new() };
        if !path.starts_with('/') {
            ahead.go(self.cwd);
        }
        let slash = path.ends_with('/');
        let root = match base {
            "" => self.root_stop()?,
            base => self.walk_below("", base, true)?.stop.ok_or(Errno::NotFound)?,
        };
        let (mut parent, mut here) = (root, root);
        let mut logical = String::with_capacity(base.len() + path.len() + 1);
        logical.push_str(base);
        let mut links = 0;
        while let Some(name) = ahead.name() {
            let Content::Directory { entries, .. } = &here.node.content else {
                return Err(Errno::NotDirectory);
            };
            if !self.who.may(here.node, 1) {
                return Err(Errno::PermissionDenied);
            }
            if name == "." {
                continue;
            }
            if name == ".." {
                logical.truncate(logical.rfind('/').unwrap_or(0).max(base.len()));
                let above = &logical[base.len()..];
                let above = self.walk_below(base, if above.is_empty() { "/" } else { above }, true)?;
                (parent, here) = (above.parent, above.stop.unwrap_or(root));
                continue;
            }
            if name.len() > 255 {
                return Err(Errno::NameTooLong);
            }
            let length = logical.len();
            logical.push('/');
            logical.push_str(name);
            let found = match self.mounted_at(&logical) {
                Some(mounted) => mounted?,
                None => match entries.get(name) {
                    Some(ino) => {
                        // The runtime mounts these over the root, writable whatever it is.
                        let read_only =
                            here.read_only && !matches!(logical.as_str(), "/dev" | "/proc" | "/sys");
                        here.beside(*ino, read_only)?
                    }
                    None if ahead.next.is_empty() => {
                        logical.drain(..base.len());
                        return Ok(Found { parent: here, stop: None, path: logical, slash });
                    }
                    None => return Err(Errno::NotFound),
                },
            };
            let last = ahead.next.is_empty();
            if let Content::Symlink(target) = &found.node.content
                && (!last || follow_last || slash)
            {
                links += 1;
                if links > 40 {
                    return Err(Errno::Loop);
                }
                ahead.go(target);
                if target.starts_with('/') {
                    (parent, here) = (root, root);
                    logical.truncate(base.len());
                } else {
                    logical.truncate(length);
                }
                continue;
            }
            (parent, here) = (here, found);
        }
        if slash && !here.node.is_directory() {
            return Err(Errno::NotDirectory);
        }
        logical.drain(..base.len());
        if logical.is_empty() {
            logical.push('/');
        }
        Ok(Found { parent, stop: Some(here), path: logical, slash })
    }

    /// Where an existing file is, links followed.
    pub fn locate(&self, path: &str) -> Result<Place> {
        Ok(self.find(path, true)?.place())
    }

    fn stat_of(place: Place, node: &Node) -> Stat {
        Stat {
            ino: place.ino,
            kind: node.kind(),
            mode: node.mode,
            uid: node.uid,
            gid: node.gid,
            links: node.links,
            size: node.size(),
            modified: node.modified,
            store: place.store,
        }
    }

    /// What is at a path, links followed.
    pub fn stat(&self, path: &str) -> Result<Stat> {
        let stop = self.find(path, true)?;
        Ok(Self::stat_of(stop.place(), stop.node))
    }

    /// What is at a path; a link itself.
    pub fn lstat(&self, path: &str) -> Result<Stat> {
        let stop = self.find(path, false)?;
        Ok(Self::stat_of(stop.place(), stop.node))
    }

    /// What `fstat` tells of an open file.
    pub fn stat_place(&self, place: &Place) -> Result<Stat> {
        Ok(Self::stat_of(place.clone(), self.node(place)?))
    }

    /// True where something is there, links followed.
    pub fn exists(&self, path: &str) -> bool {
        self.find(path, true).is_ok()
    }

    /// True for a directory, links followed.
    pub fn is_directory(&self, path: &str) -> bool {
        self.find(path, true).is_ok_and(|stop| stop.node.is_directory())
    }

    /// Checks permission to read (4), write (2), run or search (1).
    pub fn access(&self, path: &str, wanted: u16) -> Result<()> {
        let stop = self.find(path, true)?;
        if !self.who.may(stop.node, wanted) {
            return Err(Errno::PermissionDenied);
        }
        if wanted & 2 != 0 && stop.read_only {
            return Err(Errno::ReadOnly);
        }
        Ok(())
    }

    /// What a file is that may be run.
    pub fn executable(&self, path: &str) -> Result<&Content> {
        let node = self.find(path, true)?.node;
        let runs = !node.is_directory() && self.who.may(node, 1);
        if runs { Ok(&node.content) } else { Err(Errno::PermissionDenied) }
    }

    /// The absolute path without links, `.` and `..`; the last part need not exist.
    pub fn canonical(&self, path: &str) -> Result<String> {
        Ok(self.walk_below(self.root, path, true)?.path)
    }

    /// The names in a directory, in order of their bytes, without `.` and `..`.
    pub fn list(&self, path: &str) -> Result<Vec<Arc<str>>> {
        let node = self.find(path, true)?.node;
        let Content::Directory { entries, .. } = &node.content else { return Err(Errno::NotDirectory) };
        if !self.who.may(node, 4) {
            return Err(Errno::PermissionDenied);
        }
        Ok(entries.keys().cloned().collect())
    }

    /// Where a symbolic link points.
    pub fn read_link(&self, path: &str) -> Result<Arc<str>> {
        match &self.find(path, false)?.node.content {
            Content::Symlink(target) => Ok(target.clone()),
            _ => Err(Errno::Invalid),
        }
    }

    /// The content of a regular file.
    pub fn read(&self, path: &str) -> Result<Arc<Vec<u8>>> {
        let node = self.find(path, true)?.node;
        if !self.who.may(node, 4) {
            return Err(Errno::PermissionDenied);
        }
        match &node.content {
            Content::File(bytes) => Ok(bytes.clone()),
            Content::Directory { .. } => Err(Errno::IsDirectory),
            _ => Ok(Arc::default()),
        }
    }

    /// What a file is, links followed.
    pub fn content(&self, path: &str) -> Result<Content> {
        Ok(self.find(path, true)?.node.content.clone())
    }

    /// What an open file is.
    pub fn content_at(&self, place: &Place) -> Result<&Content> {
        Ok(&self.node(place)?.content)
    }

    fn may_change(&self, directory: &Place) -> Result<()> {
        if directory.read_only {
            return Err(Errno::ReadOnly);
        }
        if self.who.may(self.node(directory)?, 3) { Ok(()) } else { Err(Errno::PermissionDenied) }
    }

    /// A name may leave a directory: it is writable, and where it is sticky (`/tmp`) the name is one's own.
    fn may_remove(&self, directory: &Place, place: &Place) -> Result<()> {
        self.may_change(directory)?;
        let (parent, node) = (self.node(directory)?, self.node(place)?);
        let own = [parent.uid, node.uid].contains(&self.who.uid) || self.who.uid == 0;
        if parent.mode & 0o1000 != 0 && !own { Err(Errno::NotPermitted) } else { Ok(()) }
    }

    /// Makes something new at a path; `mode` without what the umask takes away.
    fn make(&mut self, path: &str, mode: u16, content: Content) -> Result<Place> {
        let walk = self.walk(path, false)?;
        if walk.place.is_some() {
            return Err(Errno::Exists);
        }
        if walk.slash && !matches!(content, Content::Directory { .. }) {
            return Err(Errno::IsDirectory);
        }
        self.make_at(walk, mode, content)
    }

    /// Makes something new where a walk has found nothing.
    fn make_at(&mut self, walk: Walk, mode: u16, content: Content) -> Result<Place> {
        self.may_change(&walk.parent)?;
        // A setgid directory gives its group, and to directories the bit as well.
        let parent = self.node(&walk.parent)?;
        let (gid, inherited) = match parent.mode & 0o2000 {
            0 => (self.who.gid, 0),
            bit => (parent.gid, if matches!(content, Content::Directory { .. }) { bit } else { 0 }),
        };
        let node = Node::new(content, mode | inherited, self.who.uid, gid, self.now);
        let now = self.now;
        let tree = self.tree_mut(&walk.parent.store).ok_or(Errno::NotFound)?;
        let ino = tree.add(walk.parent.ino, walk.name(), node);
        tree.touch(walk.parent.ino, now);
        Ok(Place { ino, ..walk.parent })
    }

    /// Makes a directory.
    pub fn make_directory(&mut self, path: &str, mode: u16) -> Result<()> {
        self.make(path, mode, Content::Directory { parent: Tree::ROOT, entries: BTreeMap::new() }).map(|_| ())
    }

    /// Makes a symbolic link.
    pub fn make_symlink(&mut self, target: &str, path: &str) -> Result<()> {
        self.make(path, 0o777, Content::Symlink(target.into())).map(|_| ())
    }

    /// Gives a file another name in the same tree.
    pub fn make_link(&mut self, old: &str, new: &str) -> Result<()> {
        let place = self.walk(old, false)?.place.ok_or(Errno::NotFound)?;
        let walk = self.walk(new, false)?;
        if walk.place.is_some() {
            return Err(Errno::Exists);
        }
        if self.node(&place)?.is_directory() {
            return Err(Errno::NotPermitted);
        }
        if walk.parent.store != place.store {
            return Err(Errno::CrossDevice);
        }
        self.may_change(&walk.parent)?;
        let now = self.now;
        let tree = self.tree_mut(&place.store).ok_or(Errno::NotFound)?;
        tree.link(walk.parent.ino, walk.name(), place.ino);
        tree.touch(walk.parent.ino, now);
        Ok(())
    }

    /// Opens a file, and makes it where `create` says so. Empties it where `truncate` says so.
    pub fn open(&mut self, path: &str, how: How) -> Result<Place> {
        let walk = self.walk(path, !how.exclusive)?;
        let Some(place) = walk.place else {
            // A link that points nowhere is followed to where the file is to be.
            return match how.create {
                Some(mode) => self.make_at(walk, mode, Content::File(Arc::default())),
                None => Err(Errno::NotFound),
            };
        };
        if how.exclusive {
            return Err(Errno::Exists);
        }
        let node = self.node(&place)?;
        if how.write && node.is_directory() {
            return Err(Errno::IsDirectory);
        }
        if !self.who.may(node, if how.read { 4 } else { 0 } | if how.write { 2 } else { 0 }) {
            return Err(Errno::PermissionDenied);
        }
        if how.write && place.read_only && !matches!(node.content, Content::Device(_)) {
            return Err(Errno::ReadOnly);
        }
        if how.truncate && node.kind() == Kind::File {
            self.replace(&place, Vec::new());
        }
        Ok(place)
    }

    /// Fails where a file of this size has no room in its tree.
    fn has_room(&self, place: &Place, size: u64) -> Result<()> {
        let Some((tree, limit)) = self.tree(&place.store).and_then(|tree| Some((tree, tree.limit?))) else {
            return Ok(());
        };
        let own = tree.node(place.ino).map_or(0, Node::size);
        let fits = tree.bytes() - own as i64 + size.max(own) as i64 <= limit;
        if fits { Ok(()) } else { Err(Errno::NoSpace) }
    }

    fn replace(&mut self, place: &Place, bytes: Vec<u8>) {
        let now = self.now;
        if let Some(node) = self.tree_mut(&place.store).and_then(|tree| tree.node_mut(place.ino)) {
            node.content = Content::File(Arc::new(bytes));
            node.modified = now;
        }
    }

    /// Writes a whole file, made with `mode` where there was none.
    pub fn write(&mut self, path: &str, bytes: Vec<u8>, mode: u16) -> Result<()> {
        let how = How { write: true, create: Some(mode), ..How::default() };
        let place = self.open(path, how)?;
        self.has_room(&place, bytes.len() as u64)?;
        self.replace(&place, bytes);
        Ok(())
    }

    /// Puts an executable at a path, in place of what is there.
    pub fn install(&mut self, path: &str, id: &Arc<str>, mode: u16) -> Result<()> {
        let how = How { write: true, create: Some(mode), ..How::default() };
        let place = self.open(path, how)?;
        let now = self.now;
        if let Some(node) = self.tree_mut(&place.store).and_then(|tree| tree.node_mut(place.ino)) {
            node.content = Content::Program(id.clone());
            node.modified = now;
        }
        Ok(())
    }

    /// Writes into an open file at a position and returns where that ends. A file that was removed takes it in silence.
    pub fn write_at(&mut self, place: &Place, at: u64, bytes: &[u8]) -> Result<u64> {
        let (now, end) = (self.now, at + bytes.len() as u64);
        if end > MAX_FILE {
            return Err(Errno::NoSpace);
        }
        self.has_room(place, end)?;
        if let Some(node) = self.tree_mut(&place.store).and_then(|tree| tree.node_mut(place.ino))
            && let Content::File(content) = &mut node.content
        {
            let content = Arc::make_mut(content);
            let (at, end) = (at as usize, end as usize);
            if content.len() < end {
                content.resize(end, 0);
            }
            content[at..end].copy_from_slice(bytes);
            node.modified = now;
        }
        Ok(end)
    }

    /// Removes a name that is no directory.
    pub fn remove_file(&mut self, path: &str) -> Result<()> {
        let mut walk = self.walk(path, false)?;
        let place = walk.place.take().ok_or(Errno::NotFound)?;
        if self.node(&place)?.is_directory() {
            return Err(Errno::IsDirectory);
        }
        self.unlink(&walk, &place)
    }

    /// Removes an empty directory.
    pub fn remove_directory(&mut self, path: &str) -> Result<()> {
        let mut walk = self.walk(path, false)?;
        let place = walk.place.take().ok_or(Errno::NotFound)?;
        let Content::Directory { entries, .. } = &self.node(&place)?.content else {
            return Err(Errno::NotDirectory);
        };
        if walk.name().is_empty() {
            return Err(Errno::Busy);
        }
        if !entries.is_empty() && self.mounted_at(&[self.root, &walk.path].concat()).is_none() {
            return Err(Errno::NotEmpty);
        }
        self.unlink(&walk, &place)
    }

    fn unlink(&mut self, walk: &Walk, place: &Place) -> Result<()> {
        let parent = &walk.parent;
        self.may_remove(parent, place)?;
        if self.mounted_at(&[self.root, &walk.path].concat()).is_some() {
            return Err(Errno::Busy);
        }
        let now = self.now;
        let tree = self.tree_mut(&parent.store).ok_or(Errno::NotFound)?;
        tree.unlink(parent.ino, walk.name());
        tree.touch(parent.ino, now);
        Ok(())
    }

    /// Moves a file or directory within one tree, over what is there.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<()> {
        let mut from = self.walk(old, false)?;
        let to = self.walk(new, false)?;
        let place = from.place.take().ok_or(Errno::NotFound)?;
        self.may_remove(&from.parent, &place)?;
        self.may_change(&to.parent)?;
        if self.mounted_at(&[self.root, &from.path].concat()).is_some()
            || self.mounted_at(&[self.root, &to.path].concat()).is_some()
        {
            return Err(Errno::Busy);
        }
        if from.parent.store != to.parent.store {
            return Err(Errno::CrossDevice);
        }
        let directory = self.node(&place)?.is_directory();
        if directory && to.path.starts_with(&format!("{}/", from.path)) {
            return Err(Errno::Invalid);
        }
        if let Some(over) = &to.place {
            if over.ino == place.ino {
                return Ok(());
            }
            match &self.node(over)?.content {
                Content::Directory { .. } if !directory => return Err(Errno::IsDirectory),
                Content::Directory { entries, .. } if !entries.is_empty() => return Err(Errno::NotEmpty),
                Content::Directory { .. } => {}
                _ if directory => return Err(Errno::NotDirectory),
                _ => {}
            }
        }
        let now = self.now;
        let tree = self.tree_mut(&from.parent.store).ok_or(Errno::NotFound)?;
        if to.place.is_some() {
            tree.unlink(to.parent.ino, to.name());
        }
        tree.rename((from.parent.ino, from.name()), (to.parent.ino, to.name()));
        tree.touch(from.parent.ino, now);
        tree.touch(to.parent.ino, now);
        Ok(())
    }

    fn change(&mut self, path: &str, owner_only: bool, change: impl FnOnce(&mut Node)) -> Result<()> {
        let place = self.locate(path)?;
        let node = self.node(&place)?;
        let owner = self.who.uid == 0 || self.who.uid == node.uid;
        if !owner && (owner_only || !self.who.may(node, 2)) {
            return Err(if owner_only { Errno::NotPermitted } else { Errno::PermissionDenied });
        }
        if place.read_only {
            return Err(Errno::ReadOnly);
        }
        self.tree_mut(&place.store)
            .and_then(|tree| tree.node_mut(place.ino))
            .map(change)
            .ok_or(Errno::NotFound)
    }

    /// Sets the permission bits.
    pub fn set_mode(&mut self, path: &str, mode: u16) -> Result<()> {
        self.change(path, true, |node| node.mode = mode & 0o7777)
    }

    /// Sets owner and group, where given. Only root may give a file away.
    pub fn set_owner(&mut self, path: &str, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
        let allowed = self.who.uid == 0
            || (uid.is_none_or(|uid| uid == self.who.uid)
                && gid.is_none_or(|gid| gid == self.who.gid || self.who.groups.contains(&gid)));
        if !allowed {
            self.locate(path)?;
            return Err(Errno::NotPermitted);
        }
        self.change(path, true, |node| {
            node.uid = uid.unwrap_or(node.uid);
            node.gid = gid.unwrap_or(node.gid);
        })
    }

    /// Sets the time of the last change.
    pub fn set_modified(&mut self, path: &str, modified: Date) -> Result<()> {
        self.change(path, false, |node| node.modified = modified)
    }
}
