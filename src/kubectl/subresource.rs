//! How parts of objects that have addresses of their own are shown.

use crate::base::table::Table;
use crate::base::{Date, Value};
use crate::resources::printing;

/// The table of scales.
pub fn scales(scales: &[Value], headings: bool, now: Date) -> Table {
    let mut table = Table::new();
    if headings {
        table.push(["NAME", "DESIRED", "AVAILABLE", "AGE"]);
    }
    for scale in scales {
        table.push([
            scale.at(&["metadata", "name"]).str().to_string(),
            scale.at(&["spec", "replicas"]).int().to_string(),
            scale.at(&["status", "replicas"]).int().to_string(),
            printing::since(scale.at(&["metadata", "creationTimestamp"]), now),
        ]);
    }
    table
}
