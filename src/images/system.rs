//! The systems that images are built on: which shell, which tools, which files.

use crate::container::commands::NAMES;
use crate::container::tree::Tree;

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

    /// Adds a tool that it does not come with.
    pub fn add_tool(self, tree: &mut Tree, tool: &str) {
        let id = if tool == "bash" { "bash".to_owned() } else { format!("gnu/{tool}") };
        tree.add_program(&format!("/usr/bin/{tool}"), &id);
    }

    /// Its files.
    pub fn tree(self) -> Tree {
        let mut tree = Tree::new();
        tree.add_devices();
        for directory in
            ["/etc", "/home", "/proc", "/sys", "/usr/bin", "/usr/local/bin", "/usr/sbin", "/var/log"]
        {
            tree.add_directory(directory, 0o755);
        }
        let is_small = matches!(self, System::BusyBox | System::OldBusyBox);
        for directory in ["/media", "/mnt", "/opt", "/run", "/srv"] {
            if !is_small {
                tree.add_directory(directory, 0o755);
            }
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
        if is_busybox {
            tree.add_directory("/bin", 0o755);
        } else {
            for folder in ["bin", "lib", "lib64", "sbin"] {
                tree.add_directory(&format!("/usr/{folder}"), 0o755);
                tree.add_symlink(&format!("/{folder}"), &format!("usr/{folder}"));
            }
            for folder in
                ["/boot", "/usr/share", "/usr/local/lib", "/usr/local/sbin", "/var/cache", "/var/lib"]
            {
                tree.add_directory(folder, 0o755);
            }
        }
        match self {
            System::Alpine => {
                for folder in ["/lib", "/sbin", "/usr/lib", "/usr/share", "/var/cache", "/var/lib"] {
                    tree.add_directory(folder, 0o755);
                }
            }
            System::BusyBox => {
                tree.add_directory("/lib", 0o755);
                tree.add_symlink("/lib64", "lib");
            }
            _ => {}
        }
        for (name, shell) in shells {
            tree.add_program(&format!("{folder}/{name}"), shell);
        }
        let suite = if is_busybox { "busybox" } else { "gnu" };
        for name in NAMES.iter().filter(|name| !self.lacks(name)) {
            tree.add_program(&format!("{folder}/{name}"), &format!("{suite}/{name}"));
        }
        if self != System::BusyBox && self != System::OldBusyBox {
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
        if !release.is_empty() {
            tree.add_file("/etc/os-release", release, 0o644);
        }
        tree.add_file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
            0o644,
        );
        tree.add_file("/etc/group", "root:x:0:\nnogroup:x:65534:\n", 0o644);
        tree
    }
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

/// What Debian's login shells read, and its interactive ones: the prompt says who is where.
const PROFILE: &str =
    "if [ \"${PS1-}\" ] && [ \"${BASH-}\" ] && [ -f /etc/bash.bashrc ]; then\n  . /etc/bash.bashrc\nfi\n";
const BASHRC: &str =
    "[ -z \"${PS1-}\" ] && return\nPS1='${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '\n";

const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\nSUPPORT_URL=\"https://www.debian.org/support\"\nBUG_REPORT_URL=\"https://bugs.debian.org/\"\n";
const UBUNTU: &str = "PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION=\"24.04.3 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nHOME_URL=\"https://www.ubuntu.com/\"\nSUPPORT_URL=\"https://help.ubuntu.com/\"\nBUG_REPORT_URL=\"https://bugs.launchpad.net/ubuntu/\"\nPRIVACY_POLICY_URL=\"https://www.ubuntu.com/legal/terms-and-policies/privacy-policy\"\nUBUNTU_CODENAME=noble\nLOGO=ubuntu-logo\n";
const ORACLE_LINUX: &str = "NAME=\"Oracle Linux Server\"\nVERSION=\"9.6\"\nID=\"ol\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.6\"\nPRETTY_NAME=\"Oracle Linux Server 9.6\"\nHOME_URL=\"https://linux.oracle.com/\"\n";
const ALPINE: &str = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME=\"Alpine Linux v3.22\"\nHOME_URL=\"https://alpinelinux.org/\"\nBUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/-/issues\"\n";
