//! What nginx answers to a request: by its servers, its locations and its files.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::answers::{kept_alive, kind_of};
use super::configuration::{Block, number_of};
use super::exchange::Exchange;
use super::rewriting::{Rewritten, groups};
use super::upstream::{host_and_port, parts};
use super::{Nginx, balancer, port_of, speaks_tls};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::regex::Regex;
use crate::programs::http::{Request, Response};
use crate::programs::outward::Call;

/// How often a request may be sent to another location (`NGX_HTTP_MAX_URI_CHANGES`).
const MOST_CHANGES: u32 = 10;

/// What comes of a request.
pub(super) enum Answer {
    Response(Response),
    /// Another server is asked; where it does not take connections, the next of these.
    Pass(Box<Call>, Vec<SocketAddr>),
}

impl Nginx {
    pub(super) fn server_of(&self, request: &Request) -> Option<&Arc<Block>> {
        let host = request.header("host").unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let listens = |server: &&Arc<Block>| {
            let mut all = server.all("listen").filter_map(|own| port_of(&own.words[1])).peekable();
            if all.peek().is_none() { request.port == 80 } else { all.any(|port| port == request.port) }
        };
        let named = |server: &&Arc<Block>| {
            let mut names = server.all("server_name").flat_map(|own| &own.words[1..]);
            names.any(|name| match name.strip_prefix("*.") {
                Some(end) => host.strip_suffix(end).is_some_and(|start| start.ends_with('.')),
                None => name == host,
            })
        };
        let is_default = |server: &&Arc<Block>| {
            server.all("listen").any(|own| own.words[1..].iter().any(|word| word == "default_server"))
        };
        let fits: Vec<&Arc<Block>> = self.loaded.servers.iter().filter(listens).collect();
        let found = fits.iter().copied().find(named);
        found.or_else(|| fits.iter().copied().find(is_default)).or(fits.first().copied())
    }

    /// Answers a request, or asks another server.
    pub(super) fn answer(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange) -> Answer {
        if exchange.request.method == "BAD" || !exchange.uri.starts_with('/') {
            return Answer::Response(self.page(400, exchange));
        }
        if speaks_tls(&exchange.server, exchange.request.port) && !exchange.request.secure {
            return Answer::Response(self.page(497, exchange));
        }
        let server = exchange.server.clone();
        match self.rewrite(kernel, exchange, &server.inner) {
            Rewritten::Answer(response) => Answer::Response(response),
            _ => self.locate(kernel, exchange, 0),
        }
    }

    /// What the server, or the location, answers an error with.
    pub(super) fn refuse(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, status: u16) -> Answer {
        let code = status.to_string();
        let page = exchange
            .all("error_page")
            .into_iter()
            .find(|own| own.words[1..].iter().any(|word| *word == code))
            .filter(|_| exchange.error.is_none());
        let Some(words) = page.map(|own| own.words.clone()) else {
            return Answer::Response(self.page(status, exchange));
        };
        let other = words.iter().find_map(|word| word.strip_prefix('='));
        exchange.error = Some(other.map_or(status, |text| text.parse().unwrap_or(200)));
        let target = exchange.fill(kernel, words.last().map_or("", SmolStr::as_str));
        if target.contains("://") {
            return Answer::Response(self.moved(exchange, 302, &target));
        }
        exchange.request.method = "GET".into();
        self.go_to(kernel, exchange, &target, 1)
    }

    /// Sends a request to another path, or to a location by its name.
    fn go_to(
        &mut self,
        kernel: &mut Kernel<'_>,
        exchange: &mut Exchange,
        target: &str,
        changes: u32,
    ) -> Answer {
        if target.starts_with('@') {
            let server = exchange.server.clone();
            let mut all = server.all("location");
            let Some(location) = all.find(|own| own.words.get(1).is_some_and(|name| *name == target)) else {
                return Answer::Response(self.page(500, exchange));
            };
            exchange.location = location.clone();
            return self.serve(kernel, exchange, changes);
        }
        let (path, args) = target.split_once('?').unwrap_or((target, &exchange.args));
        (exchange.uri, exchange.args) = (path.to_owned(), args.to_owned());
        self.locate(kernel, exchange, changes)
    }

