//! From characters to tokens, as go-yaml v2 cuts them.
//!
//! go-yaml descends from libyaml but has drifted from it: which escapes it knows, where a plain scalar ends
//! inside `{}` and `[]`, and how late it notices a key without its `:` differ, and with them which problem is
//! reported first. What is reported, and where, is part of what kubectl prints, so the order in which
//! characters are looked at is kept here.

mod cursor;
mod scalars;
mod tags;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::VecDeque;

use super::Source;

/// How deep `[` and `{` may nest, and how deep lines may be indented one in another.
///
/// go-yaml's own limit is 10000, too deep for the stack of a page.
pub(super) const MAX_DEPTH: usize = 128;

/// A place in a text: line and column, in characters, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub line: u32,
    pub column: u32,
}

/// What is wrong, and who found it: go-yaml counts lines differently for the two.
#[derive(Debug)]
pub(super) enum Problem {
    /// The text can't be cut into tokens.
    Scanner(Cow<'static, str>, Position),
    /// The tokens are in no order that means something.
    Parser(&'static str, Position),
    /// The bytes are no text; the offset of the first bad one.
    Reader(&'static str, usize),
    /// The document means nothing; the words, and where.
    Meaning(String, Position),
}

pub(super) type Result<T> = std::result::Result<T, Problem>;

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes: its text may stand for a number, a truth value or nothing.
    Plain,
    /// In quotes or as a block: always text.
    Quoted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    StreamStart,
    StreamEnd,
    Version(u8, u8),
    TagDirective { handle: &'a str, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag { handle: &'a str, suffix: String },
    Scalar(Cow<'a, str>, Style),
}

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    pub start: Position,
    pub end: Position,
}

/// A place where a key without `?` may have begun; only a later `:` tells.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// In a block mapping nothing but a key can stand here.
    required: bool,
    /// Tokens from this one on are held back until it is known. Not every possible key is waited for:
    /// go-yaml forgets the one of a `[` or `{` in which no key began.
    awaited: bool,
    /// The number of its token, counted from the start of the stream.
    token: usize,
    at: Position,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// What stands in the way of reading on where the text ends; none at its true end.
    broken: Option<(&'static str, usize)>,
    /// The end of a broken text was looked at.
    end_seen: Cell<bool>,
    pos: usize,
    line: u32,
    column: u32,
    started: bool,
    tokens: VecDeque<Token<'a>>,
    /// How many tokens have been handed out.
    taken: usize,
    available: bool,
    /// The column of the innermost block collection; -1 outside all.
    indent: i32,
    indents: Vec<i32>,
    key_allowed: bool,
    /// One for the block context, one for each open `[` or `{`.
    keys: Vec<SimpleKey>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &Source<'a>) -> Self {
        Self {
            text: source.text,
            bytes: source.text.as_bytes(),
            broken: source.broken,
            end_seen: Cell::new(false),
            pos: 0,
            line: 0,
            column: 0,
            started: false,
            tokens: VecDeque::new(),
            taken: 0,
            available: false,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![SimpleKey::default()],
        }
    }

    /// The next token, left where it is.
    pub(super) fn peek(&mut self) -> Result<&Token<'a>> {
        if !self.available {
            let fetched = self.fetch();
            // Where the bytes are no text, nothing found at their edge counts.
            if let (Some((words, offset)), true) = (self.broken, self.end_seen.get()) {
                return Err(Problem::Reader(words, offset));
            }
            fetched?;
            self.available = true;
        }
        // After the end of the stream nobody asks; were it otherwise, it would read as a second end.
        if self.tokens.is_empty() {
            let at = self.here();
            self.push(Kind::StreamEnd, at);
        }
        Ok(&self.tokens[0])
    }

