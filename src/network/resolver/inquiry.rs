//! What one program asks from its start to its end: lookups of the C library, searches of bind9, questions that leave
//! together, and what follows from their answers.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::base::SimTime;
use crate::network::dns::{Answer, Question, Rcode, RecordType, name};

use super::bind::{Choice, Found, Search};
use super::exchange::Exchange;
use super::lookup::{Family, Lookup, Outcome};
use super::{Ask, Reply, Resolver, Resolving, Step};

/// A program that asks in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// nslookup of bind9.
    Nslookup,
    /// nslookup of BusyBox since 1.29, which has a resolver of its own.
    BusyboxNslookup,
    /// nslookup of BusyBox up to 1.28, which uses the C library and looks up the name of every address.
    SmallNslookup,
    /// dig of bind9.
    Dig,
    /// host of bind9.
    Host,
    /// getent.
    Getent,
    /// redis-cli, which wants IPv4 and only then IPv6.
    RedisCli,
    /// curl, wget, ping, nc and the many others, which look up the host that they are given.
    Other,
}

/// Something that was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Turn {
    /// Who was asked.
    pub servers: Vec<IpAddr>,
    /// What was asked.
    pub questions: Vec<Question>,
    /// What came.
    pub reply: Reply,
}

/// What a lookup of the C library is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// What the program was given.
    Target,
    /// The same, which is tried again with another family where it fails.
    TargetOr(Family),
    /// The server to ask, given by name.
    Server,
    /// A name to print beside an address. It may be missing.
    Label,
}

/// What a part of the inquiry came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// A lookup of the C library.
    Lookup(Purpose, Outcome),
    /// A search of bind9.
    Search(Found),
    /// Questions that left together, each with its answer if one came.
    Together(Vec<(Question, Option<Answer>)>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    Lookup(Purpose, String, Lookup),
    Search(Search),
    Together(Vec<Question>, Exchange),
}

impl Stage {
    fn run(&mut self, now: SimTime, reply: Option<Reply>) -> Step<Finding> {
        fn go<R: Resolving>(of: &mut R, now: SimTime, reply: Option<Reply>) -> Step<R::Output> {
            match reply {
                None => of.begin(now),
                Some(reply) => of.resume(now, reply),
            }
        }
        match self {
            Stage::Lookup(purpose, _, lookup) => {
                go(lookup, now, reply).map(|outcome| Finding::Lookup(*purpose, outcome))
            }
            Stage::Search(search) => go(search, now, reply).map(Finding::Search),
            Stage::Together(questions, exchange) => go(exchange, now, reply)
                .map(|answers| Finding::Together(questions.iter().cloned().zip(answers).collect())),
        }
    }
}

/// What a program asks, on its way. It ends with true where the program found all that it was to find.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inquiry {
    pub(super) asker: Asker,
    pub(super) resolver: Resolver,
    pub(super) choice: Choice,
    /// True where the type was left to the program, which then asks for more than one.
    pub(super) default_types: bool,
    pub(super) stages: VecDeque<Stage>,
    on_its_way: Option<Ask>,
    /// All that was asked, in order.
    pub turns: Vec<Turn>,
    /// What came of it, in order.
    pub findings: Vec<Finding>,
    failed: bool,
}

impl Inquiry {
    pub(super) fn new(asker: Asker, resolver: &Resolver) -> Self {
        Self {
            asker,
            resolver: resolver.clone(),
            choice: Choice { searches: asker != Asker::Dig, ..Choice::default() },
            default_types: false,
            stages: VecDeque::new(),
            on_its_way: None,
            turns: Vec::new(),
            findings: Vec::new(),
            failed: false,
        }
    }

    pub(super) fn look_up(&mut self, purpose: Purpose, name: &str, family: Family) {
        let lookup = self.resolver.lookup(name, family);
        self.stages.push_back(Stage::Lookup(purpose, name.into(), lookup));
    }

    pub(super) fn look_up_address(&mut self, purpose: Purpose, ip: IpAddr) {
        let lookup = self.resolver.reverse(ip);
        self.stages.push_back(Stage::Lookup(purpose, ip.to_string(), lookup));
    }

