//! BusyBox, all of it in one small program.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["busybox", "radial/busyboxplus"],
    tag_words: &["musl", "glibc", "uclibc", "unstable"],
    size: 2223685,
    system: System::BusyBox,
    programs: &[("/bin/httpd", "busybox-httpd")],
    command: &["sh"],
    ..Image::BASE
};
