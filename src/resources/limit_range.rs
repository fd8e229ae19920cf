//! LimitRange.

use crate::base::Value;

use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    columns: headings!["NAME", "CREATED AT"],
    row: |range, _| vec![range.name().into(), range.meta("creationTimestamp").str().into()],
    ..Rules::PLAIN
};

/// For containers, a default limit is the maximum, and a default request the default limit or else the minimum.
fn set_defaults(range: &mut Value) {
    if range.at(&["spec", "limits"]).items().is_empty() {
        return;
    }
    for item in range.entry_at(&["spec", "limits"]).items_mut() {
        if item.get("type").str() != "Container" {
            continue;
        }
        for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
            for (name, quantity) in item.get(from).clone().entries() {
                item.entry(to).set_default(name, quantity);
            }
        }
    }
}
