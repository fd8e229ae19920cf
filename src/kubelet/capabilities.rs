//! What root may do in a container: bits as Linux numbers them.

use crate::base::Value;

/// Their names in order, `CAP_` left out (linux/capability.h).
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];
/// Those that containerd leaves to a container that asks for nothing.
const DEFAULT: u64 = 0xa804_25fb;

/// The capabilities of a container (containerd, `WithCapabilities` of its CRI plugin).
pub(super) fn bounding(security: &Value) -> u64 {
    let all = (1 << NAMES.len()) - 1;
    if security.get("privileged").bool() {
        return all;
    }
    let bits = |field: &str| -> (bool, u64) {
        let names =
            security.at(&["capabilities", field]).items().iter().map(|name| name.str().to_uppercase());
        names.fold((false, 0), |(every, bits), name| match NAMES.iter().position(|known| *known == name) {
            Some(at) => (every, bits | 1 << at),
            None => (every || name == "ALL", bits),
        })
    };
    let ((adds_all, added), (drops_all, dropped)) = (bits("add"), bits("drop"));
    let start = match (adds_all, drops_all) {
        (_, true) => 0,
        (true, false) => all,
        (false, false) => DEFAULT,
    };
    (start | added) & !dropped
}
