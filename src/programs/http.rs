//! HTTP as servers speak it: listening, requests and answers.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::base::url::decode;
use crate::container::commands::network::http::dechunk;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::container::signal::{Action, Signal};
use crate::container::sockets::Protocol;
use crate::network::packet::{TLS_CLIENT, TLS_SERVER};

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Request {
    pub method: String,
    /// The path with what follows `?`, as it was sent.
    pub target: String,
    pub version: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Where it came from, and the port it came to.
    pub from: Option<SocketAddr>,
    pub port: u16,
    /// It came by TLS.
    pub secure: bool,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
    /// The path without what follows `?`.
    pub fn path(&self) -> String {
        decode(self.target.split(['?', '#']).next().unwrap_or_default(), false)
    }
    /// A field of the query or of a posted form.
    pub fn field(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        [query, self.body.as_str()].iter().flat_map(|text| text.split('&')).find_map(|pair| {
            let (own, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(own, true) == name).then(|| decode(value, true))
        })
    }
    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let all = self.header("cookie")?;
        all.split("; ").find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    }
    pub fn ip(&self) -> String {
        self.from.map_or_else(String::new, |from| from.ip().to_canonical().to_string())
    }
    /// Where it came from, for a server that listens on `::` alone.
    pub fn mapped_ip(&self) -> String {
        match self.from.map(|from| from.ip().to_canonical()) {
            Some(IpAddr::V4(ip)) => format!("::ffff:{ip}"),
            ip => ip.map_or_else(String::new, |ip| ip.to_string()),
        }
    }
    pub fn line(&self) -> String {
        format!("{} {} {}", self.method, self.target, self.version)
    }
    fn keeps(&self) -> bool {
        match self.header("connection") {
            Some(value) => value.eq_ignore_ascii_case("keep-alive"),
            None => self.version == "HTTP/1.1",
        }
    }
}

/// The text of a status.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}

/// An answer: its status line's text, its headers in order, its body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Response {
    pub status: u16,
    /// The status's text where it is not the usual one.
    pub reason: Option<&'static str>,
    pub headers: Vec<(&'static str, String)>,
    /// Headers that follow those, whose names are not the program's own.
    pub more: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// `HTTP/1.0` is said, and the connection closed.
    pub old: bool,
}

impl Response {
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let headers = vec![("Content-Type", kind.to_owned()), ("Content-Length", body.len().to_string())];
        Self { status, headers, body, ..Self::default() }
    }

    /// What another server has answered, to be handed on; none where that is no HTTP.
    pub fn passed_on(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut headers: Vec<(&str, &str)> = head.lines().filter_map(|line| line.split_once(": ")).collect();
        let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let kind = kind.map_or("text/html", |(_, kind)| kind);
        // Those that are of one connection, and those that who hands it on says himself.
        const OWN: [&str; 7] = [
            "connection",
            "content-length",
            "content-type",
            "date",
            "keep-alive",
            "server",
            "transfer-encoding",
        ];
        headers.retain(|(name, _)| !OWN.contains(&&*name.to_ascii_lowercase()));
        let more = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = match body_of(bytes, true) {
            Some(Body::Chunked(body)) => body,
            _ => bytes.get(end + 4..).unwrap_or_default().to_vec(),
        };
        Some(Self { more, ..Self::new(status, kind, body) })
    }
}

/// A body that has come whole, by what its header says of it.
enum Body {
    Plain,
    Chunked(Vec<u8>),
}

fn body_of(bytes: &[u8], has_body: bool) -> Option<Body> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1).unwrap_or_default();
    let field =
        |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let body = &bytes[end + 4..];
    if !has_body || matches!(status, "204" | "304") {
        return Some(Body::Plain);
    }
    if field("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
        return dechunk(body).map(Body::Chunked);
    }
    let length: usize = field("content-length")?.parse().ok()?;
    (body.len() >= length).then_some(Body::Plain)
}

/// True for an answer that has come whole, though its connection may stay; `has_body` is false for those to `HEAD`.
pub fn is_whole(bytes: &[u8], has_body: bool) -> bool {
    body_of(bytes, has_body).is_some()
}

