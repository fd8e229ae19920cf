//! The two servers of subicura's guide, which node runs with Fastify: one tells its Pod's name, one counts in a Redis.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::fields::{Json, fields};
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};
use crate::programs::http::{Client, Connections, Request, Response};
use crate::programs::outward::{both, node_code};
use crate::programs::redis::{Ask, Asked, Reply};

const PORT: u16 = 3000;
/// The longest that the library of Redis waits before it tries again.
const PATIENCE: u64 = 500;

/// One of them that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fastify {
    counts: bool,
    begun: bool,
    connections: Connections,
    requests: u64,
    /// Whether its Redis has answered.
    greeted: bool,
    redis: Redis,
    /// How often it could not be asked since it last could.
    failures: u64,
    /// What waits for an answer of Redis.
    busy: Vec<(Client, u64)>,
}

/// What it asks its Redis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Redis {
    Idle,
    Asks(Box<Ask>),
    Later(SimTime),
}

impl Fastify {
    pub fn new(counts: bool) -> Self {
        let connections = Connections::default();
        let redis = if counts { Redis::Later(SimTime::default()) } else { Redis::Idle };
        Self {
            counts,
            begun: false,
            connections,
            requests: 0,
            greeted: false,
            redis,
            failures: 0,
            busy: Vec::new(),
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            if let Err(errno) = self.connections.listen_at(kernel, Ipv4Addr::UNSPECIFIED.into(), PORT) {
                let why = errno.to_string().to_lowercase();
                kernel.complain(format!("Error: listen EADDRINUSE: {why} 0.0.0.0:{PORT}\n"));
                return Step::Exit(1);
            }
            log(kernel, [], &format!("Server listening at http://0.0.0.0:{PORT}"));
            if !self.counts {
                self.greet(kernel);
            }
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            self.take(kernel, client, &request);
        }
        let wait = self.ask(kernel);
        both(self.connections.wait(), wait).into()
    }

    fn greet(&mut self, kernel: &mut Kernel<'_>) {
        self.greeted = true;
        log(kernel, [], &format!("server listening on http://0.0.0.0:{PORT}"));
    }

    fn take(&mut self, kernel: &mut Kernel<'_>, client: Client, request: &Request) {
        self.requests += 1;
        let number = self.requests;
        let from = request.from.map(|from| (from.ip().to_canonical().to_string(), from.port()));
        let (ip, port) = from.unwrap_or_default();
        let told = fields([
            ("method", (&*request.method).into()),
            ("url", (&*request.target).into()),
            ("hostname", request.header("host").unwrap_or_default().into()),
            ("remoteAddress", ip.into()),
            ("remotePort", i64::from(port).into()),
        ]);
        log(kernel, [id(number), ("req", told)], "incoming request");
        match &*request.path() {
            "/" if self.counts => self.busy.push((client, number)),
            "/" => {
                let host = kernel.hostname();
                self.reply(kernel, client, number, Response::new(200, TEXT, format!("{host}\n")));
            }
            path => {
                let message = format!("Route {}:{path} not found", request.method);
                log(kernel, [id(number)], &message);
                let told = fields([
                    ("message", message.into()),
                    ("error", "Not Found".into()),
                    ("statusCode", 404.into()),
                ]);
                let response = Response::new(404, "application/json; charset=utf-8", told.text(None));
                self.reply(kernel, client, number, response);
            }
        }
    }

    fn reply(&mut self, kernel: &mut Kernel<'_>, client: Client, number: u64, response: Response) {
        let status = fields([("statusCode", i64::from(response.status).into())]);
        self.connections.reply(kernel, client, response);
        log(kernel, [id(number), ("res", status), ("responseTime", 1.into())], "request completed");
    }

    /// Goes on with what it asks its Redis: whether it is there, and then the next number.
    fn ask(&mut self, kernel: &mut Kernel<'_>) -> Wait {
        loop {
            match &mut self.redis {
                Redis::Idle if self.busy.is_empty() => return Wait::default(),
                Redis::Later(until) if *until > kernel.now() => return Wait::until(*until),
                Redis::Idle | Redis::Later(_) => {}
                Redis::Asks(ask) => match ask.step(kernel) {
                    Asked::Waits(wait) => return wait,
                    asked => {
                        self.redis = Redis::Idle;
                        self.asked(kernel, asked);
                        continue;
                    }
                },
            }
            let variable = |name: &str, otherwise: &str| {
                kernel.variable(name).map_or(otherwise.to_owned(), |own| own.to_string())
            };
            let host = variable("REDIS_HOST", "localhost");
            let port = variable("REDIS_PORT", "6379").parse().unwrap_or(6379);
            let question: &[&str] = if self.greeted { &["INCR", "count"] } else { &["PING"] };
            self.redis = Redis::Asks(Box::new(Ask::new(&host, port, &[question])));
        }
    }

    fn asked(&mut self, kernel: &mut Kernel<'_>, asked: Asked) {
        let why = match asked {
            Asked::Waits(_) => return,
            Asked::Answered(_) if !self.greeted => {
                self.failures = 0;
                return self.greet(kernel);
            }
            Asked::Answered(answers) => {
                self.failures = 0;
                let (client, number) = self.busy.remove(0);
                let response = match answers.into_iter().next() {
                    Some(Reply::Number(count)) => Response::new(200, TEXT, format!("{count}\n")),
                    answer => Response::new(500, TEXT, format!("{answer:?}\n")),
                };
                return self.reply(kernel, client, number, response);
            }
            Asked::Failed(errno, ip) => {
                let (code, number) = (node_code(errno), errno.number());
                format!(
                    "connect {code} {ip}:6379\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1157:16) {{\n  errno: -{number},\n  code: '{code}',\n  syscall: 'connect',\n  address: '{ip}',\n  port: 6379\n}}"
                )
            }
            Asked::Unknown(_) => {
                let host = kernel.variable("REDIS_HOST").unwrap_or_default();
                format!(
                    "getaddrinfo ENOTFOUND {host}\n    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:71:26) {{\n  errno: -3008,\n  code: 'ENOTFOUND',\n  syscall: 'getaddrinfo',\n  hostname: '{host}'\n}}"
                )
            }
        };
        kernel.complain(format!("Redis Client Error Error: {why}\n"));
        self.failures += 1;
        let after = Duration::from_millis((self.failures * 50).min(PATIENCE));
        self.redis = Redis::Later(kernel.now() + after);
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn id(number: u64) -> (&'static str, Json) {
    ("reqId", format!("req-{number}").into())
}

/// A line of a log as `pino` writes it.
fn log<const N: usize>(kernel: &mut Kernel<'_>, more: [(&str, Json); N], text: &str) {
    let mut own = vec![
        ("level", 30.into()),
        ("time", (kernel.date().0 * 1000).into()),
        ("pid", i64::from(kernel.pid().0).into()),
        ("hostname", (&*kernel.hostname()).into()),
    ];
    own.extend(more);
    own.push(("msg", text.into()));
    kernel.print(format!("{}\n", fields(own).text(None)));
}
