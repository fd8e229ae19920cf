//! Answers on their way out: nginx's own pages, and what a configuration adds to all of them.

use smol_str::SmolStr;

use super::Nginx;
use super::exchange::Exchange;
use crate::container::kernel::Kernel;
use crate::programs::http::{Response, chunked};

impl Nginx {
    /// What it calls itself in its answers.
    fn title(&self, exchange: &Exchange) -> String {
        match exchange.value("server_tokens") {
            Some("off") => "nginx".to_owned(),
            _ => format!("nginx/{}", self.version),
        }
    }

    /// One of nginx's own pages.
    pub(super) fn page(&self, status: u16, exchange: &Exchange) -> Response {
        let text = match status {
            401 => "Authorization Required",
            405 => "Not Allowed",
            503 => "Service Temporarily Unavailable",
            504 => "Gateway Time-out",
            // A code of its own, which goes out as 400.
            497 => "The plain HTTP request was sent to HTTPS port",
            status => crate::programs::http::reason(status),
        };
        let (shown, title) = match status {
            497 => (400, "400 The plain HTTP request was sent to HTTPS port".to_owned()),
            302 => (302, "302 Found".to_owned()),
            _ => (status, format!("{status} {text}")),
        };
        let heading = if status == 497 { "400 Bad Request" } else { &title };
        let more = if status == 497 { format!("<center>{text}</center>\r\n") } else { String::new() };
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{heading}</h1></center>\r\n{more}<hr><center>{}</center>\r\n</body>\r\n</html>\r\n",
            self.title(exchange)
        );
        let mut response = Response::new(shown, "text/html", body);
        response.reason = match status {
            497 => Some("Bad Request"),
            401 => None,
            _ => Some(text),
        };
        let keeps = if matches!(status, 500 | 400 | 497) { "close" } else { "keep-alive" };
        response.headers.push(("Connection", keeps.into()));
        response
    }

    /// An answer as it goes out: with what all of them begin with, and what the configuration adds.
    pub(super) fn dressed(
        &self,
        kernel: &mut Kernel<'_>,
        exchange: &mut Exchange,
        mut response: Response,
    ) -> Response {
        if let Some(status) = exchange.error.filter(|_| response.status == 200) {
            response.status = status;
        }
        exchange.status = response.status;
        let date = kernel.date().rfc1123().replace("+0000", "GMT");
        if response.status == 401
            && let Some(realm) = exchange.value("auth_basic")
        {
            response.headers.push(("WWW-Authenticate", format!("Basic realm=\"{realm}\"")));
        }
        self.substitute(kernel, exchange, &mut response);
        let ranges = response.headers.pop_if(|(name, _)| *name == "Accept-Ranges");
        if exchange.value("expires") == Some("-1") && response.status < 400 {
            let past = crate::base::Date(kernel.date().0 - 1).rfc1123().replace("+0000", "GMT");
            response.headers.extend([("Expires", past), ("Cache-Control", "no-cache".into())]);
        }
        let added: Vec<Vec<SmolStr>> =
            exchange.all("add_header").iter().map(|own| own.words.clone()).collect();
        let ends_well = matches!(response.status, 200..=206 | 301..=304 | 307 | 308);
        for words in added {
            let value = exchange.fill(kernel, &words[2]);
            if !value.is_empty() && (ends_well || words.get(3).is_some_and(|word| word == "always")) {
                response.more.push((words[1].to_string(), value));
            }
        }
        response.more.extend(ranges.map(|(name, value)| (name.to_owned(), value)));
        response.headers.splice(0..0, [("Server", self.title(exchange)), ("Date", date)]);
        response
    }

    /// `sub_filter`: texts of a page that stand for others; how long it gets is not known before it is sent.
    fn substitute(&self, kernel: &mut Kernel<'_>, exchange: &mut Exchange, response: &mut Response) {
        let is_page = response
            .headers
            .iter()
            .any(|(name, value)| *name == "Content-Type" && value.starts_with("text/html"));
        let filters: Vec<[SmolStr; 2]> = exchange
            .all("sub_filter")
            .iter()
            .map(|own| [own.words[1].clone(), own.words[2].clone()])
            .collect();
        if filters.is_empty() || !is_page {
            return;
        }
        let once = exchange.value("sub_filter_once") != Some("off");
        let mut text = String::from_utf8_lossy(&response.body).into_owned();
        for [from, to] in filters {
            let to = exchange.fill(kernel, &to);
            text = if once { text.replacen(&*from, &to, 1) } else { text.replace(&*from, &to) };
        }
        response.headers.retain(|(name, _)| {
            !matches!(*name, "Content-Length" | "Last-Modified" | "ETag" | "Accept-Ranges")
        });
        if exchange.request.version == "HTTP/1.1" {
            let at = response.headers.iter().position(|(name, _)| *name == "Connection").unwrap_or(1);
            response.headers.insert(at, ("Transfer-Encoding", "chunked".into()));
            response.body = chunked(text.as_bytes());
        } else {
            response.body = text.into_bytes();
        }
    }

    /// The answer of another server, as nginx hands it on.
    pub(super) fn passed(&self, bytes: &[u8], exchange: &Exchange) -> Response {
        Response::passed_on(bytes).map_or_else(|| self.page(502, exchange), kept_alive)
    }
}

/// The type of a file by its name (`ngx_http_set_content_type`).
pub(super) fn kind_of(exchange: &Exchange, path: &str) -> String {
    let usual: &[(&str, &[&str])] =
        &[("text/html", &["html"]), ("image/gif", &["gif"]), ("image/jpeg", &["jpg"])];
    let name = path.rsplit('/').next().unwrap_or_default();
    let found = name.rsplit_once('.').and_then(|(_, end)| match exchange.find("types") {
        Some(types) => {
            let own = types.inner.iter().find(|own| own.words[1..].iter().any(|word| word == end));
            own.map(|own| own.name().to_owned())
        }
        None => usual.iter().find(|(_, ends)| ends.contains(&end)).map(|(kind, _)| (*kind).to_owned()),
    });
    let kind = found.unwrap_or_else(|| exchange.value("default_type").unwrap_or("text/plain").to_owned());
    match exchange.value("charset") {
        Some(charset) if charset != "off" && kind.starts_with("text/") => {
            format!("{kind}; charset={charset}")
        }
        _ => kind,
    }
}

pub(super) fn kept_alive(mut response: Response) -> Response {
    response.headers.push(("Connection", "keep-alive".into()));
    response
}
