//! One file system: numbered nodes in two layers, the shared one below and the changes above.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::base::Date;

/// What stands for the bytes of a program where they are carried about; its id follows.
pub const PROGRAM: &[u8] = b"\x7fELF ";

/// The number of a node in its tree. Never used again, so that an open file that was removed stays removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ino(pub u64);

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// A directory; the root is its own parent.
    Directory {
        /// What `..` is.
        parent: Ino,
        /// The names in it.
        entries: BTreeMap<Arc<str>, Ino>,
    },
    /// A regular file.
    File(Arc<Vec<u8>>),
    /// An executable, by the id that `Program::load` knows.
    Program(Arc<str>),
    /// A symbolic link.
    Symlink(Arc<str>),
    /// A device.
    Device(Device),
    /// The name of a Unix socket that a server listens on.
    Socket,
}

/// A device file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// `/dev/null`
    Null,
    /// `/dev/zero`
    Zero,
    /// `/dev/full`
    Full,
    /// `/dev/random`, `/dev/urandom`
    Random,
    /// `/dev/tty`: the controlling terminal
    Terminal,
    /// `/dev/stdin`, `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`: what the opener has open
    Descriptor(u32),
}

/// The kind of a node, as `ls -l` begins its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `d`
    Directory,
    /// `-`
    File,
    /// `l`
    Symlink,
    /// `c`
    Device,
    /// `s`
    Socket,
    /// `p`
    Pipe,
}

impl Kind {
    /// The letter in front of the permissions.
    pub fn letter(self) -> char {
        match self {
            Kind::Directory => 'd',
            Kind::File => '-',
            Kind::Symlink => 'l',
            Kind::Device => 'c',
            Kind::Socket => 's',
            Kind::Pipe => 'p',
        }
    }
}

/// A file, directory, link, …: everything but its names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// Permission bits with set-id and sticky bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// How many names it has.
    pub links: u32,
    /// Last change of the content.
    pub modified: Date,
    /// What it is.
    pub content: Content,
}

impl Node {
    /// A node without a name yet.
    pub fn new(content: Content, mode: u16, uid: u32, gid: u32, modified: Date) -> Self {
        Self { mode: mode & 0o7777, uid, gid, links: 0, modified, content }
    }
    /// True for a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self.content, Content::Directory { .. })
    }
    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match self.content {
            Content::Directory { .. } => Kind::Directory,
            Content::File(_) | Content::Program(_) => Kind::File,
            Content::Symlink(_) => Kind::Symlink,
            Content::Device(_) => Kind::Device,
            Content::Socket => Kind::Socket,
        }
    }
    /// Bytes, as `ls -l` tells: a directory's is a disk block, a program's is made up from its name.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Directory { .. } => 4096,
            Content::File(bytes) => bytes.len() as u64,
            Content::Program(id) => 35_000 + crate::base::digest_of(&**id).0 % 90_000,
            Content::Symlink(target) => target.len() as u64,
            Content::Device(_) | Content::Socket => 0,
        }
    }
}

/// One file system. Clones share the base layer, and what differs from it until one of them is written to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree {
    /// By their numbers.
    base: Arc<Vec<Option<Node>>>,
    /// What differs from the base; `None` is a node that is gone.
    changed: Arc<BTreeMap<Ino, Option<Node>>>,
    next: Ino,
    /// How many bytes its files may have together.
    pub limit: Option<i64>,
    /// True where it is kept in memory and not on a disk.
    pub in_memory: bool,
}

impl Default for Tree {
    fn default() -> Self {
        let content = Content::Directory { parent: Tree::ROOT, entries: BTreeMap::new() };
        let mut root = Node::new(content, 0o755, 0, 0, Date::default());
        root.links = 2;
        Self {
            base: Arc::default(),
            changed: Arc::new(BTreeMap::from([(Tree::ROOT, Some(root))])),
            next: Ino(2),
            limit: None,
            in_memory: false,
        }
    }
}

/// The parts of a path.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

impl Tree {
    /// The root directory's number.
    pub const ROOT: Ino = Ino(1);

    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same tree with everything in the shared layer: how an image is kept.
    pub fn frozen(mut self) -> Self {
        let mut base = Arc::unwrap_or_clone(self.base);
        base.resize(self.next.0 as usize, None);
        for (ino, node) in Arc::unwrap_or_clone(std::mem::take(&mut self.changed)) {
            base[ino.0 as usize] = node;
        }
        self.base = Arc::new(base);
        self
    }

