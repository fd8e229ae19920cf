//! The configuration that nginx's packages bring.

use std::sync::LazyLock;

use super::Loaded;
use crate::base::Date;
use crate::container::files::{Credentials, Files, View, Volumes};

/// With how many workers, from which level on it logs, and where the number of its process lies.
macro_rules! configuration {
    ($workers:literal, $level:literal, $run:literal) => {
        concat!("\nuser  nginx;\nworker_processes  ", $workers, ";\n\nerror_log  /var/log/nginx/error.log ", $level, ";\npid        ", $run, "/nginx.pid;\n\n\nevents {\n    worker_connections  1024;\n}\n\n\nhttp {\n    include       /etc/nginx/mime.types;\n    default_type  application/octet-stream;\n\n    log_format  main  '$remote_addr - $remote_user [$time_local] \"$request\" '\n                      '$status $body_bytes_sent \"$http_referer\" '\n                      '\"$http_user_agent\" \"$http_x_forwarded_for\"';\n\n    access_log  /var/log/nginx/access.log  main;\n\n    sendfile        on;\n    #tcp_nopush     on;\n\n    keepalive_timeout  65;\n\n    #gzip  on;\n\n    include /etc/nginx/conf.d/*.conf;\n}\n")
    };
}

/// `/etc/nginx/nginx.conf`.
pub const CONFIGURATION: &str = configuration!("auto", "notice", "/run");

/// The same as it was before 1.20.
pub const OLD_CONFIGURATION: &str = configuration!("1", "warn", "/var/run");

/// `/etc/nginx/conf.d/default.conf`.
pub const DEFAULT: &str = "server {\n    listen       80;\n    server_name  localhost;\n\n    #access_log  /var/log/nginx/host.access.log  main;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n\n    #error_page  404              /404.html;\n\n    # redirect server error pages to the static page /50x.html\n    #\n    error_page   500 502 503 504  /50x.html;\n    location = /50x.html {\n        root   /usr/share/nginx/html;\n    }\n}\n";

/// `/etc/nginx/mime.types`, as far as people meet them.
pub const TYPES: &str = "
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    image/x-icon                                     ico;
    application/json                                 json;
}
";

const FOLDER: &str = "/etc/nginx/conf.d";
const FILES: [&str; 3] = [super::CONFIGURATION, "/etc/nginx/mime.types", "/etc/nginx/conf.d/default.conf"];

/// [`DEFAULT`] as the image's script leaves it, which has it listen on IPv6 too.
pub static WITH_IPV6: LazyLock<String> =
    LazyLock::new(|| DEFAULT.replace("listen       80;", "listen       80;\n    listen  [::]:80;"));

/// The packages' configuration as the image's script leaves it, where nobody has changed it: nearly every container has
/// it, and shares it.
pub(super) fn unchanged(view: &View<'_>) -> Option<Loaded> {
    let texts = [CONFIGURATION, TYPES, WITH_IPV6.as_str()];
    static LOADED: LazyLock<Loaded> = LazyLock::new(|| {
        let mut files = Files::default();
        for (file, text) in FILES.iter().zip([CONFIGURATION, TYPES, &WITH_IPV6]) {
            files.root.add_file(file, text, 0o644);
        }
        let (mut volumes, root) = (Volumes::new(), Credentials::root());
        let view = files.view(&mut volumes, &root, "/", Date::default());
        Loaded::read(&view, super::CONFIGURATION).unwrap_or_default()
    });
    let is = |(file, text): (&&str, &str)| view.read(file).is_ok_and(|bytes| **bytes == *text.as_bytes());
    let alone =
        || view.list(FOLDER).is_ok_and(|names| matches!(&names[..], [name] if &**name == "default.conf"));
    (FILES.iter().zip(texts).all(is) && alone()).then(|| LOADED.clone())
}
