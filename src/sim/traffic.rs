//! What goes over the network, as lookups and connections that can be shown: the transfers that the fabric remembers, with
//! the questions of one lookup put together, and what goes the same way again and again as streams.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::api::{Kind, ObjectKey};
use crate::base::SimTime;
use crate::network::activity::{Outcome, Place, Subject, Transfer};
use crate::network::dns::{Data, Question, Rcode};
use crate::network::packet::NetError;
use crate::network::policy::Direction;
use crate::network::route::Hop;

use super::Sim;

/// A lookup, or a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// The number of its first transfer.
    pub id: u64,
    /// When its first packet left.
    pub at: SimTime,
    /// Who began it.
    pub from: Place,
    /// The name that is looked up, or the address and port that is called.
    pub title: String,
    /// True for what nobody asked for: probes, and what Kubernetes' own Pods do.
    pub background: bool,
    /// Its packets, in their order.
    pub flights: Vec<Flight>,
    /// The questions of a lookup, in their order.
    pub questions: Vec<Asked>,
    /// Why it does not go through.
    pub why: Option<Why>,
}

/// A question of a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The whole name that is asked for.
    pub name: String,
    /// `A` or `AAAA`, or another type of record.
    pub kind: String,
    /// When it was asked.
    pub at: SimTime,
    /// What came back, once it has: an address, or `NXDOMAIN` and the like.
    pub answer: Option<String>,
    /// True where there is no such name.
    pub no: bool,
    /// Its flights: the first, and the one after the last.
    pub flights: (usize, usize),
}

/// A packet's way from one place to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Where it leaves.
    pub from: Place,
    /// Where it goes.
    pub to: Place,
    /// What it is.
    pub what: What,
    /// What it carries: `A? mysql.default.svc.cluster.local`, `10.96.0.7:3306`.
    pub label: String,
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A question, or the wish to connect.
    Ask,
    /// What comes back.
    Reply,
    /// The answer that there is no such name.
    No,
    /// It does not arrive.
    Fails,
}

/// Why a connection does not come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody listens on the port there.
    Refused(String),
    /// The Service has no endpoint.
    NoEndpoints(String),
    /// The Service has no such port.
    NoSuchPort(String),
    /// Nobody has the address.
    Nobody(String),
    /// A NetworkPolicy drops it.
    Policy(String),
    /// The node does not run.
    NodeDown(String),
    /// The network between two nodes is cut: `one`, `other`.
    Cut(String, String),
    /// Nobody answers.
    Silence,
    /// For what somebody said.
    Said(String),
}

/// So many of one kind within the time that is looked at are a crowd: nobody could tell its packets apart.
const CROWD: usize = 12;

/// What is asked of whom, or which address and port is called; and whether somebody asked for it.
type Errand<'a> = (SocketAddr, Option<&'a Question>, bool);

/// How many packets go from where to where.
type Ways = BTreeMap<(Place, Place, What), usize>;

fn errand(transfer: &Transfer) -> Errand<'_> {
    let question = match &transfer.subject {
        Subject::Query(question) => Some(question),
        _ => None,
    };
    (transfer.to, question, is_background(&transfer.from))
}

/// The crowds of late: what so many do at once that only their number says something.
pub struct Crowds<'a> {
    counts: BTreeMap<Errand<'a>, usize>,
    /// From when on they were counted, and how many seconds that is.
    since: SimTime,
    seconds: f64,
}

