//! getaddrinfo and its kin: names to addresses and back, as glibc and musl do it.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::base::SimTime;
use crate::network::dns::{Answer, Data, Question, Rcode, RecordType, name};
use crate::network::hosts_file::HostsFile;

use super::conf::{Reader, ResolvConf};
use super::exchange::Exchange;
use super::numeric::numeric_address;
use super::{Libc, Reply, Resolver, Resolving, Step};

/// Which addresses are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Both kinds.
    #[default]
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    fn includes(self, ip: IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => ip.is_ipv4(),
            Family::V6 => ip.is_ipv6(),
        }
    }
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Resolved {
    /// The name that it leads to, without a final dot.
    pub canonical: String,
    /// The addresses, the first to be tried first.
    pub addresses: Vec<IpAddr>,
}

/// Why a name stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// There is no such name (`EAI_NONAME`).
    NoName,
    /// The name has no address (`EAI_NODATA`).
    NoData,
    /// No server answered, or it failed (`EAI_AGAIN`).
    Again,
    /// A server refused (`EAI_FAIL`).
    Fail,
}

impl Failure {
    /// The number of the error.
    pub fn code(self) -> i32 {
        match self {
            Failure::NoName => -2,
            Failure::Again => -3,
            Failure::Fail => -4,
            Failure::NoData => -5,
        }
    }

    /// What gai_strerror(3) says.
    pub fn text(self, libc: Libc) -> &'static str {
        match (libc, self) {
            (Libc::Glibc, Failure::NoName) => "Name or service not known",
            (Libc::Glibc, Failure::NoData) => "No address associated with hostname",
            (Libc::Glibc, Failure::Again) => "Temporary failure in name resolution",
            (Libc::Glibc, Failure::Fail) => "Non-recoverable failure in name resolution",
            (Libc::Musl, Failure::NoName) => "Name does not resolve",
            (Libc::Musl, Failure::NoData) => "Name has no usable address",
            (Libc::Musl, Failure::Again) => "Try again",
            (Libc::Musl, Failure::Fail) => "Non-recoverable error",
        }
    }
}

/// How a lookup ends.
pub type Outcome = Result<Resolved, Failure>;

/// A lookup on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lookup {
    libc: Libc,
    conf: ResolvConf,
    ipv6: bool,
    /// For a reverse lookup, the address.
    of: Option<IpAddr>,
    kinds: Vec<RecordType>,
    /// The names to try, absolute; the first is on its way.
    candidates: VecDeque<Candidate>,
    /// What is asked for the first name after what is on its way.
    rest: VecDeque<RecordType>,
    answers: Vec<Option<Answer>>,
    exchange: Option<Exchange>,
    /// The end, where nobody needs to be asked.
    known: Option<Outcome>,
    /// What the name as it is came to, where it was tried first.
    first: Option<Failure>,
    no_data: bool,
    server_failed: bool,
    last: Failure,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Candidate {
    name: String,
    place: Place,
}

/// Where a candidate stands in the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    /// The name as it is, before any search domain.
    First,
    /// The name in a search domain.
    Searched,
    /// The name as it is, after all search domains.
    Last,
}

impl Resolver {
    /// getaddrinfo for `name`.
    pub fn lookup(&self, name: &str, family: Family) -> Lookup {
        let hosts = HostsFile::parse(&self.hosts);
        let kinds = match family {
            Family::Any => vec![RecordType::A, RecordType::AAAA],
            Family::V4 => vec![RecordType::A],
            Family::V6 => vec![RecordType::AAAA],
        };
        let mut lookup = self.blank(kinds);
        lookup.known = if let Some(ip) = numeric_address(name) {
            let fits = family.includes(ip);
            Some(if fits { lookup.resolved(name.into(), vec![ip]) } else { Err(Failure::NoName) })
        } else {
            written_down(&hosts, name, family, self.libc)
                .map(|(canonical, addresses)| lookup.resolved(canonical, addresses))
        };
        if lookup.known.is_none() {
            if lookup.conf.no_aaaa {
                lookup.kinds.retain(|kind| *kind != RecordType::AAAA);
            }
            lookup.candidates = match self.libc {
                Libc::Glibc => glibc_candidates(name, &lookup.conf),
                Libc::Musl => musl_candidates(name, &lookup.conf),
            };
        }
        lookup
    }

    /// getnameinfo or gethostbyaddr: the outcome's canonical name is the address's.
    pub fn reverse(&self, ip: IpAddr) -> Lookup {
        let mut lookup = self.blank(vec![RecordType::PTR]);
        lookup.of = Some(ip);
        let hosts = HostsFile::parse(&self.hosts);
        lookup.known = hosts
            .of_address(ip)
            .next()
            .map(|name| Ok(Resolved { canonical: name.into(), addresses: vec![ip] }));
        lookup.candidates.push_back(Candidate { name: name::of_address(ip), place: Place::First });
        lookup
    }

