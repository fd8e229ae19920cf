//! A network namespace: the addresses, ports and sockets that the containers of a Pod share, or the processes of a
//! host. What stays within it is delivered at once; all else goes to its outbox, for whoever carries packets.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use smol_str::SmolStr;

use super::packet::{
    Datagram, End, Far, NetError, Outgoing, Payload, Protocol, Routed, Segment, SocketId, Space,
};

/// The first port of those that are given out to who asks for none.
const FIRST_PORT: u16 = 32_768;
const LAST_PORT: u16 = 60_999;
/// How many routers a packet may pass if nothing else is said.
pub const TTL: u8 = 64;

type Result<T> = std::result::Result<T, NetError>;

/// What a socket is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It takes connections.
    Listening,
    /// It waits for an answer to its wish to connect.
    Connecting,
    /// It is connected.
    Open,
    /// It takes and sends datagrams.
    Datagrams,
}

/// A socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Socket {
    /// Its protocol.
    pub protocol: Protocol,
    /// What it is doing.
    pub state: State,
    /// True for one that has a path and no address.
    pub unix: bool,
    /// True for one of IPv6 that leaves IPv4 to others (`IPV6_V6ONLY`).
    v6_only: bool,
    /// Its own address and port.
    pub local: SocketAddr,
    /// Who it is connected to; all zeros where to nobody.
    pub peer: SocketAddr,
    end: Option<End>,
    received: VecDeque<u8>,
    datagrams: VecDeque<Datagram>,
    backlog: VecDeque<SocketId>,
    ended: bool,
    shut: bool,
    /// It has been connected, and nobody has asked yet.
    fresh: bool,
    error: Option<NetError>,
}

impl Socket {
    fn new(protocol: Protocol, state: State, local: SocketAddr, peer: SocketAddr) -> Self {
        Self {
            protocol,
            state,
            unix: false,
            v6_only: false,
            local,
            peer,
            end: None,
            received: VecDeque::new(),
            datagrams: VecDeque::new(),
            backlog: VecDeque::new(),
            ended: false,
            shut: false,
            fresh: false,
            error: None,
        }
    }

    /// True where what is sent to this address and port arrives here.
    fn hears(&self, protocol: Protocol, to: SocketAddr) -> bool {
        let ip = self.local.ip();
        !self.unix
            && self.protocol == protocol
            && self.local.port() == to.port()
            && matches!(self.state, State::Listening | State::Datagrams)
            && (ip == to.ip()
                || ip.is_unspecified() && (ip.is_ipv4() == to.is_ipv4() || ip.is_ipv6() && !self.v6_only))
    }

    /// How many bytes or connections nobody has taken yet.
    pub fn waiting(&self) -> usize {
        if self.state == State::Listening { self.backlog.len() } else { self.received.len() }
    }
    /// The other end, where it is in another namespace.
    pub fn far(&self) -> Option<&Far> {
        match &self.end {
            Some(End::Far(far)) => Some(far),
            _ => None,
        }
    }
    /// True where the other end has said that no more comes.
    pub fn has_ended(&self) -> bool {
        self.ended
    }
}

/// No address at all.
pub const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The addresses and sockets of a Pod, a node or a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Namespace {
    /// Its addresses apart from 127.0.0.0/8 and ::1.
    pub addresses: Vec<IpAddr>,
    /// True where ports of its own addresses that nobody here takes lead on to elsewhere: on a node to NodePorts, on a host
    /// to those of a virtual machine.
    pub forwards: bool,
    /// What was set of the kernel's parameters (`sysctl`).
    pub parameters: BTreeMap<SmolStr, SmolStr>,
    /// What leaves it.
    pub outbox: Vec<Outgoing>,
    /// Set when something has come to one of its sockets.
    pub stirred: bool,
    sockets: BTreeMap<SocketId, Box<Socket>>,
    last_id: u32,
    last_port: u16,
}

impl Namespace {
    /// A namespace with an address.
    pub fn with_address(ip: IpAddr) -> Self {
        Self { addresses: vec![ip], ..Self::default() }
    }

    /// That of a node.
    pub fn of_node(ip: IpAddr) -> Self {
        Self { forwards: true, ..Self::with_address(ip) }
    }

    /// All sockets.
    pub fn sockets(&self) -> impl Iterator<Item = (SocketId, &Socket)> {
        self.sockets.iter().map(|(id, socket)| (*id, &**socket))
    }

    /// A socket.
    pub fn socket(&self, id: SocketId) -> Option<&Socket> {
        self.sockets.get(&id).map(|socket| &**socket)
    }

