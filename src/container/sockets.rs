//! The system calls on sockets. None of them blocks: a process waits until a socket is readable
//! ([`super::program::Wait::readable`]), and asks again.

use std::net::{IpAddr, SocketAddr};

use super::errno::Errno;
use super::kernel::Kernel;
use super::machine::{Fd, Open};
use crate::network::namespace::{Socket, TTL};
use crate::network::packet::{Datagram, Payload, SocketId, Space};

pub use crate::network::packet::Protocol;

type Result<T> = std::result::Result<T, Errno>;

impl Kernel<'_> {
    fn socket_of(&self, fd: Fd) -> Result<SocketId> {
        match self.open_of(fd)? {
            Open::Socket(id) => Ok(*id),
            _ => Err(Errno::NotSocket),
        }
    }

    fn add_socket(&mut self, id: SocketId) -> Fd {
        self.install(None, Open::Socket(id), false)
    }

    /// Takes a port: a TCP socket listens there ([`Kernel::accept`]), a UDP one gets datagrams ([`Kernel::receive`]).
    /// `0.0.0.0` is every IPv4 address of the Pod, `::` every address; port 0 is any that is free.
    ///
    /// # Errors
    /// `AddressInUse` where a process of any container of the Pod has it, `AddressNotAvailable` where the address is not
    /// one of the Pod's.
    pub fn listen(&mut self, protocol: Protocol, address: IpAddr, port: u16) -> Result<Fd> {
        self.machine.close_sockets();
        let id = self.machine.net.bind(protocol, SocketAddr::new(address, port))?;
        Ok(self.add_socket(id))
    }

    /// Takes a TCP port of IPv6 alone: another may have that of IPv4.
    ///
    /// # Errors
    /// As [`Kernel::listen`].
    pub fn listen_v6(&mut self, address: IpAddr, port: u16) -> Result<Fd> {
        self.machine.close_sockets();
        let id = self.machine.net.bind_v6(SocketAddr::new(address, port))?;
        Ok(self.add_socket(id))
    }

    /// Listens at a path of the file system, as a socket file.
    ///
    /// # Errors
    /// `AddressInUse` where there is a file already, or why none can be made.
    pub fn listen_at(&mut self, path: &str) -> Result<Fd> {
        self.machine.close_sockets();
        if self.files().exists(path) {
            return Err(Errno::AddressInUse);
        }
        self.files().write(path, Vec::new(), 0o777)?;
        let path = self.files().canonical(path)?;
        let id = self.machine.net.bind_path();
        self.machine.paths.insert(path.into(), id);
        Ok(self.add_socket(id))
    }

    /// The next connection to a listening socket, and who made it; none where none has come yet.
    pub fn accept(&mut self, fd: Fd) -> Result<Option<(Fd, SocketAddr)>> {
        let id = self.socket_of(fd)?;
        let Some(accepted) = self.machine.net.accept(id) else { return Ok(None) };
        let peer = self.machine.net.socket(accepted).map(|socket| socket.peer);
        Ok(peer.map(|peer| (self.add_socket(accepted), peer)))
    }

    /// Begins a TCP connection. The socket is readable as soon as [`Kernel::is_connected`] knows what came of it.
    ///
    /// # Errors
    /// `NetworkUnreachable` where no address of the machine's own leads there.
    pub fn connect(&mut self, to: SocketAddr) -> Result<Fd> {
        let id = self.machine.net.connect(to)?;
        Ok(self.add_socket(id))
    }

    /// Begins a TCP connection to a port of another network namespace's own loopback ([`Kernel::is_connected`]).
    pub fn connect_into(&mut self, space: Space, port: u16) -> Fd {
        let id = self.machine.net.connect_into(space, port);
        self.add_socket(id)
    }

    /// Connects to a socket file.
    ///
    /// # Errors
    /// `NotFound` without such a file, `ConnectionRefused` where nobody listens there.
    pub fn connect_at(&mut self, path: &str) -> Result<Fd> {
        self.machine.close_sockets();
        self.files().stat(path)?;
        let path = self.files().canonical(path)?;
        let listener = *self.machine.paths.get(&*path).ok_or(Errno::ConnectionRefused)?;
        let id = self.machine.net.connect_path(listener)?;
        Ok(self.add_socket(id))
    }

    /// Whether a connection is made; false while that is not known.
    ///
    /// # Errors
    /// `ConnectionRefused`, `TimedOut`, `HostUnreachable` …
    pub fn is_connected(&mut self, fd: Fd) -> Result<bool> {
        let id = self.socket_of(fd)?;
        Ok(self.machine.net.is_connected(id)?)
    }

    /// Says that no more bytes come on a connection; reading goes on.
    pub fn shut(&mut self, fd: Fd) {
        if let Ok(id) = self.socket_of(fd) {
            self.machine.net.shut(id);
        }
    }

    /// The socket of a descriptor, to look at.
    pub fn socket(&self, fd: Fd) -> Option<&Socket> {
        self.machine.net.socket(self.socket_of(fd).ok()?)
    }

    /// A socket for datagrams (or ICMP echoes) from a port that the kernel chooses.
    pub fn datagrams(&mut self, protocol: Protocol) -> Fd {
        let id = self.machine.net.datagrams(protocol);
        self.add_socket(id)
    }

    /// Sends a datagram.
    ///
    /// # Errors
    /// `NetworkUnreachable` where no address of the machine's own leads there.
    pub fn send_to(&mut self, fd: Fd, to: SocketAddr, payload: Payload) -> Result<()> {
        self.send_with_ttl(fd, to, payload, TTL)
    }

    /// Sends a datagram that may pass so many routers.
    ///
    /// # Errors
    /// As [`Kernel::send_to`].
    pub fn send_with_ttl(&mut self, fd: Fd, to: SocketAddr, payload: Payload, ttl: u8) -> Result<()> {
        let id = self.socket_of(fd)?;
        Ok(self.machine.net.send_to(id, to, payload, ttl)?)
    }

    /// The next datagram; none where none has come yet.
    ///
    /// # Errors
    /// What came back for one that was sent: `ConnectionRefused`, `HostUnreachable`.
    pub fn receive(&mut self, fd: Fd) -> Result<Option<Datagram>> {
        let id = self.socket_of(fd)?;
        Ok(self.machine.net.receive(id)?)
    }

    /// Answers a datagram.
    pub fn reply(&mut self, datagram: &Datagram, payload: Payload) {
        self.machine.net.reply(datagram, payload);
    }
}
