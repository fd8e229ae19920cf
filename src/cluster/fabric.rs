//! The packets on their way: what namespaces send goes through the queue, by the routes that [`crate::network::route`]
//! finds, and comes to other namespaces some microseconds later.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Object, ObjectKey};
use crate::base::{Random, SimTime};
use crate::network::activity::Recent;
use crate::network::dns::Upstream;
use crate::network::namespace::Namespace;
use crate::network::packet::{
    Datagram, End, Far, NetError, Outgoing, Payload, Protocol, Routed, Segment, SocketId, Space,
};
use crate::network::route::{Fate, Hop, Map, NodeAt, Origin, PodAt, Route, pair};

use super::outside;
use super::{Cluster, Event};

/// How often the beginning of a connection is sent again: each second (`tcp_syn_linear_timeouts`) and then each time after twice
/// the wait (`tcp_syn_retries`).
const LINEAR_RETRIES: u8 = 4;
const RETRIES: u8 = LINEAR_RETRIES + 6;
/// How long all that takes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(131);
/// The name server of nodes, of Pods with `dnsPolicy: Default` and of the learner's machine.
pub const NODE_RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 168, 65, 7);
/// How long a Service with `sessionAffinity: ClientIP` remembers where it does not say.
const AFFINITY: i64 = 10_800;

/// What comes to a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// A wish to connect.
    Connect {
        /// Who seems to wish it.
        from: SocketAddr,
        /// To which of its addresses.
        to: SocketAddr,
        /// The socket that waits for the answer.
        back: Far,
    },
    /// A datagram.
    Datagram(Protocol, SocketAddr, Datagram),
    /// Something for one of its sockets.
    Segment(SocketId, Segment),
    /// Time to send again what nobody answered.
    Again(Routed, u8),
}

/// All that is on its way, in the order of its coming.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fabric {
    flights: BTreeMap<(SimTime, u64), (Space, Arrival)>,
    sent: u64,
    random: Random,
    /// What Services with session affinity remember: by Service and client, the endpoint and since when.
    affinity: BTreeMap<(Arc<str>, IpAddr), (SocketAddr, SimTime)>,
    /// What has come for the learner's machine.
    host: Vec<Arrival>,
    /// The names outside, once somebody has asked.
    upstream: Option<Arc<Upstream>>,
    /// Connections to machines outside that have not said anything yet.
    visitors: BTreeMap<SocketId, Far>,
    visits: u32,
    /// True where the learner's machine reaches the addresses of Services (`minikube tunnel`).
    pub tunnel: bool,
    /// The pairs of nodes between which the network is cut, each in the order of their names.
    pub(super) cuts: BTreeSet<(Arc<str>, Arc<str>)>,
    /// What TCP sends again and again across such a cut, until it is mended.
    held: Vec<(Space, Far, Segment)>,
    /// The latest questions and connections.
    pub recent: Recent,
}

impl Default for Fabric {
    fn default() -> Self {
        Self {
            flights: BTreeMap::new(),
            sent: 0,
            random: Random::from_seed(0),
            affinity: BTreeMap::new(),
            host: Vec::new(),
            upstream: None,
            visitors: BTreeMap::new(),
            visits: 0,
            tunnel: false,
            cuts: BTreeSet::new(),
            held: Vec::new(),
            recent: Recent::default(),
        }
    }
}

impl Fabric {
    /// Sets what its choices follow from.
    pub(super) fn seed(&mut self, seed: u64) {
        self.random = Random::from_seed(seed ^ 0x6e65_7477);
    }

    /// True where something has come for the learner's machine.
    pub fn has_host_arrivals(&self) -> bool {
        !self.host.is_empty()
    }

    /// Takes what has come for the learner's machine.
    pub fn take_host_arrivals(&mut self) -> Vec<Arrival> {
        std::mem::take(&mut self.host)
    }
}

impl Arrival {
    /// Brings it to its namespace. Gives what is to be sent back.
    pub fn come(self, net: &mut Namespace) -> Option<(Far, Segment)> {
        match self {
            Arrival::Connect { from, to, back } => {
                let answer = net.arrive(from, to, End::Far(back.clone()));
                Some((back, answer))
            }
            Arrival::Datagram(protocol, to, datagram) => {
                let End::Far(back) = datagram.back.clone() else { return None };
                net.arrive_datagram(protocol, to, datagram).map(|answer| (back, answer))
            }
            Arrival::Segment(socket, segment) => {
                let established = match &segment {
                    Segment::Established(End::Far(far)) => Some(far.clone()),
                    _ => None,
                };
                if net.take(socket, segment) {
                    return None;
                }
                // Who connects to a socket that is gone is told so.
                established.map(|far| (far, Segment::Failed(NetError::Reset)))
            }
            Arrival::Again(..) => None,
        }
    }
}

