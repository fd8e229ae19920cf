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
    log: &[
        "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
        "/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/",
        "/docker-entrypoint.sh: Configuration complete; ready for start up",
    ],
    files: &[
        ("/usr/share/nginx/html/index.html", INDEX),
        ("/usr/share/nginx/html/50x.html", "<!DOCTYPE html>\n<title>Error</title>\n"),
    ],
    serves: Some(("/usr/share/nginx/html", "index.html")),
    listens: &[80],
    calls: &[],
    starts_in: Duration::from_millis(100),
    stops: (Duration::from_millis(150), 0),
};

const INDEX: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n";
