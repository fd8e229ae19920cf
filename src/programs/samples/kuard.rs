//! kuard, of Kubernetes: Up and Running: a page about its Pod, probes that fail when they are told to, a queue, and work on keys.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::fields::{Json, fields};
use crate::api::base64;
use crate::base::sha256::sha256;
use crate::base::{SimTime, digest_of, json};
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Connections, Request, Response, own_address};
use crate::programs::outward::{Call, Called, both};
use crate::programs::web::stamp;

/// A running kuard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kuard {
    /// What its image is tagged with: a color or a number.
    tag: Arc<str>,
    begun: bool,
    connections: Connections,
    /// What `/healthy` and `/ready` say.
    probes: [Probe; 2],
    queues: BTreeMap<String, Queue>,
    keys: Keys,
}

/// The paths of the probes.
const PROBES: [&str; 2] = ["/healthy", "/ready"];

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Probe {
    /// So many answers are to fail; all, where it is below 0.
    fails: i64,
    /// The status of each answer, the latest last.
    history: Vec<(u16, SimTime)>,
    asked: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Queue {
    messages: VecDeque<(String, String, String)>,
    enqueued: i64,
    dequeued: i64,
    drained: i64,
}

/// The work that it is started with: making keys, as many as it is told or as a queue has messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Keys {
    enabled: bool,
    wanted: u64,
    made: u64,
    seconds: u64,
    exits: bool,
    code: u8,
    /// A queue's server and its name, by which it works.
    queue: Option<(String, String)>,
    ends: Option<SimTime>,
    /// When the key is made, or the queue asked again.
    next: Option<SimTime>,
    call: Option<Call>,
}

/// How long a key of 4,096 bits takes; in truth it is anything from half a second to ten.
const KEY: Duration = Duration::from_millis(2500);

impl Kuard {
    /// The one of an image's tag.
    pub fn new(tag: &str) -> Self {
        Self {
            tag: tag.into(),
            begun: false,
            connections: Connections::default(),
            probes: Default::default(),
            queues: BTreeMap::new(),
            keys: Keys::default(),
        }
    }

