//! Connections that programs make to others: a name is looked up, its addresses are tried, and what comes back is read.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::http::{Request, is_whole};
use crate::base::SimTime;
use crate::container::commands::network::resolve::Resolve;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::network::resolver::{Failure, Family};

/// Waits for what either waits for.
pub fn both(mut one: Wait, other: Wait) -> Wait {
    one = one.or_until(other.until);
    one.readable.extend(other.readable);
    one.children |= other.children;
    one.world |= other.world;
    one
}

/// What node calls the failure of a connection.
pub fn node_code(errno: Errno) -> &'static str {
    match errno {
        Errno::ConnectionRefused => "ECONNREFUSED",
        Errno::HostUnreachable => "EHOSTUNREACH",
        Errno::NetworkUnreachable => "ENETUNREACH",
        Errno::TimedOut => "ETIMEDOUT",
        _ => "ECONNRESET",
    }
}

/// A connection that is being made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dial {
    host: String,
    port: u16,
    naming: Option<Resolve>,
    addresses: Vec<IpAddr>,
    trying: Option<(Fd, IpAddr)>,
    /// What came of the first address that was tried in vain.
    first: Option<(Errno, IpAddr)>,
    patience: Option<Duration>,
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
    pub fn new(host: &str, port: u16, patience: Option<Duration>) -> Self {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Self {
            host,
            port,
            naming: None,
            addresses: Vec::new(),
            trying: None,
            first: None,
            patience,
            until: None,
        }
    }

    /// Why the first address failed: what Go's programs tell where all have.
    pub fn first_failure(&self) -> Option<(Errno, IpAddr)> {
        self.first
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Dialed {
        if self.addresses.is_empty() && self.trying.is_none() {
            let naming = match &mut self.naming {
                Some(naming) => naming,
                None => self.naming.insert(Resolve::host(kernel, &self.host, Family::Any)),
            };
            if let Some(wait) = naming.step(kernel) {
                return Dialed::Waits(wait);
            }
            match naming.resolved() {
                Ok(resolved) => self.addresses.clone_from(&resolved.addresses),
                Err(failure) => return Dialed::Unknown(failure),
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
                        self.first.get_or_insert((errno, ip));
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
                Err(errno) => {
                    (last, tried) = (errno, ip);
                    self.first.get_or_insert((errno, ip));
                }
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
    /// Sends these bytes to a host and port; `url` is the path that is asked for.
    pub fn new(host: &str, port: u16, url: String, request: Vec<u8>, patience: Duration) -> Self {
        let dial = Dial::new(host, port, Some(patience));
        Self { dial, url, request, fd: None, received: Vec::new(), until: None }
    }

    /// Hands a request on to a host and port.
    pub fn http(host: &str, request: &Request, path: &str, patience: Duration) -> Self {
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
        Self::new(name, port, path.to_owned(), text.into_bytes(), patience)
    }

    /// The same once more, to another server.
    pub fn again(self, to: SocketAddr) -> Self {
        let patience = self.dial.patience.unwrap_or_default();
        Self::new(&to.ip().to_string(), to.port(), self.url, self.request, patience)
    }

    /// Over a connection that is being made to this address.
    pub fn over(self, fd: Fd, ip: IpAddr) -> Self {
        Self { dial: Dial { trying: Some((fd, ip)), ..self.dial }, ..self }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Called {
        let fd = match self.fd {
            Some(fd) => fd,
            None => match self.dial.step(kernel) {
                Dialed::Waits(wait) => return Called::Waits(wait),
                Dialed::Connected(fd, _) => {
                    kernel.write(fd, &self.request).ok();
                    self.fd = Some(fd);
                    self.until = Some(kernel.now() + Duration::from_secs(60));
                    fd
                }
                Dialed::Failed(errno, ip) => {
                    let server = SocketAddr::new(ip, self.dial.port);
                    return Called::Failed(errno, format!("http://{server}{}", self.url));
                }
                Dialed::Unknown(_) => return Called::Unknown(self.dial.host.clone()),
            },
        };
        let ended = kernel.read_into(fd, &mut self.received);
        if ended || is_whole(&self.received, !self.request.starts_with(b"HEAD ")) {
            kernel.close(fd).ok();
            return Called::Answered(std::mem::take(&mut self.received));
        }
        if self.until.is_some_and(|until| kernel.now() >= until) {
            kernel.close(fd).ok();
            let server = format!("{}:{}", self.dial.host, self.dial.port);
            return Called::Failed(Errno::TimedOut, format!("http://{server}{}", self.url));
        }
        Called::Waits(Wait::readable(fd).or_until(self.until))
    }
}