/// A body whose length is not told before it is sent.
pub fn chunked(body: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", body.len());
    match body.is_empty() {
        true => b"0\r\n\r\n".to_vec(),
        false => [size.as_bytes(), body, b"\r\n0\r\n\r\n"].concat(),
    }
}

/// The address that its machine has by `/etc/hosts`.
pub fn own_address(kernel: &mut Kernel<'_>) -> String {
    let hosts = kernel.files().read("/etc/hosts").unwrap_or_default();
    let name = kernel.hostname();
    let text = String::from_utf8_lossy(&hosts).into_owned();
    let own = text.lines().find(|line| line.split_whitespace().skip(1).any(|word| word == &*name));
    own.and_then(|line| line.split_whitespace().next()).unwrap_or("127.0.0.1").to_owned()
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Connection {
    fd: Fd,
    from: SocketAddr,
    port: u16,
    received: Vec<u8>,
    shaken: bool,
    /// The other side's hello has no answer yet.
    greets: bool,
    /// A request of it waits for its answer, which ends the connection or not.
    asked: Option<(bool, bool)>,
}

/// The listening sockets of a server and its connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connections {
    /// It speaks TLS alone, with a certificate of the cluster's own authority.
    pub tls: bool,
    /// The ports on which it takes TLS, with a certificate that nobody else has signed.
    pub secure: Vec<u16>,
    listening: Vec<(Fd, u16)>,
    open: Vec<Connection>,
}

/// A connection that waits for an answer.
pub type Client = Fd;

impl Connections {
    /// Listens on a port of every address.
    pub fn listen(&mut self, kernel: &mut Kernel<'_>, port: u16) -> Result<(), Errno> {
        self.listen_at(kernel, IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)
    }

    /// Listens on a port of one address.
    pub fn listen_at(&mut self, kernel: &mut Kernel<'_>, address: IpAddr, port: u16) -> Result<(), Errno> {
        let fd = kernel.listen(Protocol::Tcp, address, port)?;
        self.keep(kernel, fd, port);
        Ok(())
    }

    /// Listens on a port of every address of IPv6, and leaves that of IPv4 to whoever takes it.
    pub fn listen_v6(&mut self, kernel: &mut Kernel<'_>, port: u16) -> Result<(), Errno> {
        let fd = kernel.listen_v6(Ipv6Addr::UNSPECIFIED.into(), port)?;
        self.keep(kernel, fd, port);
        Ok(())
    }

    fn keep(&mut self, kernel: &mut Kernel<'_>, fd: Fd, port: u16) {
        kernel.set_close_on_exec(fd);
        // Servers write to clients that may be gone.
        kernel.on_signal(Signal::PIPE, Action::Ignore);
        self.listening.push((fd, port));
    }

    /// The ports that it listens on.
    pub fn ports(&self) -> Vec<u16> {
        self.listening.iter().map(|(_, port)| *port).collect()
    }

    /// Gives one port back.
    pub fn close_port(&mut self, kernel: &mut Kernel<'_>, port: u16) {
        self.listening.retain(|(fd, own)| {
            if *own == port {
                kernel.close(*fd).ok();
            }
            *own != port
        });
    }

    /// Gives its ports back.
    pub fn close_all(&mut self, kernel: &mut Kernel<'_>) {
        for (fd, _) in self.listening.drain(..) {
            kernel.close(fd).ok();
        }
    }

    /// The next request that has come whole.
    pub fn next(&mut self, kernel: &mut Kernel<'_>) -> Option<(Client, Request)> {
        for (listener, port) in self.listening.clone() {
            while let Ok(Some((fd, from))) = kernel.accept(listener) {
                kernel.set_close_on_exec(fd);
                self.open.push(Connection {
                    fd,
                    from,
                    port,
                    received: Vec::new(),
                    shaken: false,
                    greets: false,
                    asked: None,
                });
            }
        }
        let mut found = None;
        let mut ended = Vec::new();
        for own in &mut self.open {
            if own.asked.is_some() || found.is_some() {
                continue;
            }
            let end = kernel.read_into(own.fd, &mut own.received);
            if (self.tls || self.secure.contains(&own.port)) && own.received.starts_with(TLS_CLIENT) {
                own.received.drain(..TLS_CLIENT.len());
                (own.shaken, own.greets) = (true, true);
            }
            match take_request(&mut own.received) {
                Some(mut request) => {
                    request.from = Some(own.from);
                    request.port = own.port;
                    request.secure = own.shaken;
                    own.asked = Some((request.keeps(), request.method == "HEAD"));
                    found = Some((own.fd, request));
                }
                None if end => ended.push(own.fd),
                None => {}
            }
        }
        for fd in ended {
            self.close(kernel, fd);
        }
        found
    }

