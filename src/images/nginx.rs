//! nginx, the web server.

use std::time::Duration;

use super::Image;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["nginx"],
    tag_words: &["mainline", "perl", "otel"],
    size: 72_319_283,
    command: &["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
    listens: &[80],
    calls: &[],
    starts_in: Duration::from_millis(100),
    stops: (Duration::from_millis(150), 0),
};
