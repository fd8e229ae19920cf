//! Where a packet goes: Services as kube-proxy sends them on, Pods, nodes, policies. A pure function of the cluster's
//! objects and of where its Pods are; connections go by it, and so does whoever explains them.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::Store;
use crate::base::Value;

use super::packet::{NetError, Protocol, Space};
use super::policy;

/// How long neighbours are asked for an address that nobody has.
const NEIGHBOUR_LOST: Duration = Duration::from_millis(3_050);
const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// What a cluster's network plugin does and does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plugin {
    /// Its name, for people.
    pub name: String,
    /// True where it enforces NetworkPolicies.
    pub policies: bool,
    /// True where the Pods of a node are on one bridge: an address there that nobody has is found missing after three
    /// seconds (`No route to host`). Elsewhere packets to it are lost.
    pub bridge: bool,
    /// True where the learner's machine reaches the addresses of nodes.
    pub nodes_from_host: bool,
    /// True where NodePorts and LoadBalancers of the cluster are ports of the learner's machine.
    pub ports_on_host: bool,
}

impl Plugin {
    /// The one that a profile describes; none where its name is missing.
    pub fn read(from: &Value) -> Option<Self> {
        Some(Self {
            name: from.get("name").as_str()?.to_owned(),
            policies: from.get("policies").bool(),
            bridge: from.get("bridge").bool(),
            nodes_from_host: from.get("nodes_from_host").bool(),
            ports_on_host: from.get("ports_on_host").bool(),
        })
    }
}

/// A node as the network sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAt {
    /// Its name.
    pub name: Arc<str>,
    /// Its address.
    pub ip: Ipv4Addr,
    /// False while it is switched off.
    pub running: bool,
    /// The addresses of its Pods: the first and the last.
    pub pods: (Ipv4Addr, Ipv4Addr),
}

/// Where a Pod is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodAt {
    /// Its node's name.
    pub node: Arc<str>,
    /// Its uid.
    pub uid: Arc<str>,
    /// Its key.
    pub key: ObjectKey,
}

/// All that the way of a packet depends on.
pub struct Map<'a> {
    /// The objects.
    pub store: &'a Store,
    /// The network plugin.
    pub plugin: &'a Plugin,
    /// True where the learner's machine reaches the addresses of Services.
    pub tunnel: bool,
    /// The nodes.
    pub nodes: Vec<NodeAt>,
    /// The pairs of nodes between which the network is cut, each in the order of their names.
    pub cuts: &'a BTreeSet<(Arc<str>, Arc<str>)>,
    /// The Pod that has an address, if one has it.
    pub pod_at: &'a dyn Fn(Ipv4Addr) -> Option<PodAt>,
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The namespace.
    pub space: Space,
    /// The node that it is on.
    pub node: Option<Arc<str>>,
    /// Its address.
    pub ip: IpAddr,
    /// The Pod, where it is one with an address of its own.
    pub pod: Option<ObjectKey>,
}

/// How a Service was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entrance {
    /// By its cluster IP.
    ClusterIp,
    /// By a port of a node.
    NodePort,
    /// By an external address.
    External,
}

/// Two nodes in the order of their names.
pub fn pair(one: &Arc<str>, other: &Arc<str>) -> (Arc<str>, Arc<str>) {
    if one <= other { (one.clone(), other.clone()) } else { (other.clone(), one.clone()) }
}

/// Something on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hop {
    /// The address is a Service's; its port's object.
    Service(ObjectKey, Entrance, Value),
    /// The address is a Service's, but it has no such port.
    NoSuchPort(ObjectKey),
    /// The address is of the range of Services, but no Service has it.
    NoSuchService,
    /// One of so many endpoints was taken.
    Endpoint(SocketAddr, usize),
    /// There are none that may be taken; true where there are some on other nodes.
    NoEndpoints(bool),
    /// The Pod with the address.
    Pod(PodAt),
    /// The node with the address.
    Node(Arc<str>),
    /// Nobody has the address.
    Nobody(IpAddr),
    /// The node that it is on does not run.
    NodeDown(Arc<str>),
    /// The network between the node it comes from and the one it goes to is cut.
    Cut(Arc<str>, Arc<str>),
    /// A port of a node leads to a Pod (`hostPort`).
    HostPort(ObjectKey),
    /// Policies let it through, or not: the policies of the Pod, in the direction.
    Policy(policy::Direction, ObjectKey, Vec<String>, bool),
    /// Outside the cluster.
    Outside,
    /// There is no way from the learner's machine to there.
    NotFromHost,
}

