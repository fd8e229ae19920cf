//! What filters make of values.

use std::cmp::Ordering;

use super::json::{Json, Reader};
use super::parse::Filter;
use crate::api::base64;

/// A way into a value.
pub type Path = Vec<Json>;

/// What a filter runs in.
#[derive(Clone, Default)]
pub struct Scope {
    pub variables: Vec<(String, Json)>,
}

type Results = Result<Vec<Json>, String>;
type Paths = Result<Vec<(Path, Json)>, String>;

/// The functions that let values of some types through.
pub const KINDS: &[(&str, &[&str])] = &[
    ("objects", &["object"]),
    ("arrays", &["array"]),
    ("strings", &["string"]),
    ("numbers", &["number"]),
    ("booleans", &["boolean"]),
    ("nulls", &["null"]),
    ("iterables", &["array", "object"]),
    ("scalars", &["null", "boolean", "number", "string"]),
];

/// The type of a value with the value, as errors have it.
pub fn described(value: &Json) -> String {
    let line = value.line();
    let shown = match line.char_indices().nth(11) {
        Some(_) => format!("{}...", line.chars().take(10).collect::<String>()),
        None => line,
    };
    format!("{} ({shown})", value.kind())
}

/// The items of a list, the values of an object.
pub fn members_of(value: &Json) -> Results {
    match value {
        Json::List(items) => Ok(items.clone()),
        Json::Object(pairs) => Ok(pairs.iter().map(|(_, value)| value.clone()).collect()),
        other => Err(format!(
            "Cannot iterate over {}",
            if *other == Json::Null { "null (null)".into() } else { described(other) }
        )),
    }
}

fn index(value: &Json, key: &Json) -> Result<Json, String> {
    match (value, key) {
        (Json::Object(_), Json::Text(key)) => Ok(value.get(key)),
        (Json::List(items), Json::Number(at)) => {
            let at = if *at < 0.0 { at + items.len() as f64 } else { *at };
            Ok(if at < 0.0 { Json::Null } else { items.get(at as usize).cloned().unwrap_or(Json::Null) })
        }
        (Json::Null, Json::Text(_) | Json::Number(_) | Json::Null) => Ok(Json::Null),
        (_, Json::Text(key)) => Err(format!("Cannot index {} with \"{key}\"", value.kind())),
        _ => Err(format!("Cannot index {} with {}", value.kind(), key.kind())),
    }
}

/// Puts a value where a path leads, or takes away what is there.
fn put(value: &Json, path: &[Json], new: Option<Json>) -> Result<Json, String> {
    let Some((key, rest)) = path.split_first() else { return Ok(new.unwrap_or(Json::Null)) };
    let mut value = match (value, key) {
        (Json::Null, Json::Text(_)) => Json::Object(Vec::new()),
        (Json::Null, Json::Number(_)) => Json::List(Vec::new()),
        _ => value.clone(),
    };
    let old = index(&value, key)?;
    if rest.is_empty() && new.is_none() {
        match (&mut value, key) {
            (Json::Object(pairs), Json::Text(key)) => pairs.retain(|(own, _)| own != key),
            (Json::List(items), Json::Number(at)) if (*at as usize) < items.len() => {
                items.remove(*at as usize);
            }
            _ => {}
        }
        return Ok(value);
    }
    if new.is_none() && old == Json::Null {
        return Ok(value);
    }
    let changed = put(&old, rest, new)?;
    match (&mut value, key) {
        (Json::Object(_), Json::Text(key)) => value.set(key, changed),
        (Json::List(items), Json::Number(at)) => {
            let at = if *at < 0.0 { at + items.len() as f64 } else { *at } as usize;
            if items.len() <= at {
                items.resize(at + 1, Json::Null);
            }
            items[at] = changed;
        }
        _ => {}
    }
    Ok(value)
}

