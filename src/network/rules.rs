//! The rules of the kernel's packet filter that kube-proxy makes of Services (Kubernetes proxier.go, syncProxyRules),
//! as `iptables-save` and `iptables -L` write them. Packets do not go by them here, but by [`super::route`], which does
//! the same.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::api::{Kind, Object};
use crate::apiserver::Store;
use crate::base::Value;
use crate::base::sha256::sha256;

use super::route::endpoints;
use super::services;

const SERVICES: &str = "KUBE-SERVICES";
const EXTERNAL: &str = "KUBE-EXTERNAL-SERVICES";
const NODE_PORTS: &str = "KUBE-NODEPORTS";
const MASQUERADE: &str = "KUBE-MARK-MASQ";
/// What is written for any address.
const ANY: &str = "0.0.0.0/0";

/// A part of a rule, as it is saved and as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `-m tcp --dport 80`
    pub saved: String,
    /// `tcp dpt:80`
    pub listed: String,
}

/// A rule of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Where it is for, a `!` before it where it is for all others: `10.244.0.0/16`, or any.
    pub source: Option<String>,
    /// Where to.
    pub destination: Option<String>,
    /// `tcp`, or any.
    pub protocol: Option<&'static str>,
    /// What else must hold.
    pub matches: Vec<Part>,
    /// What is done.
    pub target: String,
    /// How, if more is to be said.
    pub how: Option<Part>,
}

/// A table: its chains with their rules, the kernel's own with what they end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// `nat`
    pub name: &'static str,
    /// The kernel's own chains, in the order of packets.
    pub own: &'static [&'static str],
    /// All chains.
    pub chains: BTreeMap<String, Vec<Rule>>,
}

fn part(saved: impl Into<String>, listed: impl Into<String>) -> Part {
    Part { saved: saved.into(), listed: listed.into() }
}

fn states(saved: &str, listed: &str) -> Part {
    part(format!("-m conntrack {saved}"), listed)
}

fn local(side: &str) -> Part {
    part(format!("-m addrtype --{side}-type LOCAL"), format!("ADDRTYPE match {side}-type LOCAL"))
}

/// The name of the port as people see it.
type Name<'a> = &'a dyn Fn(u16) -> String;

impl Rule {
    fn to(target: &str) -> Self {
        Self { target: target.to_owned(), ..Self::default() }
    }

    fn when(mut self, part: Part) -> Self {
        self.matches.push(part);
        self
    }

    fn note(self, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        self.when(part(format!("-m comment --comment \"{text}\""), format!("/* {text} */")))
    }

