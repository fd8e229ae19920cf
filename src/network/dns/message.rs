//! Questions and answers.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::name;

/// The type of a record, or of what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordType(pub u16);

macro_rules! record_types {
    ($($name:ident $number:literal;)*) => {
        #[allow(missing_docs, reason = "the names are the protocol's own")]
        impl RecordType {
            $(pub const $name: RecordType = RecordType($number);)*
            const NAMES: &'static [(&'static str, u16)] = &[$((stringify!($name), $number)),*];
        }
    };
}

record_types! {
    A 1; NS 2; CNAME 5; SOA 6; PTR 12; HINFO 13; MX 15; TXT 16; AAAA 28; SRV 33; NAPTR 35; DS 43; RRSIG 46; NSEC 47;
    DNSKEY 48; TLSA 52; SVCB 64; HTTPS 65; SPF 99; AXFR 252; ANY 255; URI 256; CAA 257;
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => f.pad(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl FromStr for RecordType {
    type Err = UnknownType;
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let text = text.to_ascii_uppercase();
        let known = Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, number)| *number);
        let number = known.or_else(|| text.strip_prefix("TYPE").and_then(|number| number.parse().ok()));
        number.map(RecordType).ok_or(UnknownType)
    }
}

/// No type of record has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownType;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// The absolute name.
    pub name: String,
    /// The type.
    pub kind: RecordType,
}

impl Question {
    /// The question for `name`, which is taken as absolute with or without its final dot.
    pub fn new(name: &str, kind: RecordType) -> Self {
        Self { name: name::absolute(name), kind }
    }
    /// How many bytes its message takes, without EDNS.
    pub fn wire_len(&self) -> usize {
        HEADER + name::wire_len(&self.name) + 4
    }
}

impl fmt::Display for Question {
    /// `A web.default.svc.cluster.local.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the protocol's own")]
pub enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(String),
    Ns(String),
    Ptr(String),
    Txt(String),
    Mx { preference: u16, exchange: String },
    Srv { priority: u16, weight: u16, port: u16, target: String },
    Soa { primary: String, mailbox: String, serial: u32, refresh: u32, retry: u32, expire: u32, minimum: u32 },
}

impl Data {
    /// The data of an address record.
    pub fn address(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Data::A(ip),
            IpAddr::V6(ip) => Data::Aaaa(ip),
        }
    }
    /// The type of a record with this data.
    pub fn kind(&self) -> RecordType {
        match self {
            Data::A(_) => RecordType::A,
            Data::Aaaa(_) => RecordType::AAAA,
            Data::Cname(_) => RecordType::CNAME,
            Data::Ns(_) => RecordType::NS,
            Data::Ptr(_) => RecordType::PTR,
            Data::Txt(_) => RecordType::TXT,
            Data::Mx { .. } => RecordType::MX,
            Data::Srv { .. } => RecordType::SRV,
            Data::Soa { .. } => RecordType::SOA,
        }
    }
}

impl fmt::Display for Data {
    /// As in a zone file, but text without its quotes: `0 100 80 web.default.svc.cluster.local.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::A(ip) => ip.fmt(f),
            Data::Aaaa(ip) => ip.fmt(f),
            Data::Cname(text) | Data::Ns(text) | Data::Ptr(text) | Data::Txt(text) => f.write_str(text),
            Data::Mx { preference, exchange } => write!(f, "{preference} {exchange}"),
            Data::Srv { priority, weight, port, target } => write!(f, "{priority} {weight} {port} {target}"),
            Data::Soa { primary, mailbox, serial, refresh, retry, expire, minimum } => {
                write!(f, "{primary} {mailbox} {serial} {refresh} {retry} {expire} {minimum}")
            }
        }
    }
}

/// A record of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    /// The absolute name that it belongs to.
    pub name: String,
    /// For how many seconds it may be kept.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

impl Record {
    /// A record.
    pub fn new(name: &str, ttl: u32, data: Data) -> Self {
        Self { name: name.into(), ttl, data }
    }
    /// The address, if this is the record of one.
    pub fn address(&self) -> Option<IpAddr> {
        match self.data {
            Data::A(ip) => Some(ip.into()),
            Data::Aaaa(ip) => Some(ip.into()),
            _ => None,
        }
    }
}

/// How a question was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the protocol's own")]
pub enum Rcode {
    #[default]
    NoError,
    FormErr,
    ServFail,
    NxDomain,
    NotImp,
    Refused,
}