/// What becomes of a packet.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It comes to a namespace.
    Arrives {
        /// The namespace.
        space: Space,
        /// The address there.
        to: SocketAddr,
        /// Who seems to have sent it.
        from: IpAddr,
        /// How long it takes.
        takes: Duration,
    },
    /// Somebody says that it does not, after a while.
    Fails(NetError, Duration),
    /// Nobody ever says anything.
    Lost,
}

/// The way of a packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// What it met.
    pub hops: Vec<Hop>,
    /// What became of it.
    pub fate: Fate,
}

/// Chooses among endpoints: the Service, the port's name, and the candidates.
pub type Choose<'a> = dyn FnMut(&Object, &[SocketAddr]) -> usize + 'a;

/// The endpoints of a Service's port that take traffic, with their nodes: the ready ones, or where there are none,
/// those that still serve while they end.
pub fn endpoints<'s>(
    store: &'s Store,
    service: &Object,
    port: &Value,
    protocol: &str,
) -> Vec<(SocketAddr, &'s str)> {
    let (mut ready, mut ending) = (Vec::new(), Vec::new());
    listed(store, service, port, protocol, |to, endpoint| {
        let conditions = endpoint.get("conditions");
        if is_ready(endpoint) {
            ready.push((to, endpoint.get("nodeName").str()));
        } else if conditions.get("serving").bool() && conditions.get("terminating").bool() {
            ending.push((to, endpoint.get("nodeName").str()));
        }
    });
    if ready.is_empty() { ending } else { ready }
}

/// Tells each address that the slices of a Service list for its port, with the endpoint that it is of.
pub fn listed<'s>(
    store: &'s Store,
    service: &Object,
    port: &Value,
    protocol: &str,
    mut tell: impl FnMut(SocketAddr, &'s Value),
) {
    let slices = store.list_in(Kind::EndpointSlice, service.namespace());
    for slice in slices.filter(|slice| slice.labels().get(SERVICE_LABEL).str() == service.name()) {
        let ports = slice.get("ports").items().iter();
        let number = ports
            .filter(|listed| listed.get("protocol").as_str().unwrap_or("TCP") == protocol)
            .find(|listed| listed.get("name").str() == port.get("name").str())
            .and_then(|listed| u16::try_from(listed.get("port").int()).ok());
        let Some(number) = number else { continue };
        for endpoint in slice.get("endpoints").items() {
            for ip in endpoint.get("addresses").items().iter().filter_map(|ip| ip.str().parse().ok()) {
                tell(SocketAddr::new(ip, number), endpoint);
            }
        }
    }
}

/// True for an endpoint that takes connections, as one does of which nothing is said.
pub fn is_ready(endpoint: &Value) -> bool {
    endpoint.at(&["conditions", "ready"]).as_bool().unwrap_or(true)
}