fn arithmetic(sign: &str, a: &Json, b: &Json) -> Result<Json, String> {
    use Json::{List, Null, Number, Object, Text};
    let word = match sign {
        "+" => "added",
        "-" => "subtracted",
        "*" => "multiplied",
        _ => "divided",
    };
    Ok(match (sign, a, b) {
        ("+", Null, other) | ("+", other, Null) => other.clone(),
        ("+", Number(a), Number(b)) => Number(a + b),
        ("+", Text(a), Text(b)) => Text(format!("{a}{b}")),
        ("+", List(a), List(b)) => List(a.iter().chain(b).cloned().collect()),
        ("+", Object(_), Object(more)) => {
            let mut sum = a.clone();
            more.iter().for_each(|(key, value)| sum.set(key, value.clone()));
            sum
        }
        ("-", Number(a), Number(b)) => Number(a - b),
        ("-", List(a), List(b)) => List(a.iter().filter(|item| !b.contains(item)).cloned().collect()),
        ("*", Number(a), Number(b)) => Number(a * b),
        ("*", Object(_), Object(more)) => {
            let mut merged = a.clone();
            for (key, value) in more {
                let value = match (a.get(key), value) {
                    (old @ Object(_), Object(_)) => arithmetic("*", &old, value)?,
                    _ => value.clone(),
                };
                merged.set(key, value);
            }
            merged
        }
        ("/" | "%", Number(_), Number(0.0)) => {
            let (a, b) = (described(a), described(b));
            return Err(format!("{a} and {b} cannot be divided because the divisor is zero"));
        }
        ("/", Number(a), Number(b)) => Number(a / b),
        ("%", Number(a), Number(b)) => Number((*a as i64 % *b as i64) as f64),
        ("/", Text(text), Text(by)) => List(text.split(by.as_str()).map(|part| Text(part.into())).collect()),
        _ => return Err(format!("{} and {} cannot be {word}", described(a), described(b))),
    })
}

/// What a text in `"\(…)"` is put through.
fn format(format: &str, value: &Json) -> Result<String, String> {
    let row = |quoted: fn(&str) -> String, between: &str, word: &str| -> Result<String, String> {
        let Json::List(items) = value else {
            return Err(format!("{} cannot be {word}-formatted, only an array can be", described(value)));
        };
        let cell = |item: &Json| match item {
            Json::Null => Ok(String::new()),
            Json::Text(text) => Ok(quoted(text)),
            Json::List(_) | Json::Object(_) => {
                Err(format!("{} is not valid in a {word} row", described(item)))
            }
            other => Ok(other.line()),
        };
        Ok(items.iter().map(cell).collect::<Result<Vec<_>, _>>()?.join(between))
    };
    let text = value.text();
    Ok(match format {
        "@json" => value.line(),
        "@base64" => base64::encode(text.as_bytes()),
        "@base64d" => {
            let whole = text.trim_end_matches('=');
            let padded = format!("{whole}{}", "=".repeat((4 - whole.len() % 4) % 4));
            let bytes = base64::decode(&padded);
            let bytes = bytes.map_err(|_| format!("{} is not valid base64 data", described(value)))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        "@csv" => row(|text| format!("\"{}\"", text.replace('"', "\"\"")), ",", "csv")?,
        "@tsv" => {
            row(|text| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n"), "\t", "tsv")?
        }
        "@html" => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
            .replace('"', "&quot;"),
        "@uri" => text
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => (byte as char).into(),
                byte => format!("%{byte:02X}"),
            })
            .collect(),
        "@sh" => format!("'{}'", text.replace('\'', "'\\''")),
        _ => text,
    })
}

