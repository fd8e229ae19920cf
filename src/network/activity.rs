//! What has gone over the network lately: the questions to name servers and the connections, each with the way that it took,
//! for whoever shows them.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::api::{Kind, ObjectKey};
use crate::base::SimTime;

use super::dns::{Answer, Question};
use super::packet::{Far, NetError, Payload, Protocol, Query, Routed, Segment, Space};
use super::route::{Fate, Hop, Origin, Route};

/// How many are remembered.
const KEPT: usize = 1_024;

/// Somebody whom packets come from, pass or reach, as a figure shows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A Pod, a Service or a Node.
    Object(ObjectKey),
    /// The learner's machine.
    Host,
    /// A machine outside the cluster.
    Outside(IpAddr),
    /// An address that nobody has.
    Nobody(IpAddr),
    /// Somebody who is known by a name alone: a registry.
    Named(String),
}

/// What a packet is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A question to a name server.
    Query(Question),
    /// A TCP connection: its beginning.
    Connection,
    /// An ICMP echo (`ping`).
    Echo,
    /// Another datagram.
    Datagram,
}

/// What has come of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing yet. With more than one try the earlier ones were lost.
    Pending,
    /// The name server's answer.
    Answered(Arc<(Query, Answer)>),
    /// The connection is made, or the echo or datagram is answered.
    Connected,
    /// It failed.
    Failed(NetError),
}

/// A question or the beginning of a connection, from a socket to whoever gets it, and what came back.
///
/// To draw one: move something along [`Transfer::path`] from [`Transfer::at`] on, and back along it until
/// [`Transfer::ended`]. Where the outcome is a failure, or [`Transfer::is_lost`], the path ends where it was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Its number: later ones have higher numbers, so that who has seen some knows which are new.
    pub number: u64,
    /// When it left.
    pub at: SimTime,
    /// When it was answered or found to have failed.
    pub ended: Option<SimTime>,
    /// How often it was sent.
    pub tries: u8,
    /// Who sent it.
    pub from: Place,
    /// The sender's address and port.
    pub source: SocketAddr,
    /// The address and port that it was sent to.
    pub to: SocketAddr,
    /// Its protocol.
    pub protocol: Protocol,
    /// What it is about.
    pub subject: Subject,
    /// What it met on its way, in order: the Service, the endpoint that was chosen, policies, the Pod.
    pub hops: Vec<Hop>,
    /// What came of it.
    pub outcome: Outcome,
    /// True where nobody will ever answer.
    lost: bool,
    socket: Far,
}

impl Transfer {
    /// True where it was sent to where nobody answers: a policy drops it, or nobody is there.
    pub fn is_lost(&self) -> bool {
        self.lost && self.outcome == Outcome::Pending
    }

    /// True where it came to what it was meant for.
    pub fn arrived(&self) -> bool {
        matches!(self.outcome, Outcome::Answered(_) | Outcome::Connected)
    }

    /// The places that it passed, the sender first. The last is where it arrived or was stopped.
    pub fn path(&self) -> Vec<Place> {
        let object = |kind, name: &str| Place::Object(ObjectKey::new(kind, "", name));
        let mut path = vec![self.from.clone()];
        for hop in &self.hops {
            path.push(match hop {
                Hop::Service(key, ..) | Hop::NoSuchPort(key) => Place::Object(key.clone()),
                Hop::Pod(pod) => Place::Object(pod.key.clone()),
                Hop::Node(name) | Hop::NodeDown(name) | Hop::Cut(_, name) => object(Kind::Node, name),
                Hop::Outside => Place::Outside(self.to.ip()),
                Hop::Nobody(ip) => Place::Nobody(*ip),
                Hop::NoSuchService => Place::Nobody(self.to.ip()),
                Hop::Endpoint(..) | Hop::NoEndpoints(_) | Hop::HostPort(_) | Hop::Policy(..) => continue,
                Hop::NotFromHost => break,
            });
        }
        path
    }
}

/// The latest transfers, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Recent {
    transfers: VecDeque<Arc<Transfer>>,
    numbers: u64,
    /// The only namespace whose transfers are noted, where it is set.
    only: Option<Space>,
}

