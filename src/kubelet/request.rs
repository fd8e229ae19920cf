//! What a kubelet asks of a Pod over the network, for a probe or a hook, in the words of Go's `net` and `net/http`. It
//! comes from the node and meets no policy: what is asked is the Pod's own sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::network::namespace::Namespace;
use crate::network::packet::{NetError, SocketId, TLS_CLIENT, TLS_SERVER};

use super::probe::Outcome;

/// How often it goes where a redirect leads (`net/http`, `maxRedirects` of `prober/http`).
const MOST_REDIRECTS: u8 = 10;

/// The two ends of a kubelet's connections to a Pod.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The node's address as the Pod sees it.
    pub from: Ipv4Addr,
    /// The Pod's address.
    pub to: Ipv4Addr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    Http,
    Https,
    Tcp,
    Grpc,
}

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    way: Way,
    from: Ipv4Addr,
    to: SocketAddr,
    target: String,
    head: String,
    socket: Option<SocketId>,
    redirects: u8,
    timeout: u64,
    /// When it is given up.
    pub deadline: SimTime,
}

impl Request {
    /// Asks what a handler says; `agent` is the program that does. Gives the question, or what came of it at once.
    ///
    /// # Errors
    /// The outcome, where it is known at once.
    pub fn begin(
        container: &Value,
        handler: &Value,
        agent: &str,
        net: &mut Namespace,
        ends: Ends,
        now: SimTime,
    ) -> Result<Self, Outcome> {
        let http = handler.get("httpGet");
        let (way, kind) = if !http.is_null() {
            (if http.get("scheme").str() == "HTTPS" { Way::Https } else { Way::Http }, http)
        } else if !handler.get("grpc").is_null() {
            (Way::Grpc, handler.get("grpc"))
        } else {
            (Way::Tcp, handler.get("tcpSocket"))
        };
        let port = port_of(container, kind.get("port")).map_err(Outcome::Error)?;
        let host = kind.get("host").as_str().filter(|host| !host.is_empty());
        let ip = host.map_or(Ok(ends.to), str::parse).unwrap_or(ends.to);
        let timeout = handler.get("timeoutSeconds").as_int().unwrap_or(1).max(1) as u64;
        let path = http.get("path").as_str().unwrap_or("/");
        let slash = if path.starts_with('/') { "" } else { "/" };
        let mut own = Self {
            way,
            from: ends.from,
            to: SocketAddr::new(ip.into(), port),
            target: format!("{slash}{path}"),
            head: String::new(),
            socket: None,
            redirects: 0,
            timeout,
            deadline: now + Duration::from_secs(timeout),
        };
        let headers = http.get("httpHeaders").items();
        let said = |name: &str| headers.iter().find(|own| own.get("name").str().eq_ignore_ascii_case(name));
        if said("Host").is_none() {
            own.head = format!("Host: {}:{port}\r\n", host.unwrap_or(&ip.to_string()));
        }
        if said("User-Agent").is_none() {
            own.head.push_str(&format!("User-Agent: {agent}/1.36\r\n"));
        }
        for header in headers {
            own.head.push_str(&format!("{}: {}\r\n", header.get("name").str(), header.get("value").str()));
        }
        if said("Accept").is_none() {
            own.head.push_str("Accept: */*\r\n");
        }
        match own.connect(net) {
            Some(outcome) => Err(outcome),
            None => Ok(own),
        }
    }

    /// Connects, and asks; gives what came of it where that is all.
    fn connect(&mut self, net: &mut Namespace) -> Option<Outcome> {
        match net.visit(self.from, self.to) {
            Err(_) if self.way == Way::Grpc => return None,
            Err(error) => {
                let text = format!("dial tcp {}: connect: {}", self.to, words(error));
                return Some(self.failed(&text));
            }
            Ok(socket) if self.way == Way::Tcp => {
                net.close(socket);
                return Some(Outcome::Success);
            }
            Ok(socket) => self.socket = Some(socket),
        }
        if let (Way::Http | Way::Https, Some(socket)) = (self.way, self.socket) {
            let request = format!("GET {} HTTP/1.1\r\n{}Connection: close\r\n\r\n", self.target, self.head);
            let hello = if self.way == Way::Https { TLS_CLIENT } else { b"" };
            net.write(socket, &[hello, request.as_bytes()].concat());
        }
        None
    }

    fn failed(&self, why: &str) -> Outcome {
        Outcome::Failure(match self.way {
            Way::Http | Way::Https => {
                let scheme = if self.way == Way::Https { "https" } else { "http" };
                format!("Get \"{scheme}://{}{}\": {why}", self.to, self.target)
            }
            _ => why.to_owned(),
        })
    }

