//! kennethreitz/httpbin: Flask behind gunicorn, which tells in JSON what it was asked, and answers with the status that it is
//! told to.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::fields::{Json, not_for_html};
use super::voting::gunicorn;
use crate::base::{SimTime, json};
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Client, Connections, Request, Response};

/// The server that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Httpbin {
    begun: bool,
    connections: Connections,
    /// Answers that are held back, and until when.
    delayed: Vec<(SimTime, Client, Response)>,
}

/// The longest that `/delay` holds an answer back, in seconds.
const LONGEST_DELAY_SECONDS: f64 = 10.0;
const PAGE: &str = "text/html; charset=utf-8";

impl Httpbin {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            kernel.on_signal(Signal::TERM, Action::Catch);
            gunicorn(kernel, 1, "INFO", "Starting gunicorn 19.9.0");
            if self.connections.listen_at(kernel, Ipv4Addr::UNSPECIFIED.into(), 80).is_err() {
                gunicorn(kernel, 1, "ERROR", "Connection in use: ('0.0.0.0', 80)");
                return Step::Exit(1);
            }
            gunicorn(kernel, 1, "INFO", "Listening at: http://0.0.0.0:80 (1)");
            gunicorn(kernel, 1, "INFO", "Using worker: gevent");
            gunicorn(kernel, 8, "INFO", "Booting worker with pid: 8");
        }
        if kernel.take_signal().is_some() {
            gunicorn(kernel, 1, "INFO", "Handling signal: term");
            gunicorn(kernel, 8, "INFO", "Worker exiting (pid: 8)");
            gunicorn(kernel, 1, "INFO", "Shutting down: Master");
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let (response, delay) = answer(kernel, &request);
            self.delayed.push((kernel.now() + delay, client, response));
        }
        let now = kernel.now();
        let (done, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.delayed).into_iter().partition(|(at, ..)| *at <= now);
        self.delayed = rest;
        for (_, client, response) in done {
            self.connections.reply(kernel, client, response);
        }
        self.connections.wait().or_until(self.delayed.iter().map(|(at, ..)| *at).min()).into()
    }
}

/// What it answers, and how long it takes.
fn answer(kernel: &mut Kernel<'_>, request: &Request) -> (Response, Duration) {
    let path = request.path();
    let parts: Vec<&str> = path.trim_start_matches('/').splitn(2, '/').collect();
    let mut delay = Duration::ZERO;
    let reads = matches!(&*request.method, "GET" | "HEAD");
    let told = match (parts[0], parts.get(1).copied()) {
        ("get", None) if reads => tell(request, &["args", "headers", "origin", "url"]),
        (verb @ ("post" | "put" | "patch" | "delete"), None) if request.method.eq_ignore_ascii_case(verb) => {
            tell(request, &["args", "data", "files", "form", "headers", "json", "origin", "url"])
        }
        ("get" | "post" | "put" | "patch" | "delete", None) => {
            return (response(kernel, 405, PAGE, NOT_ALLOWED.into()), delay);
        }
        ("anything", _) => {
            tell(request, &["args", "data", "files", "form", "headers", "json", "method", "origin", "url"])
        }
        ("headers", None) => tell(request, &["headers"]),
        ("ip", None) => tell(request, &["origin"]),
        ("user-agent", None) => one("user-agent", request.header("User-Agent").into()),
        ("uuid", None) => one("uuid", kernel.random().uuid().into()),
        ("delay", Some(seconds)) if seconds.parse::<f64>().is_ok_and(|own| own >= 0.0) => {
            let seconds: f64 = seconds.parse().unwrap_or_default();
            delay = Duration::from_secs_f64(seconds.min(LONGEST_DELAY_SECONDS));
            tell(request, &["args", "data", "files", "form", "headers", "origin", "url"])
        }
        ("status", Some(code)) => {
            let response = match code.parse::<u16>() {
                Ok(code @ 100..=599) => status(kernel, code),
                Ok(_) | Err(_) => response(kernel, 400, PAGE, "Invalid status code".into()),
            };
            return (response, delay);
        }
        ("", None) => {
            let page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n    <meta charset=\"UTF-8\">\n    <title>httpbin.org</title>\n</head>\n<body>\n<p>(Saya does not simulate this page: /get, /post, /anything, /headers, /ip, /user-agent, /uuid, /delay/… and /status/… answer.)</p>\n</body>\n</html>\n";
            return (response(kernel, 200, PAGE, page.into()), delay);
        }
        (own, _) if NOT_SIMULATED.contains(&own) => {
            let text = format!("(Saya does not simulate /{own} of httpbin.)\n");
            return (response(kernel, 501, "text/plain", text), delay);
        }
        _ => return (response(kernel, 404, "text/html", NOT_FOUND.into()), delay),
    };
    // Flask of that time leaves a blank after each comma.
    let text = not_for_html(&told.text(Some(2))).replace(",\n", ", \n") + "\n";
    (response(kernel, 200, "application/json", text), delay)
}

