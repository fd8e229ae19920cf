//! NodePorts, and the port that answers whether a node has a Pod of a Service. Nothing is booked apart from the Services
//! themselves, so that one which is gone has given back what it had.

use std::collections::BTreeSet;

use crate::api::{Cause, Kind, Object, Status};
use crate::base::Value;

use super::refuse;
use crate::apiserver::ApiServer;

/// Gives the ports of a Service of such a type the node ports that they ask for or lack. A dry run names the first of the range
/// (Kubernetes portallocator, `dryRunPortAllocator`).
// No part of the page's first program.
#[inline(never)]
pub(super) fn allocate(
    api: &mut ApiServer,
    object: &mut Object,
    old: Option<&Object>,
    dry_run: bool,
) -> Result<(), Status> {
    allocate_node_ports(api, object, old, dry_run)?;
    allocate_health_port(api, object, old);
    Ok(())
}

fn allocate_node_ports(
    api: &mut ApiServer,
    object: &mut Object,
    old: Option<&Object>,
    dry_run: bool,
) -> Result<(), Status> {
    if object.spec().get("allocateLoadBalancerNodePorts") == &Value::Bool(false) {
        return Ok(());
    }
    let had: Vec<i64> = old.map(|old| node_ports(old).collect()).unwrap_or_default();
    let mut taken = taken_node_ports(api, object.uid());
    let (low, high) = api.settings.node_ports;
    let mut ports = object.spec().get("ports").items().to_vec();
    for (at, port) in ports.iter_mut().enumerate() {
        let path = || format!("spec.ports[{at}].nodePort");
        match port.get("nodePort").int() {
            0 => {
                let free = if dry_run { low.into() } else { free_node_port(api, &taken) };
                taken.insert(free);
                port.set("nodePort", free);
            }
            wanted if had.contains(&wanted) => {}
            wanted if !(i64::from(low)..=i64::from(high)).contains(&wanted) => {
                let why = format!(
                    "provided port is not in the valid range. The range of valid ports is {low}-{high}"
                );
                return Err(refuse(object, Cause::invalid(path(), wanted, &why)));
            }
            wanted if taken.contains(&wanted) && !dry_run => {
                let why = "provided port is already allocated";
                return Err(refuse(object, Cause::invalid(path(), wanted, why)));
            }
            wanted => drop(taken.insert(wanted)),
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
