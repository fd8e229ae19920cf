//! The filters of `jq`, read.

/// A filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    /// `.`
    Own,
    /// `..`
    All,
    Number(f64),
    /// Text with filters in it.
    Text(Vec<Piece>),
    /// `@base64` and its like, also over a text.
    Format(String, Vec<Piece>),
    Variable(String),
    /// What an index is taken of, and the index; a slice has two.
    Index(Box<Filter>, Box<Filter>),
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    /// `.[]`
    Each(Box<Filter>),
    /// `?`
    Try(Box<Filter>),
    Pipe(Box<Filter>, Box<Filter>),
    Comma(Box<Filter>, Box<Filter>),
    Binary(&'static str, Box<Filter>, Box<Filter>),
    Negative(Box<Filter>),
    Array(Option<Box<Filter>>),
    Object(Vec<(Filter, Filter)>),
    Call(String, Vec<Filter>),
    If(Box<Filter>, Box<Filter>, Option<Box<Filter>>),
    /// `SOURCE as $NAME | BODY`
    As(Box<Filter>, String, Box<Filter>),
    /// `reduce SOURCE as $NAME (BEGIN; STEP)`
    Reduce(Box<Filter>, String, Box<Filter>, Box<Filter>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Plain(String),
    Of(Filter),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Mark(&'static str),
    Word(String),
    Field(String),
    Variable(String),
    Format(String),
    Number(f64),
    Text(Vec<Piece>),
}

const MARKS: &[&str] = &[
    "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "//", "==", "!=", "<=", ">=", "..", "|", ",", "=", "<",
    ">", "+", "-", "*", "/", "%", ".", "[", "]", "(", ")", "{", "}", ":", ";", "?",
];

/// Operators by how closely they bind; those of assignment stand alone.
const LEVELS: &[&[&str]] = &[
    &["//"],
    &["=", "|=", "+=", "-=", "*=", "/=", "%=", "//="],
    &["or"],
    &["and"],
    &["==", "!=", "<", "<=", ">", ">="],
    &["+", "-"],
    &["*", "/", "%"],
];

type Result<T> = std::result::Result<T, String>;

/// Reads a filter.
///
/// # Errors
/// That it is none.
pub(super) fn parse(text: &str) -> Result<Filter> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    if parser.tokens.is_empty() {
        return Ok(Filter::Own);
    }
    let filter = parser.pipe()?;
    match parser.tokens.get(parser.at) {
        None => Ok(filter),
        Some(token) => Err(unexpected(Some(token))),
    }
}

fn unexpected(token: Option<&Token>) -> String {
    let what = match token {
        None => "end of file".to_owned(),
        Some(Token::Mark(mark)) => format!("'{mark}'"),
        Some(Token::Word(_)) => "IDENT".to_owned(),
        Some(Token::Field(_)) => "FIELD".to_owned(),
        Some(Token::Number(_)) => "LITERAL".to_owned(),
        Some(Token::Text(_)) => "QQSTRING_START".to_owned(),
        Some(Token::Variable(_)) => "'$'".to_owned(),
        Some(Token::Format(_)) => "FORMAT".to_owned(),
    };
    format!("syntax error, unexpected {what} (Unix shell quoting issues?) at <top-level>, line 1:")
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let word = |text: &str| text.find(|c: char| !is_name(c)).unwrap_or(text.len());
        let taken = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let (pieces, taken) = text_of(rest)?;
                tokens.push(Token::Text(pieces));
                taken
            }
            '$' | '@' => {
                let end = 1 + word(&rest[1..]);
                let name = rest[1..end].to_owned();
                tokens.push(if first == '$' { Token::Variable(name) } else { Token::Format(name) });
                end
            }
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                let end = 1 + word(&rest[1..]);
                tokens.push(Token::Field(rest[1..end].to_owned()));
                end
            }
            _ if first.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                tokens.push(Token::Number(rest[..end].parse().map_err(|_| unexpected(None))?));
                end
            }
            _ if first.is_ascii_alphabetic() || first == '_' => {
                let end = word(rest);
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            _ => match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
                Some(mark) => {
                    tokens.push(Token::Mark(mark));
                    mark.len()
                }
                None => {
                    return Err("syntax error, unexpected INVALID_CHARACTER (Unix shell quoting issues?) at <top-level>, line 1:".to_owned());
                }
            },
        };
        rest = &rest[taken..];
    }
}

