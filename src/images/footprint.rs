//! How much the main programs of images take while they have little to do, as far as that is known.

use super::{Reference, find};

/// Of the cluster's own programs, by the end of the image's repository: thousandths of a processor, and MiB.
const OWN: &[(&str, u32, u64)] = &[
    ("coredns/coredns", 2, 16),
    ("etcd", 21, 58),
    ("kindnetd", 1, 14),
    ("kube-apiserver", 42, 252),
    ("kube-controller-manager", 16, 54),
    ("kube-proxy", 1, 19),
    ("kube-scheduler", 5, 24),
    ("local-path-provisioner", 1, 11),
    ("metrics-server/metrics-server", 4, 19),
    ("storage-provisioner", 2, 11),
];

/// What servers do while nobody asks them: their timers.
const TIMERS: &[(&str, u32)] = &[("mariadb", 2), ("mongo", 7), ("mysql", 8), ("postgres", 1), ("redis", 2)];

/// What a main program takes, the image's `own` one or another: thousandths of a processor, and bytes.
pub fn of(reference: &Reference, own: bool) -> (u32, u64) {
    if let Some((_, load, memory)) = OWN.iter().find(|(own, ..)| reference.path.ends_with(own)) {
        return (*load, memory << 20);
    }
    if !own {
        return (0, 1 << 20);
    }
    let image = find(reference);
    let timers = TIMERS.iter().find(|(own, _)| image.is_some_and(|image| image.repositories.contains(own)));
    (timers.map_or(0, |(_, load)| *load), image.map_or(1, |image| image.memory) << 20)
}
