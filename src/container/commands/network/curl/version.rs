//! Which curl an image has: its words changed from version to version.

use crate::container::kernel::Kernel;

/// A version: its three numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Version(pub u32, pub u32, pub u32);

impl std::fmt::Display for Version {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// That of curl's own image, or of the packages of the system that an image is built on.
    pub(super) fn of(kernel: &mut Kernel<'_>) -> Self {
        if let Some(own) = kernel.variable("CURL_VERSION") {
            let mut numbers = own.split(['.', '_']).map(|part| part.parse().unwrap_or(0));
            let mut next = || numbers.next().unwrap_or(0);
            return Self(next(), next(), next());
        }
        let release = kernel.files().read("/etc/os-release").unwrap_or_default();
        let release = String::from_utf8_lossy(&release);
        let field = |name: &str| {
            let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches('"')
        };
        match (field("ID"), field("VERSION_ID")) {
            ("alpine", _) | ("debian", "13") => Self(8, 14, 1),
            ("ubuntu", _) => Self(8, 5, 0),
            ("fedora", _) => Self(8, 15, 0),
            ("amzn", _) => Self(8, 11, 1),
            ("almalinux" | "rocky" | "ol" | "rhel", version) if version.starts_with("10") => Self(8, 12, 1),
            ("almalinux" | "rocky" | "ol" | "rhel", _) => Self(7, 76, 1),
            ("centos", _) => Self(7, 61, 1),
            _ => Self(7, 88, 1),
        }
    }

    /// Whether names are told with their addresses, and connections without their number.
    pub(super) fn tells_addresses(self) -> bool {
        self >= Self(8, 5, 0)
    }

    pub(super) fn not_connected(self) -> &'static str {
        if self >= Self(8, 11, 0) { "Could not connect to server" } else { "Couldn't connect to server" }
    }

    /// What it says when it closes a connection.
    pub(super) fn closing(self, number: usize) -> String {
        if self >= Self(8, 10, 0) {
            format!("* closing connection #{number}\n")
        } else if self.tells_addresses() {
            "* Closing connection\n".to_owned()
        } else {
            format!("* Closing connection {number}\n")
        }
    }
}
