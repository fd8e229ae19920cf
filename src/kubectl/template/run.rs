//! What a template makes of a value.

use std::fmt::Display;

use crate::base::Value;
use crate::base::value::Float;

use super::format::{plain, type_of};
use super::functions::{self, Function, truth};
use super::parser::{Branch, Call, Is, Node, Parsed, Pipe, Use, Word};

/// How deep templates may call each other.
const DEPTH_MAX: usize = 100;
/// How many nodes are carried out at most.
const STEPS_MAX: usize = 1_000_000;

/// What something comes to.
#[derive(Clone)]
struct Got {
    /// None for what is not there at all, as a missing key of a map.
    value: Option<Value>,
    /// True where Go has it behind an interface, as all that is inside of an object.
    boxed: bool,
}

impl Got {
    const NOTHING: Got = Got { value: None, boxed: false };

    fn new(value: impl Into<Value>) -> Self {
        Got { value: Some(value.into()), boxed: false }
    }
    fn boxed(value: &Value) -> Self {
        Got { value: Some(value.clone()), boxed: true }
    }
    /// Taken out of its interface; a nil one is nothing.
    fn unboxed(self) -> Self {
        Got { value: self.value.filter(|value| !value.is_null()), boxed: false }
    }
    fn type_name(&self) -> &'static str {
        match &self.value {
            Some(_) if self.boxed => "interface {}",
            Some(value) => type_of(value),
            None => "<nil>",
        }
    }
    /// As a function gets it.
    fn argument(self) -> Value {
        self.value.unwrap_or_default()
    }
}

/// Why a list of nodes was not carried out to its end.
enum Stop {
    Break,
    Continue,
    Wrong(String),
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Stop::Wrong(why)
    }
}

type Outcome<T> = Result<T, String>;

