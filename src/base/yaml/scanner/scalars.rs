//! Scalars: plain, quoted, and as blocks.

use std::borrow::Cow;

use super::cursor::hex_digit;
use super::{Kind, Position, Result, Scanner, Style, Token};

impl<'a> Scanner<'a> {
    pub(super) fn plain_scalar(&mut self) -> Result<()> {
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

    pub(super) fn quoted_scalar(&mut self, quote: u8) -> Result<()> {
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

    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<()> {
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
