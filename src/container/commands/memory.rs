//! `free`, `uptime`, `df`, `mount` and `top`: what a machine looks like from inside. Its figures are a node's, as containers see.

use std::time::Duration;

use super::Flavor;
use super::options::Named;
use crate::base::SimTime;
use crate::container::files::Mount;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// The node's memory in KiB: all, used, free, shared, buffers and cache, available.
const MEMORY: [u64; 6] = [8_142_036, 1_873_204, 2_938_120, 12_040, 3_330_712, 5_973_420];
/// The node's disk in KiB: all, used, available.
const DISK: [u64; 3] = [61_202_244, 18_250_652, 39_810_220];

/// `free`
pub(super) fn free(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "bkmghtws:c:", &[("human", 'h'), ("mega", 'm')], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let human = options.has('h');
    let divisor = match options.last_of("bkmgh") {
        Some('m') => 1 << 10,
        Some('g') => 1 << 20,
        _ => 1,
    };
    let shown = |kib: u64| match human {
        true => size(kib, if tool.flavor == Flavor::Gnu { "i" } else { "" }),
        false if options.has('b') => (kib * 1024).to_string(),
        false => (kib / divisor).to_string(),
    };
    let margin = if tool.flavor == Flavor::Gnu { 8 } else { 7 };
    let mut out = String::new();
    let mut row = |label: &str, cells: &[String]| {
        out.push_str(&format!("{label:margin$}"));
        cells.iter().for_each(|cell| out.push_str(&format!("{cell:>12}")));
        out.push('\n');
    };
    row("", &["total", "used", "free", "shared", "buff/cache", "available"].map(str::to_owned));
    row("Mem:", &MEMORY.map(shown));
    let none = if human && tool.flavor == Flavor::Gnu { "0B" } else { "0" };
    row("Swap:", &[none, none, none].map(str::to_owned));
    kernel.print(out);
    0
}

/// `/proc/meminfo`
pub(super) fn meminfo() -> String {
    let [total, _, free, shared, cache, available] = MEMORY;
    let lines = [
        ("MemTotal:", total),
        ("MemFree:", free),
        ("MemAvailable:", available),
        ("Buffers:", 93_660),
        ("Cached:", cache - 93_660),
        ("Shmem:", shared),
        ("SwapTotal:", 0),
        ("SwapFree:", 0),
    ];
    lines.iter().map(|(name, kib)| format!("{name:<15}{kib:>9} kB\n")).collect()
}

/// KiB as people read them.
fn size(kib: u64, unit: &str) -> String {
    let mut value = kib as f64;
    for letter in ["K", "M", "G"] {
        if value < 1024.0 {
            let digits = usize::from(value < 10.0 || unit.is_empty());
            return format!("{value:.digits$}{letter}{unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1}T{unit}")
}

/// What `uptime` says: the node was switched on ten minutes before the scenario began.
fn up(kernel: &Kernel<'_>) -> String {
    let (_, _, _, hour, minute, second) = kernel.date().civil();
    let minutes = (kernel.now().as_secs() + 600) / 60;
    let up = match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours:2}:{minutes:02}"),
    };
    format!("{hour:02}:{minute:02}:{second:02} up {up},  0 users,  load average: 0.42, 0.38, 0.31")
}

/// `uptime`
pub(super) fn uptime(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    let text = up(kernel);
    kernel.print(format!(" {text}\n"));
    0
}

/// A place where something is mounted.
#[derive(Clone)]
pub(super) struct Mounted {
    pub device: &'static str,
    pub at: String,
    /// The type of the file system.
    pub kind: &'static str,
    pub writable: bool,
    /// How many KiB there are and how many of them are taken, where that is not what the disk has.
    pub size: Option<(u64, u64)>,
}

