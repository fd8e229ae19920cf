//! The functions of templates.

use std::cmp::Ordering;

use crate::api::base64;
use crate::base::Value;

use super::format;

/// What a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub name: &'static str,
    /// How many it must be given.
    pub fixed: usize,
    /// True where it may be given more.
    pub more: bool,
    /// True where the first of them must be a text.
    pub text: bool,
}

const fn function(name: &'static str, fixed: usize, more: bool) -> Function {
    Function { name, fixed, more, text: false }
}

const FUNCTIONS: [Function; 20] = [
    function("and", 1, true),
    function("or", 1, true),
    function("not", 1, false),
    function("len", 1, false),
    function("index", 1, true),
    function("slice", 1, true),
    function("eq", 1, true),
    function("ne", 2, false),
    function("lt", 2, false),
    function("le", 2, false),
    function("gt", 2, false),
    function("ge", 2, false),
    function("print", 0, true),
    Function { text: true, ..function("printf", 1, true) },
    function("println", 0, true),
    function("html", 0, true),
    function("js", 0, true),
    function("urlquery", 0, true),
    function("exists", 1, true),
    Function { text: true, ..function("base64decode", 1, false) },
];

/// The function of this name.
pub(super) fn of(name: &str) -> Option<Function> {
    FUNCTIONS.into_iter().find(|function| function.name == name)
}

/// True for what `if` takes as true.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Int(number) => *number != 0,
        Value::Float(number) => number.0 != 0.0,
        Value::Str(_) | Value::List(_) | Value::Map(_) => !value.is_empty(),
    }
}

type Outcome = Result<Value, String>;

/// Calls a function with as many values as it takes. `and` and `or` are the caller's, who need not have all of them.
///
/// # Errors
/// Go's words.
pub(super) fn call(name: &str, values: &[Value]) -> Outcome {
    let first = values.first().unwrap_or(&Value::Null);
    let ordered = |wanted: fn(Ordering) -> bool| order(first, &values[1]).map(|order| wanted(order).into());
    match name {
        "not" => Ok((!truth(first)).into()),
        "len" => length(first).map(Value::from),
        "index" => index(first, &values[1..]),
        "slice" => slice(first, &values[1..]),
        "eq" => equal(first, &values[1..]).map(Value::from),
        "ne" => equal(first, &values[1..]).map(|same| (!same).into()),
        "lt" => ordered(Ordering::is_lt),
        "le" => ordered(Ordering::is_le),
        "gt" => ordered(Ordering::is_gt),
        "ge" => ordered(Ordering::is_ge),
        "print" => Ok(format::sprint(values).into()),
        "println" => Ok(format::sprintln(values).into()),
        "printf" => Ok(format::sprintf(first.str(), &values[1..]).into()),
        "html" => Ok(escaped(values, html).into()),
        "js" => Ok(escaped(values, js).into()),
        "urlquery" => Ok(escaped(values, query).into()),
        "exists" => Ok(exists(first, &values[1..]).into()),
        _ => decoded(first.str()),
    }
}

fn length(value: &Value) -> Result<i64, String> {
    Ok(match value {
        Value::Str(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::Null => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", format::type_of(other))),
    } as i64)
}

/// A place in something of this length.
fn place(at: &Value, length: usize) -> Result<usize, String> {
    match at {
        Value::Int(at) => match usize::try_from(*at) {
            Ok(place) if place <= length => Ok(place),
            _ => Err(format!("index out of range: {at}")),
        },
        Value::Null => Err("cannot index slice/array with nil".into()),
        other => Err(format!("cannot index slice/array with type {}", format::type_of(other))),
    }
}

fn index(value: &Value, path: &[Value]) -> Outcome {
    if value.is_null() {
        return Err("index of untyped nil".into());
    }
    let mut found = value.clone();
    for step in path {
        let out_of_range = || format!("index out of range: {}", format::plain(step));
        found = match &found {
            Value::List(items) => items.get(place(step, items.len())?).cloned().ok_or_else(out_of_range)?,
            Value::Str(text) => {
                let byte = text.as_bytes().get(place(step, text.len())?).copied();
                i64::from(byte.ok_or_else(out_of_range)?).into()
            }
            Value::Map(map) => match step {
                Value::Str(key) => map.get(key).cloned().unwrap_or_default(),
                Value::Null => return Err("value is nil; should be of type string".into()),
                other => {
                    return Err(format!("value has type {}; should be string", format::type_of(other)));
                }
            },
            Value::Null => return Err("index of nil pointer".into()),
            other => return Err(format!("can't index item of type {}", format::type_of(other))),
        };
    }
    Ok(found)
}

fn slice(value: &Value, ends: &[Value]) -> Outcome {
    if value.is_null() {
        return Err("slice of untyped nil".into());
    }
    if ends.len() > 3 {
        return Err(format!("too many slice indexes: {}", ends.len()));
    }
    let length = match value {
        Value::Str(_) if ends.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Value::Str(text) => text.len(),
        Value::List(items) => items.len(),
        other => return Err(format!("can't slice item of type {}", format::type_of(other))),
    };
    let start = ends.first().map_or(Ok(0), |end| place(end, length))?;
    let end = ends.get(1).map_or(Ok(length), |end| place(end, length))?;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}"));
    }
    Ok(match value {
        Value::Str(text) => String::from_utf8_lossy(&text.as_bytes()[start..end]).into_owned().into(),
        _ => value.items()[start..end].to_vec().into(),
    })
}

