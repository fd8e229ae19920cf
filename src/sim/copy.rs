//! `kubectl cp`, as far as files go: `tar` on one side and on the other.

use crate::cluster::Cluster;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::view::View;
use crate::kubectl::{CopyRequest, CopySide};

/// A file or, without bytes, a folder, with its path below what is copied.
type Entry = (String, Option<Vec<u8>>);

/// What happened on the container's side.
#[derive(Default)]
struct Remote {
    entries: Vec<Entry>,
    complaints: String,
    code: u8,
    no_tar: bool,
}

fn gather(view: &View<'_>, path: &str, below: &str, entries: &mut Vec<Entry>) -> Result<(), Errno> {
    if !view.is_directory(path) {
        entries.push((below.into(), Some(view.read(path)?.to_vec())));
        return Ok(());
    }
    entries.push((below.into(), None));
    for name in view.list(path)? {
        gather(view, &format!("{path}/{name}"), &format!("{below}/{name}"), entries)?;
    }
    Ok(())
}

fn place(view: &mut View<'_>, target: &str, entries: &[Entry]) -> Result<(), (String, Errno)> {
    for (below, bytes) in entries {
        let path = format!("{target}{below}");
        let done = match bytes {
            Some(bytes) => view.write(&path, bytes.clone(), 0o644),
            None if view.is_directory(&path) => Ok(()),
            None => view.make_directory(&path, 0o755),
        };
        done.map_err(|errno| (path, errno))?;
    }
    Ok(())
}

fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Copies, and gives the exit status.
pub(super) fn run(kernel: &mut Kernel<'_>, cluster: &mut Cluster, request: &CopyRequest) -> u8 {
    let (from, to) = (&request.from, &request.to);
    match (&from.container, &to.container) {
        (None, Some(_)) => {
            let mut entries = Vec::new();
            if let Err(errno) = gather(&kernel.files(), &from.path, "", &mut entries) {
                kernel.complain(format!("error: open {}: {}\n", from.path, errno.text().to_lowercase()));
                return 1;
            }
            let name = base_name(&from.path).to_string();
            let remote = at_container(cluster, to, &mut |view, gnu, remote| {
                let mut target = to.path.trim_end_matches('/').to_string();
                if to.path.ends_with('/') || view.is_directory(&to.path) {
                    target = format!("{target}/{name}");
                }
                let folder = target
                    .rsplit_once('/')
                    .map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder });
                if !view.is_directory(folder) {
                    remote.fail(gnu, &if gnu {
                        format!("{folder}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now")
                    } else {
                        format!("can't change directory to '{folder}': No such file or directory")
                    });
                } else if let Err((path, errno)) = place(view, &target, &entries) {
                    let name = path.trim_start_matches('/');
                    remote.fail(gnu, &if gnu {
                        format!("{name}: Cannot open: {}\ntar: Exiting with failure status due to previous errors", errno.text())
                    } else {
                        format!("can't open '{name}': {}", errno.text())
                    });
                }
            });
            remote.tell(kernel)
        }
        (Some(_), None) => {
            let remote = at_container(cluster, from, &mut |view, gnu, remote| {
                let path = from.path.trim_end_matches('/');
                if path.starts_with('/') {
                    let letter = if gnu { "Removing leading `/'" } else { "removing leading '/'" };
                    remote.complaints = format!("tar: {letter} from member names\n");
                }
                if let Err(errno) = gather(view, path, "", &mut remote.entries) {
                    remote.complaints.clear();
                    remote.fail(gnu, &if gnu {
                        format!("{path}: Cannot stat: {}\ntar: Exiting with failure status due to previous errors", errno.text())
                    } else {
                        format!("{path}: {}\ntar: error exit delayed from previous errors", errno.text())
                    });
                }
            });
            let code = remote.tell(kernel);
            if code != 0 {
                return code;
            }
            let mut view = kernel.files();
            let target = to.path.trim_end_matches('/');
            let single = remote.entries.len() == 1 && remote.entries[0].1.is_some();
            if single && view.is_directory(&to.path) {
                kernel.complain(format!("error: open {}: is a directory\n", to.path));
                return 1;
            }
            for (at, _) in target.match_indices('/').filter(|(at, _)| *at > 0) {
                // A folder that is there already is what was wanted.
                let _ = view.make_directory(&target[..at], 0o755);
            }
            match place(&mut view, target, &remote.entries) {
                Ok(()) => 0,
                Err((path, errno)) => {
                    kernel.complain(format!("error: open {path}: {}\n", errno.text().to_lowercase()));
                    1
                }
            }
        }
        // kubectl has refused all else.
        _ => 1,
    }
}

type Work<'a> = dyn FnMut(&mut View<'_>, bool, &mut Remote) + 'a;

/// Does something where `tar` would, which must be there; the work learns whether it is GNU's.
fn at_container(cluster: &mut Cluster, side: &CopySide, work: &mut Work<'_>) -> Remote {
    let mut remote = Remote::default();
    let Some((namespace, pod, container)) = &side.container else { return remote };
    let found = cluster.in_files((namespace, pod, container), &mut |view| {
        let folders = ["/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin"];
        if !folders.iter().any(|folder| view.exists(&format!("{folder}/tar"))) {
            remote.no_tar = true;
            return;
        }
        let gnu = !view.exists("/bin/busybox");
        work(view, gnu, &mut remote);
    });
    if !found {
        remote.complaints =
            format!("error: Internal error occurred: container not found (\"{container}\")\n");
        remote.code = 1;
    }
    remote
}

impl Remote {
    fn fail(&mut self, gnu: bool, text: &str) {
        self.code = if gnu { 2 } else { 1 };
        self.complaints.push_str(&format!("tar: {text}\ncommand terminated with exit code {}\n", self.code));
    }

    /// Prints what was said in the container. Gives the exit status.
    fn tell(&self, kernel: &mut Kernel<'_>) -> u8 {
        kernel.complain(&self.complaints);
        if self.no_tar {
            kernel.complain("error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: \"tar\": executable file not found in $PATH: unknown\n");
            return 1;
        }
        self.code
    }
}
