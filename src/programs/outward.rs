//! Connections that programs make to others: a name is looked up, its addresses are tried, and what comes back is read.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::http::Request;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::container::sockets::Protocol;
use crate::network::dns::{Answer, Question};
use crate::network::packet::{Payload, Query};
use crate::network::resolver::{Ask, Failure, Family, Libc, Lookup, Outcome, Reply, Resolver, Resolving, Step};

/// The C library of the image.
pub fn libc(kernel: &mut Kernel<'_>) -> Libc {
    if kernel.files().exists("/etc/alpine-release") { Libc::Musl } else { Libc::Glibc }
}

/// Waits for what either waits for.
pub fn both(mut one: Wait, other: Wait) -> Wait {
    one = one.or_until(other.until);
    one.readable.extend(other.readable);
    one.children |= other.children;
    one.world |= other.world;
    one
}

/// Questions on their way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Asked {
    ask: Ask,
    fd: Fd,
    answers: BTreeMap<u16, Answer>,
}

/// A name that is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Naming {
    lookup: Lookup,
    begun: bool,
    asked: Option<Asked>,
    until: Option<SimTime>,
}

impl Naming {
    fn new(kernel: &mut Kernel<'_>, name: &str) -> Self {
        let libc = libc(kernel);
        let mut text = |path: &str| {
            let bytes = kernel.files().read(path).unwrap_or_default();
            Arc::from(String::from_utf8_lossy(&bytes))
        };
        let resolver =
            Resolver { libc, resolv_conf: text("/etc/resolv.conf"), hosts: text("/etc/hosts"), ipv6: false };
        Self { lookup: resolver.lookup(name, Family::Any), begun: false, asked: None, until: None }
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<Outcome, Wait> {
        loop {
            let now = kernel.now();
            let step = if !std::mem::replace(&mut self.begun, true) {
                self.lookup.begin(now)
            } else if let Some(asked) = &mut self.asked {
                let reply = match asked.hear(kernel) {
                    Some(reply) => reply,
                    None if asked.ask.until <= now => Reply::Silence,
                    None => return Err(Wait::readable(asked.fd).or_until(asked.ask.until)),
                };
                kernel.close(asked.fd).ok();
                self.asked = None;
                self.lookup.resume(now, reply)
            } else if let Some(until) = self.until {
                if now < until {
                    return Err(Wait::until(until));
                }
                self.until = None;
                self.lookup.resume(now, Reply::Silence)
            } else {
                return Ok(Err(Failure::Again));
            };
            match step {
                Step::Done(outcome) => return Ok(outcome),
                Step::Wait(until) => self.until = Some(until),
                Step::Ask(ask) => self.asked = Some(Asked::send(kernel, ask)),
            }
        }
    }
}

impl Asked {
    fn send(kernel: &mut Kernel<'_>, ask: Ask) -> Self {
        let fd = kernel.datagrams(Protocol::Udp);
        for server in &ask.servers {
            for (id, question) in (0..).zip(&ask.questions) {
                let query = Query { id, edns: None, question: Question::clone(question) };
                let to = SocketAddr::new(*server, 53);
                kernel.send_to(fd, to, Payload::Query(Arc::new(query))).ok();
            }
        }
        Self { ask, fd, answers: BTreeMap::new() }
    }

    fn hear(&mut self, kernel: &mut Kernel<'_>) -> Option<Reply> {
        loop {
            match kernel.receive(self.fd) {
                Ok(Some(datagram)) => {
                    if let Payload::Answer(both) = &datagram.payload {
                        self.answers.entry(both.0.id).or_insert_with(|| both.1.clone());
                    }
                }
                Ok(None) => break,
                Err(_) if self.ask.hears_refusal => return Some(Reply::Refused),
                Err(_) => break,
            }
        }
        let whole = self.answers.len() == self.ask.questions.len();
        whole.then(|| Reply::Answers(self.answers.values().cloned().collect()))
    }
}

/// A connection that is being made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dial {
    host: String,
    port: u16,
    naming: Option<Naming>,
    addresses: Vec<IpAddr>,
    trying: Option<(Fd, IpAddr)>,
    patience: Option<std::time::Duration>,
    until: Option<SimTime>,
}

/// What came of a [`Dial`].
pub enum Dialed {
    Waits(Wait),
    Connected(Fd, IpAddr),
    Unknown(Failure),
    Failed(Errno, IpAddr),
}

