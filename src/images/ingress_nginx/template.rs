//! The configuration of nginx that the routes make (ingress-nginx, `nginx.tmpl`), as far as Saya's nginx goes by it.

use std::fmt::Write;

use super::routes::{ANY, Location, PathType, Routes, Server};

/// What is the same for all routes, before the servers.
const BEGINNING: &str = r#"pid /tmp/nginx/nginx.pid;
daemon off;
worker_processes 2;
worker_rlimit_nofile 1047552;
events {
	multi_accept        on;
	worker_connections  16384;
	use                 epoll;
}
http {
	keepalive_timeout  75s;
	server_tokens off;
	client_body_temp_path /tmp/nginx/client-body;
	# What follows a request to the Pod behind it.
	map $http_x_request_id $req_id {
		default   $http_x_request_id;
		""        $request_id;
	}
	map $http_host $best_http_host {
		default   $http_host;
		""        $host;
	}
	map $http_upgrade $connection_upgrade {
		default   upgrade;
		""        "";
	}
	map $scheme $hsts {
		https     "max-age=31536000; includeSubDomains";
	}
	log_format upstreaminfo '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id';
	access_log /var/log/nginx/access.log upstreaminfo;
	error_log /var/log/nginx/error.log notice;
	proxy_http_version 1.1;
	# The Pods are not listed here: nginx is told of them while it runs.
	upstream upstream_balancer {
		server 0.0.0.1;
		balancer_by_lua_file /etc/nginx/lua/nginx/ngx_conf_balancer.lua;
	}
	upstream upstream-default-backend {
		server 127.0.0.1:8181;
	}
"#;

/// What is the same for all routes, after the servers: what answers where nothing else does.
const END: &str = r#"	server {
		listen 8181 default_server;
		set $proxy_upstream_name "internal";
		access_log off;
		location / {
			return 404;
		}
	}
}
"#;

/// The whole file.
pub fn write(routes: &Routes) -> String {
    let mut text = BEGINNING.to_owned();
    for (host, server) in &routes.servers {
        write_server(&mut text, routes, host, server);
    }
    text + END
}

fn write_server(text: &mut String, routes: &Routes, host: &str, server: &Server) {
    let default = if host == ANY { " default_server" } else { "" };
    let _ = write!(
        text,
        "\t## start server {host}\n\tserver {{\n\t\tserver_name {host} ;\n\t\tlisten 80{default} ;\n\t\tlisten 443{default} ssl;\n\t\tssl_certificate {CERTIFICATE};\n\t\tssl_certificate_key {CERTIFICATE};\n\t\tset $proxy_upstream_name \"-\";\n\t\tset $proxy_alternative_upstream_name \"\";\n"
    );
    if server.tls.is_some() && routes.hsts {
        text.push_str("\t\tadd_header Strict-Transport-Security $hsts always;\n");
    }
    if let Some(root) = server.locations.iter().find_map(|own| own.says("app-root")) {
        let _ = write!(text, "\t\tif ($uri = /) {{\n\t\t\treturn 302 $scheme://$http_host{root};\n\t\t}}\n");
    }
    let patterns = server.locations.iter().any(Location::is_pattern);
    let is_exact =
        |path: &str| server.locations.iter().any(|own| own.path == path && own.path_type == PathType::Exact);
    for location in &server.locations {
        let path = &location.path;
        // A path that is compared by its parts is there with what follows it, and alone.
        let by_parts = location.path_type == PathType::Prefix && path != "/" && !location.is_pattern();
        let forms = match (patterns, by_parts) {
            (true, true) => {
                vec![format!("~* \"^{}/\"", path.trim_end_matches('/')), format!("~* \"^{path}\"")]
            }
            (true, false) => vec![format!("~* \"^{path}\"")],
            (false, true) if is_exact(path) => vec![format!("{}/", path.trim_end_matches('/'))],
            (false, true) => vec![format!("{}/", path.trim_end_matches('/')), format!("= {path}")],
            (false, false) if location.path_type == PathType::Exact => vec![format!("= {path}")],
            (false, false) => vec![path.clone()],
        };
        for form in forms {
            write_location(text, &form, location, server.tls.is_some());
        }
    }
    if !server.locations.iter().any(|own| own.path == "/" && own.path_type != PathType::Exact) {
        let form = if patterns { "~* \"^/\"" } else { "/" };
        let _ = write!(
            text,
            "\t\tlocation {form} {{\n\t\t\tset $proxy_upstream_name \"upstream-default-backend\";\n{HEADERS}\t\t\tproxy_pass http://upstream-default-backend;\n\t\t}}\n"
        );
    }
    if host == ANY {
        text.push_str("\t\tlocation = /healthz {\n\t\t\taccess_log off;\n\t\t\treturn 200;\n\t\t}\n");
    }
    let _ = write!(text, "\t}}\n\t## end server {host}\n");
}

