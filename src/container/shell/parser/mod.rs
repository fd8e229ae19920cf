//! Tokens to commands.

mod condition;
mod simple;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Flavor;
use super::braces::expand_braces;
use super::lexer::{Found, Kind, Lexer, Problem, Result, SyntaxErrorKind, Token, empty_list};
use super::syntax::{
    Arm, ArmEnd, Body, Command, Connector, Item, List, Part, Pipeline, Redirect, RedirectKind, Word,
};

/// A command line of a script: everything up to a line end outside all quotes and compounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Its commands; empty for a blank line or a comment.
    pub list: Arc<List>,
    /// How many bytes of the text it took.
    pub length: usize,
    /// How many line ends are in them.
    pub lines: u32,
    /// Here-documents that end only with the text: their lines and delimiters.
    pub unclosed: Vec<(u32, Arc<str>)>,
}

/// How a script is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Which shell reads it.
    pub flavor: Flavor,
    /// What names in command position are replaced with.
    pub aliases: &'a BTreeMap<Arc<str>, Arc<str>>,
    /// No more text will come: what is open at its end is an error.
    pub whole: bool,
    /// The number of the first line.
    pub line: u32,
}

/// Parses the first command line of a text.
///
/// # Errors
/// Where it is not complete or not a command.
pub fn parse_line(text: &str, reading: Reading<'_>) -> std::result::Result<Parsed, Problem> {
    let lexer = Lexer::new(text, reading.line, reading.flavor, reading.aliases, reading.whole);
    let mut lexer = lexer;
    let mut parser = Parser { lexer: &mut lexer, peeked: None };
    let list = parser.complete_command()?;
    let left: usize = parser.lexer.chars[parser.lexer.at..].iter().map(|c| c.len_utf8()).sum();
    let length = text.len() - left;
    let lines = text[..length].matches('\n').count() as u32;
    Ok(Parsed { list, length, lines, unclosed: lexer.unclosed })
}

pub(super) struct Parser<'l, 'a> {
    lexer: &'l mut Lexer<'a>,
    peeked: Option<Token>,
}

const CLOSING: [&str; 9] = ["then", "else", "elif", "fi", "do", "done", "esac", "}", "in"];

/// Words that mean something in command position.
pub(super) fn is_reserved(word: &str) -> bool {
    ["if", "for", "while", "until", "case", "{", "!"].contains(&word) || CLOSING.contains(&word)
}

impl<'l, 'a> Parser<'l, 'a> {
    /// The commands of `$( … )`, past the closing parenthesis.
    pub fn substitution(lexer: &mut Lexer<'a>) -> Result<Arc<List>> {
        let mut parser = Parser { lexer, peeked: None };
        let line = parser.lexer.line;
        let list = parser.compound_list(&[")"], true).map_err(|problem| match problem {
            Problem::Syntax(mut error) if parser.lexer.flavor == Flavor::Bash => {
                if let SyntaxErrorKind::Unexpected { token: Found::End, .. } = error.kind {
                    error.kind = SyntaxErrorKind::Unterminated(")");
                    error.line = line + parser.lexer.chars.iter().filter(|c| **c == '\n').count() as u32 + 1;
                }
                Problem::Syntax(error)
            }
            problem => problem,
        })?;
        Ok(list)
    }

    /// All commands of a text: what backquotes hold.
    pub fn all(mut lexer: Lexer<'a>) -> Result<Arc<List>> {
        let mut parser = Parser { lexer: &mut lexer, peeked: None };
        let mut all = List::default();
        loop {
            parser.skip_newlines()?;
            if parser.peek()?.kind == Kind::End {
                return Ok(Arc::new(all));
            }
            let list = parser.list(false)?;
            all.items.extend(list.items);
            if !matches!(parser.peek()?.kind, Kind::Newline | Kind::End) {
                return parser.unexpected(None);
            }
        }
    }

