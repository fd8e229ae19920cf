//! What nginx answers to a request: by its servers, its locations and its files.

use smol_str::SmolStr;

use std::time::Duration;

use super::configuration::{Block, number_of};
use super::{Answer, Nginx, port_of};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::programs::http::{Request, Response, kind_of};

impl Nginx {
    pub(super) fn server_of(&self, request: &Request) -> Option<&Block> {
        let host = request.header("host").unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let listens = |server: &&Block| {
            let mut ports: Vec<u16> = server.all("listen").filter_map(|own| port_of(&own.words[1])).collect();
            if ports.is_empty() {
                ports.push(80);
            }
            ports.contains(&request.port)
        };
        let named = |server: &&Block| {
            server.find("server_name").is_some_and(|own| own.words[1..].iter().any(|name| name == host))
        };
        let fits: Vec<&Block> = self.servers.iter().filter(listens).collect();
        fits.iter().copied().find(named).or(fits.first().copied())
    }

    /// An answer of nginx's own with what all of them begin with.
    pub(super) fn headed(&self, mut response: Response, date: crate::base::Date) -> Response {
        let date = date.rfc1123().replace("+0000", "GMT");
        response.headers.splice(0..0, [("Server", format!("nginx/{}", self.version)), ("Date", date)]);
        response
    }

    /// One of nginx's own pages.
    pub(super) fn page(&self, status: u16) -> Response {
        let text = match status {
            405 => "Not Allowed",
            503 => "Service Temporarily Unavailable",
            504 => "Gateway Time-out",
            status => crate::programs::http::reason(status),
        };
        let body = format!(
            "<html>\r\n<head><title>{status} {text}</title></head>\r\n<body>\r\n<center><h1>{status} {text}</h1></center>\r\n<hr><center>nginx/{}</center>\r\n</body>\r\n</html>\r\n",
            self.version
        );
        let mut response = Response::new(status, "text/html", body);
        response.reason = Some(text);
        let keeps = if status == 500 || status == 400 { "close" } else { "keep-alive" };
        response.headers.push(("Connection", keeps.into()));
        response
    }

    pub(super) fn answer(&mut self, kernel: &mut Kernel<'_>, request: &Request) -> Answer {
        match self.route(kernel, request) {
            Answer::Response(response) => Answer::Response(self.headed(response, kernel.date())),
            pass => pass,
        }
    }

    pub(super) fn location<'s>(&'s self, server: &'s Block, path: &str) -> Option<&'s Block> {
        let mut best: Option<(&Block, usize)> = None;
        for location in server.all("location") {
            let words: Vec<&str> = location.words[1..].iter().map(SmolStr::as_str).collect();
            match words[..] {
                ["=", exact] if exact == path => return Some(location),
                [prefix] | ["^~", prefix]
                    if path.starts_with(prefix) && best.is_none_or(|(_, length)| prefix.len() > length) =>
                {
                    best = Some((location, prefix.len()));
                }
                _ => {}
            }
        }
        let by_pattern = server.all("location").find(|own| {
            let [_, mark, pattern] = &own.words[..] else { return false };
            mark.starts_with('~')
                && crate::container::regex::Regex::extended(pattern, mark == "~*")
                    .is_ok_and(|regex| regex.is_match(path))
        });
        by_pattern.or(best.map(|(location, _)| location))
    }

    pub(super) fn route(&mut self, kernel: &mut Kernel<'_>, request: &Request) -> Answer {
        let path = request.path();
        let Some(server) = self.server_of(request).cloned() else { return Answer::Response(self.page(404)) };
        if !path.starts_with('/') || request.method == "BAD" {
            return Answer::Response(self.page(400));
        }
        let location = self.location(&server, &path).cloned().unwrap_or_default();
        for block in [&location, &server] {
            if let Some(found) = block.find("return") {
                return Answer::Response(self.returned(&found.words[1..], request));
            }
        }
        if let Some(url) = location.value("proxy_pass") {
            let (host, rest) = host_of(url);
            let prefix = location.words.last().map_or("/", SmolStr::as_str);
            let target = match rest {
                Some(rest) => format!("{rest}{}", &request.target[prefix.len().min(request.target.len())..]),
                None => request.target.clone(),
            };
            let upstream = server
                .all("upstream")
                .find(|own| own.words.get(1).is_some_and(|name| *name == host))
                .and_then(|own| own.value("server"));
            let patience = location.value("proxy_connect_timeout").or(server.value("proxy_connect_timeout"));
            let patience = patience.and_then(|text| text.trim_end_matches('s').parse().ok()).unwrap_or(60);
            let upstream = upstream.unwrap_or(&host).to_owned();
            return Answer::Pass(upstream, target, Duration::from_secs(patience));
        }
        if request.method != "GET" && request.method != "HEAD" {
            return Answer::Response(self.page(405));
        }
        let value = |name: &str| location.value(name).or_else(|| server.value(name));
        let root = value("root").unwrap_or("/etc/nginx/html");
        let prefix = location.words.last().map_or("", SmolStr::as_str);
        let file = match location.value("alias") {
            Some(alias) => {
                format!("{}{}", alias.trim_end_matches('/'), &path[prefix.trim_end_matches('/').len()..])
            }
            None => format!("{}{path}", root.trim_end_matches('/')),
        };
        let index = location.find("index").or_else(|| server.find("index"));
        let indexes: Vec<SmolStr> =
            index.map_or_else(|| vec![SmolStr::new_static("index.html")], |own| own.words[1..].to_vec());
        if let Some(tries) = location.find("try_files") {
            let count = tries.words.len();
            for (at, own) in tries.words[1..].iter().enumerate() {
                let own = own.replace("$uri", &path);
                if at + 2 == count {
                    if let Some(status) = own.strip_prefix('=').and_then(|text| text.parse().ok()) {
                        return Answer::Response(self.page(status));
                    }
                    return Answer::Response(self.file(kernel, request, &format!("{root}{own}"), &path));
                }
                let file = format!("{root}{own}");
                if own.ends_with('/') && kernel.files().is_directory(&file)
                    || kernel.files().exists(&file) && !kernel.files().is_directory(&file)
                {
                    return Answer::Response(self.place(
                        kernel,
                        request,
                        &file,
                        &own,
                        &indexes,
                        value("autoindex") == Some("on"),
                    ));
                }
            }
        }
        Answer::Response(self.place(
            kernel,
            request,
            &file,
            &path,
            &indexes,
            value("autoindex") == Some("on"),
        ))
    }

