//! The functions of the language.

use super::eval::{Scope, described, from_json, members_of, sum};
use super::json::Json;
use super::parse::Filter;

/// The names of those that jq has, with how many arguments, where Saya has them.
pub const KNOWN: &str = "add/0 all/0 all/1 any/0 any/1 ascii_downcase/0 ascii_upcase/0 ceil/0 contains/1 del/1 empty/0 \
    endswith/1 env/0 error/0 error/1 first/0 first/1 flatten/0 floor/0 from_entries/0 fromjson/0 \
    group_by/1 gsub/2 has/1 index/1 inside/1 join/1 keys/0 keys_unsorted/0 last/0 last/1 length/0 \
    limit/2 ltrimstr/1 map/1 map_values/1 max/0 max_by/1 min/0 min_by/1 not/0 nth/1 path/1 paths/0 \
    range/1 range/2 recurse/0 reverse/0 round/0 rtrimstr/1 select/1 sort/0 sort_by/1 split/1 \
    startswith/1 sub/2 test/1 test/2 to_entries/0 tojson/0 tonumber/0 tostring/0 type/0 unique/0 \
    unique_by/1 values/0 with_entries/1";

/// Others that jq has.
pub const OTHERS: &str = "ascii bsearch builtins capture combinations date debug delpaths env error explode \
    fromdate getpath gmtime halt halt_error implode in indices infinite input input_filename \
    input_line_number inputs isempty isvalid leaf_paths limit localtime ltrimstr match mktime \
    modulemeta nan now paths pow range recurse repeat scan setpath splits \
    sqrt strftime strptime todate tostream transpose until utf8bytelength walk while";

type Results = Result<Vec<Json>, String>;

/// What is sorted, with what it is sorted by.
fn keyed(scope: &Scope, by: Option<&Filter>, value: &Json, word: &str) -> Result<Vec<(Json, Json)>, String> {
    let Json::List(items) = value else {
        return Err(format!("{} cannot be {word}, as it is not an array", described(value)));
    };
    let mut keyed = Vec::new();
    for item in items {
        let key = match by {
            Some(by) => Json::List(scope.run(by, item)?),
            None => item.clone(),
        };
        keyed.push((key, item.clone()));
    }
    Ok(keyed)
}

fn sorted(scope: &Scope, by: Option<&Filter>, value: &Json, word: &str) -> Result<Vec<(Json, Json)>, String> {
    let mut keyed = keyed(scope, by, value, word)?;
    keyed.sort_by(|a, b| a.0.order(&b.0));
    Ok(keyed)
}

fn contains(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Text(a), Json::Text(b)) => a.contains(b.as_str()),
        (Json::List(a), Json::List(b)) => b.iter().all(|b| a.iter().any(|a| contains(a, b))),
        (Json::Object(_), Json::Object(b)) => b.iter().all(|(key, b)| contains(&a.get(key), b)),
        _ => a == b,
    }
}

fn flat(items: &[Json], out: &mut Vec<Json>) {
    for item in items {
        match item {
            Json::List(items) => flat(items, out),
            other => out.push(other.clone()),
        }
    }
}

fn expression(pattern: &str, flags: &str) -> Result<regex_lite::Regex, String> {
    let flags = if flags.contains('i') { "(?i)" } else { "" };
    let unread = |_| format!("{pattern} (at offset 0) is not a valid regex");
    regex_lite::Regex::new(&format!("{flags}{pattern}")).map_err(unread)
}

fn to_entries(value: &Json) -> Result<Vec<Json>, String> {
    let Json::Object(pairs) = value else { return Err(format!("{} has no keys", described(value))) };
    let entry = |(key, value): &(String, Json)| {
        Json::Object(vec![("key".into(), Json::Text(key.clone())), ("value".into(), value.clone())])
    };
    Ok(pairs.iter().map(entry).collect())
}

fn from_entries(entries: &[Json]) -> Result<Json, String> {
    let mut object = Json::Object(Vec::new());
    for entry in entries {
        let either =
            |names: [&str; 2]| names.map(|name| entry.get(name)).into_iter().find(|own| *own != Json::Null);
        let key = either(["key", "name"]).unwrap_or(Json::Null);
        object.set(&key.text(), entry.get("value"));
    }
    Ok(object)
}

