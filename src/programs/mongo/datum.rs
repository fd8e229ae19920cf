//! Documents: how they are read from what people type, compared, and printed by each shell.

use std::fmt::Write;

/// A value of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Datum {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    /// The 24 hexadecimal digits of an `ObjectId`.
    Id(String),
    List(Vec<Datum>),
    Map(Vec<(String, Datum)>),
}

/// Lines longer than this are broken, as node's `util.inspect` does.
const WIDTH: usize = 80;

impl Datum {
    /// Reads a value as JavaScript has it, and returns what follows.
    pub(super) fn read(text: &str) -> Option<(Datum, &str)> {
        let text = text.trim_start();
        let first = text.chars().next()?;
        match first {
            '{' | '[' => {
                let close = if first == '{' { '}' } else { ']' };
                let (mut fields, mut items) = (Vec::new(), Vec::new());
                let mut rest = text[1..].trim_start();
                loop {
                    if let Some(after) = rest.strip_prefix(close) {
                        let all = if first == '{' { Datum::Map(fields) } else { Datum::List(items) };
                        return Some((all, after));
                    }
                    if first == '{' {
                        let (name, after) = name(rest)?;
                        let (value, after) = Datum::read(after.trim_start().strip_prefix(':')?)?;
                        fields.push((name, value));
                        rest = after.trim_start();
                    } else {
                        let (value, after) = Datum::read(rest)?;
                        items.push(value);
                        rest = after.trim_start();
                    }
                    rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
                }
            }
            '"' | '\'' => {
                let (value, rest) = quoted(text)?;
                Some((Datum::Text(value), rest))
            }
            _ => {
                let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"+-._$".contains(c));
                let (word, rest) = text.split_at(end.unwrap_or(text.len()));
                Some(match word {
                    "null" | "undefined" => (Datum::Null, rest),
                    "true" | "false" => (Datum::Bool(word == "true"), rest),
                    "ObjectId" | "NumberInt" | "NumberLong" | "Int32" | "Long" => {
                        let (inner, after) = Datum::read(rest.trim_start().strip_prefix('(')?)?;
                        let inner = match inner {
                            Datum::Text(own) if word == "ObjectId" => Datum::Id(own),
                            Datum::Text(own) => Datum::Number(own),
                            other => other,
                        };
                        (inner, after.trim_start().strip_prefix(')')?)
                    }
                    _ => {
                        word.parse::<f64>().ok()?;
                        (Datum::Number(word.to_owned()), rest)
                    }
                })
            }
        }
    }

    /// All values between commas.
    pub(super) fn read_all(text: &str) -> Option<Vec<Datum>> {
        let text = format!("[{text}]");
        let (list, rest) = Datum::read(&text)?;
        match list {
            Datum::List(items) if rest.is_empty() => Some(items),
            _ => None,
        }
    }

    pub(super) fn number(value: impl ToString) -> Datum {
        Datum::Number(value.to_string())
    }

    pub(super) fn map<const N: usize>(fields: [(&str, Datum); N]) -> Datum {
        Datum::Map(fields.map(|(name, value)| (name.to_owned(), value)).into())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Datum> {
        match self {
            Datum::Map(fields) => {
                let (first, rest) =
                    name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
                let value = fields.iter().find(|(own, _)| own == first).map(|(_, value)| value)?;
                rest.map_or(Some(value), |rest| value.get(rest))
            }
            _ => None,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Datum) {
        let Datum::Map(fields) = self else { return };
        match fields.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => *own = value,
            None => fields.push((name.to_owned(), value)),
        }
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Datum::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether a document is one that this filter asks for; an operator that is not known matches nothing.
    pub(super) fn fits(&self, filter: &Datum) -> bool {
        let Datum::Map(wanted) = filter else { return true };
        wanted.iter().all(|(name, wish)| {
            let own = self.get(name);
            match wish {
                Datum::Map(operators) if operators.first().is_some_and(|(name, _)| name.starts_with('$')) => {
                    operators.iter().all(|(operator, operand)| {
                        let order = own.and_then(|own| own.compared(operand));
                        match operator.as_str() {
                            "$eq" => own == Some(operand),
                            "$ne" => own != Some(operand),
                            "$gt" => order == Some(std::cmp::Ordering::Greater),
                            "$lt" => order == Some(std::cmp::Ordering::Less),
                            "$gte" => order.is_some_and(|order| order.is_ge()),
                            "$lte" => order.is_some_and(|order| order.is_le()),
                            "$exists" => own.is_some() == (*operand != Datum::Bool(false)),
                            "$in" => {
                                matches!((operand, own), (Datum::List(all), Some(own)) if all.contains(own))
                            }
                            _ => false,
                        }
                    })
                }
                _ => own == Some(wish) || matches!(own, Some(Datum::List(all)) if all.contains(wish)),
            }
        })
    }

    /// The order of two values of one type.
    pub(super) fn compared(&self, other: &Datum) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Datum::Text(one), Datum::Text(other)) | (Datum::Id(one), Datum::Id(other)) => {
                Some(one.cmp(other))
            }
            _ => self.as_number()?.partial_cmp(&other.as_number()?),
        }
    }

    /// As `mongosh` prints it: node's `util.inspect`, at this depth.
    pub(super) fn inspected(&self, depth: usize) -> String {
        let parts: Vec<String> = match self {
            Datum::Null => return "null".to_owned(),
            Datum::Bool(value) => return value.to_string(),
            Datum::Number(text) => return text.clone(),
            Datum::Text(text) => {
                let mark = if text.contains('\'') { '"' } else { '\'' };
                return format!("{mark}{}{mark}", text.replace('\\', "\\\\").replace('\n', "\\n"));
            }
            Datum::Id(text) => return format!("ObjectId('{text}')"),
            Datum::List(items) => items.iter().map(|item| item.inspected(depth + 2)).collect(),
            Datum::Map(fields) => {
                let named = fields.iter().map(|(name, value)| {
                    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
                        && !name.starts_with(|c: char| c.is_ascii_digit());
                    let name = if plain { name.clone() } else { format!("'{name}'") };
                    format!("{name}: {}", value.inspected(depth + 2))
                });
                named.collect()
            }
        };
        let (open, close) = if matches!(self, Datum::List(_)) { ('[', ']') } else { ('{', '}') };
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let length: usize = parts.iter().map(|part| part.chars().count()).sum();
        let flat = parts.iter().all(|part| !part.contains('\n'));
        if flat && length + 2 * parts.len() + depth + 11 <= WIDTH {
            return format!("{open} {} {close}", parts.join(", "));
        }
        let margin = " ".repeat(depth);
        format!("{open}\n{margin}  {}\n{margin}{close}", parts.join(&format!(",\n{margin}  ")))
    }

    /// As the older shell prints it (`tojson`); on one line where it is short, or where that is asked for.
    pub(super) fn tojson(&self, one_line: bool) -> String {
        let text = self.lines(0);
        match one_line || text.chars().count() < WIDTH {
            true => text
                .replace(['\n', '\t'], " ")
                .split(' ')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
            false => text,
        }
    }

    fn lines(&self, depth: usize) -> String {
        let tabs = "\t".repeat(depth + 1);
        let close = "\t".repeat(depth);
        match self {
            Datum::Text(text) => {
                let mut out = String::from("\"");
                for c in text.chars() {
                    match c {
                        '"' | '\\' => out.extend(['\\', c]),
                        '\n' => out.push_str("\\n"),
                        c => out.push(c),
                    }
                }
                out + "\""
            }
            Datum::Id(text) => format!("ObjectId(\"{text}\")"),
            Datum::List(items) if items.is_empty() => "[ ]".to_owned(),
            Datum::List(items) => {
                let lines: Vec<String> =
                    items.iter().map(|item| format!("{tabs}{}", item.lines(depth + 1))).collect();
                format!("[\n{}\n{close}]", lines.join(",\n"))
            }
            Datum::Map(fields) if fields.is_empty() => "{  }".to_owned(),
            Datum::Map(fields) => {
                let mut out = String::from("{\n");
                for (at, (name, value)) in fields.iter().enumerate() {
                    let comma = if at + 1 < fields.len() { "," } else { "" };
                    let _ = writeln!(out, "{tabs}\"{name}\" : {}{comma}", value.lines(depth + 1));
                }
                format!("{out}{close}}}")
            }
            other => other.inspected(0),
        }
    }
}

/// The name of a field, quoted or not.
fn name(text: &str) -> Option<(String, &str)> {
    if text.starts_with(['"', '\'']) {
        return quoted(text);
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')?;
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mark = text.chars().next()?;
    let (mut out, mut chars) = (String::new(), text[1..].char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                other => out.push(other),
            },
            c if c == mark => return Some((out, &text[1 + at + c.len_utf8()..])),
            c => out.push(c),
        }
    }
    None
}
