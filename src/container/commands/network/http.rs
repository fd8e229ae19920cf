//! An HTTP request and its answer, as `wget` and `curl` make it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::resolve::{Resolve, one};
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::network::packet::{SELF_SIGNED, TLS_CLIENT, TLS_SERVER};
use crate::network::resolver::{Failure, Family};

/// The parts of a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Url {
    /// `http`, in small letters.
    pub scheme: String,
    /// `user:password`.
    pub user: Option<String>,
    /// The host, without brackets.
    pub host: String,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The path and all behind it; `/` at least.
    pub path: String,
}

impl Url {
    /// Reads a URL; one without a scheme is HTTP's. None where its port is none or it has no host.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = path.split('#').next().unwrap_or_default();
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_string()), host),
            None => (None, authority),
        };
        let (host, port) = if let Some(bracketed) = host.strip_prefix('[') {
            let (host, rest) = bracketed.split_once(']')?;
            (host, rest.strip_prefix(':'))
        } else {
            host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)))
        };
        let port = match port.filter(|port| !port.is_empty()) {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        };
        if host.is_empty() {
            return None;
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            user,
            host: host.into(),
            port,
            path: format!("{slash}{path}"),
        })
    }

    /// Where a `Location` leads from here.
    pub fn join(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let path = match location.strip_prefix('/') {
            Some(_) => location.to_string(),
            None => {
                let folder = self.path.rfind('/').map_or("/", |at| &self.path[..=at]);
                format!("{folder}{location}")
            }
        };
        Some(Self { path, ..self.clone() })
    }

    /// The port that it leads to.
    pub fn number(&self) -> u16 {
        self.port.unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }

    /// The host, and the port where it is not the scheme's own: the `Host` header.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) if port != (if self.scheme == "https" { 443 } else { 80 }) => format!("{host}:{port}"),
            _ => host,
        }
    }

    /// All of it, without the user.
    pub fn text(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority(), self.path)
    }
}

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Head {
    /// The first line.
    pub status: String,
    /// The code in it.
    pub code: u16,
    /// The other lines.
    pub headers: Vec<(String, String)>,
}

impl Head {
    fn parse(text: &str) -> Self {
        let mut lines = text.split("\r\n");
        let status = lines.next().unwrap_or_default().to_string();
        let code = status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_string(), value.trim().to_string())).collect();
        Self { status, code, headers }
    }
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
    /// The words behind the code.
    pub fn reason(&self) -> &str {
        self.status.splitn(3, ' ').nth(2).unwrap_or_default()
    }
}

/// What has happened to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The host has addresses; the first is tried.
    Trying(IpAddr),
    /// An address could not be connected to, from this own one.
    NotConnected(IpAddr, Errno, Option<SocketAddr>),
    /// The connection is made from this own address, and the request sent.
    Connected(IpAddr, Option<SocketAddr>),
    /// The head of the answer is there.
    Answered,
    /// All of the answer is there.
    Done,
    /// It came to nothing.
    Failed(Failed),
}

/// Why a request came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The host has no address.
    Name(Failure),
    /// No address could be connected to.
    Connect(Errno),
    /// It took too long to connect.
    ConnectTimeout,
    /// It took too long to answer.
    Timeout,
    /// What came is no TLS.
    NotTls,
    /// The server's certificate is of an authority that nobody knows.
    NotTrusted,
    /// The server has signed its certificate itself.
    SelfSigned,
    /// What came is no HTTP.
    NotHttp,
    /// The connection ended without an answer.
    Empty,
    /// The connection broke.
    Broken(Errno),
    /// The answer ended too early.
    Short,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Begin,
    Resolving(Resolve),
    Connecting(Fd, usize),
    Answer(Fd),
    Over,
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fetch {
    /// Where it goes.
    pub url: Url,
    /// Another host and port to connect to than the URL's.
    pub instead: Option<(String, u16)>,
    /// True where only one address is tried, an IPv4 one if there is.
    pub one: bool,
    /// Which addresses it wants.
    pub family: Family,
    /// Any certificate is taken.
    pub insecure: bool,
    /// The bytes of the request.
    pub request: Vec<u8>,
    /// True where no body comes.
    pub head_only: bool,
    /// When all must be over.
    pub deadline: Option<SimTime>,
    /// When the connection must be made.
    pub connect_deadline: Option<SimTime>,
    /// How long nothing may happen.
    pub patience: Option<Duration>,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// The head of the answer.
    pub head: Head,
    /// The body, as far as it is there.
    pub body: Vec<u8>,
    stage: Stage,
    raw: Vec<u8>,
    answered: bool,
    shaken: bool,
    touched: SimTime,
}

