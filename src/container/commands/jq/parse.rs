//! Filters as they are written.

use super::json::{Json, Reader};

/// A filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    Identity,
    Recurse,
    Value(Json),
    /// A text with filters in it, and what their results are put through.
    Text(&'static str, Vec<(String, Option<Filter>)>),
    Format(&'static str),
    Variable(String),
    /// `F.key`, `F[I]`
    Index(Box<Filter>, Box<Filter>),
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    Each(Box<Filter>),
    Try(Box<Filter>, Option<Box<Filter>>),
    Pipe(Box<Filter>, Box<Filter>),
    Comma(Box<Filter>, Box<Filter>),
    Binary(&'static str, Box<Filter>, Box<Filter>),
    Minus(Box<Filter>),
    List(Option<Box<Filter>>),
    Object(Vec<(Filter, Filter)>),
    If(Box<Filter>, Box<Filter>, Option<Box<Filter>>),
    As(Box<Filter>, String, Box<Filter>),
    Call(String, Vec<Filter>),
}

use Filter::*;

/// Why a filter cannot be read.
#[derive(Debug, PartialEq)]
pub enum Wrong {
    Syntax(String),
    /// It is in the language, and Saya does not simulate it.
    NotSimulated(String),
}

/// The formats.
const FORMATS: &[&str] = &["@text", "@json", "@base64", "@base64d", "@csv", "@tsv", "@html", "@uri", "@sh"];

/// Operators, those that bind least first.
const LEVELS: &[&[&str]] = &[
    &["//=", "|=", "+=", "-=", "*=", "/=", "="],
    &["or"],
    &["and"],
    &["==", "!=", "<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Words of the language that are no functions.
const WORDS: &[&str] = &["then", "elif", "else", "end", "as", "and", "or", "catch"];

/// A reader of a filter.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

type Parsed = Result<Filter, Wrong>;

/// Reads a whole filter.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser { text, at: 0 };
    if parser.rest().is_empty() {
        return Ok(Identity);
    }
    let filter = parser.pipe()?;
    if parser.rest().is_empty() { Ok(filter) } else { Err(parser.unexpected()) }
}

fn boxed(filter: Filter) -> Box<Filter> {
    Box::new(filter)
}

impl<'a> Parser<'a> {
    fn rest(&mut self) -> &'a str {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return trimmed;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn unexpected(&mut self) -> Wrong {
        let rest = self.rest();
        let word = self.word();
        Wrong::Syntax(match rest.chars().next() {
            None => "syntax error, unexpected $end".into(),
            Some(_) if WORDS.contains(&word) => format!("syntax error, unexpected {word}"),
            Some(_) if !word.is_empty() => "syntax error, unexpected IDENT".into(),
            Some('"') => "syntax error, unexpected QQSTRING_START".into(),
            Some(c) if c.is_ascii_digit() => "syntax error, unexpected LITERAL".into(),
            Some('.') if rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                "syntax error, unexpected FIELD".into()
            }
            Some(c) if "@#$^&`~\\'".contains(c) => "syntax error, unexpected INVALID_CHARACTER".into(),
            Some(c) => format!("syntax error, unexpected '{c}'"),
        })
    }

    fn take(&mut self, sign: &str) -> bool {
        let rest = self.rest();
        let is_word = sign.starts_with(char::is_alphabetic);
        let found = if is_word { self.word() == sign } else { rest.starts_with(sign) };
        self.at += if found { sign.len() } else { 0 };
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Wrong> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The name that comes next.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return "";
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    }

    fn name(&mut self) -> Option<&'a str> {
        let word = self.word();
        self.at += word.len();
        (!word.is_empty()).then_some(word)
    }

    fn pipe(&mut self) -> Parsed {
        let left = self.comma()?;
        if self.take("as") {
            self.expect("$")?;
            let name = self.name().ok_or_else(|| Wrong::NotSimulated("destructuring".into()))?.to_owned();
            self.expect("|")?;
            return Ok(As(boxed(left), name, boxed(self.pipe()?)));
        }
        if !self.rest().starts_with("|=") && self.take("|") {
            return Ok(Pipe(boxed(left), boxed(self.pipe()?)));
        }
        Ok(left)
    }

    fn comma(&mut self) -> Parsed {
        let mut left = self.alternative()?;
        while self.take(",") {
            left = Comma(boxed(left), boxed(self.alternative()?));
        }
        Ok(left)
    }

    fn alternative(&mut self) -> Parsed {
        let left = self.binary(0)?;
        if !self.rest().starts_with("//=") && self.take("//") {
            return Ok(Binary("//", boxed(left), boxed(self.alternative()?)));
        }
        Ok(left)
    }

    fn binary(&mut self, level: usize) -> Parsed {
        let Some(signs) = LEVELS.get(level) else { return self.postfix() };
        let mut left = self.binary(level + 1)?;
        loop {
            let rest = self.rest();
            // `a // b` and `a |= b` begin like other operators.
            let other = match level {
                0 => rest.starts_with("=="),
                _ => {
                    let changes = matches!(rest.as_bytes(), [b'+' | b'-' | b'*' | b'/' | b'%', b'=', ..]);
                    changes || rest.starts_with("//")
                }
            };
            let Some(sign) = signs.iter().find(|sign| !other && self.take(sign)) else { return Ok(left) };
            let right = if level == 0 { self.alternative()? } else { self.binary(level + 1)? };
            left = Binary(sign, boxed(left), boxed(right));
        }
    }

    fn postfix(&mut self) -> Parsed {
        if self.take("-") {
            return Ok(Minus(boxed(self.postfix()?)));
        }
        let mut filter = self.term()?;
        loop {
            let rest = self.rest();
            if self.take("?") {
                filter = Try(boxed(filter), None);
            } else if rest.starts_with('[') {
                filter = self.brackets(filter)?;
            } else if rest.starts_with(".[") {
                self.at += 1;
                filter = self.brackets(filter)?;
            } else if rest.starts_with('.') && !rest.starts_with("..") {
                self.at += 1;
                filter = self.field(filter)?;
            } else {
                return Ok(filter);
            }
        }
    }

    fn field(&mut self, of: Filter) -> Parsed {
        let key = match self.name() {
            Some(name) => Value(Json::Text(name.to_owned())),
            None if self.rest().starts_with('"') => self.text("@text")?,
            None => return Err(self.unexpected()),
        };
        Ok(Index(boxed(of), boxed(key)))
    }

    fn brackets(&mut self, of: Filter) -> Parsed {
        self.expect("[")?;
        if self.take("]") {
            return Ok(Each(boxed(of)));
        }
        if self.take(":") {
            let to = self.pipe()?;
            self.expect("]")?;
            return Ok(Slice(boxed(of), None, Some(boxed(to))));
        }
        let index = self.pipe()?;
        if self.take(":") {
            let to = if self.rest().starts_with(']') { None } else { Some(boxed(self.pipe()?)) };
            self.expect("]")?;
            return Ok(Slice(boxed(of), Some(boxed(index)), to));
        }
        self.expect("]")?;
        Ok(Index(boxed(of), boxed(index)))
    }

    fn term(&mut self) -> Parsed {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Err(self.unexpected()) };
        match first {
            '.' if rest.starts_with("..") => {
                self.at += 2;
                Ok(Recurse)
            }
            '.' => {
                self.at += 1;
                // A key follows at once; after a space another term would.
                let follows = self.text[self.at..].chars().next();
                match follows.is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || c == '"') {
                    true => self.field(Identity),
                    false => Ok(Identity),
                }
            }
            '"' => self.text("@text"),
            '@' => {
                let end =
                    rest[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |at| at + 1);
                let format = FORMATS.iter().find(|format| **format == &rest[..end]);
                let unknown = || Wrong::Syntax(format!("{} is not a valid format", &rest[1..end]));
                let format = *format.ok_or_else(unknown)?;
                self.at += end;
                if self.rest().starts_with('"') { self.text(format) } else { Ok(Format(format)) }
            }
            '(' => {
                self.at += 1;
                let inner = self.pipe()?;
                self.expect(")")?;
                Ok(Pipe(boxed(inner), boxed(Identity)))
            }
            '[' => {
                self.at += 1;
                if self.take("]") {
                    return Ok(List(None));
                }
                let inner = self.pipe()?;
                self.expect("]")?;
                Ok(List(Some(boxed(inner))))
            }
            '{' => self.object(),
            '$' => {
                self.at += 1;
                let name = self.name().ok_or_else(|| Wrong::Syntax("syntax error, unexpected '$'".into()))?;
                Ok(Variable(name.to_owned()))
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                self.at += end;
                rest[..end].parse().map(|number| Value(Json::Number(number))).map_err(|_| self.unexpected())
            }
            _ => self.called(),
        }
    }

    fn called(&mut self) -> Parsed {
        let name = self.word();
        if name.is_empty() || WORDS.contains(&name) {
            return Err(self.unexpected());
        }
        self.at += name.len();
        match name {
            "null" => Ok(Value(Json::Null)),
            "true" => Ok(Value(Json::Bool(true))),
            "false" => Ok(Value(Json::Bool(false))),
            "if" => self.condition(),
            "try" => {
                let tried = self.postfix()?;
                let caught = if self.take("catch") { Some(boxed(self.postfix()?)) } else { None };
                Ok(Try(boxed(tried), caught))
            }
            "def" | "reduce" | "foreach" | "label" | "import" | "include" => {
                Err(Wrong::NotSimulated(name.to_owned()))
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
                Ok(Call(name.to_owned(), arguments))
            }
        }
    }

    fn condition(&mut self) -> Parsed {
        let asked = self.pipe()?;
        self.expect("then")?;
        let then = self.pipe()?;
        let otherwise = if self.take("elif") {
            return Ok(If(boxed(asked), boxed(then), Some(boxed(self.condition()?))));
        } else if self.take("else") {
            Some(boxed(self.pipe()?))
        } else {
            None
        };
        self.expect("end")?;
        Ok(If(boxed(asked), boxed(then), otherwise))
    }

    fn object(&mut self) -> Parsed {
        self.expect("{")?;
        let mut pairs = Vec::new();
        while !self.take("}") {
            let rest = self.rest();
            let (key, own) = if rest.starts_with('"') {
                let key = self.text("@text")?;
                (key.clone(), Index(boxed(Identity), boxed(key)))
            } else if self.take("(") {
                let key = self.pipe()?;
                self.expect(")")?;
                (key.clone(), Index(boxed(Identity), boxed(key)))
            } else if self.take("$") {
                let name = self.name().ok_or_else(|| self.unexpected())?.to_owned();
                (Value(Json::Text(name.clone())), Variable(name))
            } else {
                let Some(name) = self.name() else { return Err(self.unexpected()) };
                let key = Value(Json::Text(name.to_owned()));
                (key.clone(), Index(boxed(Identity), boxed(key)))
            };
            let value = if self.take(":") { self.member()? } else { own };
            pairs.push((key, value));
            if !self.take(",") && !self.rest().starts_with('}') {
                return Err(self.unexpected());
            }
        }
        Ok(Object(pairs))
    }

    /// The value of a key: terms with pipes between them, up to the comma.
    fn member(&mut self) -> Parsed {
        let left = self.alternative()?;
        if self.take("|") {
            return Ok(Pipe(boxed(left), boxed(self.member()?)));
        }
        Ok(left)
    }

    fn text(&mut self, format: &'static str) -> Parsed {
        self.expect("\"")?;
        let mut parts = Vec::new();
        let mut begin = self.at;
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else {
                return Err(Wrong::Syntax("syntax error, unexpected $end".into()));
            };
            let end = if c == '"' || rest.starts_with("\\(") { Some(self.at) } else { None };
            let Some(end) = end else {
                self.at += if c == '\\' { 2 } else { c.len_utf8() };
                continue;
            };
            let quoted = format!("\"{}\"", &self.text[begin..end]);
            let Some(Ok(Json::Text(literal))) = Reader::new(&quoted).next() else {
                return Err(Wrong::Syntax(format!("Invalid escape (while parsing '{quoted}')")));
            };
            if c == '"' {
                self.at += 1;
                parts.push((literal, None));
                break;
            }
            self.at += 2;
            let inner = self.pipe()?;
            self.expect(")")?;
            parts.push((literal, Some(inner)));
            begin = self.at;
        }
        match &parts[..] {
            [(literal, None)] => Ok(Value(Json::Text(literal.clone()))),
            _ => Ok(Text(format, parts)),
        }
    }
}
