//! What the programs that ask make of their command lines.

use std::net::IpAddr;
use std::time::Duration;

use crate::network::dns::{Question, RecordType, name};

use super::Resolver;
use super::conf::{Reader, ResolvConf};
use super::exchange::Exchange;
use super::inquiry::{Asker, Inquiry, Purpose, Stage};
use super::lookup::Family;

impl Resolver {
    /// What a program asks with these arguments (its name is not among them).
    pub fn inquiry(&self, asker: Asker, arguments: &[&str]) -> Inquiry {
        let mut inquiry = Inquiry::new(asker, self);
        match asker {
            Asker::Nslookup => inquiry.nslookup(arguments),
            Asker::BusyboxNslookup => inquiry.busybox_nslookup(arguments),
            Asker::SmallNslookup => inquiry.small_nslookup(arguments),
            Asker::Dig => inquiry.dig(arguments),
            Asker::Host => inquiry.host(arguments),
            Asker::Getent => inquiry.getent(arguments),
            Asker::RedisCli => inquiry.redis_cli(arguments),
            Asker::Other => inquiry.other(arguments),
        }
        inquiry
    }
}

impl Resolver {
    /// What a program asks that wants the addresses of a host.
    pub fn host(&self, name: &str, family: Family) -> Inquiry {
        let mut inquiry = Inquiry::new(Asker::Other, self);
        inquiry.look_up(Purpose::Target, name, family);
        inquiry
    }

    /// What a program asks that wants the name of an address.
    pub fn name_of(&self, ip: IpAddr) -> Inquiry {
        let mut inquiry = Inquiry::new(Asker::Other, self);
        inquiry.look_up_address(Purpose::Target, ip);
        inquiry
    }
}

/// The words that are no options, and the options without their dashes with their values.
fn split<'a>(arguments: &[&'a str], with_value: &[&str]) -> (Vec<&'a str>, Vec<(&'a str, &'a str)>) {
    let (mut words, mut options) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.strip_prefix('-').filter(|option| !option.is_empty()) {
            Some(option) if with_value.contains(&option) => {
                options.push((option, rest.next().copied().unwrap_or_default()));
            }
            Some(option) => options.push(option.split_once('=').unwrap_or((option, ""))),
            None => words.push(*word),
        }
    }
    (words, options)
}

/// The host in what a program is given: a URL, `user@host`, `host:port` or the name alone.
fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(bracketed) = host.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or(bracketed);
    }
    match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    }
}

impl Inquiry {
    /// The server that the command line names. One that is not an address is looked up before anything else.
    fn server(&mut self, server: Option<&&str>) {
        match server.map(|server| (server, server.parse::<IpAddr>())) {
            Some((_, Ok(ip))) => self.choice.servers.push(ip),
            Some((name, Err(_))) => self.look_up(Purpose::Server, name, Family::Any),
            None => {}
        }
    }

    fn nslookup(&mut self, arguments: &[&str]) {
        let (words, options) = split(arguments, &[]);
        let mut kind = None;
        for (option, value) in options {
            match option {
                "type" | "query" | "querytype" | "q" | "ty" => kind = value.parse().ok(),
                "timeout" => self.choice.timeout = value.parse().ok(),
                "retry" => self.choice.tries = value.parse().ok().map(|retries: u32| retries + 1),
                "nosearch" | "nosea" => self.choice.searches = false,
                _ => {}
            }
        }
        self.server(words.get(1));
        self.name_or_address(words.first(), kind);
    }

    fn host(&mut self, arguments: &[&str]) {
        let (words, options) = split(arguments, &["t", "c", "W", "R", "N", "m", "p"]);
        let mut kind = None;
        self.choice.tries = Some(2);
        for (option, value) in options {
            match option {
                "t" => kind = value.parse().ok(),
                "a" => kind = Some(RecordType::ANY),
                "W" => self.choice.timeout = value.parse().ok(),
                "R" => self.choice.tries = value.parse().ok(),
                "N" => self.choice.ndots = value.parse().ok(),
                _ => {}
            }
        }
        self.server(words.get(1));
        self.name_or_address(words.first(), kind);
    }

