//! From characters to tokens, as go-yaml v2 cuts them.
//!
//! go-yaml descends from libyaml but has drifted from it: which escapes it knows, where a plain scalar ends
//! inside `{}` and `[]`, and how late it notices a key without its `:` differ, and with them which problem is
//! reported first. What is reported, and where, is part of what kubectl prints, so the order in which
//! characters are looked at is kept here.

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

    fn directive(&mut self) -> Result<()> {
        let start = self.here();
        self.skip();
        let name = self.word();
        if name.is_empty() {
            return self.fail("could not find expected directive name");
        }
        if !self.is_blank_or_end(0) {
            return self.fail("found unexpected non-alphabetical character");
        }
        self.skip_blanks();
        let kind = match name {
            "YAML" => {
                let major = self.version_number()?;
                if self.byte(0) != b'.' {
                    return self.fail("did not find expected digit or '.' character");
                }
                self.skip();
                Kind::Version(major, self.version_number()?)
            }
            "TAG" => {
                let handle = self.tag_handle(true)?;
                if !self.is_blank(0) {
                    return self.fail("did not find expected whitespace");
                }
                self.skip_blanks();
                let prefix = self.tag_uri("")?;
                if !self.is_blank_or_end(0) {
                    return self.fail("did not find expected whitespace or line break");
                }
                Kind::TagDirective { handle, prefix }
            }
            _ => return self.fail("found unknown directive name"),
        };
        let end = self.here();
        self.end_of_line()?;
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    fn version_number(&mut self) -> Result<u8> {
        let from = self.pos;
        while self.byte(0).is_ascii_digit() {
            self.skip();
            if self.pos - from > 2 {
                return self.fail("found extremely long version number");
            }
        }
        match self.text[from..self.pos].parse() {
            Ok(number) => Ok(number),
            Err(_) => self.fail("did not find expected version number"),
        }
    }

    fn anchor(&mut self) -> Result<()> {
        let start = self.here();
        let alias = self.byte(0) == b'*';
        self.skip();
        let name = self.word();
        let ends = self.is_blank_or_end(0) || b"?:,]}%@`".contains(&self.byte(0));
        if name.is_empty() || !ends {
            return self.fail("did not find expected alphabetic or numeric character");
        }
        let kind = if alias { Kind::Alias(name) } else { Kind::Anchor(name) };
        self.tokens.push_back(Token { kind, start, end: self.here() });
        Ok(())
    }

    fn tag(&mut self) -> Result<()> {
        let start = self.here();
        let (handle, suffix);
        if self.byte(1) == b'<' {
            self.skip();
            self.skip();
            handle = "";
            suffix = self.tag_uri("")?;
            if self.byte(0) != b'>' {
                return self.fail("did not find the expected '>'");
            }
            self.skip();
        } else {
            let found = self.tag_handle(false)?;
            if found.len() > 1 && found.ends_with('!') {
                handle = found;
                suffix = self.tag_uri("")?;
            } else {
                let rest = self.tag_uri(found)?;
                // `!` alone says: not what it looks like, but text.
                (handle, suffix) = if rest.is_empty() { ("", "!".into()) } else { ("!", rest) };
            }
        }
        if !self.is_blank_or_end(0) {
            return self.fail("did not find expected whitespace or line break");
        }
        self.tokens.push_back(Token { kind: Kind::Tag { handle, suffix }, start, end: self.here() });
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool) -> Result<&'a str> {
        if self.byte(0) != b'!' {
            return self.fail("did not find expected '!'");
        }
        let from = self.pos;
        self.skip();
        self.word();
        if self.byte(0) == b'!' {
            self.skip();
        } else if directive && self.pos - from != 1 {
            return self.fail("did not find expected '!'");
        }
        Ok(&self.text[from..self.pos])
    }

    /// The rest of a tag after `head`, whose leading `!` does not count.
    fn tag_uri(&mut self, head: &str) -> Result<String> {
        let mut uri: Vec<u8> = head.bytes().skip(1).collect();
        let mut found = !head.is_empty();
        loop {
            match self.byte(0) {
                b'%' => self.uri_escape(&mut uri)?,
                c if is_word(c) || b";/?:@&=+$,.!~*'()[]".contains(&c) => {
                    uri.push(c);
                    self.skip();
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return self.fail("did not find expected tag URI");
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// `%XX` as often as the character it begins needs.
    fn uri_escape(&mut self, uri: &mut Vec<u8>) -> Result<()> {
        let mut left = None;
        while left != Some(0) {
            let digits = (hex_digit(self.byte(1)), hex_digit(self.byte(2)));
            let (b'%', (Some(high), Some(low))) = (self.byte(0), digits) else {
                return self.fail("did not find URI escaped octet");
            };
            let octet = (high << 4 | low) as u8;
            let width = match left {
                None => match octet.leading_ones() {
                    0 => 1,
                    ones @ 2..=4 => ones,
                    _ => return self.fail("found an incorrect leading UTF-8 octet"),
                },
                Some(_) if octet & 0xC0 != 0x80 => {
                    return self.fail("found an incorrect trailing UTF-8 octet");
                }
                Some(left) => left,
            };
            uri.push(octet);
            for _ in 0..3 {
                self.skip();
            }
            left = Some(width - 1);
        }
        Ok(())
    }

    // --- scalars ---

    fn plain_scalar(&mut self) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.here();
        let indent = self.indent + 1;
        let block = self.block();
        let mut text = Pieces::new(self.text, self.pos);
        let (mut end, mut end_pos) = (start, self.pos);
        let mut gap = None;
        while !(self.column == 0 && self.at_document_indicator()) && self.byte(0) != b'#' {
            let from = self.pos;
            loop {
                match self.byte(0) {
                    b':' if self.is_blank_or_end(1) => break,
                    b',' | b'?' | b'[' | b']' | b'{' | b'}' if !block => break,
                    _ if self.is_blank_or_end(0) => break,
                    _ => self.skip(),
                }
            }
            if self.pos > from {
                if let Some(gap) = gap.take() {
                    text.fold(end_pos, gap, from);
                }
                (end, end_pos) = (self.here(), self.pos);
            }
            if !self.is_blank(0) && !self.is_break() {
                break;
            }
            let folded = gap.get_or_insert_with(Gap::default);
            while self.is_blank(0) || self.is_break() {
                if self.is_break() {
                    folded.add(self.take_break());
                } else {
                    if folded.broken() && (self.column as i32) < indent && self.byte(0) == b'\t' {
                        return self.fail("found a tab character that violates indentation");
                    }
                    self.skip();
                }
            }
            if !folded.broken() {
                // Blanks inside a line stand as they are.
                gap = None;
            } else if block && (self.column as i32) < indent {
                break;
            }
        }
        self.key_allowed |= gap.is_some();
        let kind = Kind::Scalar(text.finish(end_pos), Style::Plain);
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    fn quoted_scalar(&mut self, quote: u8) -> Result<()> {
        let start = self.here();
        self.skip();
        let mut text = Pieces::new(self.text, self.pos);
        loop {
            if self.column == 0 && self.at_document_indicator() {
                return self.fail("found unexpected document indicator");
            }
            if self.byte(0) == 0 {
                return self.fail("found unexpected end of stream");
            }
            let mut gap = Gap::default();
            let mut blanks_from = None;
            while !self.is_blank_or_end(0) {
                match self.byte(0) {
                    b'\'' if quote == b'\'' && self.byte(1) == b'\'' => {
                        self.skip();
                        text.cut(self.pos, "", self.pos + 1);
                        self.skip();
                    }
                    c if c == quote => break,
                    b'\\' if quote == b'"' => {
                        let at = self.pos;
                        self.skip();
                        if self.is_break() {
                            blanks_from = Some(at);
                            self.take_break();
                            gap.escaped = true;
                            break;
                        }
                        let c = self.escape()?;
                        text.cut(at, c.encode_utf8(&mut [0; 4]), self.pos);
                    }
                    _ => self.skip(),
                }
            }
            if self.byte(0) == quote {
                if let Some(at) = blanks_from {
                    text.cut(at, "", self.pos);
                }
                break;
            }
            let blanks_from = blanks_from.unwrap_or(self.pos);
            while self.is_blank(0) || self.is_break() {
                if self.is_break() {
                    gap.add(self.take_break());
                } else {
                    self.skip();
                }
            }
            if gap.broken() {
                text.fold(blanks_from, gap, self.pos);
            }
        }
        let end_pos = self.pos;
        self.skip();
        let kind = Kind::Scalar(text.finish(end_pos), Style::Quoted);
        self.tokens.push_back(Token { kind, start, end: self.here() });
        Ok(())
    }

    /// What follows a `\`.
    fn escape(&mut self) -> Result<char> {
        let digits = match self.byte(0) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            letter => {
                let c = match letter {
                    b'0' => '\0',
                    b'a' => '\x07',
                    b'b' => '\x08',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\x0B',
                    b'f' => '\x0C',
                    b'r' => '\r',
                    b'e' => '\x1B',
                    b' ' | b'"' | b'\'' | b'\\' => letter.into(),
                    b'N' => '\u{85}',
                    b'_' => '\u{A0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return self.fail_back("found unknown escape character"),
                };
                self.skip();
                return Ok(c);
            }
        };
        self.skip();
        let mut code = 0_u32;
        for at in 0..digits {
            match hex_digit(self.byte(at)) {
                Some(digit) => code = code.wrapping_shl(4) | digit,
                None => return self.fail("did not find expected hexdecimal number"),
            }
        }
        match char::from_u32(code) {
            Some(c) => {
                for _ in 0..digits {
                    self.skip();
                }
                Ok(c)
            }
            None => self.fail("found invalid Unicode character escape code"),
        }
    }

    fn block_scalar(&mut self, literal: bool) -> Result<()> {
        let start = self.here();
        self.skip();
        let mut chomp = self.chomp_indicator();
        let mut indent = 0;
        if self.byte(0).is_ascii_digit() {
            if self.byte(0) == b'0' {
                return self.fail("found an indentation indicator equal to 0");
            }
            indent = self.indent.max(0) + i32::from(self.byte(0) - b'0');
            self.skip();
            if chomp == 0 {
                chomp = self.chomp_indicator();
            }
        }
        self.skip_blanks();
        self.end_of_line()?;
        let mut end = self.here();
        let mut text = String::new();
        let mut breaks = String::new();
        let mut line_break = "";
        // Lines that begin with a blank keep the breaks around them.
        let mut after_blank = false;
        self.block_breaks(&mut indent, &mut breaks, &mut end)?;
        while self.column as i32 == indent && self.byte(0) != 0 {
            let blank = self.is_blank(0);
            if !literal && !after_blank && !blank && line_break == "\n" {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(line_break);
            }
            text.push_str(&breaks);
            breaks.clear();
            after_blank = blank;
            let from = self.pos;
            self.skip_to_break();
            text.push_str(&self.text[from..self.pos]);
            line_break = self.take_break();
            self.block_breaks(&mut indent, &mut breaks, &mut end)?;
        }
        if chomp >= 0 {
            text.push_str(line_break);
        }
        if chomp > 0 {
            text.push_str(&breaks);
        }
        let kind = Kind::Scalar(text.into(), Style::Quoted);
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    /// 1 for `+`, -1 for `-`, 0 for neither.
    fn chomp_indicator(&mut self) -> i32 {
        let chomp = match self.byte(0) {
            b'+' => 1,
            b'-' => -1,
            _ => return 0,
        };
        self.skip();
        chomp
    }

    /// Indentation and empty lines of a block scalar. An `indent` of 0 is not known yet, and then found here.
    fn block_breaks(&mut self, indent: &mut i32, breaks: &mut String, end: &mut Position) -> Result<()> {
        let mut deepest = 0;
        *end = self.here();
        loop {
            while (*indent == 0 || (self.column as i32) < *indent) && self.byte(0) == b' ' {
                self.skip();
            }
            deepest = deepest.max(self.column as i32);
            if (*indent == 0 || (self.column as i32) < *indent) && self.byte(0) == b'\t' {
                return self.fail("found a tab character where an indentation space is expected");
            }
            if !self.is_break() {
                break;
            }
            breaks.push_str(self.take_break());
            *end = self.here();
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }

    // --- characters ---

    fn here(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn fail<T>(&self, words: &'static str) -> Result<T> {
        Err(Problem::Scanner(words.into(), self.here()))
    }

    /// At the character before this one, which has been taken already.
    fn fail_back<T>(&self, words: &'static str) -> Result<T> {
        let at = Position { column: self.column.saturating_sub(1), ..self.here() };
        Err(Problem::Scanner(words.into(), at))
    }

    /// The byte `ahead` of here; 0 at the end, which the text itself never holds.
    fn byte(&self, ahead: usize) -> u8 {
        match self.bytes.get(self.pos + ahead) {
            Some(byte) => *byte,
            None => {
                self.end_seen.set(true);
                0
            }
        }
    }

    fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xC2 if self.byte(ahead + 1) == 0x85 => 2,
            0xE2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    fn is_break(&self) -> bool {
        self.break_length(0) > 0
    }

    fn is_blank_or_end(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            0 | b' ' | b'\t' | b'\r' | b'\n' => true,
            0xC2 | 0xE2 => self.break_length(ahead) > 0,
            _ => false,
        }
    }

    fn at_document_indicator(&self) -> bool {
        let rest = &self.bytes[self.pos..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.is_blank_or_end(3)
    }

    /// One character, which is no line break.
    fn skip(&mut self) {
        let width = match self.byte(0) {
            0 => return,
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        self.pos += width;
        self.column += 1;
    }

    fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    fn skip_to_break(&mut self) {
        while self.byte(0) != 0 && !self.is_break() {
            self.skip();
        }
    }

    fn skip_break(&mut self) -> bool {
        let length = self.break_length(0);
        if length > 0 {
            self.pos += length;
            self.line += 1;
            self.column = 0;
        }
        length > 0
    }

    /// A line break as it counts in text: the two Unicode separators as they are, all others as `\n`.
    fn take_break(&mut self) -> &'a str {
        let from = self.pos;
        if !self.skip_break() {
            return "";
        }
        if self.pos - from == 3 { &self.text[from..self.pos] } else { "\n" }
    }

    /// The rest of a line that holds nothing but blanks and a comment.
    fn end_of_line(&mut self) -> Result<()> {
        self.skip_blanks();
        if self.byte(0) == b'#' {
            self.skip_to_break();
        }
        if self.byte(0) != 0 && !self.is_break() {
            return self.fail("did not find expected comment or line break");
        }
        self.skip_break();
        Ok(())
    }

    /// Letters, digits, `_` and `-`.
    fn word(&mut self) -> &'a str {
        let from = self.pos;
        while is_word(self.byte(0)) {
            self.skip();
        }
        &self.text[from..self.pos]
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

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c == b'-'
}

fn hex_digit(c: u8) -> Option<u32> {
    char::from(c).to_digit(16)
}

/// The blanks and line breaks between two words of a scalar.
#[derive(Default)]
struct Gap<'a> {
    first: Option<&'a str>,
    rest: String,
    /// It began with a `\` at the end of a line, which joins without a space.
    escaped: bool,
}

impl<'a> Gap<'a> {
    fn broken(&self) -> bool {
        self.first.is_some() || self.escaped
    }

    fn add(&mut self, line_break: &'a str) {
        if self.broken() {
            self.rest.push_str(line_break);
        } else {
            self.first = Some(line_break);
        }
    }
}

/// The text of a scalar: a slice of the source for as long as it can be one.
struct Pieces<'a> {
    source: &'a str,
    owned: Option<String>,
    from: usize,
}

impl<'a> Pieces<'a> {
    fn new(source: &'a str, from: usize) -> Self {
        Self { source, owned: None, from }
    }

    /// What stands up to `to`, then `insert`, then on from `next`.
    fn cut(&mut self, to: usize, insert: &str, next: usize) {
        let owned = self.owned.get_or_insert_default();
        owned.push_str(&self.source[self.from..to]);
        owned.push_str(insert);
        self.from = next;
    }

    /// Puts a space, or the breaks that are left, in the place of a gap with line breaks.
    fn fold(&mut self, to: usize, gap: Gap<'_>, next: usize) {
        match gap.first {
            Some("\n") if gap.rest.is_empty() => self.cut(to, " ", next),
            Some("\n") | None => self.cut(to, &gap.rest, next),
            Some(first) => self.cut(to, &(first.to_owned() + &gap.rest), next),
        }
    }

    fn finish(mut self, to: usize) -> Cow<'a, str> {
        match self.owned.take() {
            None => Cow::Borrowed(&self.source[self.from..to]),
            Some(mut owned) => {
                owned.push_str(&self.source[self.from..to]);
                Cow::Owned(owned)
            }
        }
    }
}
