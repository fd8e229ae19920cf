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
    /// Alpine: BusyBox with musl.
    Alpine,
}

impl System {
    /// Its files.
    pub fn tree(self) -> Tree {
        let mut tree = Tree::new();
        tree.add_devices();
        for directory in [
            "/etc",
            "/home",
            "/opt",
            "/proc",
            "/run",
            "/srv",
            "/sys",
            "/usr/bin",
            "/usr/local/bin",
            "/usr/sbin",
            "/var/log",
        ] {
            tree.add_directory(directory, 0o755);
        }
        tree.add_directory("/root", 0o700);
        let (release, shells): (&str, &[(&str, &str)]) = match self {
            System::Debian => (DEBIAN, &[("sh", "dash"), ("dash", "dash"), ("bash", "bash")]),
            System::OracleLinux => (ORACLE_LINUX, &[("sh", "bash"), ("bash", "bash")]),
            System::Alpine => (ALPINE, &[("sh", "ash"), ("ash", "ash")]),
        };
        let folder = if self == System::Alpine { "/bin" } else { "/usr/bin" };
        if self == System::Alpine {
            tree.add_directory("/bin", 0o755);
            tree.add_directory("/sbin", 0o755);
        } else {
            tree.add_symlink("/bin", "usr/bin");
            tree.add_symlink("/sbin", "usr/sbin");
        }
        for (name, shell) in shells {
            tree.add_program(&format!("{folder}/{name}"), shell);
        }
        let suite = if self == System::Alpine { "busybox" } else { "gnu" };
        for name in NAMES {
            tree.add_program(&format!("{folder}/{name}"), &format!("{suite}/{name}"));
        }
        tree.add_file("/etc/os-release", release, 0o644);
        tree.add_file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
            0o644,
        );
        tree.add_file("/etc/group", "root:x:0:\nnogroup:x:65534:\n", 0o644);
        tree
    }
}

const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n";
const ORACLE_LINUX: &str = "NAME=\"Oracle Linux Server\"\nVERSION=\"9.6\"\nID=\"ol\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.6\"\nPRETTY_NAME=\"Oracle Linux Server 9.6\"\nHOME_URL=\"https://linux.oracle.com/\"\n";
const ALPINE: &str = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME=\"Alpine Linux v3.22\"\nHOME_URL=\"https://alpinelinux.org/\"\n";
