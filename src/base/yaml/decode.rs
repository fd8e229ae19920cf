//! From the tree of a document to its value: aliases, merge keys, and what scalars stand for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use smol_str::SmolStr;

use super::go_syntax;
use super::marks::{Mark, Marks, Place, Span, Step};
use super::parser::{Content, Node, NodeId, Tree};
use super::scalar::{Scalar, TAG_PREFIX};
use super::scanner::{Position, Problem, Result};
use crate::base::{Value, json};

/// How deep a value may nest: deeper than any text may by itself, for aliases pile up on it.
const MAX_DEPTH: usize = 4 * super::scanner::MAX_DEPTH;

/// The value of a document and the marks of its fields, which count lines from `first_line`.
pub(super) fn decode(tree: &Tree<'_>, first_line: u32) -> Result<(Value, Marks)> {
    let Some(root) = tree.root else {
        return Ok((Value::Null, Marks::default()));
    };
    let mut decoder = Decoder {
        tree,
        first_line,
        marks: Marks::default(),
        aliases: BTreeMap::new(),
        steps: 1,
        alias_steps: 0,
        alias_depth: 0,
        unsupported_keys: BTreeMap::new(),
        infinite_at: None,
    };
    decoder.marks = Marks::of(decoder.span(root));
    let (value, _) = decoder.value(root, Some(0), 0)?;
    // These two matter only where they are left in the end, when the value is turned into JSON.
    if let Some((key, value)) = unsupported_key(&value, &decoder.unsupported_keys) {
        return Err(decoder.unsupported_key(key, value));
    }
    if let (Some(at), Some(number)) = (decoder.infinite_at, infinite(&value)) {
        let words = format!("json: unsupported value: {}", go_syntax::float(number));
        return Err(Problem::Meaning(words, at));
    }
    Ok((value, decoder.marks))
}

/// The first key that can't be text, and its value.
fn unsupported_key(value: &Value, keys: &BTreeMap<SmolStr, (NodeId, NodeId)>) -> Option<(NodeId, NodeId)> {
    if keys.is_empty() {
        return None;
    }
    match value {
        Value::List(items) => items.iter().find_map(|item| unsupported_key(item, keys)),
        Value::Map(map) => {
            map.iter().find_map(|(key, item)| keys.get(key).copied().or_else(|| unsupported_key(item, keys)))
        }
        _ => None,
    }
}

/// The first number that JSON can't hold.
fn infinite(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(number.0).filter(|number| !number.is_finite()),
        Value::List(items) => items.iter().find_map(infinite),
        Value::Map(map) => map.iter().find_map(|(_, item)| infinite(item)),
        _ => None,
    }
}

struct Decoder<'t, 'a> {
    tree: &'t Tree<'a>,
    first_line: u32,
    marks: Marks,
    /// What anchors stand for, once an alias has asked; none while it is being found out.
    aliases: BTreeMap<NodeId, Option<Anchored>>,
    /// How many nodes go-yaml would have decoded by now, and how many of them on behalf of an alias.
    steps: u64,
    alias_steps: u64,
    alias_depth: u32,
    /// Keys that can't be text and their values, by the name that stands for them until the end.
    unsupported_keys: BTreeMap<SmolStr, (NodeId, NodeId)>,
    infinite_at: Option<Position>,
}

#[derive(Clone)]
struct Anchored {
    value: Value,
    height: usize,
    steps: u64,
}

fn meaning<T>(words: impl Into<String>, at: Position) -> Result<T> {
    Err(Problem::Meaning(format!("yaml: {}", words.into()), at))
}

impl<'t, 'a> Decoder<'t, 'a> {
    fn node(&self, id: NodeId) -> &'t Node<'a> {
        &self.tree.nodes[id]
    }

    fn span(&self, id: NodeId) -> Span {
        let mark = |at: Position| Mark { line: at.line + self.first_line, column: at.column + 1 };
        let node = self.node(id);
        Span { start: mark(node.start), end: mark(node.end) }
    }

