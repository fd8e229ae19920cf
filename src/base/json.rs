//! JSON as Go reads and writes it.

mod reader;

use std::fmt::Write;

use super::Value;
pub use reader::{ReadError, lossy, read_value};

/// One line, `<`, `>`, `&` and the two Unicode line separators escaped, as Go's `json.Marshal`.
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, None, 0);
    out
}

/// Indented by `indent` spaces a level, as `kubectl -o json` (which uses four) prints. No newline at the end.
pub fn to_string_pretty(value: &Value, indent: usize) -> String {
    let mut out = String::new();
    write(&mut out, value, Some(indent), 0);
    out
}

/// As the API server sends an object or a list: the keys of an object, of its metadata and of a list's items come in
/// the order of Go's structs.
pub fn to_string_served(value: &Value, indent: Option<usize>) -> String {
    let mut out = String::new();
    write_part(&mut out, value, indent, 0, Part::Object);
    out
}

/// What a map is part of, whose keys are not in alphabetical order.
#[derive(Clone, Copy)]
enum Part {
    Object,
    Metadata,
    Details,
    Other,
}

impl Part {
    /// The keys that come first, in their order.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Part::Object => &[
                "kind",
                "apiVersion",
                "groupVersion",
                "metadata",
                "spec",
                "status",
                "message",
                "reason",
                "details",
                "code",
                "major",
                "minor",
                "gitVersion",
                "goVersion",
            ],
            Part::Metadata => &[
                "name",
                "generateName",
                "namespace",
                "uid",
                "resourceVersion",
                "generation",
                "creationTimestamp",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
            ],
            Part::Details => &["name", "group", "kind"],
            Part::Other => &[],
        }
    }

    /// What the value of a key is.
    fn of(self, key: &str) -> Part {
        match (self, key) {
            (Part::Object, "metadata") => Part::Metadata,
            (Part::Object, "details") => Part::Details,
            (Part::Object, "items") => Part::Object,
            _ => Part::Other,
        }
    }
}

/// Reads JSON text.
///
/// # Errors
/// Where it is not JSON, with serde_json's words and position.
pub fn from_str(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

fn newline(out: &mut String, indent: Option<usize>, depth: usize) {
    if let Some(indent) = indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * depth));
    }
}

fn write(out: &mut String, value: &Value, indent: Option<usize>, depth: usize) {
    write_part(out, value, indent, depth, Part::Other);
}

fn write_part(out: &mut String, value: &Value, indent: Option<usize>, depth: usize, part: Part) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) => {
            let _ = write!(out, "{n}");
        }
        Value::Float(n) => out.push_str(&float(n.0)),
        Value::Str(text) => quote(out, text),
        Value::List(items) if items.is_empty() => out.push_str("[]"),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                newline(out, indent, depth + 1);
                write_part(out, item, indent, depth + 1, part);
            }
            newline(out, indent, depth);
            out.push(']');
        }
        Value::Map(map) if map.is_empty() => out.push_str("{}"),
        Value::Map(map) => {
            out.push('{');
            let first = part.keys();
            let first = first.iter().filter_map(|key| Some((*key, map.get(key)?)));
            let rest = map.iter().filter(|(key, _)| !part.keys().contains(key));
            for (at, (key, item)) in first.chain(rest).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                newline(out, indent, depth + 1);
                quote(out, key);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write_part(out, item, indent, depth + 1, part.of(key));
            }
            newline(out, indent, depth);
            out.push('}');
        }
    }
}

/// A number as Go's `encoding/json` writes it: plain, or with an exponent below 1e-6 and from 1e21 on.
pub fn float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        return match text.split_once('e') {
            Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power:0>2}"),
            Some((digits, power)) => format!("{digits}e-{:0>2}", &power[1..]).replace("e-0", "e-"),
            None => text,
        };
    }
    format!("{number}")
}

/// Text in quotes, escaped as Go's `json.Marshal` does.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn as_go_writes_it() {
        let value = value!({"a": "<b> & \"c\"\n", "n": [1, (1.5)], "e": {}, "l": []});
        assert_eq!(to_string(&value), r#"{"a":"\u003cb\u003e \u0026 \"c\"\n","e":{},"l":[],"n":[1,1.5]}"#);
        assert_eq!(to_string_pretty(&value!({"a": [1]}), 4), "{\n    \"a\": [\n        1\n    ]\n}");
        let object = value!({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"name": "x", "app": "y"}, "name": "a"}});
        let served =
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"app":"y","name":"x"}}}"#;
        assert_eq!(to_string_served(&object, None), served);
        assert_eq!((float(1e21), float(1e-7), float(3.0)), ("1e+21".into(), "1e-7".into(), "3".into()));
    }
}
