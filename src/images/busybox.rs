//! BusyBox, all of it in one small program.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &[
        "busybox",
        "registry.k8s.io/busybox",
        "registry.k8s.io/e2e-test-images/busybox",
        "quay.io/prometheus/busybox",
    ],
    tag_words: &["musl", "glibc", "uclibc", "unstable"],
    size: 2223685,
    system: System::BusyBox,
    programs: &[("/bin/httpd", "busybox-httpd")],
    command: &["sh"],
    ..Image::BASE
};