impl Cluster {
    fn fly(&mut self, at: SimTime, to: Space, arrival: Arrival) {
        self.fabric.sent += 1;
        self.fabric.flights.insert((at, self.fabric.sent), (to, arrival));
        self.queue.push(at, Event::Network);
    }

    /// Takes on what a namespace has sent.
    pub fn send_packets(&mut self, from: &Space, packets: Vec<Outgoing>) {
        for packet in packets {
            match packet {
                Outgoing::Routed(packet) => self.dispatch(from, packet, 0),
                Outgoing::Back(far, segment) => self.send_back(from, far, segment),
                Outgoing::Into(socket, space, port) => self.enter(from, socket, space, port),
            }
        }
    }

    /// Has a socket connect to a port of a namespace's own loopback.
    fn enter(&mut self, from: &Space, socket: SocketId, space: Space, port: u16) {
        let (Some(origin), Some(target)) = (self.origin(from), self.origin(&space)) else {
            let segment = Segment::Failed(NetError::HostUnreachable);
            return self.fly(self.now(), from.clone(), Arrival::Segment(socket, segment));
        };
        let at = |ip: IpAddr, port: u16| SocketAddr::new(ip, port);
        let own = IpAddr::from(Ipv4Addr::LOCALHOST);
        let (protocol, payload) = (Protocol::Tcp, None);
        let packet =
            Routed { socket, protocol, from: at(origin.ip, 0), to: at(target.ip, port), ttl: 64, payload };
        let hops = match (&target.pod, &space) {
            (Some(key), Space::Pod { node, uid }) => {
                vec![Hop::Pod(PodAt { node: node.clone(), uid: uid.clone(), key: key.clone() })]
            }
            _ => target.node.map(Hop::Node).into_iter().collect(),
        };
        let takes = Duration::from_micros(300);
        let fate = Fate::Arrives { space: space.clone(), to: at(own, port), from: own, takes };
        self.fabric.recent.note(self.now(), &origin, &packet, &Route { hops, fate }, 0);
        let back = Far { space: from.clone(), socket };
        let arrival = Arrival::Connect { from: at(own, 0), to: at(own, port), back };
        self.fly(self.now() + takes, space, arrival);
    }

    /// What was held back goes on its way, as far as nothing is between.
    pub(super) fn send_held(&mut self) {
        for (from, far, segment) in std::mem::take(&mut self.fabric.held) {
            self.send_back(&from, far, segment);
        }
    }

    fn send_back(&mut self, from: &Space, far: Far, segment: Segment) {
        if let (Some(one), Some(other)) = (from.node(), far.space.node())
            && self.fabric.cuts.contains(&pair(one, other))
        {
            return self.fabric.held.push((from.clone(), far, segment));
        }
        let segment = match segment {
            Segment::Established(End::Local(socket)) => {
                Segment::Established(End::Far(Far { space: from.clone(), socket }))
            }
            other => other,
        };
        let micros = match (from, &far.space) {
            (Space::Outside(_), _) | (_, Space::Outside(_)) => 6_000,
            (Space::Host, _) | (_, Space::Host) => 300,
            (Space::Pod { node: a, .. } | Space::Node(a), Space::Pod { node: b, .. } | Space::Node(b))
                if a == b =>
            {
                40
            }
            _ => 180,
        };
        let at = self.now() + Duration::from_micros(micros);
        self.fly(at, far.space, Arrival::Segment(far.socket, segment));
    }

    /// Who a namespace is to others.
    pub fn origin(&self, space: &Space) -> Option<Origin> {
        Some(match space {
            Space::Pod { node, uid } => {
                let worker = self.kubelets.get(node)?.worker(uid)?;
                Origin {
                    space: space.clone(),
                    node: Some(node.clone()),
                    ip: worker.ip()?.into(),
                    pod: Some(worker.key().clone()),
                }
            }
            Space::Node(node) => {
                let ip = self.kubelets.get(node)?.node.ip.into();
                Origin { space: space.clone(), node: Some(node.clone()), ip, pod: None }
            }
            Space::Host => {
                let ip = Ipv4Addr::from(u32::from(self.profile.nodes[0].ip) & !0xff | 1);
                Origin { space: space.clone(), node: None, ip: ip.into(), pod: None }
            }
            Space::Outside(ip) => Origin { space: space.clone(), node: None, ip: *ip, pod: None },
        })
    }

