//! BusyBox, all of it in one small program.

use std::time::Duration;

use super::{Image, System};

/// What is known of it: it has no entry point, and its shell ends at once where nothing is typed.
pub const IMAGE: Image = Image {
    repositories: &["busybox"],
    tag_words: &["musl", "glibc", "uclibc", "unstable"],
    size: 2_223_685,
    system: System::BusyBox,
    entrypoint: &[],
    command: &["sh"],
    environment: &[("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")],
    directory: "/",
    log: &[],
    files: &[],
    listens: &[],
    serves: None,
    calls: &[],
    starts_in: Duration::ZERO,
    stops: (Duration::ZERO, 0),
};
