//! One set of questions, and the servers that are asked until one answers.

use std::net::IpAddr;
use std::time::Duration;

use crate::base::SimTime;
use crate::network::dns::{Answer, Question, Rcode};

use super::conf::{Reader, ResolvConf};
use super::{Ask, Reply, Resolving, Step};

/// Questions that leave together until they are answered or time is up. It ends with an answer for each, or none for
/// those that nobody answered; an answer may be the server's failure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exchange {
    questions: Vec<Question>,
    servers: Vec<IpAddr>,
    reader: Reader,
    timeout: Duration,
    attempts: u32,
    answers: Vec<Option<Answer>>,
    /// Which server is asked, where one is asked after the other.
    server: usize,
    attempt: u32,
    /// The questions that are on their way, by their place.
    sent: Vec<usize>,
    /// When the first question to this server left.
    started: SimTime,
    /// How many questions may still be sent again at once because the server failed.
    resends: usize,
}

impl Exchange {
    /// Asks in the manner of the reader of `conf`.
    pub fn new(questions: Vec<Question>, conf: &ResolvConf, reader: Reader) -> Self {
        Self {
            answers: vec![None; questions.len()],
            questions,
            servers: conf.nameservers.clone(),
            reader,
            timeout: conf.timeout,
            attempts: conf.attempts,
            server: 0,
            attempt: 0,
            sent: Vec::new(),
            started: SimTime::ZERO,
            resends: 0,
        }
    }

    /// Asks these servers and no others.
    pub(super) fn ask_servers(&mut self, servers: &[IpAddr]) {
        self.servers = servers.to_vec();
    }

    /// musl and BusyBox send everything again at intervals and share one time for all of it; the others turn from
    /// server to server.
    fn keeps_sending(&self) -> bool {
        matches!(self.reader, Reader::Musl | Reader::Busybox)
    }

    fn send(&mut self, now: SimTime, places: Vec<usize>) -> Step<Vec<Option<Answer>>> {
        let until = if self.keeps_sending() { self.next_round() } else { now + self.patience() };
        let servers =
            if self.reader == Reader::Musl { self.servers.clone() } else { vec![self.servers[self.server]] };
        let questions = places.iter().map(|at| self.questions[*at].clone()).collect();
        self.sent = places;
        Step::Ask(Ask { servers, questions, until, hears_refusal: self.reader != Reader::Musl })
    }

    fn pending(&self) -> Vec<usize> {
        (0..self.questions.len()).filter(|at| self.answers[*at].as_ref().is_none_or(failed)).collect()
    }

    /// How long the server whose turn it is gets: glibc gives later ones more, shared by their number.
    fn patience(&self) -> Duration {
        let seconds = self.timeout.as_secs() << if self.reader == Reader::Glibc { self.server } else { 0 };
        let shared =
            if self.reader == Reader::Glibc && self.server > 0 { self.servers.len() as u64 } else { 1 };
        Duration::from_secs((seconds / shared).max(1))
    }

    fn next_round(&self) -> SimTime {
        self.started + (self.timeout / self.attempts * (self.attempt + 1)).min(self.timeout)
    }

    fn round(&mut self, now: SimTime) -> Step<Vec<Option<Answer>>> {
        self.resends = 2 * self.questions.len();
        let pending = self.pending();
        self.send(now, pending)
    }

    fn done(&mut self) -> Step<Vec<Option<Answer>>> {
        Step::Done(std::mem::take(&mut self.answers))
    }

    /// Takes up the next server, or the first one again.
    fn turn(&mut self, now: SimTime) -> Step<Vec<Option<Answer>>> {
        self.server += 1;
        if self.server == self.servers.len() {
            self.server = 0;
            self.attempt += 1;
        }
        if self.attempt == self.attempts {
            return self.done();
        }
        let all = (0..self.questions.len()).collect();
        self.send(now, all)
    }

    fn resume_in_turn(&mut self, now: SimTime, reply: Reply) -> Step<Vec<Option<Answer>>> {
        let Reply::Answers(answers) = reply else {
            self.answers.fill(None);
            return self.turn(now);
        };
        let last = self.server + 1 == self.servers.len();
        let enough = answers.iter().any(|answer| !failed(answer)) || self.reader == Reader::Bind && last;
        self.answers = answers.into_iter().map(Some).collect();
        if enough { self.done() } else { self.turn(now) }
    }

