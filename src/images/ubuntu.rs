//! Ubuntu.

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["ubuntu"],
    tag_words: &["noble", "jammy", "focal", "plucky", "questing", "rolling", "devel"],
    size: 29720000,
    system: System::Ubuntu,
    command: &["/bin/bash"],
    ..Image::BASE
};
