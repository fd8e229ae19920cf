//! DockerCoins, the application of container.training: a worker that fetches random bytes, hashes them and counts in Redis,
//! and a page that tells the count.

use std::time::Duration;

use crate::base::sha256::{hex, sha256};
use crate::base::{SimTime, Value, json};
use crate::container::commands::network::resolve::resolver;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};
use crate::network::resolver::Libc;
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::{Call, Called, both};
use crate::programs::redis::{Ask, Asked, Reply};

/// One of its four programs that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Server(Server),
    Worker(Box<Worker>),
}

impl Part {
    /// The part of a name.
    pub fn load(name: &str) -> Option<Self> {
        let server = |kind| Some(Self::Server(Server::new(kind)));
        match name {
            "hasher" => server(Kind::Hasher),
            "rng" => server(Kind::Rng),
            "webui" => server(Kind::WebUi),
            "worker" => Some(Self::Worker(Box::default())),
            _ => None,
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        match self {
            Self::Server(server) => server.step(kernel),
            Self::Worker(worker) => worker.step(kernel),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Answers one request after another: the bottleneck of the whole.
    Rng,
    Hasher,
    WebUi,
}

/// How long the generator and the hasher take for a request.
const WORK: Duration = Duration::from_millis(100);

/// One that answers requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    kind: Kind,
    begun: bool,
    connections: Connections,
    /// The requests that are being worked on, and when each is done.
    works: Vec<(SimTime, Client, Request)>,
    asks: Vec<(Client, Request, Ask)>,
}

impl Server {
    fn new(kind: Kind) -> Self {
        Self { kind, begun: false, connections: Connections::default(), works: Vec::new(), asks: Vec::new() }
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            if let Err(errno) = self.connections.listen(kernel, 80) {
                kernel.complain(format!("listen on port 80: {errno}\n"));
                return Step::Exit(1);
            }
            match self.kind {
                Kind::Rng => kernel.complain(" * Running on http://0.0.0.0:80/ (Press CTRL+C to quit)\n"),
                Kind::Hasher => {
                    kernel.on_signal(Signal::TERM, Action::Catch);
                    kernel.complain(
                        "== Sinatra has taken the stage on 80 for development with backup from Puma\n",
                    );
                }
                Kind::WebUi => kernel.print("WEBUI running on port 80\n"),
            }
        }
        if kernel.take_signal().is_some() {
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            self.take(kernel, client, request);
        }
        let now = kernel.now();
        let (done, works) = std::mem::take(&mut self.works).into_iter().partition(|(at, ..)| *at <= now);
        self.works = works;
        for (_, client, request) in done {
            let response = self.work(kernel, &request);
            self.reply(kernel, client, &request, response);
        }
        let mut wait = self.connections.wait().or_until(self.works.iter().map(|(at, ..)| *at).min());
        for (client, request, mut ask) in std::mem::take(&mut self.asks) {
            match ask.step(kernel) {
                Asked::Waits(own) => {
                    wait = both(wait, own);
                    self.asks.push((client, request, ask));
                }
                Asked::Answered(answers) => {
                    let mut told = Value::map();
                    let mut answers = answers.into_iter();
                    let coins = answers.next();
                    told.set("coins", if let Some(Reply::Number(count)) = coins { count } else { 0 });
                    let hashes = answers.next();
                    told.set(
                        "hashes",
                        if let Some(Reply::Bulk(Some(text))) = hashes { text.into() } else { Value::Null },
                    );
                    told.set("now", kernel.date().0);
                    let body = json::to_string(&told);
                    self.reply(
                        kernel,
                        client,
                        &request,
                        Response::new(200, "application/json; charset=utf-8", body),
                    );
                }
                // It keeps the browser waiting, and says why.
                Asked::Failed(errno, ip) => {
                    kernel.complain(format!("Redis error Error: connect {errno} {ip}:6379\n"));
                    self.connections.close(kernel, client);
                }
                Asked::Unknown(_) => {
                    kernel.complain("Redis error Error: getaddrinfo ENOTFOUND redis\n");
                    self.connections.close(kernel, client);
                }
            }
        }
        wait.into()
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: Request) {
        let path = request.path();
        let host = kernel.hostname();
        let text = |text: String| Response::new(200, "text/html; charset=utf-8", text);
        let response = match self.kind {
            Kind::Rng if path == "/" => text(format!("RNG running on {host}\n")),
            Kind::Rng if path[1..].parse::<u32>().is_ok() => {
                let free = self.works.iter().map(|(at, ..)| *at).max().unwrap_or_default().max(kernel.now());
                return self.works.push((free + WORK, client, request));
            }
            Kind::Hasher if request.method == "POST" => {
                return self.works.push((kernel.now() + WORK, client, request));
            }
            Kind::Hasher if path == "/" => text(format!("HASHER running on {host}\n")),
            Kind::WebUi if path == "/" => {
                let mut found =
                    Response::new(302, "text/plain; charset=utf-8", "Found. Redirecting to /index.html");
                found.headers.insert(0, ("Location", "/index.html".to_owned()));
                found
            }
            Kind::WebUi if path == "/json" => {
                let ask = Ask::new("redis", 6379, &[&["HLEN", "wallet"], &["GET", "hashes"]]);
                return self.asks.push((client, request, ask));
            }
            Kind::WebUi if path == "/index.html" => text(PAGE.to_owned()),
            _ => Response::new(404, "text/html; charset=utf-8", "<h1>Not Found</h1>\n"),
        };
        self.reply(kernel, client, &request, response);
    }

    fn reply(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request, response: Response) {
        let status = response.status;
        let count = self.connections.reply(kernel, client, response);
        let (ip, line) = (request.ip(), request.line());
        let date = kernel.date().access_log();
        match self.kind {
            Kind::Rng => {
                let date = date.split(' ').next().unwrap_or_default().replacen(':', " ", 1);
                kernel.complain(format!("{ip} - - [{date}] \"{line}\" {status} -\n"));
            }
            Kind::Hasher => {
                kernel.complain(format!("{ip} - - [{date} +0000] \"{line}\" {status} {count} 0.1004\n"));
            }
            Kind::WebUi => {
                kernel.print(format!("::ffff:{ip} - - [{date} +0000] \"{line}\" {status} {count}\n"))
            }
        }
    }

    /// What a tenth of a second of work comes to.
    fn work(&self, kernel: &mut Kernel<'_>, request: &Request) -> Response {
        match self.kind {
            Kind::Hasher => {
                Response::new(200, "text/plain;charset=utf-8", hex(&sha256(request.body.as_bytes())))
            }
            _ => {
                let count = request.path()[1..].parse().unwrap_or(0).min(65_536);
                // Bodies are text here: bytes that are none would not come as they were sent.
                let bytes: Vec<u8> = (0..count).map(|_| kernel.random().below(128) as u8).collect();
                Response::new(200, "application/octet-stream", bytes)
            }
        }
    }
}

/// The one that works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    /// When it next counts in Redis what it has done since.
    counts: SimTime,
    done: u32,
    state: State,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum State {
    #[default]
    Idle,
    Counts(Ask),
    Sleeps(SimTime),
    Fetches(Call),
    Hashes(Call),
    Keeps(Ask),
}

impl Worker {
    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let patience = Duration::from_secs(130);
        loop {
            let (state, wait) = match std::mem::take(&mut self.state) {
                State::Idle if kernel.now() > self.counts || self.counts == SimTime::default() => {
                    let done = std::mem::take(&mut self.done);
                    kernel.complain(format!(
                        "INFO:__main__:{done} units of work done, updating hash counter\n"
                    ));
                    (
                        State::Counts(Ask::new("redis", 6379, &[&["INCRBY", "hashes", &done.to_string()]])),
                        None,
                    )
                }
                State::Idle => (State::Sleeps(kernel.now() + WORK), None),
                State::Counts(mut ask) => match ask.step(kernel) {
                    Asked::Waits(wait) => (State::Counts(ask), Some(wait)),
                    asked => match failure(kernel, asked) {
                        Some(why) => {
                            return crash(kernel, &format!("redis.exceptions.ConnectionError: Error {why}."));
                        }
                        None => {
                            self.counts = kernel.now() + Duration::from_secs(1);
                            (State::Sleeps(kernel.now() + WORK), None)
                        }
                    },
                },
                State::Sleeps(until) if kernel.now() < until => {
                    (State::Sleeps(until), Some(Wait::until(until)))
                }
                State::Sleeps(_) => {
                    let request = "GET /32 HTTP/1.1\r\nHost: rng\r\nUser-Agent: python-requests/2.32.3\r\nConnection: close\r\n\r\n";
                    (State::Fetches(Call::new("rng", 80, "/32".into(), request.into(), patience)), None)
                }
                State::Fetches(mut call) => match call.step(kernel) {
                    Called::Waits(wait) => (State::Fetches(call), Some(wait)),
                    called => {
                        let bytes = match answer(kernel, "rng", "/32", called) {
                            Ok(bytes) => bytes,
                            Err(why) => return crash(kernel, &why),
                        };
                        let mut request = format!(
                            "POST / HTTP/1.1\r\nHost: hasher\r\nUser-Agent: python-requests/2.32.3\r\nConnection: close\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
                            bytes.len()
                        )
                        .into_bytes();
                        request.extend(bytes);
                        (State::Hashes(Call::new("hasher", 80, "/".into(), request, patience)), None)
                    }
                },
                State::Hashes(mut call) => match call.step(kernel) {
                    Called::Waits(wait) => (State::Hashes(call), Some(wait)),
                    called => {
                        let hash = match answer(kernel, "hasher", "/", called) {
                            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                            Err(why) => return crash(kernel, &why),
                        };
                        self.done += 1;
                        match hash.starts_with('0') {
                            true => {
                                let start = hash.get(..8).unwrap_or_default();
                                kernel.complain(format!("INFO:__main__:Coin found: {start}...\n"));
                                (
                                    State::Keeps(Ask::new(
                                        "redis",
                                        6379,
                                        &[&["HSET", "wallet", &hash, "coin"]],
                                    )),
                                    None,
                                )
                            }
                            false => (State::Idle, None),
                        }
                    }
                },
                State::Keeps(mut ask) => match ask.step(kernel) {
                    Asked::Waits(wait) => (State::Keeps(ask), Some(wait)),
                    asked => match failure(kernel, asked) {
                        Some(why) => {
                            return crash(kernel, &format!("redis.exceptions.ConnectionError: Error {why}."));
                        }
                        None => (State::Idle, None),
                    },
                },
            };
            self.state = state;
            if let Some(wait) = wait {
                return wait.into();
            }
        }
    }
}