impl Rcode {
    /// Its number on the wire.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Rcode::NoError => "NOERROR",
            Rcode::FormErr => "FORMERR",
            Rcode::ServFail => "SERVFAIL",
            Rcode::NxDomain => "NXDOMAIN",
            Rcode::NotImp => "NOTIMP",
            Rcode::Refused => "REFUSED",
        })
    }
}

impl FromStr for Rcode {
    type Err = Infallible;
    /// Reads a code's name; what is none counts as a failure of the server.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        use Rcode::*;
        let all = [NoError, FormErr, ServFail, NxDomain, NotImp, Refused];
        Ok(all.into_iter().find(|code| code.to_string() == text).unwrap_or(ServFail))
    }
}

/// What a server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Answer {
    /// How the question was taken.
    pub rcode: Rcode,
    /// The records that answer it, a CNAME before what it leads to.
    pub answers: Vec<Record>,
    /// Records that go with them: the addresses of an SRV record's target.
    pub additional: Vec<Record>,
    /// True where the server itself has the zone.
    pub authoritative: bool,
}

/// The header of a message, in bytes.
const HEADER: usize = 12;

impl Answer {
    /// An answer without records.
    pub fn empty(rcode: Rcode) -> Self {
        Self { rcode, ..Self::default() }
    }

    /// The name of the code, or `NODATA` where all is well and yet there is no record.
    pub fn status(&self) -> String {
        if self.is_no_data() { "NODATA".into() } else { self.rcode.to_string() }
    }

    /// True where the name exists without records of the type asked for.
    pub fn is_no_data(&self) -> bool {
        self.rcode == Rcode::NoError && self.answers.is_empty()
    }

    /// The end of the chain of CNAME records that begins with `name`.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        let mut at = name;
        for record in &self.answers {
            match &record.data {
                Data::Cname(target) if name::equal(&record.name, at) => at = target,
                _ => {}
            }
        }
        at
    }

    /// How many bytes the message takes that carries this answer: CoreDNS compresses names only in what would not
    /// fit otherwise.
    pub fn wire_len(&self, question: &Question, compressed: bool) -> usize {
        let mut seen = BTreeSet::new();
        let mut size = HEADER + 4 + put_name(&question.name, compressed, &mut seen);
        for record in self.answers.iter().chain(&self.additional) {
            size += put_name(&record.name, compressed, &mut seen) + 10;
            let mut put = |name: &str| put_name(name, compressed, &mut seen);
            size += match &record.data {
                Data::A(_) => 4,
                Data::Aaaa(_) => 16,
                Data::Cname(name) | Data::Ns(name) | Data::Ptr(name) => put(name),
                Data::Txt(text) => text.len() + 1,
                Data::Mx { exchange, .. } => 2 + put(exchange),
                // The target of an SRV record is never compressed (RFC 2782).
                Data::Srv { target, .. } => 6 + name::wire_len(target),
                Data::Soa { primary, mailbox, .. } => put(primary) + put(mailbox) + 20,
            };
        }
        size
    }
}

/// How many bytes a name takes where its end may point to a name before it.
fn put_name(name: &str, compressed: bool, seen: &mut BTreeSet<String>) -> usize {
    if !compressed {
        return name::wire_len(name);
    }
    let name = name::relative(name).to_ascii_lowercase();
    let (mut rest, mut size) = (name.as_str(), 0);
    while !rest.is_empty() {
        if !seen.insert(rest.to_string()) {
            return size + 2;
        }
        let (label, after) = rest.split_once('.').unwrap_or((rest, ""));
        size += label.len() + 1;
        rest = after;
    }
    size + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_name_and_number() {
        assert_eq!("aaaa".parse(), Ok(RecordType::AAAA));
        assert_eq!("TYPE65".parse(), Ok(RecordType::HTTPS));
        assert_eq!("web".parse::<RecordType>(), Err(UnknownType));
        assert_eq!(RecordType(1234).to_string(), "TYPE1234");
    }

    #[test]
    fn sizes_are_those_on_the_wire() {
        let question = Question::new("kubernetes.default.svc.cluster.local", RecordType::A);
        let ip = Data::A(Ipv4Addr::new(10, 96, 0, 1));
        let answer =
            Answer { answers: vec![Record::new(&question.name, 30, ip)], ..Answer::empty(Rcode::NoError) };
        assert_eq!(question.wire_len(), 54);
        assert_eq!(answer.wire_len(&question, false), 106);
        assert_eq!(answer.wire_len(&question, true), 70);
    }
}
