//! PodDisruptionBudget.

use crate::api::Cause;
use crate::base::Value;
use crate::value;

use super::path::Path;
use super::pod_template::{validate_at_most_all, validate_int_or_percent};
use super::printing::{age, or};
use super::structs::{Internal, POD_DISRUPTION_BUDGET_SPEC, Type};
use super::{Generation, Rules, headings, label_selector, metadata};

pub(super) const RULES: Rules = Rules {
    fresh_status: |_| value!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0}),
    generation: Generation::Spec,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
    },
    columns: headings!["NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"],
    row: |budget, now| {
        vec![
            budget.name().into(),
            or(budget.spec().get("minAvailable"), "N/A"),
            or(budget.spec().get("maxUnavailable"), "N/A"),
            budget.status().get("disruptionsAllowed").int().to_string(),
            age(budget, now),
        ]
    },
    ..Rules::PLAIN
};

fn validate(budget: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    let spec = budget.get("spec");
    let fields = ["minAvailable", "maxUnavailable"];
    if fields.iter().all(|field| !spec.get(field).is_null()) {
        let shown = Internal(spec, Type::Struct(&POD_DISRUPTION_BUDGET_SPEC));
        causes.push(SPEC.invalid(shown, "minAvailable and maxUnavailable cannot be both set"));
    }
    for field in fields {
        validate_int_or_percent(spec.get(field), &SPEC.field(field), causes);
        validate_at_most_all(spec.get(field), &SPEC.field(field), causes);
    }
    label_selector::validate(spec.get("selector"), &SPEC.field("selector"), causes);
    let supported = ["AlwaysAllow", "IfHealthyBudget"];
    if let Some(policy) = spec.get("unhealthyPodEvictionPolicy").as_str()
        && !supported.contains(&policy)
    {
        causes.push(SPEC.field("unhealthyPodEvictionPolicy").unsupported(policy, &supported));
    }
}
