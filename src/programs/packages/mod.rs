//! `apk` and `apt-get`: what they install of Saya's programs is in `PATH` from then on.

mod known;

use std::time::Duration;

use known::{ALPINE, DEBIAN, Package, TRIXIE, find, list};

use super::outward::{Dial, Dialed};
use crate::base::SimTime;
use crate::container::kernel::{Data, Kernel};
use crate::container::program::{Step, Wait};

/// True on Debian 13.
fn is_debian_13(kernel: &mut Kernel<'_>) -> bool {
    kernel.files().read("/etc/debian_version").is_ok_and(|text| text.starts_with(b"13"))
}

/// A running package manager.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Installer {
    apt: bool,
    /// It installs what Debian 13 has.
    trixie: bool,
    begun: bool,
    names: Vec<String>,
    quiet: bool,
    update: bool,
    /// `apk update` and `apt-get update` do nothing else.
    only_update: bool,
    dial: Option<Dial>,
    reached: Option<Result<(), String>>,
    asks: Option<Vec<u8>>,
    yes: bool,
    /// What is still to be printed, and when the next of it is.
    work: Vec<String>,
    at: Option<SimTime>,
    status: u8,
}

/// The list of what is installed.
const APK_DATABASE: &str = "/lib/apk/db/installed";
const DPKG_DATABASE: &str = "/var/lib/dpkg/status";
const APK_INDEX: &str = "/var/cache/apk/APKINDEX";
const APT_INDEX: &str = "/var/lib/apt/lists/lock";

/// The version of a program that an image brings, by the variable that tells it, or that one of these packages brought.
pub(super) fn release(kernel: &mut Kernel<'_>, variable: &str, packages: &[&str], usual: &str) -> String {
    let own = kernel.variable(variable).map(|text| text.to_string());
    let mut found = own.unwrap_or_default();
    let newer = if is_debian_13(kernel) { TRIXIE } else { "" };
    for (path, table) in [(APK_DATABASE, ALPINE), (DPKG_DATABASE, DEBIAN), (DPKG_DATABASE, newer)] {
        let bytes = kernel.files().read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for name in packages.iter().filter(|name| text.lines().any(|line| line == **name)) {
            if let Some(package) = find(table, name) {
                found = package.version.to_string();
            }
        }
    }
    // `1:10.11.14+maria~ubu2404` is 10.11.14.
    let found = found.rsplit(':').next().unwrap_or_default();
    let end = found.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(found.len());
    if end == 0 { usual.to_string() } else { found[..end].to_string() }
}

impl Installer {
    pub fn new(apt: bool) -> Self {
        Self {
            apt,
            trixie: false,
            begun: false,
            names: Vec::new(),
            quiet: false,
            update: false,
            only_update: false,
            dial: None,
            reached: None,
            asks: None,
            yes: false,
            work: Vec::new(),
            at: None,
            status: 0,
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Some(status) = self.begin(kernel)
        {
            return Step::Exit(status);
        }
        if let Some(dial) = &mut self.dial {
            self.reached = Some(match dial.step(kernel) {
                Dialed::Waits(wait) => return wait.into(),
                Dialed::Connected(fd, _) => {
                    kernel.close(fd).ok();
                    Ok(())
                }
                Dialed::Unknown(_) => Err(String::new()),
                Dialed::Failed(errno, ip) => Err(format!("{ip} {errno}")),
            });
            self.dial = None;
            self.fetched(kernel);
        }
        if self.asks.is_some() {
            match self.ask(kernel) {
                Ok(true) => {}
                Ok(false) => {
                    kernel.print("Abort.\n");
                    return Step::Exit(1);
                }
                Err(wait) => return wait.into(),
            }
        }
        while !self.work.is_empty() {
            let at = *self.at.get_or_insert(kernel.now() + Duration::from_millis(220));
            if kernel.now() < at {
                return Wait::until(at).into();
            }
            self.at = None;
            let text = self.work.remove(0);
            kernel.print(text);
        }
        Step::Exit(self.status)
    }

    fn find(&self, name: &str) -> Option<Package> {
        find(if self.trixie { TRIXIE } else { "" }, name).or_else(|| find(self.table(), name))
    }

    fn table(&self) -> &'static str {
        if self.apt { DEBIAN } else { ALPINE }
    }

