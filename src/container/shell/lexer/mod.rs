//! Text to tokens: words with their quotes and expansions, operators, here-documents.

mod braced;
mod error;
mod here_document;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::{Found, SyntaxError, SyntaxErrorKind};

use super::Flavor;
use super::parser::Parser;
use super::syntax::{List, Operation, Parameter, Part, Word};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// Where it starts in the text, in characters.
    pub start: usize,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word(Word),
    Operator(&'static str),
    /// Digits right before `<` or `>`.
    Number(u32),
    Newline,
    End,
}

impl Kind {
    /// The unquoted text of a word.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Kind::Word(word) => word.as_literal(),
            _ => None,
        }
    }
    pub fn is(&self, text: &str) -> bool {
        match self {
            Kind::Operator(operator) => *operator == text,
            Kind::Word(_) => self.literal() == Some(text),
            _ => false,
        }
    }
}

/// What keeps text from being parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It goes on in lines that are not there yet.
    Incomplete,
    /// It is wrong.
    Syntax(SyntaxError),
}

pub(super) type Result<T> = std::result::Result<T, Problem>;

/// An operator, longest first among those that share a beginning.
const OPERATORS: [&str; 23] = [
    ";;&", "<<<", "<<-", "&>>", "&&", "||", ";;", ";&", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "|&", ";",
    "&", "|", "<", ">", "(", ")",
];

/// The characters of a script and the place in them.
pub(super) struct Lexer<'a> {
    pub chars: Vec<char>,
    pub at: usize,
    pub line: u32,
    pub flavor: Flavor,
    pub aliases: &'a BTreeMap<Arc<str>, Arc<str>>,
    /// No more text will come.
    pub whole: bool,
    /// How deep compounds and substitutions nest here.
    pub depth: u32,
    /// Where the bodies of here-documents lie: after the line end at the key up to the value.
    bodies: BTreeMap<usize, usize>,
    /// Here-documents that end only with the text: their lines and delimiters.
    pub unclosed: Vec<(u32, Arc<str>)>,
    /// Aliases whose text is being read, and how many characters will be left after it.
    active_aliases: Vec<(Arc<str>, usize)>,
}

/// Deeper nesting is refused, so that no text can exhaust the stack.
const MAX_DEPTH: u32 = 48;