    /// True for an address of its own.
    pub fn has(&self, ip: IpAddr) -> bool {
        ip.is_loopback() || self.addresses.contains(&ip)
    }

    /// Who takes what is sent to an address and port. One that is bound to that very address goes first.
    pub fn listener(&self, protocol: Protocol, to: SocketAddr) -> Option<SocketId> {
        let hearing = self.sockets.iter().filter(|(_, socket)| socket.hears(protocol, to));
        hearing.min_by_key(|(_, socket)| socket.local.ip() != to.ip()).map(|(id, _)| *id)
    }

    fn insert(&mut self, socket: Socket) -> SocketId {
        self.last_id += 1;
        let id = SocketId(self.last_id);
        self.sockets.insert(id, Box::new(socket));
        id
    }

    fn free_port(&mut self) -> u16 {
        for _ in FIRST_PORT..LAST_PORT {
            self.last_port = if (FIRST_PORT..LAST_PORT).contains(&self.last_port) {
                self.last_port + 1
            } else {
                // Where counting begins follows from the address, so that the ports of two Pods differ.
                let seed = self.addresses.first().map_or(0, |ip| crate::base::digest_of(ip).0);
                FIRST_PORT + (seed % u64::from(LAST_PORT - FIRST_PORT)) as u16
            };
            if !self.sockets.values().any(|socket| socket.local.port() == self.last_port) {
                break;
            }
        }
        self.last_port
    }

    /// Takes a port: a TCP socket that listens, or a UDP one.
    ///
    /// # Errors
    /// Where the port is taken, or the address is not one of its own.
    pub fn bind(&mut self, protocol: Protocol, at: SocketAddr) -> Result<SocketId> {
        self.bind_as(protocol, at, false)
    }

    /// The same for a TCP port of IPv6 alone.
    ///
    /// # Errors
    /// As [`Namespace::bind`].
    pub fn bind_v6(&mut self, at: SocketAddr) -> Result<SocketId> {
        self.bind_as(Protocol::Tcp, at, true)
    }

    fn bind_as(&mut self, protocol: Protocol, at: SocketAddr, v6_only: bool) -> Result<SocketId> {
        let ip = at.ip();
        if !ip.is_unspecified() && !self.has(ip) {
            return Err(NetError::AddressNotAvailable);
        }
        let at = if at.port() == 0 { SocketAddr::new(ip, self.free_port()) } else { at };
        let state = if protocol == Protocol::Tcp { State::Listening } else { State::Datagrams };
        // `::` hears IPv4 as well, if it may.
        let both = |ip: IpAddr, v6_only: bool| ip.is_ipv6() && ip.is_unspecified() && !v6_only;
        let taken = self.sockets.values().any(|other| {
            let own = other.local.ip();
            other.protocol == protocol
                && other.state == state
                && !other.unix
                && other.local.port() == at.port()
                && (own.is_ipv4() == ip.is_ipv4() || both(own, other.v6_only) || both(ip, v6_only))
                && (own == ip || own.is_unspecified() || ip.is_unspecified())
        });
        if taken {
            return Err(NetError::AddressInUse);
        }
        let mut socket = Socket::new(protocol, state, at, NOWHERE);
        socket.v6_only = v6_only;
        Ok(self.insert(socket))
    }

    /// A socket that listens at a path, which whoever calls keeps.
    pub fn bind_path(&mut self) -> SocketId {
        let mut socket = Socket::new(Protocol::Tcp, State::Listening, NOWHERE, NOWHERE);
        socket.unix = true;
        self.insert(socket)
    }

    /// The address that packets to `to` leave from.
    fn source(&self, to: IpAddr) -> Result<IpAddr> {
        if self.has(to) {
            return Ok(to);
        }
        let own = self.addresses.iter().find(|ip| ip.is_ipv4() == to.is_ipv4());
        own.copied().ok_or(NetError::NetworkUnreachable)
    }

    /// Begins to connect. The socket becomes readable when it is known what comes of it.
    ///
    /// # Errors
    /// Where there is no way there at all.
    pub fn connect(&mut self, to: SocketAddr) -> Result<SocketId> {
        let to = if to.ip().is_unspecified() { SocketAddr::new(loopback(to), to.port()) } else { to };
        let from = SocketAddr::new(self.source(to.ip())?, self.free_port());
        let id = self.insert(Socket::new(Protocol::Tcp, State::Connecting, from, to));
        let leaves = !self.has(to.ip()) || self.forwards && self.listener(Protocol::Tcp, to).is_none();
        if leaves {
            let packet = Routed { socket: id, protocol: Protocol::Tcp, from, to, ttl: TTL, payload: None };
            self.outbox.push(Outgoing::Routed(packet));
            return Ok(id);
        }
        let answer = self.arrive(from, to, End::Local(id));
        self.take(id, answer);
        Ok(id)
    }