    fn blank(&self, kinds: Vec<RecordType>) -> Lookup {
        let reader = if self.libc == Libc::Musl { Reader::Musl } else { Reader::Glibc };
        Lookup {
            libc: self.libc,
            conf: ResolvConf::parse(&self.resolv_conf, reader),
            ipv6: self.ipv6,
            of: None,
            kinds,
            candidates: VecDeque::new(),
            rest: VecDeque::new(),
            answers: Vec::new(),
            exchange: None,
            known: None,
            first: None,
            no_data: false,
            server_failed: false,
            last: Failure::NoName,
        }
    }
}

/// What `/etc/hosts` says: once it knows the name, nobody else is asked.
fn written_down(hosts: &HostsFile, name: &str, family: Family, libc: Libc) -> Option<(String, Vec<IpAddr>)> {
    let known: Vec<_> =
        hosts.of_name(name, libc == Libc::Musl).filter(|(ip, _)| family.includes(*ip)).collect();
    let (_, names) = known.first()?;
    Some((names[0].clone(), known.iter().map(|(ip, _)| *ip).collect()))
}

fn dots(name: &str) -> usize {
    name.matches('.').count()
}

/// `__res_context_search`: with enough dots the name itself comes first, and the search domains after it all the same.
fn glibc_candidates(name: &str, conf: &ResolvConf) -> VecDeque<Candidate> {
    let as_is = |place| Candidate { name: name::absolute(name), place };
    let trailing = name.ends_with('.');
    let mut candidates = VecDeque::new();
    let first = dots(name) >= conf.ndots || trailing;
    if first {
        candidates.push_back(as_is(Place::First));
    }
    let mut root_was_there = first;
    if !trailing {
        for domain in &conf.search {
            let domain = domain.trim_start_matches('.');
            root_was_there |= domain.is_empty();
            let full = if domain.is_empty() { name.to_string() } else { format!("{name}.{domain}") };
            candidates.push_back(Candidate { name: name::absolute(&full), place: Place::Searched });
        }
    }
    let lonely = dots(name) == 0 && conf.no_tld_query && !conf.search.is_empty();
    if !root_was_there && !lonely {
        candidates.push_back(as_is(Place::Last));
    }
    candidates
}

/// `name_from_dns_search`: with enough dots the name itself, and nothing else.
fn musl_candidates(name: &str, conf: &ResolvConf) -> VecDeque<Candidate> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    if bare.is_empty() || bare.ends_with('.') {
        return VecDeque::new();
    }
    let searches = dots(name) < conf.ndots && bare == name;
    let domains = conf.search.iter().filter(|domain| searches && bare.len() + domain.len() + 1 < 256);
    let full = domains.map(|domain| format!("{bare}.{domain}")).chain([bare.to_string()]);
    full.map(|name| Candidate { name: name::absolute(&name), place: Place::Searched }).collect()
}

impl Lookup {
    fn resolved(&self, canonical: String, mut addresses: Vec<IpAddr>) -> Outcome {
        // RFC 6724, as far as it shows: what cannot be reached comes last, and IPv6 before IPv4, but for addresses of
        // private use.
        addresses.sort_by_key(|ip| match ip {
            IpAddr::V6(ip) if ip.is_loopback() => 0,
            IpAddr::V6(_) if !self.ipv6 => 4,
            IpAddr::V6(ip) if ip.is_unique_local() => 3,
            IpAddr::V6(_) => 1,
            IpAddr::V4(_) => 2,
        });
        let mut seen = std::collections::BTreeSet::new();
        addresses.retain(|ip| seen.insert(*ip));
        Ok(Resolved { canonical, addresses })
    }

    /// Asks for the first of the candidates.
    fn ask(&mut self, now: SimTime) -> Step<Outcome> {
        loop {
            let Some(candidate) = self.candidates.front() else { return Step::Done(Err(self.failure())) };
            if name::can_be_asked(&candidate.name) {
                break;
            }
            self.last = Failure::NoName;
            if self.libc == Libc::Musl {
                return Step::Done(Err(Failure::NoName));
            }
            // What cannot be sent ends glibc's search, but for the name as it is.
            self.candidates.pop_front();
            self.candidates.retain(|candidate| candidate.place == Place::Last);
        }
        self.answers.clear();
        self.rest = self.kinds.iter().copied().collect();
        self.ask_rest(now)
    }

    fn ask_rest(&mut self, now: SimTime) -> Step<Outcome> {
        let Some(candidate) = self.candidates.front() else { return Step::Done(Err(self.failure())) };
        let count = if self.conf.single_request { 1 } else { self.rest.len() };
        let questions = self.rest.drain(..count).map(|kind| Question::new(&candidate.name, kind)).collect();
        let reader = if self.libc == Libc::Musl { Reader::Musl } else { Reader::Glibc };
        let mut exchange = Exchange::new(questions, &self.conf, reader);
        let step = exchange.begin(now);
        self.exchange = Some(exchange);
        step.and_then(|answers| self.take(now, answers))
    }

