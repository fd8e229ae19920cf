//! Alpine Linux.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["alpine"],
    size: 3808000,
    system: System::Alpine,
    command: &["/bin/sh"],
    versions: &["3.22.2", "3.21.5", "3.20.8", "3.19.9", "3.18.12", "3.17.10", "3.16.9"],
    ..Image::BASE
};
