//! JSON whose fields stand in the order in which a program names them.

use crate::base::{Value, json};

/// A piece of such JSON.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Plain(Value),
    List(Vec<Json>),
    Fields(Vec<(String, Json)>),
}

impl<T: Into<Value>> From<T> for Json {
    fn from(value: T) -> Self {
        Self::Plain(value.into())
    }
}

/// An object of these fields.
pub(super) fn fields<'a>(pairs: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::Fields(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

impl Json {
    /// On one line, or each field and item on a line of its own, `indent` spaces deeper than what it is in.
    pub(super) fn text(&self, indent: Option<usize>) -> String {
        self.at(indent, 0)
    }

    fn at(&self, indent: Option<usize>, depth: usize) -> String {
        let line =
            |depth: usize| indent.map_or(String::new(), |indent| format!("\n{}", " ".repeat(indent * depth)));
        let inside = |parts: Vec<String>, open: char, close: char| match parts.is_empty() {
            true => format!("{open}{close}"),
            false => {
                let separator = format!(",{}", line(depth + 1));
                format!("{open}{}{}{}{close}", line(depth + 1), parts.join(&separator), line(depth))
            }
        };
        match self {
            Self::Plain(value) => match indent {
                // No text holds a line's end as it is.
                Some(indent) => json::to_string_pretty(value, indent).replace('\n', &line(depth)),
                None => json::to_string(value),
            },
            Self::List(items) => {
                inside(items.iter().map(|item| item.at(indent, depth + 1)).collect(), '[', ']')
            }
            Self::Fields(fields) => {
                let colon = if indent.is_some() { ": " } else { ":" };
                let written = fields.iter().map(|(name, value)| {
                    format!(
                        "{}{colon}{}",
                        json::to_string(&name.as_str().into()),
                        value.at(indent, depth + 1)
                    )
                });
                inside(written.collect(), '{', '}')
            }
        }
    }
}

/// JSON as Python and JavaScript write it: what Go keeps out of HTML stands as it is.
pub(super) fn not_for_html(text: &str) -> String {
    const ESCAPED: [(&str, char); 5] =
        [("u0026", '&'), ("u003c", '<'), ("u003e", '>'), ("u2028", '\u{2028}'), ("u2029", '\u{2029}')];
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        out.push_str(before);
        if let Some((code, letter)) = ESCAPED.iter().find(|(code, _)| after.starts_with(code)) {
            out.push(*letter);
            rest = &after[code.len()..];
        } else {
            // A backslash keeps what follows it.
            let end = after.chars().next().map_or(0, char::len_utf8);
            out.push('\\');
            out.push_str(&after[..end]);
            rest = &after[end..];
        }
    }
    out + rest
}