    pub(super) fn returned(&self, words: &[SmolStr], request: &Request) -> Response {
        let first = words.first().map_or("", SmolStr::as_str);
        let (status, text) = match first.parse::<u16>() {
            Ok(status) => (status, words.get(1).map(SmolStr::to_string)),
            Err(_) => (302, Some(first.to_owned())),
        };
        let fill = |text: &str| {
            let host = request.header("host").unwrap_or_default();
            text.replace("$hostname", "")
                .replace("$host", host)
                .replace("$request_uri", &request.target)
                .replace("$uri", &request.path())
        };
        match text {
            Some(to) if (300..400).contains(&status) => {
                let mut response = self.page(status);
                response.headers.push(("Location", fill(&to)));
                if status == 302 {
                    response.reason = Some("Moved Temporarily");
                }
                response
            }
            Some(text) => {
                let mut response = Response::new(status, "application/octet-stream", fill(&text));
                response.headers.push(("Connection", "keep-alive".into()));
                response
            }
            None => self.page(status),
        }
    }

    /// What is at a place of the file system.
    pub(super) fn place(
        &self,
        kernel: &mut Kernel<'_>,
        request: &Request,
        file: &str,
        path: &str,
        indexes: &[SmolStr],
        listed: bool,
    ) -> Response {
        let folder = file.trim_end_matches('/');
        if !kernel.files().is_directory(if folder.is_empty() { "/" } else { folder }) {
            return self.file(kernel, request, file, path);
        }
        if !path.ends_with('/') {
            let mut response = self.page(301);
            let host = request.header("host").unwrap_or("localhost");
            response
                .headers
                .insert(response.headers.len() - 1, ("Location", format!("http://{host}{path}/")));
            return response;
        }
        for index in indexes {
            let index = format!("{folder}/{index}");
            if kernel.files().exists(&index) {
                return self.file(kernel, request, &index, path);
            }
        }
        if listed {
            let mut body = format!(
                "<html>\r\n<head><title>Index of {path}</title></head>\r\n<body>\r\n<h1>Index of {path}</h1><hr><pre><a href=\"../\">../</a>\r\n"
            );
            for name in kernel.files().list(folder).unwrap_or_default() {
                let slash = if kernel.files().is_directory(&format!("{folder}/{name}")) { "/" } else { "" };
                body.push_str(&format!("<a href=\"{name}{slash}\">{name}{slash}</a>\r\n"));
            }
            let mut response = Response::new(200, "text/html", body + "</pre><hr></body>\r\n</html>\r\n");
            response.headers.push(("Connection", "keep-alive".into()));
            return response;
        }
        self.complain(
            kernel,
            self.number,
            &format!("directory index of \"{folder}/\" is forbidden"),
            request,
            None,
        );
        self.page(403)
    }

    pub(super) fn file(
        &self,
        kernel: &mut Kernel<'_>,
        request: &Request,
        file: &str,
        _path: &str,
    ) -> Response {
        match kernel.files().read(file) {
            Ok(bytes) => {
                let modified = kernel.files().stat(file).map_or(kernel.date(), |stat| stat.modified);
                let mut response = Response::new(200, kind_of(file), bytes.to_vec());
                let tag = format!("\"{:x}-{:x}\"", modified.0, bytes.len());
                response.headers.extend([
                    ("Last-Modified", modified.rfc1123().replace("+0000", "GMT")),
                    ("Connection", "keep-alive".to_owned()),
                    ("ETag", tag),
                    ("Accept-Ranges", "bytes".to_owned()),
                ]);
                response
            }
            Err(errno) => {
                let status = if errno == Errno::PermissionDenied { 403 } else { 404 };
                let text = format!("open() \"{file}\" failed ({}: {errno})", number_of(errno));
                self.complain(kernel, self.number, &text, request, None);
                self.page(status)
            }
        }
    }

    /// The answer of another server, as nginx hands it on.
    pub(super) fn passed(&self, bytes: &[u8]) -> Response {
        let Some(mut response) = Response::passed_on(bytes) else { return self.page(502) };
        response.headers.push(("Connection", "keep-alive".into()));
        response
    }
}

/// Host and port of a URL, and its path where it has one.
fn host_of(url: &str) -> (String, Option<String>) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.find('/') {
        Some(at) => (rest[..at].to_owned(), Some(rest[at..].to_owned())),
        None => (rest.to_owned(), None),
    }
}