    /// The bytes of all files that were put in it since it was frozen.
    pub fn bytes(&self) -> i64 {
        let nodes = self.changed.values().flatten();
        let files = nodes.filter(|node| matches!(node.content, Content::File(_)));
        files.map(|node| node.size() as i64).sum()
    }

    /// A node by its number.
    pub fn node(&self, ino: Ino) -> Option<&Node> {
        match self.changed.get(&ino) {
            Some(node) => node.as_ref(),
            None => self.shared(ino),
        }
    }

    /// The node of a number in the base.
    fn shared(&self, ino: Ino) -> Option<&Node> {
        self.base.get(ino.0 as usize)?.as_ref()
    }

    /// A node to write to; copied up from the base first.
    pub fn node_mut(&mut self, ino: Ino) -> Option<&mut Node> {
        match Arc::make_mut(&mut self.changed).entry(ino) {
            Entry::Occupied(changed) => changed.into_mut().as_mut(),
            Entry::Vacant(unchanged) => {
                let shared = self.base.get(ino.0 as usize)?.clone()?;
                unchanged.insert(Some(shared)).as_mut()
            }
        }
    }

    /// The names in a directory; none if it is something else.
    pub fn entries(&self, ino: Ino) -> impl Iterator<Item = (&Arc<str>, Ino)> {
        let entries = match self.node(ino).map(|node| &node.content) {
            Some(Content::Directory { entries, .. }) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten().map(|(name, ino)| (name, *ino))
    }

    /// The node at a path from the root; links are not followed.
    pub fn find(&self, path: &str) -> Option<Ino> {
        parts(path).try_fold(Tree::ROOT, |at, part| self.entry(at, part))
    }

    /// What a directory has under a name.
    fn entry(&self, directory: Ino, name: &str) -> Option<Ino> {
        match &self.node(directory)?.content {
            Content::Directory { entries, .. } => entries.get(name).copied(),
            _ => None,
        }
    }

    /// A path from the root with the links in it followed; what is not there stays as it is.
    pub fn resolve(&self, path: &str) -> String {
        let mut todo: Vec<&str> = parts(path).collect();
        todo.reverse();
        let mut real = String::with_capacity(path.len());
        // The node of each part of it, as far as there is one.
        let mut trail = vec![Some(Tree::ROOT)];
        let mut links = 0;
        while let Some(part) = todo.pop() {
            if part == ".." {
                real.truncate(real.rfind('/').unwrap_or(0));
                trail.truncate((trail.len() - 1).max(1));
                continue;
            }
            let there = trail.last().copied().flatten().and_then(|at| self.entry(at, part));
            match there.and_then(|ino| self.node(ino)).map(|node| &node.content) {
                Some(Content::Symlink(target)) if links < 40 => {
                    links += 1;
                    if target.starts_with('/') {
                        real.clear();
                        trail.truncate(1);
                    }
                    let at = todo.len();
                    todo.extend(parts(target));
                    todo[at..].reverse();
                }
                _ => {
                    real.push('/');
                    real.push_str(part);
                    trail.push(there);
                }
            }
        }
        if real.is_empty() { "/".to_owned() } else { real }
    }

    /// Puts a new node in a directory under a name that is not taken, and returns its number.
    pub fn add(&mut self, directory: Ino, name: &str, mut node: Node) -> Ino {
        let ino = self.next;
        self.next.0 += 1;
        let is_directory = node.is_directory();
        node.links = 1 + u32::from(is_directory);
        if let Content::Directory { parent, .. } = &mut node.content {
            *parent = directory;
        }
        Arc::make_mut(&mut self.changed).insert(ino, Some(node));
        self.enter(directory, name, ino, is_directory);
        ino
    }

    /// Puts a name in a directory.
    fn enter(&mut self, directory: Ino, name: &str, ino: Ino, is_directory: bool) {
        if let Some(Node { content: Content::Directory { entries, .. }, links, .. }) =
            self.node_mut(directory)
        {
            entries.insert(name.into(), ino);
            *links += u32::from(is_directory);
        }
    }

    /// Gives a node a name.
    pub fn link(&mut self, directory: Ino, name: &str, ino: Ino) {
        let is_directory = self.node(ino).is_some_and(Node::is_directory);
        self.enter(directory, name, ino, is_directory);
        if let Some(node) = self.node_mut(ino) {
            node.links += 1;
            if let Content::Directory { parent, .. } = &mut node.content {
                *parent = directory;
            }
        }
    }

    /// Takes a name away; with its last name a node goes, a directory with all that is in it.
    pub fn unlink(&mut self, directory: Ino, name: &str) {
        let Some(Node { content: Content::Directory { entries, .. }, .. }) = self.node_mut(directory) else {
            return;
        };
        let Some(ino) = entries.remove(name) else { return };
        let Some(node) = self.node_mut(ino) else { return };
        node.links = node.links.saturating_sub(1);
        let (links, is_directory) = (node.links, node.is_directory());
        if is_directory {
            if let Some(parent) = self.node_mut(directory) {
                parent.links = parent.links.saturating_sub(1);
            }
            let inside: Vec<Arc<str>> = self.entries(ino).map(|(name, _)| name.clone()).collect();
            for name in inside {
                self.unlink(ino, &name);
            }
        }
        if links == 0 || is_directory {
            self.drop_node(ino);
        }
    }

    fn drop_node(&mut self, ino: Ino) {
        let in_base = self.shared(ino).is_some();
        let changed = Arc::make_mut(&mut self.changed);
        if in_base {
            changed.insert(ino, None);
        } else {
            changed.remove(&ino);
        }
    }

    /// Moves a name; the new one must not be taken.
    pub fn rename(&mut self, from: (Ino, &str), to: (Ino, &str)) {
        let Some(Node { content: Content::Directory { entries, .. }, .. }) = self.node_mut(from.0) else {
            return;
        };
        let Some(ino) = entries.remove(from.1) else { return };
        if let Some(node) = self.node_mut(ino) {
            node.links -= 1;
            if node.is_directory()
                && let Some(parent) = self.node_mut(from.0)
            {
                parent.links = parent.links.saturating_sub(1);
            }
        }
        self.link(to.0, to.1, ino);
    }

    /// Sets when a node was changed.
    pub fn touch(&mut self, ino: Ino, modified: Date) {
        if let Some(node) = self.node_mut(ino) {
            node.modified = modified;
        }
    }

    // What images, volumes and the page build trees with: paths from the root, no permissions asked, links not followed.

    /// Dates all that is there.
    pub fn date(&mut self, date: Date) {
        for ino in (1..self.base.len() as u64).map(Ino) {
            if self.node(ino).is_some_and(|node| node.modified != date) {
                self.touch(ino, date);
            }
        }
        let changed = Arc::make_mut(&mut self.changed).values_mut().flatten();
        changed.for_each(|node| node.modified = date);
    }

    /// Lets the root directory have this mode.
    pub fn set_root_mode(&mut self, mode: u16) {
        if let Some(root) = self.node_mut(Tree::ROOT) {
            root.mode = mode;
        }
    }

    /// Gives all that is there to a group, with these bits more for directories and for files.
    pub fn give_to(&mut self, gid: u32, directories: u16, files: u16) {
        for ino in 1..self.next.0 {
            if let Some(node) = self.node_mut(Ino(ino)) {
                node.gid = gid;
                node.mode |= match node.content {
                    Content::Directory { .. } => directories,
                    Content::Symlink(_) => 0,
                    _ => files,
                };
            }
        }
    }

    /// Makes a directory and those above it; one that is there gets the mode.
    pub fn add_directory(&mut self, path: &str, mode: u16) -> Ino {
        let mut at = Tree::ROOT;
        for part in parts(path) {
            at = match self.entry(at, part) {
                Some(ino) if self.node(ino).is_some_and(Node::is_directory) => ino,
                _ => {
                    self.unlink(at, part);
                    let content = Content::Directory { parent: at, entries: BTreeMap::new() };
                    self.add(at, part, Node::new(content, 0o755, 0, 0, Date::default()))
                }
            };
        }
        if let Some(node) = self.node_mut(at) {
            node.mode = mode;
        }
        at
    }

    /// Puts something at a path, in place of what is there; missing directories are made.
    pub fn put(&mut self, path: &str, node: Node) -> Ino {
        let (directory, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path));
        let parent = match self.find(directory) {
            Some(ino) if self.node(ino).is_some_and(Node::is_directory) => ino,
            _ => self.add_directory(directory, 0o755),
        };
        if self.entry(parent, name).is_some() {
            self.unlink(parent, name);
        }
        self.add(parent, name, node)
    }

