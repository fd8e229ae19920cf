//! Names to addresses for the tools that ask: drives an [`Inquiry`] over sockets.

use std::net::{IpAddr, SocketAddr};

use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::container::sockets::Protocol;
use crate::network::dns::Answer;
use crate::network::packet::{Payload, Query};
use crate::network::resolver::{
    Ask, Asker, Failure, Family, Finding, Inquiry, Libc, Purpose, Reply, Resolved, Resolver, Resolving, Step,
};

/// The port of name servers.
const DNS: u16 = 53;

/// Questions that have been sent and what has come of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Sent {
    fd: Fd,
    ask: Ask,
    answers: Vec<Option<Answer>>,
    first_id: u16,
}

/// Something being asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resolve {
    /// What was asked, and what came of it.
    pub inquiry: Box<Inquiry>,
    libc: Libc,
    edns: Option<u16>,
    begun: bool,
    sent: Option<Sent>,
    until: SimTime,
    done: Option<bool>,
    /// When the last question left, and when it was answered.
    pub timing: (SimTime, SimTime),
    /// The number of the last question.
    pub id: u16,
    /// The servers' port.
    pub port: u16,
}

/// What the programs of a machine resolve names by.
pub fn resolver(kernel: &mut Kernel<'_>) -> Resolver {
    let musl = kernel.files().exists(super::super::options::MUSL);
    let mut text = |path: &str| {
        let bytes = kernel.files().read(path).map(|bytes| bytes.to_vec()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned().into()
    };
    Resolver {
        libc: if musl { Libc::Musl } else { Libc::Glibc },
        resolv_conf: text("/etc/resolv.conf"),
        hosts: text("/etc/hosts"),
        ipv6: false,
    }
}

impl Resolve {
    /// What a program asks that is started with these arguments.
    pub fn asked(kernel: &mut Kernel<'_>, asker: Asker, arguments: &[&str]) -> Self {
        let resolver = resolver(kernel);
        let mut new = Self::new(resolver.inquiry(asker, arguments), resolver.libc);
        // dig asks for as much as fits a packet everywhere.
        new.edns = (asker == Asker::Dig).then_some(1232);
        new
    }

    /// The addresses of a host.
    pub fn host(kernel: &mut Kernel<'_>, name: &str, family: Family) -> Self {
        let resolver = resolver(kernel);
        Self::new(resolver.host(name, family), resolver.libc)
    }

    /// The name of an address.
    pub fn address(kernel: &mut Kernel<'_>, ip: IpAddr) -> Self {
        let resolver = resolver(kernel);
        Self::new(resolver.name_of(ip), resolver.libc)
    }

    fn new(inquiry: Inquiry, libc: Libc) -> Self {
        Self {
            inquiry: Box::new(inquiry),
            libc,
            edns: None,
            begun: false,
            sent: None,
            until: SimTime::ZERO,
            done: None,
            timing: (SimTime::ZERO, SimTime::ZERO),
            id: 0,
            port: DNS,
        }
    }

    /// Goes on. Gives what to wait for, and nothing more once all is known.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Option<Wait> {
        loop {
            let now = kernel.now();
            if self.done.is_some() {
                return None;
            }
            let next = if !std::mem::replace(&mut self.begun, true) {
                self.inquiry.begin(now)
            } else {
                let reply = match &mut self.sent {
                    Some(sent) => match sent.listen(kernel) {
                        Some(reply) => reply,
                        None => return Some(Wait::readable(sent.fd).or_until(sent.ask.until)),
                    },
                    None if now < self.until => return Some(Wait::until(self.until)),
                    None => Reply::Silence,
                };
                if let Some(sent) = self.sent.take() {
                    self.timing.1 = now;
                    // It is this process's own socket.
                    let _ = kernel.close(sent.fd);
                }
                self.inquiry.resume(now, reply)
            };
            match next {
                Step::Done(found) => self.done = Some(found),
                Step::Wait(until) => self.until = until,
                Step::Ask(ask) => {
                    let fd = kernel.datagrams(Protocol::Udp);
                    self.timing.0 = now;
                    self.id = kernel.random().below(65_536) as u16;
                    for server in &ask.servers {
                        for (at, question) in (0u16..).zip(&ask.questions) {
                            let id = self.id.wrapping_add(at);
                            let query = Query { id, edns: self.edns, question: question.clone() };
                            // A server that cannot be reached is as one that is silent.
                            let _ = kernel.send_to(
                                fd,
                                SocketAddr::new(*server, self.port),
                                Payload::Query(query.into()),
                            );
                        }
                    }
                    let answers = vec![None; ask.questions.len()];
                    self.sent = Some(Sent { fd, ask, answers, first_id: self.id });
                }
            }
        }
    }

    /// True where all was found that was asked for.
    pub fn succeeded(&self) -> bool {
        self.done == Some(true)
    }

    /// What the lookup of the host itself came to.
    ///
    /// # Errors
    /// Why it has no address.
    pub fn resolved(&self) -> Result<&Resolved, Failure> {
        let last = self.inquiry.findings.iter().rev().find_map(|finding| match finding {
            Finding::Lookup(Purpose::Target | Purpose::TargetOr(_), outcome) => Some(outcome),
            _ => None,
        });
        match last {
            Some(Ok(resolved)) => Ok(resolved),
            Some(Err(failure)) => Err(*failure),
            None => Err(Failure::NoName),
        }
    }

    /// The words of the C library for a failure.
    pub fn text(&self, failure: Failure) -> &'static str {
        failure.text(self.libc)
    }
}

impl Sent {
    /// What has come, once that is enough.
    fn listen(&mut self, kernel: &mut Kernel<'_>) -> Option<Reply> {
        loop {
            match kernel.receive(self.fd) {
                Ok(Some(datagram)) => {
                    let Payload::Answer(answer) = &datagram.payload else { continue };
                    let at = usize::from(answer.0.id.wrapping_sub(self.first_id));
                    if let Some(place) = self.answers.get_mut(at) {
                        place.get_or_insert_with(|| answer.1.clone());
                    }
                }
                Ok(None) => break,
                Err(Errno::ConnectionRefused) if self.ask.hears_refusal => return Some(Reply::Refused),
                Err(_) => {}
            }
        }
        if self.answers.iter().all(Option::is_some) {
            return Some(Reply::Answers(self.answers.drain(..).flatten().collect()));
        }
        (kernel.now() >= self.ask.until).then_some(Reply::Silence)
    }
}

/// The words of this machine's C library for an error.
pub fn strerror(kernel: &mut Kernel<'_>, errno: Errno) -> &'static str {
    match (resolver(kernel).libc, errno) {
        (Libc::Musl, Errno::HostUnreachable) => "Host is unreachable",
        (Libc::Musl, Errno::NetworkUnreachable) => "Network unreachable",
        (Libc::Musl, Errno::TimedOut) => "Operation timed out",
        (Libc::Musl, Errno::InProgress) => "Operation in progress",
        (Libc::Musl, Errno::AddressInUse) => "Address in use",
        (Libc::Musl, Errno::AddressNotAvailable) => "Address not available",
        _ => errno.text(),
    }
}

/// The one address that BusyBox's programs take: the first of IPv4 if there is one.
pub fn one(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let first = addresses.iter().find(|ip| ip.is_ipv4()).or(addresses.first());
    first.copied().into_iter().collect()
}
