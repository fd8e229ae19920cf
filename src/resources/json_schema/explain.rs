//! What `kubectl explain` prints of a custom resource, or of one of its fields.

use std::fmt::Write;

use crate::api::Kind;
use crate::api::schema::{
    ExplainError, FieldDocs, explain_described, explain_field, explain_struct, heading, schema,
};
use crate::base::Value;
use crate::value;

/// As [`crate::api::schema::explain`], of a custom kind by its schema.
///
/// # Errors
/// Where there is no such field.
pub fn explain(
    kind: Kind,
    root: &Value,
    path: &[&str],
    recursive: bool,
    docs: &FieldDocs,
) -> Result<String, ExplainError> {
    let names = kind.names();
    let mut out = heading(names.group, names.version, names.kind);
    let metadata = schema().struct_named("meta/v1.ObjectMeta");
    if let (Some(("metadata", rest)), Some(id)) =
        (path.split_first().map(|(first, rest)| (*first, rest)), metadata)
    {
        return explain_struct(out, id, rest, recursive, docs);
    }
    // What every object has is not in a definition's schema.
    let mut whole = root.clone();
    for field in ["apiVersion", "kind", "metadata"] {
        let said = schema().kind("v1", "ConfigMap").and_then(|kind| {
            let of = schema().structure(kind.fields);
            Some(docs.field(of, of.field(field)?))
        });
        let of = if field == "metadata" { "ObjectMeta" } else { "string" };
        whole.set_at(&["properties", field], value!({"type": of, "description": (said.unwrap_or_default())}));
    }
    let (mut of, mut name) = (&whole, "");
    for step in path {
        let missing = || ExplainError::new(path.last().copied().unwrap_or_default());
        of = Some(contents(of).get("properties").get(step))
            .filter(|next| !next.is_null())
            .ok_or_else(missing)?;
        name = step;
    }
    if !name.is_empty() {
        let _ = writeln!(out, "FIELD: {name} <{}>", type_name(of));
        let values = values(of);
        if !values.is_empty() {
            let _ = write!(out, "ENUM:\n    {}", values.join("\n    "));
        }
        out.push_str("\n\n");
    }
    let mut description = String::new();
    describe(of, &mut description);
    out.push_str(&explain_described(&description));
    if !contents(of).get("properties").is_null() {
        out.push_str("FIELDS:\n");
        fields(&mut out, contents(of), 1, recursive);
    }
    out.push('\n');
    Ok(out)
}

/// What lists and maps hold, at the bottom.
fn contents(of: &Value) -> &Value {
    for inner in ["items", "additionalProperties"] {
        if of.get(inner).as_map().is_some() {
            return contents(of.get(inner));
        }
    }
    of
}

/// A schema's text, and below it that of what it holds.
fn describe(of: &Value, out: &mut String) {
    if !of.get("description").is_empty() {
        let _ = writeln!(out, "{}", of.get("description").str());
    }
    for inner in ["items", "additionalProperties"] {
        if of.get(inner).as_map().is_some() {
            describe(of.get(inner), out);
        }
    }
}

fn type_name(of: &Value) -> String {
    match of.get("type").str() {
        "array" => format!("[]{}", type_name(of.get("items"))),
        "object" if of.get("additionalProperties").as_map().is_some() => {
            format!("map[string]{}", type_name(of.get("additionalProperties")))
        }
        "object" => "Object".into(),
        "" if of.get("x-kubernetes-int-or-string").bool() => "IntOrString".into(),
        "" => "Object".into(),
        scalar => scalar.into(),
    }
}

/// The values that it takes, as they are shown.
fn values(of: &Value) -> Vec<String> {
    let shown = |value: &Value| match value.str() {
        "" => "\"\"".to_owned(),
        text => text.to_owned(),
    };
    of.get("enum").items().iter().map(shown).collect()
}

fn fields(out: &mut String, of: &Value, level: usize, recursive: bool) {
    let required = of.get("required").items();
    for (name, field) in of.get("properties").entries() {
        let is_required = required.iter().any(|one| one.str() == name);
        let text = (!recursive).then(|| field.get("description").str());
        explain_field(out, level, name, &type_name(field), is_required, &values(field), text);
        if recursive {
            fields(out, contents(field), level + 1, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_by_name_type_and_text() {
        let root = value!({"type": "object", "properties": {"spec": {
            "type": "object",
            "required": ["image"],
            "properties": {
                "image": {"type": "string", "description": "What runs"},
                "size": {"type": "string", "enum": ["small", "large"]},
                "steps": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
            }
        }}});
        let kind = Kind::custom("stable.example.com/v1", "CronTab", "crontabs", true);
        let told = |path: &[&str], recursive| explain(kind, &root, path, recursive, &FieldDocs::default());
        let heading = "GROUP:      stable.example.com\nKIND:       CronTab\nVERSION:    v1\n\n";
        assert_eq!(
            told(&["spec"], false).unwrap(),
            format!(
                "{heading}FIELD: spec <Object>\n\n\nDESCRIPTION:\n    <empty>\nFIELDS:\n  \
                 image\t<string> -required-\n    What runs\n\n  \
                 size\t<string>\n  enum: small, large\n    <no description>\n\n  \
                 steps\t<[]Object>\n    <no description>\n\n\n"
            )
        );
        let all = told(&[], true).unwrap();
        assert!(
            all.contains("  metadata\t<ObjectMeta>\n  spec\t<Object>\n    image\t<string> -required-\n"),
            "{all}"
        );
        assert!(all.contains("    steps\t<[]Object>\n      name\t<string>\n"), "{all}");
        assert_eq!(
            told(&["spec", "nothing"], false).unwrap_err().to_string(),
            "error: field \"nothing\" does not exist"
        );
    }
}