    /// Finds the location of a path, and serves it there.
    fn locate(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, changes: u32) -> Answer {
        if changes > MOST_CHANGES {
            let text = "rewrite or internal redirection cycle while internally redirecting to";
            self.complain(kernel, &format!("{text} \"{}\"", exchange.uri), exchange, None);
            return Answer::Response(self.page(500, exchange));
        }
        let server = exchange.server.clone();
        exchange.location = location(&server, exchange).cloned().unwrap_or_default();
        if exchange.location.find("internal").is_some() && changes == 0 {
            return self.refuse(kernel, exchange, 404);
        }
        self.serve(kernel, exchange, changes)
    }

    /// Serves a request at the location that it has come to.
    fn serve(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, changes: u32) -> Answer {
        let inner = exchange.location.inner.clone();
        match self.rewrite(kernel, exchange, &inner) {
            Rewritten::Answer(response) => return Answer::Response(response),
            Rewritten::Changed => return self.locate(kernel, exchange, changes + 1),
            Rewritten::Stays => {}
        }
        let served = match self.admit(kernel, exchange) {
            Ok(()) => self.content(kernel, exchange, changes),
            Err(status) => Err(status),
        };
        served.unwrap_or_else(|status| self.refuse(kernel, exchange, status))
    }

    /// Whether the client may come in: by its address, and by its name.
    fn admit(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange) -> Result<(), u16> {
        let places = [&exchange.location, &*exchange.server, &*exchange.http];
        let place =
            places.into_iter().find(|place| place.find("deny").or_else(|| place.find("allow")).is_some());
        let rules = place.into_iter().flat_map(|place| &place.inner);
        let from = exchange.request.from.map(|from| from.ip().to_canonical());
        let fits = |own: &&Block| {
            let text = own.words.get(1).map_or("", SmolStr::as_str);
            text == "all"
                || text.parse().ok() == from
                || text.contains('/') && from.is_some_and(|ip| crate::network::policy::contains(text, ip))
        };
        let rule = rules.filter(|own| matches!(own.name(), "allow" | "deny")).find(fits);
        if rule.is_some_and(|own| own.name() == "deny") {
            self.complain(kernel, "access forbidden by rule", exchange, None);
            return Err(403);
        }
        let Some(file) = exchange.value("auth_basic_user_file").map(str::to_owned) else { return Ok(()) };
        if exchange.value("auth_basic").is_none_or(|realm| realm == "off") {
            return Ok(());
        }
        let Some((user, password)) = exchange.user() else { return Err(401) };
        let path = if file.starts_with('/') { file } else { format!("/etc/nginx/{file}") };
        let read = kernel.files().read(&path);
        let users = read.map_err(|errno| {
            let text = format!("open() \"{path}\" failed ({}: {errno})", number_of(errno));
            self.complain(kernel, &text, exchange, None);
            403_u16
        })?;
        let users = String::from_utf8_lossy(&users).into_owned();
        let mut lines = users.lines().filter_map(|line| line.split_once(':'));
        let Some((_, hash)) = lines.find(|(own, _)| *own == user) else {
            let text = format!("user \"{user}\" was not found in \"{path}\"");
            self.complain(kernel, &text, exchange, None);
            return Err(401);
        };
        let right = match hash.strip_prefix("{PLAIN}") {
            Some(plain) => plain == password,
            None => {
                let text = "(Saya compares passwords of nginx only where they are {PLAIN}.)";
                self.complain(kernel, text, exchange, None);
                return Err(500);
            }
        };
        if right {
            return Ok(());
        }
        self.complain(kernel, &format!("user \"{user}\": password mismatch"), exchange, None);
        Err(401)
    }

    /// What is served at a location: another server's answer, a count, or a file.
    fn content(
        &mut self,
        kernel: &mut Kernel<'_>,
        exchange: &mut Exchange,
        changes: u32,
    ) -> Result<Answer, u16> {
        if exchange.location.find("stub_status").is_some() {
            let count = self.number;
            let text = format!(
                "Active connections: 1 \nserver accepts handled requests\n {count} {count} {count} \nReading: 0 Writing: 1 Waiting: 0 \n"
            );
            return Ok(Answer::Response(kept_alive(Response::new(200, "text/plain", text))));
        }
        if let Some(url) = exchange.location.value("proxy_pass").map(str::to_owned) {
            return self.pass(kernel, exchange, &url);
        }
        if let Some(tries) = exchange.find("try_files").cloned() {
            let root = exchange.value("root").unwrap_or("/etc/nginx/html").to_owned();
            let Some((last, tries)) = tries.words[1..].split_last() else { return Err(500) };
            let found = tries.iter().find_map(|own| {
                let path = exchange.fill(kernel, own);
                let file = format!("{}{path}", root.trim_end_matches('/'));
                let fits = kernel.files().exists(&file)
                    && kernel.files().is_directory(file.trim_end_matches('/')) == own.ends_with('/');
                fits.then_some(path)
            });
            match found {
                Some(path) => exchange.uri = path,
                None => {
                    if let Some(status) = last.strip_prefix('=').and_then(|text| text.parse().ok()) {
                        return Err(status);
                    }
                    let target = exchange.fill(kernel, last);
                    return Ok(self.go_to(kernel, exchange, &target, changes + 1));
                }
            }
        }
        if exchange.request.method != "GET" && exchange.request.method != "HEAD" {
            return Err(405);
        }
        self.place(kernel, exchange).map(|found| {
            found.map_or_else(|index| self.go_to(kernel, exchange, &index, changes + 1), Answer::Response)
        })
    }

