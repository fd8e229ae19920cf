//! Images of books and courses that say where they run and what they were asked: nginx with a server of its own, and what is
//! used beside it.

use super::{Image, System};
use crate::programs;

/// nginx on Alpine that is configured anew.
const NGINX: Image = Image {
    size: 17000000,
    system: System::Alpine,
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NGINX_VERSION", "1.26.0"),
    ],
    versions: &[],
    past: &[],
    since: (0, 0),
    ..super::nginx::IMAGE
};

/// Kubernetes Perfect Guide's server: what it was asked, by whom, and which Pod answers.
pub const ECHO_NGINX: Image = Image {
    repositories: &["amsy810/echo-nginx"],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("NGINX_VERSION", "1.19.2"),
        ("NGINX_PORT", "80"),
    ],
    files: &[
        ("/etc/nginx/nginx.conf", programs::NGINX_OLD_CONFIGURATION),
        ("/etc/nginx/mime.types", programs::NGINX_TYPES),
        (
            "/etc/nginx/conf.d/default.conf",
            "server {\n    listen       __NGINX_PORT__;\n    server_name  _;\n    location / {\n        add_header 'Content-Type' 'text/plain';\n        return 200 \"Host=$host  Path=$request_uri  From=$hostname  ClientIP=$remote_addr  XFF=$http_x_forwarded_for\\n\";\n    }\n}\n",
        ),
        (
            "/entrypoint.sh",
            "#!/bin/sh\nsed -i \"s|__NGINX_PORT__|${NGINX_PORT}|g\" /etc/nginx/conf.d/default.conf\nnginx -g 'daemon off;'\n",
        ),
    ],
    entrypoint: &["/entrypoint.sh"],
    command: &[],
    ..NGINX
};

/// The same book's tools.
pub const TOOLS: Image = Image {
    repositories: &["amsy810/tools"],
    size: 90000000,
    system: System::Ubuntu,
    tools: &["curl", "dig", "git", "host", "jq", "nslookup", "wget"],
    entrypoint: &["/bin/sleep"],
    command: &["infinity"],
    ..Image::BASE
};

/// The same book's Job that fails every other time.
pub const RANDOM_EXIT: Image = Image {
    repositories: &["amsy810/random-exit"],
    size: 26000000,
    system: System::Ubuntu,
    files: &[(
        "/entrypoint.sh",
        "#!/bin/bash\n\nif [ $(($RANDOM % 2)) -eq 0 ]; then\n  echo \"Succeeded\"\n  exit 0\nelse\n  echo \"Failed\"\n  exit 1\nfi\n",
    )],
    entrypoint: &["/entrypoint.sh"],
    ..Image::BASE
};

/// A Korean book's server: the name of the Pod that answers.
pub const ECHO_HNAME: Image = Image {
    repositories: &["sysnet4admin/echo-hname", "sysnet4admin/chk-hn"],
    files: &[
        (
            "/etc/nginx/nginx.conf",
            "events {}\n\nhttp {\n    server {\n        listen 80;\n        default_type text/plain;\n\n        location / {\n            return 200 \"$hostname\\n\";\n        }\n    }\n}\n",
        ),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
    ],
    ..NGINX
};

/// The same book's: the address that was asked.
pub const ECHO_IP: Image = Image {
    repositories: &["sysnet4admin/echo-ip", "sysnet4admin/chk-ip"],
    files: &[
        (
            "/etc/nginx/nginx.conf",
            "events {}\n\nhttp {\n    server {\n        listen 80;\n        default_type text/plain;\n\n        location / {\n            return 200 \"request_method : $request_method | ip_dest: $server_addr\\n\";\n        }\n    }\n}\n",
        ),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
    ],
    ..NGINX
};