    fn resume_sending(&mut self, now: SimTime, reply: Reply) -> Step<Vec<Option<Answer>>> {
        match reply {
            Reply::Answers(answers) => {
                for (at, answer) in self.sent.clone().into_iter().zip(answers) {
                    self.answers[at] = Some(answer);
                }
                let pending = self.pending();
                let again: Vec<usize> = pending.iter().copied().take(self.resends).collect();
                // BusyBox takes a failure for an answer once it has asked often enough.
                if pending.is_empty() || again.is_empty() && self.reader == Reader::Busybox {
                    return self.done();
                }
                if again.is_empty() {
                    return Step::Wait(self.next_round());
                }
                self.resends -= again.len();
                self.send(now, again)
            }
            Reply::Silence if self.attempt + 1 < self.attempts => {
                self.attempt += 1;
                self.round(now)
            }
            Reply::Silence | Reply::Refused => {
                let another = self.reader == Reader::Busybox
                    && self.server + 1 < self.servers.len()
                    && self.answers.iter().all(Option::is_none);
                if !another {
                    return self.done();
                }
                self.server += 1;
                self.attempt = 0;
                self.started = now;
                self.round(now)
            }
        }
    }
}

/// True for what a resolver does not take for an answer.
fn failed(answer: &Answer) -> bool {
    !matches!(answer.rcode, Rcode::NoError | Rcode::NxDomain)
}

impl Resolving for Exchange {
    type Output = Vec<Option<Answer>>;

    fn begin(&mut self, now: SimTime) -> Step<Self::Output> {
        self.started = now;
        if self.questions.is_empty() { self.done() } else { self.round(now) }
    }

    fn resume(&mut self, now: SimTime, reply: Reply) -> Step<Self::Output> {
        if self.keeps_sending() { self.resume_sending(now, reply) } else { self.resume_in_turn(now, reply) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::dns::RecordType;

    /// When questions leave, and to how many servers, where nothing but `reply` ever comes; last, when it ends.
    fn sent(conf: &str, reader: Reader, reply: &Reply) -> Vec<(u64, usize)> {
        let conf = ResolvConf::parse(conf, reader);
        let mut exchange = Exchange::new(vec![Question::new("web", RecordType::A)], &conf, reader);
        let (mut now, mut all) = (SimTime::ZERO, Vec::new());
        let mut step = exchange.begin(now);
        loop {
            let reply = match step {
                Step::Done(_) => break,
                Step::Wait(until) => {
                    now = until;
                    Reply::Silence
                }
                Step::Ask(ask) => {
                    all.push((now.0 / 1_000, ask.servers.len()));
                    if *reply == Reply::Silence {
                        now = ask.until;
                    }
                    reply.clone()
                }
            };
            step = exchange.resume(now, reply);
        }
        all.push((now.0 / 1_000, 0));
        all
    }

    const ONE: &str = "nameserver 10.0.0.1\n";
    const TWO: &str = "nameserver 10.0.0.1\nnameserver 10.0.0.2\n";

    #[test]
    fn patience_with_silent_servers() {
        let silent = |conf, reader| sent(conf, reader, &Reply::Silence);
        assert_eq!(silent(ONE, Reader::Glibc), [(0, 1), (5_000, 1), (10_000, 0)]);
        assert_eq!(silent(TWO, Reader::Glibc), [(0, 1), (5_000, 1), (10_000, 1), (15_000, 1), (20_000, 0)]);
        assert_eq!(silent(TWO, Reader::Musl), [(0, 2), (2_500, 2), (5_000, 0)]);
        assert_eq!(silent(ONE, Reader::Busybox), [(0, 1), (2_500, 1), (5_000, 0)]);
        let quick = "nameserver 10.0.0.1\noptions timeout:1 attempts:1\n";
        assert_eq!(silent(quick, Reader::Glibc), [(0, 1), (1_000, 0)]);
        assert_eq!(silent(quick, Reader::Musl), [(0, 1), (1_000, 0)]);
    }

    #[test]
    fn a_refusal_ends_it_at_once() {
        assert_eq!(sent(TWO, Reader::Glibc, &Reply::Refused).last(), Some(&(0, 0)));
        assert_eq!(sent(ONE, Reader::Busybox, &Reply::Refused), [(0, 1), (0, 0)]);
    }

    #[test]
    fn a_failing_server_is_asked_again() {
        let failure = Reply::Answers(vec![Answer::empty(Rcode::ServFail)]);
        let count = |reader| sent(ONE, reader, &failure).len() - 1;
        assert_eq!((count(Reader::Glibc), count(Reader::Bind)), (2, 1));
        assert_eq!(sent(ONE, Reader::Musl, &failure).last(), Some(&(5_000, 0)));
        assert_eq!((count(Reader::Musl), count(Reader::Busybox)), (6, 3));
    }
}
