//! Label selectors as text: `app=web,tier in (a, b),!legacy`, read as apimachinery's `labels.Parse` reads them.

use std::collections::BTreeSet;

use crate::api::Selector;
use crate::api::labels::Requirement;
use crate::resources::formats;

/// Reads a label selector.
///
/// # Errors
/// apimachinery's words.
pub fn parse(text: &str) -> Result<Selector, String> {
    let mut parser = Parser { tokens: tokens(text), at: 0 };
    let mut all = Vec::new();
    loop {
        match parser.peek(true) {
            Token::Word(_) | Token::Symbol("!") => {
                let requirement = parser.requirement();
                all.push(requirement.map_err(|why| format!("unable to parse requirement: {why}"))?);
                match parser.next(true) {
                    Token::End => break,
                    Token::Symbol(",") => match parser.peek(true) {
                        Token::Word(_) | Token::Symbol("!") => {}
                        other => {
                            return Err(format!("found '{}', expected: identifier after ','", other.text()));
                        }
                    },
                    other => {
                        return Err(format!("found '{}', expected: ',' or 'end of string'", other.text()));
                    }
                }
            }
            Token::End => break,
            other => {
                return Err(format!("found '{}', expected: !, identifier, or 'end of string'", other.text()));
            }
        }
    }
    all.sort_by(|a: &Requirement, b| a.key().cmp(b.key()));
    Ok(Selector(all))
}

/// A piece of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A key or a value.
    Word(String),
    /// One of [`SYMBOLS`], `in` or `notin`.
    Symbol(&'static str),
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(text) => text,
            Token::Symbol(symbol) => symbol,
            Token::End => "",
        }
    }
}

/// Longer ones first.
const SYMBOLS: [&str; 9] = ["==", "!=", "=", "!", ">", "<", "(", ")", ","];

fn tokens(text: &str) -> Vec<Token> {
    let special = |c: char| "=!(),><".contains(c);
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let mut all = Vec::new();
    let mut rest = text.trim_start_matches(blank);
    while !rest.is_empty() {
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            all.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
        } else {
            let end = rest.find(|c| special(c) || blank(c)).unwrap_or(rest.len());
            all.push(match &rest[..end] {
                "in" => Token::Symbol("in"),
                "notin" => Token::Symbol("notin"),
                word => Token::Word(word.into()),
            });
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches(blank);
    }
    all
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    /// The next token; where `words` are looked for, `in` and `notin` are such.
    fn peek(&self, words: bool) -> Token {
        match self.tokens.get(self.at) {
            Some(Token::Symbol(word @ ("in" | "notin"))) if words => Token::Word((*word).into()),
            Some(token) => token.clone(),
            None => Token::End,
        }
    }

    fn next(&mut self, words: bool) -> Token {
        let token = self.peek(words);
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut first = self.next(true);
        let absent = first == Token::Symbol("!");
        if absent {
            first = self.next(true);
        }
        let Token::Word(key) = first else {
            return Err(format!("found '{}', expected: identifier", first.text()));
        };
        let problems = formats::qualified_name(&key);
        if !problems.is_empty() {
            return Err(format!("<nil>: Invalid value: \"{key}\": {}", problems.join("; ")));
        }
        if absent {
            return Ok(Requirement::DoesNotExist(key));
        }
        if matches!(self.peek(true), Token::End | Token::Symbol(",")) {
            return Ok(Requirement::Exists(key));
        }
        let operator = self.next(false);
        let values = match &operator {
            Token::Symbol("in" | "notin") => self.values()?,
            Token::Symbol("=" | "==" | "!=" | ">" | "<") => BTreeSet::from([self.value()?]),
            other => {
                return Err(format!("found '{}', expected: in, notin, =, ==, !=, gt, lt", other.text()));
            }
        };
        let values: Vec<String> = values.into_iter().collect();
        let number = values.first().and_then(|value| value.parse::<i64>().ok());
        if matches!(operator.text(), ">" | "<") && number.is_none() {
            return Err(format!(
                "values[0]: Invalid value: \"{}\": for 'Gt', 'Lt' operators, the value must be an integer",
                values[0]
            ));
        }
        check(&key, &values)?;
        Ok(match (operator.text(), number) {
            (">", Some(number)) => Requirement::Gt(key, number),
            ("<", Some(number)) => Requirement::Lt(key, number),
            ("notin" | "!=", _) => Requirement::NotIn(key, values),
            _ => Requirement::In(key, values),
        })
    }

    /// The value behind `=`; nothing is the empty one.
    fn value(&mut self) -> Result<String, String> {
        match self.peek(true) {
            Token::End | Token::Symbol(",") => Ok(String::new()),
            Token::Word(word) => {
                self.at += 1;
                Ok(word)
            }
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    /// `(a, b)`.
    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        match self.next(true) {
            Token::Symbol("(") => {}
            other => return Err(format!("found '{}' expected: '('", other.text())),
        }
        match self.peek(true) {
            Token::Word(_) | Token::Symbol(",") => {}
            Token::Symbol(")") => {
                self.at += 1;
                return Ok(BTreeSet::from([String::new()]));
            }
            other => return Err(format!("found '{}', expected: ',', ')' or identifier", other.text())),
        }
        let mut values = BTreeSet::new();
        loop {
            match self.next(true) {
                Token::Word(word) => {
                    values.insert(word);
                    match self.peek(true) {
                        Token::Symbol(",") => {}
                        Token::Symbol(")") => break,
                        other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
                    }
                }
                Token::Symbol(",") => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    match self.peek(true) {
                        Token::Symbol(")") => {
                            values.insert(String::new());
                            break;
                        }
                        Token::Symbol(",") => {
                            self.at += 1;
                            values.insert(String::new());
                        }
                        _ => {}
                    }
                }
                other => return Err(format!("found '{}', expected: ',', or identifier", other.text())),
            }
        }
        self.at += 1;
        Ok(values)
    }
}