    /// Lets somebody look at the map by which packets find their way.
    pub fn with_map<R>(&self, look: impl FnOnce(&Map<'_>) -> R) -> R {
        let pod_at = |ip: Ipv4Addr| {
            let kubelet = self.kubelets.values().find(|kubelet| kubelet.node.addresses.contains(ip))?;
            let at = |worker: &crate::kubelet::Worker| worker.ip() == Some(ip) && !worker.uses_host_network();
            let (uid, worker) = kubelet.workers().find(|(_, worker)| at(worker))?;
            Some(PodAt { node: kubelet.node.name.clone(), uid: uid.clone(), key: worker.key().clone() })
        };
        let nodes = self.kubelets.values().map(|kubelet| NodeAt {
            name: kubelet.node.name.clone(),
            ip: kubelet.node.ip,
            running: kubelet.node.running,
            pods: kubelet.node.addresses.range(),
        });
        look(&Map {
            store: self.api.store(),
            plugin: &self.profile.network,
            tunnel: self.fabric.tunnel,
            nodes: nodes.collect(),
            cuts: &self.fabric.cuts,
            pod_at: &pod_at,
        })
    }

    fn dispatch(&mut self, from: &Space, packet: Routed, attempt: u8) {
        let Some(origin) = self.origin(from) else { return };
        let now = self.now();
        let mut random = self.fabric.random.clone();
        let mut affinity = std::mem::take(&mut self.fabric.affinity);
        let mut choose = |service: &Object, among: &[SocketAddr]| {
            let any = random.below(among.len() as u64) as usize;
            if service.spec().get("sessionAffinity").str() != "ClientIP" {
                return any;
            }
            let seconds = service.spec().at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]);
            let lasts = Duration::from_secs(seconds.as_int().unwrap_or(AFFINITY).max(0) as u64);
            let known = affinity.entry((service.uid().into(), origin.ip)).or_insert((among[any], now));
            let at = among.iter().position(|one| *one == known.0 && now < known.1 + lasts);
            let at = at.unwrap_or(any);
            *known = (among[at], now);
            at
        };
        let route = self.with_map(|map| map.route(&origin, packet.protocol, packet.to, &mut choose));
        self.fabric.random = random;
        self.fabric.affinity = affinity;
        self.fabric.recent.note(now, &origin, &packet, &route, attempt);
        let back = Far { space: from.clone(), socket: packet.socket };
        match route.fate {
            Fate::Arrives { space, to, from: seen, takes } => {
                let sender = SocketAddr::new(seen, packet.from.port());
                let arrival = match packet.payload {
                    None => Arrival::Connect { from: sender, to, back },
                    Some(payload) => {
                        let back = End::Far(back);
                        let datagram = Datagram { from: sender, asked: packet.to, back, payload };
                        Arrival::Datagram(packet.protocol, to, datagram)
                    }
                };
                self.fly(now + takes, space, arrival);
            }
            Fate::Fails(error, after) => {
                let segment = Segment::Failed(error);
                self.fly(now + after, from.clone(), Arrival::Segment(back.socket, segment));
            }
            Fate::Lost if packet.protocol != Protocol::Tcp => {}
            Fate::Lost if attempt > RETRIES => {
                let segment = Segment::Failed(NetError::TimedOut);
                self.fly(now, from.clone(), Arrival::Segment(back.socket, segment));
            }
            Fate::Lost => {
                let wait = Duration::from_secs(1 << attempt.saturating_sub(LINEAR_RETRIES));
                self.fly(now + wait, from.clone(), Arrival::Again(packet, attempt));
            }
        }
    }

    /// Brings what has arrived by now to where it belongs.
    pub(super) fn deliver_packets(&mut self) {
        let now = self.now();
        while let Some(entry) = self.fabric.flights.first_entry() {
            if entry.key().0 > now {
                let at = entry.key().0;
                return self.queue.push(at, Event::Network);
            }
            let (space, arrival) = entry.remove();
            self.arrive(space, arrival);
        }
    }

    fn arrive(&mut self, space: Space, arrival: Arrival) {
        let now = self.now();
        if let Arrival::Segment(socket, segment) = &arrival {
            self.fabric.recent.note_answer(now, &space, segment, *socket);
        }
        if space == Space::Host {
            // The learner's machine looks for itself.
            match arrival {
                Arrival::Again(packet, attempt) => self.dispatch(&space, packet, attempt + 1),
                other => self.fabric.host.push(other),
            }
            return;
        }
        if let Space::Outside(ip) = space {
            return self.arrive_outside(ip, arrival);
        }
        let (Space::Pod { node, .. } | Space::Node(node)) = &space else { return };
        let Some(kubelet) = self.kubelets.get_mut(node) else { return };
        let Some((net, uids)) = kubelet.namespace_mut(&space) else { return };
        if let Arrival::Again(packet, attempt) = arrival {
            if net.is_connecting(packet.socket) {
                self.dispatch(&space, packet, attempt + 1);
            }
            return;
        }
        let answer = arrival.come(net);
        for uid in uids {
            self.queue.push(now, Event::RunPod { node: node.clone(), uid });
        }
        if let Some((far, segment)) = answer {
            self.send_back(&space, far, segment);
        }
    }

    /// What comes to a machine outside. A few well-known ones are simulated: they answer echoes, and HTTP with a page
    /// that says so; name servers know the names outside. All others are silent.
    fn arrive_outside(&mut self, ip: IpAddr, arrival: Arrival) {
        let space = Space::Outside(ip);
        let server = ip == IpAddr::from(NODE_RESOLVER)
            || matches!(ip.to_string().as_str(), "8.8.8.8" | "8.8.4.4" | "1.1.1.1" | "1.0.0.1");
        let host = self.upstream().host_at(ip).map(str::to_string);
        match arrival {
            Arrival::Datagram(protocol, to, datagram) => {
                let End::Far(back) = datagram.back.clone() else { return };
                let payload = match &datagram.payload {
                    Payload::Query(query) if server && to.port() == 53 => {
                        let answer = self.upstream().ask(&query.question);
                        Payload::Answer(Arc::new(((**query).clone(), answer)))
                    }
                    Payload::Echo(number) if server || host.is_some() => Payload::Echo(*number),
                    _ if protocol == Protocol::Udp && host.is_some() => {
                        return self.send_back(&space, back, Segment::Failed(NetError::Refused));
                    }
                    _ => return,
                };
                let answer =
                    Datagram { from: datagram.asked, asked: datagram.from, back: datagram.back, payload };
                self.send_back(&space, back, Segment::Datagram(answer));
            }
            Arrival::Connect { to, back, .. } => match host {
                Some(_) if matches!(to.port(), 80 | 443) => {
                    self.fabric.visits += 1;
                    let socket = SocketId(self.fabric.visits);
                    self.fabric.visitors.insert(socket, back.clone());
                    self.send_back(&space, back, Segment::Established(End::Local(socket)));
                }
                Some(_) => self.send_back(&space, back, Segment::Failed(NetError::Refused)),
                // As where a firewall drops packets.
                None => {
                    let segment = Segment::Failed(NetError::TimedOut);
                    let at = self.now() + CONNECT_TIMEOUT;
                    self.fly(at, back.space, Arrival::Segment(back.socket, segment));
                }
            },
            Arrival::Segment(socket, Segment::Data(bytes)) => {
                let Some(back) = self.fabric.visitors.remove(&socket) else { return };
                let answer = outside::answer(&host.unwrap_or_default(), &bytes);
                self.send_back(&space, back.clone(), Segment::Data(answer.as_slice().into()));
                self.send_back(&space, back, Segment::End);
            }
            Arrival::Segment(socket, _) => drop(self.fabric.visitors.remove(&socket)),
            Arrival::Again(..) => {}
        }
    }

    fn upstream(&mut self) -> Arc<Upstream> {
        self.fabric.upstream.get_or_insert_with(|| Upstream::simulated().into()).clone()
    }

    /// The Pod behind a key, as a namespace.
    pub fn space_of(&self, key: &ObjectKey) -> Option<Space> {
        let pod = self.api.get(key)?;
        let node: Arc<str> = pod.spec().get("nodeName").str().into();
        let worker = self.kubelets.get(&node)?.worker(pod.uid())?;
        Some(if worker.uses_host_network() {
            Space::Node(node)
        } else {
            Space::Pod { node, uid: pod.uid().into() }
        })
    }
}