    /// Puts a regular file of root's at a path.
    pub fn add_file(&mut self, path: &str, bytes: impl Into<Vec<u8>>, mode: u16) -> Ino {
        let content = Content::File(Arc::new(bytes.into()));
        self.put(path, Node::new(content, mode, 0, 0, Date::default()))
    }

    /// Puts bytes in the regular file that is at a path, or a new file of root's there.
    pub fn fill_file(&mut self, path: &str, bytes: impl Into<Vec<u8>>, date: Date) {
        let content = Content::File(Arc::new(bytes.into()));
        match self.find(path).and_then(|ino| self.node_mut(ino)) {
            Some(node) if matches!(node.content, Content::File(_)) => {
                (node.content, node.modified) = (content, date);
            }
            _ => drop(self.put(path, Node::new(content, 0o644, 0, 0, date))),
        }
    }

    /// Puts an executable at a path; `id` is what `Program::load` is asked for.
    pub fn add_program(&mut self, path: &str, id: &str) -> Ino {
        self.put(path, Node::new(Content::Program(id.into()), 0o755, 0, 0, Date::default()))
    }

    /// Puts a symbolic link at a path.
    pub fn add_symlink(&mut self, path: &str, target: &str) -> Ino {
        self.put(path, Node::new(Content::Symlink(target.into()), 0o777, 0, 0, Date::default()))
    }