impl Scope {
    /// All that a filter makes of a value.
    pub fn run(&self, filter: &Filter, value: &Json) -> Results {
        match filter {
            Filter::Value(own) => Ok(vec![own.clone()]),
            Filter::Format(name) => Ok(vec![Json::Text(format(name, value)?)]),
            Filter::Text(name, parts) => self.text(name, parts, value),
            Filter::Variable(name) => {
                let own = self.variables.iter().rev().find(|(own, _)| own == name);
                Ok(vec![own.map_or(Json::Null, |(_, value)| value.clone())])
            }
            Filter::Comma(a, b) => Ok([self.run(a, value)?, self.run(b, value)?].concat()),
            Filter::Minus(inner) => {
                let negated = |value: &Json| match value {
                    Json::Number(number) => Ok(Json::Number(-number)),
                    other => Err(format!("{} cannot be negated", described(other))),
                };
                self.run(inner, value)?.iter().map(negated).collect()
            }
            Filter::List(None) => Ok(vec![Json::List(Vec::new())]),
            Filter::List(Some(inner)) => Ok(vec![Json::List(self.run(inner, value)?)]),
            Filter::Object(pairs) => self.object(pairs, value),
            Filter::Binary(sign, a, b) => self.binary(sign, a, b, value),
            Filter::Slice(of, from, to) => self.slice(of, from.as_deref(), to.as_deref(), value),
            Filter::Call(name, arguments) => match super::functions::call(self, name, arguments, value) {
                Some(results) => results,
                None => Ok(self.paths(filter, value)?.into_iter().map(|(_, value)| value).collect()),
            },
            _ => Ok(self.paths(filter, value)?.into_iter().map(|(_, value)| value).collect()),
        }
    }

    /// The one result of a filter, or its first.
    pub fn one(&self, filter: &Filter, value: &Json) -> Result<Json, String> {
        Ok(self.run(filter, value)?.into_iter().next().unwrap_or(Json::Null))
    }

    /// The places that a filter names, with what is there.
    pub fn paths(&self, filter: &Filter, value: &Json) -> Paths {
        let mut found = Vec::new();
        match filter {
            Filter::Identity => found.push((Vec::new(), value.clone())),
            Filter::Recurse => recurse(&Vec::new(), value, &mut found),
            Filter::Index(of, key) => {
                for (path, own) in self.paths(of, value)? {
                    for key in self.run(key, value)? {
                        let inner = index(&own, &key)?;
                        found.push((with(&path, key), inner));
                    }
                }
            }
            Filter::Each(of) => {
                for (path, own) in self.paths(of, value)? {
                    found.extend(members(&path, &own, members_of(&own)?));
                }
            }
            Filter::Pipe(a, b) => {
                for (path, own) in self.paths(a, value)? {
                    for (rest, inner) in self.paths(b, &own)? {
                        found.push(([path.clone(), rest].concat(), inner));
                    }
                }
            }
            Filter::Comma(a, b) => {
                found = self.paths(a, value)?;
                found.extend(self.paths(b, value)?);
            }
            Filter::Try(tried, caught) => match (self.paths(tried, value), caught) {
                (Ok(paths), _) => found = paths,
                (Err(_), None) => {}
                (Err(why), Some(caught)) => {
                    let results = self.run(caught, &Json::Text(why))?;
                    found.extend(results.into_iter().map(|result| (Vec::new(), result)));
                }
            },
            Filter::If(asked, then, otherwise) => {
                for asked in self.run(asked, value)? {
                    match (asked.holds(), otherwise) {
                        (true, _) => found.extend(self.paths(then, value)?),
                        (false, Some(otherwise)) => found.extend(self.paths(otherwise, value)?),
                        (false, None) => found.push((Vec::new(), value.clone())),
                    }
                }
            }
            Filter::As(of, name, body) => {
                for own in self.run(of, value)? {
                    let mut scope = self.clone();
                    scope.variables.push((name.clone(), own));
                    found.extend(scope.paths(body, value)?);
                }
            }
            Filter::Binary("//", a, b) => {
                let paths = self.paths(a, value).unwrap_or_default();
                found.extend(paths.into_iter().filter(|(_, own)| own.holds()));
                if found.is_empty() {
                    found = self.paths(b, value)?;
                }
            }
            Filter::Call(name, arguments) => match (name.as_str(), &arguments[..]) {
                ("select", [asked]) => {
                    let results = self.run(asked, value)?;
                    let chosen = results.iter().filter(|result| result.holds());
                    found.extend(chosen.map(|_| (Vec::new(), value.clone())));
                }
                ("empty", []) => {}
                (kinds, []) if KINDS.iter().any(|(own, _)| *own == kinds) => {
                    let of_kind =
                        KINDS.iter().any(|(own, kind)| *own == kinds && kind.contains(&value.kind()));
                    found.extend(of_kind.then(|| (Vec::new(), value.clone())));
                }
                ("recurse", []) => recurse(&Vec::new(), value, &mut found),
                ("first", [inner]) => found.extend(self.paths(inner, value)?.into_iter().next()),
                ("first", []) => found.push((vec![Json::Number(0.0)], index(value, &Json::Number(0.0))?)),
                ("last", []) => found.push((vec![Json::Number(-1.0)], index(value, &Json::Number(-1.0))?)),
                _ => found = self.run(filter, value)?.into_iter().map(|own| (Vec::new(), own)).collect(),
            },
            _ => found = self.run(filter, value)?.into_iter().map(|own| (Vec::new(), own)).collect(),
        }
        Ok(found)
    }

