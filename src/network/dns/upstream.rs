//! The names of the world outside the cluster. They are simulated: a few well-known hosts with addresses of the ranges
//! kept for documentation (RFC 5737, RFC 3849), so that nobody takes them for the real ones.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::message::{Answer, Data, Question, Rcode, Record, RecordType};
use super::name;

/// For how many seconds an answer from outside may be kept.
const TTL: u32 = 30;
/// How many CNAME records are followed.
const MAX_CHAIN: usize = 8;

/// Names outside and what they stand for: addresses, another name after `=`, a mail host after `@`, or the code with
/// which their servers fail.
const WELL_KNOWN: &[(&str, &str)] = &[
    ("example.com", "192.0.2.10 2001:db8::10 @mail.example.com"),
    ("mail.example.com", "192.0.2.25"),
    ("www.example.com", "192.0.2.80 2001:db8::80"),
    ("api.example.com", "192.0.2.81"),
    ("v6only.example.com", "2001:db8::6"),
    ("cdn.example.com", "=edge.example.net"),
    ("edge.example.net", "198.51.100.20 198.51.100.21"),
    ("a.b.c.d.e.example.com", "192.0.2.85"),
    ("broken.example.com", "SERVFAIL"),
    ("intranet.corp.example", "192.0.2.99"),
    ("example.org", "192.0.2.11 2001:db8::11"),
    ("www.example.org", "192.0.2.82 2001:db8::82"),
    ("google.com", "198.51.100.7 2001:db8::7"),
    ("www.google.com", "198.51.100.8 2001:db8::8"),
    ("github.com", "198.51.100.30"),
    ("kubernetes.io", "198.51.100.31 2001:db8::31"),
    ("docker.com", "198.51.100.32"),
    ("www.docker.com", "198.51.100.33"),
    ("hub.docker.com", "198.51.100.34"),
    ("registry-1.docker.io", "198.51.100.35"),
    ("registry.k8s.io", "198.51.100.36"),
    ("quay.io", "198.51.100.37"),
    ("ghcr.io", "198.51.100.38"),
    ("deb.debian.org", "198.51.100.41"),
    ("archive.ubuntu.com", "198.51.100.42"),
    ("security.ubuntu.com", "198.51.100.43"),
    ("dl-cdn.alpinelinux.org", "198.51.100.44"),
    ("wikipedia.org", "203.0.113.20 2001:db8::20"),
    ("www.wikipedia.org", "=wikipedia.org"),
    ("www.yahoo.co.jp", "203.0.113.21"),
    ("www.naver.com", "203.0.113.22"),
    ("httpbin.org", "203.0.113.23"),
    ("ifconfig.me", "203.0.113.24"),
    ("info.cern.ch", "203.0.113.25"),
    ("neverssl.com", "203.0.113.26"),
    ("api.ipify.org", "203.0.113.27"),
    ("dl.k8s.io", "203.0.113.28"),
    ("raw.githubusercontent.com", "203.0.113.29"),
    ("api.github.com", "203.0.113.30"),
    ("www.github.com", "=github.com"),
    ("pypi.org", "203.0.113.31"),
    ("registry.npmjs.org", "203.0.113.32"),
    ("one.one.one.one", "1.1.1.1 1.0.0.1"),
    ("dns.google", "8.8.8.8 8.8.4.4"),
];

/// Addresses outside that have names.
const WELL_KNOWN_ADDRESSES: &[(&str, &str)] = &[
    ("192.0.2.80", "www.example.com."),
    ("1.1.1.1", "one.one.one.one."),
    ("8.8.8.8", "dns.google."),
    ("8.8.4.4", "dns.google."),
];

/// The servers outside that know every name there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// What there is by name, in small letters and without the final dot; nothing but the name may exist.
    records: BTreeMap<String, Vec<Data>>,
    failing: BTreeMap<String, Rcode>,
}

