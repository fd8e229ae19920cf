//! Kinds without a description of their own: their fields, one under the other.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, object: &Object) {
    page.field(0, "Name", object.name());
    page.field(0, "Namespace", object.namespace());
    page.labels(0, "Labels", object.labels());
    page.annotations(0, object.meta("annotations"));
    let mut body = object.body.clone();
    for field in ["name", "namespace", "labels", "annotations", "managedFields"] {
        body.entry("metadata").remove(field);
    }
    fields(page, 0, &body);
    page.events(session, object);
}

fn fields(page: &mut Page, level: usize, map: &Value) {
    let mut named: Vec<(String, &Value)> =
        map.entries().map(|(field, value)| (spaced(field), value)).collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in named {
        match value {
            Value::Map(_) => {
                page.line(level, format_args!("{name}:"));
                fields(page, level + 1, value);
            }
            Value::List(items) => {
                page.line(level, format_args!("{name}:"));
                for item in items.iter() {
                    match item {
                        Value::Map(_) => fields(page, level + 1, item),
                        other => page.line(level + 1, plain(other)),
                    }
                }
            }
            Value::Null => page.field(level, &name, "<nil>"),
            other => page.field(level, &name, plain(other)),
        }
    }
}

/// `apiVersion` as `API Version`, `holderIdentity` as `Holder Identity`.
fn spaced(field: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in field.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() || word.ends_with(|last: char| last.is_uppercase()) => {
                word.push(c)
            }
            _ => words.push(c.to_string()),
        }
    }
    let shown = |word: &String| {
        if matches!(word.as_str(), "api" | "uid" | "ip" | "url" | "id" | "cidr" | "cpu" | "tls") {
            return word.to_uppercase();
        }
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    words.iter().map(shown).collect::<Vec<_>>().join(" ")
}
