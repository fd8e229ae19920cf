//! Ingress.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};
use crate::value;

use super::path::Path;
use super::printing::{NONE, age, join, load_balancer, or};
use super::{Generation, Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    fresh_status: |_| value!({"loadBalancer": {}}),
    generation: Generation::Spec,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
    },
    warn: |ingress, _, warnings| {
        const CLASS: &str = "kubernetes.io/ingress.class";
        let annotation = ingress.at(&["metadata", "annotations", CLASS]);
        if !annotation.is_null() && ingress.at(&["spec", "ingressClassName"]).is_null() {
            let instead = "please use 'spec.ingressClassName' instead";
            warnings.push(format!("annotation \"{CLASS}\" is deprecated, {instead}"));
        }
    },
    columns: headings!["NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"],
    row,
    ..Rules::PLAIN
};

fn validate(ingress: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(ingress, true, formats::dns_subdomain, causes);
    validate_spec(ingress.get("spec"), causes);
    const CLASS: &str = "kubernetes.io/ingress.class";
    let (annotation, class) =
        (ingress.at(&["metadata", "annotations", CLASS]), ingress.at(&["spec", "ingressClassName"]));
    if !annotation.is_null() && !class.is_null() && annotation != class {
        let path = Path::root("annotations");
        causes.push(
            path.field(CLASS).invalid(annotation, "must match `ingressClassName` when both are specified"),
        );
    }
}

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    let (rules, backend) = (spec.get("rules"), spec.get("defaultBackend"));
    if rules.is_empty() && backend.is_null() {
        causes.push(SPEC.invalid(rules, "either `defaultBackend` or `rules` must be specified"));
    }
    if !backend.is_null() {
        validate_backend(backend, &SPEC.field("defaultBackend"), causes);
    }
    for (at, rule) in rules.items().iter().enumerate() {
        let rules = SPEC.field("rules");
        let path = rules.index(at);
        let host = rule.get("host").str();
        if !host.is_empty() {
            let path = path.field("host");
            if formats::parse_ip(host).is_some() {
                causes.push(path.invalid(host, "must be a DNS name, not an IP address"));
            }
            path.check(host, host_check(host), causes);
        }
        validate_paths(rule.get("http"), &path.field("http"), causes);
    }
    for (at, tls) in spec.get("tls").items().iter().enumerate() {
        let list = SPEC.field("tls");
        let path = list.index(at);
        for (at, host) in tls.get("hosts").items().iter().enumerate() {
            path.field("hosts").index(at).check(host.str(), host_check(host.str()), causes);
        }
        let secret = tls.get("secretName").str();
        if !secret.is_empty() {
            path.field("secretName").check(secret, formats::dns_subdomain, causes);
        }
    }
    if let Some(class) = spec.get("ingressClassName").as_str() {
        SPEC.field("ingressClassName").check(class, formats::dns_subdomain, causes);
    }
}

fn host_check(host: &str) -> metadata::NameCheck {
    if host.contains('*') { formats::wildcard_dns_subdomain } else { formats::dns_subdomain }
}

fn validate_paths(http: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if http.is_null() {
        return;
    }
    let list = path.field("paths");
    if http.get("paths").items().is_empty() {
        causes.push(list.required());
    }
    for (at, of) in http.get("paths").items().iter().enumerate() {
        let path = list.index(at);
        let text = of.get("path").str();
        let field = path.field("path");
        match of.get("pathType").as_str() {
            None => {
                causes.push(path.field("pathType").required_because("pathType must be specified"));
                continue;
            }
            Some("Exact" | "Prefix") => {
                if !text.starts_with('/') {
                    causes.push(field.invalid(text, "must be an absolute path"));
                }
                for bad in ["//", "/./", "/../", "%2f", "%2F"].iter().filter(|bad| text.contains(**bad)) {
                    causes.push(field.invalid(text, format_args!("must not contain '{bad}'")));
                }
                for bad in ["/..", "/."].iter().filter(|bad| text.ends_with(**bad)) {
                    causes.push(field.invalid(text, format_args!("cannot end with '{bad}'")));
                }
            }
            Some("ImplementationSpecific") => {
                if !text.is_empty() && !text.starts_with('/') {
                    causes.push(field.invalid(text, "must be an absolute path"));
                }
            }
            Some(other) => {
                let supported = ["Exact", "ImplementationSpecific", "Prefix"];
                causes.push(path.field("pathType").unsupported(other, &supported));
            }
        }
        validate_backend(of.get("backend"), &path.field("backend"), causes);
    }
}

fn validate_backend(backend: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let (resource, service) = (backend.get("resource"), backend.get("service"));
    if !resource.is_null() && !service.is_null() {
        causes.push(path.invalid("", "cannot set both resource and service backends"));
        return;
    }
    if !resource.is_null() {
        validate_reference(resource, &path.field("resource"), causes);
        return;
    }
    if service.is_null() {
        causes.push(path.invalid("", "resource or service backend is required"));
        return;
    }
    let of_service = path.field("service");
    match service.get("name").str() {
        "" => causes.push(of_service.field("name").required()),
        name => of_service.field("name").check(name, formats::dns_label, causes),
    }
    let port = of_service.field("port");
    match (service.at(&["port", "name"]).str(), service.at(&["port", "number"]).int()) {
        ("", 0) => causes.push(path.required_because("port name or number is required")),
        ("", number) => {
            causes
                .extend(formats::port_number(number).iter().map(|m| port.field("number").invalid(number, m)));
        }
        (name, 0) => port.field("name").check(name, formats::port_name, causes),
        _ => causes.push(path.invalid("", "cannot set both port name & port number")),
    }
}

/// A reference to an object of some kind in the same place; also that of an IngressClass to its parameters.
pub fn validate_reference(reference: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if let Some(group) = reference.get("apiGroup").as_str() {
        path.field("apiGroup").check(group, formats::dns_subdomain, causes);
    }
    for field in ["kind", "name"] {
        match reference.get(field).str() {
            "" => causes.push(path.field(field).required()),
            text => path.field(field).check(text, formats::path_segment, causes),
        }
    }
}

fn row(ingress: &Object, now: Date) -> Vec<String> {
    let spec = ingress.spec();
    let hosts: Vec<&str> = spec
        .get("rules")
        .items()
        .iter()
        .map(|rule| rule.get("host").str())
        .filter(|host| !host.is_empty())
        .collect();
    let hosts = match hosts.len() {
        0 => "*".into(),
        1..=3 => join(&hosts),
        count => format!("{} + {} more...", join(&hosts[..3]), count - 3),
    };
    vec![
        ingress.name().into(),
        or(spec.get("ingressClassName"), NONE),
        hosts,
        load_balancer(ingress.status()),
        if spec.get("tls").items().is_empty() { "80" } else { "80, 443" }.into(),
        age(ingress, now),
    ]
}