    /// Puts the usual devices under `/dev`, and `/tmp`, where they are missing.
    pub fn add_devices(&mut self) {
        let devices = [
            ("null", Device::Null),
            ("zero", Device::Zero),
            ("full", Device::Full),
            ("random", Device::Random),
            ("urandom", Device::Random),
            ("tty", Device::Terminal),
            ("stdin", Device::Descriptor(0)),
            ("stdout", Device::Descriptor(1)),
            ("stderr", Device::Descriptor(2)),
            ("fd/0", Device::Descriptor(0)),
            ("fd/1", Device::Descriptor(1)),
            ("fd/2", Device::Descriptor(2)),
        ];
        for (name, device) in devices {
            let path = format!("/dev/{name}");
            if self.find(&path).is_none() {
                self.put(&path, Node::new(Content::Device(device), 0o666, 0, 0, Date::default()));
            }
        }
        if self.find("/tmp").is_none() {
            self.add_directory("/tmp", 0o1777);
        }
    }

    /// The content of the regular file at a path.
    pub fn read(&self, path: &str) -> Option<&[u8]> {
        match &self.node(self.find(path)?)?.content {
            Content::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Every node below a directory with its path from there, parents first, in order of names.
    pub fn walk(&self, path: &str) -> Vec<(String, &Node)> {
        let mut found = Vec::new();
        if let Some(ino) = self.find(path) {
            self.walk_into(ino, "", &mut found);
        }
        found
    }

    fn walk_into<'a>(&'a self, ino: Ino, prefix: &str, found: &mut Vec<(String, &'a Node)>) {
        for (name, ino) in self.entries(ino) {
            let Some(node) = self.node(ino) else { continue };
            let path = format!("{prefix}{name}");
            let below = format!("{path}/");
            found.push((path, node));
            self.walk_into(ino, &below, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_has_its_own_changes() {
        let mut image = Tree::new();
        image.add_file("/etc/motd", "hi", 0o644);
        image.add_program("/bin/cat", "busybox/cat");
        let image = image.frozen();
        let mut container = image.clone();
        container.add_file("/etc/motd", "other", 0o644);
        container.unlink(container.find("/bin").unwrap(), "cat");
        assert_eq!(image.read("/etc/motd"), Some(&b"hi"[..]));
        assert_eq!(container.read("/etc/motd"), Some(&b"other"[..]));
        assert!(image.find("/bin/cat").is_some() && container.find("/bin/cat").is_none());
        assert_eq!(
            container.walk("/").iter().map(|(path, _)| &**path).collect::<Vec<_>>(),
            ["bin", "etc", "etc/motd"]
        );
    }
}
