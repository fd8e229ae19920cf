//! Node.js.

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["node"],
    tag_words: &["lts", "slim", "bookworm", "iron", "jod"],
    size: 390000000,
    tools: &["curl", "wget", "ps", "openssl"],
    programs: &[
        ("/usr/local/bin/docker-entrypoint.sh", "entry/node"),
        ("/usr/local/bin/node", "node"),
        ("/usr/local/bin/npm", "not-simulated"),
        ("/usr/local/bin/npx", "not-simulated"),
    ],
    entrypoint: &["docker-entrypoint.sh"],
    command: &["node"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NODE_VERSION", "$v"),
        ("YARN_VERSION", "1.22.22"),
    ],
    versions: &["25.1.0", "24.11.0", "22.21.1", "20.20.2", "18.20.8"],
    memory: 60,
    ..Image::BASE
};