impl<'a> Lexer<'a> {
    pub fn new(
        text: &str,
        line: u32,
        flavor: Flavor,
        aliases: &'a BTreeMap<Arc<str>, Arc<str>>,
        whole: bool,
    ) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
            line,
            flavor,
            aliases,
            whole,
            depth: 0,
            bodies: BTreeMap::new(),
            unclosed: Vec::new(),
            active_aliases: Vec::new(),
        }
    }

    pub fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    pub fn text(&self, from: usize, to: usize) -> String {
        self.chars[from.min(to)..to.min(self.chars.len())].iter().collect()
    }

    pub fn fail<T>(&self, kind: SyntaxErrorKind) -> Result<T> {
        self.fail_at(self.line, self.at.min(self.chars.len()), kind)
    }

    pub fn fail_at<T>(&self, line: u32, at: usize, kind: SyntaxErrorKind) -> Result<T> {
        let at = at.min(self.chars.len());
        let from = self.chars[..at].iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
        let to = self.chars[at..].iter().position(|c| *c == '\n').map_or(self.chars.len(), |n| at + n);
        Err(Problem::Syntax(SyntaxError { line, kind, text: self.text(from, to).into() }))
    }

    pub fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.fail(SyntaxErrorKind::TooDeep) } else { Ok(()) }
    }

    /// Puts an alias's text in place of the word from `start` to here. False where it is being read already.
    pub fn expand_alias(&mut self, start: usize, name: &str) -> bool {
        let left = self.chars.len() - self.at;
        self.active_aliases.retain(|(_, after)| left > *after);
        let Some(text) = self.aliases.get(name) else { return false };
        if self.active_aliases.iter().any(|(active, _)| **active == *name) {
            return false;
        }
        self.active_aliases.push((name.into(), left));
        let (old, new) = (self.at - start, text.chars().count());
        self.chars.splice(start..self.at, text.chars());
        self.bodies = std::mem::take(&mut self.bodies)
            .into_iter()
            .map(|(from, to)| if from >= start { (from + new - old, to + new - old) } else { (from, to) })
            .collect();
        self.at = start;
        true
    }

    /// True where the text of an alias that ends in a blank was just read.
    pub fn after_blank_alias(&self) -> bool {
        let left = self.chars.len() - self.at;
        self.active_aliases.iter().any(|(name, after)| {
            left == *after && self.aliases.get(name).is_some_and(|text| text.ends_with([' ', '\t']))
        })
    }

    pub fn skip_spaces(&mut self) {
        while matches!(self.peek(0), Some(' ' | '\t')) {
            self.at += 1;
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek(0) {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek(1) == Some('\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                Some('#') => {
                    while self.peek(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// Passes a line end and the bodies of here-documents after it.
    fn pass_newline(&mut self) {
        let end = self.bodies.get(&self.at).copied().unwrap_or(self.at + 1);
        self.line += self.chars[self.at..end].iter().filter(|c| **c == '\n').count() as u32;
        self.at = end;
    }

    pub fn next_token(&mut self) -> Result<Token> {
        self.skip_blanks();
        let (start, line) = (self.at, self.line);
        let kind = match self.peek(0) {
            None => Kind::End,
            Some('\n') => {
                self.pass_newline();
                Kind::Newline
            }
            Some(c) if c.is_ascii_digit() => {
                let digits = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).count();
                let number = self.text(self.at, self.at + digits).parse().ok();
                match (number, self.peek(digits)) {
                    (Some(number), Some('<' | '>')) => {
                        self.at += digits;
                        Kind::Number(number)
                    }
                    _ => Kind::Word(self.word()?),
                }
            }
            Some('<' | '>') if self.flavor != Flavor::Dash && self.peek(1) == Some('(') => {
                Kind::Word(self.word()?)
            }
            Some(_) => match self.operator() {
                Some(operator) => Kind::Operator(operator),
                None => Kind::Word(self.word()?),
            },
        };
        Ok(Token { kind, start, line })
    }

    fn operator(&mut self) -> Option<&'static str> {
        let bash_only = ["&>", "&>>", "|&", ";;&", ";&", "<<<"];
        let found = OPERATORS.iter().find(|operator| {
            self.looking_at(operator)
                && (!bash_only.contains(operator)
                    || self.flavor == Flavor::Bash
                    || (self.flavor == Flavor::Ash && operator.starts_with("&>")))
        })?;
        self.at += found.len();
        Some(found)
    }

    /// A word, up to a blank or operator.
    pub fn word(&mut self) -> Result<Word> {
        self.word_until(|c| " \t\n;&|<>()".contains(c))
    }

    /// A word up to a character outside quotes that ends it.
    pub fn word_until(&mut self, ends: impl Fn(char) -> bool + Copy) -> Result<Word> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        while let Some(c) = self.peek(0) {
            let process = "<>".contains(c) && self.peek(1) == Some('(') && self.flavor != Flavor::Dash;
            if process && parts.is_empty() && literal.is_empty() {
                self.at += 2;
                let Part::Command(list) = self.command()? else { break };
                parts.push(Part::Process(list, c == '>'));
                continue;
            }
            if ends(c) {
                break;
            }
            match c {
                '\\' => match self.peek(1) {
                    Some('\n') => {
                        self.at += 2;
                        self.line += 1;
                    }
                    Some(c) => {
                        flush(&mut parts, &mut literal);
                        parts.push(Part::Quoted(c.to_string().into()));
                        self.at += 2;
                    }
                    None if self.whole => {
                        literal.push('\\');
                        self.at += 1;
                    }
                    None => return Err(Problem::Incomplete),
                },
                '\'' => {
                    flush(&mut parts, &mut literal);
                    parts.push(Part::Quoted(self.single_quoted()?.into()));
                }
                '"' => {
                    flush(&mut parts, &mut literal);
                    let line = self.line;
                    self.at += 1;
                    let inside = self.quoted_parts(|c| c == '"', true, "\"", line)?;
                    self.at += 1;
                    parts.push(Part::Double(inside));
                }
                '$' if self.peek(1) == Some('\'') && self.flavor != Flavor::Dash => {
                    flush(&mut parts, &mut literal);
                    self.at += 1;
                    parts.push(Part::Quoted(self.ansi_quoted()?.into()));
                }
                '$' if self.peek(1) == Some('"') && self.flavor == Flavor::Bash => self.at += 1,
                '$' | '`' => match self.expansion(false)? {
                    Some(part) => {
                        flush(&mut parts, &mut literal);
                        parts.push(part);
                    }
                    None => literal.push('$'),
                },
                '\n' => {
                    literal.push(c);
                    self.at += 1;
                    self.line += 1;
                }
                c => {
                    literal.push(c);
                    self.at += 1;
                }
            }
        }
        flush(&mut parts, &mut literal);
        Ok(Word { parts })
    }

    fn single_quoted(&mut self) -> Result<String> {
        let (line, start) = (self.line, self.at + 1);
        self.at = start;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\'' => return Ok(self.text(start, self.at - 1)),
                '\n' => self.line += 1,
                _ => {}
            }
        }
        self.unterminated("'", line)
    }

    fn unterminated<T>(&self, what: &'static str, line: u32) -> Result<T> {
        if !self.whole {
            return Err(Problem::Incomplete);
        }
        self.fail_at(line, self.chars.len(), SyntaxErrorKind::Unterminated(what))
    }

    /// `$'…'`, with its backslash sequences.
    fn ansi_quoted(&mut self) -> Result<String> {
        let (line, start) = (self.line, self.at + 1);
        self.at = start;
        while let Some(c) = self.peek(0) {
            self.at += 1;
            match c {
                '\\' => self.at += 1,
                '\'' => {
                    let text = self.text(start, self.at - 1);
                    return Ok(super::escapes::unescape(&text, super::escapes::Dialect::Ansi).0);
                }
                '\n' => self.line += 1,
                _ => {}
            }
        }
        self.at = self.at.min(self.chars.len());
        self.unterminated("'", line)
    }

    /// What stands in double quotes, a here-document or an arithmetic expansion, up to what ends it. `quotes` says that
    /// a backslash also takes the meaning of `"`.
    pub fn quoted_parts(
        &mut self,
        ends: impl Fn(char) -> bool,
        quotes: bool,
        end: &'static str,
        line: u32,
    ) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            let Some(c) = self.peek(0) else { return self.unterminated(end, line) };
            if ends(c) {
                break;
            }
            match c {
                '\\' => match self.peek(1) {
                    Some('\n') => {
                        self.at += 2;
                        self.line += 1;
                    }
                    Some(c) if "$`\\".contains(c) || (c == '"' && quotes) => {
                        literal.push(c);
                        self.at += 2;
                    }
                    _ => {
                        literal.push('\\');
                        self.at += 1;
                    }
                },
                '$' | '`' => match self.expansion(true)? {
                    Some(part) => {
                        flush_quoted(&mut parts, &mut literal);
                        parts.push(part);
                    }
                    None => literal.push('$'),
                },
                c => {
                    self.line += u32::from(c == '\n');
                    literal.push(c);
                    self.at += 1;
                }
            }
        }
        flush_quoted(&mut parts, &mut literal);
        Ok(parts)
    }

    /// What begins with `$` or a backquote; none where the `$` stands for itself (it is passed).
    fn expansion(&mut self, quoted: bool) -> Result<Option<Part>> {
        if self.peek(0) == Some('`') {
            return self.backquoted(quoted).map(Some);
        }
        self.at += 1;
        match self.peek(0) {
            Some('(') if self.peek(1) == Some('(') => {
                let (at, line) = (self.at, self.line);
                match self.arithmetic()? {
                    Some(part) => Ok(Some(part)),
                    None if self.flavor == Flavor::Dash => {
                        (self.at, self.line) = (at, line);
                        self.fail(SyntaxErrorKind::Unterminated("))"))
                    }
                    None => {
                        (self.at, self.line) = (at + 1, line);
                        self.command().map(Some)
                    }
                }
            }
            Some('(') => {
                self.at += 1;
                self.command().map(Some)
            }
            Some('{') => {
                self.at += 1;
                self.deeper()?;
                let part = self.braced(quoted)?;
                self.depth -= 1;
                Ok(Some(part))
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let start = self.at;
                while self.peek(0).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.at += 1;
                }
                Ok(Some(plain(&self.text(start, self.at))))
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.at += 1;
                Ok(Some(plain(&c.to_string())))
            }
            _ => Ok(None),
        }
    }

    /// After `$(`.
    fn command(&mut self) -> Result<Part> {
        self.deeper()?;
        let list = Parser::substitution(self)?;
        self.depth -= 1;
        Ok(Part::Command(list))
    }

    fn backquoted(&mut self, quoted: bool) -> Result<Part> {
        let line = self.line;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek(0) {
                None => return self.unterminated("`", line),
                Some('`') => break,
                Some('\\') => match self.peek(1) {
                    Some(c) if "$`\\".contains(c) || (c == '"' && quoted) => {
                        text.push(c);
                        self.at += 2;
                    }
                    _ => {
                        text.push('\\');
                        self.at += 1;
                    }
                },
                Some(c) => {
                    self.line += u32::from(c == '\n');
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.deeper()?;
        let mut inner = Lexer::new(&text, line, self.flavor, self.aliases, true);
        inner.depth = self.depth;
        let list = Parser::all(inner)?;
        self.depth -= 1;
        Ok(Part::Command(list))
    }

    /// From `((` of `$((`; none where it turns out to be a subshell in a substitution.
    fn arithmetic(&mut self) -> Result<Option<Part>> {
        let line = self.line;
        self.at += 2;
        let mut parts: Vec<Part> = Vec::new();
        let mut open = 0;
        loop {
            let inside = self.quoted_parts(|c| c == '(' || c == ')' || c == '"', true, "))", line)?;
            parts.extend(inside);
            let c = self.peek(0).unwrap_or(')');
            self.at += 1;
            match c {
                '"' => continue,
                '(' => open += 1,
                _ if open == 0 => {
                    if self.peek(0) != Some(')') {
                        return if self.peek(0).is_none() { self.unterminated("))", line) } else { Ok(None) };
                    }
                    self.at += 1;
                    return Ok(Some(Part::Arithmetic(parts)));
                }
                _ => open -= 1,
            }
            parts.push(Part::Quoted(c.to_string().into()));
        }
    }

    /// After `((` that begins a command: the expression, past `))`; none where it is a subshell in a subshell.
    pub fn arithmetic_command(&mut self) -> Result<Option<Word>> {
        self.at -= 2;
        Ok(match self.arithmetic()? {
            Some(Part::Arithmetic(parts)) => Some(Word { parts: vec![Part::Double(parts)] }),
            _ => None,
        })
    }
}

fn flush(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal).into()));
    }
}

fn flush_quoted(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Quoted(std::mem::take(literal).into()));
    }
}

fn plain(name: &str) -> Part {
    Part::Parameter(Box::new(Parameter {
        name: name.into(),
        index: None,
        indirect: false,
        operation: Operation::Plain,
    }))
}

/// A list without commands.
pub(super) fn empty_list() -> Arc<List> {
    Arc::new(List::default())
}
