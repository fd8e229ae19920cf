//! PodDisruptionBudget.

use crate::value;

use super::printing::{age, or};
use super::{Generation, Rules, headings};

pub(super) const RULES: Rules = Rules {
    fresh_status: |_| value!({"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0}),
    generation: Generation::Spec,
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
