//! Affinity, tolerations and spreading.

use crate::api::Cause;
use crate::base::Value;
use crate::resources::path::Path;
use crate::resources::{formats, label_selector};

/// The name of the list of terms of a node selector.
pub const NODE_SELECTOR_TERMS: &str = "nodeSelectorTerms";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `affinity`
pub fn validate_affinity(affinity: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let node = affinity.get("nodeAffinity");
    let node_path = path.field("nodeAffinity");
    if !node.get(REQUIRED).is_null() {
        validate_node_selector(node.get(REQUIRED), &node_path.field(REQUIRED), causes);
    }
    let preferred = node_path.field(PREFERRED);
    for (at, term) in node.get(PREFERRED).items().iter().enumerate() {
        let path = preferred.index(at);
        validate_weight(term, &path, causes);
        // A preference that no node can meet does no harm, so values are not looked at.
        validate_node_term(term.get("preference"), false, &path.field("preference"), causes);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let (of, path) = (affinity.get(kind), path.field(kind));
        let required = path.field(REQUIRED);
        for (at, term) in of.get(REQUIRED).items().iter().enumerate() {
            validate_pod_term(term, &required.index(at), causes);
        }
        let preferred = path.field(PREFERRED);
        for (at, term) in of.get(PREFERRED).items().iter().enumerate() {
            let path = preferred.index(at);
            validate_weight(term, &path, causes);
            validate_pod_term(term.get("podAffinityTerm"), &path.field("podAffinityTerm"), causes);
        }
    }
}

fn validate_weight(term: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let weight = term.get("weight").int();
    if !(1..=100).contains(&weight) {
        causes.push(path.field("weight").invalid(weight, "must be in the range 1-100"));
    }
}

/// A `NodeSelector`, of a Pod or of a volume.
pub fn validate_node_selector(selector: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let path = path.field(NODE_SELECTOR_TERMS);
    let terms = selector.get(NODE_SELECTOR_TERMS).items();
    if terms.is_empty() {
        causes.push(path.required_because("must have at least one node selector term"));
    }
    for (at, term) in terms.iter().enumerate() {
        validate_node_term(term, true, &path.index(at), causes);
    }
}

fn validate_node_term(term: &Value, check_values: bool, path: &Path, causes: &mut Vec<Cause>) {
    let expressions = path.field("matchExpressions");
    for (at, requirement) in term.get("matchExpressions").items().iter().enumerate() {
        let path = expressions.index(at);
        let values = requirement.get("values").items();
        match requirement.get("operator").str() {
            "In" | "NotIn" => {
                if values.is_empty() {
                    let detail = "must be specified when `operator` is 'In' or 'NotIn'";
                    causes.push(path.field("values").required_because(detail));
                }
            }
            "Exists" | "DoesNotExist" => {
                if !values.is_empty() {
                    let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                    causes.push(path.field("values").forbidden(detail));
                }
            }
            "Gt" | "Lt" => {
                if values.len() != 1 {
                    let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                    causes.push(path.field("values").required_because(detail));
                }
            }
            operator => {
                causes.push(path.field("operator").invalid(operator, "not a valid selector operator"))
            }
        }
        path.field("key").check(requirement.get("key").str(), formats::qualified_name, causes);
        for (at, value) in values.iter().enumerate().filter(|_| check_values) {
            path.field("values").index(at).check(value.str(), formats::label_value, causes);
        }
    }
    let fields = path.field("matchFields");
    for (at, requirement) in term.get("matchFields").items().iter().enumerate() {
        let path = fields.index(at);
        let values = requirement.get("values").items();
        match requirement.get("operator").str() {
            "In" | "NotIn" => {
                if values.len() != 1 {
                    let detail =
                        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                    causes.push(path.field("values").required_because(detail));
                }
            }
            operator => {
                causes.push(path.field("operator").invalid(operator, "not a valid selector operator"))
            }
        }
        match requirement.get("key").str() {
            "metadata.name" => {
                for (at, value) in values.iter().enumerate() {
                    path.field("values").index(at).check(value.str(), formats::dns_subdomain, causes);
                }
            }
            key => causes.push(path.field("key").invalid(key, "not a valid field selector key")),
        }
    }
}

fn validate_pod_term(term: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let selector = term.get("labelSelector");
    label_selector::validate(selector, &path.field("labelSelector"), causes);
    label_selector::validate(term.get("namespaceSelector"), &path.field("namespaceSelector"), causes);
    for namespace in term.get("namespaces").items() {
        path.field("namespace").check(namespace.str(), formats::dns_label, causes);
    }
    for field in ["matchLabelKeys", "mismatchLabelKeys"] {
        let keys = term.get(field).items();
        if keys.is_empty() {
            continue;
        }
        if selector.is_null() {
            causes.push(path.field(field).forbidden("must not be specified when labelSelector is not set"));
            continue;
        }
        for (at, key) in keys.iter().enumerate() {
            path.field(field).index(at).check(key.str(), formats::qualified_name, causes);
        }
    }
    let mismatched = term.get("mismatchLabelKeys").items();
    for (at, key) in term.get("matchLabelKeys").items().iter().enumerate() {
        if mismatched.contains(key) {
            let path = path.field("matchLabelKeys");
            causes.push(path.index(at).invalid(key, "exists in both matchLabelKeys and mismatchLabelKeys"));
        }
    }
    let key = term.get("topologyKey").str();
    if key.is_empty() {
        causes.push(path.field("topologyKey").required_because("can not be empty"));
    }
    path.field("topologyKey").check(key, formats::qualified_name, causes);
}

