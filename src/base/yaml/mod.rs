//! YAML in, with line and column, and out, as kubectl reads and prints it.
//!
//! kubectl reads through three layers, each with rules and words of its own: apimachinery cuts a stream into
//! documents (`stream`), go-yaml v2 turns a document into a value (`scanner`, `parser`, `decode`, `scalar`), and
//! sigs.k8s.io/yaml makes JSON of that (the end of `decode`). The way out (`write`) is the same in reverse.

mod decode;
mod format;
mod go_syntax;
mod marks;
mod parser;
mod scalar;
mod scanner;
mod stream;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

pub use format::format;
pub use marks::{Mark, Marks, Place, Span};
use scanner::{Position, Problem, Scanner};
pub use stream::{Documents, read_stream};
pub use write::to_string;

use super::Value;

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it says.
    pub value: Value,
    /// Where it says it.
    pub marks: Marks,
    /// The line of the stream at which it begins, from 1; its own lines are counted from there in messages.
    pub first_line: u32,
}

/// Why a text can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The words of kubectl, without the name of the file. Its line number, where it has one, is go-yaml's:
    /// within the document and sometimes one too small.
    pub message: String,
    /// Where the problem truly is.
    pub at: Mark,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for Error {}

/// Reads one document by itself, as sigs.k8s.io/yaml's `YAMLToJSON`. What follows its end is not looked at;
/// no document at all is `null`.
///
/// # Errors
/// Where it is no YAML, or is some but has no counterpart in JSON.
pub fn read(text: &[u8]) -> Result<Document, Error> {
    document(text, 1)
}

fn document(text: &[u8], first_line: u32) -> Result<Document, Error> {
    let source = Source::new(text);
    let tree = parser::parse(Scanner::new(&source));
    match tree.and_then(|tree| decode::decode(&tree, first_line)) {
        Ok((value, marks)) => Ok(Document { value, marks, first_line }),
        Err(problem) => Err(source.error(problem, first_line)),
    }
}

/// A text as far as it can be read.
struct Source<'a> {
    text: &'a str,
    /// Why it can't be read to its end, and the offset in it of the first bad byte.
    broken: Option<(&'static str, usize)>,
    whole: &'a [u8],
}

impl<'a> Source<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let whole = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let (text, broken) = match str::from_utf8(whole) {
            Ok(text) => (text, None),
            Err(error) => {
                let (valid, rest) = whole.split_at(error.valid_up_to());
                (str::from_utf8(valid).unwrap_or_default(), Some((encoding_problem(rest), valid.len())))
            }
        };
        let control = text.char_indices().find(|(_, c)| !is_allowed(*c));
        let broken = control.map(|(at, _)| ("control characters are not allowed", at)).or(broken);
        let Some((words, offset)) = broken else {
            return Self { text, broken: None, whole };
        };
        // go-yaml decodes 512 bytes at a time, and finds no fault with those beyond what it has to look at.
        let bom = bytes.len() - whole.len();
        let mut end = ((bom + offset) / 512 * 512).saturating_sub(bom).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self { text: &text[..end], broken: Some((words, offset)), whole }
    }

    fn error(&self, problem: Problem, first_line: u32) -> Error {
        let at = |at: Position| Mark { line: at.line + first_line, column: at.column + 1 };
        let numbered = |line: u32, words: &str| match line {
            0 => format!("yaml: {words}"),
            _ => format!("yaml: line {line}: {words}"),
        };
        let (message, at) = match problem {
            // Of what is wrong on the first line no line is told.
            Problem::Scanner(words, place) if place.line > 0 => (numbered(place.line + 1, &words), at(place)),
            Problem::Scanner(words, place) => (numbered(0, &words), at(place)),
            Problem::Parser(words, place) => (numbered(place.line, words), at(place)),
            Problem::Meaning(words, place) => (words, at(place)),
            Problem::Reader(words, offset) => {
                let before = String::from_utf8_lossy(&self.whole[..offset]);
                let line = before.matches('\n').count() as u32;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() as u32;
                (numbered(0, words), at(Position { line, column }))
            }
        };
        Error { message, at }
    }
}

fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}

/// What libyaml finds wrong with bytes that do not begin with a character in UTF-8.
fn encoding_problem(bytes: &[u8]) -> &'static str {
    let first = bytes.first().copied().unwrap_or_default();
    let width = match first.leading_ones() {
        ones @ 2..=4 => ones as usize,
        _ => return "invalid leading UTF-8 octet",
    };
    if bytes.len() < width {
        return "incomplete UTF-8 octet sequence";
    }
    if bytes[1..width].iter().any(|octet| octet & 0xC0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let code = bytes[1..width]
        .iter()
        .fold(u32::from(first) & (0x7F >> width), |code, octet| code << 6 | u32::from(octet & 0x3F));
    if [0x80, 0x800, 0x10000][width - 2] > code {
        return "invalid length of a UTF-8 sequence";
    }
    "invalid Unicode character"
}