    /// A connection of somebody outside, as the node's kubelet is, to a socket of this namespace.
    ///
    /// # Errors
    /// Where nobody listens there.
    pub fn visit(&mut self, from: Ipv4Addr, to: SocketAddr) -> Result<SocketId> {
        if !self.addresses.contains(&to.ip()) && !self.addresses.contains(&from.into()) {
            return Err(NetError::Refused);
        }
        let from = SocketAddr::new(from.into(), self.free_port());
        let id = self.insert(Socket::new(Protocol::Tcp, State::Connecting, from, to));
        let answer = self.arrive(from, to, End::Local(id));
        self.take(id, answer);
        match self.is_connected(id) {
            Ok(_) => Ok(id),
            Err(error) => {
                self.close(id);
                Err(error)
            }
        }
    }

    /// Begins to connect to a port of another namespace's own loopback.
    pub fn connect_into(&mut self, space: Space, port: u16) -> SocketId {
        let own = Ipv4Addr::LOCALHOST.into();
        let (from, to) = (SocketAddr::new(own, self.free_port()), SocketAddr::new(own, port));
        let id = self.insert(Socket::new(Protocol::Tcp, State::Connecting, from, to));
        self.outbox.push(Outgoing::Into(id, space, port));
        id
    }

    /// Connects to a socket that listens at a path.
    ///
    /// # Errors
    /// Where it does not listen any more.
    pub fn connect_path(&mut self, listener: SocketId) -> Result<SocketId> {
        if !self.sockets.contains_key(&listener) {
            return Err(NetError::Refused);
        }
        let mut socket = Socket::new(Protocol::Tcp, State::Open, NOWHERE, NOWHERE);
        socket.unix = true;
        let id = self.insert(socket.clone());
        socket.end = Some(End::Local(id));
        let other = self.insert(socket);
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.end = Some(End::Local(other));
        }
        if let Some(listener) = self.sockets.get_mut(&listener) {
            listener.backlog.push_back(other);
        }
        self.stirred = true;
        Ok(id)
    }

    /// What becomes of a wish to connect that has come here: the answer to it.
    pub fn arrive(&mut self, from: SocketAddr, to: SocketAddr, back: End) -> Segment {
        let Some(listener) = self.listener(Protocol::Tcp, to) else {
            return Segment::Failed(NetError::Refused);
        };
        let mut socket = Socket::new(Protocol::Tcp, State::Open, to, from);
        socket.end = Some(back);
        let id = self.insert(socket);
        if let Some(listener) = self.sockets.get_mut(&listener) {
            listener.backlog.push_back(id);
        }
        self.stirred = true;
        Segment::Established(End::Local(id))
    }

    /// A datagram that has come to an address of this namespace. Says what to answer where nobody takes it.
    pub fn arrive_datagram(
        &mut self,
        protocol: Protocol,
        to: SocketAddr,
        datagram: Datagram,
    ) -> Option<Segment> {
        if let (Protocol::Icmp, Payload::Echo(_)) = (protocol, &datagram.payload) {
            let reply = Datagram {
                from: datagram.asked,
                asked: datagram.from,
                back: datagram.back.clone(),
                payload: datagram.payload,
            };
            return Some(Segment::Datagram(reply));
        }
        match self.listener(protocol, to) {
            Some(id) => {
                self.take(id, Segment::Datagram(datagram));
                None
            }
            None => Some(Segment::Failed(NetError::Refused)),
        }
    }

    /// What has come to a socket. False where the socket is gone.
    pub fn take(&mut self, id: SocketId, segment: Segment) -> bool {
        let Some(socket) = self.sockets.get_mut(&id) else { return false };
        self.stirred = true;
        match segment {
            Segment::Established(end) => {
                socket.state = State::Open;
                socket.fresh = true;
                socket.end = Some(end);
            }
            Segment::Failed(error) => {
                socket.error = Some(error);
                socket.ended = true;
            }
            Segment::Data(bytes) => socket.received.extend(bytes.iter()),
            Segment::End => socket.ended = true,
            Segment::Datagram(datagram) => socket.datagrams.push_back(datagram),
        }
        true
    }

    /// Sends a segment to the other end of a connection.
    fn send(&mut self, to: End, segment: Segment) {
        match to {
            End::Far(far) => self.outbox.push(Outgoing::Back(far, segment)),
            End::Local(id) => drop(self.take(id, segment)),
        }
    }

    /// The next connection that somebody has made to a listening socket.
    pub fn accept(&mut self, id: SocketId) -> Option<SocketId> {
        self.sockets.get_mut(&id)?.backlog.pop_front()
    }

    /// Whether a connection is made; false while that is not known.
    ///
    /// # Errors
    /// Why it was not made.
    pub fn is_connected(&mut self, id: SocketId) -> Result<bool> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Err(NetError::Reset) };
        socket.fresh = false;
        match socket.error.take() {
            Some(error) => Err(error),
            None => Ok(socket.state != State::Connecting),
        }
    }

    /// True where a read, an accept or a question after the connection gives something.
    pub fn is_readable(&self, id: SocketId) -> bool {
        self.sockets.get(&id).is_none_or(|socket| {
            socket.ended
                || socket.error.is_some()
                || match socket.state {
                    State::Listening => !socket.backlog.is_empty(),
                    State::Connecting => false,
                    State::Open => socket.fresh || !socket.received.is_empty(),
                    State::Datagrams => !socket.datagrams.is_empty(),
                }
        })
    }

    /// True while it is not known whether a connection is made.
    pub fn is_connecting(&self, id: SocketId) -> bool {
        self.sockets.get(&id).is_some_and(|socket| socket.state == State::Connecting && !socket.ended)
    }

    /// Up to `max` bytes; none at all where there are none yet, and an empty read at the end.
    ///
    /// # Errors
    /// Where the connection has failed.
    pub fn read(&mut self, id: SocketId, max: usize) -> Result<Option<Vec<u8>>> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Ok(Some(Vec::new())) };
        if socket.received.is_empty() {
            return match socket.error.take() {
                Some(error) => Err(error),
                None => Ok(socket.ended.then(Vec::new)),
            };
        }
        let count = socket.received.len().min(max);
        Ok(Some(socket.received.drain(..count).collect()))
    }

    /// What can be read without taking it.
    pub fn peek(&self, id: SocketId) -> Option<&VecDeque<u8>> {
        self.sockets.get(&id).map(|socket| &socket.received)
    }

    /// Sends bytes. False where nobody can get them any more.
    pub fn write(&mut self, id: SocketId, bytes: &[u8]) -> bool {
        let Some(socket) = self.sockets.get(&id) else { return false };
        if socket.shut || socket.state != State::Open || socket.error.is_some() {
            return false;
        }
        let Some(end) = socket.end.clone() else { return false };
        match end {
            End::Local(other) if !self.sockets.contains_key(&other) => false,
            _ => {
                self.send(end, Segment::Data(bytes.into()));
                true
            }
        }
    }

    /// Says that no more bytes come; reading goes on.
    pub fn shut(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        if socket.state == State::Open
            && !std::mem::replace(&mut socket.shut, true)
            && let Some(end) = socket.end.clone()
        {
            self.send(end, Segment::End);
        }
    }

    /// Closes a socket.
    pub fn close(&mut self, id: SocketId) {
        // Bytes that nobody has read are answered by a reset.
        let unread = self.sockets.get(&id).is_some_and(|socket| !socket.received.is_empty());
        if unread && let Some(end) = self.sockets.get(&id).and_then(|socket| socket.end.clone()) {
            self.send(end, Segment::Failed(NetError::Reset));
        } else {
            self.shut(id);
        }
        let Some(socket) = self.sockets.remove(&id) else { return };
        for waiting in socket.backlog {
            if let Some(socket) = self.sockets.remove(&waiting)
                && let Some(end) = socket.end
            {
                self.send(end, Segment::Failed(NetError::Reset));
            }
        }
    }

    /// A socket for datagrams or echoes without a port of its own choice.
    pub fn datagrams(&mut self, protocol: Protocol) -> SocketId {
        let local = SocketAddr::new(NOWHERE.ip(), self.free_port());
        self.insert(Socket::new(protocol, State::Datagrams, local, NOWHERE))
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// Where there is no way there at all.
    pub fn send_to(&mut self, id: SocketId, to: SocketAddr, payload: Payload, ttl: u8) -> Result<()> {
        let Some(socket) = self.sockets.get(&id) else { return Err(NetError::Reset) };
        let (protocol, port) = (socket.protocol, socket.local.port());
        let from = SocketAddr::new(self.source(to.ip())?, port);
        if !self.has(to.ip()) {
            let packet = Routed { socket: id, protocol, from, to, ttl, payload: Some(payload) };
            self.outbox.push(Outgoing::Routed(packet));
            return Ok(());
        }
        let datagram = Datagram { from, asked: to, back: End::Local(id), payload };
        if let Some(answer) = self.arrive_datagram(protocol, to, datagram) {
            self.take(id, answer);
        }
        Ok(())
    }

    /// Answers a datagram, from the address that it was sent to.
    pub fn reply(&mut self, datagram: &Datagram, payload: Payload) {
        let back = datagram.back.clone();
        let answer = Datagram { from: datagram.asked, asked: datagram.from, back: back.clone(), payload };
        self.send(back, Segment::Datagram(answer));
    }

    /// The next datagram of a socket; none where there is none yet.
    ///
    /// # Errors
    /// Where it was told that one before could not be delivered.
    pub fn receive(&mut self, id: SocketId) -> Result<Option<Datagram>> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Err(NetError::Reset) };
        if let Some(datagram) = socket.datagrams.pop_front() {
            return Ok(Some(datagram));
        }
        socket.ended = false;
        socket.error.take().map_or(Ok(None), Err)
    }
}