    /// The value without what a filter names.
    pub fn without(&self, filter: &Filter, value: &Json) -> Result<Json, String> {
        let mut paths: Vec<Path> = self.paths(filter, value)?.into_iter().map(|(path, _)| path).collect();
        // Later items first, so that the places of the others stay.
        paths.sort_by(|a, b| Json::List(b.clone()).order(&Json::List(a.clone())));
        paths.iter().try_fold(value.clone(), |value, path| put(&value, path, None))
    }

    fn text(&self, name: &str, parts: &[(String, Option<Filter>)], value: &Json) -> Results {
        let mut texts = vec![String::new()];
        for (literal, inner) in parts {
            texts.iter_mut().for_each(|text| text.push_str(literal));
            let Some(inner) = inner else { continue };
            let mut more = Vec::new();
            for result in self.run(inner, value)? {
                let put = format(name, &result)?;
                more.extend(texts.iter().map(|text| format!("{text}{put}")));
            }
            texts = more;
        }
        Ok(texts.into_iter().map(Json::Text).collect())
    }

    fn object(&self, pairs: &[(Filter, Filter)], value: &Json) -> Results {
        let mut objects = vec![Json::Object(Vec::new())];
        for (key, inner) in pairs {
            let mut more = Vec::new();
            for key in self.run(key, value)? {
                let Json::Text(key) = &key else {
                    return Err(format!("Object keys must be strings, not {}", described(&key)));
                };
                for result in self.run(inner, value)? {
                    more.extend(objects.iter().cloned().map(|mut object| {
                        object.set(key, result.clone());
                        object
                    }));
                }
            }
            objects = more;
        }
        Ok(objects)
    }

    fn slice(&self, of: &Filter, from: Option<&Filter>, to: Option<&Filter>, value: &Json) -> Results {
        let end = |bound: Option<&Filter>, length: usize, otherwise: usize| -> Result<usize, String> {
            Ok(match bound.map(|bound| self.one(bound, value)).transpose()? {
                Some(Json::Number(at)) if at < 0.0 => (length as f64 + at).max(0.0) as usize,
                Some(Json::Number(at)) => (at as usize).min(length),
                _ => otherwise,
            })
        };
        let cut = |own: Json| -> Result<Json, String> {
            let length = match &own {
                Json::List(items) => items.len(),
                Json::Text(text) => text.chars().count(),
                Json::Null => return Ok(Json::Null),
                other => return Err(format!("Cannot index {} with object", other.kind())),
            };
            let (from, to) = (end(from, length, 0)?, end(to, length, length)?);
            let count = to.saturating_sub(from);
            Ok(match own {
                Json::Text(text) => Json::Text(text.chars().skip(from).take(count).collect()),
                Json::List(items) => Json::List(items.into_iter().skip(from).take(count).collect()),
                other => other,
            })
        };
        self.run(of, value)?.into_iter().map(cut).collect()
    }

