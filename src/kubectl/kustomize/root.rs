//! The folder of a kustomization, and the files that it may read.

use crate::kubectl::session::Io;

use super::Outcome;

/// A folder that holds a kustomization.
pub(super) struct Root<'a> {
    io: &'a dyn Io,
    /// Its absolute path.
    pub path: String,
    /// The folders whose kustomizations led here.
    above: Vec<String>,
    /// True where files outside of it may be read.
    everywhere: bool,
}

impl<'a> Root<'a> {
    /// The folder named on the command line.
    pub fn of_command(io: &'a dyn Io, folder: &str, everywhere: bool) -> Outcome<Self> {
        refuse_url(folder)?;
        let path = join(&io.env("PWD").unwrap_or_default(), folder);
        confirm(io, folder, &path)?;
        Ok(Self { io, path, above: Vec::new(), everywhere })
    }

    /// The folder of another kustomization.
    pub fn folder(&self, path: &str) -> Outcome<Self> {
        if path.is_empty() {
            return Err("new root cannot be empty".into());
        }
        refuse_url(path)?;
        if path.starts_with('/') {
            return Err(["new root '", path, "' cannot be absolute"].concat());
        }
        let path = join(&self.path, path);
        confirm(self.io, &path, &path)?;
        let above: Vec<String> = [&self.path].into_iter().chain(&self.above).cloned().collect();
        if let Some(visited) = above.iter().find(|visited| is_within(visited, &path)) {
            return Err(format!("cycle detected: candidate root '{path}' contains visited root '{visited}'"));
        }
        Ok(Self { io: self.io, path, above, everywhere: self.everywhere })
    }

    /// A file's contents.
    pub fn load(&self, path: &str) -> Outcome<Vec<u8>> {
        refuse_url(path)?;
        let full = join(&self.path, path);
        if let Some(why) = missing(self.io, &full, &full) {
            return Err(why);
        }
        if self.io.is_dir(&full) {
            return Err(["'", &full, "' must resolve to a file"].concat());
        }
        if !self.everywhere && !is_within(&full, &self.path) {
            return Err(["security; file '", &full, "' is not in or below '", &self.path, "'"].concat());
        }
        self.io.read_file(&full).map_err(|why| ["open ", &full, ": ", &why].concat())
    }

    /// The kustomization file, by its name.
    pub fn kustomization(&self) -> Outcome<Vec<u8>> {
        const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
        let mut found: Vec<Vec<u8>> = NAMES.iter().filter_map(|name| self.load(name).ok()).collect();
        match (found.pop(), found.is_empty()) {
            (Some(text), true) => Ok(text),
            (Some(_), false) => {
                Err(["Found multiple kustomization files under: ", &self.path, "\n"].concat())
            }
            (None, _) => Err(format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
                self.path
            )),
        }
    }
}

/// A path below another, without `.` and `..`.
pub(in crate::kubectl) fn join(root: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in root.split('/').filter(|_| !path.starts_with('/')).chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    ["/", &parts.join("/")].concat()
}

fn is_within(path: &str, folder: &str) -> bool {
    folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Why there is nothing at `full`; `written` is how the path was given.
fn missing(io: &dyn Io, written: &str, full: &str) -> Option<String> {
    let ends = full.match_indices('/').skip(1).map(|(at, _)| at).chain([full.len()]);
    let first = ends.map(|end| &full[..end]).find(|part| !io.exists(part))?;
    Some(format!("evalsymlink failure on '{written}' : lstat {first}: no such file or directory"))
}

fn confirm(io: &dyn Io, written: &str, full: &str) -> Outcome<()> {
    if let Some(why) = missing(io, written, full) {
        return Err(["must build at directory: not a valid directory: ", &why].concat());
    }
    if !io.is_dir(full) {
        return Err(["must build at directory: '", written, "': file is not directory"].concat());
    }
    Ok(())
}

/// What would be fetched from another host.
fn refuse_url(path: &str) -> Outcome<()> {
    let begins = ["git@", "git::", "github.com/", "gitlab.com/", "bitbucket.org/"];
    if path.contains("://") || begins.iter().any(|begin| path.starts_with(begin)) {
        return Err(["Saya asks no other host for anything: ", path].concat());
    }
    Ok(())
}
