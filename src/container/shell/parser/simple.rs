//! Simple commands: assignments, words, redirections.

use std::sync::Arc;

use super::{Parser, is_name};
use crate::container::shell::Flavor;
use crate::container::shell::lexer::{Kind, Result, SyntaxErrorKind};
use crate::container::shell::syntax::{Assignment, Body, Command, Part, Redirect, RedirectKind, Value, Word};

impl Parser<'_, '_> {
    pub(super) fn simple(&mut self, line: u32) -> Result<Arc<Command>> {
        let bash = self.lexer.flavor == Flavor::Bash;
        let mut assignments = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        let mut redirects = Vec::new();
        loop {
            if words.is_empty() || self.lexer.after_blank_alias() {
                self.command_alias()?;
            }
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            match &self.peek()?.kind {
                Kind::Word(_) => {}
                Kind::Operator("(") if words.len() == 1 && assignments.is_empty() && redirects.is_empty() => {
                    let name = words[0].as_literal().map(Arc::<str>::from);
                    let at_parenthesis = self.peek()?.clone();
                    self.peeked = None;
                    if !self.is(")")? {
                        if bash {
                            return self.unexpected(None);
                        }
                        return self.unexpected(Some(")"));
                    }
                    self.peeked = None;
                    let Some(name) = name.filter(|name| bash || is_name(name)) else {
                        let word = self.lexer.text(0, at_parenthesis.start);
                        return self.lexer.fail(SyntaxErrorKind::BadFunctionName(word.into()));
                    };
                    let body = self.function(name)?;
                    self.lexer.depth -= 1;
                    return Ok(Arc::new(Command { line, body, redirects }));
                }
                _ => break,
            }
            let Kind::Word(word) = self.next()?.kind else { break };
            let declares = words
                .first()
                .and_then(Word::as_literal)
                .is_some_and(|name| ["export", "local", "readonly", "declare", "typeset"].contains(&name));
            if words.is_empty() || declares {
                match self.assignment(word)? {
                    Ok(assignment) if words.is_empty() => assignments.push(assignment),
                    // A declaration's argument is one word: it is not split.
                    Ok(assignment) => words.push(as_one_word(assignment)),
                    Err(word) => self.push_word(&mut words, word),
                }
            } else {
                self.push_word(&mut words, word);
            }
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return self.unexpected(None);
        }
        self.lexer.depth -= 1;
        Ok(Arc::new(Command { line, body: Body::Simple { assignments, words }, redirects }))
    }

    /// Reads a word as an assignment, if it is one.
    fn assignment(&mut self, word: Word) -> Result<std::result::Result<Assignment, Word>> {
        let Some(Part::Literal(first)) = word.parts.first() else { return Ok(Err(word)) };
        let bash = self.lexer.flavor == Flavor::Bash;
        let name_length = first.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(first.len());
        let name: Arc<str> = first[..name_length].into();
        if !is_name(&name) {
            return Ok(Err(word));
        }
        let mut rest = first[name_length..].to_owned();
        let mut parts: Vec<Part> = word.parts[1..].to_vec();
        let mut index = None;
        if bash && rest.starts_with('[') {
            match split_index(&rest, &parts) {
                Some((inside, after, left)) => {
                    index = Some(inside);
                    rest = after;
                    parts = left;
                }
                None => return Ok(Err(word)),
            }
        }
        let append = rest.starts_with("+=") && self.lexer.flavor != Flavor::Dash;
        let Some(value) = rest.strip_prefix(if append { "+=" } else { "=" }) else { return Ok(Err(word)) };
        if bash
            && value.is_empty()
            && parts.is_empty()
            && self.peeked.is_none()
            && self.lexer.peek(0) == Some('(')
        {
            return Ok(Ok(Assignment { name, index, append, value: Value::Array(self.array()?) }));
        }
        if !value.is_empty() {
            parts.insert(0, Part::Literal(value.into()));
        }
        Ok(Ok(Assignment { name, index, append, value: Value::Word(Word { parts }) }))
    }

