//! `/proc`, as far as people look at it: a file there is written afresh when it is opened.

use super::{memory, sysctl};
use crate::container::errno::Errno;
use crate::container::files::Credentials;
use crate::container::kernel::Kernel;
use crate::container::machine::{Pid, Process};

/// Writes the file of `/proc` that is about to be opened.
pub fn refresh(kernel: &mut Kernel<'_>, path: &str) {
    let Some(text) = content(kernel, path) else { return };
    let root = Credentials::root();
    let date = kernel.date();
    let mut view = kernel.machine.files.view(kernel.volumes, &root, "/", date);
    for (at, _) in path.match_indices('/').skip(1) {
        // It may be there.
        let _: Result<(), Errno> = view.make_directory(&path[..at], 0o555);
    }
    let _ = view.write(path, text.into_bytes(), 0o444);
}

fn content(kernel: &Kernel<'_>, path: &str) -> Option<String> {
    let words: Vec<&str> = path.strip_prefix("/proc/")?.split('/').collect();
    let cores = 0..4;
    Some(match words[..] {
        ["version"] => "Linux version 6.6.137 (gcc 13.3.0) #1 SMP PREEMPT_DYNAMIC\n".to_owned(),
        ["uptime"] => {
            let up = kernel.now().as_secs() + 600;
            format!("{up}.00 {}.00\n", up * 4 * 96 / 100)
        }
        ["loadavg"] => format!("0.42 0.38 0.31 1/411 {}\n", kernel.pid().0),
        ["cpuinfo"] => cores
            .map(|core| {
                format!(
                    "processor\t: {core}\nvendor_id\t: GenuineIntel\nmodel name\t: Saya virtual CPU\ncpu MHz\t\t: 2400.000\ncpu cores\t: 4\n\n"
                )
            })
            .collect(),
        ["meminfo"] => memory::meminfo(),
        ["mounts"] | [_, "mounts"] => memory::mounts(kernel)
            .iter()
            .map(|memory::Mounted { device, at, kind, writable, .. }| {
                format!("{device} {at} {kind} {},relatime 0 0\n", if *writable { "rw" } else { "ro" })
            })
            .collect(),
        ["sys", ref name @ ..] => sysctl::value(kernel, &name.join("."))? + "\n",
        [pid, file] => {
            let pid = if pid == "self" { kernel.pid() } else { Pid(pid.parse().ok()?) };
            of_process(pid, kernel.machine().processes.get(&pid)?, file, kernel.machine().capabilities)?
        }
        _ => return None,
    })
}

fn of_process(pid: Pid, process: &Process, file: &str, capabilities: u64) -> Option<String> {
    let name = process.name();
    Some(match file {
        "cmdline" => process.argv.iter().map(|word| format!("{word}\0")).collect(),
        "environ" => process.env.iter().map(|(name, value)| format!("{name}={value}\0")).collect(),
        "comm" => format!("{name}\n"),
        "cgroup" => "0::/\n".to_owned(),
        "status" => {
            let who = &process.credentials;
            let (uid, gid) = (who.uid, who.gid);
            let parent = process.parent.map_or(0, |parent| parent.0);
            let groups: Vec<String> = who.groups.iter().map(u32::to_string).collect();
            let groups = groups.join(" ");
            // Who is not root has none, though a program that is set to root's could get them.
            let own = if uid == 0 { capabilities } else { 0 };
            format!(
                "Name:\t{name}\nUmask:\t{:04o}\nState:\tS (sleeping)\nTgid:\t{1}\nPid:\t{1}\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{gid}\t{gid}\t{gid}\t{gid}\nGroups:\t{groups} \nCapInh:\t{2:016x}\nCapPrm:\t{own:016x}\nCapEff:\t{own:016x}\nCapBnd:\t{capabilities:016x}\nCapAmb:\t{2:016x}\n",
                process.umask, pid.0, 0
            )
        }
        _ => return None,
    })
}