    fn peek(&mut self) -> Result<&Token> {
        if self.peeked.is_none() {
            self.peeked = Some(self.lexer.next_token()?);
        }
        Ok(self.peeked.as_ref().expect("just read"))
    }

    fn next(&mut self) -> Result<Token> {
        match self.peeked.take() {
            Some(token) => Ok(token),
            None => self.lexer.next_token(),
        }
    }

    /// Where the next token begins.
    fn here(&mut self) -> Result<usize> {
        Ok(self.peek()?.start)
    }

    fn is(&mut self, text: &str) -> Result<bool> {
        Ok(self.peek()?.kind.is(text))
    }

    fn take_if(&mut self, text: &str) -> Result<bool> {
        let found = self.is(text)?;
        if found {
            self.peeked = None;
        }
        Ok(found)
    }

    fn expect(&mut self, text: &'static str) -> Result<()> {
        self.command_alias()?;
        if self.take_if(text)? { Ok(()) } else { self.unexpected(Some(text)) }
    }

    fn unexpected<T>(&mut self, expecting: Option<&'static str>) -> Result<T> {
        let token = self.peek()?.clone();
        let end = self.lexer.at;
        let text = || Arc::<str>::from(self.lexer.text(token.start, end));
        let found = match &token.kind {
            Kind::End => {
                let lines = self.lexer.chars.last().is_none_or(|c| *c != '\n');
                let line = self.lexer.line + u32::from(lines && self.lexer.flavor == Flavor::Bash);
                let kind = SyntaxErrorKind::Unexpected { token: Found::End, expecting };
                return if self.lexer.whole {
                    self.lexer.fail_at(line, end, kind)
                } else {
                    Err(Problem::Incomplete)
                };
            }
            Kind::Newline => Found::Newline,
            Kind::Operator(operator) if operator.starts_with(['<', '>']) || operator.starts_with("&>") => {
                Found::Redirection((*operator).into())
            }
            Kind::Operator(operator) => Found::Symbol((*operator).into()),
            Kind::Number(_) => Found::Redirection(text()),
            Kind::Word(word) => match word.as_literal() {
                Some(word) if is_reserved(word) => Found::Symbol(word.into()),
                _ => Found::Word(text()),
            },
        };
        self.lexer.fail_at(token.line, token.start, SyntaxErrorKind::Unexpected { token: found, expecting })
    }

    fn skip_newlines(&mut self) -> Result<()> {
        while self.peek()?.kind == Kind::Newline {
            self.peeked = None;
        }
        Ok(())
    }

    /// Replaces the next word by what it is an alias for, as often as it is one.
    fn command_alias(&mut self) -> Result<()> {
        loop {
            if self.lexer.aliases.is_empty() {
                return Ok(());
            }
            let Some(name) = self.peek()?.kind.literal().map(str::to_owned) else { return Ok(()) };
            if is_reserved(&name) || !self.lexer.aliases.contains_key(&*name) {
                return Ok(());
            }
            let start = self.here()?;
            if !self.lexer.expand_alias(start, &name) {
                return Ok(());
            }
            self.peeked = None;
        }
    }

    /// One line and what it opens.
    fn complete_command(&mut self) -> Result<Arc<List>> {
        match self.peek()?.kind {
            Kind::Newline | Kind::End => {
                self.peeked = None;
                return Ok(empty_list());
            }
            _ => {}
        }
        let list = self.list(false)?;
        match self.peek()?.kind {
            Kind::Newline | Kind::End => {
                self.peeked = None;
                Ok(Arc::new(list))
            }
            _ => self.unexpected(None),
        }
    }

