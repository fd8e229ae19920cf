//! What `jq` knows to do with values: formats, operators, functions of none or one argument.

use super::json::{Json, read_all, set};
use crate::api::base64::{decode, encode};
use crate::container::regex::Regex;

/// A value as errors show it: its kind, and the beginning of its text.
pub(super) fn shown(value: &Json) -> String {
    let text = value.written(None);
    let short = match text.char_indices().nth(11) {
        Some(_) => text.chars().take(10).chain("...".chars()).collect(),
        None => text,
    };
    format!("{} ({short})", value.kind())
}

pub(super) fn as_text(value: &Json) -> String {
    match value {
        Json::Text(text) => text.clone(),
        other => other.written(None),
    }
}

pub(super) fn formatted(format: &str, value: &Json) -> Result<String, String> {
    let row = |quote: fn(&str) -> String, between: &str| match value {
        Json::Array(items) => {
            let cell = |item: &Json| match item {
                Json::Text(text) => Ok(quote(text)),
                Json::Null => Ok(String::new()),
                Json::Array(_) | Json::Object(_) => {
                    Err(format!("{} is not valid in a {format} row", shown(item)))
                }
                other => Ok(other.written(None)),
            };
            Ok(items.iter().map(cell).collect::<Result<Vec<_>, _>>()?.join(between))
        }
        other => Err(format!("{} cannot be {format}-formatted, only an array can be", shown(other))),
    };
    let text = as_text(value);
    Ok(match format {
        "text" => text,
        "json" => value.written(None),
        "base64" => encode(text.as_bytes()),
        "base64d" => {
            let bytes = decode(text.trim_end_matches('\n'))
                .map_err(|_| format!("{} is not valid base64 data", shown(value)))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        "csv" => row(|text| format!("\"{}\"", text.replace('"', "\"\"")), ",")?,
        "tsv" => row(|text| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n"), "\t")?,
        "sh" => {
            let quoted = |value: &Json| match value {
                Json::Text(text) => format!("'{}'", text.replace('\'', "'\\''")),
                other => other.written(None),
            };
            match value {
                Json::Array(items) => items.iter().map(quoted).collect::<Vec<_>>().join(" "),
                other => quoted(other),
            }
        }
        "html" => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
            .replace('"', "&quot;"),
        "uri" => {
            let letter = |byte: u8| match byte {
                b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
                _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            };
            text.bytes().map(letter).collect()
        }
        other => return Err(format!("{other} is not a valid format")),
    })
}

pub(super) fn arithmetic(operator: &str, left: &Json, right: &Json) -> Result<Json, String> {
    let order = left.order(right);
    Ok(match (operator, left, right) {
        ("==", ..) => Json::Bool(order.is_eq()),
        ("!=", ..) => Json::Bool(order.is_ne()),
        ("<", ..) => Json::Bool(order.is_lt()),
        ("<=", ..) => Json::Bool(order.is_le()),
        (">", ..) => Json::Bool(order.is_gt()),
        (">=", ..) => Json::Bool(order.is_ge()),
        ("+", Json::Null, other) | ("+", other, Json::Null) => other.clone(),
        ("+", Json::Number(a), Json::Number(b)) => Json::Number(a + b),
        ("+", Json::Text(a), Json::Text(b)) => Json::Text(format!("{a}{b}")),
        ("+", Json::Array(a), Json::Array(b)) => Json::Array(a.iter().chain(b).cloned().collect()),
        ("+", Json::Object(a), Json::Object(b)) => {
            let mut fields = a.clone();
            b.iter().for_each(|(name, value)| set(&mut fields, name, value.clone()));
            Json::Object(fields)
        }
        ("-", Json::Number(a), Json::Number(b)) => Json::Number(a - b),
        ("-", Json::Array(a), Json::Array(b)) => {
            Json::Array(a.iter().filter(|item| !b.contains(item)).cloned().collect())
        }
        ("*", Json::Number(a), Json::Number(b)) => Json::Number(a * b),
        ("*", Json::Object(a), Json::Object(_)) => {
            let mut fields = a.clone();
            let Json::Object(b) = right else { return Ok(Json::Null) };
            for (name, value) in b {
                let old = a.iter().find(|(own, _)| own == name).map(|(_, value)| value);
                let new = match (old, value) {
                    (Some(old @ Json::Object(_)), Json::Object(_)) => arithmetic("*", old, value)?,
                    _ => value.clone(),
                };
                set(&mut fields, name, new);
            }
            Json::Object(fields)
        }
        ("/" | "%", Json::Number(_), Json::Number(b)) if *b == 0.0 => {
            return Err(format!(
                "{} and {} cannot be divided because the divisor is zero",
                shown(left),
                shown(right)
            ));
        }
        ("/", Json::Number(a), Json::Number(b)) => Json::Number(a / b),
        ("%", Json::Number(a), Json::Number(b)) => Json::Number((a.trunc() % b.trunc()).trunc()),
        ("/", Json::Text(a), Json::Text(b)) => split(a, b),
        _ => {
            let done = match operator {
                "+" => "added",
                "-" => "subtracted",
                "*" => "multiplied",
                _ => "divided",
            };
            return Err(format!("{} and {} cannot be {done}", shown(left), shown(right)));
        }
    })
}

fn split(text: &str, by: &str) -> Json {
    if text.is_empty() {
        return Json::Array(Vec::new());
    }
    let parts: Vec<String> = match by {
        "" => text.chars().map(String::from).collect(),
        _ => text.split(by).map(str::to_owned).collect(),
    };
    Json::Array(parts.into_iter().map(Json::Text).collect())
}

pub(super) fn arranged(how: &str, keyed: Vec<(Json, Json)>) -> Json {
    match how {
        "sort" => Json::Array(keyed.into_iter().map(|(_, item)| item).collect()),
        "min" => keyed.into_iter().next().map_or(Json::Null, |(_, item)| item),
        "max" => keyed.into_iter().last().map_or(Json::Null, |(_, item)| item),
        _ => {
            let mut groups: Vec<(Json, Vec<Json>)> = Vec::new();
            for (key, item) in keyed {
                match groups.last_mut().filter(|(own, _)| *own == key) {
                    Some((_, items)) => items.push(item),
                    None => groups.push((key, vec![item])),
                }
            }
            let of = |(_, mut items): (Json, Vec<Json>)| match how {
                "group" => Json::Array(items),
                _ => items.swap_remove(0),
            };
            Json::Array(groups.into_iter().map(of).collect())
        }
    }
}

fn field(of: &Json, name: &str) -> Json {
    let Json::Object(fields) = of else { return Json::Null };
    fields.iter().find(|(own, _)| own == name).map_or(Json::Null, |(_, value)| value.clone())
}

fn entry(name: &str, value: &Json) -> Json {
    Json::Object(vec![("key".to_owned(), Json::Text(name.to_owned())), ("value".to_owned(), value.clone())])
}

/// The functions without arguments.
pub(super) fn simple(name: &str, value: &Json) -> Result<Json, String> {
    let keys = |fields: &[(String, Json)]| {
        fields.iter().map(|(name, _)| Json::Text(name.clone())).collect::<Vec<_>>()
    };
    Ok(match (name, value) {
        ("not", _) => Json::Bool(!value.is_true()),
        ("true", _) => Json::Bool(true),
        ("false", _) => Json::Bool(false),
        ("null", _) => Json::Null,
        ("length", Json::Null) => Json::Number(0.0),
        ("length", Json::Text(text)) => Json::Number(text.chars().count() as f64),
        ("length", Json::Array(items)) => Json::Number(items.len() as f64),
        ("length", Json::Object(fields)) => Json::Number(fields.len() as f64),
        ("length", Json::Number(number)) => Json::Number(number.abs()),
        ("utf8bytelength", Json::Text(text)) => Json::Number(text.len() as f64),
        ("keys" | "keys_unsorted", Json::Object(fields)) => {
            let mut keys = keys(fields);
            if name == "keys" {
                keys.sort_by(Json::order);
            }
            Json::Array(keys)
        }
        ("keys" | "keys_unsorted", Json::Array(items)) => {
            Json::Array((0..items.len()).map(|at| Json::Number(at as f64)).collect())
        }
        ("keys" | "keys_unsorted", other) => return Err(format!("{} has no keys", shown(other))),
        ("length", other) => return Err(format!("{} has no length", shown(other))),
        ("type", _) => Json::Text(value.kind().to_owned()),
        ("tostring", _) => Json::Text(as_text(value)),
        ("tojson", _) => Json::Text(value.written(None)),
        ("tonumber", Json::Number(_)) => value.clone(),
        ("tonumber", Json::Text(text)) => match text.parse() {
            Ok(number) => Json::Number(number),
            Err(_) => return Err(format!("{} cannot be parsed as a number", shown(value))),
        },
        ("fromjson", Json::Text(text)) => match read_all(text) {
            Ok(mut values) if values.len() == 1 => values.remove(0),
            _ => return Err(format!("{text} (while parsing '{text}')")),
        },
        ("add", Json::Array(items)) => {
            items.iter().try_fold(Json::Null, |sum, item| arithmetic("+", &sum, item))?
        }
        ("add", Json::Object(fields)) => {
            fields.iter().try_fold(Json::Null, |sum, (_, item)| arithmetic("+", &sum, item))?
        }
        ("any", Json::Array(items)) => Json::Bool(items.iter().any(Json::is_true)),
        ("all", Json::Array(items)) => Json::Bool(items.iter().all(Json::is_true)),
        ("reverse", Json::Array(items)) => Json::Array(items.iter().rev().cloned().collect()),
        ("reverse", Json::Text(text)) => Json::Text(text.chars().rev().collect()),
        ("reverse", Json::Null) => Json::Array(Vec::new()),
        ("flatten", Json::Array(_)) => {
            fn flat(items: &[Json], out: &mut Vec<Json>) {
                for item in items {
                    match item {
                        Json::Array(items) => flat(items, out),
                        other => out.push(other.clone()),
                    }
                }
            }
            let mut out = Vec::new();
            if let Json::Array(items) = value {
                flat(items, &mut out);
            }
            Json::Array(out)
        }
        ("to_entries", Json::Object(fields)) => {
            Json::Array(fields.iter().map(|(name, value)| entry(name, value)).collect())
        }
        ("from_entries", Json::Array(entries)) => {
            let mut fields = Vec::new();
            for entry in entries {
                let of = |names: &[&str]| {
                    let names = names.iter().map(|name| field(entry, name));
                    names.into_iter().find(|value| *value != Json::Null).unwrap_or(Json::Null)
                };
                let value = of(&["value", "Value", "v"]);
                set(&mut fields, &as_text(&of(&["key", "k", "name", "Name", "Key", "K"])), value);
            }
            Json::Object(fields)
        }
        ("ascii_downcase", Json::Text(text)) => Json::Text(text.to_ascii_lowercase()),
        ("ascii_upcase", Json::Text(text)) => Json::Text(text.to_ascii_uppercase()),
        ("trim", Json::Text(text)) => Json::Text(text.trim().to_owned()),
        ("floor", Json::Number(number)) => Json::Number(number.floor()),
        ("ceil", Json::Number(number)) => Json::Number(number.ceil()),
        ("round", Json::Number(number)) => Json::Number(number.round()),
        _ if KNOWN.contains(&name) => return Err(format!("{} cannot be used with {name}", shown(value))),
        _ => return Err(format!("{name}/0 is not defined")),
    })
}

/// The functions above by name, for those that do not fit their input.
const KNOWN: &[&str] = &[
    "tonumber",
    "fromjson",
    "add",
    "any",
    "all",
    "reverse",
    "flatten",
    "to_entries",
    "from_entries",
    "ascii_downcase",
    "ascii_upcase",
    "trim",
    "floor",
    "ceil",
    "round",
    "utf8bytelength",
];

pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::extended(pattern, false)
        .map_err(|why| format!("{pattern} (at offset 0) is not a valid regex: {why}"))
}

fn contains(whole: &Json, part: &Json) -> Result<bool, String> {
    Ok(match (whole, part) {
        (Json::Text(whole), Json::Text(part)) => whole.contains(part.as_str()),
        (Json::Array(whole), Json::Array(parts)) => {
            parts.iter().all(|part| whole.iter().any(|own| contains(own, part).unwrap_or(false)))
        }
        (Json::Object(whole), Json::Object(parts)) => parts.iter().all(|(name, part)| {
            let own = whole.iter().find(|(own, _)| own == name);
            own.is_some_and(|(_, own)| contains(own, part).unwrap_or(false))
        }),
        _ if whole.kind() == part.kind() => whole == part,
        _ => {
            return Err(format!(
                "{} and {} cannot have their containment checked",
                shown(whole),
                shown(part)
            ));
        }
    })
}

/// The functions with one argument that is a value.
pub(super) fn with_argument(name: &str, value: &Json, argument: &Json) -> Result<Json, String> {
    Ok(match (name, value, argument) {
        ("has", Json::Object(fields), Json::Text(key)) => {
            Json::Bool(fields.iter().any(|(own, _)| own == key))
        }
        ("has", Json::Array(items), Json::Number(at)) => {
            Json::Bool(*at >= 0.0 && (*at as usize) < items.len())
        }
        ("has", other, key) => {
            return Err(format!("Cannot check whether {} has a {} key", other.kind(), key.kind()));
        }
        ("contains", ..) => Json::Bool(contains(value, argument)?),
        ("inside", ..) => Json::Bool(contains(argument, value)?),
        ("join", Json::Array(items), Json::Text(by)) => {
            let mut texts = Vec::new();
            for item in items {
                texts.push(match item {
                    Json::Null => String::new(),
                    Json::Array(_) | Json::Object(_) => {
                        return Err(format!("string (\"{by}\") and {} cannot be added", shown(item)));
                    }
                    other => as_text(other),
                });
            }
            Json::Text(texts.join(by))
        }
        ("split", Json::Text(text), Json::Text(by)) => split(text, by),
        ("startswith", Json::Text(text), Json::Text(part)) => Json::Bool(text.starts_with(part.as_str())),
        ("endswith", Json::Text(text), Json::Text(part)) => Json::Bool(text.ends_with(part.as_str())),
        ("startswith" | "endswith", ..) => return Err(format!("{name}() requires string inputs")),
        ("ltrimstr", Json::Text(text), Json::Text(part)) => {
            Json::Text(text.strip_prefix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("rtrimstr", Json::Text(text), Json::Text(part)) => {
            Json::Text(text.strip_suffix(part.as_str()).unwrap_or(text).to_owned())
        }
        ("ltrimstr" | "rtrimstr", ..) => value.clone(),
        ("test", Json::Text(text), Json::Text(pattern)) => Json::Bool(regex(pattern)?.is_match(text)),
        ("test", ..) => return Err(format!("{} cannot be matched, as it is not a string", shown(value))),
        ("index", Json::Text(text), Json::Text(part)) => {
            text.find(part.as_str()).map_or(Json::Null, |at| Json::Number(at as f64))
        }
        ("index", Json::Array(items), _) => {
            items.iter().position(|item| item == argument).map_or(Json::Null, |at| Json::Number(at as f64))
        }
        ("join" | "split", ..) => return Err(format!("{} cannot be used with {name}", shown(value))),
        _ => return Err(format!("{name}/1 is not defined")),
    })
}
