//! Service.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::printing::{UNKNOWN, age, join, labels, load_balancer, or_none};
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"loadBalancer": {}}),
    create: set_ip_families,
    update: |new, _| set_ip_families(new),
    columns: headings!["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"; "SELECTOR"],
    row,
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

fn row(service: &Object, now: Date) -> Vec<String> {
    let spec = service.spec();
    let kind = spec.get("type").str();
    let cluster_ip = match spec.get("clusterIPs").items().first() {
        Some(ip) => ip.str(),
        None => spec.get("clusterIP").str(),
    };
    let ports = join(spec.get("ports").items().iter().map(|port| {
        let (number, protocol) = (port.get("port").int(), port.get("protocol").str());
        match port.get("nodePort").int() {
            0 => format!("{number}/{protocol}"),
            node_port => format!("{number}:{node_port}/{protocol}"),
        }
    }));
    vec![
        service.name().into(),
        kind.into(),
        or_none(cluster_ip),
        external_ip(service),
        or_none(&ports),
        age(service, now),
        labels(spec.get("selector")),
    ]
}

fn external_ip(service: &Object) -> String {
    let external = join(service.spec().get("externalIPs").items().iter().map(Value::str));
    match service.spec().get("type").str() {
        "ClusterIP" | "NodePort" => or_none(&external),
        "LoadBalancer" => match (load_balancer(service.status()), external) {
            (ours, theirs) if ours.is_empty() && theirs.is_empty() => "<pending>".into(),
            (ours, theirs) => join([ours, theirs].into_iter().filter(|text| !text.is_empty())),
        },
        "ExternalName" => service.spec().get("externalName").str().into(),
        _ => UNKNOWN.into(),
    }
}
