//! Debian.

use std::time::Duration;

use super::{Image, System};

/// What is known of it: it has no entry point, and its shell ends at once where nothing is typed.
pub const IMAGE: Image = Image {
    repositories: &["debian"],
    tag_words: &["trixie", "bookworm", "bullseye", "sid", "testing", "oldstable"],
    size: 48_480_000,
    system: System::Debian,
    entrypoint: &[],
    command: &["bash"],
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
