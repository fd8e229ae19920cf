//! Small servers of courses that are written in Go with its own `net/http`.

use std::sync::Arc;

use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::signal::{Action, Signal};
use crate::programs::http::{Connections, Request, Response};
use crate::programs::web::stamp;

const TEXT: &str = "text/plain; charset=utf-8";
const PAGE: &str = "text/html; charset=utf-8";

/// Which of them it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// blux2/delayfailserver: well for ten seconds.
    DelayFail,
    /// blux2/hello-server, whose versions are those of the chapters of its book.
    Hello,
    /// katacoda/docker-http-server: on which host it runs.
    Katacoda,
    /// containersol/k8s-deployment-strategies: host and version.
    Strategies,
}

/// One of them that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GoServer {
    kind: Kind,
    version: Arc<str>,
    /// When it began; none before.
    begun: Option<SimTime>,
    connections: Connections,
}

impl GoServer {
    /// The one that an executable's id stands for: `hello:1.0`.
    pub fn load(id: &str) -> Option<Self> {
        let (name, version) = id.split_once(':')?;
        let kind = match name {
            "delay-fail" => Kind::DelayFail,
            "hello" => Kind::Hello,
            "katacoda" => Kind::Katacoda,
            "strategies" => Kind::Strategies,
            _ => return None,
        };
        Some(Self { kind, version: version.into(), begun: None, connections: Connections::default() })
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.begun.is_none() {
            self.begun = Some(kernel.now());
            if let Err(status) = self.begin(kernel) {
                return Step::Exit(status);
            }
        }
        if kernel.take_signal().is_some() {
            if self.kind != Kind::Strategies {
                return Step::Exit(2);
            }
            log_as_json(kernel, "", "Shutting down server...");
            return Step::Exit(0);
        }
        while let Some((client, request)) = self.connections.next(kernel) {
            let (status, kind, text) = self.answer(kernel, &request);
            self.connections.reply(kernel, client, Response::new(status, kind, text));
        }
        self.connections.wait().into()
    }

    /// Listens, and says so as it does.
    fn begin(&mut self, kernel: &mut Kernel<'_>) -> Result<(), u8> {
        let now = stamp(kernel.date());
        let mut ports = vec![8080];
        match self.kind {
            Kind::DelayFail => kernel.complain(format!("{now} Starting server...\n")),
            Kind::Hello => {
                let told = kernel.variable("PORT").filter(|own| !own.is_empty());
                let told = told.unwrap_or_else(|| "8080".into());
                kernel.complain(format!("{now} Starting server on port {told}\n"));
                ports = vec![self.port(kernel, &told)?];
            }
            Kind::Katacoda => {
                ports = vec![80];
                kernel.print("Web Server started. Listening on 0.0.0.0:80\n");
            }
            Kind::Strategies => {
                ports.extend([8086, 9101]);
                log_as_json(kernel, "", "Probe server running at :8086");
                log_as_json(kernel, "", "Serving Prometheus metrics on port :9101");
                log_as_json(kernel, "", "Server started at :8080");
            }
        }
        for port in ports {
            if let Err(errno) = self.connections.listen(kernel, port) {
                let why = errno.to_string().to_lowercase();
                let text = match self.kind {
                    Kind::Katacoda => String::new(),
                    _ => format!("{now} listen tcp :{port}: bind: {why}\n"),
                };
                kernel.complain(text);
                // The first one of all disregards what `ListenAndServe` gives it.
                return Err(u8::from(self.kind != Kind::Katacoda));
            }
        }
        kernel.on_signal(Signal::TERM, Action::Catch);
        Ok(())
    }

    /// The number of a port, which Go looks up where it is a name.
    fn port(&self, kernel: &mut Kernel<'_>, told: &str) -> Result<u16, u8> {
        let now = stamp(kernel.date());
        let why = match told.parse::<i64>() {
            Ok(number) => match u16::try_from(number) {
                Ok(port) => return Ok(port),
                Err(_) => format!("address {told}: invalid port"),
            },
            Err(_) => format!("lookup tcp/{told}: unknown port"),
        };
        kernel.complain(format!("{now} listen tcp: {why}\n"));
        Err(1)
    }

