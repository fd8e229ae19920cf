//! Sockets that processes of a machine listen on.

use std::net::Ipv4Addr;

use super::process::Pid;

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Connections.
    Tcp,
    /// Datagrams.
    Udp,
}

/// A socket that a process listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listener {
    /// Its protocol.
    pub protocol: Protocol,
    /// Its port.
    pub port: u16,
    /// The address that it is bound to; [`Ipv4Addr::UNSPECIFIED`] for all of the machine's.
    pub address: Ipv4Addr,
    /// The process that holds it.
    pub pid: Pid,
}

impl Listener {
    /// True where what is sent to this address and port arrives here.
    pub fn hears(&self, protocol: Protocol, address: Ipv4Addr, port: u16) -> bool {
        self.protocol == protocol
            && self.port == port
            && (self.address.is_unspecified() || self.address == address)
    }
}