/// What of a value can be compared with what.
#[derive(PartialEq)]
enum Basic {
    Bool,
    Int,
    Float,
    Text,
}

fn basic(value: &Value) -> Option<Basic> {
    match value {
        Value::Bool(_) => Some(Basic::Bool),
        Value::Int(_) => Some(Basic::Int),
        Value::Float(_) => Some(Basic::Float),
        Value::Str(_) => Some(Basic::Text),
        _ => None,
    }
}

const NOT_ALIKE: &str = "incompatible types for comparison";

fn equal(first: &Value, others: &[Value]) -> Result<bool, String> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        let same = match (first, other) {
            (Value::Null, _) | (_, Value::Null) => first == other,
            _ if basic(first) != basic(other) => return Err(NOT_ALIKE.into()),
            (Value::List(_) | Value::Map(_), _) => {
                return Err(format!(
                    "non-comparable type {}: {}",
                    format::plain(first),
                    format::type_of(other)
                ));
            }
            (Value::Float(a), Value::Float(b)) => a.0 == b.0,
            _ => first == other,
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

fn order(a: &Value, b: &Value) -> Result<Ordering, String> {
    let (Some(of_a), Some(of_b)) = (basic(a), basic(b)) else {
        return Err("invalid type for comparison".into());
    };
    match (a, b) {
        _ if of_a != of_b => Err(NOT_ALIKE.into()),
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => Ok(a.0.total_cmp(&b.0)),
        _ => Err("invalid type for comparison".into()),
    }
}

/// The values as one text, with some characters written in another way.
fn escaped(values: &[Value], character: fn(char) -> Option<String>) -> String {
    let shown = |value: &Value| if value.is_null() { Value::from("<no value>") } else { value.clone() };
    let text = format::sprint(&values.iter().map(shown).collect::<Vec<_>>());
    text.chars().map(|c| character(c).unwrap_or_else(|| c.into())).collect()
}

fn html(c: char) -> Option<String> {
    Some(
        match c {
            '"' => "&#34;",
            '\'' => "&#39;",
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '\0' => "\u{fffd}",
            _ => return None,
        }
        .into(),
    )
}

fn js(c: char) -> Option<String> {
    Some(match c {
        '\\' | '\'' | '"' => format!("\\{c}"),
        '<' | '>' | '&' | '=' => format!("\\u{:04X}", c as u32),
        c if c.is_control() => format!("\\u{:04X}", c as u32),
        _ => return None,
    })
}

fn query(c: char) -> Option<String> {
    if c.is_ascii_alphanumeric() || "-_.~".contains(c) {
        return None;
    }
    if c == ' ' {
        return Some("+".into());
    }
    Some(c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("%{byte:02X}")).collect())
}

/// True where there is something at the end of a path.
fn exists(value: &Value, path: &[Value]) -> bool {
    path.iter()
        .try_fold(value, |value, step| match (value, step) {
            (Value::Map(map), Value::Str(key)) => map.get(key),
            (Value::List(items), Value::Int(at)) => items.get(usize::try_from(*at).ok()?),
            _ => None,
        })
        .is_some_and(|found| !found.is_null())
}

fn decoded(text: &str) -> Outcome {
    match base64::decode(text) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned().into()),
        Err(at) => Err(format!("base64 decode failed: illegal base64 data at input byte {at}")),
    }
}