    /// Hands a request on to another server.
    fn pass(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, url: &str) -> Result<Answer, u16> {
        let is_fixed = !url.contains('$');
        let url = exchange.fill(kernel, url);
        let (scheme, host, path) = parts(&url);
        let prefix = exchange.location.words.last().map_or("/", SmolStr::as_str);
        let rest = exchange.uri.get(prefix.len()..).unwrap_or_default();
        let query = if exchange.args.is_empty() { String::new() } else { format!("?{}", exchange.args) };
        let target = match path {
            // With variables it is the whole path.
            Some(path) if !is_fixed => path.to_owned(),
            Some(path) => format!("{path}{rest}{query}"),
            None if exchange.uri == exchange.request.path() => exchange.request.target.clone(),
            None => format!("{}{query}", exchange.uri),
        };
        let patience = exchange.value("proxy_connect_timeout");
        let patience = patience.and_then(|text| text.trim_end_matches('s').parse().ok()).unwrap_or(60);
        exchange.proxy_host = host.to_owned();
        let mut headers =
            vec![("Host".to_owned(), host.to_owned()), ("Connection".to_owned(), "close".to_owned())];
        let own: Vec<[SmolStr; 2]> = exchange
            .all("proxy_set_header")
            .iter()
            .map(|own| [own.words[1].clone(), own.words[2].clone()])
            .collect();
        for [name, value] in own {
            let value = exchange.fill(kernel, &value);
            headers.retain(|(own, _)| !own.eq_ignore_ascii_case(&name));
            headers.push((name.to_string(), value));
        }
        let is_set = |name: &str| headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        let passed =
            exchange.request.headers.iter().filter(|(name, _)| !is_set(name)).cloned().collect::<Vec<_>>();
        headers.retain(|(_, value)| !value.is_empty());
        headers.extend(passed);
        let version = exchange.value("proxy_http_version").unwrap_or("1.0");
        let mut bytes = format!("{} {target} HTTP/{version}\r\n", exchange.request.method);
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        let bytes = format!("{bytes}\r\n{}", exchange.request.body).into_bytes();
        let (name, port) = host_and_port(host);
        let port = if scheme == "https" && !host.contains(':') { 443 } else { port };
        let patience = Duration::from_secs(patience);
        let http = exchange.http.clone();
        let by_lua = balancer::chooses(&http, host);
        let mut peers = match by_lua {
            true => self.balanced(kernel, exchange),
            false => self.loaded.upstreams.peers(&http, host),
        };
        if peers.is_empty() && by_lua {
            return Err(503);
        }
        if peers.is_empty() {
            if exchange.find("resolver").is_none() && name.parse::<IpAddr>().is_err() {
                self.complain(kernel, &format!("no resolver defined to resolve {name}"), exchange, None);
                return Err(502);
            }
            // Its own resolver knows nothing of search domains.
            let name = if name.ends_with('.') { name.to_owned() } else { format!("{name}.") };
            return Ok(Answer::Pass(Box::new(Call::new(&name, port, target, bytes, patience)), peers));
        }
        let first = peers.remove(0);
        exchange.upstream = first.to_string();
        let call = Call::new(&first.ip().to_string(), first.port(), target, bytes, patience);
        Ok(Answer::Pass(Box::new(call), peers))
    }