impl Upstream {
    /// Knows no name at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows the simulated well-known hosts.
    pub fn simulated() -> Self {
        let mut upstream = Self::new();
        for (name, what) in WELL_KNOWN {
            for word in what.split(' ') {
                if let Ok(ip) = word.parse() {
                    upstream.insert(name, Data::address(ip));
                } else if let Some(target) = word.strip_prefix('=') {
                    upstream.insert(name, Data::Cname(name::absolute(target)));
                } else if let Some(host) = word.strip_prefix('@') {
                    upstream.insert(name, Data::Mx { preference: 10, exchange: name::absolute(host) });
                } else {
                    let Ok(rcode) = word.parse();
                    upstream.fail(name, rcode);
                }
            }
        }
        for (ip, name) in WELL_KNOWN_ADDRESSES {
            if let Ok(ip) = ip.parse::<IpAddr>() {
                upstream.insert(&name::of_address(ip), Data::Ptr((*name).into()));
            }
        }
        upstream
    }

    /// Adds a record.
    pub fn insert(&mut self, name: &str, data: Data) {
        self.records.entry(key(name)).or_default().push(data);
    }

    /// Lets the servers of a name fail.
    pub fn fail(&mut self, name: &str, rcode: Rcode) {
        self.failing.insert(key(name), rcode);
    }

    /// The name of the simulated host that has an address.
    pub fn host_at(&self, ip: IpAddr) -> Option<&str> {
        let data = Data::address(ip);
        self.records.iter().find(|(_, all)| all.contains(&data)).map(|(name, _)| &**name)
    }

    /// What the servers outside answer.
    pub fn ask(&self, question: &Question) -> Answer {
        let mut answer = Answer::empty(Rcode::NoError);
        let mut name = question.name.clone();
        for _ in 0..MAX_CHAIN {
            if let Some(rcode) = self.failing.get(&key(&name)) {
                return Answer { rcode: *rcode, ..answer };
            }
            let Some(all) = self.records.get(&key(&name)) else {
                return Answer { rcode: Rcode::NxDomain, ..answer };
            };
            let wanted = |data: &&Data| data.kind() == question.kind || question.kind == RecordType::ANY;
            answer
                .answers
                .extend(all.iter().filter(wanted).map(|data| Record::new(&name, TTL, data.clone())));
            match all.iter().find(|data| matches!(data, Data::Cname(_))) {
                Some(Data::Cname(target)) if question.kind != RecordType::CNAME => {
                    if question.kind != RecordType::ANY {
                        answer.answers.push(Record::new(&name, TTL, Data::Cname(target.clone())));
                    }
                    name = target.clone();
                }
                _ => return answer,
            }
        }
        answer
    }
}

fn key(name: &str) -> String {
    name::relative(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_failures_and_names_that_are_none() {
        let upstream = Upstream::simulated();
        let ask = |name: &str, kind| {
            let answer = upstream.ask(&Question::new(name, kind));
            (answer.status(), answer.answers.len())
        };
        assert_eq!(ask("CDN.example.com", RecordType::A), ("NOERROR".into(), 3));
        assert_eq!(ask("cdn.example.com", RecordType::AAAA), ("NOERROR".into(), 1));
        assert_eq!(ask("api.example.com", RecordType::AAAA), ("NODATA".into(), 0));
        assert_eq!(ask("broken.example.com", RecordType::A), ("SERVFAIL".into(), 0));
        assert_eq!(ask("nosuch.example.com", RecordType::A), ("NXDOMAIN".into(), 0));
        assert_eq!(ask("8.8.8.8.in-addr.arpa", RecordType::PTR), ("NOERROR".into(), 1));
    }

    #[test]
    fn simulated_addresses_are_those_of_documentation() {
        for (name, what) in
            WELL_KNOWN.iter().filter(|(name, _)| !["one.one.one.one", "dns.google"].contains(name))
        {
            for word in what.split(' ').filter(|word| word.parse::<IpAddr>().is_ok()) {
                let kept = ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8::"];
                assert!(kept.iter().any(|range| word.starts_with(range)), "{name} {word}");
            }
        }
    }
}
