//! The filters of `jq`, run: each gives any number of values, with where in the input they lie as long as they do.

use super::functions::{arithmetic, arranged, as_text, formatted, regex, shown, simple, with_argument};
use super::json::{Json, set};
use super::parse::{Filter, Piece};

/// A step of a way into a value.
#[derive(Clone, Debug, PartialEq)]
enum Key {
    Name(String),
    At(i64),
}

/// A value, and the way to it.
#[derive(Clone, Debug)]
struct Found {
    path: Option<Vec<Key>>,
    value: Json,
}

/// What was found; where an error ended it, what was found before it and why.
type Results = Result<Vec<Found>, Ended>;
type Ended = (Vec<Found>, String);

/// How deep filters may call each other.
const DEPTH: usize = 200;

pub(super) struct Runner {
    pub variables: Vec<(String, Json)>,
    env: Json,
    depth: usize,
}

fn plain(value: Json) -> Found {
    Found { path: None, value }
}

fn one(value: Json) -> Results {
    Ok(vec![plain(value)])
}

fn fail(why: impl Into<String>) -> Results {
    Err((Vec::new(), why.into()))
}

impl Runner {
    pub fn new(env: Json) -> Self {
        Self { variables: Vec::new(), env, depth: 0 }
    }

    /// The results for one input, and the error that ended them.
    pub fn run(&mut self, filter: &Filter, input: &Json) -> (Vec<Json>, Option<String>) {
        let input = Found { path: Some(Vec::new()), value: input.clone() };
        let values = |found: Vec<Found>| found.into_iter().map(|found| found.value).collect();
        match self.eval(filter, &input) {
            Ok(found) => (values(found), None),
            Err((found, why)) => (values(found), Some(why)),
        }
    }

    /// Runs a filter on each of many, and gathers what comes.
    fn each(&mut self, inputs: Vec<Found>, mut act: impl FnMut(&mut Self, Found) -> Results) -> Results {
        let mut all = Vec::new();
        for input in inputs {
            match act(self, input) {
                Ok(found) => all.extend(found),
                Err((found, why)) => {
                    all.extend(found);
                    return Err((all, why));
                }
            }
        }
        Ok(all)
    }

    fn eval(&mut self, filter: &Filter, input: &Found) -> Results {
        if self.depth > DEPTH {
            return fail("Saya does not follow filters that deep");
        }
        self.depth += 1;
        let results = self.apply(filter, input);
        self.depth -= 1;
        results
    }