    fn from(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    fn at(mut self, ip: &str) -> Self {
        self.destination = Some(ip.to_owned());
        self
    }

    fn port(self, protocol: &'static str, port: u16, name: Name<'_>) -> Self {
        let part = part(format!("-m {protocol} --dport {port}"), format!("{protocol} dpt:{}", name(port)));
        Self { protocol: Some(protocol), ..self.when(part) }
    }

    fn how(mut self, saved: impl Into<String>, listed: impl Into<String>) -> Self {
        self.how = Some(part(saved, listed));
        self
    }

    /// As `iptables-save` writes it.
    pub fn saved(&self, chain: &str) -> String {
        let mut words = vec![format!("-A {chain}")];
        for (option, address) in [("-s", &self.source), ("-d", &self.destination)] {
            let Some(address) = address else { continue };
            let (not, address) = address.strip_prefix('!').map_or(("", &**address), |rest| ("! ", rest));
            let mask = if address.contains('/') { "" } else { "/32" };
            words.push(format!("{not}{option} {address}{mask}"));
        }
        words.extend(self.protocol.map(|protocol| format!("-p {protocol}")));
        words.extend(self.matches.iter().map(|part| part.saved.clone()));
        words.push(format!("-j {}", self.target));
        words.extend(self.how.iter().map(|part| part.saved.clone()));
        words.join(" ")
    }

    /// As `iptables -L` writes it, with counters where it is to tell all: packets are not counted here.
    pub fn listed(&self, numeric: bool, verbose: bool) -> String {
        let any = if numeric { ANY } else { "anywhere" };
        let device = if numeric { "*" } else { "any" };
        let address = |address: &Option<String>| match address {
            Some(address) if address.starts_with('!') => address.clone(),
            Some(address) => format!(" {address}"),
            None => format!(" {any}"),
        };
        let protocol = match self.protocol {
            Some("tcp") if numeric => "6",
            Some("udp") if numeric => "17",
            Some("sctp") if numeric => "132",
            None if numeric => "0",
            protocol => protocol.unwrap_or("all"),
        };
        let (source, destination) = (address(&self.source), address(&self.destination));
        let counters = if verbose { "    0     0 " } else { "" };
        let devices = if verbose { format!(" {device:<6} {device:<6} ") } else { String::new() };
        let mut line = format!("{counters}{:<9}  {protocol:<5}-- {devices}", self.target);
        line += &format!("{source:<20} {destination:<20} ");
        for part in self.matches.iter().chain(&self.how).filter(|part| !part.listed.is_empty()) {
            line += " ";
            line += &part.listed;
        }
        line
    }
}

/// The name of a chain: what it is of, hashed (Kubernetes proxier.go, portProtoHash).
fn chain(prefix: &str, of: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // Sixteen letters of base 32 are ten bytes.
    let sum = sha256(of.as_bytes())[..10].iter().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
    let letters = (0..16).map(|at| char::from(LETTERS[(sum >> (75 - 5 * at) & 31) as usize]));
    letters.fold(prefix.to_owned(), |name, letter| name + letter.encode_utf8(&mut [0; 4]))
}

/// A Service's port.
struct Port<'a> {
    service: &'a Object,
    name: String,
    protocol: &'static str,
    number: u16,
    node_port: u16,
    endpoints: Vec<(SocketAddr, &'a str)>,
}

impl<'a> Port<'a> {
    fn read(store: &'a Store, service: &'a Object, port: &Value) -> Self {
        let listed = port.get("protocol").as_str().unwrap_or("TCP");
        let number = |field| u16::try_from(port.get(field).int()).unwrap_or_default();
        let name = match port.get("name").str() {
            "" => String::new(),
            name => format!(":{name}"),
        };
        Self {
            service,
            name: format!("{}/{}{name}", service.namespace(), service.name()),
            protocol: match listed {
                "UDP" => "udp",
                "SCTP" => "sctp",
                _ => "tcp",
            },
            number: number("port"),
            node_port: number("nodePort"),
            endpoints: endpoints(store, service, port, listed),
        }
    }

    fn chain(&self, kind: &str) -> String {
        chain(kind, &format!("{}{}", self.name, self.protocol))
    }

    fn endpoint_chain(&self, endpoint: SocketAddr) -> String {
        chain("KUBE-SEP-", &format!("{}{}{endpoint}", self.name, self.protocol))
    }

