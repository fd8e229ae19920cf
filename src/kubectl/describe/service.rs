//! Services.

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, joined, labels_text, or_none, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, service: &Object) {
    let spec = service.spec();
    page.head(service);
    page.field(0, "Selector", labels_text(spec.get("selector")));
    page.field(0, "Type", spec.get("type").str());
    if !spec.get("ipFamilyPolicy").is_null() {
        page.field(0, "IP Family Policy", spec.get("ipFamilyPolicy").str());
    }
    page.field(0, "IP Families", or_none(joined(spec.get("ipFamilies"), ",")));
    page.field(0, "IP", spec.get("clusterIP").str());
    page.field(0, "IPs", or_none(joined(spec.get("clusterIPs"), ",")));
    if !spec.get("externalIPs").is_empty() {
        page.field(0, "External IPs", joined(spec.get("externalIPs"), ","));
    }
    if !spec.get("loadBalancerIP").str().is_empty() {
        page.field(0, "Desired LoadBalancer IP", spec.get("loadBalancerIP").str());
    }
    if !spec.get("externalName").str().is_empty() {
        page.field(0, "External Name", spec.get("externalName").str());
    }
    let ingress = service.status().at(&["loadBalancer", "ingress"]);
    if !ingress.is_empty() {
        let text = |point: &Value| match (point.get("ip").str(), point.get("ipMode").str()) {
            ("", _) => point.get("hostname").str().to_string(),
            (ip, "") => ip.to_string(),
            (ip, mode) => format!("{ip} ({mode})"),
        };
        page.field(
            0,
            "LoadBalancer Ingress",
            ingress.items().iter().map(text).collect::<Vec<_>>().join(", "),
        );
    }
    for port in spec.get("ports").items() {
        let name = match port.get("name").str() {
            "" => "<unset>",
            name => name,
        };
        let protocol = port.get("protocol").str();
        page.field(0, "Port", format_args!("{name}\t{}/{protocol}", port.get("port").int()));
        page.field(0, "TargetPort", format_args!("{}/{protocol}", plain(port.get("targetPort"))));
        if port.get("nodePort").int() != 0 {
            page.field(0, "NodePort", format_args!("{name}\t{}/{protocol}", port.get("nodePort").int()));
        }
        page.field(
            0,
            "Endpoints",
            endpoints(session, service.namespace(), service.name(), port.get("name").str()),
        );
    }
    page.field(0, "Session Affinity", spec.get("sessionAffinity").str());
    for (name, field) in [
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
    ] {
        if !spec.get(field).str().is_empty() {
            page.field(0, name, spec.get(field).str());
        }
    }
    if spec.get("healthCheckNodePort").int() != 0 {
        page.field(0, "HealthCheck NodePort", spec.get("healthCheckNodePort").int());
    }
    if !spec.get("trafficDistribution").str().is_empty() {
        page.field(0, "Traffic Distribution", spec.get("trafficDistribution").str());
    }
    if !spec.get("loadBalancerSourceRanges").is_empty() {
        page.field(0, "LoadBalancer Source Ranges", joined(spec.get("loadBalancerSourceRanges"), ","));
    }
    page.events(session, service);
}

/// The ready addresses behind a port of a Service, three of them by name.
pub(super) fn endpoints(session: &Session<'_>, namespace: &str, service: &str, port_name: &str) -> String {
    let mut found: Vec<String> = Vec::new();
    let mut slices = 0;
    for slice in session.api.store().list_in(Kind::EndpointSlice, namespace) {
        if slice.labels().get("kubernetes.io/service-name").str() != service {
            continue;
        }
        slices += 1;
        let ports = slice.get("ports").items();
        let port = ports.iter().find(|port| port.get("name").str() == port_name);
        let Some(port) = port.filter(|port| !port.get("port").is_null()) else { continue };
        for endpoint in slice.get("endpoints").items() {
            let ready = endpoint.at(&["conditions", "ready"]);
            if ready.is_null() || ready.bool() {
                let addresses = endpoint.get("addresses").items().iter();
                found
                    .extend(addresses.map(|address| format!("{}:{}", address.str(), port.get("port").int())));
            }
        }
    }
    let more = found.len().saturating_sub(3);
    match found.len() {
        0 if slices == 0 => String::new(),
        0..=3 => found.join(","),
        _ => format!("{} + {more} more...", found[..3].join(",")),
    }
}
