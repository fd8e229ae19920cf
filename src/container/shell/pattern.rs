//! Patterns of the shell: `*`, `?`, `[…]`, and a backslash before what stands for itself.

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Element {
    Any,
    One,
    Char(char),
    Class { negated: bool, items: Vec<Item> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Range(char, char),
    Named(String),
}

/// A pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Element>);

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut elements = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            at += 1;
            elements.push(match c {
                '*' => Element::Any,
                '?' => Element::One,
                '\\' if at < chars.len() => {
                    at += 1;
                    Element::Char(chars[at - 1])
                }
                '[' => match class(&chars, at) {
                    Some((element, end)) => {
                        at = end;
                        element
                    }
                    None => Element::Char('['),
                },
                c => Element::Char(c),
            });
        }
        Self(elements)
    }

    /// True where anything but text itself is in the pattern.
    pub fn is_pattern(text: &str) -> bool {
        Pattern::new(text).0.iter().any(|element| !matches!(element, Element::Char(_)))
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.matches_chars(&text)
    }

    /// Whether all these characters match.
    pub fn matches_chars(&self, text: &[char]) -> bool {
        let (mut p, mut t) = (0, 0);
        // Where the last `*` was, and how far it reaches now.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match self.0.get(p) {
                Some(Element::Any) => {
                    star = Some((p, t));
                    p += 1;
                    continue;
                }
                Some(element) if element.is(text[t]) => {
                    p += 1;
                    t += 1;
                    continue;
                }
                _ => {}
            }
            let Some((at, reach)) = star else { return false };
            star = Some((at, reach + 1));
            (p, t) = (at + 1, reach + 1);
        }
        self.0[p..].iter().all(|element| *element == Element::Any)
    }
}

impl Element {
    fn is(&self, c: char) -> bool {
        match self {
            Element::Any => false,
            Element::One => true,
            Element::Char(own) => *own == c,
            Element::Class { negated, items } => items.iter().any(|item| item.is(c)) != *negated,
        }
    }
}

impl Item {
    fn is(&self, c: char) -> bool {
        match self {
            Item::Range(from, to) => (*from..=*to).contains(&c),
            Item::Named(name) => in_class(name, c),
        }
    }
}

/// Whether a character is in a class such as `[:digit:]`.
pub fn in_class(name: &str, c: char) -> bool {
    match name {
        "alnum" => c.is_alphanumeric(),
        "alpha" => c.is_alphabetic(),
        "blank" => c == ' ' || c == '\t',
        "cntrl" => c.is_control(),
        "digit" => c.is_ascii_digit(),
        "graph" => !c.is_control() && !c.is_whitespace(),
        "lower" => c.is_lowercase(),
        "print" => !c.is_control(),
        "punct" => c.is_ascii_punctuation(),
        "space" => c.is_whitespace(),
        "upper" => c.is_uppercase(),
        "xdigit" => c.is_ascii_hexdigit(),
        _ => false,
    }
}

/// The class after `[` and the place after its `]`.
fn class(chars: &[char], mut at: usize) -> Option<(Element, usize)> {
    let negated = matches!(chars.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let mut items = Vec::new();
    let first = at;
    loop {
        let c = *chars.get(at)?;
        at += 1;
        match c {
            ']' if at > first + 1 => return Some((Element::Class { negated, items }, at)),
            '[' if chars.get(at) == Some(&':') => {
                let length = chars[at + 1..].windows(2).position(|pair| pair == [':', ']'])?;
                items.push(Item::Named(chars[at + 1..at + 1 + length].iter().collect()));
                at += length + 3;
            }
            c => {
                let from = if c == '\\' {
                    at += 1;
                    *chars.get(at - 1)?
                } else {
                    c
                };
                let mut to = from;
                if chars.get(at) == Some(&'-') && chars.get(at + 1).is_some_and(|c| *c != ']') {
                    to = chars[at + 1];
                    at += 2;
                    if to == '\\' {
                        to = *chars.get(at)?;
                        at += 1;
                    }
                }
                items.push(Item::Range(from, to));
            }
        }
    }
}

/// The text as a pattern that matches nothing else.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "*?[]\\!^-".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The pattern's text with its backslashes taken away.
pub fn unescape(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("*.yaml", "a.yaml", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[[:digit:]]*", "7up", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("[", "[", true),
            ("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }
}
