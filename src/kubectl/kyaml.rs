//! KYAML: YAML with braces and quotes, so that nothing depends on indentation.

use crate::base::Value;

/// A document of KYAML.
pub fn text(value: &Value) -> String {
    let mut out = String::from("---\n");
    write(&mut out, value, 0);
    out.push('\n');
    out
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn write(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Map(map) if map.is_empty() => out.push_str("{}"),
        Value::Map(map) => {
            out.push_str("{\n");
            for (key, value) in map.iter() {
                indent(out, depth + 1);
                if plain_key(key) {
                    out.push_str(key)
                } else {
                    quote(out, key, depth + 1)
                }
                out.push_str(": ");
                write(out, value, depth + 1);
                out.push_str(",\n");
            }
            indent(out, depth);
            out.push('}');
        }
        Value::List(items) if items.is_empty() => out.push_str("[]"),
        Value::List(items) if items.iter().all(|item| matches!(item, Value::Map(_) | Value::List(_))) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(out, item, depth);
            }
            out.push(']');
        }
        Value::List(items) => {
            out.push_str("[\n");
            for item in items.iter() {
                indent(out, depth + 1);
                write(out, item, depth + 1);
                out.push_str(",\n");
            }
            indent(out, depth);
            out.push(']');
        }
        Value::Str(text) => quote(out, text, depth),
        Value::Null => out.push_str("null"),
        other => out.push_str(&crate::base::json::to_string(other)),
    }
}

/// A key that no YAML reader takes for anything but text.
fn plain_key(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let ambiguous = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(plain)
        && !ambiguous.contains(&key.to_ascii_lowercase().as_str())
}

/// Text in double quotes; several lines are folded with escaped line ends.
fn quote(out: &mut String, text: &str, depth: usize) {
    let escaped = |line: &str| {
        let mut escaped = String::new();
        for c in line.chars() {
            match c {
                '"' => escaped.push_str("\\\""),
                '\\' => escaped.push_str("\\\\"),
                '\t' => escaped.push_str("\\t"),
                '\r' => escaped.push_str("\\r"),
                '\0'..='\u{1f}' => escaped.push_str(&format!("\\x{:02x}", c as u32)),
                _ => escaped.push(c),
            }
        }
        escaped
    };
    if !text.contains('\n') {
        out.push_str(&format!("\"{}\"", escaped(text)));
        return;
    }
    out.push_str("\"\\\n");
    let lines: Vec<&str> = text.split('\n').collect();
    for (at, line) in lines.iter().enumerate() {
        let last = at + 1 == lines.len();
        if last && line.is_empty() {
            break;
        }
        indent(out, depth + 1);
        // A line that begins with a blank would lose it.
        out.push_str(if line.starts_with(' ') { "\\" } else { " " });
        out.push_str(&escaped(line));
        out.push_str(if last { "\\\n" } else { "\\n\\\n" });
    }
    indent(out, depth + 1);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn braces_and_quotes() {
        let value = value!({"a": 1, "no": "x", "l": [{"b": "c"}], "s": ["t"], "e": {}});
        let expected = "---\n{\n  a: 1,\n  e: {},\n  l: [{\n    b: \"c\",\n  }],\n  \"no\": \"x\",\n  s: [\n    \"t\",\n  ],\n}\n";
        assert_eq!(text(&value), expected);
    }
}
