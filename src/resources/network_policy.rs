//! NetworkPolicy.

use crate::base::Value;

use super::printing::{age, label_selector};
use super::{Generation, Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    generation: Generation::Spec,
    columns: headings!["NAME", "POD-SELECTOR", "AGE"],
    row: |policy, now| {
        vec![policy.name().into(), label_selector(policy.spec().get("podSelector")), age(policy, now)]
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