/// Where something is mounted.
pub(super) fn mounts(kernel: &Kernel<'_>) -> Vec<Mounted> {
    let files = &kernel.machine().files;
    let of =
        |device, at: &str, kind, writable| Mounted { device, at: at.to_owned(), kind, writable, size: None };
    let small = |device, at| Mounted { size: Some((65_536, 0)), ..of(device, at, "tmpfs", true) };
    let shared = |mount: &Mount| &*mount.at == "/dev/shm" && mount.volume.0.ends_with("//dev/shm");
    let lying = |mount: &Mount| {
        let mounted = of("/dev/vda1", &mount.at, "ext4", !mount.read_only);
        match kernel.volume(&mount.volume).filter(|tree| tree.in_memory) {
            None => mounted,
            Some(tree) => {
                let most = tree.limit.map_or(MEMORY[0], |limit| limit as u64 / 1024);
                let size = Some((most, (tree.bytes() as u64).div_ceil(4096) * 4));
                let device = if shared(mount) { "shm" } else { "tmpfs" };
                Mounted { device, kind: "tmpfs", size, ..mounted }
            }
        }
    };
    let memory = files.mounts().iter().find(|mount| shared(mount));
    let mut all = vec![
        of("overlay", "/", "overlay", !files.read_only),
        of("proc", "/proc", "proc", true),
        small("tmpfs", "/dev"),
        memory.map_or_else(|| small("shm", "/dev/shm"), lying),
    ];
    for file in ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"] {
        all.push(of("/dev/vda1", file, "ext4", true));
    }
    // What lies at `/proc/PID/root` is lent by a neighbour and no mount of one's own.
    let own = files.mounts().iter().filter(|mount| !mount.at.starts_with("/proc/") && !shared(mount));
    all.extend(own.map(lying));
    all
}

/// `mount`: shows; mounting is not for containers.
pub(super) fn mount(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    if kernel.argv().iter().skip(1).any(|word| !word.starts_with('-')) {
        match tool.flavor {
            Flavor::Gnu => kernel.complain("mount: permission denied.\n"),
            Flavor::BusyBox => kernel.complain("mount: permission denied (are you root?)\n"),
        }
        return 1;
    }
    let out: String = mounts(kernel)
        .iter()
        .map(|Mounted { device, at, kind, writable, .. }| {
            format!("{device} on {at} type {kind} ({},relatime)\n", if *writable { "rw" } else { "ro" })
        })
        .collect();
    kernel.print(out);
    0
}

/// One mount of each disk, the one with the shortest path (coreutils' `filter_mount_list`).
fn one_each(listed: Vec<Mounted>) -> Vec<Mounted> {
    let mut kept: Vec<Mounted> = Vec::new();
    for mounted in listed {
        let seen = kept.iter_mut().find(|own| own.device.starts_with('/') && own.device == mounted.device);
        match seen {
            Some(own) if mounted.at.len() < own.at.len() => *own = mounted,
            Some(_) => {}
            None => kept.push(mounted),
        }
    }
    kept
}

/// `df`
pub(super) fn df(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "hkmaTPHit:B:", &[("human-readable", 'h')], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut listed = mounts(kernel);
    listed.retain(|mounted| mounted.device != "proc");
    for path in &options.operands {
        if !kernel.files().exists(path) {
            tool.say(kernel, format!("{path}: No such file or directory"));
            return 1;
        }
    }
    if !options.operands.is_empty() {
        let wanted: Vec<String> =
            options.operands.iter().map(|path| kernel.files().canonical(path).unwrap_or_default()).collect();
        let best = |path: &String| {
            let holds = |at: &str| at == "/" || path == at || path.starts_with(&format!("{at}/"));
            let fits = listed.iter().filter(|mounted| holds(&mounted.at));
            fits.max_by_key(|mounted| mounted.at.len()).cloned()
        };
        listed = wanted.iter().filter_map(best).collect();
    } else if tool.flavor == Flavor::Gnu && !options.has('a') {
        listed = one_each(listed);
    }
    let human = options.has('h') || options.has('H');
    let cell = |kib: u64| match (human, tool.flavor) {
        (false, _) => kib.to_string(),
        (true, _) if kib == 0 => "0".to_owned(),
        (true, flavor) => super::ls::human(kib * 1024, flavor),
    };
    let head = match (tool.flavor, human) {
        (Flavor::BusyBox, false) if options.has('T') => {
            "Filesystem           Type       1K-blocks      Used Available Use% Mounted on\n"
        }
        (Flavor::BusyBox, true) if options.has('T') => {
            "Filesystem           Type            Size      Used Available Use% Mounted on\n"
        }
        (Flavor::Gnu, false) if options.has('T') => {
            "Filesystem     Type    1K-blocks     Used Available Use% Mounted on\n"
        }
        (Flavor::Gnu, true) if options.has('T') => {
            "Filesystem     Type     Size  Used Avail Use% Mounted on\n"
        }
        (Flavor::BusyBox, false) => "Filesystem           1K-blocks      Used Available Use% Mounted on\n",
        (Flavor::BusyBox, true) => "Filesystem                Size      Used Available Use% Mounted on\n",
        (Flavor::Gnu, false) => "Filesystem     1K-blocks     Used Available Use% Mounted on\n",
        (Flavor::Gnu, true) => "Filesystem      Size  Used Avail Use% Mounted on\n",
    };
    let mut out = head.to_owned();
    for Mounted { device, at, kind, size, .. } in listed {
        let [all, used, left] = size.map_or(DISK, |(all, used)| [all, used, all.saturating_sub(used)]);
        let percent = format!("{}%", (used * 100).div_ceil(used + left));
        let (all, used, left) = (cell(all), cell(used), cell(left));
        let width = if tool.flavor == Flavor::Gnu { (14, 7) } else { (20, 10) };
        let device = match options.has('T') {
            true => format!("{device:<0$} {kind:<1$}", width.0, width.1),
            false => format!("{device:<0$}", width.0),
        };
        out.push_str(&match (tool.flavor, human) {
            (Flavor::BusyBox, _) => format!("{device} {all:>9} {used:>9} {left:>9} {percent:>4} {at}\n"),
            (Flavor::Gnu, false) => format!("{device} {all:>9} {used:>8} {left:>9} {percent:>4} {at}\n"),
            (Flavor::Gnu, true) => format!("{device} {all:>5} {used:>5} {left:>5} {percent:>4} {at}\n"),
        });
    }
    kernel.print(out);
    0
}