    fn binary(&self, sign: &str, a: &Filter, b: &Filter, value: &Json) -> Results {
        match sign {
            "and" | "or" => {
                let mut results = Vec::new();
                for a in self.run(a, value)? {
                    if a.holds() == (sign == "or") {
                        results.push(Json::Bool(a.holds()));
                    } else {
                        results.extend(self.run(b, value)?.iter().map(|b| Json::Bool(b.holds())));
                    }
                }
                Ok(results)
            }
            "//" => {
                let results = self.run(a, value).unwrap_or_default();
                let chosen: Vec<Json> = results.into_iter().filter(Json::holds).collect();
                if chosen.is_empty() { self.run(b, value) } else { Ok(chosen) }
            }
            "=" => {
                let changed = |new: Json| {
                    let paths = self.paths(a, value)?;
                    paths
                        .iter()
                        .try_fold(value.clone(), |value, (path, _)| put(&value, path, Some(new.clone())))
                };
                self.run(b, value)?.into_iter().map(changed).collect()
            }
            "|=" => {
                let mut changed = value.clone();
                for (path, old) in self.paths(a, value)? {
                    changed = put(&changed, &path, self.run(b, &old)?.into_iter().next())?;
                }
                Ok(vec![changed])
            }
            "//=" | "+=" | "-=" | "*=" | "/=" => {
                let (mut changed, by) = (value.clone(), self.one(b, value)?);
                for (path, old) in self.paths(a, value)? {
                    let new = match sign.trim_end_matches('=') {
                        "//" if old.holds() => old,
                        "//" => by.clone(),
                        sign => arithmetic(sign, &old, &by)?,
                    };
                    changed = put(&changed, &path, Some(new))?;
                }
                Ok(vec![changed])
            }
            _ => {
                let mut results = Vec::new();
                for b in self.run(b, value)? {
                    for a in self.run(a, value)? {
                        let order = a.order(&b);
                        results.push(match sign {
                            "==" => Json::Bool(order == Ordering::Equal),
                            "!=" => Json::Bool(order != Ordering::Equal),
                            "<" => Json::Bool(order == Ordering::Less),
                            "<=" => Json::Bool(order != Ordering::Greater),
                            ">" => Json::Bool(order == Ordering::Greater),
                            ">=" => Json::Bool(order != Ordering::Less),
                            sign => arithmetic(sign, &a, &b)?,
                        });
                    }
                }
                Ok(results)
            }
        }
    }
}

fn with(path: &[Json], key: Json) -> Path {
    path.iter().cloned().chain([key]).collect()
}

/// What is in a value, with the ways there.
fn members(path: &[Json], value: &Json, inner: Vec<Json>) -> Vec<(Path, Json)> {
    let keys: Vec<Json> = match value {
        Json::Object(pairs) => pairs.iter().map(|(key, _)| Json::Text(key.clone())).collect(),
        _ => (0..inner.len()).map(|at| Json::Number(at as f64)).collect(),
    };
    keys.into_iter().map(|key| with(path, key)).zip(inner).collect()
}

fn recurse(path: &Path, value: &Json, found: &mut Vec<(Path, Json)>) {
    found.push((path.clone(), value.clone()));
    let inner = members_of(value).unwrap_or_default();
    for (path, value) in members(path, value, inner) {
        recurse(&path, &value, found);
    }
}

/// A value of JSON text.
pub fn from_json(text: &str) -> Result<Json, String> {
    match Reader::new(text).next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(why)) => Err(format!("{why} (while parsing '{text}')")),
        None => Ok(Json::Null),
    }
}

/// A sum of values.
pub fn sum(values: &[Json]) -> Result<Json, String> {
    values.iter().try_fold(Json::Null, |sum, value| arithmetic("+", &sum, value))
}