    fn version(&self) -> String {
        format!("v0.10.0-{}", self.tag)
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true)
            && let Err(status) = self.begin(kernel)
        {
            return Step::Exit(status);
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(2);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let from = request.from.map(|from| from.to_string()).unwrap_or_default();
            log(kernel, &format!("{from} {} {}", request.method, request.target));
            let response = self.answer(kernel, &request);
            self.connections.reply(kernel, client, response);
        }
        let mut wait = self.connections.wait();
        if self.keys.enabled {
            match self.keys.step(kernel) {
                Ok(own) => wait = both(wait, own),
                Err(status) => return Step::Exit(status),
            }
        }
        wait.into()
    }

    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let argv = kernel.argv();
        let mut words = argv.iter().skip(1);
        let mut address: Arc<str> = ":8080".into();
        while let Some(word) = words.next() {
            let (name, value) =
                word.split_once('=').map_or((&**word, None), |(name, value)| (name, Some(Arc::from(value))));
            let mut value = || value.clone().or_else(|| words.next().cloned()).unwrap_or_default();
            let keys = &mut self.keys;
            match name {
                "--address" => address = value(),
                "--debug" => {}
                "--debug-sitedata-dir" => drop(value()),
                "--keygen-enable" | "--keygen-enabled" => keys.enabled = !word.ends_with("=false"),
                "--keygen-exit-on-complete" => keys.exits = !word.ends_with("=false"),
                "--keygen-exit-code" => keys.code = value().parse().unwrap_or(0),
                "--keygen-num-to-gen" => keys.wanted = value().parse().unwrap_or(0),
                "--keygen-time-to-run" => keys.seconds = value().parse().unwrap_or(0),
                "--keygen-memq-server" => keys.queue.get_or_insert_default().0 = value().to_string(),
                "--keygen-memq-queue" => keys.queue.get_or_insert_default().1 = value().to_string(),
                other => {
                    kernel.complain(format!("unknown flag: {other}\n"));
                    return Err(2);
                }
            }
        }
        let stars = "*".repeat(70);
        log(kernel, &format!("Starting kuard version: {}", self.version()));
        for line in [
            &*stars,
            "* WARNING: This server may expose sensitive",
            "* and secret information. Be careful.",
            &stars,
        ] {
            log(kernel, line);
        }
        let Keys { enabled, wanted, seconds, exits, code, queue, .. } = &self.keys;
        let (server, name) = queue.clone().unwrap_or_default();
        log(
            kernel,
            &format!(
                "Config: \n{{\n  \"address\": \"{address}\",\n  \"debug\": false,\n  \"debug-sitedata-dir\": \"./sitedata\",\n  \"keygen\": {{\n    \"enable\": {enabled},\n    \"exit-code\": {code},\n    \"exit-on-complete\": {exits},\n    \"memq-queue\": \"{name}\",\n    \"memq-server\": \"{server}\",\n    \"num-to-gen\": {wanted},\n    \"time-to-run\": {seconds}\n  }},\n  \"tls-address\": \":8443\",\n  \"tls-dir\": \"/tls\"\n}}"
            ),
        );
        if *enabled {
            log(kernel, "(ID 1) Workload starting");
            self.keys.ends =
                (self.keys.seconds > 0).then(|| kernel.now() + Duration::from_secs(self.keys.seconds));
        }
        let port = address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(8080);
        let secure = ["crt", "key"].iter().all(|own| kernel.files().exists(&format!("/tls/kuard.{own}")));
        if !secure {
            log(kernel, "Could not find certificates to serve TLS");
        } else if self.connections.listen(kernel, 8443).is_ok() {
            self.connections.secure.push(8443);
            log(kernel, "Serving HTTPS on :8443");
        }
        if let Err(errno) = self.connections.listen(kernel, port) {
            let why = errno.to_string().to_lowercase();
            log(kernel, &format!("listen tcp {address}: bind: {why}"));
            return Err(1);
        }
        log(kernel, &format!("Serving on HTTP on {address}"));
        kernel.on_signal(Signal::TERM, Action::Catch);
        Ok(())
    }

    fn answer(&mut self, kernel: &mut Kernel<'_>, request: &Request) -> Response {
        let path = request.path();
        let (method, path) = (&*request.method, path.as_str());
        if let Some(at) = PROBES
            .iter()
            .position(|own| path.strip_prefix(own).is_some_and(|rest| matches!(rest, "" | "/api")))
        {
            return self.probe(kernel, at, request);
        }
        if let Some(rest) = path.strip_prefix("/memq/server/") {
            return self.queue(kernel, method, rest, &request.body);
        }
        if let Some(file) = path.strip_prefix("/fs") {
            return folder(kernel, file);
        }
        match (method, path) {
            ("GET", "/" | "/-/env" | "/-/probes" | "/-/dns" | "/-/keygen" | "/-/memq" | "/-/mem") => {
                Response::new(200, "text/html", page(kernel, request, &self.version()))
            }
            ("GET", "/env/api") => {
                let words = kernel.argv().iter().map(|word| (&**word).into()).collect();
                let mut variables: Vec<_> =
                    kernel.env().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                variables.sort();
                let env = variables.into_iter().map(|(name, value)| (name.to_string(), value.into()));
                answer_json(&fields([
                    ("commandLine", Json::List(words)),
                    ("env", Json::Fields(env.collect())),
                ]))
            }
            ("GET", _) => Response::new(404, "text/plain; charset=utf-8", "404 page not found\n"),
            _ => Response::new(405, "text/plain; charset=utf-8", "Method Not Allowed\n"),
        }
    }

    fn probe(&mut self, kernel: &mut Kernel<'_>, at: usize, request: &Request) -> Response {
        let now = kernel.now();
        let probe = &mut self.probes[at];
        if !request.path().ends_with("/api") {
            let (status, text) = match probe.fails {
                0 => (200, "ok".to_owned()),
                1.. => {
                    probe.fails -= 1;
                    (500, format!("fail, {} left", probe.fails))
                }
                _ => (500, "fail, permanent".to_owned()),
            };
            probe.asked += 1;
            probe.history.push((status, now));
            // It remembers twenty.
            let old = probe.history.len().saturating_sub(20);
            probe.history.drain(..old);
            return Response::new(status, "text/plain", text);
        }
        if request.method == "PUT" {
            match json::from_str(&request.body) {
                Ok(told) => probe.fails = told.get("failNext").int(),
                Err(why) => return Response::new(400, "text/plain; charset=utf-8", format!("{why}\n")),
            }
        }
        let first = probe.asked - probe.history.len();
        let entries = probe.history.iter().enumerate().rev().map(|(place, (status, when))| {
            let ago = now.since(*when).as_secs();
            let ago = match ago {
                0 => "now".to_owned(),
                1 => "1 second ago".to_owned(),
                2..60 => format!("{ago} seconds ago"),
                60..120 => "1 minute ago".to_owned(),
                _ => format!("{} minutes ago", ago / 60),
            };
            let (id, code) = ((first + place + 1).into(), u32::from(*status).into());
            fields([("id", id), ("relWhen", ago.into()), ("code", code)])
        });
        answer_json(&fields([
            ("probePath", PROBES[at].into()),
            ("failNext", probe.fails.into()),
            ("history", Json::List(entries.collect())),
        ]))
    }

    /// The queue's server.
    fn queue(&mut self, kernel: &mut Kernel<'_>, method: &str, path: &str, body: &str) -> Response {
        let wrong = |why: &str| Response::new(400, "text/plain; charset=utf-8", format!("{why}\n"));
        let done = || Response::new(200, "text/plain; charset=utf-8", "");
        if (method, path) == ("GET", "stats") {
            let queues = self.queues.iter().map(|(name, queue)| {
                fields([
                    ("name", name.into()),
                    ("depth", queue.messages.len().into()),
                    ("enqueued", queue.enqueued.into()),
                    ("dequeued", queue.dequeued.into()),
                    ("drained", queue.drained.into()),
                ])
            });
            return answer_json(&fields([
                ("kind", "stats".into()),
                ("queues", Json::List(queues.collect())),
            ]));
        }
        let Some(rest) = path.strip_prefix("queues/") else {
            return Response::new(404, "text/plain; charset=utf-8", "404 page not found\n");
        };
        let (name, what) = rest.split_once('/').unwrap_or((rest, ""));
        match (method, what) {
            ("PUT", "") if self.queues.contains_key(name) => return wrong("already exists"),
            ("PUT", "") => {
                self.queues.insert(name.to_owned(), Queue::default());
                return done();
            }
            ("DELETE", "") => {
                return if self.queues.remove(name).is_some() { done() } else { wrong("does not exist") };
            }
            _ => {}
        }
        let Some(queue) = self.queues.get_mut(name) else { return wrong("does not exist") };
        let message = match (method, what) {
            ("POST", "drain") => {
                queue.drained += queue.messages.len() as i64;
                queue.messages.clear();
                return done();
            }
            ("POST", "enqueue") => {
                queue.enqueued += 1;
                let id = digest_of(&(name, queue.enqueued, kernel.now())).0;
                let message = (
                    format!("{id:016x}{:016x}", id.rotate_left(21)),
                    body.to_owned(),
                    kernel.date().rfc3339().into(),
                );
                queue.messages.push_back(message.clone());
                message
            }
            ("POST", "dequeue") => match queue.messages.pop_front() {
                Some(message) => {
                    queue.dequeued += 1;
                    message
                }
                None => return Response { status: 204, ..Response::default() },
            },
            _ => return Response::new(405, "text/plain; charset=utf-8", "Method Not Allowed\n"),
        };
        let (id, body, created) = message;
        answer_json(&fields([
            ("kind", "message".into()),
            ("id", id.into()),
            ("body", body.into()),
            ("creationTimestamp", created.into()),
        ]))
    }
}

