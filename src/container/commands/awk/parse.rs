//! From the text of a script to its rules.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A value that is computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expr {
    /// A number, as its text.
    Number(Arc<str>),
    Text(Arc<str>),
    /// `/…/` on its own: whether the record matches.
    Pattern(Arc<str>),
    Variable(Arc<str>),
    Element(Arc<str>, Vec<Expr>),
    Field(Box<Expr>),
    /// `(i, j) in a`
    In(Vec<Expr>, Arc<str>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    /// `+ - * / % ^ < <= == != > >= ~ !~ && || ` and `c` for putting texts together.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `=`, `+=` …: the operator without `=`.
    Assign(&'static str, Box<Expr>, Box<Expr>),
    /// `++` and `--`: what is added, and whether the old value counts.
    Step(i8, bool, Box<Expr>),
    Call(Arc<str>, Vec<Expr>),
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Value(Expr),
    /// `print` and, where the flag is set, `printf`; the file it goes to and whether it is added to.
    Print(bool, Vec<Expr>, Option<(bool, Expr)>),
    Block(Vec<Action>),
    If(Expr, Box<Action>, Option<Box<Action>>),
    While(Expr, Box<Action>),
    Do(Box<Action>, Expr),
    For(Box<Action>, Option<Expr>, Box<Action>, Box<Action>),
    Each(Arc<str>, Arc<str>, Box<Action>),
    Delete(Arc<str>, Vec<Expr>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
    Return(Option<Expr>),
}

/// When a rule applies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum When {
    Begin,
    End,
    Always,
    If(Expr),
    /// From one to the other.
    Range(Expr, Expr),
}

/// A function of the script: its parameters and what it does.
type Function = (Vec<Arc<str>>, Action);

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Script {
    /// A rule without an action prints the record.
    pub rules: Vec<(When, Option<Action>)>,
    pub functions: BTreeMap<Arc<str>, Function>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Arc<str>),
    Text(Arc<str>),
    Pattern(Arc<str>),
    Name(Arc<str>),
    /// A name with `(` right behind it.
    Call(Arc<str>),
    Mark(&'static str),
    Line,
    End,
}

const MARKS: &[&str] = &[
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", "!~", ">>",
    "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", "<", ">", "|", "?", ":",
    "~", "$", "=",
];

struct Parser<'t> {
    text: &'t str,
    at: usize,
    token: Token,
    /// What stands before decides whether `/` divides.
    after_value: bool,
    /// Not zero where `>` sends to a file: in `print` outside of parentheses.
    printing: u32,
    /// Not zero where `in` belongs to `for`.
    no_in: bool,
}

type Parsed<T> = Result<T, String>;

/// Reads a script.
pub(super) fn parse(text: &str) -> Parsed<Script> {
    let mut parser =
        Parser { text, at: 0, token: Token::Line, after_value: false, printing: 0, no_in: false };
    parser.next()?;
    parser.script()
}

fn unescape(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\x07',
        '0' => '\0',
        c => c,
    }
}