impl Fetch {
    /// A request to a URL, with its bytes.
    pub fn new(url: Url, request: Vec<u8>, head_only: bool, now: SimTime) -> Self {
        Self {
            url,
            instead: None,
            one: false,
            family: Family::Any,
            insecure: false,
            request,
            head_only,
            deadline: None,
            connect_deadline: None,
            patience: None,
            addresses: Vec::new(),
            head: Head::default(),
            body: Vec::new(),
            stage: Stage::Begin,
            raw: Vec::new(),
            answered: false,
            shaken: false,
            touched: now,
        }
    }

    fn limit(&self, connecting: bool) -> Option<SimTime> {
        let patience = self.patience.map(|patience| self.touched + patience);
        let connect = self.connect_deadline.filter(|_| connecting);
        [self.deadline, connect, patience].into_iter().flatten().min()
    }

    /// Goes on to the next thing that happens.
    ///
    /// # Errors
    /// What to wait for, where nothing has happened yet.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<Event, Wait> {
        loop {
            let now = kernel.now();
            let connecting = !matches!(self.stage, Stage::Answer(_));
            let late = self.limit(connecting).is_some_and(|limit| now >= limit);
            match &mut self.stage {
                Stage::Begin => {
                    let host = self.instead.as_ref().map_or(&self.url.host, |(host, _)| host).clone();
                    self.stage = Stage::Resolving(Resolve::host(kernel, &host, self.family));
                }
                Stage::Resolving(asking) => {
                    if let Some(wait) = asking.step(kernel) {
                        if late {
                            return Ok(self.fail(kernel, Failed::Name(Failure::Again)));
                        }
                        return Err(wait.or_until(self.limit(true)));
                    }
                    match asking.resolved() {
                        Ok(resolved) if self.one => self.addresses = one(&resolved.addresses),
                        Ok(resolved) => self.addresses.clone_from(&resolved.addresses),
                        Err(failure) => return Ok(self.fail(kernel, Failed::Name(failure))),
                    }
                    self.touched = now;
                    return Ok(self.connect(kernel, 0, Errno::NetworkUnreachable));
                }
                Stage::Connecting(fd, at) => {
                    let (fd, at) = (*fd, *at);
                    let own = kernel.socket(fd).map(|socket| socket.local);
                    match kernel.is_connected(fd) {
                        Ok(true) => {
                            self.stage = Stage::Answer(fd);
                            self.touched = now;
                            // A connection that breaks says so when it is read.
                            let hello = if self.url.scheme == "https" { TLS_CLIENT } else { b"" };
                            let _ = kernel.write(fd, &[hello, &self.request].concat());
                            return Ok(Event::Connected(self.addresses[at], own));
                        }
                        Ok(false) if late => return Ok(self.fail(kernel, Failed::ConnectTimeout)),
                        Ok(false) => return Err(Wait::readable(fd).or_until(self.limit(true))),
                        Err(errno) => {
                            // It is this process's own socket.
                            let _ = kernel.close(fd);
                            let ip = self.addresses[at];
                            self.stage = Stage::Over;
                            if at + 1 < self.addresses.len() {
                                self.connect(kernel, at + 1, errno);
                            }
                            return Ok(Event::NotConnected(ip, errno, own));
                        }
                    }
                }
                Stage::Answer(fd) => {
                    let fd = *fd;
                    if let Some(event) = self.digest(false) {
                        return Ok(self.close(kernel, fd, event));
                    }
                    match kernel.read(fd, 65_536) {
                        Ok(Data::Bytes(bytes)) => {
                            self.raw.extend(bytes);
                            self.touched = now;
                        }
                        Ok(Data::Empty) if late => return Ok(self.fail(kernel, Failed::Timeout)),
                        Ok(Data::Empty) => return Err(Wait::readable(fd).or_until(self.limit(false))),
                        Ok(Data::End) => {
                            let event = self.digest(true).unwrap_or(Event::Done);
                            return Ok(self.close(kernel, fd, event));
                        }
                        Err(errno) => return Ok(self.fail(kernel, Failed::Broken(errno))),
                    }
                }
                Stage::Over => return Ok(Event::Done),
            }
        }
    }

    /// True where no address is left to be tried.
    pub fn gave_up(&self) -> bool {
        self.stage == Stage::Over
    }

    fn connect(&mut self, kernel: &mut Kernel<'_>, at: usize, last: Errno) -> Event {
        let port = self.instead.as_ref().map_or(self.url.number(), |(_, port)| *port);
        let mut last = last;
        for (at, ip) in self.addresses.clone().into_iter().enumerate().skip(at) {
            match kernel.connect(SocketAddr::new(ip, port)) {
                Ok(fd) => {
                    self.stage = Stage::Connecting(fd, at);
                    return Event::Trying(ip);
                }
                Err(errno) => last = errno,
            }
        }
        self.stage = Stage::Over;
        Event::Failed(Failed::Connect(last))
    }

    fn fail(&mut self, kernel: &mut Kernel<'_>, why: Failed) -> Event {
        if let Stage::Connecting(fd, _) | Stage::Answer(fd) = self.stage {
            // It is this process's own socket.
            let _ = kernel.close(fd);
        }
        self.stage = Stage::Over;
        Event::Failed(why)
    }

    fn close(&mut self, kernel: &mut Kernel<'_>, fd: Fd, event: Event) -> Event {
        if event != Event::Answered {
            // It is this process's own socket.
            let _ = kernel.close(fd);
            self.stage = Stage::Over;
        }
        event
    }

    /// Makes of the bytes what can be made of them.
    fn digest(&mut self, ended: bool) -> Option<Event> {
        if self.url.scheme == "https" && !self.shaken {
            let hello = TLS_SERVER.len();
            match self.raw.get(..=hello) {
                Some(start) if start.starts_with(TLS_SERVER) => {
                    if start[hello] != 0 && !self.insecure {
                        let itself = start[hello] == SELF_SIGNED;
                        let why = if itself { Failed::SelfSigned } else { Failed::NotTrusted };
                        return Some(Event::Failed(why));
                    }
                    self.raw.drain(..=hello);
                    self.shaken = true;
                }
                None if self.raw.is_empty() && !ended => return None,
                _ => return Some(Event::Failed(Failed::NotTls)),
            }
        }
        if !self.answered {
            let start = &self.raw[..self.raw.len().min(5)];
            if !b"HTTP/".starts_with(start) {
                return Some(Event::Failed(Failed::NotHttp));
            }
            let Some(at) = self.raw.windows(4).position(|window| window == b"\r\n\r\n") else {
                let why = if self.raw.is_empty() { Failed::Empty } else { Failed::Short };
                return ended.then_some(Event::Failed(why));
            };
            self.head = Head::parse(&String::from_utf8_lossy(&self.raw[..at]));
            self.raw.drain(..at + 4);
            self.answered = true;
            return Some(Event::Answered);
        }
        if self.head_only || matches!(self.head.code, 204 | 304) {
            return Some(Event::Done);
        }
        let chunked = self.head.header("Transfer-Encoding").is_some_and(|coding| coding.contains("chunked"));
        if chunked {
            return match dechunk(&self.raw) {
                Some(body) => {
                    self.body = body;
                    Some(Event::Done)
                }
                None => ended.then_some(Event::Failed(Failed::Short)),
            };
        }
        match self.head.header("Content-Length").and_then(|length| length.parse::<usize>().ok()) {
            Some(length) if self.raw.len() >= length => {
                self.raw.truncate(length);
                self.body = std::mem::take(&mut self.raw);
                Some(Event::Done)
            }
            Some(_) if ended => {
                self.body = std::mem::take(&mut self.raw);
                Some(Event::Failed(Failed::Short))
            }
            None if ended => {
                self.body = std::mem::take(&mut self.raw);
                Some(Event::Done)
            }
            _ => None,
        }
    }
}

/// The body in chunks, once the last one is there.
pub fn dechunk(mut raw: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let at = raw.windows(2).position(|window| window == b"\r\n")?;
        let line = String::from_utf8_lossy(&raw[..at]).into_owned();
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        raw = &raw[at + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend(raw.get(..size)?);
        raw = raw.get(size + 2..)?;
    }
}

impl Fetch {
    /// What an answer begins with that is no HTTP, as far as it can be printed.
    pub fn first_line(&self) -> String {
        let line = self.raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let text = line.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }
}