    fn take(&mut self, now: SimTime, answers: Vec<Option<Answer>>) -> Step<Outcome> {
        self.answers.extend(answers);
        if !self.rest.is_empty() {
            return self.ask_rest(now);
        }
        let Some(candidate) = self.candidates.pop_front() else { return Step::Done(Err(self.failure())) };
        let end = match self.libc {
            Libc::Glibc => self.judge_as_glibc(&candidate),
            Libc::Musl => self.judge_as_musl(&candidate),
        };
        match end {
            Some(outcome) => Step::Done(outcome),
            None => self.ask(now),
        }
    }

    /// The end of the search, if these answers are it (`__res_context_query` and `__res_context_search`).
    fn judge_as_glibc(&mut self, candidate: &Candidate) -> Option<Outcome> {
        let answered = |answer: &Answer| answer.rcode == Rcode::NoError && !answer.answers.is_empty();
        let answers: Vec<&Answer> = self.answers.iter().flatten().collect();
        if answers.iter().any(|answer| answered(answer)) {
            return Some(self.gathered(&candidate.name).unwrap_or(Err(Failure::NoName)));
        }
        let odd = answers.iter().map(|answer| answer.rcode).find(|code| *code != Rcode::NoError);
        self.last = match odd {
            _ if answers.len() < self.answers.len() => Failure::Again,
            None => Failure::NoData,
            Some(Rcode::NxDomain) => Failure::NoName,
            Some(Rcode::ServFail) => Failure::Again,
            Some(_) => Failure::NoName,
        };
        let goes_on = odd.is_none_or(|code| matches!(code, Rcode::NxDomain | Rcode::ServFail))
            && answers.len() == self.answers.len();
        if candidate.place == Place::First {
            self.first = Some(self.last);
        } else if !goes_on {
            return Some(Err(self.failure_of(self.last)));
        }
        self.no_data |= self.last == Failure::NoData;
        self.server_failed |= odd == Some(Rcode::ServFail);
        None
    }

    /// Only a name that is not there lets musl try the next one (`name_from_dns`).
    fn judge_as_musl(&mut self, candidate: &Candidate) -> Option<Outcome> {
        for answer in &self.answers {
            match answer.as_ref().map(|answer| answer.rcode) {
                Some(Rcode::NoError) => {}
                Some(Rcode::NxDomain) => {
                    self.last = Failure::NoName;
                    return None;
                }
                Some(Rcode::ServFail) | None => return Some(Err(Failure::Again)),
                Some(_) => return Some(Err(Failure::Fail)),
            }
        }
        // Since musl 1.2.4 this would be `NoData`.
        Some(self.gathered(&candidate.name).unwrap_or(Err(Failure::NoName)))
    }

    /// The addresses, or the name of one, in the answers to the questions for `name`.
    fn gathered(&self, name: &str) -> Option<Outcome> {
        let mut canonical = name;
        let mut addresses = Vec::new();
        for answer in self.answers.iter().flatten() {
            let end = answer.canonical(name);
            if !name::equal(end, name) {
                canonical = end;
            }
            for record in &answer.answers {
                if let (Data::Ptr(host), Some(ip)) = (&record.data, self.of) {
                    return Some(Ok(Resolved {
                        canonical: name::relative(host).into(),
                        addresses: vec![ip],
                    }));
                }
                // glibc minds whose record it is, musl does not.
                let fits = self.libc == Libc::Musl || name::equal(&record.name, end);
                addresses.extend(record.address().filter(|_| fits));
            }
        }
        if addresses.is_empty() {
            return None;
        }
        Some(self.resolved(name::relative(canonical).to_string(), addresses))
    }

    /// Why the search failed as a whole.
    fn failure(&self) -> Failure {
        let failure = match (self.libc, self.first) {
            (Libc::Musl, _) => self.last,
            (Libc::Glibc, Some(first)) => first,
            (Libc::Glibc, None) if self.no_data => Failure::NoData,
            (Libc::Glibc, None) if self.server_failed => Failure::Again,
            (Libc::Glibc, None) => self.last,
        };
        self.failure_of(failure)
    }

    /// A reverse lookup knows no other failure than that there is no name.
    fn failure_of(&self, failure: Failure) -> Failure {
        if self.of.is_some() && failure == Failure::NoData { Failure::NoName } else { failure }
    }
}

impl Resolving for Lookup {
    type Output = Outcome;

    fn begin(&mut self, now: SimTime) -> Step<Outcome> {
        match self.known.take() {
            Some(outcome) => Step::Done(outcome),
            None => self.ask(now),
        }
    }

