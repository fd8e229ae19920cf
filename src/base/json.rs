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
                write(out, item, indent, depth + 1);
            }
            newline(out, indent, depth);
            out.push(']');
        }
        Value::Map(map) if map.is_empty() => out.push_str("{}"),
        Value::Map(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                newline(out, indent, depth + 1);
                quote(out, key);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, item, indent, depth + 1);
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
        assert_eq!((float(1e21), float(1e-7), float(3.0)), ("1e+21".into(), "1e-7".into(), "3".into()));
    }
}
