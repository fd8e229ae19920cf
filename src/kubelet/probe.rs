//! Probes of containers: when they are made, what they find, and what follows from several in a row.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::container::files::Volumes;
use crate::container::machine::{OutputId, Pid};
use crate::network::namespace::Namespace;

use super::process::{Process, Reply};

/// From a container's start to its first probe, where no delay is asked for.
const FIRST: Duration = Duration::from_millis(500);

/// What a probe decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProbeKind {
    /// Whether the container has started; the others wait for it.
    Startup,
    /// Whether it is to be started again.
    Liveness,
    /// Whether it gets traffic.
    Readiness,
}

impl ProbeKind {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 3] = [Self::Startup, Self::Liveness, Self::Readiness];

    /// The field of a container that asks for it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Startup => "startupProbe",
            Self::Liveness => "livenessProbe",
            Self::Readiness => "readinessProbe",
        }
    }
    /// Its name at the beginning of an Event.
    pub fn title(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
        }
    }
}

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// All is well.
    Success,
    /// It is not, and why.
    Failure(String),
    /// It could not be made, and why: nothing follows from it.
    Error(String),
}

/// A command of a probe that runs in the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Running {
    pid: Pid,
    output: OutputId,
    deadline: SimTime,
}

/// One probe of one run of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prober {
    /// What it decides.
    pub kind: ProbeKind,
    due: SimTime,
    running: Option<Running>,
    streak: (bool, i64),
    /// What enough probes in a row have decided.
    pub verdict: Option<bool>,
}

impl Prober {
    /// The probes that a container asks for, which began to run at `now`.
    pub fn all(container: &Value, now: SimTime) -> Vec<Self> {
        let asked = ProbeKind::ALL.into_iter().filter(|kind| !container.get(kind.field()).is_null());
        asked
            .map(|kind| {
                let delay = seconds(container.get(kind.field()), "initialDelaySeconds", 0);
                let due = now + delay.max(FIRST);
                Self { kind, due, running: None, streak: (false, 0), verdict: None }
            })
            .collect()
    }

    /// When it is to be looked at next.
    pub fn next_at(&self) -> SimTime {
        self.running.map_or(self.due, |running| running.deadline)
    }

    /// True where its command has ended and nobody has looked.
    pub fn has_ended(&self, process: &Process) -> bool {
        self.running.is_some_and(|running| process.status(running.pid).is_some())
    }

    /// Goes on: makes the probe when it is due, and gives what it found once that is known.
    pub fn step(
        &mut self,
        container: &Value,
        process: &mut Process,
        at: (&Namespace, Ipv4Addr),
        volumes: &mut Volumes,
        now: SimTime,
    ) -> Option<Outcome> {
        let probe = container.get(self.kind.field());
        let found = if let Some(running) = self.running {
            let (text, status) = match process.status(running.pid) {
                Some(code) => (process.finish(running.pid, running.output), Some(code)),
                None if now < running.deadline => return None,
                None => {
                    process.abort(running.pid, now);
                    (String::new(), None)
                }
            };
            self.running = None;
            match status {
                Some(0) => Outcome::Success,
                Some(_) => Outcome::Failure(text),
                None => {
                    let command: Vec<&str> =
                        probe.at(&["exec", "command"]).items().iter().map(Value::str).collect();
                    let limit = seconds(probe, "timeoutSeconds", 1).as_secs();
                    let command = command.join(" ");
                    Outcome::Failure(format!("command timed out: \"{command}\" timed out after {limit}s"))
                }
            }
        } else {
            if now < self.due {
                return None;
            }
            self.due = now + seconds(probe, "periodSeconds", 10);
            let command: Vec<String> =
                probe.at(&["exec", "command"]).items().iter().map(|word| word.str().into()).collect();
            if command.is_empty() {
                ask(container, probe, process, at, volumes, now)
            } else {
                match process.exec(&command, volumes, now) {
                    Ok((pid, output)) => {
                        let deadline = now + seconds(probe, "timeoutSeconds", 1);
                        self.running = Some(Running { pid, output, deadline });
                        return None;
                    }
                    Err(_) if process.is_assumed() => Outcome::Success,
                    Err(why) => Outcome::Error(why),
                }
            }
        };
        let good = match found {
            Outcome::Error(_) => return Some(found),
            Outcome::Success => true,
            Outcome::Failure(_) => false,
        };
        self.streak = if self.streak.0 == good { (good, self.streak.1 + 1) } else { (good, 1) };
        let (field, least) = if good { ("successThreshold", 1) } else { ("failureThreshold", 3) };
        if self.streak.1 >= probe.get(field).as_int().unwrap_or(least) {
            self.verdict = Some(good);
        }
        Some(found)
    }
}

