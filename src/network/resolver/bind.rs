//! The search of bind9's dig, host and nslookup, which do not use the C library's resolver.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::base::SimTime;
use crate::network::dns::{Answer, Question, Rcode, RecordType, name};

use super::conf::{Reader, ResolvConf};
use super::exchange::Exchange;
use super::{Reply, Resolver, Resolving, Step};

/// How a search ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Found {
    /// The last question.
    pub question: Question,
    /// Its answer; none where no server answered.
    pub answer: Option<Answer>,
}

/// A search on its way: one type, and one name after the other while there is no such name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    conf: ResolvConf,
    kind: RecordType,
    names: VecDeque<String>,
    asked: String,
    exchange: Option<Exchange>,
}

/// What the command line says about a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Choice {
    /// Servers in place of those of the file.
    pub servers: Vec<IpAddr>,
    /// True where search domains are tried.
    pub searches: bool,
    pub ndots: Option<usize>,
    /// The one search domain.
    pub domain: Option<String>,
    pub timeout: Option<u64>,
    pub tries: Option<u32>,
}

impl Search {
    pub(super) fn new(resolver: &Resolver, asked: &str, kind: RecordType, choice: &Choice) -> Self {
        let mut conf = ResolvConf::parse(&resolver.resolv_conf, Reader::Bind);
        if !choice.servers.is_empty() {
            conf.nameservers.clone_from(&choice.servers);
        }
        if let Some(domain) = &choice.domain {
            conf.search = vec![domain.clone()];
        }
        conf.ndots = choice.ndots.unwrap_or(conf.ndots);
        conf.timeout = Duration::from_secs(choice.timeout.unwrap_or(5).max(1));
        conf.attempts = choice.tries.unwrap_or(3).max(1);
        // With enough dots, or a final one, a name is only asked for as it is (`next_origin`).
        let searches = choice.searches && !asked.ends_with('.') && asked.matches('.').count() < conf.ndots;
        let domains = conf.search.iter().filter(|_| searches);
        let full = domains.map(|domain| name::absolute(&format!("{asked}.{domain}")));
        let mut names: VecDeque<String> = full.chain([name::absolute(asked)]).collect();
        names.retain(|name| name::can_be_asked(name));
        Self { conf, kind, names, asked: name::absolute(asked), exchange: None }
    }

    /// Asks these servers and no others.
    pub(super) fn ask_servers(&mut self, servers: &[IpAddr]) {
        self.conf.nameservers = servers.to_vec();
    }

    fn ask(&mut self, now: SimTime) -> Step<Found> {
        let Some(name) = self.names.pop_front() else {
            return Step::Done(Found { question: Question::new(&self.asked, self.kind), answer: None });
        };
        self.asked.clone_from(&name);
        let mut exchange = Exchange::new(vec![Question::new(&name, self.kind)], &self.conf, Reader::Bind);
        let step = exchange.begin(now);
        self.exchange = Some(exchange);
        step.and_then(|answers| self.take(now, answers))
    }

    fn take(&mut self, now: SimTime, answers: Vec<Option<Answer>>) -> Step<Found> {
        let answer = answers.into_iter().next().flatten();
        let missing = answer.as_ref().is_some_and(|answer| answer.rcode == Rcode::NxDomain);
        if missing && !self.names.is_empty() {
            return self.ask(now);
        }
        Step::Done(Found { question: Question::new(&self.asked, self.kind), answer })
    }
}

impl Resolving for Search {
    type Output = Found;

    fn begin(&mut self, now: SimTime) -> Step<Found> {
        self.ask(now)
    }

    fn resume(&mut self, now: SimTime, reply: Reply) -> Step<Found> {
        let step = self.exchange.as_mut().map(|exchange| exchange.resume(now, reply));
        match step {
            Some(step) => step.and_then(|answers| self.take(now, answers)),
            None => self.ask(now),
        }
    }
}
