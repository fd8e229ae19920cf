//! EndpointSlice.

use crate::api::Object;
use crate::base::{Date, Value};

use super::printing::{UNSET, age, join};
use super::{Generation, Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    generation: Generation::ContentAndLabels,
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
