//! Ingresses.

use crate::api::{Kind, Object, ObjectKey};
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, joined, or_none, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, ingress: &Object) {
    let spec = ingress.spec();
    page.field(0, "Name", ingress.name());
    page.labels(0, "Labels", ingress.labels());
    page.field(0, "Namespace", ingress.namespace());
    let address = |point: &Value| match point.get("ip").str() {
        "" => point.get("hostname").str().to_string(),
        ip => ip.to_string(),
    };
    let points = ingress.status().at(&["loadBalancer", "ingress"]).items();
    page.field(0, "Address", points.iter().map(address).collect::<Vec<_>>().join(","));
    page.field(0, "Ingress Class", or_none(spec.get("ingressClassName").str()));
    let default = spec.get("defaultBackend");
    let text = if default.is_null() { "<default>".into() } else { backend(session, ingress, default) };
    page.field(0, "Default backend", text);
    if !spec.get("tls").is_empty() {
        page.line(0, "TLS:");
        for tls in spec.get("tls").items() {
            let hosts = joined(tls.get("hosts"), ",");
            match tls.get("secretName").str() {
                "" => page.line(1, format_args!("SNI routes {hosts}")),
                secret => page.line(1, format_args!("{secret} terminates {hosts}")),
            }
        }
    }
    page.line(0, "Rules:");
    page.line(1, "Host\tPath\tBackends");
    page.line(1, "----\t----\t--------");
    let mut rules = 0;
    for rule in spec.get("rules").items().iter().filter(|rule| !rule.get("http").is_null()) {
        rules += 1;
        let host = match rule.get("host").str() {
            "" => "*",
            host => host,
        };
        page.line(1, format_args!("{host}\t"));
        for path in rule.at(&["http", "paths"]).items() {
            let to = backend(session, ingress, path.get("backend"));
            page.line(1, format_args!("\t{} \t{to}", path.get("path").str()));
        }
    }
    if rules == 0 {
        let to = if default.is_null() { "<default>".into() } else { backend(session, ingress, default) };
        page.line(1, format_args!("*\t*\t{to}"));
    }
    page.annotations(0, ingress.meta("annotations"));
    page.events(session, ingress);
}

fn backend(session: &Session<'_>, ingress: &Object, backend: &Value) -> String {
    let (service, resource) = (backend.get("service"), backend.get("resource"));
    if service.is_null() {
        if resource.is_null() {
            return String::new();
        }
        return format!(
            "APIGroup: {}, Kind: {}, Name: {}",
            or_none(resource.get("apiGroup").str()),
            resource.get("kind").str(),
            resource.get("name").str()
        );
    }
    let (name, port) = (service.get("name").str(), service.get("port"));
    let port_text = match port.get("name").str() {
        "" => plain(port.get("number")),
        name => name.into(),
    };
    let key = ObjectKey::new(Kind::Service, ingress.namespace(), name);
    let behind = match session.api.get(&key) {
        None => format!("<error: services \"{name}\" not found>"),
        Some(found) => {
            let port_name = found.spec().get("ports").items().iter().find_map(|candidate| {
                let same = match port.get("name").str() {
                    "" => candidate.get("port") == port.get("number"),
                    name => candidate.get("name").str() == name,
                };
                same.then(|| candidate.get("name").str().to_string())
            });
            port_name.map_or_else(String::new, |port| {
                super::service::endpoints(session, ingress.namespace(), name, &port)
            })
        }
    };
    format!("{name}:{port_text} ({behind})")
}