    /// Counts a decoded node. A document most of which are aliases is a bomb.
    fn step(&mut self, steps: u64, at: Position) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.alias_depth > 0 {
            self.alias_steps = self.alias_steps.saturating_add(steps);
        }
        // Up to 400,000 nodes 99 of 100 may be aliases; from 4,000,000 on only 10.
        let beyond = self.steps.clamp(400_000, 4_000_000) - 400_000;
        let allowed = 0.99 - 0.89 * (beyond as f64 / 3_600_000.0);
        if self.alias_steps > 100
            && self.steps > 1000
            && self.alias_steps as f64 / self.steps as f64 > allowed
        {
            return meaning("document contains excessive aliasing", at);
        }
        Ok(())
    }

    /// The value of a node and how deep it nests. `mark` is the node's entry in the marks, if it has one.
    fn value(&mut self, id: NodeId, mark: Option<u32>, depth: usize) -> Result<(Value, usize)> {
        let node = self.node(id);
        self.step(1, node.start)?;
        if depth > MAX_DEPTH {
            return meaning(format!("exceeded max depth of {MAX_DEPTH}"), node.start);
        }
        match &node.content {
            Content::Scalar { .. } => Ok((self.scalar(id)?, 0)),
            Content::Alias { name, target } => self.alias(name, *target, node.start, depth),
            Content::Sequence(items) => {
                let mut height = 0;
                let mut values = Vec::with_capacity(items.len());
                for (number, item) in items.iter().enumerate() {
                    let mark = mark.map(|parent| {
                        let place = Place { key: None, value: self.span(*item) };
                        self.marks.add(parent, Step::Item(number), place)
                    });
                    let (value, below) = self.value(*item, mark, depth + 1)?;
                    height = height.max(below + 1);
                    values.push(value);
                }
                Ok((Value::List(Arc::new(values)), height))
            }
            Content::Mapping(entries) => {
                let mut fields = Vec::with_capacity(entries.len());
                let height = self.mapping(entries, &mut fields, mark, depth)?;
                Ok((Value::Map(fields.into_iter().collect()), height))
            }
        }
    }

    fn mapping(
        &mut self,
        entries: &[(NodeId, NodeId)],
        fields: &mut Vec<(SmolStr, Value)>,
        mark: Option<u32>,
        depth: usize,
    ) -> Result<usize> {
        let mut height = 0;
        for (key_id, value_id) in entries {
            if self.is_merge(*key_id) {
                height = height.max(self.merge(*value_id, fields, depth)?);
                continue;
            }
            let key = self.key(*key_id, *value_id, entries[0].0, depth)?;
            let mark = mark.map(|parent| {
                let place = Place { key: Some(self.span(*key_id)), value: self.span(*value_id) };
                self.marks.add(parent, Step::Key(key.clone()), place)
            });
            let (value, below) = self.value(*value_id, mark, depth + 1)?;
            height = height.max(below + 1);
            fields.push((key, value));
        }
        Ok(height)
    }

    fn is_merge(&self, id: NodeId) -> bool {
        match &self.node(id).content {
            Content::Scalar { text, tag, plain } => {
                text == "<<" && (*plain || tag.strip_prefix(TAG_PREFIX) == Some("merge"))
            }
            _ => false,
        }
    }

    /// `<<` puts the fields of other maps in this one, over those that stand before it.
    fn merge(&mut self, id: NodeId, fields: &mut Vec<(SmolStr, Value)>, depth: usize) -> Result<usize> {
        let sources = match &self.node(id).content {
            // The first of a list wins, so it comes last.
            Content::Sequence(items) => items.iter().rev().copied().collect(),
            _ => vec![id],
        };
        let mut height = 0;
        for source in sources {
            let at = self.node(source).start;
            let target = match self.node(source).content {
                Content::Alias { target, .. } => target,
                _ => source,
            };
            if !matches!(self.node(target).content, Content::Mapping(_)) {
                return meaning("map merge requires map or sequence of maps as the value", at);
            }
            let (value, below) = self.value(source, None, depth)?;
            height = height.max(below);
            fields.extend(value.entries().map(|(key, value)| (key.into(), value.clone())));
        }
        Ok(height)
    }

    fn alias(&mut self, name: &str, target: NodeId, at: Position, depth: usize) -> Result<(Value, usize)> {
        self.alias_depth += 1;
        let anchored = match self.aliases.get(&target) {
            Some(Some(anchored)) => {
                let anchored = anchored.clone();
                self.step(anchored.steps, at)?;
                anchored
            }
            Some(None) => return meaning(format!("anchor '{name}' value contains itself"), at),
            None => {
                self.aliases.insert(target, None);
                let before = self.steps;
                let (value, height) = self.value(target, None, depth)?;
                let anchored = Anchored { value, height, steps: self.steps.saturating_sub(before) };
                self.aliases.insert(target, Some(anchored.clone()));
                anchored
            }
        };
        self.alias_depth -= 1;
        if depth + anchored.height > MAX_DEPTH {
            return meaning(format!("exceeded max depth of {MAX_DEPTH}"), at);
        }
        Ok((anchored.value, anchored.height))
    }

    /// What a scalar stands for; `!!binary` is left to the caller.
    fn resolve(&self, id: NodeId) -> Result<Scalar<'t>> {
        let node = self.node(id);
        match &node.content {
            Content::Scalar { text, tag, plain } if tag.is_empty() => {
                Ok(if *plain { Scalar::plain(text) } else { Scalar::Str(text) })
            }
            Content::Scalar { text, tag, .. } => {
                Scalar::tagged(text, tag).or_else(|words| meaning(words, node.start))
            }
            _ => Ok(Scalar::Null),
        }
    }

    fn scalar(&mut self, id: NodeId) -> Result<Value> {
        let node = self.node(id);
        if let Content::Scalar { text, tag, .. } = &node.content
            && tag.strip_prefix(TAG_PREFIX) == Some("binary")
        {
            return match base64(text) {
                Some(bytes) => Ok(json::lossy(bytes).into()),
                None => meaning("!!binary value contains invalid base64 data", node.start),
            };
        }
        Ok(match self.resolve(id)? {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => value.into(),
            Scalar::Int(number) => number.into(),
            Scalar::Uint(number) => (number as f64).into(),
            Scalar::Float(number) if number.is_finite() => through_json(number),
            Scalar::Float(number) => {
                self.infinite_at.get_or_insert(node.start);
                number.into()
            }
            Scalar::Timestamp(text) | Scalar::Str(text) => text.into(),
        })
    }

    /// A key as text. Numbers and truth values are written out; nothing else but text can be one.
    /// Of the others the last in a map, told apart by its `first` key, is kept in mind.
    fn key(&mut self, id: NodeId, value: NodeId, first: NodeId, depth: usize) -> Result<SmolStr> {
        let at = self.node(id).start;
        let target = match self.node(id).content {
            Content::Alias { target, .. } => target,
            _ => id,
        };
        let decoded = self.value(id, None, depth + 1)?.0;
        if matches!(decoded, Value::Map(_) | Value::List(_)) {
            let mut words = "invalid map key: ".to_owned();
            self.go_value(&mut words, target, 0);
            return meaning(words, at);
        }
        if let Value::Str(text) = decoded {
            return Ok(text);
        }
        Ok(match self.resolve(target)? {
            Scalar::Bool(value) => value.to_string().into(),
            Scalar::Int(number) => number.to_string().into(),
            Scalar::Float(number) => match go_syntax::float32(number).as_str() {
                "+Inf" => ".inf".into(),
                "-Inf" => "-.inf".into(),
                "NaN" => ".nan".into(),
                number => number.into(),
            },
            Scalar::Timestamp(text) | Scalar::Str(text) => text.into(),
            Scalar::Null | Scalar::Uint(_) => {
                let name: SmolStr = format!("\0{first}").into();
                self.unsupported_keys.insert(name.clone(), (target, value));
                name
            }
        })
    }

    fn unsupported_key(&self, key: NodeId, value: NodeId) -> Problem {
        let mut words = match self.resolve(key) {
            Ok(Scalar::Uint(number)) => {
                format!("unsupported map key of type: uint64, key: {number:#x}, value: ")
            }
            _ => "unsupported map key of type: %!s(<nil>), key: <nil>, value: ".into(),
        };
        match (&self.node(value).content, self.resolve(value)) {
            (Content::Scalar { .. }, Ok(Scalar::Null)) => words.push_str("<nil>"),
            _ => self.go_value(&mut words, value, 0),
        }
        Problem::Meaning(words, self.node(key).start)
    }

    /// A node in Go's own notation for the value it is decoded to, cut short where it grows out of hand.
    fn go_value(&self, out: &mut String, id: NodeId, depth: usize) {
        if out.len() > 1 << 16 || depth > MAX_DEPTH {
            return;
        }
        match &self.node(id).content {
            Content::Alias { target, .. } => self.go_value(out, *target, depth + 1),
            Content::Sequence(items) => {
                out.push_str("[]interface {}{");
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.go_value(out, *item, depth + 1);
                }
                out.push('}');
            }
            Content::Mapping(entries) => {
                // Keys of one type stand together: nil, bool, float64, int, string, uint64.
                let mut fields = BTreeMap::new();
                for (key, value) in entries {
                    let mut written = String::new();
                    self.go_value(&mut written, *key, depth + 1);
                    let order = match self.resolve(*key).unwrap_or(Scalar::Str("")) {
                        Scalar::Null => (0, 0),
                        Scalar::Bool(_) => (1, 0),
                        Scalar::Float(_) => (2, 0),
                        Scalar::Int(number) => (3, number),
                        Scalar::Timestamp(_) | Scalar::Str(_) => (4, 0),
                        Scalar::Uint(_) => (5, 0),
                    };
                    fields.insert((order, written), *value);
                }
                out.push_str("map[interface {}]interface {}{");
                for (at, ((_, key), value)) in fields.iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    out.push_str(key);
                    out.push(':');
                    self.go_value(out, *value, depth + 1);
                }
                out.push('}');
            }
            Content::Scalar { text, .. } => {
                let _ = match self.resolve(id).unwrap_or(Scalar::Str(text)) {
                    Scalar::Null => write!(out, "interface {{}}(nil)"),
                    Scalar::Bool(value) => write!(out, "{value}"),
                    Scalar::Int(number) => write!(out, "{number}"),
                    Scalar::Uint(number) => write!(out, "{number:#x}"),
                    Scalar::Float(number) => write!(out, "{}", go_syntax::float(number)),
                    Scalar::Timestamp(text) | Scalar::Str(text) => {
                        go_syntax::quote(out, text);
                        Ok(())
                    }
                };
            }
        }
    }
}

/// A number after Go's JSON has written and read it: one without a fraction comes back whole.
fn through_json(number: f64) -> Value {
    json::float(number).parse::<i64>().map_or(number.into(), Value::Int)
}

/// Base64 with padding; line breaks do not count.
fn base64(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|c| !matches!(c, b'\r' | b'\n')).collect();
    if !letters.len().is_multiple_of(4) {
        return None;
    }
    let padding = letters.iter().rev().take(2).take_while(|c| **c == b'=').count();
    let mut bytes = Vec::with_capacity(letters.len() / 4 * 3);
    for four in letters.chunks(4) {
        let last = bytes.len() / 3 + 1 == letters.len() / 4;
        let mut bits = 0;
        for (at, letter) in four.iter().enumerate() {
            let six = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if last && at >= 4 - padding => 0,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
    }
    bytes.truncate(bytes.len() - padding);
    Some(bytes)
}