    fn apply(&mut self, filter: &Filter, input: &Found) -> Results {
        match filter {
            Filter::Own => Ok(vec![input.clone()]),
            Filter::All => Ok(below(input)),
            Filter::Number(number) => one(Json::Number(*number)),
            Filter::Text(pieces) => self.text(pieces, input, None),
            Filter::Format(name, pieces) => self.text(pieces, input, Some(name)),
            Filter::Variable(name) if name == "ENV" => one(self.env.clone()),
            Filter::Variable(name) if name == "__loc__" => one(Json::Null),
            Filter::Variable(name) => match self.variables.iter().rev().find(|(own, _)| own == name) {
                Some((_, value)) => one(value.clone()),
                None => fail(format!("${name} is not defined")),
            },
            Filter::Index(of, at) => {
                let found = self.eval(of, input)?;
                self.each(found, |own, found| {
                    let keys = own.eval(at, input)?;
                    own.each(keys, |_, key| lookup(&found, &key.value))
                })
            }
            Filter::Slice(of, from, to) => {
                let found = self.eval(of, input)?;
                let bound = |own: &mut Self, end: &Option<Box<Filter>>| match end {
                    None => Ok(None),
                    Some(end) => Ok(own.eval(end, input)?.into_iter().next().map(|found| found.value)),
                };
                let (from, to) = (bound(self, from)?, bound(self, to)?);
                self.each(found, |_, found| slice(&found.value, from.as_ref(), to.as_ref()))
            }
            Filter::Each(of) => {
                let found = self.eval(of, input)?;
                self.each(found, |_, found| items(&found))
            }
            Filter::Try(inner) => Ok(self.eval(inner, input).unwrap_or_else(|(found, _)| found)),
            Filter::Pipe(left, right) => {
                let (found, why) = match self.eval(left, input) {
                    Ok(found) => (found, None),
                    Err((found, why)) => (found, Some(why)),
                };
                let results = self.each(found, |own, found| own.eval(right, &found))?;
                why.map_or(Ok(results.clone()), |why| Err((results, why)))
            }
            Filter::Comma(left, right) => {
                let mut all = self.eval(left, input)?;
                match self.eval(right, input) {
                    Ok(found) => all.extend(found),
                    Err((found, why)) => {
                        all.extend(found);
                        return Err((all, why));
                    }
                }
                Ok(all)
            }
            Filter::Binary(operator, left, right) => self.binary(operator, left, right, input),
            Filter::Negative(inner) => {
                let found = self.eval(inner, input)?;
                self.each(found, |_, found| match found.value {
                    Json::Number(number) => one(Json::Number(-number)),
                    other => fail(format!("{} cannot be negated", shown(&other))),
                })
            }
            Filter::Array(inner) => {
                let found = match inner {
                    None => Vec::new(),
                    Some(inner) => self.eval(inner, input).map_err(|(_, why)| (Vec::new(), why))?,
                };
                one(Json::Array(found.into_iter().map(|found| found.value).collect()))
            }
            Filter::Object(fields) => {
                let mut all = vec![Vec::new()];
                for (key, value) in fields {
                    let keys = self.eval(key, input)?;
                    let values = self.eval(value, input)?;
                    let mut next = Vec::new();
                    for object in &all {
                        for key in &keys {
                            let Json::Text(name) = &key.value else {
                                return fail(format!(
                                    "Object keys must be strings, not {}",
                                    shown(&key.value)
                                ));
                            };
                            for value in &values {
                                let mut object: Vec<(String, Json)> = object.clone();
                                set(&mut object, name, value.value.clone());
                                next.push(object);
                            }
                        }
                    }
                    all = next;
                }
                Ok(all.into_iter().map(|fields| plain(Json::Object(fields))).collect())
            }
            Filter::If(test, then, otherwise) => {
                let tests = self.eval(test, input)?;
                self.each(tests, |own, test| match (test.value.is_true(), otherwise) {
                    (true, _) => own.eval(then, input),
                    (false, Some(otherwise)) => own.eval(otherwise, input),
                    (false, None) => Ok(vec![input.clone()]),
                })
            }
            Filter::As(source, name, body) => {
                let values = self.eval(source, input)?;
                self.each(values, |own, value| {
                    own.variables.push((name.clone(), value.value));
                    let results = own.eval(body, input);
                    own.variables.pop();
                    results
                })
            }
            Filter::Reduce(source, name, begin, step) => {
                let values = self.eval(source, input)?;
                let mut state = self.eval(begin, input)?.pop().map_or(Json::Null, |found| found.value);
                for value in values {
                    self.variables.push((name.clone(), value.value));
                    let next = self.eval(step, &plain(state));
                    self.variables.pop();
                    state = next?.pop().map_or(Json::Null, |found| found.value);
                }
                one(state)
            }
            Filter::Call(name, arguments) => self.call(name, arguments, input),
        }
    }