    /// The status, the kind and the text of an answer; what is logged is written.
    fn answer(&self, kernel: &mut Kernel<'_>, request: &Request) -> (u16, &'static str, String) {
        let (host, path) = (kernel.hostname(), request.path());
        let not_found = || (404, TEXT, "404 page not found\n".to_owned());
        match self.kind {
            Kind::DelayFail if path == "/healthz" => {
                let now = stamp(kernel.date());
                let age = self.begun.map_or(0, |begun| kernel.now().since(begun).as_secs());
                if age <= 10 {
                    kernel.complain(format!("{now} Health Check: OK\n"));
                    return (200, TEXT, "OK".to_owned());
                }
                kernel.complain(format!("{now} Error: Service Unhealthy\n"));
                (503, TEXT, "Service Unhealthy\n".to_owned())
            }
            Kind::DelayFail => not_found(),
            Kind::Hello => self.hello(kernel, &path).unwrap_or_else(not_found),
            Kind::Katacoda => {
                let new = if self.version.starts_with("v2") { "New Release! Now v2! " } else { "" };
                (200, PAGE, format!("<h1>{new}This request was processed by host: {host}</h1>\n"))
            }
            Kind::Strategies if request.port == 8086 => match &*path {
                "/live" | "/ready" => (200, "application/json; charset=utf-8", "{}\n".to_owned()),
                _ => not_found(),
            },
            Kind::Strategies if request.port == 9101 => {
                (200, TEXT, "(Saya does not simulate the metrics of this server.)\n".to_owned())
            }
            Kind::Strategies => {
                let version = kernel.variable("VERSION").unwrap_or_default();
                let answer = match &*path {
                    "/" => (200, TEXT, format!("Host: {host}, Version: {version}\n")),
                    _ => not_found(),
                };
                let asked = request.header("Host").unwrap_or_default();
                let (status, size) = (answer.0, answer.2.len());
                let fields = format!(
                    "\"version\":\"{version}\",\"host\":\"{asked}\",\"status\":{status},\"size\":{size},\"duration_ms\":0.025,"
                );
                log_as_json(kernel, &fields, "request");
                answer
            }
        }
    }

    /// What blux2/hello-server answers: the path of its health differs between its versions, and one reads a file.
    fn hello(&self, kernel: &mut Kernel<'_>, path: &str) -> Option<(u16, &'static str, String)> {
        const HELLO: &str = "Hello, world!";
        let mut parts = self.version.split('.').map(|part| part.parse().unwrap_or(0_u32));
        let version = (parts.next()?, parts.next().unwrap_or(0));
        let health = if version < (2, 4) { "/health" } else { "/healthz" };
        if version >= (1, 6) && path == health {
            let now = stamp(kernel.date());
            kernel.complain(format!("{now} Health Status OK\n"));
            return Some((200, TEXT, "OK".to_owned()));
        }
        if version >= (1, 6) && path != "/" {
            return None;
        }
        Some(match version {
            (1, 0) => (200, TEXT, HELLO.to_owned()),
            (1, 5) => match kernel.files().read("/etc/config/myconfig.txt") {
                Ok(text) => (200, TEXT, String::from_utf8_lossy(&text).into_owned()),
                Err(_) => (
                    500,
                    TEXT,
                    "(Saya does not know what this server answers without its file.)\n".to_owned(),
                ),
            },
            (1, 7) => {
                (200, TEXT, "(Saya does not simulate that this version takes ever more memory.)\n".to_owned())
            }
            _ => (200, TEXT, format!("{HELLO} Let's learn Kubernetes!")),
        })
    }
}

/// A line of a log as zerolog writes it.
fn log_as_json(kernel: &mut Kernel<'_>, fields: &str, message: &str) {
    let date = kernel.date().rfc3339();
    kernel
        .complain(format!("{{\"level\":\"info\",{fields}\"time\":\"{date}\",\"message\":\"{message}\"}}\n"));
}
