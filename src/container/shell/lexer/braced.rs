//! `${…}`

use std::sync::Arc;

use super::{Lexer, Result};
use crate::container::shell::Flavor;
use crate::container::shell::syntax::{Index, Operation, Parameter, Part, Word};

impl Lexer<'_> {
    /// After `${`.
    pub(super) fn braced(&mut self, quoted: bool) -> Result<Part> {
        let (line, start) = (self.line, self.at);
        let bash = self.flavor == Flavor::Bash;
        let mut length = false;
        let mut indirect = false;
        if self.peek(0) == Some('#') && self.peek(1).is_some_and(|c| c != '}' && !"#%:-=?+/".contains(c)) {
            length = true;
            self.at += 1;
        } else if bash
            && self.peek(0) == Some('!')
            && self.peek(1).is_some_and(|c| c.is_alphanumeric() || c == '_')
        {
            indirect = true;
            self.at += 1;
        }
        let name_start = self.at;
        match self.peek(0) {
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                while self.peek(0).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.at += 1;
                }
            }
            Some(c) if c.is_ascii_digit() => {
                while self.peek(0).is_some_and(|c| c.is_ascii_digit()) {
                    self.at += 1;
                }
            }
            Some(c) if "@*#?-$!".contains(c) => self.at += 1,
            _ => {}
        }
        let name: Arc<str> = self.text(name_start, self.at).into();
        let mut index = None;
        if bash && self.peek(0) == Some('[') {
            self.at += 1;
            index = Some(self.index(line)?);
        }
        let operation = if name.is_empty() { None } else { self.operation(length, quoted, line)? };
        let operation = match operation {
            Some(operation) if self.peek(0) == Some('}') => operation,
            _ => {
                // Not a parameter: the whole of it is an error when it is expanded.
                self.skip_braces(line)?;
                Operation::Bad(format!("${{{}}}", self.text(start, self.at)).into())
            }
        };
        self.at += 1;
        Ok(Part::Parameter(Box::new(Parameter { name, index, indirect, operation })))
    }

    fn index(&mut self, line: u32) -> Result<Index> {
        let index = match self.peek(0) {
            Some('@') if self.peek(1) == Some(']') => {
                self.at += 1;
                Index::All
            }
            Some('*') if self.peek(1) == Some(']') => {
                self.at += 1;
                Index::Joined
            }
            _ => Index::At(self.word_until(|c| c == ']')?),
        };
        if self.peek(0).is_none() {
            return self.unterminated("}", line);
        }
        self.at += 1;
        Ok(index)
    }

    fn skip_braces(&mut self, line: u32) -> Result<()> {
        let mut open = 0;
        loop {
            match self.peek(0) {
                None => return self.unterminated("}", line),
                Some('{') => open += 1,
                Some('}') if open == 0 => return Ok(()),
                Some('}') => open -= 1,
                Some('\n') => self.line += 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// The operator of `${…}` and its words, up to `}`.
    fn operation(&mut self, length: bool, quoted: bool, line: u32) -> Result<Option<Operation>> {
        let Some(c) = self.peek(0) else { return self.unterminated("}", line) };
        if c == '}' {
            return Ok(Some(if length { Operation::Length } else { Operation::Plain }));
        }
        if length {
            return Ok(None);
        }
        let extended = self.flavor != Flavor::Dash;
        let colon = c == ':' && self.peek(1).is_some_and(|c| "-=?+".contains(c));
        self.at += 1 + usize::from(colon);
        let c = if colon { self.peek_back() } else { c };
        Ok(Some(match c {
            '-' | '=' | '?' | '+' => {
                Operation::Instead { operator: c, colon, word: self.braced_word(quoted, |c| c == '}', line)? }
            }
            '#' | '%' => {
                let longest = self.peek(0) == Some(c);
                self.at += usize::from(longest);
                let pattern = self.braced_word(false, |c| c == '}', line)?;
                Operation::Trim { suffix: c == '%', longest, pattern }
            }
            '/' if extended => {
                let all = self.peek(0) == Some('/');
                self.at += usize::from(all);
                let anchor = self.peek(0).filter(|c| "#%".contains(*c) && !all);
                self.at += usize::from(anchor.is_some());
                let pattern = self.braced_word(false, |c| c == '}' || c == '/', line)?;
                let mut with = Word::default();
                if self.peek(0) == Some('/') {
                    self.at += 1;
                    with = self.braced_word(quoted, |c| c == '}', line)?;
                }
                Operation::Replace { pattern, with, all, anchor }
            }
            ':' if extended => {
                let offset = self.braced_word(true, |c| c == '}' || c == ':', line)?;
                let mut length = None;
                if self.peek(0) == Some(':') {
                    self.at += 1;
                    length = Some(self.braced_word(true, |c| c == '}', line)?);
                }
                Operation::Substring { offset, length }
            }
            '^' | ',' if self.flavor == Flavor::Bash => {
                let all = self.peek(0) == Some(c);
                self.at += usize::from(all);
                Operation::Case { upper: c == '^', all }
            }
            '@' if self.flavor == Flavor::Bash => {
                let Some(letter) = self.peek(0) else { return self.unterminated("}", line) };
                self.at += 1;
                if !"QULu".contains(letter) {
                    return Ok(None);
                }
                Operation::Transform(letter)
            }
            _ => return Ok(None),
        }))
    }

    fn peek_back(&self) -> char {
        self.chars[self.at - 1]
    }

    /// A word in `${…}`: in double quotes, single quotes stand for themselves.
    fn braced_word(&mut self, quoted: bool, ends: impl Fn(char) -> bool + Copy, line: u32) -> Result<Word> {
        let word = if quoted {
            let mut parts = Vec::new();
            loop {
                let inside = self.quoted_parts(|c| ends(c) || c == '"', true, "}", line)?;
                parts.push(Part::Double(inside));
                if self.peek(0) != Some('"') {
                    break;
                }
                self.at += 1;
            }
            Word { parts }
        } else {
            self.word_until(ends)?
        };
        if self.peek(0).is_none() { self.unterminated("}", line) } else { Ok(word) }
    }
}