impl<'a> Crowds<'a> {
    /// Looks at what was begun within `window` before now.
    pub fn of(sim: &'a Sim, window: SimTime) -> Self {
        let recent = &sim.cluster().fabric.recent;
        let now = sim.cluster().now();
        // Before the oldest that is remembered others may have been.
        let oldest = recent.iter().next().filter(|_| recent.is_full()).map_or(0, |transfer| transfer.at.0);
        let booted = now.0 - sim.now().0;
        let since = now.0.saturating_sub(window.0).max(oldest).max(booted);
        let mut counts = BTreeMap::new();
        for transfer in recent.iter().rev().take_while(|transfer| transfer.at.0 >= since) {
            *counts.entry(errand(transfer)).or_default() += 1;
        }
        counts.retain(|_, count| *count >= CROWD);
        Self { counts, since: SimTime(since), seconds: (now.0 - since).max(1) as f64 / 1e6 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The ways of each, with how many packets a second go them.
    pub fn streams(&self, sim: &Sim, system: bool) -> Vec<Stream> {
        let mut streams: BTreeMap<_, (Stream, Ways)> = BTreeMap::new();
        let recent = &sim.cluster().fabric.recent;
        for transfer in recent.iter().rev().take_while(|transfer| transfer.at >= self.since) {
            let (to, question, background) = errand(transfer);
            if !self.counts.contains_key(&(to, question, background)) {
                continue;
            }
            // Both kinds of addresses of a name are one stream.
            let name = question.map(|question| question.name.trim_end_matches('.'));
            let (stream, ways) = streams.entry((to, name, background)).or_insert_with(|| {
                let stream = Stream {
                    lookup: name.is_some(),
                    title: name.map_or_else(|| to.to_string(), str::to_string),
                    from: transfer.from.clone(),
                    background,
                    rate: 0.0,
                    ways: Vec::new(),
                    no: false,
                    why: None,
                };
                (stream, BTreeMap::new())
            });
            stream.rate += 1.0 / self.seconds;
            let no = matches!(&transfer.outcome, Outcome::Answered(both) if both.1.rcode != Rcode::NoError);
            let fails = transfer.is_lost() || matches!(transfer.outcome, Outcome::Failed(_));
            stream.no |= no;
            if fails && stream.why.is_none() {
                stream.why = connection(transfer, transfer.at, system).why;
            }
            let mut path = transfer.path();
            path.retain(|place| system || !is_system_pod(place));
            let last = path.len().saturating_sub(2);
            for (at, pair) in path.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]) {
                let what = match (fails && at == last, no) {
                    (true, _) => What::Fails,
                    (_, true) => What::No,
                    _ => What::Ask,
                };
                *ways.entry((pair[0].clone(), pair[1].clone(), what)).or_default() += 1;
            }
        }
        let rate = |count: usize| count as f64 / self.seconds;
        let one = |(stream, ways): (Stream, Ways)| Stream {
            ways: ways.into_iter().map(|((from, to, what), count)| (from, to, what, rate(count))).collect(),
            ..stream
        };
        streams.into_values().map(one).collect()
    }
}

/// What many do at once, or one again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The name that is looked up, or the address and port that is called.
    pub title: String,
    /// True for lookups.
    pub lookup: bool,
    /// One of those who do.
    pub from: Place,
    /// True for what nobody asked for.
    pub background: bool,
    /// How many of them there are a second.
    pub rate: f64,
    /// From where to where packets go, what becomes of them there, and how many a second they are.
    pub ways: Vec<(Place, Place, What, f64)>,
    /// True where there is no such name.
    pub no: bool,
    /// Why one did not go through.
    pub why: Option<Why>,
}

/// The lookups and connections of late, in their order, those of crowds left out; `system` says whether the Pods of Kubernetes
/// itself are to be seen in them.
pub fn talks(sim: &Sim, system: bool, crowds: &Crowds<'_>) -> Vec<Talk> {
    let began = sim.cluster().now().0 - sim.now().0;
    let mut talks: Vec<Talk> = Vec::new();
    // The last talk of each.
    let mut latest: BTreeMap<&Place, usize> = BTreeMap::new();
    let single = |transfer: &&Transfer| {
        transfer.at.0 >= began && (crowds.is_empty() || !crowds.counts.contains_key(&errand(transfer)))
    };
    for transfer in sim.cluster().fabric.recent.iter().filter(single) {
        let at = SimTime(transfer.at.0 - began);
        let Subject::Query(question) = &transfer.subject else {
            latest.insert(&transfer.from, talks.len());
            talks.push(connection(transfer, at, system));
            continue;
        };
        let same = |talk: &Talk| {
            !talk.questions.is_empty()
                && at.0 < talk.at.0 + 15_000_000
                && question.name.split('.').next() == talk.title.split('.').next()
        };
        let name = question.name.trim_end_matches('.');
        let talk = match latest.get(&transfer.from) {
            Some(last) if same(&talks[*last]) => *last,
            _ => {
                let background = is_background(&transfer.from);
                latest.insert(&transfer.from, talks.len());
                talks.push(Talk { title: name.into(), background, ..empty(transfer, at) });
                talks.len() - 1
            }
        };
        let talk = &mut talks[talk];
        if name.len() < talk.title.len() {
            talk.title = name.into();
        }
        // Both kinds of addresses are often asked for at once: one of them tells the story.
        let kind = question.kind.to_string();
        let together =
            |asked: &Asked| asked.name == name && (asked.kind == kind || at.0 < asked.at.0 + 1_000);
        if !talk.questions.iter().any(together) {
            ask(transfer, name, at, system, talk);
        }
    }
    talks
}

fn empty(transfer: &Transfer, at: SimTime) -> Talk {
    Talk {
        id: transfer.number,
        at,
        from: transfer.from.clone(),
        title: String::new(),
        background: false,
        flights: Vec::new(),
        questions: Vec::new(),
        why: None,
    }
}

