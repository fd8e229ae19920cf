//! `nslookup`: bind9's, BusyBox's since 1.29, and that of BusyBox up to 1.28.

use super::super::Flavor;
use super::super::options::Named;
use super::resolve::{self, Resolve};
use crate::container::kernel::{self, Kernel};
use crate::container::program::{Step, Wait};
use crate::network::dns::{Data, Rcode, Record, RecordType, name};
use crate::network::resolver::{Asker, Finding, Found, Purpose, Reader, Reply, ResolvConf};

/// A running `nslookup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nslookup {
    asking: Option<Resolve>,
    /// What a session has set: `-type=srv`, and the server.
    set: Vec<String>,
    server: Option<String>,
    begun: bool,
}

impl Nslookup {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        let bind = tool.flavor == Flavor::Gnu;
        if bind && !words.iter().any(|word| !word.starts_with('-')) {
            return self.session(kernel, &words);
        }
        if words.is_empty() || words == ["--help"] {
            tool.usage(kernel);
            return Step::Exit(u8::from(words.is_empty()));
        }
        // `nslookup_big` of BusyBox; bind9's falls back to what was asked for before.
        let mut types = words.iter().filter_map(|word| {
            let (name, kind) = word.strip_prefix('-')?.split_once('=')?;
            ("type".starts_with(name) || "querytype".starts_with(name)).then_some(kind)
        });
        if let Some(kind) = types.find(|kind| kind.parse::<RecordType>().is_err()) {
            if bind {
                kernel.print(format!("unknown query type: {kind}\n"));
            } else {
                kernel.complain(format!("nslookup: invalid query type \"{kind}\"\n"));
                return Step::Exit(1);
            }
        }
        let asker = match tool.flavor {
            Flavor::Gnu => Asker::Nslookup,
            Flavor::BusyBox if kernel.files().exists(OLD) => Asker::SmallNslookup,
            Flavor::BusyBox => Asker::BusyboxNslookup,
        };
        let asking = self.asking.get_or_insert_with(|| Resolve::asked(kernel, asker, &words));
        if let Some(wait) = asking.step(kernel) {
            return wait.into();
        }
        let failed = match asker {
            Asker::Nslookup => bind_answer(kernel, asking, "\n"),
            Asker::SmallNslookup => small_answer(kernel, asking, &words),
            _ => busybox_answer(kernel, asking),
        };
        Step::Exit(u8::from(failed))
    }

    /// bind9's prompt.
    fn session(&mut self, kernel: &mut Kernel<'_>, words: &[&str]) -> Step {
        if !std::mem::replace(&mut self.begun, true) {
            self.set.extend(words.iter().filter(|word| word.len() > 1).map(|word| word.to_string()));
            kernel.print("> ");
        }
        loop {
            if let Some(asking) = &mut self.asking {
                if let Some(wait) = asking.step(kernel) {
                    return wait.into();
                }
                bind_answer(kernel, asking, "");
                self.asking = None;
                kernel.print("> ");
            }
            let line = match kernel.read_line(0) {
                Ok(kernel::Data::Bytes(bytes)) => String::from_utf8_lossy(&bytes).trim().to_string(),
                Ok(kernel::Data::Empty) => return Wait::readable(0).into(),
                _ => String::from("exit"),
            };
            let typed: Vec<&str> = line.split_whitespace().collect();
            match typed[..] {
                ["exit"] => {
                    kernel.print("\n");
                    return Step::Exit(0);
                }
                ["set", option] => {
                    let key = option.split('=').next().unwrap_or_default().to_string();
                    self.set.retain(|known| !known[1..].starts_with(&key));
                    self.set.push(format!("-{option}"));
                }
                ["server", server] => {
                    self.server = Some(server.to_string());
                    kernel.print(format!("Default server: {server}\nAddress: {server}#53\n"));
                }
                [target] | [target, ..] => {
                    let mut all: Vec<String> = self.set.clone();
                    all.push(target.to_string());
                    all.extend(typed.get(1).map(|server| server.to_string()).or(self.server.clone()));
                    let all: Vec<&str> = all.iter().map(String::as_str).collect();
                    self.asking = Some(Resolve::asked(kernel, Asker::Nslookup, &all));
                    continue;
                }
                [] => {}
            }
            kernel.print("> ");
        }
    }
}

/// The mark of images whose BusyBox is older than 1.29.
pub const OLD: &str = "/etc/.busybox-1.28";

/// A record as nslookup prints it; a final dot stays where `dots` says so.
fn line(record: &Record, dots: bool) -> String {
    let owner = name::relative(&record.name);
    let full = |text: &str| if dots { text.to_string() } else { name::relative(text).to_string() };
    match &record.data {
        Data::A(_) | Data::Aaaa(_) => format!("Name:\t{owner}\nAddress: {}\n", record.data),
        Data::Cname(to) => format!("{owner}\tcanonical name = {}\n", full(to)),
        Data::Ptr(to) => format!("{owner}\tname = {}\n", full(to)),
        Data::Ns(to) => format!("{owner}\tnameserver = {}\n", full(to)),
        Data::Txt(text) => format!("{owner}\ttext = \"{text}\"\n"),
        Data::Mx { preference, exchange } => {
            format!("{owner}\tmail exchanger = {preference} {}\n", full(exchange))
        }
        Data::Srv { priority, weight, port, target } => {
            format!("{owner}\tservice = {priority} {weight} {port} {}\n", full(target))
        }
        Data::Soa { primary, mailbox, serial, refresh, retry, expire, minimum } => format!(
            "{owner}\n\torigin = {}\n\tmail addr = {}\n\tserial = {serial}\n\trefresh = {refresh}\n\tretry = {retry}\n\texpire = {expire}\n\tminimum = {minimum}\n",
            name::relative(primary),
            name::relative(mailbox)
        ),
    }
}