/// A text that begins with its quote, and how much of `text` it takes.
fn text_of(text: &str) -> Result<(Vec<Piece>, usize)> {
    let unfinished = || {
        "syntax error, unexpected end of file, expecting QQSTRING_END (Unix shell quoting issues?) at <top-level>, line 1:".to_owned()
    };
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 1;
    loop {
        let c = text[at..].chars().next().ok_or_else(unfinished)?;
        at += c.len_utf8();
        match c {
            '"' => {
                pieces.push(Piece::Plain(plain));
                return Ok((pieces, at));
            }
            '\\' => {
                let c = text[at..].chars().next().ok_or_else(unfinished)?;
                at += c.len_utf8();
                match c {
                    '(' => {
                        let end = at + inner(&text[at..]).ok_or_else(unfinished)?;
                        pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                        pieces.push(Piece::Of(parse(&text[at..end])?));
                        at = end + 1;
                    }
                    'u' => {
                        let code = text.get(at..at + 4).and_then(|code| u32::from_str_radix(code, 16).ok());
                        plain.push(code.and_then(char::from_u32).ok_or_else(unfinished)?);
                        at += 4;
                    }
                    _ => plain.push(match c {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    }),
                }
            }
            _ => plain.push(c),
        }
    }
}

/// Where the bracket closes that was opened before a text.
fn inner(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' => {
                at += text_of(&text[at..]).ok()?.1;
                continue;
            }
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(own)) if *own == mark);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(own)) if own == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Result<()> {
        if self.take(mark) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    fn keyword(&mut self, word: &str) -> Result<()> {
        if self.word(word) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    fn pipe(&mut self) -> Result<Filter> {
        let left = self.comma()?;
        if self.word("as") {
            let name = self.variable()?;
            self.expect("|")?;
            return Ok(Filter::As(Box::new(left), name, Box::new(self.pipe()?)));
        }
        if self.take("|") {
            return Ok(Filter::Pipe(Box::new(left), Box::new(self.pipe()?)));
        }
        Ok(left)
    }

    fn variable(&mut self) -> Result<String> {
        match self.peek().cloned() {
            Some(Token::Variable(name)) => {
                self.at += 1;
                Ok(name)
            }
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn comma(&mut self) -> Result<Filter> {
        let mut left = self.level(0)?;
        while self.take(",") {
            left = Filter::Comma(Box::new(left), Box::new(self.level(0)?));
        }
        Ok(left)
    }

    fn level(&mut self, level: usize) -> Result<Filter> {
        let Some(operators) = LEVELS.get(level) else { return self.postfix() };
        let mut left = self.level(level + 1)?;
        loop {
            let found = match self.peek() {
                Some(Token::Mark(mark)) => operators.iter().find(|own| *own == mark),
                Some(Token::Word(word)) => operators.iter().find(|own| *own == word),
                _ => None,
            };
            let Some(operator) = found.copied() else { return Ok(left) };
            self.at += 1;
            // What is after `//` is all that follows.
            let right = self.level(if level == 0 { 0 } else { level + 1 })?;
            left = Filter::Binary(operator, Box::new(left), Box::new(right));
        }
    }

    fn postfix(&mut self) -> Result<Filter> {
        let mut filter = self.term()?;
        loop {
            filter = match self.peek().cloned() {
                Some(Token::Field(name)) => {
                    self.at += 1;
                    index(filter, name)
                }
                Some(Token::Mark("?")) => {
                    self.at += 1;
                    Filter::Try(Box::new(filter))
                }
                Some(Token::Mark("[")) => self.bracket(filter)?,
                Some(Token::Mark(".")) => {
                    self.at += 1;
                    match self.peek().cloned() {
                        Some(Token::Text(pieces)) => {
                            self.at += 1;
                            Filter::Index(Box::new(filter), Box::new(Filter::Text(pieces)))
                        }
                        Some(Token::Mark("[")) => self.bracket(filter)?,
                        other => return Err(unexpected(other.as_ref())),
                    }
                }
                _ => return Ok(filter),
            };
        }
    }

    fn bracket(&mut self, of: Filter) -> Result<Filter> {
        self.expect("[")?;
        let of = Box::new(of);
        if self.take("]") {
            return Ok(Filter::Each(of));
        }
        if self.take(":") {
            let end = self.pipe()?;
            self.expect("]")?;
            return Ok(Filter::Slice(of, None, Some(Box::new(end))));
        }
        let from = self.pipe()?;
        if self.take(":") {
            let end = if self.take("]") { None } else { Some(Box::new(self.pipe()?)) };
            if end.is_some() {
                self.expect("]")?;
            }
            return Ok(Filter::Slice(of, Some(Box::new(from)), end));
        }
        self.expect("]")?;
        Ok(Filter::Index(of, Box::new(from)))
    }

    fn term(&mut self) -> Result<Filter> {
        let token = self.peek().cloned();
        self.at += 1;
        Ok(match token {
            Some(Token::Number(number)) => Filter::Number(number),
            Some(Token::Text(pieces)) => Filter::Text(pieces),
            Some(Token::Variable(name)) => Filter::Variable(name),
            Some(Token::Field(name)) => index(Filter::Own, name),
            Some(Token::Format(name)) => match self.peek().cloned() {
                Some(Token::Text(pieces)) => {
                    self.at += 1;
                    Filter::Format(name, pieces)
                }
                _ => Filter::Format(name, vec![Piece::Of(Filter::Own)]),
            },
            Some(Token::Mark("..")) => Filter::All,
            Some(Token::Mark("-")) => Filter::Negative(Box::new(self.postfix()?)),
            Some(Token::Mark(".")) => match self.peek().cloned() {
                Some(Token::Text(pieces)) => {
                    self.at += 1;
                    Filter::Index(Box::new(Filter::Own), Box::new(Filter::Text(pieces)))
                }
                _ => Filter::Own,
            },
            Some(Token::Mark("(")) => {
                let inner = self.pipe()?;
                self.expect(")")?;
                inner
            }
            Some(Token::Mark("[")) => {
                if self.take("]") {
                    return Ok(Filter::Array(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Filter::Array(Some(Box::new(inner)))
            }
            Some(Token::Mark("{")) => self.object()?,
            Some(Token::Word(word)) => match &*word {
                "if" => self.condition()?,
                "reduce" => {
                    let source = self.postfix()?;
                    self.keyword("as")?;
                    let name = self.variable()?;
                    self.expect("(")?;
                    let begin = self.pipe()?;
                    self.expect(";")?;
                    let step = self.pipe()?;
                    self.expect(")")?;
                    Filter::Reduce(Box::new(source), name, Box::new(begin), Box::new(step))
                }
                "try" => Filter::Try(Box::new(self.postfix()?)),
                "def" | "foreach" | "label" | "import" | "include" => {
                    return Err(format!("Saya does not simulate {word} at <top-level>, line 1:"));
                }
                _ => {
                    let mut arguments = Vec::new();
                    if self.take("(") {
                        arguments.push(self.pipe()?);
                        while self.take(";") {
                            arguments.push(self.pipe()?);
                        }
                        self.expect(")")?;
                    }
                    Filter::Call(word, arguments)
                }
            },
            other => return Err(unexpected(other.as_ref())),
        })
    }

    fn condition(&mut self) -> Result<Filter> {
        let test = Box::new(self.pipe()?);
        self.keyword("then")?;
        let then = Box::new(self.pipe()?);
        let otherwise = if self.word("elif") {
            return Ok(Filter::If(test, then, Some(Box::new(self.condition()?))));
        } else if self.word("else") {
            Some(Box::new(self.pipe()?))
        } else {
            None
        };
        self.keyword("end")?;
        Ok(Filter::If(test, then, otherwise))
    }

    fn object(&mut self) -> Result<Filter> {
        let mut fields = Vec::new();
        while !self.take("}") {
            if !fields.is_empty() {
                self.expect(",")?;
            }
            let token = self.peek().cloned();
            self.at += 1;
            let plain = |name: &str| Filter::Text(vec![Piece::Plain(name.to_owned())]);
            let (key, short) = match token {
                Some(Token::Word(name)) => (plain(&name), index(Filter::Own, name)),
                Some(Token::Variable(name)) => (plain(&name), Filter::Variable(name)),
                Some(Token::Text(pieces)) => {
                    let key = Filter::Text(pieces);
                    (key.clone(), Filter::Index(Box::new(Filter::Own), Box::new(key)))
                }
                Some(Token::Number(number)) => (Filter::Number(number), Filter::Own),
                Some(Token::Mark("(")) => {
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (key, Filter::Own)
                }
                other => return Err(unexpected(other.as_ref())),
            };
            let value = match self.take(":") {
                true => {
                    let mut value = self.level(0)?;
                    while self.take("|") {
                        value = Filter::Pipe(Box::new(value), Box::new(self.level(0)?));
                    }
                    value
                }
                false => short,
            };
            fields.push((key, value));
        }
        Ok(Filter::Object(fields))
    }
}

fn index(of: Filter, name: String) -> Filter {
    Filter::Index(Box::new(of), Box::new(Filter::Text(vec![Piece::Plain(name)])))
}