    /// True where something has come that may be the answer.
    pub fn has_answer(&self, net: &Namespace) -> bool {
        self.way != Way::Grpc && self.socket.is_some_and(|socket| net.is_readable(socket))
    }

    /// What came of it, once that is known.
    pub fn outcome(&mut self, net: &mut Namespace, now: SimTime) -> Option<Outcome> {
        let found = self.look(net, now);
        if found.is_some() {
            self.abandon(net);
        }
        found
    }

    fn look(&mut self, net: &mut Namespace, now: SimTime) -> Option<Outcome> {
        if let (Way::Http | Way::Https, Some(socket)) = (self.way, self.socket) {
            let received = net.peek(socket).map(|bytes| bytes.iter().copied().collect::<Vec<u8>>());
            let mut received = received.unwrap_or_default();
            // Whoever signed its certificate: a probe takes any.
            let speaks_tls = received.starts_with(TLS_SERVER);
            if speaks_tls {
                received.drain(..received.len().min(TLS_SERVER.len() + 1));
            } else if self.way == Way::Https && received.starts_with(b"HTTP/") {
                return Some(self.failed("http: server gave HTTP response to HTTPS client"));
            }
            let text = String::from_utf8_lossy(&received);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let (head, body) = (head.to_owned(), body.to_owned());
                return self.answered(net, &head, &body);
            }
            if !received.is_empty() && !received.starts_with(&b"HTTP/"[..received.len().min(5)]) {
                let line = text.lines().next().unwrap_or_default();
                let why = format!(
                    "net/http: HTTP/1.x transport connection broken: malformed HTTP response {line:?}"
                );
                return Some(self.failed(&why));
            }
            if net.is_readable(socket) {
                match net.read(socket, 65_536) {
                    Ok(Some(bytes)) if bytes.is_empty() => return Some(self.failed("EOF")),
                    Err(error) => {
                        let own = SocketAddr::new(self.from.into(), self.to.port());
                        let text = format!("read tcp {own}->{}: read: {}", self.to, words(error));
                        return Some(self.failed(&text));
                    }
                    _ => {}
                }
            }
        }
        if now < self.deadline {
            return None;
        }
        Some(match self.way {
            Way::Grpc => Outcome::Failure(format!(
                "timeout: failed to connect service \"{}\" within {}s: context deadline exceeded",
                self.to, self.timeout
            )),
            _ => self.failed("context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
        })
    }

    fn answered(&mut self, net: &mut Namespace, head: &str, body: &str) -> Option<Outcome> {
        let status: u16 = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let location = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then_some(value)
        });
        match (status, location) {
            (200..300, _) => Some(Outcome::Success),
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                let Some((to, target)) = self.leads(location) else {
                    return Some(Outcome::Warning(format!(
                        "Probe terminated redirects, Response body: {body}"
                    )));
                };
                if self.redirects == MOST_REDIRECTS {
                    return Some(self.failed("stopped after 10 redirects"));
                }
                self.abandon(net);
                (self.to, self.target) = (to, target);
                self.redirects += 1;
                self.connect(net)
            }
            (300..400, _) => Some(Outcome::Success),
            _ => Some(Outcome::Failure(format!("HTTP probe failed with statuscode: {status}"))),
        }
    }

    /// Where a redirect leads, if to the same host.
    fn leads(&self, location: &str) -> Option<(SocketAddr, String)> {
        if location.starts_with('/') {
            return Some((self.to, location.to_owned()));
        }
        let rest = location.strip_prefix("http://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (name, port) = host.split_once(':').unwrap_or((host, "80"));
        let to = SocketAddr::new(name.parse().ok()?, port.parse().ok()?);
        (to.ip() == self.to.ip()).then(|| (to, if path.is_empty() { "/" } else { path }.to_owned()))
    }

    /// Lets its connection go.
    pub fn abandon(&mut self, net: &mut Namespace) {
        if let Some(socket) = self.socket.take() {
            net.close(socket);
        }
    }
}

fn words(error: NetError) -> &'static str {
    match error {
        NetError::Refused => "connection refused",
        NetError::Reset => "connection reset by peer",
        _ => "no route to host",
    }
}

/// The port that a handler names, by number or by the name of a container's port.
///
/// # Errors
/// Go's words for a name that no port has.
fn port_of(container: &Value, port: &Value) -> Result<u16, String> {
    let ports = container.get("ports").items();
    let named = ports.iter().find(|known| known.get("name") == port).map(|known| known.get("containerPort"));
    let number = port.as_int().or_else(|| named?.as_int()).or_else(|| port.str().parse().ok());
    let number = number.ok_or_else(|| format!("strconv.Atoi: parsing {:?}: invalid syntax", port.str()))?;
    u16::try_from(number).map_err(|_| format!("invalid port number: {number}"))
}
