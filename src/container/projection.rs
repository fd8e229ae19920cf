//! The files of a volume that come from objects.

use smol_str::SmolStr;

use super::tree::Tree;
use crate::base::{Date, digest_of};

/// A file: where it lies in the volume, what it holds, who may read it.
pub type ProjectedFile = (SmolStr, SmolStr, u16);

/// What a volume shows of objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Projection {
    /// Its files.
    pub files: Vec<ProjectedFile>,
    /// When they were written.
    pub date: Date,
    /// True where they are kept in memory and not on a disk.
    pub in_memory: bool,
    /// The group that they are given to (`volume_linux.go`, SetVolumeOwnership).
    pub group: Option<u32>,
}

impl Projection {
    /// The number in the name of the folder that holds files, another one for other files.
    pub fn mark(&self) -> String {
        let texts: Vec<(&SmolStr, &SmolStr)> =
            self.files.iter().map(|(path, text, _)| (path, text)).collect();
        format!(".{:010}", digest_of(&texts[..]).0 % 10_000_000_000)
    }

    /// The files lie in a folder with the date, and links lead there, so that all change at once (`atomic_writer.go`).
    pub fn tree(&self) -> Tree {
        let folder = ["/..", &self.date.written("0000_00_00_00_00_00"), &self.mark()].concat();
        let mut tree = Tree::new();
        tree.add_directory(&folder, 0o755);
        for (path, text, mode) in &self.files {
            let first = path.split('/').next().unwrap_or_default();
            tree.add_file(&[&folder, "/", path].concat(), text.as_str(), *mode);
            tree.add_symlink(&["/", first].concat(), &["..data/", first].concat());
        }
        tree.add_symlink("/..data", &folder[1..]);
        tree.date(self.date);
        // What lies in memory is a mount of its own, and sticky as `/tmp` is.
        tree.set_root_mode(if self.in_memory { 0o1777 } else { 0o777 });
        tree.in_memory = self.in_memory;
        if let Some(gid) = self.group {
            tree.give_to(gid, 0o2550, 0o440);
        }
        tree
    }
}