    /// Takes the token that `peek` showed.
    pub(super) fn take(&mut self) -> Result<Token<'a>> {
        self.peek()?;
        self.available = false;
        self.taken += 1;
        match self.tokens.pop_front() {
            Some(token) => Ok(token),
            None => unreachable!("a token was just seen"),
        }
    }

    /// Scans until the first token in the queue can't be turned into a key any more.
    fn fetch(&mut self) -> Result<()> {
        loop {
            if !self.tokens.is_empty() {
                let head = self.taken;
                let Some(at) = self.keys.iter().rposition(|key| key.awaited && key.token == head) else {
                    return Ok(());
                };
                if !self.key_is_valid(at)? {
                    return Ok(());
                }
            }
            self.fetch_next()?;
        }
    }

    fn fetch_next(&mut self) -> Result<()> {
        if !self.started {
            self.started = true;
            self.push(Kind::StreamStart, Position::default());
            return Ok(());
        }
        self.skip_to_token();
        self.unroll(self.column as i32);
        let first = self.byte(0);
        if first == 0 {
            return self.stream_end();
        }
        if self.column == 0 && first == b'%' {
            self.unroll(-1);
            self.remove_key()?;
            self.key_allowed = false;
            return self.directive();
        }
        if self.column == 0 && self.at_document_indicator() {
            self.unroll(-1);
            self.remove_key()?;
            self.key_allowed = false;
            let kind = if first == b'-' { Kind::DocumentStart } else { Kind::DocumentEnd };
            return self.indicator(kind, 3);
        }
        let block = self.block();
        match first {
            b'[' => self.open(Kind::FlowSequenceStart),
            b'{' => self.open(Kind::FlowMappingStart),
            b']' => self.close(Kind::FlowSequenceEnd),
            b'}' => self.close(Kind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.indicator(Kind::FlowEntry, 1)
            }
            b'-' if self.is_blank_or_end(1) => {
                if block {
                    self.need_key_allowed("block sequence entries are not allowed in this context")?;
                    self.roll(self.column as i32, None, Kind::BlockSequenceStart, self.here())?;
                }
                self.remove_key()?;
                self.key_allowed = true;
                self.indicator(Kind::BlockEntry, 1)
            }
            b'?' if !block || self.is_blank_or_end(1) => {
                if block {
                    self.need_key_allowed("mapping keys are not allowed in this context")?;
                    self.roll(self.column as i32, None, Kind::BlockMappingStart, self.here())?;
                }
                self.remove_key()?;
                self.key_allowed = block;
                self.indicator(Kind::Key, 1)
            }
            b':' if !block || self.is_blank_or_end(1) => self.value(),
            b'*' | b'&' => {
                self.save_key()?;
                self.key_allowed = false;
                self.anchor()
            }
            b'!' => {
                self.save_key()?;
                self.key_allowed = false;
                self.tag()
            }
            b'|' | b'>' if block => {
                self.remove_key()?;
                self.key_allowed = true;
                self.block_scalar(first == b'|')
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.key_allowed = false;
                self.quoted_scalar(first)
            }
            b'|' | b'>' | b'%' | b'@' | b'`' | b'\t' => {
                self.fail("found character that cannot start any token")
            }
            _ => self.plain_scalar(),
        }
    }

    /// Blanks, comments and line breaks. A tab is a blank only where no key can begin, so that it never indents.
    fn skip_to_token(&mut self) {
        loop {
            while self.byte(0) == b' ' || ((!self.block() || !self.key_allowed) && self.byte(0) == b'\t') {
                self.skip();
            }
            if self.byte(0) == b'#' {
                self.skip_to_break();
            }
            if !self.skip_break() {
                return;
            }
            if self.block() {
                self.key_allowed = true;
            }
        }
    }

    // --- keys and indentation ---

    fn block(&self) -> bool {
        self.keys.len() == 1
    }

    fn need_key_allowed(&self, words: &'static str) -> Result<()> {
        if self.key_allowed { Ok(()) } else { self.fail(words) }
    }

    /// A key must find its `:` on its line and within 1024 characters.
    fn key_is_valid(&mut self, at: usize) -> Result<bool> {
        let key = self.keys[at];
        if key.possible && (key.at.line < self.line || key.at.column + 1024 < self.column) {
            if key.required {
                return self.fail("could not find expected ':'");
            }
            self.keys[at].possible = false;
        }
        Ok(self.keys[at].possible)
    }

    fn save_key(&mut self) -> Result<()> {
        if self.key_allowed {
            let key = SimpleKey {
                possible: true,
                required: self.block() && self.indent == self.column as i32,
                awaited: true,
                token: self.taken + self.tokens.len(),
                at: self.here(),
            };
            self.remove_key()?;
            *self.key() = key;
        }
        Ok(())
    }

    fn remove_key(&mut self) -> Result<()> {
        let key = self.key();
        if key.possible {
            if key.required {
                return self.fail("could not find expected ':'");
            }
            key.possible = false;
            key.awaited = false;
        }
        Ok(())
    }

    fn key(&mut self) -> &mut SimpleKey {
        match self.keys.last_mut() {
            Some(key) => key,
            None => unreachable!("the key of the block context is never taken away"),
        }
    }

    /// Begins a block collection where `column` lies deeper than the one around it; before the token `number`
    /// where that has been scanned already.
    fn roll(&mut self, column: i32, number: Option<usize>, kind: Kind<'a>, at: Position) -> Result<()> {
        if self.block() && self.indent < column {
            self.indents.push(self.indent);
            self.indent = column;
            if self.indents.len() > MAX_DEPTH {
                return self.too_deep();
            }
            self.insert(number, Token { kind, start: at, end: at });
        }
        Ok(())
    }

    /// Ends the block collections that lie deeper than `column`.
    fn unroll(&mut self, column: i32) {
        while self.block() && self.indent > column {
            self.push(Kind::BlockEnd, self.here());
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn too_deep<T>(&self) -> Result<T> {
        Err(Problem::Scanner(format!("exceeded max depth of {MAX_DEPTH}").into(), self.here()))
    }

    // --- one token each ---

    fn stream_end(&mut self) -> Result<()> {
        if self.column != 0 {
            self.column = 0;
            self.line += 1;
        }
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.push(Kind::StreamEnd, self.here());
        Ok(())
    }

    fn open(&mut self, kind: Kind<'a>) -> Result<()> {
        self.save_key()?;
        let token = self.taken + self.tokens.len();
        self.keys.push(SimpleKey { token, ..SimpleKey::default() });
        if self.keys.len() > MAX_DEPTH + 1 {
            return self.too_deep();
        }
        self.key_allowed = true;
        self.indicator(kind, 1)
    }

    fn close(&mut self, kind: Kind<'a>) -> Result<()> {
        self.remove_key()?;
        if !self.block() {
            let token = self.keys.pop().map(|key| key.token);
            for key in &mut self.keys {
                key.awaited &= Some(key.token) != token;
            }
        }
        self.key_allowed = false;
        self.indicator(kind, 1)
    }

    fn value(&mut self) -> Result<()> {
        if self.key_is_valid(self.keys.len() - 1)? {
            let key = *self.key();
            self.insert(Some(key.token), Token { kind: Kind::Key, start: key.at, end: key.at });
            self.roll(key.at.column as i32, Some(key.token), Kind::BlockMappingStart, key.at)?;
            *self.key() = SimpleKey { possible: false, awaited: false, ..key };
            self.key_allowed = false;
        } else {
            let block = self.block();
            if block {
                self.need_key_allowed("mapping values are not allowed in this context")?;
                self.roll(self.column as i32, None, Kind::BlockMappingStart, self.here())?;
            }
            self.key_allowed = block;
        }
        self.indicator(Kind::Value, 1)
    }

    fn indicator(&mut self, kind: Kind<'a>, length: usize) -> Result<()> {
        let start = self.here();
        for _ in 0..length {
            self.skip();
        }
        self.tokens.push_back(Token { kind, start, end: self.here() });
        Ok(())
    }

    fn push(&mut self, kind: Kind<'a>, at: Position) {
        self.tokens.push_back(Token { kind, start: at, end: at });
    }

    /// Before the token `number`; at the end where that has been handed out already.
    fn insert(&mut self, number: Option<usize>, token: Token<'a>) {
        match number.and_then(|number| number.checked_sub(self.taken)) {
            Some(at) if at <= self.tokens.len() => self.tokens.insert(at, token),
            _ => self.tokens.push_back(token),
        }
    }
}
