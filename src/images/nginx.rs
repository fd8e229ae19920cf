//! nginx, the web server.

use std::time::Duration;

use super::{Image, System};

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["nginx"],
    tag_words: &["mainline", "perl", "otel"],
    size: 72_319_283,
    system: System::Debian,
    entrypoint: &["/docker-entrypoint.sh"],
    command: &["nginx", "-g", "daemon off;"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NGINX_VERSION", "1.29.3"),
    ],
    directory: "/",
    log: &["/docker-entrypoint.sh: Configuration complete; ready for start up"],
    listens: &[80],
    calls: &[],
    starts_in: Duration::from_millis(100),
    stops: (Duration::from_millis(150), 0),
};
