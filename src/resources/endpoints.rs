//! Endpoints.

use crate::api::{Cause, Object};
use crate::base::Value;

use super::path::Path;
use super::printing::{NONE, age};
use super::{Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: |endpoints| {
        if !endpoints.get("subsets").items().is_empty() {
            for subset in endpoints.entry("subsets").items_mut() {
                if !subset.get("ports").items().is_empty() {
                    for port in subset.entry("ports").items_mut() {
                        port.set_default("protocol", "TCP");
                    }
                }
            }
        }
    },
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
    },
    warn: |_, _, warnings| {
        warnings.push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".into());
    },
    columns: headings!["NAME", "ENDPOINTS", "AGE"],
    row: |endpoints, now| vec![endpoints.name().into(), addresses(endpoints, None), age(endpoints, now)],
    ..Rules::PLAIN
};

/// The ready addresses with their ports (those called `port_name`, if one is asked for), at most three of them
/// (printers/internalversion, `formatEndpoints`).
pub fn addresses(endpoints: &Object, port_name: Option<&str>) -> String {
    const MOST: usize = 3;
    let subsets = endpoints.get("subsets").items();
    if subsets.is_empty() {
        return NONE.into();
    }
    let pair = |address: &Value, port: &Value| match address.get("ip").str() {
        ip if ip.contains(':') => format!("[{ip}]:{}", port.get("port").int()),
        ip => format!("{ip}:{}", port.get("port").int()),
    };
    let mut all: Vec<String> = Vec::new();
    for subset in subsets {
        let (addresses, ports) = (subset.get("addresses").items(), subset.get("ports").items());
        if ports.is_empty() {
            all.extend(addresses.iter().map(|address| address.get("ip").str().to_string()));
        }
        for port in ports.iter().filter(|port| port_name.is_none_or(|name| port.get("name").str() == name)) {
            all.extend(addresses.iter().map(|address| pair(address, port)));
        }
    }
    match all.len() {
        0..=MOST => all.join(","),
        count => format!("{} + {} more...", all[..MOST].join(","), count - MOST),
    }
}

fn validate(endpoints: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(endpoints, true, formats::dns_subdomain, causes);
    let subsets = Path::root("subsets");
    for (at, subset) in endpoints.get("subsets").items().iter().enumerate() {
        let path = subsets.index(at);
        let lists = ["addresses", "notReadyAddresses"];
        if lists.iter().all(|list| subset.get(list).items().is_empty()) {
            causes.push(path.required_because("must specify `addresses` or `notReadyAddresses`"));
        }
        for list in lists {
            let addresses = path.field(list);
            for (at, address) in subset.get(list).items().iter().enumerate() {
                let path = addresses.index(at);
                let ip = address.get("ip").str();
                path.field("ip").check(ip, formats::ip_address, causes);
                let host = address.get("hostname").str();
                if !host.is_empty() {
                    path.field("hostname").check(host, formats::dns_label, causes);
                }
                if let Some(node) = address.get("nodeName").as_str() {
                    path.field("nodeName").check(node, formats::dns_subdomain, causes);
                }
                path.field("ip").check(ip, formats::not_special_ip, causes);
            }
        }
        let ports = subset.get("ports").items();
        let list = path.field("ports");
        for (at, port) in ports.iter().enumerate() {
            let path = list.index(at);
            match port.get("name").str() {
                "" if ports.len() > 1 => causes.push(path.field("name").required()),
                "" => {}
                name => path.field("name").check(name, formats::dns_label, causes),
            }
            let number = port.get("port").int();
            causes.extend(formats::port_number(number).iter().map(|m| path.field("port").invalid(number, m)));
            pod_spec::one_of(port, "protocol", &["SCTP", "TCP", "UDP"], &path, causes);
            if let Some(protocol) = port.get("appProtocol").as_str() {
                path.field("appProtocol").check(protocol, formats::qualified_name, causes);
            }
        }
    }
}
