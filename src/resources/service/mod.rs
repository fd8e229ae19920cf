//! Service.

mod printing;
mod update;
mod validation;

use crate::base::Value;
use crate::value;

use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"loadBalancer": {}}),
    create: |service| {
        let spec = service.entry("spec");
        let address = spec.get("clusterIP").clone();
        if !address.str().is_empty() && spec.get("clusterIPs").is_empty() {
            spec.set("clusterIPs", vec![address]);
        }
        set_ip_families(service);
    },
    update: |new, old| {
        update::keep_allocated(new.entry("spec"), old.get("spec"));
        set_ip_families(new);
    },
    validate: validation::validate,
    validate_update: validation::validate_update,
    warn: validation::warn,
    columns: headings!["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"; "SELECTOR"],
    row: printing::row,
    ..Rules::PLAIN
};

fn set_defaults(service: &mut Value) {
    let spec = service.entry("spec");
    spec.set_default("sessionAffinity", "None");
    match spec.get("sessionAffinity").str() {
        "None" => {
            spec.remove("sessionAffinityConfig");
        }
        "ClientIP" => {
            let seconds = ["sessionAffinityConfig", "clientIP", "timeoutSeconds"];
            if spec.at(&seconds).is_null() {
                spec.set_at(&seconds, 10_800);
            }
        }
        _ => {}
    }
    spec.set_default("type", "ClusterIP");
    if !spec.get("ports").items().is_empty() {
        for port in spec.entry("ports").items_mut() {
            port.set_default("protocol", "TCP");
            if port.get("targetPort").is_empty() {
                port.set("targetPort", port.get("port").clone());
            }
        }
    }
    let kind = spec.get("type").str().to_string();
    let is_open = matches!(&*kind, "NodePort" | "LoadBalancer");
    if is_open || (kind == "ClusterIP" && !spec.get("externalIPs").is_empty()) {
        spec.set_default("externalTrafficPolicy", "Cluster");
    }
    if is_open || kind == "ClusterIP" {
        spec.set_default("internalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        spec.set_default("allocateLoadBalancerNodePorts", true);
    }
}

/// The families of a single-stack IPv4 cluster (registry/core/service/storage).
fn set_ip_families(service: &mut Value) {
    let spec = service.entry("spec");
    if spec.get("type").str() == "ExternalName" {
        return;
    }
    let headless_without_selector = spec.get("clusterIP").str() == "None" && spec.get("selector").is_empty();
    if headless_without_selector && spec.get("ipFamilyPolicy").is_null() {
        spec.set("ipFamilyPolicy", "RequireDualStack");
        if spec.get("ipFamilies").is_empty() {
            spec.set("ipFamilies", value!(["IPv4", "IPv6"]));
        }
    }
    spec.set_default("ipFamilyPolicy", "SingleStack");
    if spec.get("ipFamilies").is_empty() {
        spec.set("ipFamilies", value!(["IPv4"]));
    }
}