/// What a function makes of a value; none where it names a place.
pub fn call(scope: &Scope, name: &str, arguments: &[Filter], value: &Json) -> Option<Results> {
    let text = || match value {
        Json::Text(text) => Ok(text.as_str()),
        other => Err(other),
    };
    let argument = |at: usize| scope.one(&arguments[at], value);
    let number = |of: fn(f64) -> f64| match value {
        Json::Number(number) => Ok(Json::Number(of(*number))),
        other => Err(format!("{} number required", described(other))),
    };
    let items = || members_of(value);
    let word = |at: usize, own: &str| -> Result<(String, String), String> {
        match (text(), argument(at)?) {
            (Ok(text), Json::Text(word)) => Ok((text.to_owned(), word)),
            _ => Err(format!("{own}() requires string inputs")),
        }
    };
    let one = |result: Result<Json, String>| Some(result.map(|json| vec![json]));
    let list = |result: Results| one(result.map(Json::List));
    let extreme = |by: Option<&Filter>, last: bool| {
        sorted(scope, by, value, "iterated over").map(|keyed| {
            let found = if last { keyed.last() } else { keyed.first() };
            found.map_or(Json::Null, |(_, item)| item.clone())
        })
    };
    match (name, arguments) {
        ("length", []) => one(Ok(Json::Number(match value {
            Json::Null => 0.0,
            Json::Number(number) => number.abs(),
            Json::Text(text) => text.chars().count() as f64,
            Json::List(items) => items.len() as f64,
            Json::Object(pairs) => pairs.len() as f64,
            Json::Bool(_) => return Some(Err(format!("{} has no length", described(value)))),
        }))),
        ("keys" | "keys_unsorted", []) => one(match value {
            Json::Object(pairs) if name == "keys_unsorted" => {
                Ok(Json::List(pairs.iter().map(|(key, _)| Json::Text(key.clone())).collect()))
            }
            Json::Object(_) => Ok(Json::List(value.keys().into_iter().map(Json::Text).collect())),
            Json::List(items) => Ok(Json::List((0..items.len()).map(|at| Json::Number(at as f64)).collect())),
            other => Err(format!("{} has no keys", described(other))),
        }),
        ("values", []) => Some(Ok(if *value == Json::Null { Vec::new() } else { vec![value.clone()] })),
        ("not", []) => one(Ok(Json::Bool(!value.holds()))),
        ("type", []) => one(Ok(Json::Text(value.kind().into()))),
        ("add", []) => one(items().and_then(|items| sum(&items))),
        ("any" | "all", [] | [_]) => one(items().and_then(|items| {
            let mut holds = Vec::new();
            for item in items {
                match arguments.first() {
                    Some(asked) => holds.extend(scope.run(asked, &item)?.iter().map(Json::holds)),
                    None => holds.push(item.holds()),
                }
            }
            Ok(Json::Bool(if name == "any" { holds.contains(&true) } else { !holds.contains(&false) }))
        })),
        ("map", [filter]) => list(items().and_then(|items| {
            items
                .iter()
                .map(|item| scope.run(filter, item))
                .collect::<Result<Vec<_>, _>>()
                .map(|all| all.concat())
        })),
        ("map_values", [filter]) => {
            let each = Filter::Each(Box::new(Filter::Identity));
            Some(scope.run(&Filter::Binary("|=", Box::new(each), Box::new(filter.clone())), value))
        }
        ("has", [_]) => one(argument(0).and_then(|key| match (value, &key) {
            (Json::Object(pairs), Json::Text(key)) => Ok(Json::Bool(pairs.iter().any(|(own, _)| own == key))),
            (Json::List(items), Json::Number(at)) => {
                Ok(Json::Bool(*at >= 0.0 && (*at as usize) < items.len()))
            }
            _ => Err(format!("Cannot check whether {} has a {} key", value.kind(), key.kind())),
        })),
        ("contains", [_]) => one(argument(0).map(|other| Json::Bool(contains(value, &other)))),
        ("inside", [_]) => one(argument(0).map(|other| Json::Bool(contains(&other, value)))),
        ("startswith", [_]) => one(word(0, name).map(|(text, word)| Json::Bool(text.starts_with(&word)))),
        ("endswith", [_]) => one(word(0, name).map(|(text, word)| Json::Bool(text.ends_with(&word)))),
        ("ltrimstr", [_]) => one(Ok(match word(0, name) {
            Ok((text, word)) => Json::Text(text.strip_prefix(&word).unwrap_or(&text).to_owned()),
            Err(_) => value.clone(),
        })),
        ("rtrimstr", [_]) => one(Ok(match word(0, name) {
            Ok((text, word)) => Json::Text(text.strip_suffix(&word).unwrap_or(&text).to_owned()),
            Err(_) => value.clone(),
        })),
        ("split", [_]) => one(word(0, "split input and separator must be strings").map(|(text, word)| {
            let parts = text.split(word.as_str()).filter(|part| !word.is_empty() || !part.is_empty());
            Json::List(parts.map(|part| Json::Text(part.to_owned())).collect())
        })),
        ("join", [_]) => one(argument(0).and_then(|between| {
            let words = items()?
                .iter()
                .map(|item| match item {
                    Json::Null => Ok(String::new()),
                    Json::List(_) | Json::Object(_) => {
                        Err(format!("{} and {} cannot be added", described(&between), described(item)))
                    }
                    other => Ok(other.text()),
                })
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Json::Text(words.join(&between.text())))
        })),
        ("index", [_]) => one(word(0, name).map(|(text, word)| {
            text.find(&word).map_or(Json::Null, |at| Json::Number(text[..at].chars().count() as f64))
        })),
        ("test", [_] | [_, _]) => one((|| {
            let flags = if arguments.len() > 1 { argument(1)?.text() } else { String::new() };
            let text = text()
                .map_err(|other| format!("{} cannot be matched, as it is not a string", described(other)))?;
            Ok(Json::Bool(expression(&argument(0)?.text(), &flags)?.is_match(text)))
        })()),
        ("sub" | "gsub", [_, _]) => one((|| {
            let text = text()
                .map_err(|other| format!("{} cannot be matched, as it is not a string", described(other)))?;
            let (found, new) = (expression(&argument(0)?.text(), "")?, argument(1)?.text());
            let new = regex_lite::NoExpand(&new);
            let changed = if name == "sub" { found.replace(text, new) } else { found.replace_all(text, new) };
            Ok(Json::Text(changed.into_owned()))
        })()),
        ("ascii_downcase", []) => one(Ok(Json::Text(value.text().to_ascii_lowercase()))),
        ("ascii_upcase", []) => one(Ok(Json::Text(value.text().to_ascii_uppercase()))),
        ("tostring", []) => one(Ok(Json::Text(value.text()))),
        ("tojson", []) => one(Ok(Json::Text(value.line()))),
        ("fromjson", []) => one(from_json(&value.text())),
        ("tonumber", []) => one(match value {
            Json::Number(_) => Ok(value.clone()),
            Json::Text(text) => {
                let unread = |_| format!("Cannot parse '{text}' as JSON");
                text.trim().parse().map(Json::Number).map_err(unread)
            }
            other => Err(format!("{} cannot be parsed as a number", described(other))),
        }),
        ("floor", []) => one(number(f64::floor)),
        ("ceil", []) => one(number(f64::ceil)),
        ("round", []) => one(number(f64::round)),
        ("range", [_] | [_, _]) => Some((|| {
            let (first, last) = match arguments.len() {
                1 => (Json::Number(0.0), argument(0)?),
                _ => (argument(0)?, argument(1)?),
            };
            let (Json::Number(first), Json::Number(last)) = (first, last) else {
                return Err("Range bounds must be numeric".into());
            };
            Ok((first as i64..last.ceil() as i64).map(|at| Json::Number(at as f64)).collect())
        })()),
        ("to_entries", []) => list(to_entries(value)),
        ("from_entries", []) => one(items().and_then(|items| from_entries(&items))),
        ("with_entries", [filter]) => one(to_entries(value).and_then(|entries| {
            let all = entries.iter().map(|entry| scope.run(filter, entry)).collect::<Result<Vec<_>, _>>()?;
            from_entries(&all.concat())
        })),
        ("sort", []) => list(sorted(scope, None, value, "sorted").map(values)),
        ("sort_by", [by]) => list(sorted(scope, Some(by), value, "sorted").map(values)),
        ("group_by" | "unique_by" | "unique", [] | [_]) => list(
            sorted(scope, arguments.first(), value, if name == "group_by" { "grouped" } else { "sorted" })
                .map(|keyed| {
                    let mut groups: Vec<(Json, Vec<Json>)> = Vec::new();
                    for (key, item) in keyed {
                        match groups.last_mut().filter(|(own, _)| *own == key) {
                            Some((_, group)) => group.push(item),
                            None => groups.push((key, vec![item])),
                        }
                    }
                    let group = |(_, mut group): (Json, Vec<Json>)| match name {
                        "group_by" => Json::List(group),
                        _ => group.swap_remove(0),
                    };
                    groups.into_iter().map(group).collect()
                }),
        ),
        ("min", []) => one(extreme(None, false)),
        ("max", []) => one(extreme(None, true)),
        ("min_by", [by]) => one(extreme(Some(by), false)),
        ("max_by", [by]) => one(extreme(Some(by), true)),
        ("reverse", []) => list(items().map(|mut items| {
            items.reverse();
            items
        })),
        ("flatten", []) => list(items().map(|items| {
            let mut out = Vec::new();
            flat(&items, &mut out);
            out
        })),
        ("last", [filter]) => {
            Some(scope.run(filter, value).map(|all| all.into_iter().next_back().into_iter().collect()))
        }
        ("nth", [_]) => one(argument(0).and_then(|at| {
            scope.one(&Filter::Index(Box::new(Filter::Identity), Box::new(Filter::Value(at))), value)
        })),
        ("limit", [count, filter]) => Some(scope.one(count, value).and_then(|count| {
            let Json::Number(count) = count else { return Err("Invalid arguments to limit".into()) };
            Ok(scope.run(filter, value)?.into_iter().take(count.max(0.0) as usize).collect())
        })),
        ("del", [filter]) => one(scope.without(filter, value)),
        ("path", [filter]) => Some(
            scope.paths(filter, value).map(|all| all.into_iter().map(|(path, _)| Json::List(path)).collect()),
        ),
        ("paths", []) => Some(scope.paths(&Filter::Recurse, value).map(|all| {
            all.into_iter().map(|(path, _)| path).filter(|path| !path.is_empty()).map(Json::List).collect()
        })),
        ("env", []) => Some(scope.run(&Filter::Variable("ENV".into()), value)),
        ("error", []) => Some(Err(value.text())),
        ("error", [_]) => Some(argument(0).and_then(|why| Err(why.text()))),
        _ => None,
    }
}

fn values(keyed: Vec<(Json, Json)>) -> Vec<Json> {
    keyed.into_iter().map(|(_, item)| item).collect()
}