impl Dial {
    /// To a host and port; given up after `patience`, if there is one.
    pub fn new(host: &str, port: u16, patience: Option<std::time::Duration>) -> Self {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Self { host, port, naming: None, addresses: Vec::new(), trying: None, patience, until: None }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Dialed {
        if self.naming.is_none() {
            self.naming = Some(Naming::new(kernel, &self.host));
        }
        if self.addresses.is_empty() && self.trying.is_none() {
            match self.naming.as_mut().map(|naming| naming.step(kernel)) {
                Some(Ok(Ok(resolved))) => self.addresses = resolved.addresses,
                Some(Ok(Err(failure))) => return Dialed::Unknown(failure),
                Some(Err(wait)) => return Dialed::Waits(wait),
                None => return Dialed::Unknown(Failure::Again),
            }
            self.addresses.reverse();
            self.until = self.patience.map(|patience| kernel.now() + patience);
        }
        let mut last = Errno::HostUnreachable;
        let mut tried = IpAddr::from([0, 0, 0, 0]);
        loop {
            if let Some((fd, ip)) = self.trying {
                match kernel.is_connected(fd) {
                    Ok(true) => return Dialed::Connected(fd, ip),
                    Ok(false) if self.until.is_some_and(|until| kernel.now() >= until) => {
                        kernel.close(fd).ok();
                        return Dialed::Failed(Errno::TimedOut, ip);
                    }
                    Ok(false) => return Dialed::Waits(Wait::readable(fd).or_until(self.until)),
                    Err(errno) => {
                        kernel.close(fd).ok();
                        (last, tried) = (errno, ip);
                        self.trying = None;
                    }
                }
            }
            let Some(ip) = self.addresses.pop() else { return Dialed::Failed(last, tried) };
            match kernel.connect(SocketAddr::new(ip, self.port)) {
                Ok(fd) => {
                    kernel.set_close_on_exec(fd);
                    self.trying = Some((fd, ip));
                }
                Err(errno) => (last, tried) = (errno, ip),
            }
        }
    }
}

/// A whole question to another server, and all that it answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    dial: Dial,
    url: String,
    request: Vec<u8>,
    fd: Option<Fd>,
    received: Vec<u8>,
    until: Option<SimTime>,
}

/// What came of a [`Call`].
pub enum Called {
    Waits(Wait),
    Answered(Vec<u8>),
    Failed(Errno, String),
    Unknown(String),
}

impl Call {
    /// Hands a request on to a host and port.
    pub fn http(host: &str, request: &Request, path: &str) -> Self {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().unwrap_or(80)),
            None => (host, 80),
        };
        let mut text = format!("{} {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n", request.method);
        for (name, value) in &request.headers {
            if !["host", "connection"].contains(&name.to_lowercase().as_str()) {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        text.push_str("\r\n");
        text.push_str(&request.body);
        let patience = Some(std::time::Duration::from_secs(60));
        Self {
            dial: Dial::new(name, port, patience),
            url: path.to_owned(),
            request: text.into_bytes(),
            fd: None,
            received: Vec::new(),
            until: None,
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Called {
        let fd = match self.fd {
            Some(fd) => fd,
            None => match self.dial.step(kernel) {
                Dialed::Waits(wait) => return Called::Waits(wait),
                Dialed::Connected(fd, _) => {
                    kernel.write(fd, &self.request).ok();
                    self.fd = Some(fd);
                    self.until = Some(kernel.now() + std::time::Duration::from_secs(60));
                    fd
                }
                Dialed::Failed(errno, ip) => {
                    return Called::Failed(errno, format!("http://{ip}:{}{}", self.dial.port, self.url));
                }
                Dialed::Unknown(_) => return Called::Unknown(self.dial.host.clone()),
            },
        };
        loop {
            match kernel.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => self.received.extend(bytes),
                Ok(Data::Empty) if self.until.is_some_and(|until| kernel.now() >= until) => {
                    kernel.close(fd).ok();
                    return Called::Failed(Errno::TimedOut, self.url.clone());
                }
                Ok(Data::Empty) => return Called::Waits(Wait::readable(fd).or_until(self.until)),
                _ => {
                    kernel.close(fd).ok();
                    return Called::Answered(std::mem::take(&mut self.received));
                }
            }
        }
    }
}
