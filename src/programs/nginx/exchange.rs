//! A request on its way through nginx, and the variables that a configuration can speak of it by.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::configuration::Block;
use crate::container::kernel::Kernel;
use crate::programs::http::Request;

/// A request, with what came of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Exchange {
    pub(super) request: Request,
    /// What holds for all servers, and the one that it is for.
    pub(super) http: Arc<Block>,
    pub(super) server: Arc<Block>,
    /// The location that it came to.
    pub(super) location: Block,
    /// The path, as rewritten.
    pub(super) uri: String,
    /// What follows `?`.
    pub(super) args: String,
    /// The number of the connection, as the error log has it.
    pub(super) number: u64,
    /// What `set` has set.
    pub(super) set: BTreeMap<SmolStr, String>,
    /// What the last expression has found: the whole, and its groups.
    pub(super) captures: Vec<String>,
    /// The status of an error whose page is being looked for.
    pub(super) error: Option<u16>,
    /// Which server it was handed on to, and what that is called in the configuration.
    pub(super) upstream: String,
    pub(super) proxy_host: String,
    /// What was answered: the status, and the bytes of the body.
    pub(super) status: u16,
    pub(super) sent: usize,
    /// The identity that it was given, if it was asked for.
    id: String,
}

impl Exchange {
    pub(super) fn new(request: Request, http: Arc<Block>, server: Arc<Block>, number: u64) -> Self {
        let uri = request.path();
        let args = request.target.split_once('?').map_or("", |(_, args)| args).to_owned();
        Self { request, http, server, uri, args, number, ..Self::default() }
    }

    /// The directive of a name that holds here: that of the innermost place.
    pub(super) fn find(&self, name: &str) -> Option<&Block> {
        self.location.find(name).or_else(|| self.server.find(name)).or_else(|| self.http.find(name))
    }

