//! What a template says.

use std::collections::BTreeMap;
use std::fmt;

use super::functions;
use super::lexer::{Item, Kind, items};

/// A template with those that it defines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parsed {
    pub main: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Break,
    Continue,
    Template(Use),
}

/// `{{template "name" …}}`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Use {
    pub at: usize,
    pub name: String,
    /// The name as it is written.
    quoted: String,
    pub pipe: Option<Pipe>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Branch {
    pub pipe: Pipe,
    pub then: Vec<Node>,
    pub otherwise: Vec<Node>,
}

/// Commands, each getting what the one before it came to; then kept in variables or printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pipe {
    pub variables: Vec<String>,
    /// True for `=`, false for `:=`.
    pub assigns: bool,
    pub commands: Vec<Call>,
}

/// Words: a function and what it is given, or a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub at: usize,
    pub words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Word {
    pub at: usize,
    pub is: Is,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Is {
    Function(String),
    Dot,
    Nil,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text, and how it is written.
    Text(String, String),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(String, Vec<String>),
    /// `(…)`
    Pipe(Box<Pipe>),
    /// `(…).a.b`
    Chain(Box<Word>, Vec<String>),
}

fn joined<T: fmt::Display>(parts: &[T], between: &str) -> String {
    parts.iter().map(T::to_string).collect::<Vec<_>>().join(between)
}

fn fields(names: &[String]) -> String {
    names.iter().map(|name| format!(".{name}")).collect()
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pipe {
            Some(pipe) => write!(f, "{{{{template {} {pipe}}}}}", self.quoted),
            None => write!(f, "{{{{template {}}}}}", self.quoted),
        }
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            let sign = if self.assigns { "=" } else { ":=" };
            write!(f, "{} {sign} ", self.variables.join(", "))?;
        }
        f.write_str(&joined(&self.commands, " | "))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.words, " "))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.is {
            Is::Function(name) => f.write_str(name),
            Is::Dot => f.write_str("."),
            Is::Nil => f.write_str("nil"),
            Is::Bool(b) => write!(f, "{b}"),
            Is::Number(text) | Is::Text(_, text) => f.write_str(text),
            Is::Field(names) => f.write_str(&fields(names)),
            Is::Variable(name, names) => write!(f, "{name}{}", fields(names)),
            Is::Pipe(pipe) => write!(f, "({pipe})"),
            Is::Chain(word, names) => write!(f, "{word}{}", fields(names)),
        }
    }
}

/// What ends a list of nodes.
#[derive(PartialEq)]
enum Ended {
    End,
    Else,
}

/// How deep parentheses and branches may go.
const DEPTH_MAX: usize = 100;

type Parse<T> = Result<T, String>;

struct Parser {
    items: Vec<Item>,
    at: usize,
    variables: Vec<String>,
    ranges: usize,
    depth: usize,
    /// The line on which the action began.
    action: usize,
    defined: BTreeMap<String, Vec<Node>>,
}

/// Reads a template.
///
/// # Errors
/// Go's words.
pub(super) fn parse(source: &str) -> Parse<Parsed> {
    let mut parser = Parser {
        items: items(source),
        at: 0,
        variables: vec!["$".into()],
        ranges: 0,
        depth: 0,
        action: 1,
        defined: BTreeMap::new(),
    };
    let main = parser.file().map_err(|why| format!("template: output:{}: {why}", parser.line()))?;
    Ok(Parsed { main, defined: parser.defined })
}