/// `top`: a picture of the processes now and then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Top {
    /// How many pictures are still wanted; none for no end.
    left: Option<u32>,
    began: bool,
    next: SimTime,
}

impl Top {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if !self.began {
            let options = match tool.options(kernel, "bn:d:Hmp:u:o:", &[], 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            self.left = options.value('n').and_then(|text| text.parse().ok());
            self.began = true;
        }
        if kernel.now() >= self.next {
            self.show(kernel, tool);
            self.left = self.left.map(|left| left.saturating_sub(1));
            if self.left == Some(0) {
                return Step::Exit(0);
            }
            self.next = kernel.now() + Duration::from_secs(if tool.flavor == Flavor::Gnu { 3 } else { 5 });
        }
        Wait::until(self.next).into()
    }

    fn show(&self, kernel: &mut Kernel<'_>, tool: Named) {
        let [all, used, free, shared, cache, _] = MEMORY;
        let count = kernel.machine().processes.len();
        let mut out = String::new();
        if kernel.is_terminal(1) {
            out.push_str("\x1b[H\x1b[J");
        }
        out.push_str(&match tool.flavor {
            Flavor::BusyBox => format!(
                "Mem: {used}K used, {free}K free, {shared}K shrd, {}K buff, {cache}K cached\nCPU:   2% usr   1% sys   0% nic  96% idle   0% io   0% irq   0% sirq\nLoad average: 0.42 0.38 0.31 1/{} {}\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n",
                used / 20,
                400 + count,
                kernel.pid()
            ),
            Flavor::Gnu => format!(
                "top - {}\nTasks: {count:3} total,   1 running, {:3} sleeping,   0 stopped,   0 zombie\n%Cpu(s):  2.1 us,  1.0 sy,  0.0 ni, 96.6 id,  0.2 wa,  0.0 hi,  0.1 si,  0.0 st\nMiB Mem : {:8.1} total, {:8.1} free, {:8.1} used, {:8.1} buff/cache\nMiB Swap:      0.0 total,      0.0 free,      0.0 used.   5833.4 avail Mem\n\n    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n",
                up(kernel),
                count - 1,
                all as f64 / 1024.0,
                free as f64 / 1024.0,
                used as f64 / 1024.0,
                cache as f64 / 1024.0,
            ),
        });
        let own = kernel.pid();
        let rows: Vec<_> = kernel
            .machine()
            .processes
            .iter()
            .filter(|(_, process)| process.is_running())
            .map(|(pid, process)| {
                (*pid, process.parent.unwrap_or_default().0, process.credentials.uid, process.argv.join(" "))
            })
            .collect();
        for (pid, parent, uid, command) in rows {
            let user = kernel.user_name(uid).unwrap_or_else(|| uid.to_string());
            let state = if pid == own { 'R' } else { 'S' };
            out.push_str(&match tool.flavor {
                Flavor::BusyBox => {
                    format!("{:5} {parent:5} {user:<8.8} {state}     4368   0%   0   0% {command}\n", pid.0)
                }
                Flavor::Gnu => {
                    let name = command.split(' ').next().unwrap_or_default();
                    let name = super::base_name(name);
                    format!("{:7} {user:<8.8}  20   0    4280   3456   2900 {state}   0.0   0.0   0:00.00 {name}\n", pid.0)
                }
            });
        }
        kernel.print(out);
    }
}
