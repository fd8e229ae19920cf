//! EndpointSlice.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::{UNSET, age, join};
use super::{Generation, Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    generation: Generation::ContentAndLabels,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
        let field = "addressType";
        Path::root(field).check_unchanged(new.get(field), old.get(field), causes);
    },
    columns: headings!["NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"],
    row,
    ..Rules::PLAIN
};

fn set_defaults(slice: &mut Value) {
    if !slice.get("ports").items().is_empty() {
        for port in slice.entry("ports").items_mut() {
            port.set_default("name", "");
            port.set_default("protocol", "TCP");
        }
    }
    if !slice.get("endpoints").items().is_empty() {
        for endpoint in slice.entry("endpoints").items_mut() {
            endpoint.set_default("conditions", Value::map());
        }
    }
}

fn validate(slice: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(slice, true, formats::dns_subdomain, causes);
    let kind = slice.get("addressType").str();
    match kind {
        "" => causes.push(Path::root("addressType").required()),
        "IPv4" | "IPv6" | "FQDN" => {}
        _ => causes.push(Path::root("addressType").unsupported(kind, &["FQDN", "IPv4", "IPv6"])),
    }
    let endpoints = slice.get("endpoints").items();
    let list = Path::root("endpoints");
    if endpoints.len() > 1000 {
        causes.push(list.too_many(endpoints.len(), 1000));
        return;
    }
    for (at, endpoint) in endpoints.iter().enumerate() {
        let path = list.index(at);
        let addresses = path.field("addresses");
        match endpoint.get("addresses").items() {
            [] => causes.push(addresses.required_because("must contain at least 1 address")),
            all if all.len() > 100 => causes.push(addresses.too_many(all.len(), 100)),
            all => {
                for (at, address) in all.iter().enumerate() {
                    validate_address(kind, address.str(), &addresses.index(at), causes);
                }
            }
        }
        if let Some(node) = endpoint.get("nodeName").as_str() {
            path.field("nodeName").check(node, formats::dns_subdomain, causes);
        }
        if let Some(host) = endpoint.get("hostname").as_str() {
            path.field("hostname").check(host, formats::dns_label, causes);
        }
    }
    let ports = slice.get("ports").items();
    let list = Path::root("ports");
    for (at, port) in ports.iter().enumerate() {
        let path = list.index(at);
        let name = port.get("name").str();
        if !name.is_empty() {
            path.field("name").check(name, formats::dns_label, causes);
        }
        if ports[..at].iter().any(|other| other.get("name").str() == name) {
            causes.push(path.field("name").duplicate(name));
        }
        pod_spec::one_of(port, "protocol", &["SCTP", "TCP", "UDP"], &path, causes);
        if let Some(protocol) = port.get("appProtocol").as_str() {
            path.field("appProtocol").check(protocol, formats::qualified_name, causes);
        }
    }
}

fn validate_address(kind: &str, address: &str, path: &Path, causes: &mut Vec<Cause>) {
    let parsed = formats::parse_ip(address);
    match kind {
        "IPv4" if !parsed.is_some_and(|ip| ip.is_ipv4()) => {
            causes.push(path.invalid(address, "must be a valid IPv4 address"));
        }
        "IPv6" if !parsed.is_some_and(|ip| ip.is_ipv6()) => {
            causes.push(path.invalid(address, "must be a valid IPv6 address"));
        }
        "FQDN" => {
            let name = address.strip_suffix('.').unwrap_or(address);
            path.check(name, formats::dns_subdomain, causes);
            if !name.contains('.') {
                let detail = "should be a domain with at least two segments separated by dots";
                causes.push(path.invalid(name, detail));
            }
        }
        _ => {}
    }
    if matches!(kind, "IPv4" | "IPv6") {
        path.check(address, formats::not_special_ip, causes);
    }
}

fn row(slice: &Object, now: Date) -> Vec<String> {
    let ports = first_three(slice.get("ports").items().iter().map(|port| match port.get("port").as_int() {
        Some(number) => number.to_string(),
        None => "*".into(),
    }));
    let addresses = slice
        .get("endpoints")
        .items()
        .iter()
        .flat_map(|e| e.get("addresses").items())
        .map(|a| a.str().to_string());
    vec![
        slice.name().into(),
        slice.get("addressType").str().into(),
        ports,
        first_three(addresses),
        age(slice, now),
    ]
}

fn first_three(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    match all.len() {
        0 => UNSET.into(),
        1..=3 => join(all),
        count => format!("{} + {} more...", join(&all[..3]), count - 3),
    }
}
