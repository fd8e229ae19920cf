//! Cluster IPs and NodePorts. Nothing is booked apart from the Services themselves, so that a Service which is gone
//! has given back what it had.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::api::{Cause, Kind, Object, Status};
use crate::base::Value;

use super::ApiServer;

/// Gives a Service what it asks for or lacks; what an `old` one had it keeps.
///
/// # Errors
/// `Invalid` where a wanted address or port is taken or out of range.
pub(super) fn allocate(api: &mut ApiServer, object: &mut Object, old: Option<&Object>) -> Result<(), Status> {
    if object.kind != Kind::Service {
        return Ok(());
    }
    allocate_cluster_ip(api, object, old)?;
    allocate_node_ports(api, object, old)?;
    allocate_health_port(api, object, old);
    Ok(())
}

fn refuse(object: &Object, cause: Cause) -> Status {
    Status::invalid(object.kind, object.name(), vec![cause])
}

fn allocate_cluster_ip(api: &mut ApiServer, object: &mut Object, old: Option<&Object>) -> Result<(), Status> {
    if object.spec().get("type").str() == "ExternalName" {
        return Ok(());
    }
    check_ip_families(object)?;
    let had = old.map(|old| old.spec().get("clusterIP").str()).unwrap_or_default();
    let wanted = object.spec().get("clusterIP").str().to_string();
    let ip = match wanted.as_str() {
        "" if !had.is_empty() => had.to_string(),
        "" => free_cluster_ip(api).to_string(),
        "None" => wanted,
        _ if wanted == had => wanted,
        _ => check_cluster_ip(api, object, &wanted)?,
    };
    object.set_at(&["spec", "clusterIP"], ip.as_str());
    object.set_at(&["spec", "clusterIPs"], Value::from(vec![ip]));
    object.entry("spec").set_default("ipFamilies", Value::from(vec!["IPv4"]));
    object.entry("spec").set_default("ipFamilyPolicy", "SingleStack");
    Ok(())
}

/// Refuses what a single-stack cluster cannot give (registry/core/service/storage/alloc.go); what has neither an address
/// nor a selector needs nothing of it.
fn check_ip_families(object: &Object) -> Result<(), Status> {
    let spec = object.spec();
    if spec.get("clusterIP").str() == "None" && spec.get("selector").is_empty() {
        return Ok(());
    }
    let refused = |field: String, value: &str, why: &str| {
        Err(refuse(object, Cause::invalid(field, format_args!("{value:?}"), why)))
    };
    for (at, family) in spec.get("ipFamilies").items().iter().enumerate() {
        if family.str() != "IPv4" {
            return refused(format!("spec.ipFamilies[{at}]"), family.str(), "not configured on this cluster");
        }
    }
    if spec.get("ipFamilyPolicy").str() == "RequireDualStack" {
        let why = "this cluster is not configured for dual-stack services";
        return refused("spec.ipFamilyPolicy".into(), "RequireDualStack", why);
    }
    Ok(())
}

fn taken_cluster_ips(api: &ApiServer) -> BTreeSet<Ipv4Addr> {
    let services = api.store().list(Kind::Service);
    services.filter_map(|service| service.spec().get("clusterIP").str().parse().ok()).collect()
}

fn check_cluster_ip(api: &ApiServer, object: &Object, wanted: &str) -> Result<String, Status> {
    let (first, prefix) = api.settings.service_range;
    let refused =
        |why: String| Err(refuse(object, Cause::invalid("spec.clusterIPs", format!("[\"{wanted}\"]"), &why)));
    let Ok(ip) = wanted.parse::<Ipv4Addr>() else { return Ok(wanted.into()) };
    // One allocator a range: none has an address outside of all (Kubernetes ipallocator/cidrallocator.go).
    if (u32::from(ip) ^ u32::from(first)) >> (32 - prefix) != 0 {
        return refused(format!(
            "failed to allocate IP {wanted}: the provided network does not match the current range"
        ));
    }
    let last = u32::from(first) | (u32::MAX >> prefix);
    if ip == first || u32::from(ip) == last {
        let range = format!("{first}/{prefix}");
        return refused(format!(
            "failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {range}"
        ));
    }
    if taken_cluster_ips(api).contains(&ip) {
        return refused(format!("failed to allocate IP {wanted}: provided IP is already allocated"));
    }
    Ok(wanted.into())
}