    /// The words of `( … )` after `name=`.
    fn array(&mut self) -> Result<Vec<Word>> {
        self.next()?;
        let mut words = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.take_if(")")? {
                return Ok(words);
            }
            match self.peek()?.kind {
                Kind::Word(_) => {
                    let Kind::Word(word) = self.next()?.kind else { continue };
                    self.push_word(&mut words, word);
                }
                _ => return self.unexpected(None),
            }
        }
    }

    pub(super) fn redirect(&mut self) -> Result<Option<Redirect>> {
        let bash = self.lexer.flavor == Flavor::Bash;
        let fd = match self.peek()?.kind {
            Kind::Number(fd) => {
                self.peeked = None;
                Some(fd)
            }
            _ => None,
        };
        let operator = match self.peek()?.kind {
            Kind::Operator(operator) if operator.starts_with(['<', '>']) || operator.starts_with("&>") => {
                operator
            }
            _ if fd.is_some() => return self.unexpected(None),
            _ => return Ok(None),
        };
        self.peeked = None;
        let Kind::Word(_) = self.peek()?.kind else {
            // To bash every text ends with a line end.
            if bash && self.lexer.whole && self.peek()?.kind == Kind::End {
                self.peeked.as_mut().expect("just read").kind = Kind::Newline;
            }
            return self.unexpected(None);
        };
        let Kind::Word(word) = self.next()?.kind else { unreachable!("just looked") };
        let kind = match operator {
            "<" => RedirectKind::Read(word),
            ">" => RedirectKind::Write(word, false),
            ">|" => RedirectKind::Write(word, true),
            ">>" => RedirectKind::Append(word),
            "<>" => RedirectKind::ReadWrite(word),
            "&>" => RedirectKind::Both(word, false),
            "&>>" => RedirectKind::Both(word, true),
            ">&" if fd.is_none()
                && self.lexer.flavor == Flavor::Bash
                && word.as_literal().is_some_and(|w| w != "-" && w.parse::<u32>().is_err()) =>
            {
                RedirectKind::Both(word, false)
            }
            "<<<" => RedirectKind::HereString(word),
            "<<" | "<<-" => {
                let (delimiter, quoted) = word.without_expansions().unwrap_or_default();
                RedirectKind::HereDocument(self.lexer.here_document(&delimiter, quoted, operator == "<<-")?)
            }
            _ => {
                let fd = fd.or(Some(u32::from(operator == ">&")));
                return Ok(Some(Redirect { fd, kind: RedirectKind::Duplicate(word) }));
            }
        };
        Ok(Some(Redirect { fd, kind }))
    }
}

/// An assignment as the one argument of `export` and such.
fn as_one_word(assignment: Assignment) -> Word {
    let sign = if assignment.append { "+=" } else { "=" };
    let mut parts = vec![Part::Quoted(format!("{}{sign}", assignment.name).into())];
    match assignment.value {
        // A tilde after the sign still means the home directory; the rest must not be split.
        Value::Word(word) => {
            for part in word.parts {
                match part {
                    Part::Literal(text) if text.starts_with('~') && parts.len() == 1 => {
                        parts.push(Part::Literal(text));
                    }
                    Part::Literal(text) => parts.push(Part::Quoted(text)),
                    Part::Quoted(_) | Part::Double(_) => parts.push(part),
                    part => parts.push(Part::Double(vec![part])),
                }
            }
        }
        Value::Array(words) => {
            // Kept readable for `declare -a`, which sets only the first.
            if let Some(word) = words.into_iter().next() {
                parts.extend(word.parts);
            }
        }
    }
    Word { parts }
}

/// `[index]` at the front of an assignment, what follows it in the same literal, and the other parts.
fn split_index(rest: &str, parts: &[Part]) -> Option<(Word, String, Vec<Part>)> {
    if let Some(end) = rest.find(']') {
        let inside = Word { parts: vec![Part::Double(vec![Part::Quoted(rest[1..end].into())])] };
        return Some((inside, rest[end + 1..].to_owned(), parts.to_vec()));
    }
    let mut inside = vec![Part::Quoted(rest[1..].into())];
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(text) => {
                if let Some(end) = text.find(']') {
                    inside.push(Part::Quoted(text[..end].into()));
                    let after = text[end + 1..].to_owned();
                    return Some((
                        Word { parts: vec![Part::Double(inside)] },
                        after,
                        parts[at + 1..].to_vec(),
                    ));
                }
                inside.push(Part::Quoted(text.clone()));
            }
            part => inside.push(part.clone()),
        }
    }
    None
}