impl Parser {
    fn line(&self) -> usize {
        self.items.get(self.at.saturating_sub(1)).or(self.items.last()).map_or(1, |item| item.line)
    }
    fn peek(&self) -> &Item {
        &self.items[self.at.min(self.items.len() - 1)]
    }
    fn next(&mut self) -> Item {
        let item = self.peek().clone();
        self.at += 1;
        item
    }
    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }
    fn next_solid(&mut self) -> Item {
        self.skip_space();
        self.next()
    }

    fn unexpected<T>(&self, item: &Item, context: &str) -> Parse<T> {
        let text = match item.kind {
            Kind::Error => {
                let mut extra = String::new();
                if self.action != item.line {
                    extra = format!(" in action started at output:{}", self.action);
                    if item.text.ends_with(" action") {
                        extra = extra[" in action".len()..].to_string();
                    }
                }
                return Err(format!("{}{extra}", item.text));
            }
            Kind::End => "EOF".to_string(),
            Kind::Keyword => format!("<{}>", item.text),
            _ if item.text.chars().count() > 10 => {
                let start: String = item.text.chars().take(10).collect();
                format!("{start:?}...")
            }
            _ => format!("{:?}", item.text),
        };
        Err(format!("unexpected {text} in {context}"))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parse<Item> {
        let item = self.next_solid();
        if item.kind == kind { Ok(item) } else { self.unexpected(&item, context) }
    }

    fn file(&mut self) -> Parse<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            match self.peek().kind {
                Kind::End => return Ok(nodes),
                Kind::Open => {
                    let start = self.at;
                    self.next();
                    if self.next_solid().text == "define" {
                        self.define()?;
                        continue;
                    }
                    self.at = start;
                }
                _ => {}
            }
            match self.node()? {
                Ok(node) => nodes.push(node),
                Err(Ended::End) => return Err("unexpected {{end}}".into()),
                Err(Ended::Else) => return Err("unexpected {{else}}".into()),
            }
        }
    }

    /// The name and the body of `{{define "name"}}`.
    fn define(&mut self) -> Parse<()> {
        let item = self.next_solid();
        let (Kind::Quoted | Kind::Raw, Some(name)) = (item.kind, unquote(&item.text)) else {
            return self.unexpected(&item, "define clause");
        };
        self.expect(Kind::Close, "define clause")?;
        let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let (body, ended) = self.list()?;
        if ended != Ended::End {
            return Err("unexpected {{else}} in define clause".into());
        }
        self.variables = outer;
        self.defined.insert(name, body);
        Ok(())
    }

    /// Nodes up to `{{end}}` or `{{else}}`.
    fn list(&mut self) -> Parse<(Vec<Node>, Ended)> {
        let mut nodes = Vec::new();
        while self.peek().kind != Kind::End {
            match self.node()? {
                Ok(node) => nodes.push(node),
                Err(ended) => return Ok((nodes, ended)),
            }
        }
        self.next();
        Err("unexpected EOF".into())
    }

    fn node(&mut self) -> Parse<Result<Node, Ended>> {
        let item = self.next_solid();
        match item.kind {
            Kind::Text => Ok(Ok(Node::Text(item.text))),
            Kind::Open => {
                self.action = item.line;
                let node = self.action();
                self.action = 1;
                node
            }
            _ => self.unexpected(&item, "input"),
        }
    }

    fn action(&mut self) -> Parse<Result<Node, Ended>> {
        self.skip_space();
        let item = self.peek().clone();
        if item.kind == Kind::Keyword {
            self.next();
            match item.text.as_str() {
                "if" => return self.control("if").map(|branch| Ok(Node::If(branch))),
                "with" => return self.control("with").map(|branch| Ok(Node::With(branch))),
                "range" => return self.control("range").map(|branch| Ok(Node::Range(branch))),
                "end" => {
                    self.expect(Kind::Close, "end")?;
                    return Ok(Err(Ended::End));
                }
                "else" => {
                    self.skip_space();
                    if !matches!(self.peek().text.as_str(), "if" | "with") {
                        self.expect(Kind::Close, "else")?;
                    }
                    return Ok(Err(Ended::Else));
                }
                word @ ("break" | "continue") => {
                    self.expect(Kind::Close, &format!("{{{{{word}}}}}"))?;
                    if self.ranges == 0 {
                        return Err(format!("{{{{{word}}}}} outside {{{{range}}}}"));
                    }
                    return Ok(Ok(if word == "break" { Node::Break } else { Node::Continue }));
                }
                "template" => return self.template("template clause").map(|used| Ok(Node::Template(used))),
                "block" => {
                    let used = self.template("block clause")?;
                    let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
                    let (body, ended) = self.list()?;
                    if ended != Ended::End {
                        return Err("unexpected {{else}} in block clause".into());
                    }
                    self.variables = outer;
                    self.defined.insert(used.name.clone(), body);
                    return Ok(Ok(Node::Template(used)));
                }
                _ => self.at -= 1,
            }
        }
        self.pipe("command", Kind::Close).map(|pipe| Ok(Node::Action(pipe)))
    }

    fn template(&mut self, context: &str) -> Parse<Use> {
        let item = self.next_solid();
        let (Kind::Quoted | Kind::Raw, Some(name)) = (item.kind, unquote(&item.text)) else {
            return self.unexpected(&item, context);
        };
        self.skip_space();
        let pipe = if self.peek().kind == Kind::Close {
            self.next();
            None
        } else {
            Some(self.pipe(context, Kind::Close)?)
        };
        Ok(Use { at: item.at, name, quoted: item.text, pipe })
    }

    /// One step deeper into parentheses or branches.
    fn deeper(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err("max expression depth exceeded".into()) } else { Ok(()) }
    }

    fn control(&mut self, context: &'static str) -> Parse<Branch> {
        self.deeper()?;
        let variables = self.variables.len();
        let pipe = self.pipe(context, Kind::Close)?;
        self.ranges += usize::from(context == "range");
        let (then, ended) = self.list()?;
        self.ranges -= usize::from(context == "range");
        let mut otherwise = Vec::new();
        if ended == Ended::Else {
            if self.peek().text == context && self.peek().kind == Kind::Keyword && context != "range" {
                self.next();
                let branch = self.control(context)?;
                otherwise.push(if context == "if" { Node::If(branch) } else { Node::With(branch) });
            } else {
                let (nodes, ended) = self.list()?;
                if ended != Ended::End {
                    return Err("expected end; found {{else}}".into());
                }
                otherwise = nodes;
            }
        }
        self.variables.truncate(variables);
        self.depth -= 1;
        Ok(Branch { pipe, then, otherwise })
    }

    fn pipe(&mut self, context: &str, end: Kind) -> Parse<Pipe> {
        let mut pipe = Pipe { variables: Vec::new(), assigns: false, commands: Vec::new() };
        loop {
            self.skip_space();
            let variable = self.peek().clone();
            if variable.kind != Kind::Variable {
                break;
            }
            let start = self.at;
            self.next();
            self.skip_space();
            match self.peek().kind {
                Kind::Declare | Kind::Assign => {
                    pipe.assigns = self.next().kind == Kind::Assign;
                    pipe.variables.push(variable.text.clone());
                    self.variables.push(variable.text);
                    break;
                }
                Kind::Other if self.peek().text == "," => {
                    self.next();
                    pipe.variables.push(variable.text.clone());
                    self.variables.push(variable.text);
                    if context != "range" || pipe.variables.len() > 1 {
                        return Err(format!("too many declarations in {context}"));
                    }
                    self.skip_space();
                    if !matches!(self.peek().kind, Kind::Variable | Kind::Close | Kind::RightParen) {
                        return Err("range can only initialize variables".into());
                    }
                }
                _ => {
                    self.at = start;
                    break;
                }
            }
        }
        loop {
            let item = self.next_solid();
            match item.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::Char
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::Raw
                | Kind::Quoted
                | Kind::Variable
                | Kind::LeftParen => {
                    self.at -= 1;
                    let call = self.call()?;
                    pipe.commands.push(call);
                }
                _ => return self.unexpected(&item, context),
            }
        }
        if pipe.commands.is_empty() {
            return Err(format!("missing value for {context}"));
        }
        for (at, call) in pipe.commands.iter().enumerate().skip(1) {
            let first = call.words.first().map(|word| &word.is);
            if matches!(first, Some(Is::Bool(_) | Is::Dot | Is::Nil | Is::Number(_) | Is::Text(..))) {
                return Err(format!("non executable command in pipeline stage {}", at + 1));
            }
        }
        Ok(pipe)
    }

    fn call(&mut self) -> Parse<Call> {
        let mut call = Call { at: self.peek().at, words: Vec::new() };
        loop {
            self.skip_space();
            call.words.extend(self.operand()?);
            let item = self.next();
            match item.kind {
                Kind::Space => {}
                Kind::Close | Kind::RightParen => {
                    self.at -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&item, "operand"),
            }
        }
        if call.words.is_empty() { Err("empty command".into()) } else { Ok(call) }
    }

    fn operand(&mut self) -> Parse<Option<Word>> {
        let Some(mut word) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(word));
        }
        // Go says that a chain of fields stands where its second field does.
        let at = self.peek().at;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.next().text[1..].to_string());
        }
        match &mut word.is {
            Is::Field(fields) | Is::Variable(_, fields) => {
                fields.append(&mut names);
                word.at = at;
            }
            Is::Function(_) | Is::Pipe(_) | Is::Chain(..) => {
                word = Word { at, is: Is::Chain(Box::new(word), names) };
            }
            _ => return Err(format!("unexpected . after term {:?}", word.to_string())),
        }
        Ok(Some(word))
    }

    fn term(&mut self) -> Parse<Option<Word>> {
        let item = self.next_solid();
        let is = match item.kind {
            Kind::Identifier if functions::of(&item.text).is_none() => {
                return Err(format!("function {:?} not defined", item.text));
            }
            Kind::Identifier => Is::Function(item.text),
            Kind::Dot => Is::Dot,
            Kind::Nil => Is::Nil,
            Kind::Bool => Is::Bool(item.text == "true"),
            Kind::Number => Is::Number(item.text),
            Kind::Variable => {
                self.known(&item.text)?;
                Is::Variable(item.text, Vec::new())
            }
            Kind::Field => Is::Field(vec![item.text[1..].to_string()]),
            Kind::LeftParen => {
                self.deeper()?;
                let pipe = self.pipe("parenthesized pipeline", Kind::RightParen)?;
                self.depth -= 1;
                Is::Pipe(Box::new(pipe))
            }
            Kind::Quoted | Kind::Raw => Is::Text(unquote(&item.text).ok_or("invalid syntax")?, item.text),
            Kind::Char => {
                let text = unquote(&item.text).unwrap_or_default();
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Is::Number((c as u32).to_string()),
                    _ => return Err(format!("malformed character constant: {}", item.text)),
                }
            }
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Word { at: item.at, is }))
    }

    fn known(&self, name: &str) -> Parse<()> {
        if self.variables.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(format!("undefined variable {name:?}"))
    }
}

/// A Go literal without its quotes; none where an escape makes no sense.
fn unquote(literal: &str) -> Option<String> {
    let inner = literal.get(1..literal.len() - 1)?;
    if literal.starts_with('`') {
        return Some(inner.replace('\r', ""));
    }
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(match chars.next()? {
            'x' => number(&mut chars, "", 2, 16)?,
            'u' => number(&mut chars, "", 4, 16)?,
            'U' => number(&mut chars, "", 8, 16)?,
            first @ '0'..='7' => number(&mut chars, &first.to_string(), 2, 8)?,
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            c @ ('\\' | '\'' | '"') => c,
            _ => return None,
        });
    }
    Some(text)
}

/// The character of an escape that continues with this many digits.
fn number(chars: &mut std::str::Chars<'_>, first: &str, count: usize, radix: u32) -> Option<char> {
    let digits: String = first.chars().chain(chars.by_ref().take(count)).collect();
    u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32)
}
