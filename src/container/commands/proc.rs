//! `/proc` and `/sys`, as far as people look at them: a file there is written afresh when it is opened, or its folder listed.

use super::network::files as network;
use super::{memory, sysctl};
use crate::base::{Digest, digest_of};
use crate::container::errno::Errno;
use crate::container::files::Credentials;
use crate::container::kernel::Kernel;
use crate::container::machine::{Pid, Process};

/// What stands at a path.
enum Made {
    File(String),
    Link(String),
}

/// Writes what is about to be looked at: a file of `/proc` or `/sys`, or all that a folder there holds.
pub fn refresh(kernel: &mut Kernel<'_>, path: &str) {
    let found = below(kernel, path.trim_end_matches('/'));
    let root = Credentials::root();
    let date = kernel.date();
    let mut view = kernel.machine.files.view(kernel.volumes, &root, "/", date);
    for (path, made) in found {
        for (at, _) in path.match_indices('/').skip(1) {
            // It may be there.
            let _: Result<(), Errno> = view.make_directory(&path[..at], 0o555);
        }
        let _ = match made {
            Made::File(text) => view.write(&path, text.into_bytes(), 0o444),
            Made::Link(target) => view.make_symlink(&target, &path),
        };
    }
}

fn below(kernel: &Kernel<'_>, path: &str) -> Vec<(String, Made)> {
    let words: Vec<&str> = path.split('/').skip(1).collect();
    let files = |names: &[&str]| {
        let files = names.iter().map(|name| format!("{path}/{name}"));
        files.filter_map(|path| Some((path.clone(), Made::File(content(kernel, &path)?)))).collect()
    };
    match words[..] {
        ["proc", pid, "ns", ..] => {
            let at = path.find("/ns").unwrap_or_default();
            let links = namespaces(kernel, pid).into_iter().flatten();
            links.map(|(name, target)| (format!("{}/ns/{name}", &path[..at]), Made::Link(target))).collect()
        }
        ["proc", "net"] | ["proc", _, "net"] => files(&network::PROC),
        ["sys", "class", "net", _] => files(&network::SYS),
        ["sys", "class", "net"] => {
            let interfaces = network::interfaces(kernel).into_iter();
            interfaces.flat_map(|name| below(kernel, &format!("{path}/{name}"))).collect()
        }
        _ => content(kernel, path).map(|text| (path.to_owned(), Made::File(text))).into_iter().collect(),
    }
}

/// The first number of a namespace that a container gets; those before are of the node.
const FIRST_NAMESPACE: u32 = 4_026_532_200;

/// The namespaces of a process, by their links in `/proc/PID/ns`: network, names and queues are a Pod's, the files are a
/// container's, and its processes are too, unless it has joined others.
fn namespaces(kernel: &Kernel<'_>, pid: &str) -> Option<[(&'static str, String); 10]> {
    let machine = kernel.machine();
    let pid = if pid == "self" { kernel.pid() } else { Pid(pid.parse().ok()?) };
    machine.processes.get(&pid)?;
    let pod = |at: u32| match machine.net.forwards {
        true => 4_026_531_838 + at,
        false => number(digest_of(&machine.net.addresses), at),
    };
    let own = |at: u32| number(digest_of(&machine.seed), at);
    let pids = if machine.joined { pod(4) } else { own(4) };
    let link = |name: &'static str, kind: &str, number: u32| (name, format!("{kind}:[{number}]"));
    Some([
        link("cgroup", "cgroup", own(6)),
        link("ipc", "ipc", pod(1)),
        link("mnt", "mnt", own(5)),
        link("net", "net", pod(2)),
        link("pid", "pid", pids),
        link("pid_for_children", "pid", pids),
        link("time", "time", 4_026_531_834),
        link("time_for_children", "time", 4_026_531_834),
        link("user", "user", 4_026_531_837),
        link("uts", "uts", pod(0)),
    ])
}

/// One of the numbers that belong to a digest.
fn number(of: Digest, at: u32) -> u32 {
    FIRST_NAMESPACE + (of.0 % 2_000) as u32 * 8 + at
}

fn content(kernel: &Kernel<'_>, path: &str) -> Option<String> {
    if let Some(("", rest)) = path.split_once("/sys/class/net/") {
        let (interface, file) = rest.split_once('/')?;
        return network::of_interface(kernel, interface, file);
    }
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
        ["net", file] | [_, "net", file] => network::of_proc(kernel, file)?,
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
