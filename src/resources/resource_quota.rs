//! ResourceQuota.

use crate::api::Object;
use crate::base::Date;

use super::printing::age;
use super::{Rules, empty_status, headings};

pub(super) const RULES: Rules = Rules {
    fresh_status: empty_status,
    columns: headings!["NAME", "REQUEST", "LIMIT", "AGE"],
    row,
    ..Rules::PLAIN
};

/// What is used of what is allowed, limits apart from the rest.
fn row(quota: &Object, now: Date) -> Vec<String> {
    let used = quota.status().get("used");
    let cell = |limits: bool| {
        let all =
            quota.status().get("hard").entries().filter(|(name, _)| name.starts_with("limits.") == limits);
        let texts: Vec<String> = all
            .map(|(name, hard)| {
                let used = if used.get(name).is_null() { "0" } else { used.get(name).str() };
                format!("{name}: {used}/{}", hard.str())
            })
            .collect();
        texts.join(", ")
    };
    vec![quota.name().into(), cell(false), cell(true), age(quota, now)]
}
