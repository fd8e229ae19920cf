//! The beginning of a connection as any program makes it: the name's addresses by the C library, then one after another.
//! [`crate::network::trace`] is made with it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::resolve::Resolve;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::network::resolver::{Failure, Family};

/// How long an address is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of one address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// The address.
    pub ip: IpAddr,
    /// The connection, or why there is none.
    pub result: Result<Fd, Errno>,
    /// When that was known.
    pub at: SimTime,
}

/// A connection that is being made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reach {
    /// The name or address that is meant.
    pub host: String,
    /// The port that is meant.
    pub port: u16,
    asking: Option<Resolve>,
    /// The name's addresses, or the C library's words.
    pub addresses: Option<Result<Vec<IpAddr>, String>>,
    connecting: Option<(Fd, SimTime)>,
    /// The addresses tried so far.
    pub attempts: Vec<Attempt>,
}

impl Reach {
    /// The id of its executable, of which no image has one.
    pub const ID: &'static str = "reach";

    /// To this host and port.
    pub fn new(host: &str, port: u16) -> Self {
        Self { host: host.into(), port, ..Self::default() }
    }

    /// Goes on. Gives what to wait for, and nothing more once it is connected or has failed.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Option<Wait> {
        let addresses = loop {
            match &self.addresses {
                Some(Ok(addresses)) => break addresses.clone(),
                Some(Err(_)) => return None,
                None => {}
            }
            let asking = self.asking.get_or_insert_with(|| Resolve::host(kernel, &self.host, Family::Any));
            if let Some(wait) = asking.step(kernel) {
                return Some(wait);
            }
            let found = asking.resolved().map(|resolved| resolved.addresses.clone());
            self.addresses = Some(found.map_err(|failure: Failure| asking.text(failure).to_string()));
        };
        loop {
            let now = kernel.now();
            if self.attempts.last().is_some_and(|attempt| attempt.result.is_ok()) {
                return None;
            }
            let ip = *addresses.get(self.attempts.len())?;
            let result = match self.connecting {
                None => match kernel.connect(SocketAddr::new(ip, self.port)) {
                    Ok(fd) => {
                        self.connecting = Some((fd, now + PATIENCE));
                        continue;
                    }
                    Err(errno) => Err(errno),
                },
                Some((fd, until)) => match kernel.is_connected(fd) {
                    Ok(true) => Ok(fd),
                    Ok(false) if now < until => return Some(Wait::readable(fd).or_until(until)),
                    Ok(false) => Err(Errno::TimedOut),
                    Err(errno) => Err(errno),
                },
            };
            if let (Some((fd, _)), Err(_)) = (self.connecting.take(), &result) {
                // It is this process's own socket.
                let _ = kernel.close(fd);
            }
            self.attempts.push(Attempt { ip, result, at: now });
        }
    }

    /// As a program of its own, `reach HOST PORT`, which prints a line for each thing it finds.
    pub fn run(&mut self, kernel: &mut Kernel<'_>) -> Step {
        if self.host.is_empty() {
            let argv = kernel.argv();
            self.host = argv.get(1).map(|host| host.to_string()).unwrap_or_default();
            self.port = argv.get(2).and_then(|port| port.parse().ok()).unwrap_or_default();
        }
        if let Some(wait) = self.step(kernel) {
            return wait.into();
        }
        if let Some(Err(text)) = &self.addresses {
            kernel.print(format!("unknown {text}\n"));
        }
        for Attempt { ip, result, at } in &self.attempts {
            match result {
                Ok(_) => kernel.print(format!("connected {ip} {}\n", at.0)),
                Err(errno) => kernel.print(format!("failed {ip} {} {}\n", at.0, errno.text())),
            }
        }
        Step::Exit(0)
    }
}