impl Recent {
    /// The latest transfers, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Transfer> {
        self.transfers.iter().map(|transfer| &**transfer)
    }

    /// True where the older ones are forgotten.
    pub fn is_full(&self) -> bool {
        self.transfers.len() == KEPT
    }

    /// Those that were begun after the one with this number, oldest first.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Transfer> {
        self.iter().skip_while(move |transfer| transfer.number <= number)
    }

    /// The number of the last one.
    pub fn last_number(&self) -> u64 {
        self.numbers
    }

    /// Forgets what there is, and from now on notes only what one namespace sends.
    pub fn watch(&mut self, space: Space) {
        self.transfers.clear();
        self.only = Some(space);
    }

    /// Notes a packet that leaves, or leaves again.
    pub fn note(&mut self, now: SimTime, origin: &Origin, packet: &Routed, route: &Route, attempt: u8) {
        if self.only.as_ref().is_some_and(|only| *only != origin.space) {
            return;
        }
        let lost = matches!(route.fate, Fate::Lost);
        if attempt > 0 {
            let is_it = |known: &&mut Arc<Transfer>| {
                known.socket.socket == packet.socket
                    && known.to == packet.to
                    && known.socket.space == origin.space
            };
            if let Some(known) = self.transfers.iter_mut().rev().find(is_it) {
                let known = Arc::make_mut(known);
                (known.tries, known.lost) = (attempt + 1, lost);
                known.hops.clone_from(&route.hops);
            }
            return;
        }
        let subject = match &packet.payload {
            None => Subject::Connection,
            Some(Payload::Query(query)) => Subject::Query(query.question.clone()),
            Some(Payload::Echo(_)) => Subject::Echo,
            Some(_) => Subject::Datagram,
        };
        self.numbers += 1;
        if self.transfers.len() == KEPT {
            self.transfers.pop_front();
        }
        self.transfers.push_back(Arc::new(Transfer {
            number: self.numbers,
            at: now,
            ended: None,
            tries: 1,
            from: place_of(origin),
            source: packet.from,
            to: packet.to,
            protocol: packet.protocol,
            subject,
            hops: route.hops.clone(),
            outcome: Outcome::Pending,
            lost,
            socket: Far { space: origin.space.clone(), socket: packet.socket },
        }));
    }

    /// Notes what comes back to a socket.
    pub fn note_answer(
        &mut self,
        now: SimTime,
        space: &Space,
        segment: &Segment,
        socket: super::packet::SocketId,
    ) {
        let outcome = match segment {
            Segment::Established(_) => Outcome::Connected,
            Segment::Failed(error) => Outcome::Failed(*error),
            Segment::Datagram(datagram) => match &datagram.payload {
                Payload::Answer(answer) => Outcome::Answered(answer.clone()),
                _ => Outcome::Connected,
            },
            Segment::Data(_) | Segment::End => return,
        };
        let is_it = |known: &&Arc<Transfer>| {
            known.outcome == Outcome::Pending
                && known.socket.socket == socket
                && known.socket.space == *space
                && match (&known.subject, &outcome, segment) {
                    (Subject::Query(question), Outcome::Answered(answer), Segment::Datagram(datagram)) => {
                        *question == answer.0.question && datagram.from == known.to
                    }
                    _ => true,
                }
        };
        // Where several name servers are asked at once, the one that is nowhere is the one who refuses.
        let stopped = |known: &Arc<Transfer>| !matches!(known.hops.last(), Some(Hop::Pod(_) | Hop::Outside));
        let failed = matches!(outcome, Outcome::Failed(_));
        let mut latest = self.transfers.iter().enumerate().rev().filter(|(_, known)| is_it(known));
        let Some((mut at, known)) = latest.next() else { return };
        if failed && !stopped(known) {
            at = latest.find(|(_, known)| stopped(known)).map_or(at, |(other, _)| other);
        }
        if let Some(known) = self.transfers.get_mut(at) {
            let known = Arc::make_mut(known);
            known.outcome = outcome;
            known.ended = Some(now);
        }
    }
}

/// Who somebody is in a figure.
pub fn place_of(origin: &Origin) -> Place {
    match (&origin.pod, &origin.space) {
        (Some(key), _) => Place::Object(key.clone()),
        (_, Space::Outside(ip)) => Place::Outside(*ip),
        (_, Space::Node(name) | Space::Pod { node: name, .. }) => {
            Place::Object(ObjectKey::new(Kind::Node, "", name))
        }
        (_, Space::Host) => Place::Host,
    }
}
