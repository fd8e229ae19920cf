//! `dig` and `host` of bind9.

use super::super::options::{MUSL, Named};
use super::nslookup::complaints;
use super::resolve::Resolve;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::network::dns::{Answer, Data, Question, Rcode, Record, RecordType, name};
use crate::network::resolver::{Asker, Finding, Found};

/// The version that dig tells: that of the distribution's package.
fn version(kernel: &mut Kernel<'_>) -> &'static str {
    let debian = kernel.files().read("/etc/debian_version").unwrap_or_default();
    match kernel.files().exists(MUSL) {
        true => "9.20.15",
        false if debian.starts_with(b"13") => "9.20.15-1~deb13u1-Debian",
        false => "9.18.49-1~deb12u3-Debian",
    }
}

/// A running `dig`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dig {
    asking: Option<Resolve>,
}

/// A running `host`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Host {
    asking: Option<Resolve>,
}

/// What `+` options show and hide.
struct Shows {
    cmd: bool,
    comments: bool,
    question: bool,
    answer: bool,
    additional: bool,
    stats: bool,
    short: bool,
}

impl Shows {
    fn of(words: &[&str]) -> Self {
        let mut shows = Self {
            cmd: true,
            comments: true,
            question: true,
            answer: true,
            additional: true,
            stats: true,
            short: false,
        };
        for word in words.iter().filter_map(|word| word.strip_prefix('+')) {
            let (word, on) = word.strip_prefix("no").map_or((word, true), |word| (word, false));
            match word {
                "cmd" => shows.cmd = on,
                "comments" => shows.comments = on,
                "question" => shows.question = on,
                "answer" => shows.answer = on,
                "additional" => shows.additional = on,
                "stats" => shows.stats = on,
                "short" => shows.short = on,
                "all" => {
                    for show in [
                        &mut shows.cmd,
                        &mut shows.comments,
                        &mut shows.question,
                        &mut shows.answer,
                        &mut shows.additional,
                        &mut shows.stats,
                    ] {
                        *show = on;
                    }
                }
                _ => {}
            }
        }
        shows
    }
}

