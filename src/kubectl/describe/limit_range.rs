//! LimitRanges.

use std::collections::BTreeSet;

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, plain};

pub(super) fn fill(page: &mut Page, _session: &Session<'_>, range: &Object) {
    page.field(0, "Name", range.name());
    page.field(0, "Namespace", range.namespace());
    page.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    page.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    rows(page, 0, range);
}

/// A row for each type and resource that is limited.
pub(super) fn rows(page: &mut Page, level: usize, range: &Object) {
    const FIELDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for limit in range.spec().get("limits").items() {
        let resources: BTreeSet<&str> = FIELDS
            .iter()
            .flat_map(|field| limit.get(field).entries().map(|(resource, _)| resource))
            .collect();
        for resource in resources {
            let cell = |field: &str| match limit.get(field).get(resource) {
                Value::Null => "-".to_string(),
                amount => plain(amount),
            };
            let cells = FIELDS.map(cell).join("\t");
            page.line(level, format_args!("{}\t{resource}\t{cells}", limit.get("type").str()));
        }
    }
}