const NOT_SIMULATED: &[&str] = &[
    "absolute-redirect",
    "base64",
    "basic-auth",
    "bearer",
    "brotli",
    "bytes",
    "cache",
    "cookies",
    "deflate",
    "deny",
    "digest-auth",
    "drip",
    "encoding",
    "etag",
    "gzip",
    "hidden-basic-auth",
    "html",
    "image",
    "json",
    "links",
    "range",
    "redirect",
    "redirect-to",
    "relative-redirect",
    "response-headers",
    "robots.txt",
    "stream",
    "stream-bytes",
    "xml",
];

fn one(name: &str, value: crate::base::Value) -> Json {
    Json::Fields(vec![(name.to_owned(), Json::Plain(value))])
}

/// Some of what is known of a request; the names are in the order in which Flask sorts them.
fn tell(request: &Request, names: &[&str]) -> Json {
    let kind = request.header("Content-Type").unwrap_or_default();
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let (data, form) = if is_form { ("", &*request.body) } else { (&*request.body, "") };
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let host = request.header("Host").unwrap_or_default();
    let known = |name: &str| match name {
        "args" => pairs(query),
        "data" => data.into(),
        "files" => Json::Fields(Vec::new()),
        "form" => pairs(form),
        "headers" => {
            let mut all: Vec<_> =
                request.headers.iter().map(|(name, value)| (title(name), value.as_str().into())).collect();
            all.sort_by(|(one, _): &(String, Json), (other, _)| one.cmp(other));
            Json::Fields(all)
        }
        "json" => Json::Plain(json::from_str(data).unwrap_or_default()),
        "method" => request.method.as_str().into(),
        "origin" => {
            let from = request.header("X-Forwarded-For");
            from.map_or_else(|| request.ip(), str::to_owned).into()
        }
        _ => format!("http://{host}{}", request.target).into(),
    };
    Json::Fields(names.iter().map(|name| ((*name).to_owned(), known(name))).collect())
}

/// The fields of a query or a form, by name.
fn pairs(text: &str) -> Json {
    let asked = Request { target: format!("/?{text}"), ..Request::default() };
    let mut names: Vec<&str> = text
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .filter(|own| !own.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    Json::Fields(
        names
            .into_iter()
            .map(|name| (name.to_owned(), asked.field(name).unwrap_or_default().into()))
            .collect(),
    )
}

/// A header's name as WSGI has it: capital letters begin its words.
fn title(name: &str) -> String {
    let word = |own: &str| {
        let mut letters = own.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// An answer of this status; some say more than their number.
fn status(kernel: &Kernel<'_>, code: u16) -> Response {
    let mut own = match code {
        418 => response(kernel, code, PAGE, "(Saya does not draw the teapot.)\n".into()),
        _ => response(kernel, code, PAGE, String::new()),
    };
    match code {
        301 | 302 | 303 | 305 | 307 => own.headers.push(("Location", "/redirect/1".to_owned())),
        401 => own.headers.push(("WWW-Authenticate", "Basic realm=\"Fake Realm\"".to_owned())),
        407 => own.headers.push(("Proxy-Authenticate", "Basic realm=\"Fake Realm\"".to_owned())),
        _ => {}
    }
    own
}

fn response(kernel: &Kernel<'_>, status: u16, kind: &str, text: String) -> Response {
    let mut own = Response::new(status, kind, text);
    // As gunicorn writes them.
    let date = kernel.date().rfc1123().replace("+0000", "GMT");
    let first =
        [("Server", "gunicorn/19.9.0".to_owned()), ("Date", date), ("Connection", "keep-alive".to_owned())];
    own.headers.splice(0..0, first);
    own.headers.push(("Access-Control-Allow-Origin", "*".to_owned()));
    own.headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
    own
}

const NOT_FOUND: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server.  If you entered the URL manually please check your spelling and try again.</p>\n";
const NOT_ALLOWED: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n<p>The method is not allowed for the requested URL.</p>\n";
