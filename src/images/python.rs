//! Python.

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["python"],
    tag_words: &["slim", "bookworm"],
    size: 360000000,
    tools: &["curl", "wget", "ps", "openssl"],
    programs: &[
        ("/usr/local/bin/python3", "python3"),
        ("/usr/local/bin/python", "python3"),
        ("/usr/local/bin/pip", "not-simulated"),
    ],
    command: &["python3"],
    environment: &[
        ("PATH", "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LANG", "C.UTF-8"),
        ("PYTHON_VERSION", "$v"),
    ],
    versions: &["3.14.0", "3.13.9", "3.12.12", "3.11.14", "3.10.19", "3.9.25"],
    memory: 20,
    ..Image::BASE
};