impl Keys {
    /// Goes on making keys; an error is the status to end with.
    fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<Wait, u8> {
        loop {
            if let Some(next) = self.next {
                if kernel.now() < next {
                    return Ok(Wait::until(next));
                }
                self.next = None;
                if self.call.take().is_none() {
                    self.made += 1;
                    let count = if self.wanted > 0 {
                        format!(" {}/{}", self.made, self.wanted)
                    } else {
                        format!(" {}/Inf", self.made)
                    };
                    let count = if self.queue.is_some() { String::new() } else { count };
                    let print =
                        sha256(format!("{} {} {}", kernel.hostname(), self.made, kernel.now().0).as_bytes());
                    let print = base64::encode(&print);
                    log(kernel, &format!("(ID 1{count}) Item done: SHA256:{}", print.trim_end_matches('=')));
                }
            }
            if let Some((server, queue)) = &self.queue {
                let (server, queue) = (server.clone(), queue.clone());
                let call = self.call.get_or_insert_with(|| ask(&server, &queue));
                match call.step(kernel) {
                    Called::Waits(wait) => return Ok(wait),
                    Called::Answered(bytes) => match Response::passed_on(&bytes) {
                        Some(Response { status: 200, .. }) => {
                            self.call = None;
                            self.next = Some(kernel.now() + KEY);
                        }
                        Some(Response { status: 204, .. }) if self.exits => return Err(self.code),
                        Some(Response { status: 204, .. }) => {
                            log(kernel, "(ID 1) Queue is empty. Retrying after 1s.");
                            self.next = Some(kernel.now() + Duration::from_secs(1));
                        }
                        other => {
                            let status = other.map_or(0, |own| own.status);
                            self.fails(kernel, &format!("unexpected status {status}"));
                        }
                    },
                    Called::Failed(errno, at) => {
                        self.fails(kernel, &format!("Post {at}: {}", errno.text().to_lowercase()))
                    }
                    Called::Unknown(host) => {
                        self.fails(kernel, &format!("dial tcp: lookup {host}: no such host"))
                    }
                }
                continue;
            }
            let over =
                self.wanted > 0 && self.made >= self.wanted || self.ends.is_some_and(|at| kernel.now() >= at);
            if over {
                log(kernel, "(ID 1) Workload exiting");
                self.enabled = false;
                return if self.exits { Err(self.code) } else { Ok(Wait::forever()) };
            }
            self.next = Some(kernel.now() + KEY);
        }
    }