    pub fn close(&mut self, kernel: &mut Kernel<'_>, client: Client) {
        self.open.retain(|own| own.fd != client);
        kernel.close(client).ok();
    }

    /// Answers a request, and tells how many bytes of a body went out.
    pub fn reply(&mut self, kernel: &mut Kernel<'_>, client: Client, response: Response) -> usize {
        let Some(own) = self.open.iter_mut().find(|own| own.fd == client) else { return 0 };
        let (keeps, head) = own.asked.take().unwrap_or((false, false));
        let response = match self.tls && !own.shaken {
            true => Response::new(400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n"),
            false => response,
        };
        let version = if response.old { "1.0" } else { "1.1" };
        let text = response.reason.unwrap_or_else(|| reason(response.status));
        let mut bytes = Vec::new();
        if std::mem::take(&mut own.greets) {
            bytes.extend(TLS_SERVER);
            bytes.push(if self.tls {
                crate::network::packet::UNKNOWN_AUTHORITY
            } else {
                crate::network::packet::SELF_SIGNED
            });
        }
        bytes.extend(format!("HTTP/{version} {} {text}\r\n", response.status).bytes());
        let closes = |value: &str| value.eq_ignore_ascii_case("close");
        let mut end = !keeps || response.old;
        for (name, value) in &response.headers {
            // Servers leave the choice to the client, but for answers after which they close.
            let value = if *name == "Connection" && !closes(value) && !keeps { "close" } else { value };
            end |= *name == "Connection" && closes(value);
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        for (name, value) in &response.more {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(b"\r\n");
        let count = if head { 0 } else { response.body.len() };
        if !head {
            bytes.extend(&response.body);
        }
        let failed = kernel.write(client, &bytes).is_err();
        if end || failed {
            self.close(kernel, client);
        }
        count
    }

    /// What it waits for: anything that comes.
    pub fn wait(&self) -> Wait {
        let mut wait = Wait::forever();
        for (fd, _) in &self.listening {
            wait = wait.or_readable(*fd);
        }
        for own in self.open.iter().filter(|own| own.asked.is_none()) {
            wait = wait.or_readable(own.fd);
        }
        wait
    }
}

/// A whole request at the beginning of what has come.
fn take_request(received: &mut Vec<u8>) -> Option<Request> {
    // What is no HTTP is not waited for to its end.
    if received.first().is_some_and(|byte| !byte.is_ascii_uppercase()) && received.contains(&b'\n') {
        received.clear();
        return Some(Request { method: "BAD".into(), version: "HTTP/0.9".into(), ..Request::default() });
    }
    let end = received.windows(4).position(|four| four == b"\r\n\r\n");
    // People who type requests by hand send plain line ends.
    let (head, body) = match (end, received.windows(2).position(|two| two == b"\n\n")) {
        (Some(end), _) => (end, end + 4),
        (None, Some(end)) => (end, end + 2),
        (None, None) => return None,
    };
    let text = String::from_utf8_lossy(&received[..head]).into_owned();
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split_whitespace().map(str::to_owned);
    let mut request = Request {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        version: words.next().unwrap_or_else(|| "HTTP/0.9".into()),
        ..Request::default()
    };
    for line in lines {
        if let Some((name, value)) = line.split_once(':') {
            request.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if received.len() < body + length {
        return None;
    }
    request.body = String::from_utf8_lossy(&received[body..body + length]).into_owned();
    received.drain(..body + length);
    Some(request)
}

/// The type that servers tell for a file.
pub fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "js" => "application/javascript",
        "json" => "application/json",
        "txt" => "text/plain",
        "xml" => "text/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}