    fn text(&mut self, pieces: &[Piece], input: &Found, format: Option<&str>) -> Results {
        let mut texts = vec![String::new()];
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => texts.iter_mut().for_each(|text| text.push_str(plain)),
                Piece::Of(filter) => {
                    let found = self.eval(filter, input)?;
                    let mut next = Vec::new();
                    for found in &found {
                        let own = match format {
                            None => as_text(&found.value),
                            Some(format) => {
                                formatted(format, &found.value).map_err(|why| (Vec::new(), why))?
                            }
                        };
                        next.extend(texts.iter().map(|text| format!("{text}{own}")));
                    }
                    texts = next;
                }
            }
        }
        Ok(texts.into_iter().map(|text| plain(Json::Text(text))).collect())
    }

    fn binary(&mut self, operator: &str, left: &Filter, right: &Filter, input: &Found) -> Results {
        match operator {
            "//" => {
                let found = self.eval(left, input).unwrap_or_else(|(found, _)| found);
                let good: Vec<Found> = found.into_iter().filter(|found| found.value.is_true()).collect();
                return if good.is_empty() { self.eval(right, input) } else { Ok(good) };
            }
            "and" | "or" => {
                let found = self.eval(left, input)?;
                return self.each(found, |own, found| {
                    if found.value.is_true() == (operator == "or") {
                        return one(Json::Bool(operator == "or"));
                    }
                    let found = own.eval(right, input)?;
                    own.each(found, |_, found| one(Json::Bool(found.value.is_true())))
                });
            }
            "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=" => {
                return self.assign(operator, left, right, input);
            }
            _ => {}
        }
        let rights = self.eval(right, input)?;
        self.each(rights, |own, right| {
            let lefts = own.eval(left, input)?;
            own.each(lefts, |_, left| match arithmetic(operator, &left.value, &right.value) {
                Ok(value) => one(value),
                Err(why) => fail(why),
            })
        })
    }

    fn assign(&mut self, operator: &str, left: &Filter, right: &Filter, input: &Found) -> Results {
        let places = self.eval(left, &Found { path: Some(Vec::new()), value: input.value.clone() })?;
        let values = match operator {
            "|=" => Vec::new(),
            _ => self.eval(right, input)?,
        };
        let mut whole = input.value.clone();
        for place in places {
            let Some(path) = place.path else { return fail("Invalid path expression") };
            let old = at_path(&whole, &path);
            let new = match operator {
                "|=" => match self.eval(right, &plain(old))?.into_iter().next() {
                    Some(found) => found.value,
                    None => {
                        whole = without(&whole, &path);
                        continue;
                    }
                },
                "=" => values.last().map_or(Json::Null, |found| found.value.clone()),
                "//=" if old.is_true() => old,
                "//=" => values.last().map_or(Json::Null, |found| found.value.clone()),
                _ => {
                    let value = values.last().map_or(Json::Null, |found| found.value.clone());
                    arithmetic(&operator[..1], &old, &value).map_err(|why| (Vec::new(), why))?
                }
            };
            whole = with(&whole, &path, new).map_err(|why| (Vec::new(), why))?;
        }
        one(whole)
    }

    /// The values of a filter for an input.
    fn values(&mut self, filter: &Filter, input: &Json) -> Result<Vec<Json>, Ended> {
        let found = self.eval(filter, &plain(input.clone())).map_err(|(_, why)| (Vec::new(), why))?;
        Ok(found.into_iter().map(|found| found.value).collect())
    }

    /// The items of an array with what a filter makes of each, in the order of that.
    fn keyed(&mut self, filter: &Filter, input: &Json) -> Result<Vec<(Json, Json)>, Ended> {
        let Json::Array(items) = input else {
            return Err((Vec::new(), format!("{} cannot be sorted, as it is not an array", shown(input))));
        };
        let mut keyed = Vec::new();
        for item in items {
            keyed.push((Json::Array(self.values(filter, item)?), item.clone()));
        }
        keyed.sort_by(|a, b| a.0.order(&b.0));
        Ok(keyed)
    }

    fn call(&mut self, name: &str, arguments: &[Filter], input: &Found) -> Results {
        let value = &input.value;
        let error = |why: String| (Vec::new(), why);
        match (name, arguments) {
            ("empty", []) => Ok(Vec::new()),
            ("error", []) => fail(as_text(value)),
            ("error", [what]) => {
                let what = self.values(what, value)?.pop().unwrap_or(Json::Null);
                fail(as_text(&what))
            }
            ("select", [test]) => {
                let tests = self.eval(test, input)?;
                Ok(tests.iter().filter(|test| test.value.is_true()).map(|_| input.clone()).collect())
            }
            ("recurse", []) => Ok(below(input)),
            ("values", []) => Ok(Some(input.clone()).filter(|_| *value != Json::Null).into_iter().collect()),
            ("nulls" | "booleans" | "numbers" | "strings" | "arrays" | "objects", []) => {
                let fits = value.kind() == &name[..name.len() - 1];
                Ok(Some(input.clone()).filter(|_| fits).into_iter().collect())
            }
            ("map", [act]) => {
                let found = items(input)?;
                let found = self.each(found, |own, found| own.eval(act, &found))?;
                one(Json::Array(found.into_iter().map(|found| found.value).collect()))
            }
            ("map_values", [act]) => match value {
                Json::Object(fields) => {
                    let mut new = Vec::new();
                    for (name, item) in fields {
                        if let Some(item) = self.values(act, item)?.into_iter().next() {
                            new.push((name.clone(), item));
                        }
                    }
                    one(Json::Object(new))
                }
                _ => self.call("map", arguments, input),
            },
            ("first", [of]) => Ok(self.eval(of, input)?.into_iter().take(1).collect()),
            ("last", [of]) => Ok(self.eval(of, input)?.pop().into_iter().collect()),
            ("limit", [count, of]) => {
                let count = match self.values(count, value)?.first() {
                    Some(Json::Number(count)) => *count as usize,
                    _ => 0,
                };
                Ok(self.eval(of, input)?.into_iter().take(count).collect())
            }
            ("first" | "last", []) => {
                let at = Json::Number(if name == "first" { 0.0 } else { -1.0 });
                lookup(input, &at)
            }
            ("path", [of]) => {
                let found = self.eval(of, &Found { path: Some(Vec::new()), value: value.clone() })?;
                let mut paths = Vec::new();
                for found in found {
                    let Some(path) = found.path else { return fail("Invalid path expression") };
                    let key = |key: Key| match key {
                        Key::Name(name) => Json::Text(name),
                        Key::At(at) => Json::Number(at as f64),
                    };
                    paths.push(plain(Json::Array(path.into_iter().map(key).collect())));
                }
                Ok(paths)
            }
            ("del", [of]) => {
                let mut found = self.eval(of, &Found { path: Some(Vec::new()), value: value.clone() })?;
                let mut whole = value.clone();
                // From the end, so that what is left keeps its place.
                found.reverse();
                for found in found {
                    let Some(path) = found.path else { return fail("Invalid path expression") };
                    whole = without(&whole, &path);
                }
                one(whole)
            }
            ("sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", [by]) => {
                let keyed = self.keyed(by, value)?;
                one(arranged(name.trim_end_matches("_by"), keyed))
            }
            ("sort" | "unique" | "min" | "max", []) => {
                let keyed = self.keyed(&Filter::Own, value)?;
                one(arranged(name, keyed))
            }
            ("any" | "all", [test]) => {
                let found = items(input)?;
                let found = self.each(found, |own, found| own.eval(test, &found))?;
                let mut tests = found.iter().map(|found| found.value.is_true());
                one(Json::Bool(if name == "any" { tests.any(|own| own) } else { tests.all(|own| own) }))
            }
            ("with_entries", [act]) => {
                let entries = simple("to_entries", value).map_err(error)?;
                let entries = self.call("map", std::slice::from_ref(act), &plain(entries))?;
                let entries = entries.into_iter().next().map_or(Json::Null, |found| found.value);
                simple("from_entries", &entries).map(plain).map(|found| vec![found]).map_err(error)
            }
            ("range", [to]) | ("range", [_, to]) => {
                let from = match arguments {
                    [from, _] => self.values(from, value)?.first().cloned(),
                    _ => None,
                };
                let from = if let Some(Json::Number(from)) = from { from } else { 0.0 };
                let Some(Json::Number(to)) = self.values(to, value)?.first().cloned() else {
                    return fail("Range bounds must be numeric");
                };
                let count = (to - from).clamp(0.0, 100_000.0).ceil() as usize;
                Ok((0..count).map(|at| plain(Json::Number(from + at as f64))).collect())
            }
            ("sub" | "gsub", [pattern, with]) => {
                let (Json::Text(text), Some(Json::Text(pattern))) =
                    (value, self.values(pattern, value)?.first().cloned())
                else {
                    return fail(format!("{} cannot be matched, as it is not a string", shown(value)));
                };
                let Some(Json::Text(with)) = self.values(with, value)?.first().cloned() else {
                    return fail(format!("{} cannot be added to a string", shown(value)));
                };
                let regex = regex(&pattern).map_err(error)?;
                let (mut out, mut at) = (String::new(), 0);
                while let Some((from, to)) = regex.find_at(text, at).filter(|(from, _)| *from <= text.len()) {
                    out.push_str(&text[at..from]);
                    out.push_str(&with);
                    at = to;
                    if name == "sub" || to == from {
                        break;
                    }
                }
                one(Json::Text(out + &text[at..]))
            }
            ("getpath", [path]) => {
                let path = self.values(path, value)?.first().cloned().unwrap_or(Json::Null);
                let Json::Array(keys) = path else { return fail("Path must be specified as an array") };
                let mut found = input.clone();
                for key in keys {
                    found = lookup(&found, &key)?.remove(0);
                }
                Ok(vec![found])
            }
            (_, []) => match simple(name, value) {
                Ok(value) => one(value),
                Err(why) => fail(why),
            },
            (_, [argument]) => {
                let arguments = self.values(argument, value)?;
                self.each(arguments.into_iter().map(plain).collect(), |_, argument| {
                    match with_argument(name, value, &argument.value) {
                        Ok(value) => one(value),
                        Err(why) => fail(why),
                    }
                })
            }
            _ => fail(format!("{name}/{} is not defined", arguments.len())),
        }
    }
}