fn is_background(from: &Place) -> bool {
    match from {
        Place::Object(key) => key.kind != Kind::Pod || key.namespace.starts_with("kube-"),
        _ => false,
    }
}

/// True for the Pods of Kubernetes itself.
fn is_system_pod(place: &Place) -> bool {
    matches!(place, Place::Object(key) if key.kind == Kind::Pod && key.namespace.starts_with("kube-"))
}

/// Adds a question to its lookup.
fn ask(transfer: &Transfer, name: &str, at: SimTime, system: bool, talk: &mut Talk) {
    let Subject::Query(question) = &transfer.subject else { return };
    let (answer, no) = match &transfer.outcome {
        Outcome::Answered(both) => {
            let address = |data: &Data| match data {
                Data::A(ip) => Some(ip.to_string()),
                Data::Aaaa(ip) => Some(ip.to_string()),
                _ => None,
            };
            let found = both.1.answers.iter().find_map(|record| address(&record.data));
            let no = both.1.rcode != Rcode::NoError;
            (Some(found.unwrap_or_else(|| both.1.status())), no)
        }
        _ => (None, false),
    };
    let first = talk.flights.len();
    forth(transfer, &format!("{}? {name}", question.kind), system, talk);
    if let Some(answer) = &answer {
        back(answer, if no { What::No } else { What::Reply }, transfer, system, talk);
    }
    let kind = question.kind.to_string();
    talk.questions.push(Asked {
        name: name.into(),
        kind,
        at,
        answer,
        no,
        flights: (first, talk.flights.len()),
    });
}

fn connection(transfer: &Transfer, at: SimTime, system: bool) -> Talk {
    let mut talk = Talk {
        title: transfer.to.to_string(),
        background: is_background(&transfer.from),
        ..empty(transfer, at)
    };
    forth(transfer, &transfer.to.to_string(), system, &mut talk);
    match &transfer.outcome {
        Outcome::Connected => back("", What::Reply, transfer, system, &mut talk),
        Outcome::Failed(NetError::Refused) if talk.why.is_none() => {
            talk.why = Some(Why::Refused(transfer.to.port().to_string()));
            if let Some(last) = talk.flights.last_mut() {
                last.what = What::Fails;
            }
        }
        _ => {}
    }
    talk
}

/// The way there, as far as it goes.
fn forth(transfer: &Transfer, label: &str, system: bool, talk: &mut Talk) {
    let object = |key: &ObjectKey| Place::Object(key.clone());
    let node = |name: &str| Place::Object(ObjectKey::new(Kind::Node, "", name));
    let mut label = label.to_string();
    let mut at = transfer.from.clone();
    let name = |place: &Place| match place {
        Place::Object(key) => key.name.to_string(),
        _ => String::new(),
    };
    let mut why = None;
    for hop in &transfer.hops {
        let to = match hop {
            Hop::Service(key, ..) => object(key),
            Hop::Pod(pod) if !system && is_system_pod(&object(&pod.key)) => continue,
            Hop::Pod(pod) => object(&pod.key),
            Hop::Node(name) => node(name),
            Hop::Outside => Place::Outside(transfer.to.ip()),
            Hop::Endpoint(address, _) => {
                // From here on it goes to the endpoint's address.
                if !matches!(transfer.subject, Subject::Query(_)) {
                    label = address.to_string();
                }
                continue;
            }
            Hop::NoSuchPort(key) => {
                why = Some(Why::NoSuchPort(format!("{} {}", key.name, transfer.to.port())));
                object(key)
            }
            Hop::NoEndpoints(_) => {
                why = Some(Why::NoEndpoints(name(&at)));
                continue;
            }
            Hop::Policy(direction, pod, policies, allowed) => {
                if !allowed {
                    why = Some(Why::Policy(policies.join(", ")));
                    if *direction == Direction::Egress {
                        break;
                    }
                    if at != object(pod) {
                        let from = std::mem::replace(&mut at, object(pod));
                        talk.flights.push(Flight {
                            from,
                            to: at.clone(),
                            what: What::Ask,
                            label: label.clone(),
                        });
                    }
                    break;
                }
                continue;
            }
            Hop::NodeDown(name) => {
                why = Some(Why::NodeDown(name.to_string()));
                node(name)
            }
            Hop::Cut(one, other) => {
                why = Some(Why::Cut(one.to_string(), other.to_string()));
                node(other)
            }
            Hop::Nobody(ip) => {
                why = Some(Why::Nobody(ip.to_string()));
                Place::Nobody(*ip)
            }
            Hop::NoSuchService => {
                why = Some(Why::Nobody(transfer.to.ip().to_string()));
                Place::Nobody(transfer.to.ip())
            }
            Hop::HostPort(_) | Hop::NotFromHost => continue,
        };
        if to != at {
            let from = std::mem::replace(&mut at, to.clone());
            talk.flights.push(Flight { from, to, what: What::Ask, label: label.clone() });
        }
    }
    let why = why.or(transfer.is_lost().then_some(Why::Silence));
    if why.is_some() {
        talk.why = why;
        if let Some(last) = talk.flights.last_mut() {
            last.what = What::Fails;
        }
    }
}

