//! The table of Services.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::resources::printing::{UNKNOWN, age, join, labels, load_balancer, or_none};

pub(super) fn row(service: &Object, now: Date) -> Vec<String> {
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
