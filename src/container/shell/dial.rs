//! bash's `/dev/tcp/HOST/PORT`: a redirection that opens a connection. It is made while words are expanded, as command
//! substitutions run: the expansion is given up, and done again when it is known what came of it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::expand::{Result, Stop};
use super::redirect::Action;
use super::{Flavor, Shell};
use crate::container::commands::network::resolve::{Resolve, strerror};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::network::resolver::Family;

/// Why a redirection has no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trouble {
    /// The name has no address: what the C library says.
    Name(&'static str),
    Connect(Errno),
}

/// What a redirection came to.
pub(super) type Dialed = std::result::Result<Fd, Trouble>;

/// A connection on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Dialing {
    asking: Resolve,
    addresses: Option<Vec<IpAddr>>,
    port: u16,
    fd: Option<Fd>,
    last: Errno,
}

/// The host and port of such a file.
fn address(path: &str) -> Option<(&str, u16)> {
    let (host, port) = path.strip_prefix("/dev/tcp/")?.rsplit_once('/')?;
    Some((host, port.parse().ok()?)).filter(|_| !host.is_empty())
}

impl Dialing {
    fn new(kernel: &mut Kernel<'_>, host: &str, port: u16) -> Self {
        let asking = Resolve::host(kernel, host, Family::Any);
        Self { asking, addresses: None, port, fd: None, last: Errno::TimedOut }
    }

    /// Goes on: tries one address after the other.
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>) -> std::result::Result<Dialed, Wait> {
        let addresses = match &mut self.addresses {
            Some(addresses) => addresses,
            None => {
                if let Some(wait) = self.asking.step(kernel) {
                    return Err(wait);
                }
                match self.asking.resolved() {
                    Ok(resolved) => self.addresses.insert(resolved.addresses.clone()),
                    Err(failure) => return Ok(Err(Trouble::Name(self.asking.text(failure)))),
                }
            }
        };
        loop {
            if let Some(fd) = self.fd {
                match kernel.is_connected(fd) {
                    Ok(true) => return Ok(Ok(fd)),
                    Ok(false) => return Err(Wait::readable(fd)),
                    Err(errno) => self.last = errno,
                }
                // It is this process's own socket.
                let _ = kernel.close(fd);
                self.fd = None;
            }
            if addresses.is_empty() {
                return Ok(Err(Trouble::Connect(self.last)));
            }
            match kernel.connect(SocketAddr::new(addresses.remove(0), self.port)) {
                Ok(fd) => self.fd = Some(fd),
                Err(errno) => self.last = errno,
            }
        }
    }
}

impl Shell {
    /// The redirection to a file that bash takes for a connection; none where it is a file.
    pub(super) fn dial(
        &mut self,
        kernel: &mut Kernel<'_>,
        fd: Fd,
        path: &Arc<str>,
    ) -> Result<Option<Action>> {
        let Some((host, port)) = address(path).filter(|_| self.flavor == Flavor::Bash) else {
            return Ok(None);
        };
        match self.dialed() {
            Some(Ok(from)) => Ok(Some(Action::Connected { fd, from })),
            Some(Err(trouble)) => Ok(Some(Action::NotConnected { path: path.clone(), trouble })),
            None => {
                let dialing = Dialing::new(kernel, host, port);
                self.begin_dialing(dialing);
                Err(Stop::Suspend)
            }
        }
    }

    /// Says why there is no connection.
    pub(super) fn complain_of_connection(&self, kernel: &mut Kernel<'_>, path: &str, trouble: Trouble) {
        let text = match trouble {
            Trouble::Name(text) => {
                let host = address(path).map_or("", |(host, _)| host);
                self.complain(kernel, format!("{host}: {text}"));
                "Invalid argument"
            }
            Trouble::Connect(errno) => {
                let text = strerror(kernel, errno);
                kernel.complain(format!("{}: connect: {text}\n", self.name));
                text
            }
        };
        self.complain(kernel, format!("{path}: {text}"));
    }
}