/// The records' own texts; dig quotes what is text.
fn data(data: &Data) -> String {
    match data {
        Data::Txt(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

/// Puts words into columns as bind9 does: tabs to the column, or one space where it is passed.
fn columns(words: &[(usize, &str)]) -> String {
    let (mut line, mut at) = (String::new(), 0);
    for (column, word) in words {
        if *column > 0 {
            let to = (*column).max(at + 1);
            let tabs = to / 8 - at / 8;
            line.extend(std::iter::repeat_n('\t', tabs));
            let from = if tabs > 0 { to / 8 * 8 } else { at };
            line.extend(std::iter::repeat_n(' ', to - from));
            at = to;
        }
        line.push_str(word);
        at += word.chars().count();
    }
    line
}

fn record_line(record: &Record) -> String {
    let (ttl, kind) = (record.ttl.to_string(), record.data.kind().to_string());
    let text = data(&record.data);
    columns(&[(0, &record.name), (24, &ttl), (32, "IN"), (40, &kind), (48, &text)]) + "\n"
}

impl Dig {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        if matches!(words[..], ["-v"]) {
            let version = version(kernel);
            kernel.complain(format!("DiG {version}\n"));
            return Step::Exit(0);
        }
        let asking = self.asking.get_or_insert_with(|| {
            let mut asking = Resolve::asked(kernel, Asker::Dig, &words);
            let port = words.iter().position(|word| *word == "-p").and_then(|at| words.get(at + 1));
            asking.port = port.and_then(|port| port.parse().ok()).unwrap_or(asking.port);
            asking
        });
        if let Some(wait) = asking.step(kernel) {
            return wait.into();
        }
        let shows = Shows::of(&words);
        let mut text = complaints(asking);
        let mut code = 0;
        let mut header = format!("\n; <<>> DiG {} <<>> {}\n", version(kernel), words.join(" "));
        if words.iter().any(|word| word.starts_with('@')) {
            header.push_str("; (1 server found)\n");
        }
        header.push_str(";; global options: +cmd\n");
        for finding in &asking.inquiry.findings {
            let Finding::Search(Found { question, answer }) = finding else { continue };
            if shows.cmd && !shows.short {
                text.push_str(&std::mem::take(&mut header));
            }
            match answer {
                Some(answer) => text.push_str(&answer_text(kernel, asking, question, answer, &shows)),
                None => {
                    text.push_str(";; no servers could be reached\n");
                    code = 9;
                }
            }
        }
        if asking.inquiry.findings.iter().all(|finding| !matches!(finding, Finding::Search(_))) {
            let server = words.iter().find(|word| word.starts_with('@')).map_or("", |word| &word[1..]);
            text.push_str(&format!("dig: couldn't get address for '{server}': not found\n"));
            code = 10;
        }
        kernel.print(text);
        Step::Exit(code)
    }
}

fn answer_text(
    kernel: &mut Kernel<'_>,
    asking: &Resolve,
    question: &Question,
    answer: &Answer,
    shows: &Shows,
) -> String {
    if shows.short {
        return answer.answers.iter().map(|record| data(&record.data) + "\n").collect();
    }
    let mut text = String::new();
    let lower = question.name.to_ascii_lowercase();
    if shows.comments {
        text.push_str(";; Got answer:\n");
        if lower.ends_with(".local.") {
            text.push_str(";; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n");
        }
        text.push_str(&format!(
            ";; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n;; flags: qr aa rd ra ad; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: {}\n\n",
            answer.rcode,
            asking.id,
            answer.answers.len(),
            answer.additional.len()
        ));
    }
    let section = |text: &mut String, title: &str, lines: String| {
        if shows.comments {
            text.push_str(&format!(";; {title} SECTION:\n{lines}\n"));
        } else {
            text.push_str(&lines);
        }
    };
    if shows.question {
        let kind = question.kind.to_string();
        let line = columns(&[(0, &question.name), (32, "IN"), (40, &kind)]);
        section(&mut text, "QUESTION", format!(";{line}\n"));
    }
    for (title, records, shown) in
        [("ANSWER", &answer.answers, shows.answer), ("ADDITIONAL", &answer.additional, shows.additional)]
    {
        if shown && !records.is_empty() {
            section(&mut text, title, records.iter().map(record_line).collect());
        }
    }
    if shows.stats {
        let server = asking.inquiry.turns.last().and_then(|turn| turn.servers.first().copied());
        let server = server.map(|ip| ip.to_string()).unwrap_or_default();
        text.push_str(&format!(
            ";; Query time: {} msec\n;; SERVER: {server}#{port}({server}) (UDP)\n;; WHEN: {}\n;; MSG SIZE  rcvd: {}\n\n",
            asking.timing.1.since(asking.timing.0).as_millis(),
            kernel.date().unix(),
            answer.wire_len(question, true),
            port = asking.port
        ));
    }
    text
}

impl Host {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        let argv = kernel.argv();
        let words: Vec<&str> = argv.iter().skip(1).map(|word| &**word).collect();
        if words.is_empty() {
            kernel.complain("Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n");
            return Step::Exit(1);
        }
        let asking = self.asking.get_or_insert_with(|| Resolve::asked(kernel, Asker::Host, &words));
        if let Some(wait) = asking.step(kernel) {
            return wait.into();
        }
        let mut text = complaints(asking);
        let operands: Vec<&&str> = words.iter().filter(|word| !word.starts_with('-')).collect();
        let server = asking.inquiry.turns.last().and_then(|turn| turn.servers.first());
        if let (Some(server), true) = (server, operands.len() > 1 && !words.contains(&"-t")) {
            text.push_str(&format!(
                "Using domain server:\nName: {}\nAddress: {server}#53\nAliases: \n\n",
                operands[1]
            ));
        }
        let (mut code, explicit) = (0, words.contains(&"-t"));
        let mut shown: Vec<&Record> = Vec::new();
        for finding in &asking.inquiry.findings {
            let Finding::Search(Found { question, answer }) = finding else { continue };
            let asked = name::relative(&question.name);
            let Some(answer) = answer else {
                text.push_str(";; no servers could be reached\n");
                code = 1;
                break;
            };
            for record in &answer.answers {
                if !shown.contains(&record) {
                    text.push_str(&host_line(record));
                    shown.push(record);
                }
            }
            match answer.rcode {
                Rcode::NoError if answer.answers.is_empty() && explicit => {
                    text.push_str(&format!("{asked} has no {} record\n", question.kind));
                }
                Rcode::NoError => {}
                rcode => {
                    text.push_str(&format!("Host {asked} not found: {}({rcode})\n", rcode.number()));
                    code = 1;
                }
            }
        }
        kernel.print(text);
        Step::Exit(code)
    }
}

fn host_line(record: &Record) -> String {
    let text = data(&record.data);
    let what = match record.data.kind() {
        RecordType::A => "has address".to_string(),
        RecordType::AAAA => "has IPv6 address".into(),
        RecordType::CNAME => "is an alias for".into(),
        RecordType::PTR => "domain name pointer".into(),
        RecordType::MX => "mail is handled by".into(),
        RecordType::TXT => "descriptive text".into(),
        RecordType::NS => "name server".into(),
        kind => format!("has {kind} record"),
    };
    format!("{} {what} {text}\n", name::relative(&record.name))
}