    pub(super) fn search(&mut self, name: &str, kind: RecordType) {
        let search = Search::new(&self.resolver, name, kind, &self.choice);
        self.stages.push_back(Stage::Search(search));
    }

    /// Runs stages until one has to wait.
    fn go(&mut self, now: SimTime, mut reply: Option<Reply>) -> Step<bool> {
        while let Some(stage) = self.stages.front_mut() {
            match stage.run(now, reply.take()) {
                Step::Ask(ask) => {
                    self.on_its_way = Some(ask.clone());
                    return Step::Ask(ask);
                }
                Step::Wait(until) => return Step::Wait(until),
                Step::Done(finding) => {
                    let stage = self.stages.pop_front();
                    self.follow(stage, &finding);
                    self.findings.push(finding);
                }
            }
        }
        Step::Done(!self.failed)
    }

    /// What follows from a finding.
    fn follow(&mut self, stage: Option<Stage>, finding: &Finding) {
        match finding {
            Finding::Together(all) => {
                let good =
                    |answer: &Option<Answer>| answer.as_ref().is_some_and(|a| a.rcode == Rcode::NoError);
                self.failed |= !all.iter().all(|(_, answer)| good(answer));
            }
            Finding::Search(found) => {
                let code = found.answer.as_ref().map(|answer| answer.rcode);
                // For dig any answer is one.
                self.failed |= code.is_none() || self.asker != Asker::Dig && code != Some(Rcode::NoError);
                if code == Some(Rcode::NoError) && self.default_types && found.question.kind == RecordType::A
                {
                    self.ask_for_more(found);
                }
            }
            Finding::Lookup(Purpose::Server, Ok(server)) => {
                self.choice.servers.clone_from(&server.addresses);
                for stage in &mut self.stages {
                    match stage {
                        Stage::Search(search) => search.ask_servers(&server.addresses),
                        Stage::Together(_, exchange) => exchange.ask_servers(&server.addresses),
                        Stage::Lookup(..) => {}
                    }
                }
            }
            Finding::Lookup(Purpose::Server, Err(_)) => {
                self.stages.clear();
                self.failed = true;
            }
            Finding::Lookup(Purpose::TargetOr(family), Err(_)) => {
                if let Some(Stage::Lookup(_, name, _)) = stage {
                    let lookup = self.resolver.lookup(&name, *family);
                    self.stages.push_front(Stage::Lookup(Purpose::Target, name, lookup));
                }
            }
            Finding::Lookup(Purpose::Target, Err(_)) => self.failed = true,
            Finding::Lookup(_, Ok(resolved)) if self.asker == Asker::SmallNslookup => {
                if matches!(stage, Some(Stage::Lookup(Purpose::Target, ..))) {
                    for ip in &resolved.addresses {
                        self.look_up_address(Purpose::Label, *ip);
                    }
                }
            }
            Finding::Lookup(..) => {}
        }
    }

    /// After the IPv4 addresses of a name, nslookup asks for the IPv6 ones of where it leads, and host for mail hosts
    /// too.
    fn ask_for_more(&mut self, found: &Found) {
        let more: &[RecordType] = match self.asker {
            Asker::Nslookup => &[RecordType::AAAA],
            Asker::Host => &[RecordType::AAAA, RecordType::MX],
            _ => &[],
        };
        let Some(answer) = &found.answer else { return };
        let name = name::absolute(answer.canonical(&found.question.name));
        for kind in more {
            self.search(&name, *kind);
        }
    }
}

impl Resolving for Inquiry {
    type Output = bool;

    fn begin(&mut self, now: SimTime) -> Step<bool> {
        self.go(now, None)
    }

    fn resume(&mut self, now: SimTime, reply: Reply) -> Step<bool> {
        if let Some(Ask { servers, questions, .. }) = self.on_its_way.take() {
            self.turns.push(Turn { servers, questions, reply: reply.clone() });
        }
        self.go(now, Some(reply))
    }
}
