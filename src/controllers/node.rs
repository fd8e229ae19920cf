//! What the controllers ask of a node.

use crate::api::Object;
use crate::base::Value;

/// True where a toleration covers a taint (`Toleration.ToleratesTaint`).
pub fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let (effect, key) = (toleration.get("effect").str(), toleration.get("key").str());
    (effect.is_empty() || effect == taint.get("effect").str())
        && (key.is_empty() || key == taint.get("key").str())
        && (toleration.get("operator").str() == "Exists"
            || toleration.get("value").str() == taint.get("value").str())
}

/// The first taint with one of these effects that a Pod of this spec does not tolerate.
pub fn untolerated<'a>(spec: &Value, node: &'a Object, effects: &[&str]) -> Option<&'a Value> {
    let tolerations = spec.get("tolerations").items();
    node.spec().get("taints").items().iter().find(|taint| {
        effects.contains(&taint.get("effect").str())
            && !tolerations.iter().any(|toleration| tolerates(toleration, taint))
    })
}

/// True where a node has what the node selector and the required node affinity of a Pod spec ask for.
pub fn is_selected(spec: &Value, node: &Object) -> bool {
    let selector = spec.get("nodeSelector").entries();
    if selector.into_iter().any(|(key, value)| node.labels().get(key) != value) {
        return false;
    }
    let required = spec.at(&["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    required.is_null() || required.get("nodeSelectorTerms").items().iter().any(|term| meets(term, node))
}

/// True where a node meets every requirement of a node selector term; an empty term is met by none.
pub fn meets(term: &Value, node: &Object) -> bool {
    let expressions = term.get("matchExpressions").items();
    let fields = term.get("matchFields").items();
    !(expressions.is_empty() && fields.is_empty())
        && expressions.iter().all(|r| holds(r, node.labels().get(r.get("key").str()).as_str()))
        && fields.iter().all(|r| holds(r, (r.get("key").str() == "metadata.name").then_some(node.name())))
}

fn holds(requirement: &Value, label: Option<&str>) -> bool {
    let values = requirement.get("values").items();
    let listed = || label.is_some_and(|label| values.iter().any(|value| value.str() == label));
    let compare = |than: fn(&i64, &i64) -> bool| {
        let numbers =
            label.and_then(|l| l.parse().ok()).zip(values.first().and_then(|v| v.str().parse().ok()));
        numbers.is_some_and(|(label, value)| than(&label, &value))
    };
    match requirement.get("operator").str() {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        "Gt" => compare(i64::gt),
        "Lt" => compare(i64::lt),
        _ => false,
    }
}