/// A value and all within it.
fn below(input: &Found) -> Vec<Found> {
    let mut all = vec![input.clone()];
    for item in items(input).unwrap_or_default() {
        all.extend(below(&item));
    }
    all
}

fn deeper(of: &Found, key: Key) -> Option<Vec<Key>> {
    let mut path = of.path.clone()?;
    path.push(key);
    Some(path)
}

fn items(of: &Found) -> Results {
    match &of.value {
        Json::Array(items) => {
            let found = |(at, item): (usize, &Json)| Found {
                path: deeper(of, Key::At(at as i64)),
                value: item.clone(),
            };
            Ok(items.iter().enumerate().map(found).collect())
        }
        Json::Object(fields) => {
            let found = |(name, item): &(String, Json)| Found {
                path: deeper(of, Key::Name(name.clone())),
                value: item.clone(),
            };
            Ok(fields.iter().map(found).collect())
        }
        Json::Null => fail("Cannot iterate over null (null)"),
        other => fail(format!("Cannot iterate over {}", shown(other))),
    }
}

fn lookup(of: &Found, key: &Json) -> Results {
    let (value, step) = match (&of.value, key) {
        (Json::Object(fields), Json::Text(name)) => {
            let found = fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
            (found, Key::Name(name.clone()))
        }
        (Json::Array(items), Json::Number(at)) => {
            let place = if *at < 0.0 { at + items.len() as f64 } else { *at };
            let found = (place >= 0.0).then(|| items.get(place as usize).cloned()).flatten();
            (found, Key::At(*at as i64))
        }
        (Json::Null, Json::Text(name)) => (None, Key::Name(name.clone())),
        (Json::Null, Json::Number(at)) => (None, Key::At(*at as i64)),
        (other, Json::Text(name)) => return fail(format!("Cannot index {} with \"{name}\"", other.kind())),
        (other, key) => return fail(format!("Cannot index {} with {}", other.kind(), key.kind())),
    };
    Ok(vec![Found { path: deeper(of, step), value: value.unwrap_or(Json::Null) }])
}

