//! The characters of a text, one after another.

use super::{Position, Problem, Result, Scanner};

impl<'a> Scanner<'a> {
    pub(super) fn here(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    pub(super) fn fail<T>(&self, words: &'static str) -> Result<T> {
        Err(Problem::Scanner(words.into(), self.here()))
    }

    /// At the character before this one, which has been taken already.
    pub(super) fn fail_back<T>(&self, words: &'static str) -> Result<T> {
        let at = Position { column: self.column.saturating_sub(1), ..self.here() };
        Err(Problem::Scanner(words.into(), at))
    }

    /// The byte `ahead` of here; 0 at the end, which the text itself never holds.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        match self.bytes.get(self.pos + ahead) {
            Some(byte) => *byte,
            None => {
                self.end_seen.set(true);
                0
            }
        }
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    pub(super) fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xC2 if self.byte(ahead + 1) == 0x85 => 2,
            0xE2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    pub(super) fn is_break(&self) -> bool {
        self.break_length(0) > 0
    }

    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            0 | b' ' | b'\t' | b'\r' | b'\n' => true,
            0xC2 | 0xE2 => self.break_length(ahead) > 0,
            _ => false,
        }
    }

    pub(super) fn at_document_indicator(&self) -> bool {
        let rest = &self.bytes[self.pos..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.is_blank_or_end(3)
    }

    /// One character, which is no line break.
    pub(super) fn skip(&mut self) {
        let width = match self.byte(0) {
            0 => return,
            1..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        self.pos += width;
        self.column += 1;
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    pub(super) fn skip_to_break(&mut self) {
        while self.byte(0) != 0 && !self.is_break() {
            self.skip();
        }
    }

    pub(super) fn skip_break(&mut self) -> bool {
        let length = self.break_length(0);
        if length > 0 {
            self.pos += length;
            self.line += 1;
            self.column = 0;
        }
        length > 0
    }

    /// A line break as it counts in text: the two Unicode separators as they are, all others as `\n`.
    pub(super) fn take_break(&mut self) -> &'a str {
        let from = self.pos;
        if !self.skip_break() {
            return "";
        }
        if self.pos - from == 3 { &self.text[from..self.pos] } else { "\n" }
    }

    /// The rest of a line that holds nothing but blanks and a comment.
    pub(super) fn end_of_line(&mut self) -> Result<()> {
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
    pub(super) fn word(&mut self) -> &'a str {
        let from = self.pos;
        while is_word(self.byte(0)) {
            self.skip();
        }
        &self.text[from..self.pos]
    }
}

pub(super) fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c == b'-'
}

pub(super) fn hex_digit(c: u8) -> Option<u32> {
    char::from(c).to_digit(16)
}
