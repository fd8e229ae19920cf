//! From tokens to the tree of one document.
//!
//! Each method looks at the tokens in the order in which go-yaml's state machine does, because looking is what
//! makes the scanner go on and find its own problems.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::scanner::{Kind, Position, Problem, Result, Scanner, Style, Token};

/// A node's place in [`Tree::nodes`].
pub(super) type NodeId = usize;

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub content: Content<'a>,
    pub start: Position,
    pub end: Position,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Scalar {
        text: Cow<'a, str>,
        /// In full, as `tag:yaml.org,2002:int`; empty where none was given.
        tag: String,
        /// Not in quotes, so that the text may stand for something else than itself.
        plain: bool,
    },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
    Alias {
        name: &'a str,
        target: NodeId,
    },
}

/// The nodes of a document.
#[derive(Debug, Default)]
pub(super) struct Tree<'a> {
    pub nodes: Vec<Node<'a>>,
    /// None where the text holds no document at all.
    pub root: Option<NodeId>,
}

/// Reads the first document; what follows it is not looked at.
pub(super) fn parse<'a>(scanner: Scanner<'a>) -> Result<Tree<'a>> {
    let mut parser = Parser { scanner, tree: Tree::default(), anchors: BTreeMap::new(), tags: Vec::new() };
    parser.tree.root = parser.document()?;
    Ok(parser.tree)
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    tree: Tree<'a>,
    anchors: BTreeMap<&'a str, NodeId>,
    /// Tag handles and what they stand for.
    tags: Vec<(&'a str, String)>,
}