/// Python ends with what nobody caught.
fn crash(kernel: &mut Kernel<'_>, why: &str) -> Step {
    kernel.complain(format!("Traceback (most recent call last):\n  (Saya does not show where)\n{why}\n"));
    Step::Exit(1)
}

/// Python's words for a name that is not known.
fn unknown(kernel: &mut Kernel<'_>) -> &'static str {
    match resolver(kernel).libc {
        Libc::Musl => "-2] Name does not resolve",
        _ => "-2] Name or service not known",
    }
}

/// What went wrong with a question to Redis, as its library says it.
fn failure(kernel: &mut Kernel<'_>, asked: Asked) -> Option<String> {
    match asked {
        Asked::Unknown(_) => Some(unknown(kernel).replace("] ", " connecting to redis:6379. ")),
        Asked::Failed(errno, _) => Some(format!("{} connecting to redis:6379. {errno}", errno.number())),
        _ => None,
    }
}

/// The body of an answer, or what went wrong, as `requests` says it.
fn answer(kernel: &mut Kernel<'_>, host: &str, path: &str, called: Called) -> Result<Vec<u8>, String> {
    let why = match called {
        Called::Answered(bytes) => return Ok(Response::passed_on(&bytes).unwrap_or_default().body),
        Called::Failed(errno, _) => format!("{}] {errno}", errno.number()),
        _ => unknown(kernel).to_owned(),
    };
    Err(format!(
        "requests.exceptions.ConnectionError: HTTPConnectionPool(host='{host}', port=80): Max retries exceeded with url: {path} (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object>: Failed to establish a new connection: [Errno {why}'))"
    ))
}

const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>DockerCoins WebUI</title>\n</head>\n<body>\n<h1>DockerCoins</h1>\n<p>The speed is read from <a href=\"/json\">/json</a>. (The page's own script, which draws it, is not simulated.)</p>\n</body>\n</html>\n";
