//! The systems that images are built on: which shell, which tools, which files.

use std::sync::OnceLock;

use super::BUILT;
use crate::container::commands::NAMES;
use crate::container::tree::{Content, Tree};

/// A base system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum System {
    /// Debian: dash, bash, coreutils, glibc.
    Debian,
    /// Oracle Linux: bash, coreutils, glibc.
    OracleLinux,
    /// Ubuntu: as Debian.
    Ubuntu,
    /// Alpine: BusyBox with musl.
    Alpine,
    /// BusyBox and nothing else.
    BusyBox,
    /// BusyBox before 1.29.
    OldBusyBox,
    /// Nothing at all, not even a shell.
    Empty,
}

/// What only some systems have: the name, and letters for who does: `a`lpine, `b`usybox, `d`ebian, `o`racle linux,
/// `u`buntu. What nobody has can be installed, or comes with an image.
const SPECIAL: &[(&str, &str)] = &[
    ("arp", "ab"),
    ("busybox", "ab"),
    ("cmp", "abdu"),
    ("curl", "o"),
    ("diff", "abdu"),
    ("dig", ""),
    ("docker", ""),
    ("find", "abdu"),
    ("free", "abu"),
    ("getent", "adou"),
    ("git", ""),
    ("helm", ""),
    ("host", ""),
    ("hostname", "abdu"),
    ("ifconfig", "ab"),
    ("ip", "ab"),
    ("jq", ""),
    ("killall", "ab"),
    ("less", "ab"),
    ("man", "ab"),
    ("nano", ""),
    ("nc", "ab"),
    ("netstat", "ab"),
    ("nslookup", "ab"),
    ("openssl", ""),
    ("pgrep", "abu"),
    ("pidof", "abdu"),
    ("ping", "ab"),
    ("ping6", "ab"),
    ("pkill", "abu"),
    ("ps", "abu"),
    ("rev", "abdu"),
    ("route", "ab"),
    ("ss", ""),
    ("sudo", ""),
    ("sysctl", "abu"),
    ("telnet", "ab"),
    ("time", "ab"),
    ("top", "abu"),
    ("traceroute", "ab"),
    ("traceroute6", "ab"),
    ("unzip", "ab"),
    ("uptime", "abu"),
    ("vi", "ab"),
    ("vim", ""),
    ("watch", "abu"),
    ("wget", "ab"),
    ("which", "abdu"),
];

impl System {
    fn lacks(self, tool: &str) -> bool {
        let letter = match self {
            System::Alpine => 'a',
            System::BusyBox | System::OldBusyBox => 'b',
            System::Empty => return true,
            System::Debian => 'd',
            System::OracleLinux => 'o',
            System::Ubuntu => 'u',
        };
        SPECIAL.iter().any(|(name, who)| *name == tool && !who.contains(letter))
    }