    fn installed(&self, kernel: &mut Kernel<'_>) -> Vec<String> {
        let path = if self.apt { DPKG_DATABASE } else { APK_DATABASE };
        let bytes = kernel.files().read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    /// What the system is: the version of Alpine, the code name of a Debian.
    fn release(&self, kernel: &mut Kernel<'_>) -> String {
        let bytes = kernel.files().read("/etc/os-release").unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim_matches('"').to_owned()
        };
        match self.apt {
            true => field("VERSION_CODENAME="),
            false => {
                let whole = field("VERSION_ID=");
                whole.rsplit_once('.').map_or(whole.clone(), |(short, _)| short.to_owned())
            }
        }
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Option<u8> {
        self.trixie = self.apt && is_debian_13(kernel);
        let argv = kernel.argv();
        let (mut verb, mut cached) = (String::new(), true);
        for word in argv.iter().skip(1) {
            match &**word {
                "-y" | "--yes" | "--assume-yes" => self.yes = true,
                "-q" | "-qq" | "--quiet" => self.quiet = true,
                "-U" | "--update-cache" | "--update" | "--no-cache" => cached = false,
                "--version" | "-V" if !self.apt => {
                    kernel.print("apk-tools 2.14.9, compiled for x86_64.\n");
                    return Some(0);
                }
                word if word.starts_with('-') => {}
                word if verb.is_empty() => word.clone_into(&mut verb),
                word => self
                    .names
                    .push(word.split(['=', '/', '~', '<', '>']).next().unwrap_or_default().to_owned()),
            }
        }
        if self.apt && argv[0].ends_with("apt") {
            kernel.complain(
                "\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n",
            );
        }
        let index = if self.apt { APT_INDEX } else { APK_INDEX };
        match &*verb {
            "add" | "update" if !self.apt => {
                self.update = verb == "update" || !cached || !kernel.files().exists(index);
            }
            "update" => self.update = true,
            "install" if self.apt => {}
            "info" if !self.apt => {
                for name in self.installed(kernel) {
                    kernel.print(format!("{name}\n"));
                }
                return Some(0);
            }
            "del" | "remove" | "purge" => return Some(self.remove(kernel)),
            "upgrade" | "clean" | "autoremove" | "dist-upgrade" | "cache" => {
                if self.apt && verb != "clean" {
                    kernel.print("Reading package lists... Done\nBuilding dependency tree... Done\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
                }
                return Some(0);
            }
            other => {
                kernel.complain(match (self.apt, other.is_empty()) {
                    (true, true) => "apt 2.6.1 (amd64)\nUsage: apt-get [options] command\n".to_owned(),
                    (true, false) => format!("E: Invalid operation {other}\n"),
                    (false, true) => "apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n".to_owned(),
                    (false, false) => format!("ERROR: '{other}' is not an apk command. See 'apk --help'.\n"),
                });
                return Some(if self.apt { 100 } else { 1 });
            }
        }
        self.only_update = verb == "update";
        if kernel.credentials().uid != 0 {
            kernel.complain(match self.apt {
                false => "ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n",
                true if self.only_update => "Reading package lists... Done\nE: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n",
                true => "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n",
            });
            return Some(if self.apt { 100 } else { 99 });
        }
        if self.update {
            if !self.apt && !self.quiet {
                let release = self.release(kernel);
                for part in ["main", "community"] {
                    kernel.print(format!(
                        "fetch https://dl-cdn.alpinelinux.org/alpine/v{release}/{part}/x86_64/APKINDEX.tar.gz\n"
                    ));
                }
            }
            self.dial = Some(Dial::new(self.mirror(kernel), 80, Some(Duration::from_secs(30))));
            return None;
        }
        self.install(kernel);
        None
    }

    fn mirror(&self, kernel: &mut Kernel<'_>) -> &'static str {
        match self.apt {
            false => "dl-cdn.alpinelinux.org",
            true if self.release(kernel) == "noble" => "archive.ubuntu.com",
            true => "deb.debian.org",
        }
    }

    /// The mirror was reached, or was not.
    fn fetched(&mut self, kernel: &mut Kernel<'_>) {
        let release = self.release(kernel);
        let mirror = self.mirror(kernel);
        let path = if mirror.starts_with("deb") { "debian" } else { "ubuntu" };
        match (&self.reached, self.apt) {
            (Some(Err(_)), false) => {
                for part in ["main", "community"] {
                    kernel.complain(format!("WARNING: updating and opening https://{mirror}/alpine/v{release}/{part}: temporary error (try again later)\n"));
                }
                if self.only_update {
                    kernel.print("2 unavailable, 0 stale; 15 distinct packages available\n");
                    self.status = 2;
                    return;
                }
            }
            (Some(Err(why)), true) => {
                let why = match why.split_once(' ') {
                    None => format!("Temporary failure resolving '{mirror}'"),
                    Some((ip, errno)) => {
                        format!("Could not connect to {mirror}:80 ({ip}). - connect (111: {errno})")
                    }
                };
                kernel.print(format!("Err:1 http://{mirror}/{path} {release} InRelease\n  {why}\nReading package lists... Done\n"));
                kernel.complain(format!("W: Failed to fetch http://{mirror}/{path}/dists/{release}/InRelease  {why}\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n"));
                return;
            }
            (_, false) => {
                kernel.files().write(APK_INDEX, Vec::new(), 0o644).ok();
                if self.only_update {
                    self.work.push(format!("v{release}.0 [https://{mirror}/alpine/v{release}/main]\nv{release}.0 [https://{mirror}/alpine/v{release}/community]\nOK: 25395 distinct packages available\n"));
                    return;
                }
            }
            (_, true) => {
                kernel.files().write(APT_INDEX, Vec::new(), 0o640).ok();
                let suites = [
                    ("", "InRelease", 151),
                    ("-updates", "InRelease", 55),
                    ("", "/main amd64 Packages", 8791),
                ];
                for (at, (suite, what, size)) in (1..).zip(suites) {
                    let space = if what.starts_with('/') { "" } else { " " };
                    self.work.push(format!(
                        "Get:{at} http://{mirror}/{path} {release}{suite}{space}{what} [{size} kB]\n"
                    ));
                }
                self.work.push("Fetched 8997 kB in 1s (7012 kB/s)\nReading package lists... Done\n".into());
                return;
            }
        }
        self.install(kernel);
    }

    /// What is to be installed, needed ones first; nothing where one is not known.
    fn resolve(&self, name: &str, there: &[String], found: &mut Vec<Package>) -> bool {
        if there.iter().any(|own| own == name) || found.iter().any(|own| own.name == name) {
            return true;
        }
        let Some(package) = self.find(name) else { return false };
        for needed in list(package.needs) {
            self.resolve(needed, there, found);
        }
        found.push(package);
        true
    }

    fn install(&mut self, kernel: &mut Kernel<'_>) {
        let there = self.installed(kernel);
        let mut found = Vec::new();
        let index = if self.apt { APT_INDEX } else { APK_INDEX };
        let indexed = kernel.files().exists(index);
        let known =
            |own: &Self, name: &str, found: &mut Vec<Package>| indexed && own.resolve(name, &there, found);
        let missing: Vec<&String> = self.names.iter().filter(|name| !known(self, name, &mut found)).collect();
        if self.apt {
            kernel.print("Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n");
        }
        if !missing.is_empty() {
            let mut text =
                if self.apt { String::new() } else { "ERROR: unable to select packages:\n".to_owned() };
            for name in &missing {
                text.push_str(&match self.apt {
                    true => format!("E: Unable to locate package {name}\n"),
                    false => format!("  {name} (no such package):\n    required by: world[{name}]\n"),
                });
            }
            // Saya's list is short: a package that is not on it may well exist.
            if self.reached != Some(Err(String::new())) && indexed {
                text.push_str("(Saya knows only some packages.)\n");
            }
            self.status = if self.apt { 100 } else { u8::try_from(missing.len()).unwrap_or(99) };
            kernel.complain(text);
            return;
        }
        let own = self.names.clone();
        if self.apt {
            let mut words = |title: &str, all: bool| {
                let mut names: Vec<&str> = found
                    .iter()
                    .map(|own| own.name)
                    .filter(|name| all || !own.iter().any(|own| own == name))
                    .collect();
                names.sort_unstable();
                if !names.is_empty() {
                    kernel.print(format!(
                        "The following {title} packages will be installed:\n  {}\n",
                        names.join(" ")
                    ));
                }
                names.len()
            };
            let more = words("additional", false);
            let count = words("NEW", true);
            for name in own.iter().filter(|name| there.contains(name)) {
                let version = self.find(name).map_or("", |own| own.version);
                kernel.print(format!("{name} is already the newest version ({version}).\n"));
            }
            kernel.print(format!("0 upgraded, {count} newly installed, 0 to remove and 0 not upgraded.\n"));
            if count > 0 {
                let size: u64 = found.iter().map(|own| own.size).sum();
                kernel.print(format!("Need to get {} kB of archives.\nAfter this operation, {size} kB of additional disk space will be used.\n", size / 4));
            }
            if more > 0 && !self.yes {
                kernel.print("Do you want to continue? [Y/n] ");
                self.asks = Some(Vec::new());
                return;
            }
        }
        self.put(kernel, &found, there);
    }

    /// The answer to "Do you want to continue?".
    fn ask(&mut self, kernel: &mut Kernel<'_>) -> Result<bool, Wait> {
        let typed = self.asks.get_or_insert_default();
        match kernel.read(0, 256) {
            Ok(Data::Empty) => return Err(Wait::readable(0)),
            Ok(Data::Bytes(bytes)) => typed.extend(bytes),
            _ => return Ok(false),
        }
        if !typed.contains(&b'\n') {
            return Err(Wait::readable(0));
        }
        let yes = matches!(typed[0], b'\n' | b'y' | b'Y');
        self.asks = None;
        if yes {
            let there = self.installed(kernel);
            let mut found = Vec::new();
            for name in &self.names {
                self.resolve(name, &there, &mut found);
            }
            self.put(kernel, &found, there);
        }
        Ok(yes)
    }

    fn put(&mut self, kernel: &mut Kernel<'_>, found: &[Package], mut there: Vec<String>) {
        let mirror = self.mirror(kernel);
        let release = self.release(kernel);
        let path = if mirror.starts_with("deb") { "debian" } else { "ubuntu" };
        for (at, own) in (1..).zip(found) {
            let (name, version) = (own.name, own.version);
            self.work.push(match self.apt {
                true => format!(
                    "Get:{at} http://{mirror}/{path} {release}/main amd64 {name} amd64 {version} [{} kB]\n",
                    own.size / 4
                ),
                false => format!("({at}/{}) Installing {name} ({version})\n", found.len()),
            });
            there.push(name.to_owned());
            for program in list(own.holds) {
                if program.starts_with('/') {
                    kernel.files().write(program, b"\x7fELF".to_vec(), 0o755).ok();
                    continue;
                }
                let (file, id) = match program.split_once('=') {
                    Some((file, id)) => (file, id.into()),
                    None => (program, format!("gnu/{program}").into()),
                };
                kernel.files().install(&format!("/usr/bin/{file}"), &id, 0o755).ok();
            }
        }
        let path = if self.apt { DPKG_DATABASE } else { APK_DATABASE };
        kernel.files().write(path, format!("{}\n", there.join("\n")).into_bytes(), 0o644).ok();
        if self.apt {
            if !found.is_empty() {
                self.work.push(
                    "debconf: delaying package configuration, since apt-utils is not installed\n".into(),
                );
            }
            for (at, own) in found.iter().enumerate() {
                let (name, version) = (own.name, own.version);
                let first = if at == 0 {
                    "(Reading database ... 7581 files and directories currently installed.)\n"
                } else {
                    ""
                };
                self.work.push(format!("Selecting previously unselected package {name}.\n{first}Preparing to unpack .../{name}_{}_amd64.deb ...\nUnpacking {name} ({version}) ...\n", version.replace(':', "%3a")));
            }
            for own in found {
                self.work.push(format!("Setting up {} ({}) ...\n", own.name, own.version));
            }
            if !found.is_empty() {
                let own = if self.trixie { "2.41-12" } else { "2.36-9+deb12u13" };
                self.work.push(format!("Processing triggers for libc-bin ({own}) ...\n"));
            }
        } else {
            let size: u64 = there.iter().filter_map(|name| find(ALPINE, name)).map(|own| own.size).sum();
            let trigger = if found.is_empty() { "" } else { "Executing busybox-1.37.0-r19.trigger\n" };
            self.work.push(format!(
                "{trigger}OK: {} MiB in {} packages\n",
                8 + size / 1024,
                16 + there.len()
            ));
        }
        if self.quiet {
            self.work.clear();
        }
    }

    fn remove(&self, kernel: &mut Kernel<'_>) -> u8 {
        let mut there = self.installed(kernel);
        let before = there.len();
        there.retain(|name| !self.names.contains(name));
        for own in self.names.iter().filter_map(|name| self.find(name)) {
            for program in list(own.holds) {
                let file = program.split('=').next().unwrap_or_default();
                let path = if file.starts_with('/') { file.to_owned() } else { format!("/usr/bin/{file}") };
                kernel.files().remove_file(&path).ok();
            }
            if !self.apt {
                kernel.print(format!("(1/1) Purging {} ({})\n", own.name, own.version));
            }
        }
        let gone = before - there.len();
        let path = if self.apt { DPKG_DATABASE } else { APK_DATABASE };
        kernel.files().write(path, format!("{}\n", there.join("\n")).into_bytes(), 0o644).ok();
        kernel.print(match self.apt {
            true => format!("0 upgraded, 0 newly installed, {gone} to remove and 0 not upgraded.\n"),
            false => format!("OK: 8 MiB in {} packages\n", 16 + there.len()),
        });
        0
    }
}