struct Run<'a> {
    source: &'a str,
    parsed: &'a Parsed,
    strict: bool,
    /// The name of the template that is carried out.
    name: &'a str,
    out: String,
    variables: Vec<(&'a str, Got)>,
    /// Where it is: a byte, and what stands there.
    at: (usize, &'a dyn Display),
    depth: usize,
    steps: usize,
}

/// Carries a template out.
///
/// # Errors
/// What was printed before, and Go's words.
pub(super) fn run(
    source: &str,
    parsed: &Parsed,
    strict: bool,
    value: &Value,
) -> Result<String, (String, String)> {
    let root = Got::new(value.clone());
    let mut run = Run {
        source,
        parsed,
        strict,
        name: "output",
        out: String::new(),
        variables: vec![("$", root.clone())],
        at: (0, &""),
        depth: 0,
        steps: 0,
    };
    match run.nodes(&root, &parsed.main) {
        Ok(()) | Err(Stop::Break | Stop::Continue) => Ok(run.out),
        Err(Stop::Wrong(why)) => Err((run.out, why)),
    }
}

impl<'a> Run<'a> {
    fn wrong<T>(&self, why: impl Display) -> Outcome<T> {
        let (at, context) = &self.at;
        let before = &self.source[..*at];
        let line = 1 + before.matches('\n').count();
        let column = before.rfind('\n').map_or(*at, |newline| at - newline - 1);
        Err(format!("template: output:{line}:{column}: executing \"{}\" at <{context}>: {why}", self.name))
    }

    fn nodes(&mut self, dot: &Got, nodes: &'a [Node]) -> Result<(), Stop> {
        nodes.iter().try_for_each(|node| self.node(dot, node))
    }

    fn node(&mut self, dot: &Got, node: &'a Node) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(Stop::Wrong(format!("Saya carries out at most {STEPS_MAX} nodes of a template")));
        }
        match node {
            Node::Text(text) => self.out += text,
            Node::Action(pipe) => {
                let got = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.print(&got);
                }
            }
            Node::If(branch) => self.branch(dot, branch, false)?,
            Node::With(branch) => self.branch(dot, branch, true)?,
            Node::Range(branch) => self.range(dot, branch)?,
            Node::Break => return Err(Stop::Break),
            Node::Continue => return Err(Stop::Continue),
            Node::Template(used) => {
                self.at = (used.at, used);
                match self.parsed.defined.get(&used.name) {
                    Some(body) => self.called(dot, used, body)?,
                    None => self.wrong(format!("template {:?} not defined", used.name))?,
                }
            }
        }
        Ok(())
    }

    fn called(&mut self, dot: &Got, used: &'a Use, body: &'a [Node]) -> Outcome<()> {
        if self.depth == DEPTH_MAX {
            return self.wrong(format!("exceeded maximum template depth ({DEPTH_MAX})"));
        }
        let given = match &used.pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Got::NOTHING,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$", given.clone())]);
        let outer = std::mem::replace(&mut self.name, &used.name);
        self.depth += 1;
        let done = self.nodes(&given, body);
        self.depth -= 1;
        self.name = outer;
        self.variables = variables;
        match done {
            Err(Stop::Wrong(why)) => Err(why),
            _ => Ok(()),
        }
    }

    fn print(&mut self, got: &Got) {
        match &got.value {
            None | Some(Value::Null) => self.out += "<no value>",
            Some(value) => self.out += &plain(value),
        }
    }

    fn branch(&mut self, dot: &Got, branch: &'a Branch, with: bool) -> Result<(), Stop> {
        let variables = self.variables.len();
        let got = self.pipe(dot, &branch.pipe)?;
        let done = if got.value.as_ref().is_some_and(truth) {
            self.nodes(if with { &got } else { dot }, &branch.then)
        } else {
            self.nodes(dot, &branch.otherwise)
        };
        self.variables.truncate(variables);
        done
    }

    fn range(&mut self, dot: &Got, branch: &'a Branch) -> Result<(), Stop> {
        let variables = self.variables.len();
        let got = self.pipe(dot, &branch.pipe)?;
        let inner = self.variables.len();
        let items: Vec<(Value, Value)> = match got.value.unwrap_or_default() {
            Value::Null => Vec::new(),
            Value::List(items) => {
                items.iter().enumerate().map(|(at, item)| (Value::from(at as i64), item.clone())).collect()
            }
            Value::Map(map) => map.iter().map(|(key, value)| (Value::from(key), value.clone())).collect(),
            other => {
                return self
                    .wrong(format!("range can't iterate over {}", plain(&other)))
                    .map_err(Stop::Wrong);
            }
        };
        let mut done = Ok(());
        if items.is_empty() {
            done = self.nodes(dot, &branch.otherwise);
        }
        for (key, item) in items {
            let item = Got::boxed(&item);
            let names = &branch.pipe.variables;
            let values = match names.len() {
                0 => Vec::new(),
                1 => vec![item.clone()],
                _ => vec![Got::new(key), item.clone()],
            };
            for (name, value) in names.iter().zip(values) {
                self.keep(name, value, branch.pipe.assigns)?;
            }
            done = self.nodes(&item, &branch.then);
            self.variables.truncate(inner);
            match done {
                Err(Stop::Break) => {
                    done = Ok(());
                    break;
                }
                Err(Stop::Continue) => done = Ok(()),
                Err(Stop::Wrong(_)) => break,
                Ok(()) => {}
            }
        }
        self.variables.truncate(variables);
        done
    }

    fn keep(&mut self, name: &'a str, value: Got, assigns: bool) -> Outcome<()> {
        if !assigns {
            self.variables.push((name, value));
            return Ok(());
        }
        match self.variables.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, kept)) => *kept = value,
            None => return self.wrong(format!("undefined variable: {name}")),
        }
        Ok(())
    }

    fn pipe(&mut self, dot: &Got, pipe: &'a Pipe) -> Outcome<Got> {
        let first = pipe.commands.first().map_or(0, |call| call.at);
        self.at = (first, pipe);
        let mut got: Option<Got> = None;
        for call in &pipe.commands {
            got = Some(self.call(dot, call, got)?.unboxed());
        }
        let got = got.unwrap_or(Got::NOTHING);
        for name in &pipe.variables {
            self.keep(name, got.clone(), pipe.assigns)?;
        }
        Ok(got)
    }

    /// A command, with what the one before it came to.
    fn call(&mut self, dot: &Got, call: &'a Call, piped: Option<Got>) -> Outcome<Got> {
        let first = &call.words[0];
        let has_more = call.words.len() > 1 || piped.is_some();
        match &first.is {
            Is::Function(name) => return self.function(dot, first, name, call, &call.words[1..], piped),
            Is::Field(_) | Is::Variable(..) | Is::Chain(..) => return self.value(dot, first, has_more),
            Is::Pipe(pipe) if !has_more => return self.pipe(dot, pipe),
            _ => {}
        }
        self.at = (first.at, first);
        if has_more {
            return self.wrong(format!("can't give argument to non-function {first}"));
        }
        match &first.is {
            Is::Nil => self.wrong("nil is not a command"),
            _ => self.value(dot, first, false),
        }
    }

    /// What a word stands for; `has_more` where others follow it.
    fn value(&mut self, dot: &Got, word: &'a Word, has_more: bool) -> Outcome<Got> {
        self.at = (word.at, word);
        let (receiver, names) = match &word.is {
            Is::Dot => return Ok(dot.clone()),
            Is::Nil => return Ok(Got::NOTHING),
            Is::Bool(b) => return Ok(Got::new(*b)),
            Is::Text(text, _) => return Ok(Got::new(text.as_str())),
            Is::Number(text) => return self.number(text),
            Is::Function(name) => return self.function(dot, word, name, word, &[], None),
            Is::Pipe(pipe) => return self.pipe(dot, pipe),
            Is::Field(names) => (dot.clone(), names),
            Is::Variable(name, names) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                let Some((_, value)) = known.cloned() else {
                    return self.wrong(format!("undefined variable: {name}"));
                };
                if names.is_empty() && has_more {
                    return self.wrong(format!("can't give argument to non-function {word}"));
                }
                (value, names)
            }
            Is::Chain(word, names) => (self.value(dot, word, false)?, names),
        };
        let mut got = receiver;
        for (at, name) in names.iter().enumerate() {
            got = self.field(&got, name, has_more && at + 1 == names.len())?;
        }
        Ok(got)
    }

    fn field(&self, of: &Got, name: &str, has_more: bool) -> Outcome<Got> {
        match &of.value {
            None if self.strict => self.wrong(format!("nil data; no entry for key {name:?}")),
            None => Ok(Got::NOTHING),
            Some(Value::Null) => self.wrong(format!("nil pointer evaluating {}.{name}", of.type_name())),
            Some(Value::Map(_)) if has_more => {
                self.wrong(format!("{name} is not a method but has arguments"))
            }
            Some(Value::Map(map)) => match map.get(name) {
                Some(value) => Ok(Got::boxed(value)),
                None if self.strict => self.wrong(format!("map has no entry for key {name:?}")),
                None => Ok(Got::NOTHING),
            },
            Some(_) => self.wrong(format!("can't evaluate field {name} in type {}", of.type_name())),
        }
    }

    fn number(&self, text: &str) -> Outcome<Got> {
        let plain = text.replace('_', "");
        if let Ok(number) = crate::kubectl::flags::parse_int(&plain) {
            return Ok(Got::new(number));
        }
        match plain.parse::<f64>() {
            Ok(number) => Ok(Got::new(Value::Float(Float(number)))),
            Err(_) => self.wrong(format!("illegal number syntax: {text:?}")),
        }
    }

    fn function(
        &mut self,
        dot: &Got,
        word: &'a Word,
        name: &str,
        whole: &'a dyn Display,
        words: &'a [Word],
        piped: Option<Got>,
    ) -> Outcome<Got> {
        self.at = (word.at, word);
        let Some(Function { fixed, more, text, .. }) = functions::of(name) else {
            return self.wrong(format!("{name:?} is not a defined function"));
        };
        let count = words.len() + usize::from(piped.is_some());
        if count < fixed && more {
            return self.wrong(format!(
                "wrong number of args for {name}: want at least {fixed} got {}",
                words.len()
            ));
        }
        if count != fixed && !more {
            return self.wrong(format!("wrong number of args for {name}: want {fixed} got {count}"));
        }
        let mut values = Vec::with_capacity(count);
        for word in words {
            let value = self.value(dot, word, false)?.argument();
            if text && values.is_empty() && !matches!(value, Value::Str(_)) {
                return match &word.is {
                    Is::Number(_) | Is::Bool(_) => self.wrong(format!("expected string; found {word}")),
                    _ if value.is_null() => self.wrong("invalid value; expected string"),
                    _ => {
                        let found = type_of(&value);
                        self.wrong(format!("wrong type for value; expected string; got {found}"))
                    }
                };
            }
            let decided = (name == "and" && !truth(&value)) || (name == "or" && truth(&value));
            values.push(value);
            if decided {
                break;
            }
        }
        if matches!(name, "and" | "or") {
            let last = values.pop().unwrap_or_default();
            let decided = truth(&last) == (name == "or");
            return Ok(match piped {
                Some(piped) if !decided || words.is_empty() => piped,
                _ => Got::boxed(&last),
            });
        }
        if let Some(piped) = piped {
            let value = piped.argument();
            if text && values.is_empty() && !matches!(value, Value::Str(_)) {
                let found = type_of(&value);
                return self.wrong(format!("wrong type for value; expected string; got {found}"));
            }
            values.push(value);
        }
        match functions::call(name, &values) {
            Ok(value) => Ok(Got::boxed(&value)),
            Err(why) => {
                self.at = (word.at, whole);
                self.wrong(format!("error calling {name}: {why}"))
            }
        }
    }
}
