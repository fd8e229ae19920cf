//! `/etc/resolv.conf`, as each of its readers understands it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Who reads the file; each has limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// glibc since 2.26, which takes any number of search domains.
    Glibc,
    /// musl, which passes over lines of more than 254 letters.
    Musl,
    /// dig, host and nslookup of bind9, which take eight search domains.
    Bind,
    /// The nslookup of BusyBox since 1.29, which knows no options.
    Busybox,
}

/// How many servers are asked at most.
const MAX_SERVERS: usize = 3;
const MAX_SEARCH_OF_BIND: usize = 8;
const MAX_LINE_OF_MUSL: usize = 254;
const MAX_NDOTS: usize = 15;

/// What the file says to one reader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResolvConf {
    /// The servers; this machine where the file names none.
    pub nameservers: Vec<IpAddr>,
    /// The domains that are tried after a name.
    pub search: Vec<String>,
    /// From how many dots on a name is tried as it is first.
    pub ndots: usize,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How often each server is asked.
    pub attempts: u32,
    /// True where A and AAAA are asked one after the other.
    pub single_request: bool,
    /// True where a name without a dot is never tried as it is.
    pub no_tld_query: bool,
    /// True where IPv6 addresses are never asked for.
    pub no_aaaa: bool,
}

impl ResolvConf {
    /// Reads the text of the file.
    pub fn parse(text: &str, reader: Reader) -> Self {
        let mut conf = Self {
            nameservers: Vec::new(),
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
            single_request: false,
            no_tld_query: false,
            no_aaaa: false,
        };
        for line in text.lines() {
            if line.starts_with(['#', ';']) || reader == Reader::Musl && line.len() > MAX_LINE_OF_MUSL {
                continue;
            }
            let Some((keyword, rest)) = line.split_once(char::is_whitespace) else { continue };
            let words = rest.split_whitespace();
            match keyword {
                "nameserver" if conf.nameservers.len() < MAX_SERVERS => {
                    let address = words.map(|word| word.split('%').next().unwrap_or(word)).next();
                    conf.nameservers.extend(address.and_then(|address| address.parse::<IpAddr>().ok()));
                }
                // The last of these lines counts.
                "search" => conf.search = words.map(str::to_string).collect(),
                "domain" => conf.search = words.take(1).map(str::to_string).collect(),
                "options" if reader != Reader::Busybox => words.for_each(|word| conf.option(word, reader)),
                _ => {}
            }
        }
        if conf.nameservers.is_empty() {
            conf.nameservers.push(Ipv4Addr::LOCALHOST.into());
        }
        if reader == Reader::Bind {
            conf.search.truncate(MAX_SEARCH_OF_BIND);
        }
        conf
    }

    fn option(&mut self, word: &str, reader: Reader) {
        let (max_timeout, max_attempts) = if reader == Reader::Musl { (60, 10) } else { (30, 5) };
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        let number = value.parse::<u32>().ok();
        match (name, number) {
            ("ndots", Some(number)) => self.ndots = MAX_NDOTS.min(number as usize),
            ("timeout", Some(number)) => {
                self.timeout = Duration::from_secs(number.clamp(1, max_timeout).into());
            }
            ("attempts", Some(number)) => self.attempts = number.clamp(1, max_attempts),
            _ if reader != Reader::Glibc => {}
            ("single-request", _) => self.single_request = true,
            ("no-tld-query" | "no_tld_query", _) => self.no_tld_query = true,
            ("no-aaaa", _) => self.no_aaaa = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_has_its_limits() {
        let domains: Vec<String> = (0..32).map(|n| format!("domain-{n}.example")).collect();
        let text = format!(
            "# no\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver ::1\nnameserver 10.0.0.4\ndomain old.example\nsearch {}\noptions ndots:20 timeout:1 single-request\n",
            domains.join(" ")
        );
        let read = |reader| ResolvConf::parse(&text, reader);
        assert_eq!(read(Reader::Glibc).search.len(), 32);
        assert_eq!(read(Reader::Musl).search, ["old.example"]);
        assert_eq!(read(Reader::Bind).search.len(), 8);
        assert_eq!(read(Reader::Glibc).nameservers.len(), 3);
        assert_eq!((read(Reader::Glibc).ndots, read(Reader::Busybox).ndots), (15, 1));
        assert!(read(Reader::Glibc).single_request && !read(Reader::Musl).single_request);
        assert_eq!(ResolvConf::parse("", Reader::Musl).nameservers, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    }
}
