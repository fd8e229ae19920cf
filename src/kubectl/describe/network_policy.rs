//! NetworkPolicies.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::kubectl::session::Session;

use super::page::{Page, joined, plain, selector_text};

pub(super) fn fill(page: &mut Page, _session: &Session<'_>, policy: &Object) {
    let spec = policy.spec();
    page.field(0, "Name", policy.name());
    page.field(0, "Namespace", policy.namespace());
    let created = Date::parse_rfc3339(policy.meta("creationTimestamp").str()).unwrap_or_default();
    let (year, month, day, hour, minute, second) = created.civil();
    page.field(
        0,
        "Created on",
        format_args!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} +0000 UTC"),
    );
    page.labels(0, "Labels", policy.labels());
    page.annotations(0, policy.meta("annotations"));
    page.line(0, "Spec:");
    let selector = spec.get("podSelector");
    let all = selector.get("matchLabels").is_empty() && selector.get("matchExpressions").is_empty();
    let told = match all {
        true => "<none> (Allowing the specific traffic to all pods in this namespace)".into(),
        false => selector_text(selector),
    };
    // The blanks are kubectl's.
    page.line(1, format_args!("PodSelector:     {told}"));
    let types: Vec<&str> = spec.get("policyTypes").items().iter().map(Value::str).collect();
    let has = |kind: &str| types.is_empty() && kind == "Ingress" || types.contains(&kind);
    for (kind, lower, from, peers) in
        [("Ingress", "ingress", "From", "from"), ("Egress", "egress", "To", "to")]
    {
        if has(kind) {
            page.line(1, format_args!("Allowing {lower} traffic:"));
            rules(page, spec.get(lower), lower, from, peers);
        } else {
            page.line(1, format_args!("Not affecting {lower} traffic"));
        }
    }
    page.line(1, format_args!("Policy Types: {}", types.join(", ")));
}

fn rules(page: &mut Page, rules: &Value, direction: &str, word: &str, field: &str) {
    if rules.is_empty() {
        return page
            .line(2, format_args!("<none> (Selected pods are isolated for {direction} connectivity)"));
    }
    let last = rules.items().len() - 1;
    for (at, rule) in rules.items().iter().enumerate() {
        if rule.get("ports").is_empty() {
            page.line(2, "To Port: <any> (traffic allowed to all ports)");
        }
        for port in rule.get("ports").items() {
            let protocol = match port.get("protocol").str() {
                "" => "TCP",
                protocol => protocol,
            };
            let number = match port.get("port") {
                Value::Null => "<nil>".into(),
                number => plain(number),
            };
            page.line(2, format_args!("To Port: {number}/{protocol}"));
        }
        if rule.get(field).is_empty() {
            let why = if word == "From" {
                "traffic not restricted by source"
            } else {
                "traffic not restricted by destination"
            };
            page.line(2, format_args!("{word}: <any> ({why})"));
        }
        for peer in rule.get(field).items() {
            page.line(2, format_args!("{word}:"));
            for (name, field) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")]
            {
                if !peer.get(field).is_null() {
                    page.line(3, format_args!("{name}: {}", selector_text(peer.get(field))));
                }
            }
            let block = peer.get("ipBlock");
            if !block.is_null() {
                page.line(3, "IPBlock:");
                page.line(4, format_args!("CIDR: {}", block.get("cidr").str()));
                page.line(4, format_args!("Except: {}", joined(block.get("except"), ", ")));
            }
        }
        if at < last {
            page.line(2, "----------");
        }
    }
}