impl Parser<'_> {
    fn next(&mut self) -> Parsed<Token> {
        let token = self.scan()?;
        self.after_value = match &token {
            Token::Number(_) | Token::Text(_) | Token::Pattern(_) => true,
            Token::Name(name) => !matches!(&**name, "print" | "printf" | "return" | "in" | "else" | "do"),
            Token::Mark(mark) => matches!(*mark, ")" | "]" | "$" | "++" | "--"),
            _ => false,
        };
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn scan(&mut self) -> Parsed<Token> {
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else { return Ok(Token::End) };
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if rest.starts_with("\\\n") => self.at += 2,
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                '\n' => {
                    self.at += 1;
                    return Ok(Token::Line);
                }
                '"' => {
                    let mut out = String::new();
                    let mut chars = rest[1..].char_indices();
                    while let Some((at, c)) = chars.next() {
                        match c {
                            '"' => {
                                self.at += at + 2;
                                return Ok(Token::Text(out.into()));
                            }
                            '\n' => break,
                            '\\' => match chars.next() {
                                // What a regular expression made of text may need stays.
                                Some((
                                    _,
                                    c @ ('.' | '*' | '+' | '?' | '[' | ']' | '(' | ')' | '{' | '}' | '^'
                                    | '$' | '|'),
                                )) => {
                                    out.extend(['\\', c]);
                                }
                                Some((_, c)) => out.push(unescape(c)),
                                None => break,
                            },
                            c => out.push(c),
                        }
                    }
                    return Err("unterminated string".into());
                }
                '/' if !self.after_value => {
                    let mut out = String::new();
                    let mut escaped = false;
                    for (at, c) in rest[1..].char_indices() {
                        match c {
                            '/' if !escaped => {
                                self.at += at + 2;
                                return Ok(Token::Pattern(out.into()));
                            }
                            '\n' => break,
                            '/' => {
                                out.pop();
                                out.push('/');
                            }
                            c => out.push(c),
                        }
                        escaped = c == '\\' && !escaped;
                    }
                    return Err("unterminated regex".into());
                }
                c if c.is_ascii_digit()
                    || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) =>
                {
                    let mut end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                    let exponent = rest[end..].strip_prefix(['e', 'E']);
                    if let Some(digits) = exponent.map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest))
                        && digits.starts_with(|c: char| c.is_ascii_digit())
                    {
                        let more = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                        end = rest.len() - digits.len() + more;
                    }
                    self.at += end;
                    return Ok(Token::Number(rest[..end].into()));
                }
                c if c.is_ascii_alphabetic() || c == '_' => {
                    let end =
                        rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    self.at += end;
                    let name: Arc<str> = rest[..end].into();
                    return Ok(if rest[end..].starts_with('(') {
                        Token::Call(name)
                    } else {
                        Token::Name(name)
                    });
                }
                _ => {
                    let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) else {
                        return Err(format!("unexpected character '{c}'"));
                    };
                    self.at += mark.len();
                    return Ok(Token::Mark(match *mark {
                        "**" => "^",
                        "**=" => "^=",
                        mark => mark,
                    }));
                }
            }
        }
    }

    fn is(&self, mark: &str) -> bool {
        matches!(&self.token, Token::Mark(own) if *own == mark)
    }
    fn take(&mut self, mark: &str) -> Parsed<bool> {
        let found = self.is(mark);
        if found {
            self.next()?;
        }
        Ok(found)
    }
    fn need(&mut self, mark: &str) -> Parsed<()> {
        if self.take(mark)? { Ok(()) } else { self.unexpected() }
    }
    fn is_word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Name(own) | Token::Call(own) if &**own == word)
    }
    fn word(&mut self, word: &str) -> Parsed<bool> {
        let found = self.is_word(word);
        if found {
            self.next()?;
        }
        Ok(found)
    }
    fn unexpected<T>(&self) -> Parsed<T> {
        Err("unexpected token".into())
    }
    fn lines(&mut self) -> Parsed<()> {
        while self.token == Token::Line {
            self.next()?;
        }
        Ok(())
    }
    fn ends(&mut self) -> Parsed<()> {
        while self.token == Token::Line || self.is(";") {
            self.next()?;
        }
        Ok(())
    }
    fn name(&mut self) -> Parsed<Arc<str>> {
        match self.next()? {
            Token::Name(name) | Token::Call(name) => Ok(name),
            _ => self.unexpected(),
        }
    }

    fn script(&mut self) -> Parsed<Script> {
        let mut script = Script::default();
        loop {
            self.ends()?;
            if self.token == Token::End {
                return Ok(script);
            }
            if self.word("function")? {
                let name = self.name()?;
                self.need("(")?;
                let mut parameters = Vec::new();
                while !self.take(")")? {
                    parameters.push(self.name()?);
                    self.take(",")?;
                }
                self.lines()?;
                let body = self.block()?;
                script.functions.insert(name, (parameters, body));
                continue;
            }
            let when = if self.word("BEGIN")? {
                When::Begin
            } else if self.word("END")? {
                When::End
            } else if self.is("{") {
                When::Always
            } else {
                let first = self.expr()?;
                if self.take(",")? { When::Range(first, self.expr()?) } else { When::If(first) }
            };
            let action = if self.is("{") { Some(self.block()?) } else { None };
            if action.is_none() && matches!(when, When::Begin | When::End) {
                return self.unexpected();
            }
            script.rules.push((when, action));
        }
    }

    fn block(&mut self) -> Parsed<Action> {
        self.need("{")?;
        let mut actions = Vec::new();
        loop {
            self.ends()?;
            if self.take("}")? {
                return Ok(Action::Block(actions));
            }
            actions.push(self.action()?);
        }
    }

    /// What follows `if (…)` and the like.
    fn body(&mut self) -> Parsed<Box<Action>> {
        self.lines()?;
        if self.take(";")? {
            return Ok(Box::new(Action::Block(Vec::new())));
        }
        Ok(Box::new(self.action()?))
    }

    fn condition(&mut self) -> Parsed<Expr> {
        self.need("(")?;
        let condition = self.expr()?;
        self.need(")")?;
        Ok(condition)
    }

    fn action(&mut self) -> Parsed<Action> {
        if self.is("{") {
            return self.block();
        }
        if self.word("if")? {
            let condition = self.condition()?;
            let then = self.body()?;
            let (at, token, after_value) = (self.at, self.token.clone(), self.after_value);
            self.ends()?;
            if self.word("else")? {
                return Ok(Action::If(condition, then, Some(self.body()?)));
            }
            (self.at, self.token, self.after_value) = (at, token, after_value);
            return Ok(Action::If(condition, then, None));
        }
        if self.word("while")? {
            let condition = self.condition()?;
            return Ok(Action::While(condition, self.body()?));
        }
        if self.word("do")? {
            let body = self.body()?;
            self.ends()?;
            if !self.word("while")? {
                return self.unexpected();
            }
            return Ok(Action::Do(body, self.condition()?));
        }
        if self.word("for")? {
            return self.for_loop();
        }
        let action = self.simple()?;
        if !self.is("}") && self.token != Token::Line && self.token != Token::End {
            self.need(";")?;
        }
        Ok(action)
    }

    fn for_loop(&mut self) -> Parsed<Action> {
        self.need("(")?;
        self.no_in = true;
        let first = if self.is(";") { Action::Block(Vec::new()) } else { self.simple()? };
        self.no_in = false;
        if let Action::Value(Expr::Variable(name)) = &first
            && self.word("in")?
        {
            let array = self.name()?;
            self.need(")")?;
            return Ok(Action::Each(name.clone(), array, self.body()?));
        }
        self.need(";")?;
        let condition = if self.is(";") { None } else { Some(self.expr()?) };
        self.need(";")?;
        let then = if self.is(")") { Action::Block(Vec::new()) } else { self.simple()? };
        self.need(")")?;
        Ok(Action::For(Box::new(first), condition, Box::new(then), self.body()?))
    }

    fn ends_here(&self) -> bool {
        self.is(";") || self.is("}") || matches!(self.token, Token::Line | Token::End)
    }

    fn simple(&mut self) -> Parsed<Action> {
        for (word, formatted) in [("print", false), ("printf", true)] {
            if self.word(word)? {
                return self.print(formatted);
            }
        }
        let value = |parser: &mut Self| if parser.ends_here() { Ok(None) } else { parser.expr().map(Some) };
        if self.word("next")? {
            return Ok(Action::Next);
        }
        if self.word("exit")? {
            return Ok(Action::Exit(value(self)?));
        }
        if self.word("return")? {
            return Ok(Action::Return(value(self)?));
        }
        if self.word("break")? {
            return Ok(Action::Break);
        }
        if self.word("continue")? {
            return Ok(Action::Continue);
        }
        if self.word("delete")? {
            let name = self.name()?;
            let index = if self.take("[")? { self.list("]")? } else { Vec::new() };
            return Ok(Action::Delete(name, index));
        }
        if self.is_word("getline") {
            return Err("getline is not simulated by Saya".into());
        }
        Ok(Action::Value(self.expr()?))
    }

    fn print(&mut self, formatted: bool) -> Parsed<Action> {
        let mut values = Vec::new();
        self.printing = 1;
        if !self.ends_here() && !self.is(">") && !self.is(">>") && !self.is("|") {
            loop {
                // `print (a, b)` is a list in parentheses.
                match self.expr()? {
                    Expr::In(list, none) if none.is_empty() => values.extend(list),
                    value => values.push(value),
                }
                if !self.take(",")? {
                    break;
                }
                self.lines()?;
            }
        }
        self.printing = 0;
        if self.is("|") {
            return Err("print to a command is not simulated by Saya".into());
        }
        let mut to = None;
        for (mark, append) in [(">", false), (">>", true)] {
            if to.is_none() && self.take(mark)? {
                to = Some((append, self.concatenation()?));
            }
        }
        Ok(Action::Print(formatted, values, to))
    }

    fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
        let printing = std::mem::take(&mut self.printing);
        let no_in = std::mem::take(&mut self.no_in);
        let mut list = Vec::new();
        self.lines()?;
        while !self.is(end) {
            list.push(self.expr()?);
            self.lines()?;
            if !self.take(",")? {
                break;
            }
            self.lines()?;
        }
        self.printing = printing;
        self.no_in = no_in;
        self.need(end)?;
        Ok(list)
    }

    fn expr(&mut self) -> Parsed<Expr> {
        let left = self.choice()?;
        for (mark, operator) in
            [("=", ""), ("+=", "+"), ("-=", "-"), ("*=", "*"), ("/=", "/"), ("%=", "%"), ("^=", "^")]
        {
            if self.is(mark) {
                if !matches!(left, Expr::Variable(_) | Expr::Element(..) | Expr::Field(_)) {
                    return self.unexpected();
                }
                self.next()?;
                self.lines()?;
                return Ok(Expr::Assign(operator, Box::new(left), Box::new(self.expr()?)));
            }
        }
        Ok(left)
    }

    fn choice(&mut self) -> Parsed<Expr> {
        let condition = self.binary(0)?;
        if !self.take("?")? {
            return Ok(condition);
        }
        let yes = self.expr()?;
        self.need(":")?;
        Ok(Expr::Choice(Box::new(condition), Box::new(yes), Box::new(self.expr()?)))
    }

    /// `||`, `&&`, `in`, `~`, comparisons; then what is closer.
    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        const LEVELS: &[&[&str]] =
            &[&["||"], &["&&"], &["in"], &["~", "!~"], &["<", "<=", "==", "!=", ">", ">="]];
        let Some(operators) = LEVELS.get(level) else { return self.concatenation() };
        let mut left = self.binary(level + 1)?;
        loop {
            if level == 2 {
                if self.no_in || !self.word("in")? {
                    return Ok(left);
                }
                let name = self.name()?;
                let index = match left {
                    Expr::In(list, none) if none.is_empty() => list,
                    left => vec![left],
                };
                left = Expr::In(index, name);
                continue;
            }
            let found = operators.iter().find(|mark| self.is(mark) && !(self.printing > 0 && **mark == ">"));
            let Some(operator) = found else { return Ok(left) };
            self.next()?;
            self.lines()?;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.binary(level + 1)?));
        }
    }

    fn concatenation(&mut self) -> Parsed<Expr> {
        let mut left = self.sum(0)?;
        loop {
            let begins = match &self.token {
                Token::Number(_) | Token::Text(_) | Token::Pattern(_) | Token::Call(_) => true,
                Token::Name(name) => &**name != "in",
                Token::Mark(mark) => matches!(*mark, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
                _ => false,
            };
            if !begins {
                return Ok(left);
            }
            left = Expr::Binary("c", Box::new(left), Box::new(self.sum(0)?));
        }
    }

    fn sum(&mut self, level: usize) -> Parsed<Expr> {
        const LEVELS: &[&[&str]] = &[&["+", "-"], &["*", "/", "%"]];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.sum(level + 1)?;
        while let Some(operator) = operators.iter().find(|mark| self.is(mark)) {
            self.next()?;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.sum(level + 1)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        if self.take("!")? {
            return Ok(Expr::Not(Box::new(self.unary()?)));
        }
        if self.take("-")? {
            return Ok(Expr::Minus(Box::new(self.unary()?)));
        }
        if self.take("+")? {
            return Ok(Expr::Minus(Box::new(Expr::Minus(Box::new(self.unary()?)))));
        }
        let base = self.postfix()?;
        if self.take("^")? {
            return Ok(Expr::Binary("^", Box::new(base), Box::new(self.unary()?)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        for (mark, by) in [("++", 1), ("--", -1)] {
            if self.take(mark)? {
                return Ok(Expr::Step(by, false, Box::new(self.primary()?)));
            }
        }
        let value = self.primary()?;
        if matches!(value, Expr::Variable(_) | Expr::Element(..) | Expr::Field(_)) {
            for (mark, by) in [("++", 1), ("--", -1)] {
                if self.take(mark)? {
                    return Ok(Expr::Step(by, true, Box::new(value)));
                }
            }
        }
        Ok(value)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        if self.is("(") {
            self.next()?;
            let mut list = self.list(")")?;
            return match list.len() {
                0 => self.unexpected(),
                // Grouping keeps a comparison from being taken for something else.
                1 => Ok(list.remove(0)),
                _ => Ok(Expr::In(list, "".into())),
            };
        }
        if self.take("$")? {
            let field = if self.take("-")? {
                Expr::Minus(Box::new(self.primary()?))
            } else {
                self.postfix_of_field()?
            };
            return Ok(Expr::Field(Box::new(field)));
        }
        match self.next()? {
            Token::Number(text) => Ok(Expr::Number(text)),
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Pattern(text) => Ok(Expr::Pattern(text)),
            Token::Call(name) => {
                self.need("(")?;
                Ok(Expr::Call(name, self.list(")")?))
            }
            Token::Name(name) if &*name == "length" => Ok(Expr::Call(name, Vec::new())),
            Token::Name(name) => {
                if self.take("[")? {
                    return Ok(Expr::Element(name, self.list("]")?));
                }
                Ok(Expr::Variable(name))
            }
            _ => self.unexpected(),
        }
    }

    /// What follows `$`: `$i++` counts the field, `$++i` the variable.
    fn postfix_of_field(&mut self) -> Parsed<Expr> {
        for (mark, by) in [("++", 1), ("--", -1)] {
            if self.take(mark)? {
                return Ok(Expr::Step(by, false, Box::new(self.primary()?)));
            }
        }
        self.primary()
    }
}