    /// Its accounts, a line of `/etc/passwd` each.
    fn users(self) -> &'static str {
        match self {
            System::Alpine => ALPINE_USERS,
            System::BusyBox | System::OldBusyBox => BUSYBOX_USERS,
            _ => DEBIAN_USERS,
        }
    }

    /// Adds a tool that it does not come with.
    pub fn add_tool(self, tree: &mut Tree, tool: &str) {
        let id = if tool == "bash" { "bash".to_owned() } else { format!("gnu/{tool}") };
        tree.add_program(&format!("/usr/bin/{tool}"), &id);
    }

    /// Its files, in a layer that all images share which are built on it.
    pub fn tree(self) -> Tree {
        static TREES: [OnceLock<Tree>; 7] = [const { OnceLock::new() }; 7];
        let made = TREES[self as usize].get_or_init(|| {
            let mut tree = self.made();
            tree.date(BUILT);
            tree.frozen()
        });
        made.clone()
    }

    fn made(self) -> Tree {
        let mut tree = Tree::new();
        tree.add_devices();
        for directory in ["/etc", "/home", "/proc", "/sys", "/usr/bin", "/usr/sbin"] {
            tree.add_directory(directory, 0o755);
        }
        tree.add_directory("/root", 0o700);
        const DASH: &[(&str, &str)] = &[("sh", "dash"), ("dash", "dash"), ("bash", "bash")];
        const ASH: &[(&str, &str)] = &[("sh", "ash"), ("ash", "ash")];
        if self == System::Empty {
            return tree;
        }
        let (release, shells): (&str, &[(&str, &str)]) = match self {
            System::Debian => (DEBIAN, DASH),
            System::Ubuntu => (UBUNTU, DASH),
            System::OracleLinux => (ORACLE_LINUX, &[("sh", "bash"), ("bash", "bash")]),
            System::Alpine => (ALPINE, ASH),
            System::BusyBox | System::OldBusyBox | System::Empty => ("", ASH),
        };
        let is_busybox = matches!(self, System::Alpine | System::BusyBox | System::OldBusyBox);
        let folder = if is_busybox { "/bin" } else { "/usr/bin" };
        let (folders, links): (&[&str], &[(&str, &str)]) = match self {
            System::OldBusyBox => (&["/bin", "/var/spool", "/var/www"], &[]),
            System::BusyBox => (&["/bin", "/lib", "/var/spool", "/var/www"], &[("/lib64", "lib")]),
            System::Alpine => (&["/bin", "/lib", "/sbin"], &[]),
            _ => (
                &["/boot", "/usr/lib", "/usr/lib64"],
                &[("/bin", "usr/bin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib64"), ("/sbin", "usr/sbin")],
            ),
        };
        for folder in folders {
            tree.add_directory(folder, 0o755);
        }
        for (path, target) in links {
            tree.add_symlink(path, target);
        }
        for (name, shell) in shells {
            tree.add_program(&format!("{folder}/{name}"), shell);
        }
        let suite = if is_busybox { "busybox" } else { "gnu" };
        for name in NAMES.iter().filter(|name| !self.lacks(name)) {
            tree.add_program(&format!("{folder}/{name}"), &format!("{suite}/{name}"));
        }
        if self != System::BusyBox && self != System::OldBusyBox {
            for folder in ["/media", "/mnt", "/opt", "/run", "/srv", "/usr/local/bin", "/var/log"] {
                tree.add_directory(folder, 0o755);
            }
            tree.add_symlink("/var/run", "/run");
        }
        if self == System::Alpine {
            tree.add_file("/etc/alpine-release", "3.22.2\n", 0o644);
            tree.add_program("/sbin/apk", "apk");
            for folder in ["/usr/lib/mariadb/plugin", "/var/cache/apk", "/lib/apk/db"] {
                tree.add_directory(folder, 0o755);
            }
            // Programs that resolve names find out by it whose C library they use.
            tree.add_file(crate::container::commands::options::MUSL, "", 0o755);
        }
        if self == System::OldBusyBox {
            tree.add_file("/etc/.busybox-1.28", "", 0o644);
        }
        if matches!(self, System::Debian | System::Ubuntu) {
            tree.add_program("/usr/bin/apt-get", "apt");
            tree.add_program("/usr/bin/apt", "apt");
            tree.add_directory("/var/lib/apt/lists", 0o755);
            tree.add_directory("/var/lib/dpkg", 0o755);
            tree.add_file("/etc/profile", PROFILE, 0o644);
            tree.add_file("/etc/bash.bashrc", BASHRC, 0o644);
        }
        if self == System::Debian {
            tree.add_file("/etc/debian_version", "12.13\n", 0o644);
        }
        if !release.is_empty() {
            tree.add_file("/etc/os-release", release, 0o644);
        }
        add_users(&mut tree, self.users());
        tree
    }
}

