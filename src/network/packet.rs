//! What travels between network namespaces.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::dns::{Answer, Question};

/// TLS is not simulated, only that it is spoken: what its clients begin with; all that follows is plain.
pub const TLS_CLIENT: &[u8] = b"\x16\x03\x01";
/// What its servers begin with, before a byte that is 1 where the certificate is of the cluster's own authority.
pub const TLS_SERVER: &[u8] = b"\x16\x03\x03";
/// What follows it: who has signed the server's certificate.
pub const UNKNOWN_AUTHORITY: u8 = 1;
/// Nobody but itself.
pub const SELF_SIGNED: u8 = 2;

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
    /// Echoes.
    Icmp,
}

impl Protocol {
    /// As Kubernetes objects write it.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Icmp => "ICMP",
        }
    }
}

/// A network namespace: what has addresses and ports of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// A Pod's, which its containers share.
    Pod {
        /// The Pod's node.
        node: Arc<str>,
        /// The Pod's uid.
        uid: Arc<str>,
    },
    /// A node's own, which Pods with `hostNetwork` share.
    Node(Arc<str>),
    /// That of the learner's machine.
    Host,
    /// A machine outside the cluster.
    Outside(IpAddr),
}

impl Space {
    /// The node that it is on.
    pub fn node(&self) -> Option<&Arc<str>> {
        match self {
            Space::Pod { node, .. } | Space::Node(node) => Some(node),
            Space::Host | Space::Outside(_) => None,
        }
    }
}

/// A socket of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u32);

/// A socket of some namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Far {
    /// The namespace.
    pub space: Space,
    /// The socket there.
    pub socket: SocketId,
}

/// The other end of a connection, or who a datagram came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// A socket of the same namespace.
    Local(SocketId),
    /// One of another.
    Far(Far),
}

/// Why a socket does not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetError {
    /// EADDRINUSE
    AddressInUse,
    /// EADDRNOTAVAIL
    AddressNotAvailable,
    /// ENETUNREACH
    NetworkUnreachable,
    /// ECONNRESET
    Reset,
    /// ETIMEDOUT
    TimedOut,
    /// ECONNREFUSED
    Refused,
    /// EHOSTUNREACH
    HostUnreachable,
}

/// What a datagram carries. DNS messages go as values, all else as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A question to a name server.
    Query(Arc<Query>),
    /// Its answer.
    Answer(Arc<(Query, Answer)>),
    /// An ICMP echo request or reply: its number.
    Echo(u16),
    /// A router's word that the packet has come too far (time to live exceeded).
    Exceeded,
}

/// A question as a DNS message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    /// The message's number.
    pub id: u16,
    /// The size of answers that an EDNS option allows; none without the option.
    pub edns: Option<u16>,
    /// The question.
    pub question: Question,
}

/// A datagram that has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Datagram {
    /// Who sent it.
    pub from: SocketAddr,
    /// The address that the sender knows: an answer must seem to come from there.
    pub asked: SocketAddr,
    /// The way back.
    pub back: End,
    /// What it carries.
    pub payload: Payload,
}

/// What a namespace sends out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outgoing {
    /// Something that finds its way by its address.
    Routed(Routed),
    /// Something for a socket that is known already.
    Back(Far, Segment),
    /// A socket's wish to connect to a port of another namespace's own loopback, as container runtimes do it for
    /// `kubectl port-forward`.
    Into(SocketId, Space, u16),
}

/// A packet that finds its way by its address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Routed {
    /// The socket that it came from.
    pub socket: SocketId,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its sender.
    pub from: SocketAddr,
    /// Where it goes.
    pub to: SocketAddr,
    /// How many routers it may pass.
    pub ttl: u8,
    /// A datagram's contents; none for the beginning of a connection.
    pub payload: Option<Payload>,
}

/// What goes to a socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The connection is made; this is its other end.
    Established(End),
    /// It is not, or it is no more.
    Failed(NetError),
    /// Bytes.
    Data(Arc<[u8]>),
    /// No more bytes come.
    End,
    /// A datagram.
    Datagram(Datagram),
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Space::Pod { uid, .. } => f.write_str(uid),
            Space::Node(name) => f.write_str(name),
            Space::Host => f.write_str("host"),
            Space::Outside(ip) => ip.fmt(f),
        }
    }
}