    fn fails(&mut self, kernel: &mut Kernel<'_>, why: &str) {
        log(kernel, &format!("(ID 1) Error talking to server: {why}. Retrying after 1s."));
        self.next = Some(kernel.now() + Duration::from_secs(1));
    }
}

/// Asks a queue's server for a message.
fn ask(server: &str, queue: &str) -> Call {
    let rest = server.trim_start_matches("http://").trim_end_matches('/');
    let (host, base) = rest.split_once('/').unwrap_or((rest, ""));
    let path = format!("/{base}{}queues/{queue}/dequeue", if base.is_empty() { "" } else { "/" });
    let request = Request { method: "POST".into(), ..Request::default() };
    Call::http(host, &request, &path, Duration::from_secs(60))
}

fn log(kernel: &mut Kernel<'_>, text: &str) {
    let date = stamp(kernel.date());
    kernel.complain(format!("{date} {text}\n"));
}

fn answer_json(told: &Json) -> Response {
    let mut response = Response::new(200, "application/json", format!("{}\n", told.text(None)));
    let headers = [("Cache-Control", "no-cache, private, max-age=0"), ("Pragma", "no-cache")];
    response.headers.splice(0..0, headers.map(|(name, value)| (name, value.to_owned())));
    response
}

/// A folder of the container, or a file of it.
fn folder(kernel: &mut Kernel<'_>, path: &str) -> Response {
    let path = if path.is_empty() { "/" } else { path };
    if !kernel.files().is_directory(path) {
        return match kernel.files().read(path) {
            Ok(bytes) => Response::new(200, "text/plain; charset=utf-8", bytes.to_vec()),
            Err(_) => Response::new(404, "text/plain; charset=utf-8", "404 page not found\n"),
        };
    }
    let names = kernel.files().list(path).unwrap_or_default();
    let lines: String = names
        .iter()
        .map(|name| {
            let inside = format!("{}/{name}", path.trim_end_matches('/'));
            let mark = if kernel.files().is_directory(&inside) { "/" } else { "" };
            format!("<a href=\"{name}{mark}\">{name}{mark}</a>\n")
        })
        .collect();
    Response::new(200, "text/html; charset=utf-8", format!("<pre>\n{lines}</pre>\n"))
}

/// Its page, as text where the real one draws it by a script.
fn page(kernel: &mut Kernel<'_>, request: &Request, version: &str) -> String {
    let (host, own) = (kernel.hostname(), own_address(kernel));
    let mut dump = format!("{}\n", request.line());
    for (name, value) in &request.headers {
        dump.push_str(&format!("{name}: {value}\n"));
    }
    let from = request.from.map(|from| from.to_string()).unwrap_or_default();
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let dump = escape(&dump);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n  <title>KUAR Demo</title>\n</head>\n<body>\n<h1>Demo application version <i>{version}</i></h1>\n<p>WARNING: This server may expose sensitive and secret information. Be careful.</p>\n<h2>Request Details</h2>\n<p>Proto: {} <br>Client addr: {from}</p>\n<pre>{dump}</pre>\n<h2>Server</h2>\n<p>Hostname: {host} <br>Addresses: {own}</p>\n<p><a href=\"/env/api\">Server Env</a> <a href=\"/healthy/api\">Liveness Probe</a> <a href=\"/ready/api\">Readiness Probe</a> <a href=\"/memq/server/stats\">MemQ Server</a> <a href=\"/fs/\">File system browser</a></p>\n</body>\n</html>\n",
        request.version
    )
}