    /// What is at a path of the file system; a folder's index is another path.
    fn place(
        &self,
        kernel: &mut Kernel<'_>,
        exchange: &mut Exchange,
    ) -> Result<Result<Response, String>, u16> {
        let path = exchange.uri.clone();
        let root = exchange.value("root").map_or_else(|| "/etc/nginx/html".to_owned(), str::to_owned);
        let file = match exchange.location.value("alias") {
            Some(alias) => {
                let prefix = exchange.location.words.last().map_or("", SmolStr::as_str);
                let rest = path.get(prefix.trim_end_matches('/').len()..).unwrap_or_default();
                format!("{}{rest}", alias.trim_end_matches('/'))
            }
            None => format!("{}{path}", exchange.fill(kernel, &root).trim_end_matches('/')),
        };
        let folder = file.trim_end_matches('/');
        if !kernel.files().is_directory(if folder.is_empty() { "/" } else { folder }) {
            return self.file(kernel, exchange, &file).map(Ok);
        }
        if !path.ends_with('/') {
            return Ok(Ok(self.moved(exchange, 301, &format!("{path}/"))));
        }
        let indexes = exchange
            .find("index")
            .map_or_else(|| vec![SmolStr::new_static("index.html")], |own| own.words[1..].to_vec());
        for index in indexes {
            let name = exchange.fill(kernel, &index);
            let whole = format!("{folder}/{}", name.trim_start_matches('/'));
            if kernel.files().exists(&whole) {
                // An index is a request of its own, which may come to another location.
                let next = format!("{path}{name}");
                let server = exchange.server.clone();
                exchange.uri.clone_from(&next);
                if location(&server, exchange).is_some_and(|other| *other != exchange.location) {
                    return Ok(Err(next));
                }
                return self.file(kernel, exchange, &whole).map(Ok);
            }
        }
        if exchange.value("autoindex") == Some("on") {
            let mut body = format!(
                "<html>\r\n<head><title>Index of {path}</title></head>\r\n<body>\r\n<h1>Index of {path}</h1><hr><pre><a href=\"../\">../</a>\r\n"
            );
            for name in kernel.files().list(folder).unwrap_or_default() {
                let slash = if kernel.files().is_directory(&format!("{folder}/{name}")) { "/" } else { "" };
                body.push_str(&format!("<a href=\"{name}{slash}\">{name}{slash}</a>\r\n"));
            }
            body.push_str("</pre><hr></body>\r\n</html>\r\n");
            return Ok(Ok(kept_alive(Response::new(200, "text/html", body))));
        }
        self.complain(kernel, &format!("directory index of \"{folder}/\" is forbidden"), exchange, None);
        Err(403)
    }

    fn file(&self, kernel: &mut Kernel<'_>, exchange: &Exchange, file: &str) -> Result<Response, u16> {
        match kernel.files().read(file) {
            Ok(bytes) => {
                let modified = kernel.files().stat(file).map_or(kernel.date(), |stat| stat.modified);
                let mut response = Response::new(200, &kind_of(exchange, file), bytes.to_vec());
                let tag = format!("\"{:x}-{:x}\"", modified.0, bytes.len());
                response.headers.extend([
                    ("Last-Modified", modified.rfc1123().replace("+0000", "GMT")),
                    ("Connection", "keep-alive".to_owned()),
                    ("ETag", tag),
                    ("Accept-Ranges", "bytes".to_owned()),
                ]);
                Ok(response)
            }
            Err(errno) => {
                let status = if errno == Errno::PermissionDenied { 403 } else { 404 };
                let text = format!("open() \"{file}\" failed ({}: {errno})", number_of(errno));
                self.complain(kernel, &text, exchange, None);
                Err(status)
            }
        }
    }
}

/// The location that a path belongs to (`ngx_http_core_find_location`).
fn location<'s>(server: &'s Block, exchange: &mut Exchange) -> Option<&'s Block> {
    let path = exchange.uri.clone();
    let mut best: Option<(&Block, usize, bool)> = None;
    for location in server.all("location") {
        let words: Vec<&str> = location.words[1..].iter().map(SmolStr::as_str).collect();
        match words[..] {
            ["=", exact] if exact == path => return Some(location),
            [prefix] | ["^~", prefix]
                if path.starts_with(prefix) && best.is_none_or(|(_, length, _)| prefix.len() > length) =>
            {
                best = Some((location, prefix.len(), words.len() == 2));
            }
            _ => {}
        }
    }
    if let Some((location, _, true)) = best {
        return Some(location);
    }
    let by_pattern = server.all("location").find(|own| {
        let [_, mark, pattern] = &own.words[..] else { return false };
        let regex = if mark.starts_with('~') { Regex::perl(pattern, mark == "~*").ok() } else { None };
        let found = regex.and_then(|regex| groups(&regex, &path));
        if let Some(groups) = &found {
            exchange.captures.clone_from(groups);
        }
        found.is_some()
    });
    by_pattern.or(best.map(|(location, ..)| location))
}