/// The way back.
fn back(label: &str, what: What, transfer: &Transfer, system: bool, talk: &mut Talk) {
    let mut path = transfer.path();
    path.retain(|place| system || !is_system_pod(place));
    for pair in path.windows(2).rev().filter(|pair| pair[0] != pair[1]) {
        let (from, to) = (pair[1].clone(), pair[0].clone());
        talk.flights.push(Flight { from, to, what, label: label.into() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Input, Scenario};

    #[test]
    fn a_lookup_asks_name_after_name_and_a_connection_is_rewritten() {
        let mut sim = Sim::new(&Scenario::story()).unwrap();
        let mut type_in = |text: &str, seconds: u64| {
            sim.apply(&Input::Type { terminal: 1, text: format!("{text}\n") });
            sim.run_until(SimTime(sim.now().0 + seconds * 1_000_000));
        };
        type_in("kubectl apply -f .", 40);
        type_in("kubectl exec deploy/pma -- getent hosts mysql.nowhere", 10);
        type_in("kubectl exec deploy/pma -- curl -s -m 3 mysql:3306", 10);
        let talks: Vec<Talk> = talks(&sim, true, &Crowds::of(&sim, SimTime(0)))
            .into_iter()
            .filter(|talk| !talk.background)
            .collect();
        let lost = talks.iter().find(|talk| talk.title == "mysql.nowhere").expect("the lookup");
        assert_eq!(lost.questions[0].name, "mysql.nowhere.default.svc.cluster.local");
        assert_eq!(lost.questions[0].answer.as_deref(), Some("NXDOMAIN"));
        assert!(lost.questions.len() >= 4 && lost.flights.iter().any(|flight| flight.what == What::No));
        let call = talks.iter().rfind(|talk| talk.title.ends_with(":3306")).expect("the connection");
        let labels: Vec<&str> = call.flights.iter().map(|flight| flight.label.as_str()).collect();
        assert!(labels[0].starts_with("10.96.") || labels[0].starts_with("10.1"), "{labels:?}");
        assert!(labels.len() >= 4 && labels[1] != labels[0], "rewritten: {labels:?}");
        assert_eq!(call.flights.last().map(|flight| &flight.to), Some(&call.from));
    }

    #[test]
    fn what_many_do_at_once_is_a_stream_with_its_number() {
        let manifest = |name: &str, replicas: usize, container: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{containers: [{container}]}}\n"
            )
        };
        let files = [
            (
                "web.yml",
                manifest("web", 2, "{name: web, image: 'nginx:1.27'}")
                    + "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n",
            ),
            (
                "many.yml",
                manifest(
                    "many",
                    20,
                    "{name: c, image: busybox, command: [sh, -c, 'while true; do wget -q -O- web; sleep 1; done']}",
                ),
            ),
        ];
        let files = files.map(|(path, text)| (path.to_string(), text)).into();
        let mut sim = Sim::new(&Scenario { files, ..Scenario::default() }).unwrap();
        sim.apply(&Input::Type { terminal: 1, text: "kubectl apply -f .\n".into() });
        sim.run_until(SimTime(90_000_000));
        let crowds = Crowds::of(&sim, SimTime(2_000_000));
        let streams: Vec<Stream> =
            crowds.streams(&sim, false).into_iter().filter(|stream| !stream.background).collect();
        let calls = streams.iter().find(|stream| stream.title.ends_with(":80")).expect("the calls");
        assert!((17.0..23.0).contains(&calls.rate), "{}", calls.rate);
        let into_pods: f64 = calls
            .ways
            .iter()
            .filter(|(from, ..)| matches!(from, Place::Object(key) if key.kind == Kind::Service))
            .map(|(.., rate)| rate)
            .sum();
        assert!((into_pods - calls.rate).abs() < 0.01, "all of them go on: {into_pods}");
        assert!(
            streams.iter().any(|stream| stream.lookup && stream.title == "web.default.svc.cluster.local")
        );
        assert!(
            talks(&sim, false, &crowds).iter().all(|talk| talk.background),
            "none of them is shown alone"
        );
    }
}