/// The same book's: both, and a log for each Pod in `/audit`.
pub const AUDIT_TRAIL: Image = Image {
    repositories: &["sysnet4admin/audit-trail", "sysnet4admin/chk-log"],
    files: &[
        (
            "/etc/nginx/nginx.conf",
            "events {}\n\nhttp {\n    server {\n        listen 80;\n        default_type text/plain;\n        access_log /audit/audit_$hostname.log;\n\n        location / {\n            return 200 \"pod_n: $hostname | ip_dest: $server_addr\\n\";\n        }\n    }\n}\n",
        ),
        ("/etc/nginx/conf.d/default.conf", programs::NGINX_DEFAULT),
    ],
    folders: &["/var/cache/nginx", "/audit"],
    stop: crate::container::signal::Signal::TERM,
    ..NGINX
};

/// A Korean guide's server: the name of the Pod that answers.
pub const FASTIFY_ECHO: Image = Image {
    repositories: &["ghcr.io/subicura/echo"],
    size: 42000000,
    system: System::Alpine,
    tools: &["curl"],
    programs: &[("/sbin/tini", "tini"), ("/usr/local/bin/node", "fastify/echo")],
    entrypoint: &["/sbin/tini", "--"],
    command: &["node", "app.js"],
    directory: "/app",
    files: APP,
    ..Image::BASE
};

/// The same guide's: how often it was asked, which a Redis keeps.
pub const COUNTER: Image = Image {
    repositories: &["ghcr.io/subicura/counter"],
    programs: &[("/sbin/tini", "tini"), ("/usr/local/bin/node", "fastify/counter")],
    calls: &[6379],
    ..FASTIFY_ECHO
};

/// The University of Helsinki's course: a word every five seconds.
pub const DWK_HASHES: Image = dwk(&["jakousa/dwk-app1"], &[("/usr/local/bin/node", "dwk/hashes")]);
/// A word for each request.
pub const DWK_HASH_RESPONSE: Image =
    dwk(&["jakousa/dwk-app2"], &[("/usr/local/bin/node", "dwk/hash-response")]);
/// A server whose tags are a way to fail each.
pub const DWK_FLAKY: Image = dwk(&["jakousa/dwk-app8"], &[("/usr/local/bin/node", "dwk/flaky:$t")]);

const fn dwk(
    repositories: &'static [&'static str],
    programs: &'static [(&'static str, &'static str)],
) -> Image {
    Image {
        repositories,
        programs,
        tools: &[],
        entrypoint: &[],
        command: &["node", "index.js"],
        directory: "/usr/src/app",
        files: &[("/usr/src/app/index.js", "// Saya does what this script does without running it.\n")],
        ..FASTIFY_ECHO
    }
}

/// IBM's guestbook, of Kube 101.
pub const IBM_GUESTBOOK: Image = Image {
    repositories: &["ibmcom/guestbook"],
    size: 5000000,
    system: System::OldBusyBox,
    programs: &[("/app/guestbook", "ibm-guestbook/$t")],
    calls: &[6379],
    command: &["./guestbook"],
    directory: "/app",
    ..Image::BASE
};

/// Tells what it was asked; the tutorials of gateways and meshes deploy it.
pub const HTTPBIN: Image = Image {
    repositories: &["kennethreitz/httpbin"],
    size: 195000000,
    system: System::Ubuntu,
    programs: &[("/usr/local/bin/gunicorn", "httpbin")],
    environment: &[
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LC_ALL", "C.UTF-8"),
        ("LANG", "C.UTF-8"),
    ],
    command: &["gunicorn", "-b", "0.0.0.0:80", "httpbin:app", "-k", "gevent"],
    directory: "/",
    memory: 50,
    ..Image::BASE
};

/// Azure's voting app, of the course of its Kubernetes service.
pub const AZURE_VOTE: Image = Image {
    repositories: &["mcr.microsoft.com/azuredocs/azure-vote-front", "microsoft/azure-vote-front"],
    size: 330000000,
    programs: &[("/usr/bin/supervisord", "azure-vote")],
    tools: &["curl"],
    environment: &[
        ("PATH", "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LANG", "C.UTF-8"),
    ],
    command: &["/usr/bin/supervisord"],
    calls: &[6379],
    directory: "/app",
    memory: 60,
    ..Image::BASE
};

const APP: &[(&str, &str)] = &[("/app/app.js", "// Saya does what this script does without running it.\n")];