    /// Lines of commands up to one of the closing words, which is passed if it is a parenthesis.
    fn compound_list(&mut self, until: &[&'static str], may_be_empty: bool) -> Result<Arc<List>> {
        let list = self.list(true)?;
        if list.items.is_empty() && !may_be_empty && self.peek()?.kind != Kind::End {
            return self.unexpected(None);
        }
        let closing = match self.peek()?.kind {
            Kind::Operator(operator) => until.contains(&operator),
            Kind::Word(_) => until.iter().any(|word| self.peeked.as_ref().is_some_and(|t| t.kind.is(word))),
            _ => false,
        };
        if !closing || (list.items.is_empty() && !may_be_empty) {
            // Of several words that may close, shells name one only where there is no other.
            let expecting = if closing || until.len() > 1 { None } else { Some(until[0]) };
            let expecting = if until.contains(&"fi") && !closing { Some("fi") } else { expecting };
            return self.unexpected(expecting);
        }
        if until == [")"] {
            self.peeked = None;
        }
        Ok(Arc::new(list))
    }

    fn list(&mut self, lines: bool) -> Result<List> {
        let mut list = List::default();
        loop {
            if lines {
                self.skip_newlines()?;
            }
            self.command_alias()?;
            let stop = match &self.peek()?.kind {
                Kind::End => true,
                Kind::Newline => !lines,
                Kind::Operator(operator) => [")", ";;", ";&", ";;&"].contains(operator),
                Kind::Word(word) => word.as_literal().is_some_and(|w| CLOSING.contains(&w)),
                Kind::Number(_) => false,
            };
            if stop {
                return Ok(list);
            }
            let start = self.here()?;
            let pipelines = self.and_or()?;
            let end = self.here()?;
            let text = self.source(start, end);
            let background = self.is("&")?;
            list.items.push(Item { pipelines, background, text });
            if background || self.is(";")? {
                self.peeked = None;
            } else if !(lines && self.peek()?.kind == Kind::Newline) {
                return Ok(list);
            }
        }
    }

    /// The text of a command as `jobs` shows it: on one line.
    fn source(&self, start: usize, end: usize) -> Arc<str> {
        let text = self.lexer.text(start, end);
        text.split_whitespace().collect::<Vec<_>>().join(" ").into()
    }

    fn and_or(&mut self) -> Result<Vec<(Connector, Pipeline)>> {
        let mut pipelines = vec![(Connector::First, self.pipeline()?)];
        loop {
            let connector = if self.take_if("&&")? {
                Connector::And
            } else if self.take_if("||")? {
                Connector::Or
            } else {
                return Ok(pipelines);
            };
            self.skip_newlines()?;
            pipelines.push((connector, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline> {
        let start = self.here()?;
        let (mut negated, mut timed) = (false, None);
        loop {
            self.command_alias()?;
            if self.take_if("!")? {
                negated = !negated;
            } else if self.lexer.flavor == Flavor::Bash && timed.is_none() && self.is("time")? {
                self.peeked = None;
                timed = Some(self.take_if("-p")?);
            } else {
                break;
            }
        }
        let mut commands = Vec::new();
        let alone =
            timed.is_some() && matches!(self.peek()?.kind, Kind::Newline | Kind::End | Kind::Operator(";"));
        if !alone {
            commands.push(self.command()?);
        }
        loop {
            let both = self.is("|&")?;
            if !both && !self.is("|")? {
                break;
            }
            self.peeked = None;
            if both && let Some(last) = commands.last_mut().and_then(Arc::get_mut) {
                let kind = RedirectKind::Duplicate(Word::literal("1"));
                last.redirects.push(Redirect { fd: Some(2), kind });
            }
            self.skip_newlines()?;
            commands.push(self.command()?);
        }
        let end = self.here()?;
        Ok(Pipeline { negated, timed, commands, text: self.source(start, end) })
    }

    fn command(&mut self) -> Result<Arc<Command>> {
        self.lexer.deeper()?;
        self.command_alias()?;
        let token = self.peek()?.clone();
        let line = token.line;
        let bash = self.lexer.flavor == Flavor::Bash;
        let body = match &token.kind {
            Kind::Operator("(") => {
                self.peeked = None;
                self.parenthesis(bash)?
            }
            Kind::Word(word) => match word.as_literal() {
                Some("{") => {
                    self.peeked = None;
                    let list = self.compound_list(&["}"], false)?;
                    self.expect("}")?;
                    Body::Group(list)
                }
                Some("if") => {
                    self.peeked = None;
                    self.conditional()?
                }
                Some(word @ ("while" | "until")) => {
                    self.peeked = None;
                    let condition = self.compound_list(&["do"], false)?;
                    let body = self.do_group()?;
                    Body::Loop { until: word == "until", condition, body }
                }
                Some("for") => {
                    self.peeked = None;
                    self.for_loop(bash)?
                }
                Some("case") => {
                    self.peeked = None;
                    self.case()?
                }
                Some("[[") if bash => {
                    self.peeked = None;
                    let condition = self.condition_or()?;
                    self.expect("]]")?;
                    Body::Test(condition)
                }
                Some("function") if self.lexer.flavor != Flavor::Dash => {
                    self.peeked = None;
                    self.named_function()?
                }
                Some(word) if CLOSING.contains(&word) && word != "in" => return self.unexpected(None),
                _ => return self.simple(line),
            },
            Kind::Operator(operator) if operator.starts_with(['<', '>']) || operator.starts_with("&>") => {
                return self.simple(line);
            }
            Kind::Number(_) => return self.simple(line),
            _ => return self.unexpected(None),
        };
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
        }
        self.lexer.depth -= 1;
        Ok(Arc::new(Command { line, body, redirects }))
    }

    /// After `(`: a subshell, or an arithmetic command where another `(` follows at once.
    fn parenthesis(&mut self, bash: bool) -> Result<Body> {
        if bash && self.lexer.peek(0) == Some('(') {
            let (at, line) = (self.lexer.at, self.lexer.line);
            self.lexer.at += 1;
            match self.lexer.arithmetic_command() {
                Ok(Some(word)) => return Ok(Body::Arithmetic(word)),
                Err(Problem::Incomplete) => return Err(Problem::Incomplete),
                _ => (self.lexer.at, self.lexer.line) = (at, line),
            }
        }
        Ok(Body::Subshell(self.compound_list(&[")"], false)?))
    }

    fn conditional(&mut self) -> Result<Body> {
        let mut branches = Vec::new();
        loop {
            let condition = self.compound_list(&["then"], false)?;
            self.expect("then")?;
            let body = self.compound_list(&["else", "elif", "fi"], false)?;
            branches.push((condition, body));
            if self.take_if("elif")? {
                continue;
            }
            let mut otherwise = None;
            if self.take_if("else")? {
                otherwise = Some(self.compound_list(&["fi"], false)?);
            }
            self.expect("fi")?;
            return Ok(Body::If { branches, otherwise });
        }
    }

    fn do_group(&mut self) -> Result<Arc<List>> {
        self.expect("do")?;
        let list = self.compound_list(&["done"], false)?;
        self.expect("done")?;
        Ok(list)
    }

    fn for_loop(&mut self, bash: bool) -> Result<Body> {
        if bash && self.is("(")? && self.lexer.peek(0) == Some('(') {
            self.peeked = None;
            self.lexer.at += 1;
            return self.arithmetic_for();
        }
        let token = self.next()?;
        let name = match token.kind.literal() {
            Some(name) if is_name(name) => Arc::<str>::from(name),
            _ => {
                if !matches!(token.kind, Kind::Word(_)) {
                    self.peeked = Some(token);
                    return if bash {
                        self.unexpected(None)
                    } else {
                        self.lexer.fail(SyntaxErrorKind::BadForVariable("".into()))
                    };
                }
                let text = self.lexer.text(token.start, self.lexer.at);
                return self.lexer.fail(SyntaxErrorKind::BadForVariable(text.into()));
            }
        };
        let mut words = None;
        self.skip_newlines()?;
        if self.take_if("in")? {
            let mut list = Vec::new();
            while let Kind::Word(_) = self.peek()?.kind {
                let Kind::Word(word) = self.next()?.kind else { break };
                self.push_word(&mut list, word);
            }
            words = Some(list);
            if !matches!(self.peek()?.kind, Kind::Operator(";") | Kind::Newline) {
                return self.unexpected(None);
            }
            self.peeked = None;
        } else if self.is(";")? {
            self.peeked = None;
        }
        self.skip_newlines()?;
        let body = if bash && self.take_if("{")? {
            let list = self.compound_list(&["}"], false)?;
            self.expect("}")?;
            list
        } else {
            self.do_group()?
        };
        Ok(Body::For { name, words, body })
    }

    /// After `for ((`.
    fn arithmetic_for(&mut self) -> Result<Body> {
        let Some(word) = self.lexer.arithmetic_command()? else {
            return self.unexpected(None);
        };
        let mut parts: [Word; 3] = Default::default();
        let mut at = 0;
        let Some(Part::Double(inside)) = word.parts.into_iter().next() else { return self.unexpected(None) };
        for part in inside {
            let Part::Quoted(text) = &part else {
                parts[at].parts.push(part);
                continue;
            };
            for (n, piece) in text.split(';').enumerate() {
                if n > 0 {
                    at += 1;
                    if at > 2 {
                        return self.unexpected(None);
                    }
                }
                parts[at].parts.push(Part::Quoted(piece.into()));
            }
        }
        if self.is(";")? {
            self.peeked = None;
        }
        self.skip_newlines()?;
        let body = self.do_group()?;
        let parts = parts.map(|word| Word { parts: vec![Part::Double(word.parts)] });
        Ok(Body::ForArithmetic { parts, body })
    }

    fn case(&mut self) -> Result<Body> {
        let Kind::Word(_) = self.peek()?.kind else { return self.unexpected(None) };
        let Kind::Word(word) = self.next()?.kind else { unreachable!("just looked") };
        self.skip_newlines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.take_if("esac")? {
                return Ok(Body::Case { word, arms });
            }
            self.take_if("(")?;
            let mut patterns = Vec::new();
            loop {
                let Kind::Word(_) = self.peek()?.kind else { return self.unexpected(Some(")")) };
                let Kind::Word(pattern) = self.next()?.kind else { unreachable!("just looked") };
                patterns.push(pattern);
                if !self.take_if("|")? {
                    break;
                }
            }
            if !self.take_if(")")? {
                return self.unexpected(Some(")"));
            }
            let body = self.list(true)?;
            let end = if self.take_if(";&")? {
                ArmEnd::FallThrough
            } else if self.take_if(";;&")? {
                ArmEnd::TestNext
            } else if self.is("esac")? || self.take_if(";;")? {
                ArmEnd::Break
            } else {
                return self.unexpected(Some(";;"));
            };
            arms.push(Arm { patterns, body: Arc::new(body), end });
        }
    }

    /// After the word `function`.
    fn named_function(&mut self) -> Result<Body> {
        let token = self.next()?;
        let Some(name) = token.kind.literal().map(Arc::<str>::from) else {
            self.peeked = Some(token);
            return self.unexpected(None);
        };
        if self.take_if("(")? && !self.take_if(")")? {
            return self.unexpected(None);
        }
        self.function(name)
    }

    fn function(&mut self, name: Arc<str>) -> Result<Body> {
        self.skip_newlines()?;
        let body = self.command()?;
        Ok(Body::Function { name, body })
    }

    fn push_word(&self, words: &mut Vec<Word>, word: Word) {
        if self.lexer.flavor == Flavor::Bash {
            expand_braces(word, words);
        } else {
            words.push(word);
        }
    }
}

/// True for what a variable can be called.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