    fn resume(&mut self, now: SimTime, reply: Reply) -> Step<Outcome> {
        let Some(exchange) = &mut self.exchange else { return Step::Done(Err(Failure::Again)) };
        exchange.resume(now, reply).and_then(|answers| self.take(now, answers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::dns::Record;
    use crate::network::resolver::at_once;

    fn resolver(libc: Libc, resolv_conf: &str) -> Resolver {
        let hosts = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.9 Db.corp db\n";
        Resolver { libc, resolv_conf: resolv_conf.into(), hosts: hosts.into(), ipv6: false }
    }

    /// The outcome in a world where only `known` has an address, and the names that were asked for.
    fn look(resolver: &Resolver, name: &str, known: &str, owner: &str) -> (Outcome, Vec<String>) {
        let mut asked = Vec::new();
        let outcome = at_once(&mut resolver.lookup(name, Family::Any), |_, question| {
            asked.push(format!("{} {}", question.kind, question.name));
            Some(if question.name != known {
                Answer::empty(Rcode::NxDomain)
            } else if question.kind == RecordType::A {
                let record = Record::new(owner, 30, Data::A([10, 0, 0, 1].into()));
                Answer { answers: vec![record], ..Answer::empty(Rcode::NoError) }
            } else {
                Answer::empty(Rcode::NoError)
            })
        });
        (outcome, asked)
    }

    fn addresses(outcome: Outcome) -> Vec<String> {
        outcome.unwrap().addresses.iter().map(IpAddr::to_string).collect()
    }

    #[test]
    fn files_and_numbers_need_no_server() {
        let nobody = |libc, name, family| {
            at_once(&mut resolver(libc, "").lookup(name, family), |_, question| panic!("{question}"))
        };
        assert_eq!(addresses(nobody(Libc::Glibc, "localhost", Family::Any)), ["::1", "127.0.0.1"]);
        assert_eq!(addresses(nobody(Libc::Musl, "localhost", Family::V4)), ["127.0.0.1"]);
        assert_eq!(nobody(Libc::Glibc, "DB", Family::Any).unwrap().canonical, "Db.corp");
        assert_eq!(addresses(nobody(Libc::Musl, "10.1", Family::Any)), ["10.0.0.1"]);
        assert_eq!(nobody(Libc::Glibc, "10.1", Family::V6), Err(Failure::NoName));
        let mut reverse = resolver(Libc::Glibc, "").reverse("10.0.0.9".parse().unwrap());
        assert_eq!(at_once(&mut reverse, |_, question| panic!("{question}")).unwrap().canonical, "Db.corp");
    }

    #[test]
    fn letters_of_a_name_in_the_file_matter_to_musl() {
        let (outcome, asked) = look(&resolver(Libc::Musl, ""), "DB", "none.", "none.");
        assert_eq!((outcome, asked), (Err(Failure::NoName), vec!["A DB.".into(), "AAAA DB.".into()]));
    }

    #[test]
    fn options_of_glibc() {
        let conf = "nameserver 10.0.0.1\nsearch a.example b.example\noptions ndots:5 ";
        let asked = |options: &str, name: &str| {
            look(&resolver(Libc::Glibc, &format!("{conf}{options}\n")), name, "none.", "none.").1
        };
        assert_eq!(asked("no-aaaa", "web"), ["A web.a.example.", "A web.b.example.", "A web."]);
        assert_eq!(asked("no-aaaa no-tld-query", "web"), ["A web.a.example.", "A web.b.example."]);
        // One after the other is still a candidate at a time.
        assert_eq!(asked("single-request", "web")[..2], ["A web.a.example.", "AAAA web.a.example."]);
    }

    #[test]
    fn glibc_minds_whose_record_it_is() {
        let conf = "nameserver 10.0.0.1\n";
        let strange = |libc| look(&resolver(libc, conf), "web", "web.", "other.").0;
        assert_eq!(strange(Libc::Glibc), Err(Failure::NoName));
        assert_eq!(addresses(strange(Libc::Musl)), ["10.0.0.1"]);
    }

    #[test]
    fn names_that_cannot_be_sent() {
        let conf = format!("nameserver 10.0.0.1\nsearch {}.example\noptions ndots:5\n", "long.".repeat(45));
        let name = format!("{0}.{0}", "a".repeat(20));
        let asked = |libc| look(&resolver(libc, &conf), &name, "none.", "none.").1.len();
        assert_eq!((asked(Libc::Glibc), asked(Libc::Musl)), (2, 2));
        for libc in [Libc::Glibc, Libc::Musl] {
            let (outcome, asked) = look(&resolver(libc, &conf), "a..b", "none.", "none.");
            assert_eq!((outcome, asked.len()), (Err(Failure::NoName), 0));
        }
    }
}
