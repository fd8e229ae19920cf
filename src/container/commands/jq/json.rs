//! JSON as `jq` has it: objects keep the order of their keys.

use std::cmp::Ordering;

use crate::base::{Value, json};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// All values of a text, one after the other.
///
/// # Errors
/// Those before the place where it is not JSON, with what is wrong there.
pub(super) fn read_all(text: &str) -> Result<Vec<Json>, (Vec<Json>, String)> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    let mut values = Vec::new();
    loop {
        reader.blank();
        if reader.at == reader.bytes.len() {
            return Ok(values);
        }
        match reader.value() {
            Some(value) => values.push(value),
            None => {
                let rest = &text.as_bytes()[reader.at.min(text.len())..];
                let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                let before = &text.as_bytes()[..text.len() - rest.len() + word];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
                let what = match reader.at >= text.len() {
                    true => "Unfinished JSON term",
                    false => "Invalid literal",
                };
                return Err((values, format!("{what} at line {line}, column {column}")));
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.blank();
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Option<Json> {
        self.blank();
        match self.bytes.get(self.at)? {
            b'{' => {
                self.at += 1;
                let mut fields: Vec<(String, Json)> = Vec::new();
                if self.take(b'}') {
                    return Some(Json::Object(fields));
                }
                loop {
                    self.blank();
                    let name = self.text()?;
                    if !self.take(b':') {
                        return None;
                    }
                    let value = self.value()?;
                    set(&mut fields, &name, value);
                    if self.take(b'}') {
                        return Some(Json::Object(fields));
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                if self.take(b']') {
                    return Some(Json::Array(items));
                }
                loop {
                    items.push(self.value()?);
                    if self.take(b']') {
                        return Some(Json::Array(items));
                    }
                    if !self.take(b',') {
                        return None;
                    }
                }
            }
            b'"' => self.text().map(Json::Text),
            _ => {
                let rest = &self.bytes[self.at..];
                let end =
                    rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte));
                let word = std::str::from_utf8(&rest[..end.unwrap_or(rest.len())]).ok()?;
                let value = match word {
                    "null" => Json::Null,
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    _ => Json::Number(word.parse().ok()?),
                };
                self.at += word.len();
                Some(value)
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        let rest = &self.bytes[self.at..];
        if rest.first() != Some(&b'"') {
            return None;
        }
        let mut end = 1;
        while *rest.get(end)? != b'"' {
            end += if rest[end] == b'\\' { 2 } else { 1 };
        }
        let literal = std::str::from_utf8(rest.get(..=end)?).ok()?;
        let Ok(Value::Str(text)) = json::from_str(literal) else { return None };
        self.at += end + 1;
        Some(text.to_string())
    }
}

/// Sets a field of an object where it is, or at its end.
pub(super) fn set(fields: &mut Vec<(String, Json)>, name: &str, value: Json) {
    match fields.iter_mut().find(|(own, _)| own == name) {
        Some(field) => field.1 = value,
        None => fields.push((name.to_owned(), value)),
    }
}

impl Json {
    pub fn is_true(&self) -> bool {
        !matches!(self, Json::Null | Json::Bool(false))
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::Text(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }

    /// Objects with their keys in order.
    pub fn sorted(&self) -> Json {
        match self {
            Json::Array(items) => Json::Array(items.iter().map(Json::sorted).collect()),
            Json::Object(fields) => {
                let mut fields: Vec<_> =
                    fields.iter().map(|(name, value)| (name.clone(), value.sorted())).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Json::Object(fields)
            }
            other => other.clone(),
        }
    }

    /// In one line, or with this much in front of each deeper line.
    pub fn written(&self, indent: Option<&str>) -> String {
        let mut out = String::new();
        self.write(&mut out, indent, 0);
        out
    }

    fn write(&self, out: &mut String, indent: Option<&str>, depth: usize) {
        let line = |out: &mut String, depth: usize| {
            if let Some(indent) = indent {
                out.push('\n');
                out.extend(std::iter::repeat_n(indent, depth));
            }
        };
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(own) => out.push_str(if *own { "true" } else { "false" }),
            Json::Number(own) => out.push_str(&number(*own)),
            Json::Text(own) => out.push_str(&json::to_string(&own.as_str().into())),
            Json::Array(items) if items.is_empty() => out.push_str("[]"),
            Json::Object(fields) if fields.is_empty() => out.push_str("{}"),
            Json::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    item.write(out, indent, depth + 1);
                }
                line(out, depth);
                out.push(']');
            }
            Json::Object(fields) => {
                out.push('{');
                for (at, (name, item)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    out.push_str(&json::to_string(&name.as_str().into()));
                    out.push_str(if indent.is_some() { ": " } else { ":" });
                    item.write(out, indent, depth + 1);
                }
                line(out, depth);
                out.push('}');
            }
        }
    }

    /// jq's order of all values: null, false, true, numbers, text, arrays, objects.
    pub fn order(&self, other: &Json) -> Ordering {
        let rank = |value: &Json| match value {
            Json::Null => 0,
            Json::Bool(own) => 1 + u8::from(*own),
            Json::Number(_) => 3,
            Json::Text(_) => 4,
            Json::Array(_) => 5,
            Json::Object(_) => 6,
        };
        match (self, other) {
            (Json::Number(a), Json::Number(b)) => a.total_cmp(b),
            (Json::Text(a), Json::Text(b)) => a.cmp(b),
            (Json::Array(a), Json::Array(b)) => {
                let differs = a.iter().zip(b).map(|(a, b)| a.order(b)).find(|order| order.is_ne());
                differs.unwrap_or(a.len().cmp(&b.len()))
            }
            (Json::Object(_), Json::Object(_)) => {
                let (Json::Object(a), Json::Object(b)) = (self.sorted(), other.sorted()) else {
                    return Ordering::Equal;
                };
                let keys =
                    |fields: &[(String, Json)]| fields.iter().map(|own| own.0.clone()).collect::<Vec<_>>();
                let differs = a.iter().zip(&b).map(|(a, b)| a.1.order(&b.1)).find(|order| order.is_ne());
                keys(&a).cmp(&keys(&b)).then(differs.unwrap_or(Ordering::Equal))
            }
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

fn number(number: f64) -> String {
    match number {
        _ if number.is_nan() => "null".to_owned(),
        _ if number.fract() == 0.0 && number.abs() < 1e17 => format!("{}", number as i64),
        _ => json::float(number),
    }
}
