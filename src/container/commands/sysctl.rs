//! `sysctl`, and the kernel's parameters that people look at. Where a container sets one of its node, its Pod alone sees it.

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;

/// What they are on a node.
const PARAMETERS: &[(&str, &str)] = &[
    ("fs.file-max", "9223372036854775807"),
    ("fs.inotify.max_user_instances", "128"),
    ("fs.inotify.max_user_watches", "65536"),
    ("kernel.msgmax", "8192"),
    ("kernel.osrelease", "6.6.137"),
    ("kernel.ostype", "Linux"),
    ("kernel.pid_max", "4194304"),
    ("kernel.sem", "32000\t1024000000\t500\t32000"),
    ("kernel.shm_rmid_forced", "0"),
    ("kernel.shmall", "18446744073692774399"),
    ("kernel.shmmax", "18446744073692774399"),
    ("kernel.shmmni", "4096"),
    ("net.core.somaxconn", "4096"),
    ("net.ipv4.ip_forward", "1"),
    ("net.ipv4.ip_local_port_range", "32768\t60999"),
    ("net.ipv4.ip_local_reserved_ports", ""),
    ("net.ipv4.ip_unprivileged_port_start", "0"),
    ("net.ipv4.ping_group_range", "0\t2147483647"),
    ("net.ipv4.tcp_fin_timeout", "60"),
    ("net.ipv4.tcp_keepalive_intvl", "75"),
    ("net.ipv4.tcp_keepalive_probes", "9"),
    ("net.ipv4.tcp_keepalive_time", "7200"),
    ("net.ipv4.tcp_syncookies", "1"),
    ("net.ipv4.tcp_tw_reuse", "2"),
    ("vm.max_map_count", "65530"),
    ("vm.overcommit_memory", "1"),
    ("vm.swappiness", "60"),
];

/// Everything that a container can be allowed, which only a privileged one is.
const PRIVILEGED: u64 = (1 << 41) - 1;

/// What a parameter is, or nothing where there is none of this name.
pub(super) fn value(kernel: &Kernel<'_>, name: &str) -> Option<String> {
    if name == "kernel.hostname" {
        return Some(kernel.hostname().to_string());
    }
    let usual = PARAMETERS.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
    match kernel.machine().net.parameters.get(name) {
        // Several numbers stand between tabs.
        Some(own) => Some(own.split_whitespace().collect::<Vec<_>>().join("\t")),
        None => usual.map(str::to_owned),
    }
}

/// `sysctl`
pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("all", 'a'), ("values", 'n'), ("quiet", 'q'), ("write", 'w'), ("ignore", 'e')];
    let options = match tool.options(kernel, "aneqwN", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    let all: Vec<String> = match options.has('a') {
        true => PARAMETERS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        false => options.operands.iter().map(|own| own.to_string()).collect(),
    };
    if all.is_empty() {
        tool.usage(kernel);
        return 1;
    }
    for word in all {
        let (name, new) = word.split_once('=').map_or((&*word, None), |(name, new)| (name, Some(new)));
        let name = name.replace('/', ".");
        let done = match (value(kernel, &name), new) {
            (None, _) => Err(unknown(tool, &name)),
            (Some(_), Some(new)) => set(kernel, tool, &name, new).map(|()| new.to_owned()),
            (Some(value), None) => Ok(value),
        };
        match done {
            Ok(_) if new.is_some() && options.has('q') => {}
            Ok(value) if options.has('n') => kernel.print(format!("{value}\n")),
            Ok(_) if options.has('N') => kernel.print(format!("{name}\n")),
            Ok(value) => kernel.print(format!("{name} = {value}\n")),
            Err(_) if options.has('e') => {}
            Err(why) => {
                tool.say(kernel, why);
                status = 1;
            }
        }
    }
    status
}

fn unknown(tool: Named, name: &str) -> String {
    match tool.flavor {
        Flavor::Gnu => format!("cannot stat /proc/sys/{}: No such file or directory", name.replace('.', "/")),
        Flavor::BusyBox => format!("error: '{name}' is an unknown key"),
    }
}

/// `/proc/sys` can be written to in privileged containers alone, and by root.
fn set(kernel: &mut Kernel<'_>, tool: Named, name: &str, value: &str) -> Result<(), String> {
    let why = match kernel.credentials().uid {
        _ if kernel.machine().capabilities & PRIVILEGED != PRIVILEGED => "Read-only file system",
        0 => {
            kernel.machine.net.parameters.insert(name.into(), value.into());
            return Ok(());
        }
        _ => "Permission denied",
    };
    Err(match tool.flavor {
        Flavor::Gnu if why == "Permission denied" => format!("permission denied on key \"{name}\""),
        Flavor::Gnu => format!("setting key \"{name}\": {why}"),
        Flavor::BusyBox => format!("error setting key '{name}': {why}"),
    })
}
