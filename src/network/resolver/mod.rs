//! Resolvers: how a program turns a name into questions, which server gets them, and what it makes of the answers.
//!
//! All of it is state machines that ask and are answered, so that whoever drives them can send each question as a packet
//! on virtual time. [`at_once`] drives one without time.

mod asker;
mod bind;
mod conf;
mod exchange;
mod inquiry;
mod lookup;
mod numeric;

use std::net::IpAddr;
use std::sync::Arc;

use crate::base::SimTime;

use super::dns::{Answer, Question};

pub use bind::{Found, Search};
pub use conf::{Reader, ResolvConf};
pub use exchange::Exchange;
pub use inquiry::{Asker, Finding, Inquiry, Purpose, Turn};
pub use lookup::{Failure, Family, Lookup, Outcome, Resolved};
pub use numeric::numeric_address;

/// The C library that a program resolves names with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Libc {
    /// GNU's, as in Debian, Ubuntu and images built on them.
    Glibc,
    /// musl, as in Alpine.
    Musl,
}

/// What a container's programs resolve names by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resolver {
    /// Its C library.
    pub libc: Libc,
    /// The text of its `/etc/resolv.conf`.
    pub resolv_conf: Arc<str>,
    /// The text of its `/etc/hosts`.
    pub hosts: Arc<str>,
    /// True where it has a way to IPv6 addresses, which then come first.
    pub ipv6: bool,
}

/// Questions on their way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// Where they go: to all of these at the same time, and the first answer to each counts.
    pub servers: Vec<IpAddr>,
    /// The questions, which leave together.
    pub questions: Vec<Question>,
    /// How long answers are waited for.
    pub until: SimTime,
    /// True where a refusal (ICMP port unreachable) is noticed; else it is as silence.
    pub hears_refusal: bool,
}

/// What became of an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// The answers, one for each question in its order.
    Answers(Vec<Answer>),
    /// Nothing came, and the time is up.
    Silence,
    /// Nobody listens there.
    Refused,
}

/// What a resolver does next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step<T> {
    /// It asks and waits for [`Resolving::resume`] with the reply.
    Ask(Ask),
    /// It waits until then for [`Resolving::resume`] with [`Reply::Silence`].
    Wait(SimTime),
    /// It is done.
    Done(T),
}

impl<T> Step<T> {
    /// The same step with another end.
    fn map<U>(self, end: impl FnOnce(T) -> U) -> Step<U> {
        self.and_then(|done| Step::Done(end(done)))
    }

    /// The same step, going on with `then` at the end.
    fn and_then<U>(self, then: impl FnOnce(T) -> Step<U>) -> Step<U> {
        match self {
            Step::Ask(ask) => Step::Ask(ask),
            Step::Wait(until) => Step::Wait(until),
            Step::Done(done) => then(done),
        }
    }
}

/// Something that asks questions until it knows.
pub trait Resolving {
    /// What it knows in the end.
    type Output;
    /// The first step.
    fn begin(&mut self, now: SimTime) -> Step<Self::Output>;
    /// The next step, after the reply to the last one.
    fn resume(&mut self, now: SimTime, reply: Reply) -> Step<Self::Output>;
}

/// Drives a resolver to its end without time passing outside. `ask` is a server's answer to a question; none where
/// there is no such server.
pub fn at_once<R: Resolving>(
    resolver: &mut R,
    mut ask: impl FnMut(IpAddr, &Question) -> Option<Answer>,
) -> R::Output {
    let mut now = SimTime::ZERO;
    let mut step = resolver.begin(now);
    loop {
        let reply = match step {
            Step::Done(output) => return output,
            Step::Wait(until) => {
                now = now.max(until);
                Reply::Silence
            }
            Step::Ask(Ask { servers, questions, until, .. }) => {
                let answer = |question| servers.iter().find_map(|server| ask(*server, question));
                match questions.iter().map(answer).collect::<Option<Vec<Answer>>>() {
                    Some(answers) => Reply::Answers(answers),
                    None => {
                        now = now.max(until);
                        Reply::Silence
                    }
                }
            }
        };
        step = resolver.resume(now, reply);
    }
}
