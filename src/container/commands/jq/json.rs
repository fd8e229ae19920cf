//! JSON whose objects keep the order of their keys.

use std::cmp::Ordering;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The name of its type.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::Text(_) => "string",
            Json::List(_) => "array",
            Json::Object(_) => "object",
        }
    }

    /// Whether a condition takes it for true.
    pub fn holds(&self) -> bool {
        !matches!(self, Json::Null | Json::Bool(false))
    }

    pub fn get(&self, key: &str) -> Json {
        let Json::Object(pairs) = self else { return Json::Null };
        pairs.iter().find(|(own, _)| own == key).map_or(Json::Null, |(_, value)| value.clone())
    }

    /// Puts a value under a key, behind the others where the key is new.
    pub fn set(&mut self, key: &str, value: Json) {
        let Json::Object(pairs) = self else { return };
        match pairs.iter_mut().find(|(own, _)| own == key) {
            Some((_, old)) => *old = value,
            None => pairs.push((key.to_owned(), value)),
        }
    }

    /// Its keys in alphabetical order.
    pub fn keys(&self) -> Vec<String> {
        let Json::Object(pairs) = self else { return Vec::new() };
        let mut keys: Vec<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
        keys.sort_unstable();
        keys
    }

    /// jq's order: null, false, true, numbers, texts, lists, objects.
    pub fn order(&self, other: &Json) -> Ordering {
        let rank = |value: &Json| match value {
            Json::Null => 0,
            Json::Bool(false) => 1,
            Json::Bool(true) => 2,
            Json::Number(_) => 3,
            Json::Text(_) => 4,
            Json::List(_) => 5,
            Json::Object(_) => 6,
        };
        match (self, other) {
            (Json::Number(a), Json::Number(b)) => a.total_cmp(b),
            (Json::Text(a), Json::Text(b)) => a.cmp(b),
            (Json::List(a), Json::List(b)) => {
                let apart = a.iter().zip(b).map(|(a, b)| a.order(b)).find(|order| order.is_ne());
                apart.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            (Json::Object(_), Json::Object(_)) => {
                let (keys, others) = (self.keys(), other.keys());
                let values = |of: &Json| keys.iter().map(|key| of.get(key)).collect();
                keys.cmp(&others).then_with(|| Json::List(values(self)).order(&Json::List(values(other))))
            }
            _ => rank(self).cmp(&rank(other)),
        }
    }

    /// As text; indented by so many spaces where they are given.
    pub fn write(&self, out: &mut String, indent: Option<usize>, depth: usize, sorted: bool) {
        let newline = |out: &mut String, depth: usize| {
            if let Some(indent) = indent {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', indent * depth));
            }
        };
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Number(number) => out.push_str(&written(*number)),
            Json::Text(text) => quote(out, text),
            Json::List(items) if items.is_empty() => out.push_str("[]"),
            Json::Object(pairs) if pairs.is_empty() => out.push_str("{}"),
            Json::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    newline(out, depth + 1);
                    item.write(out, indent, depth + 1, sorted);
                }
                newline(out, depth);
                out.push(']');
            }
            Json::Object(pairs) => {
                let mut pairs: Vec<_> = pairs.iter().collect();
                if sorted {
                    pairs.sort_by(|a, b| a.0.cmp(&b.0));
                }
                out.push('{');
                for (at, (key, value)) in pairs.into_iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    newline(out, depth + 1);
                    quote(out, key);
                    out.push_str(if indent.is_some() { ": " } else { ":" });
                    value.write(out, indent, depth + 1, sorted);
                }
                newline(out, depth);
                out.push('}');
            }
        }
    }

    /// On one line.
    pub fn line(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None, 0, false);
        out
    }

    /// A text as it is, all else as JSON.
    pub fn text(&self) -> String {
        match self {
            Json::Text(text) => text.clone(),
            other => other.line(),
        }
    }
}

fn written(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e17 {
        return format!("{number:.0}");
    }
    crate::base::json::float(number)
}

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
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A reader of the values of a text, one after the other.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// How many lines were begun.
    pub fn lines(&self) -> usize {
        let read = &self.text[..self.at];
        read.matches('\n').count() + usize::from(self.text[self.at..].starts_with('\n'))
    }

    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    /// The next value; none at the end.
    pub fn next(&mut self) -> Option<Result<Json, String>> {
        self.peek()?;
        Some(self.value().map_err(|what| {
            // What comes behind a word ends it, or the text does.
            if what.ends_with("EOF") {
                self.at = self.text.len();
            } else {
                self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
            }
            let before = &self.text[..self.at];
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
            format!("{what} at line {line}, column {column}")
        }))
    }

    fn value(&mut self) -> Result<Json, &'static str> {
        match self.peek().ok_or("Unfinished JSON term at EOF")? {
            '{' => {
                let mut object = Json::Object(Vec::new());
                self.at += 1;
                while self.peek() != Some('}') {
                    let Json::Text(key) = self.value()? else { return Err("Object keys must be strings") };
                    if self.peek() != Some(':') {
                        return Err("Objects must consist of key:value pairs");
                    }
                    self.at += 1;
                    let value = self.value()?;
                    object.set(&key, value);
                    self.comma('}')?;
                }
                self.at += 1;
                Ok(object)
            }
            '[' => {
                let mut items = Vec::new();
                self.at += 1;
                while self.peek() != Some(']') {
                    items.push(self.value()?);
                    self.comma(']')?;
                }
                self.at += 1;
                Ok(Json::List(items))
            }
            '"' => self.string().map(Json::Text),
            _ => {
                let rest = &self.text[self.at..];
                let end = rest.find(|c: char| c.is_whitespace() || "{}[]:,\"".contains(c));
                let word = &rest[..end.unwrap_or(rest.len())];
                self.at += word.len().max(rest.chars().next().map_or(0, char::len_utf8));
                match word {
                    "null" => Ok(Json::Null),
                    "true" => Ok(Json::Bool(true)),
                    "false" => Ok(Json::Bool(false)),
                    _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                        word.parse().map(Json::Number).map_err(|_| "Invalid numeric literal")
                    }
                    _ => Err("Invalid numeric literal"),
                }
            }
        }
    }

    fn comma(&mut self, end: char) -> Result<(), &'static str> {
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(())
            }
            Some(c) if c == end => Ok(()),
            Some(_) => Err("Expected separator between values"),
            None => Err("Unfinished JSON term at EOF"),
        }
    }

    fn string(&mut self) -> Result<String, &'static str> {
        let rest = &self.text[self.at + 1..];
        let mut escaped = false;
        let end = rest.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.ok_or("Unfinished string at EOF")?;
        let whole = &self.text[self.at..self.at + end + 2];
        self.at += whole.len();
        serde_json::from_str(whole).map_err(|_| "Invalid escape")
    }
}
