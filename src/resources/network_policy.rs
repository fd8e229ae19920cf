//! NetworkPolicy.

use crate::api::Cause;
use crate::base::Value;

use super::path::Path;
use super::printing::{self, age};
use super::{Generation, Rules, formats, headings, label_selector, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    generation: Generation::Spec,
    validate: |policy, causes| {
        metadata::validate(policy, true, formats::dns_subdomain, causes);
        validate_spec(policy.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
    },
    warn,
    columns: headings!["NAME", "POD-SELECTOR", "AGE"],
    row: |policy, now| {
        vec![
            policy.name().into(),
            printing::label_selector(policy.spec().get("podSelector")),
            age(policy, now),
        ]
    },
    ..Rules::PLAIN
};

fn set_defaults(policy: &mut Value) {
    let spec = policy.entry("spec");
    spec.set_default("podSelector", Value::map());
    for direction in ["ingress", "egress"] {
        if spec.get(direction).items().is_empty() {
            continue;
        }
        for rule in spec.entry(direction).items_mut() {
            if !rule.get("ports").items().is_empty() {
                for port in rule.entry("ports").items_mut() {
                    port.set_default("protocol", "TCP");
                }
            }
        }
    }
    if spec.get("policyTypes").items().is_empty() {
        let egress = !spec.get("egress").items().is_empty();
        spec.set("policyTypes", if egress { vec!["Ingress", "Egress"] } else { vec!["Ingress"] });
    }
}

fn warn(policy: &Value, _: Option<&Value>, warnings: &mut Vec<String>) {
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        for (at, rule) in policy.at(&["spec", list]).items().iter().enumerate() {
            for (peer_at, peer) in rule.get(peers).items().iter().enumerate() {
                let block = peer.get("ipBlock");
                let mut warn = |field: String, cidr: &Value| {
                    let path = format!("spec.{list}[{at}].{peers}[{peer_at}].ipBlock.{field}");
                    let messages = formats::odd_cidr(cidr.str());
                    warnings.extend(messages.iter().map(|message| format!("{path}: {message}")));
                };
                warn("cidr".into(), block.get("cidr"));
                for (except_at, except) in block.get("except").items().iter().enumerate() {
                    warn(format!("except[{except_at}]"), except);
                }
            }
        }
    }
}

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    label_selector::validate(spec.get("podSelector"), &SPEC.field("podSelector"), causes);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for (at, rule) in spec.get(direction).items().iter().enumerate() {
            let rules = SPEC.field(direction);
            let path = rules.index(at);
            let ports = path.field("ports");
            for (at, port) in rule.get("ports").items().iter().enumerate() {
                validate_port(port, &ports.index(at), causes);
            }
            let list = path.field(peers);
            for (at, peer) in rule.get(peers).items().iter().enumerate() {
                validate_peer(peer, &list.index(at), causes);
            }
        }
    }
    let (types, path) = (spec.get("policyTypes"), SPEC.field("policyTypes"));
    if types.items().len() > 2 {
        causes.push(path.invalid(types, "may not specify more than two policyTypes"));
        return;
    }
    for (at, kind) in types.items().iter().enumerate() {
        if !matches!(kind.str(), "Ingress" | "Egress") {
            causes.push(path.index(at).unsupported(kind, &["Ingress", "Egress"]));
        }
    }
}

fn validate_port(port: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if let Some(protocol) = port.get("protocol").as_str()
        && !matches!(protocol, "TCP" | "UDP" | "SCTP")
    {
        causes.push(path.field("protocol").unsupported(protocol, &["TCP", "UDP", "SCTP"]));
    }
    let (first, last) = (port.get("port"), port.get("endPort"));
    let end_path = path.field("endPort");
    let check = |number: &Value, path: &Path, causes: &mut Vec<Cause>| {
        causes.extend(formats::port_number(number.int()).iter().map(|m| path.invalid(number, m)));
    };
    match first {
        Value::Null if !last.is_null() => {
            causes.push(end_path.invalid(last, "may not be specified when `port` is not specified"));
        }
        Value::Null => {}
        Value::Str(name) => {
            if !last.is_null() {
                causes.push(end_path.invalid(last, "may not be specified when `port` is non-numeric"));
            }
            path.field("port").check(name, formats::port_name, causes);
        }
        number => {
            check(number, &path.field("port"), causes);
            if !last.is_null() {
                if last.int() < number.int() {
                    causes.push(end_path.invalid(last, "must be greater than or equal to `port`"));
                }
                check(last, &end_path, causes);
            }
        }
    }
}

fn validate_peer(peer: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let mut count = 0;
    for field in ["podSelector", "namespaceSelector"] {
        if !peer.get(field).is_null() {
            count += 1;
            label_selector::validate(peer.get(field), &path.field(field), causes);
        }
    }
    let block = peer.get("ipBlock");
    if !block.is_null() {
        validate_block(block, &path.field("ipBlock"), causes);
        if count > 0 {
            causes.push(path.forbidden("may not specify both ipBlock and another peer"));
        }
    } else if count == 0 {
        causes.push(path.required_because("must specify a peer"));
    }
}

fn validate_block(block: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let cidr = block.get("cidr").str();
    if cidr.is_empty() {
        causes.push(path.field("cidr").required());
        return;
    }
    path.field("cidr").check(cidr, formats::cidr, causes);
    let Some(network) = formats::parse_cidr(cidr) else { return };
    for (at, except) in block.get("except").items().iter().enumerate() {
        let list = path.field("except");
        let path = list.index(at);
        path.check(except.str(), formats::cidr, causes);
        if let Some((address, length)) = formats::parse_cidr(except.str())
            && (!formats::contains(network, address) || network.1 >= length)
        {
            causes.push(path.invalid(except, "must be a strict subset of `cidr`"));
        }
    }
}