fn write_location(text: &mut String, form: &str, location: &Location, tls: bool) {
    let (service, port) = &location.service;
    let (namespace, ingress) = (&location.ingress.namespace, &location.ingress.name);
    let _ = write!(
        text,
        "\t\tlocation {form} {{\n\t\t\tset $namespace      \"{namespace}\";\n\t\t\tset $ingress_name   \"{ingress}\";\n\t\t\tset $service_name   \"{service}\";\n\t\t\tset $service_port   \"{port}\";\n\t\t\tset $location_path  \"{}\";\n\t\t\tset $proxy_upstream_name \"{}\";\n",
        // nginx has no other way to write the sign of a variable.
        location.path.replace('$', "${literal_dollar}"),
        location.backend
    );
    if location.is_set("force-ssl-redirect") || tls && location.says("ssl-redirect") != Some("false") {
        text.push_str(
            "\t\t\tif ($scheme = http) {\n\t\t\t\treturn 308 https://$best_http_host$request_uri;\n\t\t\t}\n",
        );
    }
    for (annotation, rule, last) in
        [("denylist-source-range", "deny", ""), ("whitelist-source-range", "allow", "\t\t\tdeny all;\n")]
    {
        if let Some(ranges) = location.says(annotation) {
            for range in ranges.split(',') {
                let _ = writeln!(text, "\t\t\t{rule} {};", range.trim());
            }
            text.push_str(last);
        }
    }
    let code = location.says("permanent-redirect-code").unwrap_or("301");
    for (annotation, code) in [("permanent-redirect", code), ("temporal-redirect", "302")] {
        if let Some(target) = location.says(annotation) {
            let _ = writeln!(text, "\t\t\treturn {code} {target};");
        }
    }
    let host = location.says("upstream-vhost").unwrap_or("$best_http_host");
    let _ = write!(text, "\t\t\tproxy_set_header Host \"{host}\";\n{HEADERS}");
    if let Some(target) = location.rewritten() {
        let _ = writeln!(text, "\t\t\trewrite \"(?i){}\" {target} break;", location.path);
    }
    let scheme = if location.says("backend-protocol") == Some("HTTPS") { "https" } else { "http" };
    let _ = write!(text, "\t\t\tproxy_pass {scheme}://upstream_balancer;\n\t\t}}\n");
}

/// The certificate that all hosts are served with: Lua chooses another one, which Saya does not go by.
pub const CERTIFICATE: &str = "/etc/ingress-controller/ssl/default-fake-certificate.pem";

const HEADERS: &str = "\t\t\tproxy_set_header Connection $connection_upgrade;
\t\t\tproxy_set_header X-Request-ID $req_id;
\t\t\tproxy_set_header X-Real-IP $remote_addr;
\t\t\tproxy_set_header X-Forwarded-For $remote_addr;
\t\t\tproxy_set_header X-Forwarded-Host $best_http_host;
\t\t\tproxy_set_header X-Forwarded-Port $server_port;
\t\t\tproxy_set_header X-Forwarded-Proto $scheme;
\t\t\tproxy_set_header X-Forwarded-Scheme $scheme;
\t\t\tproxy_set_header X-Scheme $scheme;
";
