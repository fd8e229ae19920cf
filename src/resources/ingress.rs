//! Ingress.

use crate::api::Object;
use crate::base::Date;
use crate::value;

use super::printing::{NONE, age, join, load_balancer, or};
use super::{Generation, Rules, headings};

pub(super) const RULES: Rules = Rules {
    fresh_status: |_| value!({"loadBalancer": {}}),
    generation: Generation::Spec,
    columns: headings!["NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"],
    row,
    ..Rules::PLAIN
};

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
