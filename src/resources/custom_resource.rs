//! Custom resources: what is the same for all of them, and what the version of a definition says of them.

use super::json_schema::{structural, validation};
use super::printing::since;
use super::{Column, Rules, formats, headings, metadata};
use crate::api::{Cause, Object};
use crate::base::jsonpath::{JsonPath, relaxed, text_of};
use crate::base::{Date, Value};
use crate::value;

pub(super) const RULES: Rules = Rules {
    validate: |object, causes| {
        // Whether it is of a namespace is asked of every object in the end.
        let namespaced = !object.at(&["metadata", "namespace"]).is_null();
        metadata::validate(object, namespaced, formats::dns_subdomain, causes);
    },
    validate_update: metadata::validate_update,
    ..Rules::PLAIN
};

/// The schema of a version's objects.
pub fn schema(version: &Value) -> &Value {
    version.at(&["schema", "openAPIV3Schema"])
}

/// True where the status is a subresource of its own.
pub fn has_status(version: &Value) -> bool {
    !version.at(&["subresources", "status"]).is_null()
}

/// Where the `scale` of its objects has a number: `specReplicasPath` or `statusReplicasPath`; none where they have no `scale`.
pub fn scale_path(version: &Value, field: &str) -> Option<Vec<String>> {
    let path = version.at(&["subresources", "scale"]).get(field).as_str()?;
    Some(path.split('.').filter(|field| !field.is_empty()).map(str::to_owned).collect())
}

/// Takes out of an object what a version does not know; the paths of that.
pub fn prune(version: &Value, object: &mut Value) -> Vec<String> {
    structural::prune(object, schema(version))
}

/// What the server sets in an object: defaults, and, as against the `old` one, its status and generation
/// (customresource/strategy.go).
pub fn prepare(version: &Value, object: &mut Value, old: Option<&Value>) {
    structural::set_defaults(object, schema(version));
    let generation = &["metadata", "generation"];
    let Some(old) = old else {
        if has_status(version) {
            object.remove("status");
        }
        return object.set_at(generation, 1);
    };
    if has_status(version) {
        super::keep(object, old, "status");
    }
    let content = |of: &Value| {
        let mut of = of.clone();
        of.remove("metadata");
        of
    };
    let changed = content(object) != content(old);
    object.set_at(generation, old.at(generation).int() + i64::from(changed));
}

/// Everything that is wrong with an object by its schema.
pub fn validate(version: &Value, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    validation::validate(object, schema(version), &mut causes);
    causes
}

/// The columns of `kubectl get`.
pub fn columns(version: &Value) -> Vec<Column<'_>> {
    let own = version.get("additionalPrinterColumns").items();
    if own.is_empty() {
        return headings!["NAME", "AGE"].to_vec();
    }
    let mut columns = headings!["NAME"].to_vec();
    for column in own {
        columns.push(Column { name: column.get("name").str(), wide: column.get("priority").int() > 0 });
    }
    columns
}

/// The cells of an object, one for each of [`columns`] (customresource/tableconvertor).
pub fn row(version: &Value, object: &Object, now: Date) -> Vec<String> {
    let age = value!({"jsonPath": ".metadata.creationTimestamp", "type": "date"});
    let own = match version.get("additionalPrinterColumns").items() {
        [] => std::slice::from_ref(&age),
        own => own,
    };
    let mut row = vec![object.name().to_owned()];
    row.extend(own.iter().map(|column| cell(column, object, now).unwrap_or_default()));
    row
}

/// A cell; none where there is nothing, or nothing of the column's type.
fn cell(column: &Value, object: &Object, now: Date) -> Option<String> {
    let path = JsonPath::parse(&relaxed(column.get("jsonPath").str()).ok()?).ok()?;
    let found = path.find(&object.body).ok()?;
    let first = found.first()?.first()?;
    match (column.get("type").str(), first) {
        (_, Value::Null) => None,
        ("string", _) => Some(text_of(first)),
        ("date", Value::Str(text)) => {
            Some(Date::parse_rfc3339(text).map_or_else(|| "<invalid>".into(), |_| since(first, now)))
        }
        ("integer", Value::Int(number)) => Some(number.to_string()),
        ("integer", Value::Float(number)) => Some((number.0 as i64).to_string()),
        ("number", Value::Int(_) | Value::Float(_)) | ("boolean", Value::Bool(_)) => {
            Some(crate::base::json::to_string(first))
        }
        _ => None,
    }
}