/// A random address of the upper part of the range: the lower one, a sixteenth but at most 256, is kept for
/// addresses that people choose (KEP-3070).
fn free_cluster_ip(api: &mut ApiServer) -> Ipv4Addr {
    let taken = taken_cluster_ips(api);
    let (first, prefix) = api.settings.service_range;
    let size = 1u64 << (32 - prefix);
    let reserved = (size / 16).clamp(16, 256);
    loop {
        let ip = Ipv4Addr::from(u32::from(first) + api.random.between(reserved, size - 2) as u32);
        if !taken.contains(&ip) {
            return ip;
        }
    }
}

fn allocate_node_ports(api: &mut ApiServer, object: &mut Object, old: Option<&Object>) -> Result<(), Status> {
    let kind = object.spec().get("type").str();
    if !matches!(kind, "NodePort" | "LoadBalancer")
        || object.spec().get("allocateLoadBalancerNodePorts") == &Value::Bool(false)
    {
        return Ok(());
    }
    let mut taken = taken_node_ports(api, object.uid());
    let (low, high) = api.settings.node_ports;
    let mut ports = object.spec().get("ports").items().to_vec();
    for (at, port) in ports.iter_mut().enumerate() {
        let had = old.and_then(|old| {
            let same = |was: &&Value| {
                was.get("port") == port.get("port") && was.get("protocol") == port.get("protocol")
            };
            old.spec().get("ports").items().iter().find(same)?.get("nodePort").as_int()
        });
        let path = || format!("spec.ports[{at}].nodePort");
        match port.get("nodePort").as_int().filter(|n| *n != 0) {
            Some(wanted) if Some(wanted) == had => {}
            Some(wanted) if !(i64::from(low)..=i64::from(high)).contains(&wanted) => {
                let why = format!(
                    "provided port is not in the valid range. The range of valid ports is {low}-{high}"
                );
                return Err(refuse(object, Cause::invalid(path(), wanted, &why)));
            }
            Some(wanted) if taken.contains(&wanted) => {
                return Err(refuse(
                    object,
                    Cause::invalid(path(), wanted, "provided port is already allocated"),
                ));
            }
            Some(wanted) => drop(taken.insert(wanted)),
            None => {
                let free = had.unwrap_or_else(|| free_node_port(api, &taken));
                taken.insert(free);
                port.set("nodePort", free);
            }
        }
    }
    object.set_at(&["spec", "ports"], ports);
    Ok(())
}

/// The port on which nodes tell a load balancer whether they have a Pod of the Service (`allocHealthCheckNodePort`).
fn allocate_health_port(api: &mut ApiServer, object: &mut Object, old: Option<&Object>) {
    let needs = |spec: &Value| {
        spec.get("type").str() == "LoadBalancer" && spec.get("externalTrafficPolicy").str() == "Local"
    };
    if !needs(object.spec()) || object.spec().get("healthCheckNodePort").int() != 0 {
        return;
    }
    let had = old.map_or(0, |old| old.spec().get("healthCheckNodePort").int());
    let port = match had {
        0 => {
            let mut taken = taken_node_ports(api, object.uid());
            taken.extend(node_ports(object));
            free_node_port(api, &taken)
        }
        had => had,
    };
    object.set_at(&["spec", "healthCheckNodePort"], port);
}

fn node_ports(service: &Object) -> impl Iterator<Item = i64> {
    let spec = service.spec();
    let ports = spec.get("ports").items().iter().filter_map(|port| port.get("nodePort").as_int());
    ports.chain(spec.get("healthCheckNodePort").as_int())
}

/// The node ports of all other Services.
fn taken_node_ports(api: &ApiServer, own: &str) -> BTreeSet<i64> {
    api.store().list(Kind::Service).filter(|service| service.uid() != own).flat_map(node_ports).collect()
}

fn free_node_port(api: &mut ApiServer, taken: &BTreeSet<i64>) -> i64 {
    let (low, high) = api.settings.node_ports;
    loop {
        let port = api.random.between(low.into(), high.into()) as i64;
        if !taken.contains(&port) {
            return port;
        }
    }
}
