//! `replacements`: fields of objects copied into others.

use crate::base::{Value, yaml};

use super::resource::{Id, Resource};
use super::resources::Resources;
use super::root::Root;
use super::selector::Selector;
use super::{Outcome, fields};

/// Carries out all replacements, those in files of their own too.
pub(super) fn apply(all: &mut Resources, root: &Root<'_>, replacements: &Value) -> Outcome<()> {
    for entry in replacements.items() {
        let path = entry.get("path").str();
        if path.is_empty() {
            one(all, entry)?;
            continue;
        }
        let file = yaml::read(&root.load(path)?).map_err(|error| error.message)?.value;
        match &file {
            Value::List(entries) => {
                entries.iter().try_for_each(|entry| one(all, &fields::replacement(entry)?))?;
            }
            entry => one(all, &fields::replacement(entry)?)?,
        }
    }
    Ok(())
}

fn one(all: &mut Resources, entry: &Value) -> Outcome<()> {
    let (source, targets) = (entry.get("source"), entry.get("targets"));
    if (source.is_null() && entry.get("sourceValue").is_null()) || targets.is_empty() {
        return Err("replacements must specify a source and at least one target".into());
    }
    let value = match source {
        Value::Null => entry.get("sourceValue").clone(),
        source => read(all, source)?,
    };
    for target in targets.items() {
        let select = target.get("select");
        if select.is_null() {
            return Err("target must specify resources to select".into());
        }
        let select = Selector::read(select)?;
        let reject = target.get("reject").items().iter().filter(|reject| !reject.is_empty());
        let reject = reject.map(Selector::read).collect::<Outcome<Vec<_>>>()?;
        for object in &mut all.0 {
            let ids: Vec<Id> = object.before.iter().cloned().chain([object.id()]).collect();
            if select.matches(object, &ids) && !reject.iter().any(|reject| reject.matches(object, &ids)) {
                write(object, target, &value)?;
            }
        }
    }
    Ok(())
}

/// True for an object that is or was called just as a source says.
fn selects(selector: &Value, one: &Resource) -> bool {
    let fits =
        |field: &str, text: &str| selector.get(field).str().is_empty() || selector.get(field).str() == text;
    let is_it = |id: &Id| {
        fits("group", &id.group)
            && fits("version", &id.version)
            && fits("kind", &id.kind)
            && fits("name", &id.name)
            && fits("namespace", id.effective_namespace())
    };
    is_it(&one.id()) || one.before.iter().any(is_it)
}

fn field_path<'a>(selector: &'a Value, field: &str) -> &'a str {
    match selector.get(field).str() {
        "" => "metadata.name",
        path => path,
    }
}

/// The selector as kustomize names it.
fn text(selector: &Value) -> String {
    let id = Id {
        group: selector.get("group").str().into(),
        version: selector.get("version").str().into(),
        kind: selector.get("kind").str().into(),
        name: selector.get("name").str().into(),
        namespace: selector.get("namespace").str().into(),
    };
    [&id.to_string(), ":", selector.get("fieldPath").str()].concat()
}