fn loopback(like: SocketAddr) -> IpAddr {
    if like.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { std::net::Ipv6Addr::LOCALHOST.into() }
}

/// Bytes as a payload.
impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Payload::Bytes(Arc::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ports_are_taken_once() {
        let mut net = Namespace::with_address("10.1.0.5".parse().unwrap());
        let all = net.bind(Protocol::Tcp, at("0.0.0.0:80")).unwrap();
        assert_eq!(net.bind(Protocol::Tcp, at("10.1.0.5:80")), Err(NetError::AddressInUse));
        assert_eq!(net.bind(Protocol::Tcp, at("10.1.0.6:81")), Err(NetError::AddressNotAvailable));
        assert!(net.bind(Protocol::Udp, at("0.0.0.0:80")).is_ok());
        assert_eq!(net.bind(Protocol::Tcp, at("[::]:80")), Err(NetError::AddressInUse));
        net.close(all);
        assert!(net.bind(Protocol::Tcp, at("127.0.0.1:80")).is_ok());
    }

    #[test]
    fn a_connection_within() {
        let mut net = Namespace::with_address("10.1.0.5".parse().unwrap());
        let refused = net.connect(at("127.0.0.1:80")).unwrap();
        assert_eq!(net.is_connected(refused), Err(NetError::Refused));
        let listener = net.bind(Protocol::Tcp, at("0.0.0.0:80")).unwrap();
        let client = net.connect(at("10.1.0.5:80")).unwrap();
        assert!(net.is_readable(client) && net.is_readable(listener));
        assert_eq!(net.is_connected(client), Ok(true));
        let server = net.accept(listener).unwrap();
        assert!(net.write(client, b"hello"));
        net.shut(client);
        assert_eq!(net.read(server, 3), Ok(Some(b"hel".to_vec())));
        assert_eq!(net.read(server, 9), Ok(Some(b"lo".to_vec())));
        assert_eq!(net.read(server, 9), Ok(Some(Vec::new())));
        assert!(net.write(server, b"bye"));
        net.close(server);
        assert_eq!(net.read(client, 9), Ok(Some(b"bye".to_vec())));
        assert_eq!(net.read(client, 9), Ok(Some(Vec::new())));
        assert!(!net.write(client, b"more"));
        assert!(net.outbox.is_empty());
    }

    #[test]
    fn datagrams_and_their_answers() {
        let mut net = Namespace::with_address("10.1.0.5".parse().unwrap());
        let client = net.datagrams(Protocol::Udp);
        let payload = || Payload::from(&b"x"[..]);
        net.send_to(client, at("127.0.0.1:53"), payload(), TTL).unwrap();
        assert_eq!(net.receive(client), Err(NetError::Refused));
        let server = net.bind(Protocol::Udp, at("0.0.0.0:53")).unwrap();
        net.send_to(client, at("127.0.0.1:53"), payload(), TTL).unwrap();
        let asked = net.receive(server).unwrap().unwrap();
        net.reply(&asked, payload());
        assert_eq!(net.receive(client).unwrap().unwrap().from, at("127.0.0.1:53"));
        net.send_to(client, at("10.9.9.9:53"), payload(), TTL).unwrap();
        assert_eq!(net.outbox.len(), 1);
        assert_eq!(
            net.send_to(client, at("[2001:db8::1]:53"), payload(), TTL),
            Err(NetError::NetworkUnreachable)
        );
    }
}
