//! `LabelSelector` (apimachinery, meta/v1/validation).

use crate::api::{Cause, Selector};
use crate::base::Value;

use super::formats;
use super::metadata::validate_labels;
use super::path::Path;

/// Says what is wrong with a selector that is there.
pub fn validate(selector: &Value, path: &Path, causes: &mut Vec<Cause>) {
    validate_labels(selector.get("matchLabels"), &path.field("matchLabels"), causes);
    let expressions = path.field("matchExpressions");
    for (at, expression) in selector.get("matchExpressions").items().iter().enumerate() {
        let path = expressions.index(at);
        let values = expression.get("values").items();
        match expression.get("operator").str() {
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
            operator => {
                causes.push(path.field("operator").invalid(operator, "not a valid selector operator"))
            }
        }
        path.field("key").check(expression.get("key").str(), formats::qualified_name, causes);
        for (at, value) in values.iter().enumerate() {
            path.field("values").index(at).check(value.str(), formats::label_value, causes);
        }
    }
}

/// True for a selector that selects everything.
pub fn is_empty(selector: &Value) -> bool {
    selector.get("matchLabels").is_empty() && selector.get("matchExpressions").is_empty()
}

/// True where the selector can be worked with and selects these labels. A missing one selects nothing.
pub fn selects(selector: &Value, labels: &Value) -> bool {
    !selector.is_null() && Selector::from_label_selector(selector).matches(labels)
}

/// True where the server can turn the selector into one of its own.
pub fn is_usable(selector: &Value) -> bool {
    let mut causes = Vec::new();
    validate(selector, &Path::root("selector"), &mut causes);
    causes.is_empty()
}