    /// What it is reached by from outside: addresses, with what they are.
    fn outside(&self) -> Vec<(String, &'static str)> {
        let external = self.service.spec().get("externalIPs").items().iter();
        let external = external.map(|ip| (ip.str().to_owned(), "external IP"));
        let ingress = self.service.status().at(&["loadBalancer", "ingress"]).items().iter();
        let ingress = ingress.map(|ingress| (ingress.get("ip").str().to_owned(), "loadbalancer IP"));
        external.chain(ingress.filter(|(ip, _)| !ip.is_empty())).collect()
    }
}

/// The tables of a node.
pub fn tables(store: &Store, node: &str, numeric: bool) -> Vec<Table> {
    let name = |port: u16| match services::name_of(port).filter(|_| !numeric) {
        Some(name) => name.to_owned(),
        None => port.to_string(),
    };
    let mut rules = Rules { node, pods: pods(store), name: &name, filter: filter(), nat: nat() };
    for service in store.list(Kind::Service) {
        let spec = service.spec();
        if matches!(spec.get("clusterIP").str(), "" | "None") || spec.get("type").str() == "ExternalName" {
            continue;
        }
        for port in spec.get("ports").items() {
            rules.add(&Port::read(store, service, port));
        }
    }
    let last = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";
    rules.put_nat(SERVICES, Rule::to(NODE_PORTS).note(last).when(local("dst")));
    let mangle = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"].as_slice();
    let canaries = ["KUBE-KUBELET-CANARY", "KUBE-PROXY-CANARY"].as_slice();
    vec![table("mangle", mangle, canaries), rules.filter, rules.nat]
}

/// The addresses of all Pods: those of the first node's, and its neighbours'.
fn pods(store: &Store) -> String {
    let node = store.list(Kind::Node).next();
    let own = node.map(|node| node.spec().get("podCIDR").str().to_owned()).unwrap_or_default();
    let mut bytes = own.split('.');
    match (bytes.next(), bytes.next()) {
        (Some(first), Some(second)) => format!("{first}.{second}.0.0/16"),
        _ => own,
    }
}

fn table(name: &'static str, own: &'static [&'static str], more: &[&str]) -> Table {
    let chains = own.iter().chain(more).map(|chain| ((*chain).to_owned(), Vec::new())).collect();
    Table { name, own, chains }
}

impl Table {
    fn put(&mut self, chain: &str, rule: Rule) {
        self.chains.entry(chain.to_owned()).or_default().push(rule);
    }
}

/// The table that lets packets through, without Services.
fn filter() -> Table {
    let more = [
        EXTERNAL,
        "KUBE-FIREWALL",
        "KUBE-FORWARD",
        "KUBE-KUBELET-CANARY",
        NODE_PORTS,
        "KUBE-PROXY-CANARY",
        "KUBE-PROXY-FIREWALL",
        SERVICES,
    ];
    let mut table = table("filter", &["INPUT", "FORWARD", "OUTPUT"], &more);
    let new = || states("--ctstate NEW", "ctstate NEW");
    let firewall = || Rule::to("KUBE-PROXY-FIREWALL").when(new()).note("kubernetes load balancer firewall");
    let external = || Rule::to(EXTERNAL).when(new()).note("kubernetes externally-visible service portals");
    let portals = || Rule::to(SERVICES).when(new()).note("kubernetes service portals");
    table.put("INPUT", firewall());
    table.put("INPUT", Rule::to(NODE_PORTS).note("kubernetes health check service ports"));
    table.put("INPUT", external());
    table.put("INPUT", Rule::to("KUBE-FIREWALL"));
    table.put("FORWARD", firewall());
    table.put("FORWARD", Rule::to("KUBE-FORWARD").note("kubernetes forwarding rules"));
    table.put("FORWARD", portals());
    table.put("FORWARD", external());
    table.put("OUTPUT", firewall());
    table.put("OUTPUT", portals());
    table.put("OUTPUT", Rule::to("KUBE-FIREWALL"));
    let known = states("! --ctstate RELATED,ESTABLISHED,DNAT", "! ctstate RELATED,ESTABLISHED,DNAT");
    let block = Rule::to("DROP").from("!127.0.0.0/8").at("127.0.0.0/8");
    table.put("KUBE-FIREWALL", block.note("block incoming localnet connections").when(known));
    table.put("KUBE-FORWARD", Rule::to("DROP").when(states("--ctstate INVALID", "ctstate INVALID")));
    let mark = part("-m mark --mark 0x4000/0x4000", "mark match 0x4000/0x4000");
    table.put("KUBE-FORWARD", Rule::to("ACCEPT").note("kubernetes forwarding rules").when(mark));
    let known = states("--ctstate RELATED,ESTABLISHED", "ctstate RELATED,ESTABLISHED");
    table.put("KUBE-FORWARD", Rule::to("ACCEPT").note("kubernetes forwarding conntrack rule").when(known));
    table
}

/// The table that changes addresses, without Services.
fn nat() -> Table {
    let more =
        ["KUBE-KUBELET-CANARY", MASQUERADE, NODE_PORTS, "KUBE-POSTROUTING", "KUBE-PROXY-CANARY", SERVICES];
    let mut table = table("nat", &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"], &more);
    for chain in ["PREROUTING", "OUTPUT"] {
        table.put(chain, Rule::to(SERVICES).note("kubernetes service portals"));
    }
    table.put("POSTROUTING", Rule::to("KUBE-POSTROUTING").note("kubernetes postrouting rules"));
    table.put(MASQUERADE, Rule::to("MARK").how("--set-xmark 0x4000/0x4000", "MARK or 0x4000"));
    let unmarked = part("-m mark ! --mark 0x4000/0x4000", "mark match ! 0x4000/0x4000");
    table.put("KUBE-POSTROUTING", Rule::to("RETURN").when(unmarked));
    table.put("KUBE-POSTROUTING", Rule::to("MARK").how("--set-xmark 0x4000/0x0", "MARK xor 0x4000"));
    let last = Rule::to("MASQUERADE").note("kubernetes service traffic requiring SNAT");
    table.put("KUBE-POSTROUTING", last.how("--random-fully", "random-fully"));
    table
}

/// The tables in the making.
struct Rules<'a> {
    node: &'a str,
    pods: String,
    name: Name<'a>,
    filter: Table,
    nat: Table,
}

impl Rules<'_> {
    fn put_nat(&mut self, chain: &str, rule: Rule) {
        self.nat.put(chain, rule);
    }

    fn add(&mut self, port: &Port<'_>) {
        let spec = port.service.spec();
        let (name, protocol, number) = (&port.name, port.protocol, port.number);
        let ip = spec.get("clusterIP").str().to_owned();
        if port.endpoints.is_empty() {
            return self.reject(port, &ip);
        }
        let is_local = |field: &str| spec.get(field).str() == "Local";
        let (inside_local, outside_local) =
            (is_local("internalTrafficPolicy"), is_local("externalTrafficPolicy"));
        let (all, own, outside) = (port.chain("KUBE-SVC-"), port.chain("KUBE-SVL-"), port.chain("KUBE-EXT-"));
        let inside = if inside_local { &own } else { &all };
        let note = format!("{name} cluster IP");
        let at = Rule::to(inside).at(&ip).note(&note).port(protocol, number, self.name);
        self.put_nat(SERVICES, at);
        let addresses = port.outside();
        let is_outside = !addresses.is_empty() || port.node_port != 0;
        for (ip, what) in addresses {
            let at = Rule::to(&outside).at(&ip).note(format!("{name} {what}"));
            self.put_nat(SERVICES, at.port(protocol, number, self.name));
        }
        if port.node_port != 0 {
            let at = Rule::to(&outside).note(name).port(protocol, port.node_port, self.name);
            self.put_nat(NODE_PORTS, at);
        }
        if is_outside {
            self.add_outside(name, &outside, if outside_local { &own } else { &all }, &all);
        }
        for (chain, is_used) in [(&all, !inside_local || is_outside), (&own, inside_local || outside_local)] {
            if !is_used {
                continue;
            }
            let others = Rule::to(MASQUERADE).from(format!("!{}", self.pods)).at(&ip);
            self.put_nat(chain, others.note(&note).port(protocol, number, self.name));
            let here = |(_, node): &&(SocketAddr, &str)| chain == &all || *node == self.node;
            let endpoints: Vec<SocketAddr> =
                port.endpoints.iter().filter(here).map(|(endpoint, _)| *endpoint).collect();
            self.balance(port, chain, &endpoints);
        }
        for (endpoint, _) in &port.endpoints {
            self.add_endpoint(port, *endpoint);
        }
    }

    /// What comes from outside the cluster.
    fn add_outside(&mut self, name: &str, chain: &str, to: &str, all: &str) {
        let whose = format!("{name} external destinations");
        if to == all {
            self.put_nat(chain, Rule::to(MASQUERADE).note(format!("masquerade traffic for {whose}")));
        } else {
            let from_pods = Rule::to(all).from(&*self.pods).note(format!("pod traffic for {whose}"));
            self.put_nat(chain, from_pods);
            let masked = Rule::to(MASQUERADE).note(format!("masquerade LOCAL traffic for {whose}"));
            self.put_nat(chain, masked.when(local("src")));
            let routed = Rule::to(all).note(format!("route LOCAL traffic for {whose}"));
            self.put_nat(chain, routed.when(local("src")));
        }
        self.put_nat(chain, Rule::to(to));
    }

    /// One endpoint of several, each as likely as the others.
    fn balance(&mut self, port: &Port<'_>, chain: &str, endpoints: &[SocketAddr]) {
        let sticky = port.service.spec().get("sessionAffinity").str() == "ClientIP";
        let seconds = port.service.spec().at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]).int();
        let note = |endpoint: &SocketAddr| format!("{} -> {endpoint}", port.name);
        for endpoint in endpoints.iter().filter(|_| sticky) {
            let to = port.endpoint_chain(*endpoint);
            let seen = part(
                format!(
                    "-m recent --rcheck --seconds {seconds} --reap --name {to} --mask 255.255.255.255 --rsource"
                ),
                format!(
                    "recent: CHECK seconds: {seconds} reap name: {to} side: source mask: 255.255.255.255"
                ),
            );
            self.put_nat(chain, Rule::to(&to).note(note(endpoint)).when(seen));
        }
        for (at, endpoint) in endpoints.iter().enumerate() {
            let mut rule = Rule::to(&port.endpoint_chain(*endpoint)).note(note(endpoint));
            let left = endpoints.len() - at;
            if left > 1 {
                // The kernel keeps it in units of 2^-31.
                let unit = 2_147_483_648.0_f64;
                let share = format!("{:.11}", (unit / left as f64).round() / unit);
                rule = rule.when(part(
                    format!("-m statistic --mode random --probability {share}"),
                    format!("statistic mode random probability {share}"),
                ));
            }
            self.put_nat(chain, rule);
        }
        if endpoints.is_empty() {
            let rule = Rule::to("DROP").note(format!("{} has no local endpoints", port.name));
            self.put_nat(chain, rule);
        }
    }

    fn add_endpoint(&mut self, port: &Port<'_>, endpoint: SocketAddr) {
        let chain = port.endpoint_chain(endpoint);
        let own = Rule::to(MASQUERADE).from(endpoint.ip().to_string()).note(&port.name);
        self.put_nat(&chain, own);
        let mut rule = Rule::to("DNAT").note(&port.name);
        rule.protocol = Some(port.protocol);
        if port.service.spec().get("sessionAffinity").str() == "ClientIP" {
            rule = rule.when(part(
                format!("-m recent --set --name {chain} --mask 255.255.255.255 --rsource"),
                format!("recent: SET name: {chain} side: source mask: 255.255.255.255"),
            ));
        }
        rule = rule.when(part(format!("-m {}", port.protocol), port.protocol));
        self.put_nat(&chain, rule.how(format!("--to-destination {endpoint}"), format!("to:{endpoint}")));
    }

    /// A Service without endpoints refuses.
    fn reject(&mut self, port: &Port<'_>, ip: &str) {
        let note = format!("{} has no endpoints", port.name);
        let refuse = || {
            let how = ("--reject-with icmp-port-unreachable", "reject-with icmp-port-unreachable");
            Rule::to("REJECT").note(&note).how(how.0, how.1)
        };
        let (protocol, number) = (port.protocol, port.number);
        self.filter.put(SERVICES, refuse().at(ip).port(protocol, number, self.name));
        for (ip, _) in port.outside() {
            self.filter.put(EXTERNAL, refuse().at(&ip).port(protocol, number, self.name));
        }
        if port.node_port != 0 {
            let rule = refuse().when(local("dst")).port(protocol, port.node_port, self.name);
            self.filter.put(EXTERNAL, rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chains of clusters that many people have looked at.
    #[test]
    fn published_names() {
        assert_eq!(chain("KUBE-SVC-", "default/kubernetes:httpstcp"), "KUBE-SVC-NPX46M4PTMTKRN6Y");
        assert_eq!(chain("KUBE-SVC-", "kube-system/kube-dns:dnsudp"), "KUBE-SVC-TCOU7JCQXEZGVUNU");
        assert_eq!(chain("KUBE-SVC-", "kube-system/kube-dns:dns-tcptcp"), "KUBE-SVC-ERIFXISQEP7F7OF4");
        assert_eq!(chain("KUBE-SVC-", "kube-system/kube-dns:metricstcp"), "KUBE-SVC-JD5MR3NA4I4DYORP");
        let endpoint = chain("KUBE-SEP-", "kube-system/kube-dns:dnsudp10.244.0.3:53");
        assert_eq!(endpoint, "KUBE-SEP-6E7XQMQ4RAYOWTTM");
    }
}