/// `tolerations`
pub fn validate_tolerations(tolerations: &Value, path: &Path, causes: &mut Vec<Cause>) {
    for (at, toleration) in tolerations.items().iter().enumerate() {
        let path = path.index(at);
        let (key, operator) = (toleration.get("key").str(), toleration.get("operator").str());
        let (value, effect) = (toleration.get("value").str(), toleration.get("effect").str());
        if !key.is_empty() {
            path.field("key").check(key, formats::qualified_name, causes);
        } else if operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            causes.push(path.field("operator").invalid(operator, detail));
        }
        if !toleration.get("tolerationSeconds").is_null() && effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            causes.push(path.field("effect").invalid(effect, detail));
        }
        match operator {
            "Equal" | "" => {
                let messages = formats::label_value(value);
                if !messages.is_empty() {
                    causes.push(path.field("operator").invalid(value, messages.join(";")));
                }
            }
            "Exists" => {
                if !value.is_empty() {
                    let detail = "value must be empty when `operator` is 'Exists'";
                    causes.push(path.field("operator").invalid(value, detail));
                }
            }
            other => causes.push(path.field("operator").unsupported(other, &["Equal", "Exists"])),
        }
        if !effect.is_empty() {
            validate_taint_effect(effect, &path.field("effect"), causes);
        }
    }
}

/// The effect of a taint, or what tolerates it.
pub fn validate_taint_effect(effect: &str, path: &Path, causes: &mut Vec<Cause>) {
    match effect {
        "" => causes.push(path.required()),
        "NoSchedule" | "PreferNoSchedule" | "NoExecute" => {}
        other => causes.push(path.unsupported(other, &["NoSchedule", "PreferNoSchedule", "NoExecute"])),
    }
}

/// `topologySpreadConstraints`
pub fn validate_spread(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let constraints = spec.get("topologySpreadConstraints").items();
    for (at, constraint) in constraints.iter().enumerate() {
        let path = path.index(at);
        let skew = constraint.get("maxSkew").int();
        if skew <= 0 {
            causes.push(path.field("maxSkew").invalid(skew, "must be greater than zero"));
        }
        let key = constraint.get("topologyKey").str();
        if key.is_empty() {
            causes.push(path.field("topologyKey").required_because("can not be empty"));
        }
        let action = constraint.get("whenUnsatisfiable").str();
        if !matches!(action, "DoNotSchedule" | "ScheduleAnyway") {
            let path = path.field("whenUnsatisfiable");
            causes.push(path.unsupported(action, &["DoNotSchedule", "ScheduleAnyway"]));
        }
        let same = |other: &Value| {
            other.get("topologyKey").str() == key && other.get("whenUnsatisfiable").str() == action
        };
        if constraints[at + 1..].iter().any(same) {
            let path = path.field("{topologyKey, whenUnsatisfiable}");
            causes.push(path.duplicate(&format!("{{{key}, {action}}}")));
        }
        if let Some(domains) = constraint.get("minDomains").as_int() {
            if domains <= 0 {
                causes.push(path.field("minDomains").invalid(domains, "must be greater than zero"));
            }
            if action != "DoNotSchedule" {
                let detail =
                    format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                causes.push(path.field("minDomains").invalid(domains, detail));
            }
        }
        for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            if let Some(policy) = constraint.get(field).as_str()
                && !matches!(policy, "Honor" | "Ignore")
            {
                causes.push(path.field(field).unsupported(policy, &["Honor", "Ignore"]));
            }
        }
        validate_match_label_keys(constraint, &path.field("matchLabelKeys"), causes);
        label_selector::validate(constraint.get("labelSelector"), &path.field("labelSelector"), causes);
    }
}

fn validate_match_label_keys(constraint: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let (keys, selector) = (constraint.get("matchLabelKeys").items(), constraint.get("labelSelector"));
    if !keys.is_empty() && selector.is_null() {
        causes.push(path.forbidden("must not be specified when labelSelector is not set"));
    }
    for (at, key) in keys.iter().enumerate() {
        path.index(at).check(key.str(), formats::qualified_name, causes);
        let mut expressions = selector.get("matchExpressions").items().iter();
        if !selector.get("matchLabels").get(key.str()).is_null() || expressions.any(|e| e.get("key") == key) {
            causes.push(path.index(at).invalid(key, "exists in both matchLabelKeys and labelSelector"));
        }
    }
}
