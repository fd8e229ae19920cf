//! Debian.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["debian"],
    tag_words: &[
        "trixie",
        "bookworm",
        "bullseye",
        "buster",
        "forky",
        "sid",
        "testing",
        "unstable",
        "oldstable",
        "oldoldstable",
    ],
    size: 48480000,
    system: System::Debian,
    command: &["bash"],
    ..Image::BASE
};
