//! The words of a statement.

use std::sync::Arc;

/// A word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword or a name.
    Word(Arc<str>),
    /// A name in backquotes.
    Name(Arc<str>),
    Text(Arc<str>),
    Number(Arc<str>),
    Mark(&'static str),
}

const MARKS: &[&str] = &[
    "<=>", "<=", ">=", "<>", "!=", "@@", "||", "&&", "::", "(", ")", ",", ";", "=", "<", ">", "+", "-", "*",
    "/", "%", ".", "@", "!", ":", "\\",
];

/// The tokens of a statement, each with where it begins; where it cannot go on, the place. `"` encloses names where
/// `names` says so (PostgreSQL), else texts.
pub(super) fn tokens(text: &str, names: bool) -> Result<Vec<(Token, usize)>, usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let start = at;
        let token = match c {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '#' if !names => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '-' if rest.starts_with("--") => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '/' if rest.starts_with("/*") => {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            '\'' | '"' | '`' => {
                let mut out = String::new();
                let mut chars = rest.char_indices().skip(1).peekable();
                let end = loop {
                    match chars.next() {
                        None => return Err(start),
                        Some((at, own)) if own == c => {
                            if chars.peek().is_some_and(|(_, next)| *next == c) {
                                out.push(c);
                                chars.next();
                                continue;
                            }
                            break at;
                        }
                        Some((_, '\\')) if c != '`' && !names => match chars.next() {
                            Some((_, 'n')) => out.push('\n'),
                            Some((_, 't')) => out.push('\t'),
                            Some((_, '0')) => out.push('\0'),
                            Some((_, other)) => out.push(other),
                            None => return Err(start),
                        },
                        Some((_, other)) => out.push(other),
                    }
                };
                at += end + 1;
                if c == '`' || c == '"' && names { Token::Name(out.into()) } else { Token::Text(out.into()) }
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                at += end;
                Token::Number(rest[..end].into())
            }
            c if c.is_alphabetic() || c == '_' || c == '$' => {
                let end =
                    rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(rest.len());
                at += end;
                Token::Word(rest[..end].into())
            }
            _ => {
                let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) else {
                    return Err(start);
                };
                at += mark.len();
                Token::Mark(mark)
            }
        };
        found.push((token, start));
    }
    Ok(found)
}
