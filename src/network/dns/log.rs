//! The lines of CoreDNS's `log` plugin.

use std::net::IpAddr;
use std::time::Duration;

use super::corefile::Log;
use super::message::{Answer, Question, Rcode};
use super::{Dns, kubernetes, name};

/// How a question came in, which is what a line says besides it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arrival {
    /// Who asked.
    pub client: IpAddr,
    /// From which port.
    pub port: u16,
    /// The number of the message.
    pub id: u16,
    /// The size of answers that an EDNS option allows; none where the question has no such option.
    pub edns: Option<u16>,
    /// How long the answer took.
    pub duration: Duration,
}

/// The bytes of an EDNS option without data.
const EDNS: usize = 11;

impl Dns<'_> {
    /// The lines that go to the log for a question and its answer: one for each `log` that is for it.
    pub fn log_lines(&self, question: &Question, answer: &Answer, arrival: &Arrival) -> Vec<String> {
        let Some(block) = self.corefile.block(&question.name) else { return Vec::new() };
        let wanted = |log: &&Log| {
            log.zones.iter().any(|zone| name::is_within(&question.name, zone))
                && log.classes.iter().any(|class| class == "all" || class == class_of(answer))
        };
        let logs = block.logs.iter().filter(wanted);
        logs.map(|log| format!("[INFO] {}", self.line(&log.format, question, answer, arrival))).collect()
    }

    fn line(&self, format: &str, question: &Question, answer: &Answer, arrival: &Arrival) -> String {
        const COMMON: &str = "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} {>rflags} {rsize} {duration}";
        let format = format.replace("{combined}", "{common} \"{>opcode}\"").replace("{common}", COMMON);
        let mut line = String::new();
        let mut rest = format.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            line.push_str(before);
            let Some((label, after)) = after.split_once('}') else { return line };
            line.push_str(&self.value(label, question, answer, arrival));
            rest = after;
        }
        line + rest
    }

    fn value(&self, label: &str, question: &Question, answer: &Answer, arrival: &Arrival) -> String {
        let edns = if arrival.edns.is_some() { EDNS } else { 0 };
        match label {
            "type" => question.kind.to_string(),
            "name" => question.name.to_ascii_lowercase(),
            "class" => "IN".into(),
            "proto" => "udp".into(),
            "remote" => match arrival.client {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            },
            "port" => arrival.port.to_string(),
            "size" => (question.wire_len() + edns).to_string(),
            "rcode" => answer.rcode.to_string(),
            "rsize" => (self.size(question, answer) + edns).to_string(),
            "duration" => seconds(arrival.duration),
            ">id" => arrival.id.to_string(),
            ">opcode" => "0".into(),
            ">do" => "false".into(),
            ">bufsize" => arrival.edns.unwrap_or(512).to_string(),
            ">rflags" if answer.authoritative => "qr,aa,rd".into(),
            ">rflags" => "qr,rd,ra".into(),
            _ => "-".into(),
        }
    }

    /// The size of the answer on the wire; a negative one of the cluster's zone carries the zone's SOA record.
    fn size(&self, question: &Question, answer: &Answer) -> usize {
        let mut sent = answer.clone();
        let config = self.corefile.block(&question.name).and_then(|block| block.kubernetes.as_ref());
        if answer.answers.is_empty()
            && answer.authoritative
            && let Some(plugin) = config.and_then(|config| kubernetes::Plugin::of(self, config, question, 0))
        {
            sent.additional.push(plugin.start_of_authority());
        }
        sent.wire_len(question, false)
    }
}

fn class_of(answer: &Answer) -> &'static str {
    match answer.rcode {
        Rcode::NoError if !answer.answers.is_empty() => "success",
        Rcode::NoError | Rcode::NxDomain => "denial",
        _ => "error",
    }
}

/// As Go prints a float that is not rounded: `0.000113s`.
fn seconds(duration: Duration) -> String {
    let text = format!("{}.{:09}", duration.as_secs(), duration.subsec_nanos());
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}