fn slice(of: &Json, from: Option<&Json>, to: Option<&Json>) -> Results {
    let bounds = |length: usize| {
        let bound = |end: Option<&Json>, usual: usize| match end {
            Some(Json::Number(at)) if *at < 0.0 => (length as f64 + at).max(0.0) as usize,
            Some(Json::Number(at)) => (*at as usize).min(length),
            _ => usual,
        };
        let (from, to) = (bound(from, 0), bound(to, length));
        from.min(to)..to
    };
    match of {
        Json::Null => one(Json::Null),
        Json::Array(items) => one(Json::Array(items[bounds(items.len())].to_vec())),
        Json::Text(text) => {
            let letters: Vec<char> = text.chars().collect();
            one(Json::Text(letters[bounds(letters.len())].iter().collect()))
        }
        other => fail(format!("Cannot index {} with object", other.kind())),
    }
}

fn at_path(of: &Json, path: &[Key]) -> Json {
    let mut found = plain(of.clone());
    for key in path {
        let key = match key {
            Key::Name(name) => Json::Text(name.clone()),
            Key::At(at) => Json::Number(*at as f64),
        };
        found = lookup(&found, &key).ok().and_then(|mut found| found.pop()).unwrap_or(plain(Json::Null));
    }
    found.value
}

/// A value with another at a place of it.
fn with(of: &Json, path: &[Key], new: Json) -> Result<Json, String> {
    let Some((key, rest)) = path.split_first() else { return Ok(new) };
    match (of, key) {
        (Json::Object(_) | Json::Null, Key::Name(name)) => {
            let mut fields = if let Json::Object(fields) = of { fields.clone() } else { Vec::new() };
            let inner = with(&at_path(of, std::slice::from_ref(key)), rest, new)?;
            set(&mut fields, name, inner);
            Ok(Json::Object(fields))
        }
        (Json::Array(_) | Json::Null, Key::At(at)) => {
            let mut items = if let Json::Array(items) = of { items.clone() } else { Vec::new() };
            let place = if *at < 0 { at + items.len() as i64 } else { *at };
            let place =
                usize::try_from(place).map_err(|_| "Out of bounds negative array index".to_owned())?;
            let inner = with(&at_path(of, std::slice::from_ref(key)), rest, new)?;
            if items.len() <= place {
                items.resize(place.min(100_000) + 1, Json::Null);
            }
            items[place.min(100_000)] = inner;
            Ok(Json::Array(items))
        }
        (other, Key::Name(name)) => Err(format!("Cannot index {} with \"{name}\"", other.kind())),
        (other, Key::At(_)) => Err(format!("Cannot index {} with number", other.kind())),
    }
}

/// A value without what is at a place of it.
fn without(of: &Json, path: &[Key]) -> Json {
    let Some((last, before)) = path.split_last() else { return Json::Null };
    let parent = match (at_path(of, before), last) {
        (Json::Object(mut fields), Key::Name(name)) => {
            fields.retain(|(own, _)| own != name);
            Json::Object(fields)
        }
        (Json::Array(mut items), Key::At(at)) => {
            let place = if *at < 0 { at + items.len() as i64 } else { *at };
            if let Some(place) = usize::try_from(place).ok().filter(|place| *place < items.len()) {
                items.remove(place);
            }
            Json::Array(items)
        }
        _ => return of.clone(),
    };
    with(of, before, parent).unwrap_or_else(|_| of.clone())
}