    /// The first argument of that.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.find(name).and_then(|own| own.words.get(1)).map(SmolStr::as_str)
    }

    /// All directives of a name that hold here: an outer place's only where the inner has none.
    pub(super) fn all(&self, name: &'static str) -> Vec<&Block> {
        let places = [&self.location, &*self.server, &*self.http];
        let innermost = places.into_iter().find(|place| place.find(name).is_some());
        innermost.map_or_else(Vec::new, |place| place.all(name).collect())
    }

    /// The name that the client asked for: without port, in small letters.
    pub(super) fn host(&self) -> String {
        let host = self.request.header("host").unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_lowercase();
        if host.is_empty() { self.server.value("server_name").unwrap_or_default().to_owned() } else { host }
    }

    /// A text with its variables filled in.
    pub(super) fn fill(&mut self, kernel: &mut Kernel<'_>, text: &str) -> String {
        self.fill_or(kernel, text, "")
    }

    /// The same for a log, in which `-` stands for what there is not.
    pub(super) fn logged(&mut self, kernel: &mut Kernel<'_>, text: &str) -> String {
        self.fill_or(kernel, text, "-")
    }

    fn fill_or(&mut self, kernel: &mut Kernel<'_>, text: &str, nothing: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let braced = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (name, after) = braced.unwrap_or_else(|| {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
                // A group is one digit.
                rest.split_at(if rest.starts_with(|c: char| c.is_ascii_digit()) { 1 } else { end })
            });
            rest = after;
            if name.is_empty() {
                out.push('$');
            } else {
                let value = self.variable(kernel, name);
                // What was set to nothing is nothing.
                let nothing = if self.set.contains_key(name) { "" } else { nothing };
                out.push_str(if value.is_empty() { nothing } else { &value });
            }
        }
        out + rest
    }

    /// The value of a variable (`ngx_http_core_variables`); nothing where it has none.
    pub(super) fn variable(&mut self, kernel: &mut Kernel<'_>, name: &str) -> String {
        let request = &self.request;
        let own = |text: &str| text.to_owned();
        let date = kernel.date();
        match name {
            "args" | "query_string" => own(&self.args),
            "is_args" => own(if self.args.is_empty() { "" } else { "?" }),
            "uri" | "document_uri" => own(&self.uri),
            "request_uri" => own(&request.target),
            "request" => request.line(),
            "request_method" => own(&request.method),
            "request_filename" => format!("{}{}", self.value("root").unwrap_or_default(), self.uri),
            "document_root" => own(self.value("root").unwrap_or_default()),
            "request_body" => own(&request.body),
            "request_id" => {
                if self.id.is_empty() {
                    self.id = kernel.random().hex(32);
                }
                own(&self.id)
            }
            "host" => self.host(),
            "hostname" => kernel.hostname().to_string(),
            "scheme" => own(if self.is_secure() { "https" } else { "http" }),
            "https" => own(if self.is_secure() { "on" } else { "" }),
            "server_protocol" => own(&request.version),
            "server_name" => own(self.server.value("server_name").unwrap_or_default()),
            "server_port" => request.port.to_string(),
            "server_addr" => match request.from.is_some_and(|from| from.ip().to_canonical().is_loopback()) {
                true => own("127.0.0.1"),
                false => crate::programs::http::own_address(kernel),
            },
            "remote_addr" => request.ip(),
            "remote_port" => request.from.map_or_else(String::new, |from| from.port().to_string()),
            "remote_user" => self.user().map_or_else(String::new, |(user, _)| user),
            "proxy_add_x_forwarded_for" => match request.header("x-forwarded-for") {
                Some(before) => format!("{before}, {}", request.ip()),
                None => request.ip(),
            },
            "proxy_host" => own(&self.proxy_host),
            "upstream_addr" => own(&self.upstream),
            "upstream_status" if !self.upstream.is_empty() => self.status.to_string(),
            "status" => self.status.to_string(),
            "body_bytes_sent" | "bytes_sent" => self.sent.to_string(),
            "upstream_response_length" if !self.upstream.is_empty() => self.sent.to_string(),
            "request_time" | "upstream_response_time" | "upstream_connect_time" => own("0.000"),
            "request_length" => (request.line().len() + request.body.len() + 60).to_string(),
            "content_type" => own(request.header("content-type").unwrap_or_default()),
            "content_length" => own(request.header("content-length").unwrap_or_default()),
            "time_local" => format!("{} +0000", date.access_log()),
            "time_iso8601" => date.written("0000-00-00T00:00:00+00:00").into(),
            "msec" => format!("{}.000", date.0),
            "nginx_version" => {
                kernel.variable("NGINX_VERSION").map_or_else(String::new, |own| own.to_string())
            }
            "pid" => kernel.pid().0.to_string(),
            "connection" => self.number.to_string(),
            _ => self.named(kernel, name),
        }
    }

    /// The variables that stand for others: headers, arguments, groups, `map` and `set`.
    fn named(&mut self, kernel: &mut Kernel<'_>, name: &str) -> String {
        if let Some(value) = self.set.get(name) {
            return value.clone();
        }
        if let Ok(group) = name.parse::<usize>() {
            return self.captures.get(group).cloned().unwrap_or_default();
        }
        if let Some(header) = name.strip_prefix("http_") {
            return self.request.header(&header.replace('_', "-")).unwrap_or_default().to_owned();
        }
        if let Some(name) = name.strip_prefix("arg_") {
            let pairs = self.args.split('&').filter_map(|pair| pair.split_once('='));
            return pairs
                .filter(|(own, _)| *own == name)
                .map(|(_, value)| value.to_owned())
                .next()
                .unwrap_or_default();
        }
        if let Some(name) = name.strip_prefix("cookie_") {
            let cookies = self.request.header("cookie").unwrap_or_default();
            let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
            return pairs
                .find(|(own, _)| *own == name)
                .map_or_else(String::new, |(_, value)| value.to_owned());
        }
        let is_it =
            |own: &&Block| own.words.get(2).is_some_and(|target| target.strip_prefix('$') == Some(name));
        let Some(map) = self.http.all("map").find(is_it).cloned() else { return String::new() };
        let source = self.fill(kernel, &map.words[1]);
        let entry = |key: &str| map.inner.iter().find(|own| own.name() == key);
        let fitting = map.inner.iter().find(|own| {
            own.name().strip_prefix('~').is_some_and(|pattern| {
                let (pattern, fold) = pattern.strip_prefix('*').map_or((pattern, false), |own| (own, true));
                crate::container::regex::Regex::perl(pattern, fold).is_ok_and(|regex| regex.is_match(&source))
            })
        });
        let found = entry(&source).or(fitting).or_else(|| entry("default"));
        found
            .and_then(|own| own.words.get(1))
            .cloned()
            .map_or_else(String::new, |text| self.fill(kernel, &text))
    }

    /// True where the client came by TLS.
    pub(super) fn is_secure(&self) -> bool {
        super::speaks_tls(&self.server, self.request.port)
    }

    /// The name and the password that the client told.
    pub(super) fn user(&self) -> Option<(String, String)> {
        let text = self.request.header("authorization")?.strip_prefix("Basic ")?;
        let bytes = crate::api::base64::decode(text.trim()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    }
}
