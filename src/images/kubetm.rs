//! The images of kubetm's course (대세는 쿠버네티스), of which most are known as tmkube's too.

use super::{Image, System};

const SCRIPT: &str = "// Saya does what this program does without running it.\n";

const NODE: Image = Image { size: 78000000, ..Image::BASE };

/// Tells its name and its version, is well or not as it is told, and sleeps.
pub const APP: Image = Image {
    repositories: &["kubetm/app", "tmkube/app"],
    programs: &[("/usr/local/bin/node", "kubetm/app:$v")],
    files: &[("/app.js", SCRIPT)],
    command: &["/bin/sh", "-c", "node app.js"],
    versions: &["1", "2", "3"],
    tools: &["curl"],
    ..NODE
};

/// Tells its port.
pub const P8000: Image = Image {
    repositories: &["kubetm/p8000", "tmkube/p8000"],
    programs: &[("/usr/local/bin/node", "kubetm/p8000:$t")],
    files: &[("/port8000.js", SCRIPT)],
    command: &["/bin/sh", "-c", "node port8000.js"],
    tools: &["curl"],
    ..NODE
};

/// The same on another port.
pub const P8080: Image = Image {
    repositories: &["kubetm/p8080", "tmkube/p8080"],
    programs: &[("/usr/local/bin/node", "kubetm/p8080:$t")],
    files: &[("/port8080.js", SCRIPT)],
    command: &["/bin/sh", "-c", "node port8080.js"],
    ..P8000
};

const SHOP: Image =
    Image { files: &[("/ingress.js", SCRIPT)], command: &["/bin/sh", "-c", "node ingress.js"], ..P8000 };

/// The services behind an Ingress.
pub const SHOPS: [Image; 3] = [
    Image {
        repositories: &["kubetm/shopping", "tmkube/shopping"],
        programs: &[("/usr/local/bin/node", "kubetm/shopping:$t")],
        ..SHOP
    },
    Image {
        repositories: &["kubetm/customer", "tmkube/customer"],
        programs: &[("/usr/local/bin/node", "kubetm/customer:$t")],
        ..SHOP
    },
    Image {
        repositories: &["kubetm/order", "tmkube/order"],
        programs: &[("/usr/local/bin/node", "kubetm/order:$t")],
        ..SHOP
    },
];

/// CentOS to look around in: its main program is a systemd that may mount nothing and freezes.
pub const INIT: Image = Image {
    repositories: &["kubetm/init", "tmkube/init"],
    size: 260000000,
    system: System::OracleLinux,
    tools: &[
        "curl", "dig", "diff", "find", "free", "host", "hostname", "ifconfig", "ip", "netstat", "nslookup",
        "pgrep", "ping", "pkill", "ps", "top", "uptime", "vi", "which",
    ],
    programs: &[("/usr/sbin/init", "kubetm/init:$t"), ("/usr/bin/yum", "not-simulated")],
    files: super::redhat::CENTOS_7_FILES,
    command: &["/usr/sbin/init"],
    ..Image::BASE
};
