//! nginx, the web server.

use super::Image;
use crate::container::signal::Signal;
use crate::programs;

/// What is known of it.
pub const IMAGE: Image = Image {
    // nginx-slim is that of Kubernetes' own tutorials.
    repositories: &[
        "nginx",
        "registry.k8s.io/nginx-slim",
        "registry.k8s.io/nginx",
        "registry.k8s.io/e2e-test-images/nginx",
    ],
    tag_words: &["mainline", "perl", "otel"],
    size: 72319283,
    tools: &["curl", "openssl"],
    alpine_tools: &["curl"],
    programs: &[
        ("/docker-entrypoint.sh", "entry/nginx"),
        ("/usr/sbin/nginx", "nginx"),
        ("/usr/sbin/nginx-debug", "nginx"),
    ],
    entrypoint: &["/docker-entrypoint.sh"],
    command: &["nginx", "-g", "daemon off;"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NGINX_VERSION", "$v"),
    ],
    versions: &[
        "1.29.3", "1.28.0", "1.27.5", "1.26.3", "1.25.5", "1.24.0", "1.23.4", "1.22.1", "1.21.6", "1.20.2",
        "1.19.10", "1.18.0", "1.16.1", "1.14.2", "1.7.9",
    ],
    files: &[
        ("/usr/share/nginx/html/index.html", INDEX),
        ("/usr/share/nginx/html/50x.html", ERROR),
        ("/etc/nginx/nginx.conf", programs::NGINX_CONFIGURATION),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
        ("/etc/nginx/mime.types", TYPES),
        ("/etc/passwd", USERS),
        ("/etc/group", "root:x:0:\nnogroup:x:65534:\nnginx:x:101:\n"),
    ],
    folders: &["/var/cache/nginx"],
    links: &[("/var/log/nginx/access.log", "/dev/stdout"), ("/var/log/nginx/error.log", "/dev/stderr")],
    stop: Signal::QUIT,
    memory: 12,
    ..Image::BASE
};

const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nnginx:x:101:101:nginx user:/nonexistent:/bin/false\n";
const INDEX: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";
const ERROR: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n</head>\n<body>\n<h1>An error occurred.</h1>\n<p>Sorry, the page you are looking for is currently unavailable.<br/>\nPlease try again later.</p>\n<p><em>Faithfully yours, nginx.</em></p>\n</body>\n</html>\n";
const TYPES: &str = "\ntypes {\n    text/html                                        html htm shtml;\n    text/css                                         css;\n    text/xml                                         xml;\n    application/javascript                           js;\n    text/plain                                       txt;\n    image/png                                        png;\n    image/svg+xml                                    svg svgz;\n    application/json                                 json;\n}\n";