/// Where a node stands: which collections may begin there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In `[]` or `{}`.
    Flow,
    Block,
    /// A key or value of a block mapping, where `-` needs no deeper indentation.
    BlockEntry,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Result<&Token<'a>> {
        self.scanner.peek()
    }

    fn take(&mut self) -> Result<Token<'a>> {
        self.scanner.take()
    }

    /// Takes the next token where it is a `kind`.
    fn take_if(&mut self, kind: &Kind<'a>) -> Result<Option<Token<'a>>> {
        if self.peek()?.kind == *kind { self.take().map(Some) } else { Ok(None) }
    }

    fn next_is(&mut self, kinds: &[Kind<'a>]) -> Result<bool> {
        let next = &self.peek()?.kind;
        Ok(kinds.contains(next))
    }

    fn fail<T>(&mut self, words: &'static str) -> Result<T> {
        let at = self.peek()?.start;
        Err(Problem::Parser(words, at))
    }

    fn add(&mut self, content: Content<'a>, start: Position, end: Position) -> NodeId {
        self.tree.nodes.push(Node { content, start, end });
        self.tree.nodes.len() - 1
    }

    /// A scalar that is not written down.
    fn empty(&mut self, at: Position) -> NodeId {
        self.add(Content::Scalar { text: "".into(), tag: String::new(), plain: true }, at, at)
    }

    fn document(&mut self) -> Result<Option<NodeId>> {
        self.take()?;
        let explicit = match self.peek()?.kind {
            Kind::StreamEnd => return Ok(None),
            Kind::Version(..) | Kind::TagDirective { .. } | Kind::DocumentStart => true,
            _ => false,
        };
        self.directives()?;
        if !explicit {
            let root = self.node(Place::Block)?;
            self.peek()?;
            return Ok(Some(root));
        }
        if self.take_if(&Kind::DocumentStart)?.is_none() {
            return self.fail("did not find expected <document start>");
        }
        let next = self.peek()?;
        let root = match next.kind {
            Kind::Version(..)
            | Kind::TagDirective { .. }
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd => {
                let at = next.start;
                self.empty(at)
            }
            _ => self.node(Place::Block)?,
        };
        self.peek()?;
        Ok(Some(root))
    }

    fn directives(&mut self) -> Result<()> {
        let mut versioned = false;
        loop {
            match self.peek()?.kind {
                Kind::Version(..) if versioned => return self.fail("found duplicate %YAML directive"),
                Kind::Version(1, 1) => versioned = true,
                Kind::Version(..) => return self.fail("found incompatible YAML document"),
                Kind::TagDirective { handle, .. } => {
                    if self.tags.iter().any(|(known, _)| *known == handle) {
                        return self.fail("found duplicate %TAG directive");
                    }
                }
                _ => break,
            }
            if let Kind::TagDirective { handle, prefix } = self.take()?.kind {
                self.tags.push((handle, prefix));
            }
        }
        // What a document says itself comes first.
        self.tags.push(("!", "!".into()));
        self.tags.push(("!!", "tag:yaml.org,2002:".into()));
        Ok(())
    }

    fn node(&mut self, place: Place) -> Result<NodeId> {
        let first = self.peek()?;
        let start = first.start;
        let mut end = start;
        if let Kind::Alias(name) = first.kind {
            let end = first.end;
            self.take()?;
            let Some(&target) = self.anchors.get(name) else {
                return Err(Problem::Meaning(format!("yaml: unknown anchor '{name}' referenced"), start));
            };
            return Ok(self.add(Content::Alias { name, target }, start, end));
        }
        let (mut anchor, mut tag) = (None, None);
        // One of each, in any order.
        loop {
            match self.peek()?.kind {
                Kind::Anchor(name) if anchor.is_none() => {
                    end = self.take()?.end;
                    anchor = Some(name);
                }
                Kind::Tag { .. } if tag.is_none() => {
                    let token = self.take()?;
                    end = token.end;
                    tag = Some(token);
                }
                _ => break,
            }
        }
        let tag = match tag {
            Some(Token { kind: Kind::Tag { handle, suffix }, start, .. }) => {
                self.tag(handle, suffix, start)?
            }
            _ => String::new(),
        };

        // The anchor is known inside the node as well.
        let id = self.empty(start);
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        let next = self.peek()?;
        let at = next.start;
        let (content, end) = match &next.kind {
            Kind::BlockEntry if place == Place::BlockEntry => self.indentless_sequence()?,
            Kind::Scalar(_, style) => {
                let plain = tag == "!" || (tag.is_empty() && *style == Style::Plain);
                let token = self.take()?;
                match token.kind {
                    Kind::Scalar(text, _) => (Content::Scalar { text, tag, plain }, token.end),
                    _ => unreachable!("a scalar was just seen"),
                }
            }
            Kind::FlowSequenceStart => self.flow_sequence()?,
            Kind::FlowMappingStart => self.flow_mapping()?,
            Kind::BlockSequenceStart if place != Place::Flow => self.block_sequence()?,
            Kind::BlockMappingStart if place != Place::Flow => self.block_mapping()?,
            _ if anchor.is_some() || !tag.is_empty() => {
                let plain = tag.is_empty();
                (Content::Scalar { text: "".into(), tag, plain }, end)
            }
            _ => return Err(Problem::Parser("did not find expected node content", at)),
        };
        self.tree.nodes[id] = Node { content, start, end };
        Ok(id)
    }

    fn tag(&mut self, handle: &'a str, suffix: String, at: Position) -> Result<String> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        match self.tags.iter().find(|(known, _)| *known == handle) {
            Some((_, prefix)) => Ok(prefix.clone() + &suffix),
            None => Err(Problem::Parser("found undefined tag handle", at)),
        }
    }

    /// A node, or the empty scalar `at` where one of `ends` comes instead.
    fn node_unless(&mut self, ends: &[Kind<'a>], place: Place, at: Option<Position>) -> Result<NodeId> {
        if self.next_is(ends)? {
            let at = match at {
                Some(at) => at,
                None => self.peek()?.start,
            };
            return Ok(self.empty(at));
        }
        self.node(place)
    }

    fn block_sequence(&mut self) -> Result<(Content<'a>, Position)> {
        let mut end = self.take()?.end;
        let mut items = Vec::new();
        while let Some(entry) = self.take_if(&Kind::BlockEntry)? {
            let ends = [Kind::BlockEntry, Kind::BlockEnd];
            let item = self.node_unless(&ends, Place::Block, Some(entry.end))?;
            end = self.tree.nodes[item].end;
            items.push(item);
        }
        match self.take_if(&Kind::BlockEnd)? {
            Some(_) => Ok((Content::Sequence(items), end)),
            None => self.fail("did not find expected '-' indicator"),
        }
    }

    fn indentless_sequence(&mut self) -> Result<(Content<'a>, Position)> {
        let mut end = self.peek()?.end;
        let ends = [Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd];
        let mut items = Vec::new();
        while let Some(entry) = self.take_if(&Kind::BlockEntry)? {
            let item = self.node_unless(&ends, Place::Block, Some(entry.end))?;
            end = self.tree.nodes[item].end;
            items.push(item);
        }
        Ok((Content::Sequence(items), end))
    }

    fn block_mapping(&mut self) -> Result<(Content<'a>, Position)> {
        let ends = [Kind::Key, Kind::Value, Kind::BlockEnd];
        let mut end = self.take()?.end;
        let mut entries = Vec::new();
        while let Some(key) = self.take_if(&Kind::Key)? {
            let key = self.node_unless(&ends, Place::BlockEntry, Some(key.end))?;
            let value = match self.take_if(&Kind::Value)? {
                Some(value) => self.node_unless(&ends, Place::BlockEntry, Some(value.end))?,
                None => {
                    let at = self.peek()?.start;
                    self.empty(at)
                }
            };
            end = self.tree.nodes[value].end;
            entries.push((key, value));
        }
        match self.take_if(&Kind::BlockEnd)? {
            Some(_) => Ok((Content::Mapping(entries), end)),
            None => self.fail("did not find expected key"),
        }
    }

    fn flow_sequence(&mut self) -> Result<(Content<'a>, Position)> {
        let ends = [Kind::FlowEntry, Kind::FlowSequenceEnd];
        self.take()?;
        let mut items = Vec::new();
        loop {
            if !self.next_is(&ends[1..])? && !items.is_empty() && self.take_if(&Kind::FlowEntry)?.is_none() {
                return self.fail("did not find expected ',' or ']'");
            }
            if let Some(token) = self.take_if(&Kind::FlowSequenceEnd)? {
                return Ok((Content::Sequence(items), token.end));
            }
            let Some(key) = self.take_if(&Kind::Key)? else {
                items.push(self.node(Place::Flow)?);
                continue;
            };
            // `a: b` is a mapping of one entry. Where nothing stands for the key, go-yaml skips one token too many.
            let id = self.empty(key.start);
            let key = if self.next_is(&[Kind::Value, Kind::FlowEntry, Kind::FlowSequenceEnd])? {
                let at = self.take()?.end;
                self.empty(at)
            } else {
                self.node(Place::Flow)?
            };
            let value = self.flow_value(&ends)?;
            self.tree.nodes[id].end = self.peek()?.start;
            self.tree.nodes[id].content = Content::Mapping(vec![(key, value)]);
            items.push(id);
        }
    }

    fn flow_mapping(&mut self) -> Result<(Content<'a>, Position)> {
        let ends = [Kind::FlowEntry, Kind::FlowMappingEnd];
        self.take()?;
        let mut entries = Vec::new();
        loop {
            if !self.next_is(&ends[1..])? && !entries.is_empty() && self.take_if(&Kind::FlowEntry)?.is_none()
            {
                return self.fail("did not find expected ',' or '}'");
            }
            if let Some(token) = self.take_if(&Kind::FlowMappingEnd)? {
                return Ok((Content::Mapping(entries), token.end));
            }
            entries.push(if self.take_if(&Kind::Key)?.is_some() {
                let ends_key = [Kind::Value, Kind::FlowEntry, Kind::FlowMappingEnd];
                (self.node_unless(&ends_key, Place::Flow, None)?, self.flow_value(&ends)?)
            } else {
                let key = self.node(Place::Flow)?;
                let at = self.peek()?.start;
                (key, self.empty(at))
            });
        }
    }

    fn flow_value(&mut self, ends: &[Kind<'a>]) -> Result<NodeId> {
        let at = self.peek()?.start;
        if self.take_if(&Kind::Value)?.is_none() {
            return Ok(self.empty(at));
        }
        self.node_unless(ends, Place::Flow, Some(at))
    }
}