    fn name_or_address(&mut self, target: Option<&&str>, kind: Option<RecordType>) {
        let Some(target) = target else { return };
        match (target.parse(), kind) {
            (Ok(ip), None) => self.search(name::relative(&name::of_address(ip)), RecordType::PTR),
            _ => {
                self.default_types = kind.is_none();
                self.search(target, kind.unwrap_or(RecordType::A));
            }
        }
    }

    fn dig(&mut self, arguments: &[&str]) {
        let mut asked: Vec<(String, Option<RecordType>)> = Vec::new();
        // A type that comes before the first name is for it.
        let mut early = None;
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            let mut set = |asked: &mut Vec<(String, Option<RecordType>)>, kind| match asked.last_mut() {
                Some(last) => last.1 = kind,
                None => early = kind,
            };
            if let Some(option) = word.strip_prefix('+') {
                self.dig_option(option);
            } else if let Some(server) = word.strip_prefix('@') {
                self.server(Some(&server));
            } else if let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) {
                let (option, attached) = option.split_at(1);
                let takes_value = matches!(option, "t" | "q" | "x" | "p" | "b" | "c" | "f" | "k" | "y");
                let value = if takes_value && attached.is_empty() { rest.next().copied() } else { None };
                let value = value.unwrap_or(attached);
                match option {
                    "t" => set(&mut asked, value.parse().ok()),
                    "q" => asked.push((value.into(), early.take())),
                    "x" => {
                        let name = value.parse().map_or_else(|_| value.to_string(), name::of_address);
                        asked.push((name, Some(RecordType::PTR)));
                    }
                    _ => {}
                }
            } else {
                match word.parse() {
                    Ok(kind) if asked.last().is_none_or(|(_, known)| known.is_none()) => {
                        set(&mut asked, Some(kind));
                    }
                    _ if word.eq_ignore_ascii_case("IN") => {}
                    _ => asked.push(((*word).into(), early.take())),
                }
            }
        }
        if asked.is_empty() {
            asked.push((".".into(), early.or(Some(RecordType::NS))));
        }
        for (name, kind) in asked {
            self.search(&name, kind.unwrap_or(RecordType::A));
        }
    }

    fn dig_option(&mut self, option: &str) {
        let (option, value) = option.split_once('=').unwrap_or((option, ""));
        match option {
            "search" | "defname" => self.choice.searches = true,
            "nosearch" | "nodefname" => self.choice.searches = false,
            "ndots" => {
                self.choice.searches = true;
                self.choice.ndots = value.parse().ok();
            }
            "domain" => {
                self.choice.searches = true;
                self.choice.domain = Some(value.into());
            }
            "time" | "timeout" => self.choice.timeout = value.parse().ok(),
            "tries" => self.choice.tries = value.parse().ok(),
            "retry" => self.choice.tries = value.parse().ok().map(|retries: u32| retries + 1),
            _ => {}
        }
    }

    /// Everything leaves together. A name with a dot is asked for as it is, whatever `ndots` says, and one without only
    /// in the search domains.
    fn busybox_nslookup(&mut self, arguments: &[&str]) {
        let (words, options) = split(arguments, &[]);
        let mut conf = ResolvConf::parse(&self.resolver.resolv_conf, Reader::Busybox);
        let mut kinds = Vec::new();
        for (option, value) in options {
            match option {
                "timeout" => conf.timeout = Duration::from_secs(value.parse().unwrap_or(5)),
                "retry" => conf.attempts = value.parse().unwrap_or(2),
                // An option may be cut short.
                _ if ["type", "querytype"].iter().any(|full| full.starts_with(option)) => {
                    kinds.extend(value.parse::<RecordType>())
                }
                _ => {}
            }
        }
        if words.len() > 1 {
            // With a server of its own it does not read the file.
            self.server(words.get(1));
            conf.search.clear();
            conf.nameservers.clone_from(&self.choice.servers);
        }
        let Some(target) = words.first() else { return };
        let mut questions = Vec::new();
        match target.parse() {
            Ok(ip) if kinds.is_empty() => {
                questions.push(Question::new(&name::of_address(ip), RecordType::PTR))
            }
            _ => {
                if kinds.is_empty() {
                    kinds = vec![RecordType::A, RecordType::AAAA];
                }
                for kind in kinds {
                    if kind == RecordType::PTR || conf.search.is_empty() || target.contains('.') {
                        questions.push(Question::new(target, kind));
                    } else {
                        let full = conf.search.iter().map(|domain| format!("{target}.{domain}"));
                        questions.extend(full.map(|name| Question::new(&name, kind)));
                    }
                }
            }
        }
        questions.retain(|question| name::can_be_asked(&question.name));
        let exchange = Exchange::new(questions.clone(), &conf, Reader::Busybox);
        self.stages.push_back(Stage::Together(questions, exchange));
    }

    /// It begins with the name of the server.
    fn small_nslookup(&mut self, arguments: &[&str]) {
        let (words, _) = split(arguments, &[]);
        if let Some(server) = words.get(1) {
            let rest = self.resolver.resolv_conf.lines().filter(|line| !line.starts_with("nameserver"));
            let text = rest.fold(format!("nameserver {server}\n"), |text, line| text + line + "\n");
            self.resolver.resolv_conf = text.into();
        }
        let conf = ResolvConf::parse(&self.resolver.resolv_conf, Reader::Glibc);
        self.look_up_address(Purpose::Label, conf.nameservers[0]);
        if let Some(name) = words.first() {
            self.look_up(Purpose::Target, name, Family::Any);
        }
    }

    fn getent(&mut self, arguments: &[&str]) {
        let [database, names @ ..] = arguments else { return };
        for name in names {
            match (*database, name.parse()) {
                ("hosts", Ok(ip)) => self.look_up_address(Purpose::Target, ip),
                // All candidates are tried for IPv6 before any is for IPv4.
                ("hosts", _) => self.look_up(Purpose::TargetOr(Family::V4), name, Family::V6),
                ("ahostsv4", _) => self.look_up(Purpose::Target, name, Family::V4),
                ("ahosts" | "ahostsv6", _) => self.look_up(Purpose::Target, name, Family::Any),
                _ => {}
            }
        }
    }

    fn redis_cli(&mut self, arguments: &[&str]) {
        let (_, options) = split(arguments, &["h", "p", "a", "n", "u", "s"]);
        let host =
            options.iter().find(|(option, _)| matches!(*option, "h" | "u")).map(|(_, value)| host_of(value));
        self.look_up(Purpose::TargetOr(Family::V6), host.unwrap_or("127.0.0.1"), Family::V4);
    }

    fn other(&mut self, arguments: &[&str]) {
        let has = |option: &str| arguments.contains(&option);
        let family = match (has("-4") || has("--ipv4"), has("-6") || has("--ipv6")) {
            (true, false) => Family::V4,
            (false, true) => Family::V6,
            _ => Family::Any,
        };
        let url = arguments.iter().find(|word| word.contains("://"));
        // Without a URL it is the first word that is neither an option nor a number nor a path.
        let name = |word: &&&str| !word.starts_with(['-', '/']) && word.parse::<f64>().is_err();
        if let Some(target) = url.or_else(|| arguments.iter().find(name)) {
            self.look_up(Purpose::Target, host_of(target), family);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_in_what_programs_are_given() {
        for (target, host) in [
            ("http://web.prod:8080/a?b", "web.prod"),
            ("web", "web"),
            ("user:secret@db:5432", "db"),
            ("http://[fd00::1]:80/", "fd00::1"),
            ("fd00::1", "fd00::1"),
        ] {
            assert_eq!(host_of(target), host);
        }
    }
}