impl Map<'_> {
    fn node(&self, name: &str) -> Option<&NodeAt> {
        self.nodes.iter().find(|node| *node.name == *name)
    }

    /// The way of a packet to an address.
    pub fn route(&self, from: &Origin, protocol: Protocol, to: SocketAddr, choose: &mut Choose<'_>) -> Route {
        let mut hops = Vec::new();
        let fate = self.follow(from, protocol, to, choose, &mut hops);
        Route { hops, fate }
    }

    fn follow(
        &self,
        from: &Origin,
        protocol: Protocol,
        to: SocketAddr,
        choose: &mut Choose<'_>,
        hops: &mut Vec<Hop>,
    ) -> Fate {
        let IpAddr::V4(ip) = to.ip() else {
            let own = to.ip().is_loopback();
            let why = if own { NetError::Refused } else { NetError::NetworkUnreachable };
            return Fate::Fails(why, Duration::ZERO);
        };
        let from_host = from.space == Space::Host;
        // What is a port of the learner's machine there is one of the first node here.
        let at_host = from_host && ip.is_loopback();
        // A node's own loopback has its NodePorts and hostPorts too (`--iptables-localhost-nodeports`).
        let at_own = match &from.space {
            Space::Node(own) if ip.is_loopback() => Some(own),
            _ => None,
        };
        let node = match at_own {
            Some(own) => self.node(own),
            None if at_host && self.plugin.ports_on_host => self.nodes.first(),
            None => self.nodes.iter().find(|node| node.ip == ip),
        };
        if from_host && node.is_some() && !(at_host || self.plugin.nodes_from_host) {
            hops.push(Hop::NotFromHost);
            return Fate::Lost;
        }
        // kube-proxy knows connections and datagrams; an echo to the address of a Service meets nobody.
        if protocol != Protocol::Icmp
            && let Some((service, entrance, port)) =
                self.service(ip, node, at_host, protocol, to.port(), hops)
        {
            if from_host && !self.tunnel && entrance == Entrance::ClusterIp {
                hops.clear();
                hops.push(Hop::NotFromHost);
                return Fate::Lost;
            }
            return self.through(from, service, entrance, port, protocol, node, choose, hops);
        }
        if matches!(hops.last(), Some(Hop::NoSuchPort(_))) {
            return Fate::Lost;
        }
        let open = |own: &Arc<str>| self.host_port(own, protocol, to.port()).is_some();
        if at_host || at_own.is_some_and(|own| !open(own)) {
            return Fate::Fails(NetError::Refused, Duration::from_micros(60));
        }
        if let Some(node) = node {
            if let Some(fate) = self.silent(from, node, hops) {
                return fate;
            }
            if let Some((pod, port)) = self.host_port(&node.name, protocol, to.port()) {
                hops.push(Hop::HostPort(pod.key()));
                let ip = pod.status().get("podIP").str().parse().unwrap_or(ip);
                // The CNI plugin portmap hides only who could not be answered otherwise: the Pod itself.
                let source = if from.ip == IpAddr::from(ip) { node.ip.into() } else { from.ip };
                return self.to_pod(from, ip, protocol, port, source, hops);
            }
            hops.push(Hop::Node(node.name.clone()));
            let space = Space::Node(node.name.clone());
            let takes = self.takes(from, Some(&node.name));
            return Fate::Arrives {
                space,
                to: SocketAddr::new(node.ip.into(), to.port()),
                from: from.ip,
                takes,
            };
        }
        if from_host && (self.pod_range(ip).is_some() || is_service_range(ip)) {
            hops.push(Hop::NotFromHost);
            return Fate::Lost;
        }
        if (self.pod_at)(ip).is_some() || self.pod_range(ip).is_some() {
            return self.to_pod(from, ip, protocol, to.port(), from.ip, hops);
        }
        if is_service_range(ip) {
            hops.push(Hop::NoSuchService);
            return Fate::Lost;
        }
        if let Some(fate) = self.leaves(from, ip, protocol, to.port(), hops) {
            return fate;
        }
        hops.push(Hop::Outside);
        Fate::Arrives { space: Space::Outside(ip.into()), to, from: from.ip, takes: Duration::from_millis(6) }
    }

    fn pod_range(&self, ip: Ipv4Addr) -> Option<&NodeAt> {
        self.nodes.iter().find(|node| node.pods.0 <= ip && ip <= node.pods.1)
    }

    fn takes(&self, from: &Origin, node: Option<&Arc<str>>) -> Duration {
        let micros = match (&from.space, &from.node, node) {
            (Space::Host, ..) => 300,
            (_, Some(a), Some(b)) if a == b => 40,
            _ => 180,
        };
        Duration::from_micros(micros)
    }

    /// The Service that an address and port lead to, with its port.
    fn service(
        &self,
        ip: Ipv4Addr,
        node: Option<&NodeAt>,
        at_host: bool,
        protocol: Protocol,
        port: u16,
        hops: &mut Vec<Hop>,
    ) -> Option<(&Object, Entrance, &Value)> {
        let text = ip.to_string();
        for service in self.store.list(Kind::Service) {
            let spec = service.spec();
            let entrance = if spec.get("clusterIP").str() == text {
                Entrance::ClusterIp
            } else if spec.get("externalIPs").items().iter().any(|ip| ip.str() == text)
                || service.status().at(&["loadBalancer", "ingress"]).items().iter().any(|ingress| {
                    ingress.get("ip").str() == text || at_host && ingress.get("hostname").str() == "localhost"
                })
            {
                Entrance::External
            } else {
                Entrance::NodePort
            };
            let field = if entrance == Entrance::NodePort { "nodePort" } else { "port" };
            let same = |listed: &&Value| {
                let known = listed.get("protocol").as_str().unwrap_or("TCP");
                known == protocol.name()
            };
            let of = |field: &str| {
                spec.get("ports")
                    .items()
                    .iter()
                    .filter(same)
                    .find(|listed| port != 0 && listed.get(field).int() == i64::from(port))
            };
            let found = if entrance == Entrance::NodePort && node.is_none() { None } else { of(field) };
            match (found, entrance) {
                (Some(found), _) => {
                    hops.push(Hop::Service(service.key(), entrance, found.clone()));
                    return Some((service, entrance, found));
                }
                (None, Entrance::ClusterIp) => {
                    hops.push(Hop::NoSuchPort(service.key()));
                    return None;
                }
                (None, Entrance::External) if node.is_some() => {
                    if let Some(found) = of("nodePort") {
                        hops.push(Hop::Service(service.key(), Entrance::NodePort, found.clone()));
                        return Some((service, Entrance::NodePort, found));
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// On to one of a Service's endpoints.
    /// What becomes of a packet to a node that does not answer: nobody has its address on the network.
    fn silent(&self, from: &Origin, node: &NodeAt, hops: &mut Vec<Hop>) -> Option<Fate> {
        hops.push(match &from.node {
            _ if !node.running => Hop::NodeDown(node.name.clone()),
            Some(own) if self.cuts.contains(&pair(own, &node.name)) => {
                Hop::Cut(own.clone(), node.name.clone())
            }
            _ => return None,
        });
        Some(Fate::Fails(NetError::HostUnreachable, NEIGHBOUR_LOST))
    }

    #[allow(clippy::too_many_arguments, reason = "what kube-proxy goes by")]
    fn through(
        &self,
        from: &Origin,
        service: &Object,
        entrance: Entrance,
        port: &Value,
        protocol: Protocol,
        node: Option<&NodeAt>,
        choose: &mut Choose<'_>,
        hops: &mut Vec<Hop>,
    ) -> Fate {
        if let Some(fate) = node.and_then(|node| self.silent(from, node, hops)) {
            return fate;
        }
        // The node on which kube-proxy sees the packet first.
        let here = match entrance {
            Entrance::ClusterIp => from.node.clone(),
            _ => node.map(|node| node.name.clone()).or_else(|| from.node.clone()),
        };
        let field = if entrance == Entrance::ClusterIp || from.space != Space::Host && node.is_none() {
            "internalTrafficPolicy"
        } else {
            "externalTrafficPolicy"
        };
        let local = service.spec().get(field).str() == "Local";
        let all = self.endpoints(service, port, protocol);
        let usable: Vec<SocketAddr> = all
            .iter()
            .filter(|(_, node)| !local || here.as_deref() == Some(*node))
            .map(|(endpoint, _)| *endpoint)
            .collect();
        if usable.is_empty() {
            hops.push(Hop::NoEndpoints(!all.is_empty()));
            return if all.is_empty() {
                Fate::Fails(NetError::Refused, Duration::from_micros(80))
            } else {
                Fate::Lost
            };
        }
        let endpoint = usable[choose(service, &usable).min(usable.len() - 1)];
        hops.push(Hop::Endpoint(endpoint, usable.len()));
        // What comes by a node's port, or from a node, gets the node's address on its way, except under
        // `externalTrafficPolicy: Local`.
        let seen = match (entrance, here.as_deref().and_then(|name| self.node(name))) {
            (Entrance::ClusterIp, _) if from.ip != endpoint.ip() => from.ip,
            (_, Some(_)) if local => from.ip,
            (_, Some(node)) => node.ip.into(),
            _ => from.ip,
        };
        let IpAddr::V4(ip) = endpoint.ip() else {
            return Fate::Fails(NetError::NetworkUnreachable, Duration::ZERO);
        };
        self.to_pod(from, ip, protocol, endpoint.port(), seen, hops)
    }

    /// [`endpoints`]
    pub fn endpoints<'s>(
        &'s self,
        service: &'s Object,
        port: &Value,
        protocol: Protocol,
    ) -> Vec<(SocketAddr, &'s str)> {
        endpoints(self.store, service, port, protocol.name())
    }

    /// The Pod of a node that has taken one of the node's ports, and its own port.
    fn host_port(&self, node: &str, protocol: Protocol, port: u16) -> Option<(&Object, u16)> {
        self.store.pods_on(node).find_map(|pod| {
            if pod.spec().get("hostNetwork").bool() || pod.status().get("podIP").is_empty() {
                return None;
            }
            let containers = pod.spec().get("containers").items().iter();
            let mut ports = containers.flat_map(|container| container.get("ports").items());
            let found = ports.find(|listed| {
                port != 0
                    && listed.get("hostPort").int() == i64::from(port)
                    && listed.get("protocol").as_str().unwrap_or("TCP") == protocol.name()
            })?;
            Some((pod, u16::try_from(found.get("containerPort").int()).ok()?))
        })
    }

    fn to_pod(
        &self,
        from: &Origin,
        ip: Ipv4Addr,
        protocol: Protocol,
        port: u16,
        seen: IpAddr,
        hops: &mut Vec<Hop>,
    ) -> Fate {
        if let Some(node) = self.nodes.iter().find(|node| node.ip == ip) {
            // A Pod with `hostNetwork`.
            if let Some(fate) = self.leaves(from, ip, protocol, port, hops) {
                return fate;
            }
            if let Some(fate) = self.silent(from, node, hops) {
                return fate;
            }
            hops.push(Hop::Node(node.name.clone()));
            let (space, takes) = (Space::Node(node.name.clone()), self.takes(from, Some(&node.name)));
            return Fate::Arrives { space, to: SocketAddr::new(ip.into(), port), from: seen, takes };
        }
        let pod = (self.pod_at)(ip);
        let node = pod.as_ref().and_then(|pod| self.node(&pod.node)).or_else(|| self.pod_range(ip));
        if let Some(fate) = self.leaves(from, ip, protocol, port, hops) {
            return fate;
        }
        let own_node = node.is_some_and(|node| from.node.as_ref() == Some(&node.name));
        if let Some(fate) = node.and_then(|node| self.silent(from, node, hops)) {
            return fate;
        }
        let Some(pod) = pod else {
            hops.push(Hop::Nobody(ip.into()));
            return if self.plugin.bridge {
                let more = if own_node { Duration::ZERO } else { Duration::from_millis(20) };
                Fate::Fails(NetError::HostUnreachable, NEIGHBOUR_LOST + more)
            } else {
                Fate::Lost
            };
        };
        hops.push(Hop::Pod(pod.clone()));
        if self.plugin.policies && from.pod.as_ref() != Some(&pod.key) {
            // A node always reaches its own Pods: its kubelet probes them.
            let exempt = from.pod.is_none() && own_node;
            if !exempt
                && !self.judge(
                    policy::Direction::Ingress,
                    &pod.key,
                    from.pod.as_ref(),
                    seen,
                    &pod.key,
                    protocol,
                    port,
                    hops,
                )
            {
                return Fate::Lost;
            }
        }
        let takes = self.takes(from, Some(&pod.node));
        let space = Space::Pod { node: pod.node, uid: pod.uid };
        Fate::Arrives { space, to: SocketAddr::new(ip.into(), port), from: seen, takes }
    }

    /// What the policies of the sender's own Pod say; none where they let it go.
    fn leaves(
        &self,
        from: &Origin,
        to: Ipv4Addr,
        protocol: Protocol,
        port: u16,
        hops: &mut Vec<Hop>,
    ) -> Option<Fate> {
        let own = from.pod.as_ref().filter(|_| self.plugin.policies && from.ip != IpAddr::V4(to))?;
        let other = (self.pod_at)(to).map(|pod| pod.key);
        let holder = other.as_ref().unwrap_or(own);
        let allowed = self.judge(
            policy::Direction::Egress,
            own,
            other.as_ref(),
            to.into(),
            holder,
            protocol,
            port,
            hops,
        );
        (!allowed).then_some(Fate::Lost)
    }

    #[allow(clippy::too_many_arguments, reason = "what policies go by")]
    fn judge(
        &self,
        direction: policy::Direction,
        own: &ObjectKey,
        other: Option<&ObjectKey>,
        ip: IpAddr,
        holder: &ObjectKey,
        protocol: Protocol,
        port: u16,
        hops: &mut Vec<Hop>,
    ) -> bool {
        let Some(pod) = self.store.get(own) else { return true };
        let peer = policy::Peer { pod: other.and_then(|key| self.store.get(key)), ip };
        let named = self.store.get(holder);
        let (policies, allowed) = policy::judge(self.store, direction, pod, &peer, named, protocol, port);
        if !policies.is_empty() {
            hops.push(Hop::Policy(direction, own.clone(), policies, allowed));
        }
        allowed
    }
}

/// The range of cluster IPs that every profile has.
fn is_service_range(ip: Ipv4Addr) -> bool {
    u32::from(ip) >> 20 == u32::from(Ipv4Addr::new(10, 96, 0, 0)) >> 20
}
