//! What NetworkPolicies allow.

use std::net::{IpAddr, Ipv4Addr};

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::Store;
use crate::base::Value;

use super::packet::Protocol;

/// Which way a packet goes, seen from the Pod that a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To it.
    Ingress,
    /// From it.
    Egress,
}

impl Direction {
    /// As `policyTypes` has it.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "Ingress",
            Direction::Egress => "Egress",
        }
    }
}

/// The other side.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a> {
    /// The Pod, where it is one.
    pub pod: Option<&'a Object>,
    /// Its address.
    pub ip: IpAddr,
}

/// The policies that are for a Pod in a direction, and whether one of them allows a packet; without any all is allowed.
/// `holder` is the Pod whose ports named ports are.
pub fn judge(
    store: &Store,
    direction: Direction,
    pod: &Object,
    peer: &Peer<'_>,
    holder: Option<&Object>,
    protocol: Protocol,
    port: u16,
) -> (Vec<String>, bool) {
    let (mut names, mut allowed) = (Vec::new(), false);
    let (field, peers) = match direction {
        Direction::Ingress => ("ingress", "from"),
        Direction::Egress => ("egress", "to"),
    };
    for policy in store.list_in(Kind::NetworkPolicy, pod.namespace()) {
        let spec = policy.spec();
        let types = spec.get("policyTypes").items();
        let for_direction = if types.is_empty() {
            direction == Direction::Ingress || !spec.get("egress").is_empty()
        } else {
            types.iter().any(|kind| kind.str() == direction.name())
        };
        if !for_direction || !Selector::from_label_selector(spec.get("podSelector")).matches(pod.labels()) {
            continue;
        }
        names.push(policy.name().to_string());
        allowed |= spec.get(field).items().iter().any(|rule| {
            let (from, ports) = (rule.get(peers).items(), rule.get("ports").items());
            (from.is_empty() || from.iter().any(|one| is_peer(store, policy.namespace(), one, peer)))
                && (ports.is_empty() || ports.iter().any(|one| is_port(one, holder, protocol, port)))
        });
    }
    let allowed = allowed || names.is_empty();
    (names, allowed)
}

fn is_peer(store: &Store, namespace: &str, rule: &Value, peer: &Peer<'_>) -> bool {
    let block = rule.get("ipBlock");
    if !block.is_null() {
        let within = |cidr: &Value| contains(cidr.str(), peer.ip);
        return within(block.get("cidr")) && !block.get("except").items().iter().any(within);
    }
    let Some(pod) = peer.pod else { return false };
    let (pods, namespaces) = (rule.get("podSelector"), rule.get("namespaceSelector"));
    let right_namespace = if namespaces.is_null() {
        pod.namespace() == namespace
    } else {
        let key = ObjectKey::new(Kind::Namespace, "", pod.namespace());
        let selector = Selector::from_label_selector(namespaces);
        store.get(&key).is_some_and(|namespace| selector.matches(namespace.labels()))
    };
    right_namespace && (pods.is_null() || Selector::from_label_selector(pods).matches(pod.labels()))
}

fn is_port(rule: &Value, holder: Option<&Object>, protocol: Protocol, port: u16) -> bool {
    if rule.get("protocol").as_str().unwrap_or("TCP") != protocol.name() {
        return false;
    }
    let port = i64::from(port);
    match rule.get("port") {
        Value::Null => true,
        Value::Int(first) => {
            let last = rule.get("endPort").as_int().unwrap_or(*first);
            (*first..=last).contains(&port)
        }
        name => holder.is_some_and(|pod| {
            let containers = pod.spec().get("containers").items().iter();
            containers
                .flat_map(|container| container.get("ports").items())
                .any(|listed| listed.get("name") == name && listed.get("containerPort").int() == port)
        }),
    }
}

/// True for an address of a block (`10.0.0.0/8`).
pub(crate) fn contains(cidr: &str, ip: IpAddr) -> bool {
    let (Some((network, length)), IpAddr::V4(ip)) = (cidr.split_once('/'), ip) else { return false };
    let (Ok(network), Ok(length)) = (network.parse::<Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    length == 0 || (u32::from(network) ^ u32::from(ip)) >> (32 - length.min(32)) == 0
}
