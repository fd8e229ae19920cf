//! A stream cut into documents as apimachinery's YAMLOrJSONDecoder cuts it: by lines, before anything is parsed.

use std::borrow::Cow;

use super::{Document, Error, Mark, Marks, Span, document};
use crate::base::json;

/// How far kubectl looks for the `{` by which it tells JSON.
const LOOKAHEAD: usize = 4096;

/// The documents of a file, as `kubectl -f` finds them. Those that hold nothing but comments are left out.
///
/// After an error kubectl stops; whoever wants to know what else is wrong may go on with the next document.
pub fn read_stream(text: &[u8]) -> Documents<'_> {
    let lookahead = &text[..text.len().min(LOOKAHEAD)];
    let json = String::from_utf8_lossy(lookahead).trim_start().starts_with('{');
    let first = Mark { line: 1, column: 1 };
    Documents { text, at: 0, known: (0, first), form: if json { Form::Json { read: 0 } } else { Form::Yaml } }
}

/// An iterator over the documents of a stream.
#[derive(Clone, Debug)]
pub struct Documents<'a> {
    text: &'a [u8],
    at: usize,
    /// The last offset whose line and column were asked for.
    known: (usize, Mark),
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    /// Values one after another; how many were read.
    Json {
        read: usize,
    },
    /// Documents between lines that begin with `---`.
    Yaml,
    Done,
}

impl Iterator for Documents<'_> {
    type Item = Result<Document, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let next = match self.form {
                Form::Json { read } => self.next_json(read)?,
                Form::Yaml => self.next_yaml()?,
                Form::Done => return None,
            };
            match next {
                Ok(document) if document.value.is_null() => {}
                next => return Some(next),
            }
        }
    }
}

impl Documents<'_> {
    fn next_json(&mut self, read: usize) -> Option<Result<Document, Error>> {
        let problem = match json::read_value(self.text, self.at) {
            Ok(None) => return None,
            Ok(Some((value, end))) => {
                let start =
                    self.at + self.text[self.at..end].iter().take_while(|c| c.is_ascii_whitespace()).count();
                self.at = end;
                self.form = Form::Json { read: read + 1 };
                return Some(Ok(self.marked(value, start, end)));
            }
            Err(problem) => problem,
        };
        // After two values it is JSON for good; before, what looked like JSON may yet be YAML.
        let words = match problem.syntax && read < 2 {
            true => format!("json: offset {}: {}", problem.offset, problem.message),
            false => problem.message,
        };
        let error = Err(Error { message: words, at: self.mark(problem.offset.saturating_sub(1)) });
        self.form = Form::Done;
        if read > 1 {
            return Some(error);
        }
        let Some(blank) = leading_line(&self.text[self.at..]) else {
            return Some(error);
        };
        self.at += blank;
        self.form = Form::Yaml;
        match self.next_yaml() {
            Some(Err(_)) => Some(error),
            next => next,
        }
    }

    fn next_yaml(&mut self) -> Option<Result<Document, Error>> {
        let start = self.at;
        let mut end = None;
        while end.is_none() && self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let length = rest.iter().position(|c| *c == b'\n').map_or(rest.len(), |at| at + 1);
            if let Some(after) = rest[..length].strip_prefix(b"---") {
                let after = String::from_utf8_lossy(after);
                let after = after.trim();
                if !after.is_empty() && !after.starts_with('#') {
                    // What stood before it is lost.
                    let at = self.mark(self.at + 3);
                    self.at += length;
                    return Some(Err(Error {
                        message: format!("invalid Yaml document separator: {after}"),
                        at,
                    }));
                }
                // A separator with nothing before it stays, as the first line of the document.
                if self.at > start {
                    end = Some(self.at);
                }
            }
            self.at += length;
        }
        let text = &self.text[start..end.unwrap_or(self.at)];
        if text.is_empty() {
            return None;
        }
        // It is read line by line, and each line put back with a newline.
        let mut text = match text.contains(&b'\r') {
            true => Cow::Owned(without_carriage_returns(text)),
            false => Cow::Borrowed(text),
        };
        if !text.ends_with(b"\n") {
            text.to_mut().push(b'\n');
        }
        Some(document(&text, self.mark(start).line).map_err(|error| Error {
            message: format!("error converting YAML to JSON: {}", error.message),
            at: error.at,
        }))
    }

    /// A document read as JSON, with the marks that its text has as YAML.
    fn marked(&mut self, value: crate::base::Value, start: usize, end: usize) -> Document {
        let (from, to) = (self.mark(start), self.mark(end));
        let indent = from.column - 1;
        let marks = match document(&self.text[start..end], from.line) {
            Ok(document) => document.marks.shifted(from.line, indent),
            Err(_) => Marks::of(Span { start: from, end: to }),
        };
        Document { value, marks, first_line: from.line }
    }

    /// Counts on from the last place asked for, or afresh for one before it.
    fn mark(&mut self, offset: usize) -> Mark {
        let offset = offset.min(self.text.len());
        let (from, mut mark) = match self.known {
            (from, mark) if from <= offset => (from, mark),
            _ => (0, Mark { line: 1, column: 1 }),
        };
        for byte in &self.text[from..offset] {
            match byte {
                b'\n' => mark = Mark { line: mark.line + 1, column: 1 },
                0x80..0xC0 => {}
                _ => mark.column += 1,
            }
        }
        self.known = (offset, mark);
        mark
    }
}

/// The length of the white space before the first text, up to and with the first line break. None where fewer than
/// four bytes are left at its end: apimachinery looks at four at a time, and takes less for the end of the file.
fn leading_line(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let next = String::from_utf8_lossy(text.get(at..at + 4)?).chars().next()?;
        match next {
            '\n' => return Some(at + 1),
            char::REPLACEMENT_CHARACTER => return None,
            _ if next.is_whitespace() => at += next.len_utf8(),
            _ => return Some(at),
        }
    }
}

fn without_carriage_returns(text: &[u8]) -> Vec<u8> {
    let next = text[1..].iter().map(Some).chain([None]);
    text.iter().zip(next).filter(|pair| *pair != (&b'\r', Some(&b'\n'))).map(|(c, _)| *c).collect()
}
