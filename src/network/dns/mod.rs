//! Cluster DNS: what CoreDNS answers, as a function of the objects in the store, its Corefile and the world outside.

pub mod corefile;
mod kubernetes;
pub mod log;
pub mod message;
pub mod name;
pub mod rewrite;
pub mod upstream;

use crate::apiserver::Store;
use crate::base::Random;

pub use corefile::{Corefile, CorefileError};
pub use message::{Answer, Data, Question, Rcode, Record, RecordType};
pub use upstream::Upstream;

use corefile::{Hosts, ServerBlock};

/// How often a name may lead to another before the server gives up.
const MAX_DEPTH: usize = 8;

/// A CoreDNS that sees a store.
#[derive(Clone, Copy, Debug)]
pub struct Dns<'a> {
    /// The objects: Services, EndpointSlices, Pods, Namespaces.
    pub store: &'a Store,
    /// The configuration that it was started with.
    pub corefile: &'a Corefile,
    /// What its `forward` reaches.
    pub upstream: &'a Upstream,
}

impl<'a> Dns<'a> {
    /// The answer to a question.
    pub fn ask(&self, question: &Question) -> Answer {
        self.ask_at_depth(question, 0)
    }

    /// Changes the order of an answer's addresses where `loadbalance` is on, as CoreDNS does to each answer it sends.
    pub fn balance(&self, question: &Question, answer: &mut Answer, random: &mut Random) {
        if !self.corefile.block(&question.name).is_some_and(|block| block.loadbalance) {
            return;
        }
        let (mut addresses, mut records): (Vec<Record>, Vec<Record>) =
            answer.answers.drain(..).partition(|record| record.address().is_some());
        while !addresses.is_empty() {
            records.push(addresses.swap_remove(random.below(addresses.len() as u64) as usize));
        }
        answer.answers = records;
    }

    fn ask_at_depth(&self, question: &Question, depth: usize) -> Answer {
        match self.corefile.block(&question.name) {
            Some(_) if depth > MAX_DEPTH => Answer::empty(Rcode::ServFail),
            Some(block) => {
                rewrite::through(&block.rewrites, question, |question| self.plugins(block, question, depth))
            }
            None => Answer::empty(Rcode::Refused),
        }
    }

    /// Asks the plugins in the order that CoreDNS is built with, whatever that of the file is.
    fn plugins(&self, block: &ServerBlock, question: &Question, depth: usize) -> Answer {
        let hosts = block.hosts.as_ref().and_then(|hosts| ask_hosts(hosts, question));
        let kubernetes =
            || kubernetes::Plugin::of(self, block.kubernetes.as_ref()?, question, depth)?.answer(question);
        let forward = || {
            let taken = block.forwards.iter().any(|forward| forward.takes(&question.name));
            taken.then(|| self.upstream.ask(question))
        };
        hosts.or_else(kubernetes).or_else(forward).unwrap_or_else(|| Answer::empty(Rcode::ServFail))
    }
}

/// What the `hosts` plugin answers; none where it leaves the question to the next plugin.
fn ask_hosts(hosts: &Hosts, question: &Question) -> Option<Answer> {
    let Question { name: asked, kind } = question;
    if !hosts.zones.iter().any(|zone| name::is_within(asked, zone)) {
        return None;
    }
    let bare = name::relative(asked);
    let data: Vec<Data> = if *kind == RecordType::PTR {
        let ip = name::to_address(asked)?;
        let names: Vec<Data> =
            hosts.file.of_address(ip).map(|name| Data::Ptr(name::absolute(name))).collect();
        if names.is_empty() {
            return None;
        }
        names
    } else {
        let all = hosts.file.of_name(bare, false).map(|(ip, _)| Data::address(*ip));
        all.filter(|data| data.kind() == *kind).collect()
    };
    if data.is_empty() && hosts.file.of_name(bare, false).next().is_none() {
        // It has no zone of its own whose end it could tell of, and so it can only fail.
        let through = hosts.fallthrough.through(asked);
        return (!through).then(|| Answer::empty(Rcode::ServFail));
    }
    let answers = data.into_iter().map(|data| Record::new(asked, hosts.ttl, data)).collect();
    Some(Answer { answers, authoritative: true, ..Answer::empty(Rcode::NoError) })
}