/// Adds accounts with their groups: lines of `/etc/passwd`.
pub(super) fn add_users(tree: &mut Tree, users: &str) {
    let read = |path: &str| match tree.find(path).and_then(|ino| tree.node(ino)).map(|node| &node.content) {
        Some(Content::File(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    };
    let (passwd, mut group) = (read("/etc/passwd") + users, read("/etc/group"));
    for line in users.lines() {
        let mut words = line.split(':');
        let (name, id) = (words.next().unwrap_or_default(), words.nth(2).unwrap_or_default());
        // What a group is called where it has not the name of its first user.
        let name = match id {
            "100" => "users",
            _ if name == "curl_user" => "curl_group",
            "65534" if users == DEBIAN_USERS => "nogroup",
            _ => name,
        };
        let entry = format!(":x:{id}:");
        if !group.contains(&entry) {
            group += &format!("{name}{entry}\n");
        }
    }
    tree.add_file("/etc/passwd", passwd, 0o644);
    tree.add_file("/etc/group", group, 0o644);
}

/// Makes it another version of Alpine.
pub(super) fn set_alpine(tree: &mut Tree, version: &str) {
    let short = version.rsplit_once('.').map_or(version, |(short, _)| short);
    tree.add_file("/etc/alpine-release", format!("{version}\n"), 0o644);
    tree.add_file(
        "/etc/os-release",
        ALPINE.replace("3.22.2", version).replace("v3.22", &format!("v{short}")),
        0o644,
    );
}

/// The releases of Debian that images are built on: the number, the name, the latest point release.
const DEBIAN_RELEASES: &[(&str, &str, &str)] = &[
    ("13", "trixie", "13.3"),
    ("12", "bookworm", "12.13"),
    ("11", "bullseye", "11.11"),
    ("10", "buster", "10.13"),
    ("9", "stretch", "9.13"),
];

/// The number of the one that is meant where nothing tells.
pub(super) const DEBIAN_RELEASE: &str = "12";

/// The number of the release of Debian that a tag names, if it names one.
pub(super) fn debian_of(tag: &str) -> Option<&'static str> {
    DEBIAN_RELEASES.iter().find(|(_, name, _)| tag.contains(name)).map(|(number, ..)| *number)
}

/// Makes the files say that they are another release of Debian, by its number.
// No part of the page's first program.
#[inline(never)]
pub(super) fn set_debian(tree: &mut Tree, release: &str) {
    let Some((number, name, point)) = DEBIAN_RELEASES.iter().find(|(number, ..)| *number == release) else {
        return;
    };
    let mut text = DEBIAN.replace("bookworm", name).replace("12", number);
    if *number == "13" {
        text = text.replace("ID=debian\n", &format!("DEBIAN_VERSION_FULL={point}\nID=debian\n"));
    }
    tree.add_file("/etc/os-release", text, 0o644);
    tree.add_file("/etc/debian_version", format!("{point}\n"), 0o644);
}

/// What Debian's login shells read, and its interactive ones: the prompt says who is where.
const PROFILE: &str =
    "if [ \"${PS1-}\" ] && [ \"${BASH-}\" ] && [ -f /etc/bash.bashrc ]; then\n  . /etc/bash.bashrc\nfi\n";
const BASHRC: &str =
    "[ -z \"${PS1-}\" ] && return\nPS1='${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '\n";

const DEBIAN_USERS: &str = "root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
games:x:5:60:games:/usr/games:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
news:x:9:9:news:/var/spool/news:/usr/sbin/nologin
uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin
proxy:x:13:13:proxy:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin
irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";
const ALPINE_USERS: &str = "root:x:0:0:root:/root:/bin/sh
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
mail:x:8:12:mail:/var/mail:/sbin/nologin
news:x:9:13:news:/usr/lib/news:/sbin/nologin
uucp:x:10:14:uucp:/var/spool/uucppublic:/sbin/nologin
cron:x:16:16:cron:/var/spool/cron:/sbin/nologin
ftp:x:21:21::/var/lib/ftp:/sbin/nologin
sshd:x:22:22:sshd:/dev/null:/sbin/nologin
games:x:35:35:games:/usr/games:/sbin/nologin
ntp:x:123:123:NTP:/var/empty:/sbin/nologin
guest:x:405:100:guest:/dev/null:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
";
const BUSYBOX_USERS: &str = "root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
";
const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\nSUPPORT_URL=\"https://www.debian.org/support\"\nBUG_REPORT_URL=\"https://bugs.debian.org/\"\n";
const UBUNTU: &str = "PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION=\"24.04.3 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nHOME_URL=\"https://www.ubuntu.com/\"\nSUPPORT_URL=\"https://help.ubuntu.com/\"\nBUG_REPORT_URL=\"https://bugs.launchpad.net/ubuntu/\"\nPRIVACY_POLICY_URL=\"https://www.ubuntu.com/legal/terms-and-policies/privacy-policy\"\nUBUNTU_CODENAME=noble\nLOGO=ubuntu-logo\n";
const ORACLE_LINUX: &str = "NAME=\"Oracle Linux Server\"\nVERSION=\"9.6\"\nID=\"ol\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.6\"\nPRETTY_NAME=\"Oracle Linux Server 9.6\"\nHOME_URL=\"https://linux.oracle.com/\"\n";
const ALPINE: &str = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME=\"Alpine Linux v3.22\"\nHOME_URL=\"https://alpinelinux.org/\"\nBUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/-/issues\"\n";