fn seconds(probe: &Value, field: &str, otherwise: i64) -> Duration {
    Duration::from_secs(probe.get(field).as_int().unwrap_or(otherwise).max(0) as u64)
}

/// The port that a handler names, by number or by the name of a container's port.
fn port_of(container: &Value, port: &Value) -> u16 {
    let named = || {
        let ports = container.get("ports").items();
        ports
            .iter()
            .find(|known| known.get("name") == port)
            .map_or(0, |known| known.get("containerPort").int())
    };
    let number = port.as_int().or_else(|| port.str().parse().ok()).unwrap_or_else(named);
    u16::try_from(number).unwrap_or(0)
}

/// A probe over the network, in the words of Go's `net` and `net/http`.
pub(super) fn ask(
    container: &Value,
    handler: &Value,
    process: &mut Process,
    (net, ip): (&Namespace, Ipv4Addr),
    volumes: &mut Volumes,
    now: SimTime,
) -> Outcome {
    let (http, tcp, grpc) = (handler.get("httpGet"), handler.get("tcpSocket"), handler.get("grpc"));
    let kind = [http, tcp, grpc].into_iter().find(|kind| !kind.is_null()).unwrap_or(tcp);
    let port = port_of(container, kind.get("port"));
    let host = kind.get("host").as_str().map_or_else(|| ip.to_string(), str::to_string);
    let refused = format!("dial tcp {host}:{port}: connect: connection refused");
    if !process.listens(net, ip, port) {
        return Outcome::Failure(if !http.is_null() {
            format!("Get \"{}\": {refused}", url(http, &host, port))
        } else if !grpc.is_null() {
            let limit = seconds(handler, "timeoutSeconds", 1).as_secs();
            format!(
                "timeout: failed to connect service \"{host}:{port}\" within {limit}s: context deadline exceeded"
            )
        } else {
            refused
        });
    }
    if http.is_null() {
        return match process.get("/", volumes, now) {
            Reply::Anything => Outcome::Success,
            _ if grpc.is_null() => Outcome::Success,
            _ => {
                let limit = seconds(handler, "timeoutSeconds", 1).as_secs();
                Outcome::Failure(format!(
                    "timeout: failed to connect service \"{host}:{port}\" within {limit}s: context deadline exceeded"
                ))
            }
        };
    }
    let address = url(http, &host, port);
    match process.get(http.get("path").as_str().unwrap_or("/"), volumes, now) {
        Reply::Anything => Outcome::Success,
        Reply::NotHttp => Outcome::Failure(format!("Get \"{address}\": EOF")),
        Reply::Status(_) if http.get("scheme").str() == "HTTPS" => {
            Outcome::Failure(format!("Get \"{address}\": http: server gave HTTP response to HTTPS client"))
        }
        Reply::Status(200..400) => Outcome::Success,
        Reply::Status(code) => Outcome::Failure(format!("HTTP probe failed with statuscode: {code}")),
    }
}

fn url(http: &Value, host: &str, port: u16) -> String {
    let scheme = if http.get("scheme").str() == "HTTPS" { "https" } else { "http" };
    let path = http.get("path").str();
    let slash = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
    format!("{scheme}://{host}:{port}{slash}{path}")
}