/// What bind9's tools say of servers that did not answer.
pub(super) fn complaints(asking: &Resolve) -> String {
    let mut text = String::new();
    for turn in &asking.inquiry.turns {
        let why = match turn.reply {
            Reply::Silence => "timed out",
            Reply::Refused => "connection refused",
            Reply::Answers(_) => continue,
        };
        for server in &turn.servers {
            text.push_str(&format!(";; communications error to {server}#{}: {why}\n", asking.port));
        }
    }
    text
}

fn bind_answer(kernel: &mut Kernel<'_>, asking: &Resolve, end: &str) -> bool {
    let found: Vec<&Found> = asking
        .inquiry
        .findings
        .iter()
        .filter_map(|finding| match finding {
            Finding::Search(found) => Some(found),
            _ => None,
        })
        .collect();
    let Some(first) = found.first() else {
        let argv = kernel.argv();
        let server = argv.last().cloned().unwrap_or_default();
        kernel.print(format!("nslookup: couldn't get address for '{server}': not found\n"));
        return true;
    };
    let mut text = complaints(asking);
    let reverse = first.question.name.ends_with(".arpa.");
    let server = asking.inquiry.turns.last().and_then(|turn| turn.servers.first());
    if let (Some(server), false, true) = (server, reverse, first.answer.is_some()) {
        text.push_str(&format!("Server:\t\t{server}\nAddress:\t{server}#{}\n\n", asking.port));
    }
    let (mut failed, mut any) = (false, false);
    let mut shown: Vec<&Record> = Vec::new();
    for one in &found {
        let Some(answer) = &one.answer else {
            text.push_str(";; no servers could be reached\n");
            failed = true;
            break;
        };
        for record in &answer.answers {
            if !shown.contains(&record) {
                text.push_str(&line(record, true));
                shown.push(record);
                any = true;
            }
        }
        if answer.rcode != Rcode::NoError {
            text.push_str(&format!(
                "** server can't find {}: {}\n",
                name::relative(&one.question.name),
                answer.rcode
            ));
            failed = true;
        }
    }
    if !any && !failed {
        text.push_str(&format!("*** Can't find {}: No answer\n", name::relative(&first.question.name)));
    }
    text.push_str(end);
    kernel.print(text);
    failed
}

fn busybox_answer(kernel: &mut Kernel<'_>, asking: &Resolve) -> bool {
    let findings = &asking.inquiry.findings;
    if let Some(Finding::Lookup(Purpose::Server, Err(_))) = findings.first() {
        let argv = kernel.argv();
        let server = argv.last().cloned().unwrap_or_default();
        kernel.complain(format!("nslookup: bad address '{server}'\n"));
        return true;
    }
    let mut all = Vec::new();
    for finding in findings {
        if let Finding::Together(list) = finding {
            all.extend(list);
        }
    }
    if all.iter().all(|(_, answer)| answer.is_none()) {
        kernel.print(";; connection timed out; no servers could be reached\n\n");
        return true;
    }
    let turns = &asking.inquiry.turns;
    let server = turns.iter().rev().find(|turn| matches!(turn.reply, Reply::Answers(_)));
    let server = server.and_then(|turn| turn.servers.first()).map(|ip| ip.to_string()).unwrap_or_default();
    let mut text = format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n");
    for (question, answer) in all {
        let Some(answer) = answer else { continue };
        if answer.rcode == Rcode::NoError {
            text.extend(answer.answers.iter().map(|record| line(record, false)));
        } else {
            let name = name::relative(&question.name);
            text.push_str(&format!("** server can't find {name}: {}\n", answer.rcode));
        }
        text.push('\n');
    }
    kernel.print(text);
    !asking.succeeded()
}

fn small_answer(kernel: &mut Kernel<'_>, asking: &Resolve, words: &[&str]) -> bool {
    let conf = ResolvConf::parse(&resolve::resolver(kernel).resolv_conf, Reader::Glibc);
    let server = words.get(1).map_or_else(|| conf.nameservers[0].to_string(), |word| word.to_string());
    let mut findings = asking.inquiry.findings.iter();
    let label = |finding: Option<&Finding>| match finding {
        Some(Finding::Lookup(_, Ok(resolved))) => format!(" {}", resolved.canonical),
        _ => String::new(),
    };
    let own = label(findings.next());
    kernel.print(format!("Server:    {server}\nAddress 1: {server}{own}\n\n"));
    let target = words[0];
    match findings.next() {
        Some(Finding::Lookup(_, Ok(resolved))) => {
            let mut text = format!("Name:      {target}\n");
            for (at, ip) in (1..).zip(&resolved.addresses) {
                text.push_str(&format!("Address {at}: {ip}{}\n", label(findings.next())));
            }
            kernel.print(text);
            false
        }
        _ => {
            kernel.complain(format!("nslookup: can't resolve '{target}'\n"));
            true
        }
    }
}