/// The value that is copied.
fn read(all: &Resources, source: &Value) -> Outcome<Value> {
    let found: Vec<&Resource> = all.0.iter().filter(|one| selects(source, one)).collect();
    let [one] = found[..] else {
        let many = if found.is_empty() { "nothing selected by " } else { "multiple matches for selector " };
        return Err([many, &text(source)].concat());
    };
    let path = field_path(source, "fieldPath");
    let steps = steps(path);
    let mut body = one.body.clone();
    let Some(value) = places(&mut body, &steps, false)?.into_iter().next().map(|value| value.clone()) else {
        let id = one.id();
        return Err(format!("fieldPath `{path}` is missing for replacement source {id}"));
    };
    let options = source.get("options");
    let delimiter = options.get("delimiter").str();
    if delimiter.is_empty() {
        return Ok(value);
    }
    let plain = scalar(&value).ok_or("delimiter option can only be used with scalar nodes")?;
    let index = options.get("index").int();
    let part = usize::try_from(index).ok().and_then(|index| plain.split(delimiter).nth(index));
    part.map(Value::from).ok_or_else(|| format!("options.index {index} is out of bounds for value {plain}"))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn write(one: &mut Resource, target: &Value, value: &Value) -> Outcome<()> {
    let options = target.get("options");
    let (create, delimiter) = (options.get("create").bool(), options.get("delimiter").str());
    let paths: Vec<&str> = match target.get("fieldPaths").items() {
        [] => vec!["metadata.name"],
        paths => paths.iter().map(Value::str).collect(),
    };
    let before = one.id();
    let mut body = one.body.clone();
    for path in paths {
        let found = places(&mut body, &steps(path), create)?;
        if found.is_empty() {
            return Err(format!("unable to find field \"{path}\" in replacement target"));
        }
        for place in found {
            *place = match (delimiter, scalar(value)) {
                ("", _) => like(place, value),
                (_, None) => return Err("delimiter option can only be used with scalar nodes".into()),
                (_, Some(new)) => {
                    let old = scalar(place).ok_or("delimiter option can only be used with scalar nodes")?;
                    let mut parts: Vec<&str> = old.split(delimiter).collect();
                    match usize::try_from(options.get("index").int()) {
                        Err(_) => parts.insert(0, &new),
                        Ok(at) if at >= parts.len() => parts.push(&new),
                        Ok(at) => parts[at] = &new,
                    }
                    parts.join(delimiter).into()
                }
            };
        }
    }
    if !Id::of(&body).is(&before) {
        one.remember();
    }
    one.body = body;
    Ok(())
}

/// The value, as text where text was.
fn like(place: &Value, value: &Value) -> Value {
    match (place, scalar(value)) {
        (Value::Str(_), Some(text)) => text.into(),
        _ => value.clone(),
    }
}

/// `spec.containers.[name=web].image` in steps; a dot in a name is written `\.`, brackets keep theirs.
fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let (mut within, mut escaped) = (false, false);
    for c in path.chars() {
        let Some(last) = steps.last_mut() else { break };
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '.' if !escaped && !within => steps.push(String::new()),
            _ => {
                within = (within || c == '[') && c != ']';
                last.push(c);
            }
        }
        escaped = false;
    }
    steps
}

/// The places that a path leads to, made where they are missing and `create` says so.
fn places<'a>(value: &'a mut Value, steps: &[String], create: bool) -> Outcome<Vec<&'a mut Value>> {
    let Some((step, rest)) = steps.split_first() else { return Ok(vec![value]) };
    let bare = step.trim_start_matches('[').trim_end_matches(']');
    let mut found = Vec::new();
    if step == "*" || (step.starts_with('[') && step.contains('=')) || matches!(value, Value::List(_)) {
        let wanted = bare.split_once('=');
        let fits = |at: usize, item: &Value| match wanted {
            _ if step == "*" => true,
            Some((key, text)) => scalar(item.get(key)).as_deref() == Some(text),
            None => bare.parse() == Ok(at),
        };
        if let (true, Some((key, text))) = (create, wanted)
            && !value.items().iter().any(|item| fits(0, item))
        {
            let mut item = Value::map();
            item.set(key, text);
            value.push(item);
        }
        if !matches!(value, Value::List(_)) {
            return Ok(found);
        }
        for (at, item) in value.items_mut().iter_mut().enumerate() {
            if fits(at, item) {
                found.extend(places(item, rest, create)?);
            }
        }
        return Ok(found);
    }
    if !matches!(value, Value::Map(_) | Value::Null) {
        return Ok(found);
    }
    if value.get(bare).is_null() && !create {
        return Ok(found);
    }
    places(value.entry(bare), rest, create)
}
