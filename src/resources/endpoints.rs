//! Endpoints.

use crate::api::Object;
use crate::base::Value;

use super::printing::{NONE, age};
use super::{Rules, headings};

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
