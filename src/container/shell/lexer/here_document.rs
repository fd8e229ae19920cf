//! `<<`

use super::{Lexer, Problem, Result};
use crate::container::shell::Flavor;
use crate::container::shell::syntax::{Part, Word};

impl Lexer<'_> {
    /// Reads the body of a here-document, which begins after the next line end, and returns it as a word.
    pub fn here_document(&mut self, delimiter: &str, quoted: bool, strip: bool) -> Result<Word> {
        // The line end is a token: it does not lie within quotes or substitutions on this line.
        let (at, line) = (self.at, self.line);
        loop {
            self.skip_blanks();
            match self.peek(0) {
                None if !self.whole => return Err(Problem::Incomplete),
                None => {
                    (self.at, self.line) = (at, line);
                    return Ok(Word::default());
                }
                Some('\n') => break,
                Some(_) => {
                    if self.operator().is_none() {
                        self.word()?;
                    }
                }
            }
        }
        let newline = self.at;
        let newline_line = self.line;
        self.pass_newline();
        let body_line = self.line.max(newline_line + 1);
        let mut text = String::new();
        let mut found = false;
        while self.at < self.chars.len() {
            let end = self.chars[self.at..].iter().position(|c| *c == '\n').map(|n| self.at + n);
            let mut row = self.text(self.at, end.unwrap_or(self.chars.len()));
            self.at = end.map_or(self.chars.len(), |end| end + 1);
            if strip {
                row = row.trim_start_matches('\t').to_owned();
            }
            if row == delimiter {
                found = true;
                break;
            }
            text.push_str(&row);
            if end.is_some() {
                text.push('\n');
            }
        }
        if !found && !self.whole {
            return Err(Problem::Incomplete);
        }
        if !found {
            self.unclosed.push((line, delimiter.into()));
            if self.flavor == Flavor::Bash && !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
        }
        self.bodies.insert(newline, self.at);
        (self.at, self.line) = (at, line);
        if quoted {
            return Ok(Word { parts: vec![Part::Quoted(text.into())] });
        }
        // A body ends with its text, whatever is open in it.
        let mut inner = Lexer::new(&text, body_line, self.flavor, self.aliases, true);
        inner.depth = self.depth;
        inner.deeper()?;
        inner.chars.push('\0');
        let parts = inner.quoted_parts(|c| c == '\0', false, "}", body_line)?;
        Ok(Word { parts: vec![Part::Double(parts)] })
    }
}
