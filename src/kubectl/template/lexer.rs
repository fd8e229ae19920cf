//! The pieces of a template.

/// A piece, with the byte and the line where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub kind: Kind,
    pub text: String,
    pub at: usize,
    pub line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Plain text outside of actions.
    Text,
    Open,
    Close,
    Space,
    Identifier,
    /// `if`, `range`, `end` and the like.
    Keyword,
    Field,
    Variable,
    Dot,
    Bool,
    Nil,
    Number,
    Char,
    Quoted,
    Raw,
    LeftParen,
    RightParen,
    Pipe,
    Declare,
    Assign,
    /// Another character.
    Other,
    End,
    /// What is wrong, as its text.
    Error,
}

const KEYWORDS: [&str; 11] =
    ["block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"];

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    start: usize,
    line: usize,
    parens: usize,
    items: Vec<Item>,
}

/// Takes a template apart; the last item is the end or an error.
pub(super) fn items(source: &str) -> Vec<Item> {
    let mut lexer = Lexer { source, at: 0, start: 0, line: 1, parens: 0, items: Vec::new() };
    match lexer.text() {
        Ok(()) => lexer.emit(Kind::End),
        Err(text) => lexer.items.push(Item { kind: Kind::Error, text, at: lexer.start, line: lexer.line }),
    }
    lexer.items
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }
    fn skip(&mut self) {
        self.line += self.source[self.start..self.at].matches('\n').count();
        self.start = self.at;
    }
    fn emit(&mut self, kind: Kind) {
        let text = self.source[self.start..self.at].to_string();
        self.items.push(Item { kind, text, at: self.start, line: self.line });
        self.skip();
    }

    fn text(&mut self) -> Result<(), String> {
        while let Some(found) = self.rest().find("{{") {
            let action = self.at + found;
            let after = &self.source[action + 2..];
            let trims = after.starts_with('-') && after[1..].starts_with(blank);
            let text = &self.source[self.at..action];
            self.at += if trims { text.trim_end_matches(blank).len() } else { text.len() };
            if self.at > self.start {
                self.emit(Kind::Text);
            }
            self.at = action;
            self.skip();
            let marker = if trims { 2 } else { 0 };
            if after[marker..].starts_with("/*") {
                self.at += 2 + marker;
                self.comment()?;
                continue;
            }
            self.at += 2;
            self.emit(Kind::Open);
            self.at += marker;
            self.skip();
            self.parens = 0;
            self.action()?;
        }
        self.at = self.source.len();
        if self.at > self.start {
            self.emit(Kind::Text);
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        let Some(end) = self.rest().find("*/") else { return Err("unclosed comment".into()) };
        self.at += end + 2;
        let trims = self.closes_trimming();
        if !trims && !self.rest().starts_with("}}") {
            return Err("comment ends before closing delimiter".into());
        }
        self.close(trims);
        Ok(())
    }

    /// True before ` -}}`.
    fn closes_trimming(&self) -> bool {
        let rest = self.rest();
        rest.starts_with(blank) && rest[1..].starts_with("-}}")
    }

    fn close(&mut self, trims: bool) {
        self.at += if trims { 4 } else { 2 };
        if trims {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(blank).len();
        }
        self.skip();
    }

    /// The inside of an action.
    fn action(&mut self) -> Result<(), String> {
        loop {
            let trims = self.closes_trimming();
            if trims || self.rest().starts_with("}}") {
                if self.parens > 0 {
                    return Err("unclosed left paren".into());
                }
                self.items.push(Item { kind: Kind::Close, text: "}}".into(), at: self.at, line: self.line });
                self.close(trims);
                return Ok(());
            }
            let Some(c) = self.take() else { return Err("unclosed action".into()) };
            match c {
                c if blank(c) => {
                    while self.peek().is_some_and(blank) && !self.closes_trimming() {
                        self.take();
                    }
                    self.emit(Kind::Space);
                }
                '=' => self.emit(Kind::Assign),
                ':' => {
                    if self.take() != Some('=') {
                        return Err("expected :=".into());
                    }
                    self.emit(Kind::Declare);
                }
                '|' => self.emit(Kind::Pipe),
                '"' => self.quoted('"', Kind::Quoted, "unterminated quoted string")?,
                '\'' => self.quoted('\'', Kind::Char, "unterminated character constant")?,
                '`' => {
                    let Some(end) = self.rest().find('`') else {
                        return Err("unterminated raw quoted string".into());
                    };
                    self.at += end + 1;
                    self.emit(Kind::Raw);
                }
                '$' => self.name(Kind::Variable)?,
                '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => self.name(Kind::Field)?,
                c if c == '+' || c == '-' || c == '.' || c.is_ascii_digit() => {
                    self.at -= 1;
                    self.number()?;
                }
                c if word(c) => self.name(Kind::Identifier)?,
                '(' => {
                    self.parens += 1;
                    self.emit(Kind::LeftParen);
                }
                ')' if self.parens == 0 => return Err("unexpected right paren".into()),
                ')' => {
                    self.parens -= 1;
                    self.emit(Kind::RightParen);
                }
                c if c.is_ascii_graphic() => self.emit(Kind::Other),
                c => return Err(format!("unrecognized character in action: {}", unicode(c))),
            }
        }
    }

    /// The rest of a field, a variable or a word.
    fn name(&mut self, kind: Kind) -> Result<(), String> {
        while self.peek().is_some_and(word) {
            self.take();
        }
        let ends = match self.peek() {
            None => true,
            Some(c) => blank(c) || ".,|:)(".contains(c) || self.rest().starts_with("}}"),
        };
        if !ends {
            let c = self.peek().unwrap_or_default();
            return Err(format!("bad character {}", unicode(c)));
        }
        let text = &self.source[self.start..self.at];
        self.emit(match text {
            "." => Kind::Dot,
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            word if kind == Kind::Identifier && KEYWORDS.contains(&word) => Kind::Keyword,
            _ => kind,
        });
        Ok(())
    }

    fn quoted(&mut self, mark: char, kind: Kind, why: &str) -> Result<(), String> {
        loop {
            match self.take() {
                Some('\\') if self.peek().is_some_and(|c| c != '\n') => drop(self.take()),
                None | Some('\n' | '\\') => return Err(why.into()),
                Some(c) if c == mark => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        if matches!(self.peek(), Some('+' | '-')) {
            self.take();
        }
        let lower = self.rest().to_ascii_lowercase();
        let (digits, prefix) = match lower.get(..2) {
            Some("0x") => ("0123456789abcdef_", 2),
            Some("0o") => ("01234567_", 2),
            Some("0b") => ("01_", 2),
            _ => ("0123456789_", 0),
        };
        self.at += prefix;
        let accept = |lexer: &mut Self, set: &str| {
            while lexer.peek().is_some_and(|c| set.contains(c.to_ascii_lowercase())) {
                lexer.take();
            }
        };
        accept(self, digits);
        if self.peek() == Some('.') {
            self.take();
            accept(self, digits);
        }
        if prefix == 0 && matches!(self.peek(), Some('e' | 'E')) {
            self.take();
            if matches!(self.peek(), Some('+' | '-')) {
                self.take();
            }
            accept(self, "0123456789_");
        }
        if self.peek().is_some_and(word) {
            self.take();
            return Err(format!("bad number syntax: {:?}", &self.source[self.start..self.at]));
        }
        self.emit(Kind::Number);
        Ok(())
    }
}

/// `U+002D '-'`.
fn unicode(c: char) -> String {
    if c.is_control() { format!("U+{:04X}", c as u32) } else { format!("U+{:04X} '{c}'", c as u32) }
}
