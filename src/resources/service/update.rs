//! What an updated Service keeps of what was allocated to it (registry/core/service).

use crate::base::Value;
use crate::resources::keep;

fn has_cluster_ip(spec: &Value) -> bool {
    matches!(spec.get("type").str(), "ClusterIP" | "NodePort" | "LoadBalancer")
}

fn has_node_ports(spec: &Value) -> bool {
    match spec.get("type").str() {
        "NodePort" => true,
        "LoadBalancer" => spec.get("allocateLoadBalancerNodePorts").as_bool() != Some(false),
        _ => false,
    }
}

/// Addresses and ports that the update does not mention stay; those that the new type has no use for go.
pub(super) fn keep_allocated(spec: &mut Value, old: &Value) {
    let same_addresses = spec.get("clusterIPs").is_empty() || spec.get("clusterIPs") == old.get("clusterIPs");
    if spec.get("clusterIP") != old.get("clusterIP") && same_addresses {
        match spec.get("clusterIP").clone() {
            address if address.str().is_empty() => drop(spec.remove("clusterIPs")),
            address => spec.set("clusterIPs", vec![address]),
        }
    }
    if has_cluster_ip(spec) && has_cluster_ip(old) {
        if spec.get("clusterIP").str().is_empty() {
            keep(spec, old, "clusterIP");
        }
        if spec.get("clusterIPs").is_empty() && spec.get("clusterIP") == old.get("clusterIP") {
            keep(spec, old, "clusterIPs");
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] {
            if spec.get(field).is_empty() {
                keep(spec, old, field);
            }
        }
    }
    if has_node_ports(spec) && has_node_ports(old) {
        keep_node_ports(spec, old);
    }
    drop_unused(spec, old);
}

/// By the names of the ports, whatever else of them changed (`patchAllocatedValues`).
fn keep_node_ports(spec: &mut Value, old: &Value) {
    let taken: Vec<i64> = spec.get("ports").items().iter().map(|port| port.get("nodePort").int()).collect();
    for at in 0..spec.get("ports").items().len() {
        let port = &spec.get("ports").items()[at];
        if port.get("nodePort").int() != 0 {
            continue;
        }
        let same = |was: &&Value| was.get("name").str() == port.get("name").str();
        let was = old.get("ports").items().iter().rfind(same).map_or(0, |was| was.get("nodePort").int());
        if was != 0 && !taken.contains(&was) {
            spec.entry("ports").items_mut()[at].set("nodePort", was);
        }
    }
}

/// Fields of the old type that the user did not touch.
fn drop_unused(spec: &mut Value, old: &Value) {
    if has_cluster_ip(old) && !has_cluster_ip(spec) {
        if spec.get("clusterIPs") == old.get("clusterIPs") {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] {
            if spec.get(field) == old.get(field) {
                spec.remove(field);
            }
        }
    }
    let node_port = |port: &Value| port.get("nodePort").int();
    let is_known = |port: &Value| {
        node_port(port) == 0 || old.get("ports").items().iter().any(|was| node_port(was) == node_port(port))
    };
    // Ports may have come and gone as long as there is no new node port.
    if has_node_ports(old) && !has_node_ports(spec) && spec.get("ports").items().iter().all(is_known) {
        for port in spec.entry("ports").items_mut() {
            port.remove("nodePort");
        }
    }
    let is_balanced = |spec: &Value| spec.get("type").str() == "LoadBalancer";
    if is_balanced(old) && !is_balanced(spec) {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if spec.get(field) == old.get(field) {
                spec.remove(field);
            }
        }
    }
    let is_checked = |spec: &Value| is_balanced(spec) && spec.get("externalTrafficPolicy").str() == "Local";
    let port = "healthCheckNodePort";
    if is_checked(old) && !is_checked(spec) && spec.get(port) == old.get(port) {
        spec.remove(port);
    }
    let is_open = |spec: &Value| {
        matches!(spec.get("type").str(), "NodePort" | "LoadBalancer") || !spec.get("externalIPs").is_empty()
    };
    if is_open(old) && !is_open(spec) && spec.get("externalTrafficPolicy") == old.get("externalTrafficPolicy")
    {
        spec.remove("externalTrafficPolicy");
    }
}
