//! A question or several to a Redis server, as the libraries of programs ask them.

use std::net::IpAddr;

use super::{Reply, Text};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::network::resolver::Failure;
use crate::programs::outward::{Dial, Dialed};

/// Questions that are being asked, over a connection of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    dial: Dial,
    questions: Vec<Vec<Text>>,
    fd: Option<Fd>,
    received: Vec<u8>,
    answers: Vec<Reply>,
}

/// What came of an [`Ask`].
pub enum Asked {
    Waits(Wait),
    /// As many answers as there were questions.
    Answered(Vec<Reply>),
    Failed(Errno, IpAddr),
    Unknown(Failure),
}

impl Ask {
    pub fn new(host: &str, port: u16, questions: &[&[&str]]) -> Self {
        let questions =
            questions.iter().map(|words| words.iter().map(|word| (*word).into()).collect()).collect();
        Self {
            dial: Dial::new(host, port, None),
            questions,
            fd: None,
            received: Vec::new(),
            answers: Vec::new(),
        }
    }

    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Asked {
        let fd = match self.fd {
            Some(fd) => fd,
            None => match self.dial.step(kernel) {
                Dialed::Waits(wait) => return Asked::Waits(wait),
                Dialed::Failed(errno, ip) => return Asked::Failed(errno, ip),
                Dialed::Unknown(failure) => return Asked::Unknown(failure),
                Dialed::Connected(fd, _) => {
                    for question in &self.questions {
                        kernel.write(fd, &Reply::request(question)).ok();
                    }
                    *self.fd.insert(fd)
                }
            },
        };
        let ended = kernel.read_into(fd, &mut self.received);
        while let Some(Ok((answer, used))) = Reply::read(&String::from_utf8_lossy(&self.received)) {
            self.received.drain(..used);
            self.answers.push(answer);
        }
        if ended || self.answers.len() >= self.questions.len() {
            kernel.close(fd).ok();
            return match self.answers.len() < self.questions.len() {
                true => Asked::Failed(Errno::ConnectionReset, IpAddr::from([0, 0, 0, 0])),
                false => Asked::Answered(std::mem::take(&mut self.answers)),
            };
        }
        Asked::Waits(Wait::readable(fd))
    }
}