/// Refuses what cannot be the value of a label.
fn check(key: &str, values: &[String]) -> Result<(), String> {
    let mut problems = Vec::new();
    for (at, value) in values.iter().enumerate() {
        let found = formats::label_value(value);
        if !found.is_empty() {
            problems.push(format!("values[{at}][{key}]: Invalid value: \"{value}\": {}", found.join("; ")));
        }
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err(problems.remove(0)),
        _ => Err(format!("[{}]", problems.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn selectors_select() {
        let labels = value!({"app": "web", "tier": "front", "size": "7"});
        for (text, holds) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier!=back", true),
            ("app in (db, web)", true),
            ("tier notin (front)", false),
            ("!app", false),
            ("missing!=x,app", true),
            ("size>6,size<8", true),
            ("size>7", false),
            ("app>1", false),
            ("app in ()", false),
            ("missing=", false),
        ] {
            assert_eq!(parse(text).unwrap().matches(&labels), holds, "{text}");
        }
        assert_eq!(parse("b=1,a in (x, y)").unwrap().to_string(), "a in (x,y),b=1");
        assert_eq!(parse("in in (in,,b)").unwrap().to_string(), "in in (,b,in)");
    }

    #[test]
    fn what_is_no_selector_is_refused_in_apimachinerys_words() {
        for (text, why) in [
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("=x", "found '=', expected: !, identifier, or 'end of string'"),
            ("a in x", "unable to parse requirement: found 'x' expected: '('"),
            ("a in (x", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
            ("a,,b", "found ',', expected: identifier after ','"),
            ("a=b,", "found '', expected: identifier after ','"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("!a=b", "found '=', expected: ',' or 'end of string'"),
            ("a>=1", "unable to parse requirement: found '=', expected: identifier"),
            (
                "/x=y",
                "unable to parse requirement: <nil>: Invalid value: \"/x\": prefix part must be non-empty",
            ),
        ] {
            assert_eq!(parse(text), Err(why.to_string()), "{text}");
        }
    }
}
