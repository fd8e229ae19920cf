//! nginx, the web server.

use super::Image;
use crate::container::signal::Signal;
use crate::programs;

/// What is known of it.
pub const IMAGE: Image = Image {
    repositories: &["nginx", "registry.k8s.io/nginx", "registry.k8s.io/e2e-test-images/nginx"],
    since: (1, 20),
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
    past: &[
        ("1.7", 12),
        ("1.8", 1),
        ("1.9", 15),
        ("1.10", 3),
        ("1.11", 13),
        ("1.12", 2),
        ("1.13", 12),
        ("1.14", 2),
        ("1.15", 12),
        ("1.16", 1),
        ("1.17", 10),
        ("1.18", 0),
        ("1.19", 10),
        ("1.20", 2),
        ("1.21", 6),
        ("1.22", 1),
        ("1.23", 4),
        ("1.24", 0),
        ("1.25", 5),
        ("1.26", 3),
        ("1.27", 5),
    ],
    files: &[
        ("/usr/share/nginx/html/index.html", INDEX),
        ("/usr/share/nginx/html/50x.html", ERROR),
        ("/etc/nginx/nginx.conf", programs::NGINX_CONFIGURATION),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
        ("/etc/nginx/mime.types", programs::NGINX_TYPES),
        ("/docker-entrypoint.d/10-listen-on-ipv6-by-default.sh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/15-local-resolvers.envsh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/20-envsubst-on-templates.sh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/30-tune-worker-processes.sh", DONE_BY_SAYA),
    ],
    users: "nginx:x:101:101:nginx user:/nonexistent:/bin/false\n",
    folders: &["/var/cache/nginx"],
    links: &[("/var/log/nginx/access.log", "/dev/stdout"), ("/var/log/nginx/error.log", "/dev/stderr")],
    stop: Signal::QUIT,
    memory: 12,
    ..Image::BASE
};

/// The same as it was when its entry point was new, and its log told no notices.
pub const SCRIPTED: Image = Image {
    since: (1, 19),
    files: &[
        ("/usr/share/nginx/html/index.html", OLD_INDEX),
        ("/usr/share/nginx/html/50x.html", ERROR),
        ("/etc/nginx/nginx.conf", programs::NGINX_OLD_CONFIGURATION),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
        ("/etc/nginx/mime.types", programs::NGINX_TYPES),
        ("/docker-entrypoint.d/10-listen-on-ipv6-by-default.sh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/20-envsubst-on-templates.sh", DONE_BY_SAYA),
    ],
    ..IMAGE
};

/// The same as it was before it had an entry point.
pub const PLAIN: Image = Image {
    since: (0, 0),
    tools: &[],
    alpine_tools: &[],
    programs: &[("/usr/sbin/nginx", "nginx"), ("/usr/sbin/nginx-debug", "nginx")],
    entrypoint: &[],
    files: &[
        ("/usr/share/nginx/html/index.html", OLD_INDEX),
        ("/usr/share/nginx/html/50x.html", ERROR),
        ("/etc/nginx/nginx.conf", programs::NGINX_OLD_CONFIGURATION),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
        ("/etc/nginx/mime.types", programs::NGINX_TYPES),
    ],
    stop: Signal::TERM,
    ..IMAGE
};

/// That of Kubernetes' own tutorials, whose tags are no versions of nginx.
pub const SLIM: Image = Image {
    repositories: &["registry.k8s.io/nginx-slim"],
    tools: &["curl"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NGINX_VERSION", "1.11.1"),
    ],
    versions: &[],
    past: &[],
    ..PLAIN
};

/// The same for those who may not be root: on port 8080, with its files in `/tmp`.
pub const UNPRIVILEGED: Image = Image {
    repositories: &["nginxinc/nginx-unprivileged", "ghcr.io/nginx/nginx-unprivileged"],
    files: &[
        ("/usr/share/nginx/html/index.html", INDEX),
        ("/usr/share/nginx/html/50x.html", ERROR),
        ("/etc/nginx/nginx.conf", UNPRIVILEGED_CONFIGURATION),
        ("/etc/nginx/conf.d/default.conf", UNPRIVILEGED_SERVER),
        ("/etc/nginx/mime.types", programs::NGINX_TYPES),
        ("/docker-entrypoint.d/10-listen-on-ipv6-by-default.sh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/15-local-resolvers.envsh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/20-envsubst-on-templates.sh", DONE_BY_SAYA),
        ("/docker-entrypoint.d/30-tune-worker-processes.sh", DONE_BY_SAYA),
    ],
    since: (0, 0),
    user: 101,
    ..IMAGE
};

const DONE_BY_SAYA: &str = "# Saya does what this script does without running it.\n";
const INDEX: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";
const OLD_INDEX: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\n    body {\n        width: 35em;\n        margin: 0 auto;\n        font-family: Tahoma, Verdana, Arial, sans-serif;\n    }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";
const ERROR: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n</head>\n<body>\n<h1>An error occurred.</h1>\n<p>Sorry, the page you are looking for is currently unavailable.<br/>\nPlease try again later.</p>\n<p><em>Faithfully yours, nginx.</em></p>\n</body>\n</html>\n";
const UNPRIVILEGED_CONFIGURATION: &str = "worker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /tmp/nginx.pid;\n\n\nevents {\n    worker_connections  1024;\n}\n\n\nhttp {\n    proxy_temp_path /tmp/proxy_temp;\n    client_body_temp_path /tmp/client_temp;\n    fastcgi_temp_path /tmp/fastcgi_temp;\n    uwsgi_temp_path /tmp/uwsgi_temp;\n    scgi_temp_path /tmp/scgi_temp;\n\n    include       /etc/nginx/mime.types;\n    default_type  application/octet-stream;\n\n    log_format  main  '$remote_addr - $remote_user [$time_local] \"$request\" '\n                      '$status $body_bytes_sent \"$http_referer\" '\n                      '\"$http_user_agent\" \"$http_x_forwarded_for\"';\n\n    access_log  /var/log/nginx/access.log  main;\n\n    sendfile        on;\n    #tcp_nopush     on;\n\n    keepalive_timeout  65;\n\n    #gzip  on;\n\n    include /etc/nginx/conf.d/*.conf;\n}\n";
const UNPRIVILEGED_SERVER: &str = "server {\n    listen       8080;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n\n    error_page   500 502 503 504  /50x.html;\n    location = /50x.html {\n        root   /usr/share/nginx/html;\n    }\n}\n";
