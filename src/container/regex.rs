//! POSIX regular expressions, basic and extended, by translation to the `regex-lite` crate's syntax.
//!
//! What differs: the first alternative that matches wins, not the longest, and there are no back-references in
//! patterns.

/// A compiled expression. Not kept in a program's state: it is made again from its text.
#[derive(Clone, Debug)]
pub struct Regex(regex_lite::Regex);

impl Regex {
    /// A basic expression, as `grep` and `sed` read it.
    ///
    /// # Errors
    /// What is wrong, in the words of glibc.
    pub fn basic(text: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(&translate(text, false)?, ignore_case)
    }

    /// An extended expression, as `grep -E` and `[[ =~ ]]` read it.
    ///
    /// # Errors
    /// What is wrong, in the words of glibc.
    pub fn extended(text: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(&translate(text, true)?, ignore_case)
    }

    /// An expression as PCRE reads it, which nginx does; look-around and back-references are not there.
    ///
    /// # Errors
    /// What is wrong, in a few words.
    pub fn perl(text: &str, ignore_case: bool) -> Result<Self, String> {
        Self::compile(text, ignore_case)
    }

    /// Plain text.
    pub fn fixed(text: &str, ignore_case: bool) -> Self {
        let pattern = regex_lite::escape(text);
        Self::compile(&pattern, ignore_case).unwrap_or_else(|_| Self(never()))
    }

    fn compile(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        regex_lite::RegexBuilder::new(pattern)
            .case_insensitive(ignore_case)
            .size_limit(1 << 20)
            .build()
            .map(Self)
            .map_err(|_| "Invalid regular expression".to_owned())
    }

    /// Text as an extended expression that matches it alone.
    pub fn escape(text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            if "\\^$.[]|()*+?{}".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
        out
    }

    /// Whether it matches somewhere.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Where it first matches from a byte on.
    pub fn find_at(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        self.0.find_at(text, from).map(|found| (found.start(), found.end()))
    }

    /// The first match and its groups.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        let found = self.0.captures(text)?;
        Some((0..found.len()).map(|group| found.get(group).map(|m| m.as_str())).collect())
    }

    /// Where the first match from a byte on and its groups are.
    pub fn captures_at(&self, text: &str, from: usize) -> Option<Vec<Option<(usize, usize)>>> {
        let found = self.0.captures_at(text, from)?;
        Some((0..found.len()).map(|group| found.get(group).map(|m| (m.start(), m.end()))).collect())
    }
}

fn never() -> regex_lite::Regex {
    regex_lite::Regex::new("[^\\s\\S]").expect("a plain class")
}

/// The same expression in the crate's syntax.
fn translate(text: &str, extended: bool) -> Result<String, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let mut open = 0;
    // True where nothing stands before that could be repeated.
    let mut start = true;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        let escaped = c == '\\';
        let c = if escaped {
            let Some(c) = chars.get(at) else { return Err("Trailing backslash".to_owned()) };
            at += 1;
            *c
        } else {
            c
        };
        let was_start = std::mem::replace(&mut start, false);
        match c {
            '(' if escaped != extended => {
                open += 1;
                start = true;
                out.push('(');
            }
            ')' if escaped != extended && (open > 0 || !extended) => {
                if open == 0 {
                    return Err("Unmatched ) or \\)".to_owned());
                }
                open -= 1;
                out.push(')');
            }
            '|' if escaped != extended => {
                start = true;
                out.push('|');
            }
            '{' if escaped != extended && !was_start => {
                let close = if extended { "}" } else { "\\}" };
                let rest: String = chars[at..].iter().collect();
                match rest.find(close).map(|end| (&rest[..end], end)) {
                    Some((count, end)) if is_count(count) => {
                        out.push_str(&format!(
                            "{{{}}}",
                            if count.starts_with(',') { format!("0{count}") } else { count.to_owned() }
                        ));
                        at += end + close.len();
                    }
                    _ if extended => out.push_str("\\{"),
                    Some(_) => return Err("Invalid content of \\{\\}".to_owned()),
                    None => return Err("Unmatched \\{".to_owned()),
                }
            }
            '+' | '?' if escaped != extended && !was_start => out.push(c),
            '*' if !escaped && !was_start => {
                // A repeated repetition is one.
                if !out.ends_with('*') {
                    out.push('*');
                }
            }
            '^' if !escaped && (extended || was_start) => {
                start = true;
                out.push('^');
            }
            '$' if !escaped && (extended || ends_here(&chars, at)) => out.push('$'),
            '.' if !escaped => out.push('.'),
            '[' if !escaped => {
                let (class, end) = bracket(&chars, at)?;
                out.push_str(&class);
                at = end;
            }
            '<' if escaped => out.push_str("\\b{start}"),
            '>' if escaped => out.push_str("\\b{end}"),
            'b' | 'B' | 'w' | 'W' | 's' | 'S' if escaped => {
                out.push('\\');
                out.push(c);
            }
            '1'..='9' if escaped => return Err("Invalid back reference".to_owned()),
            'n' if escaped => out.push_str("\\n"),
            't' if escaped => out.push_str("\\t"),
            c => out.push_str(&regex_lite::escape(&c.to_string())),
        }
    }
    if open > 0 {
        return Err("Unmatched ( or \\(".to_owned());
    }
    Ok(out)
}

fn is_count(text: &str) -> bool {
    let (low, high) = text.split_once(',').unwrap_or((text, ""));
    let number = |text: &str| text.chars().all(|c| c.is_ascii_digit()) && text.len() < 4;
    number(low) && number(high) && !text.is_empty() && text != ","
}

/// In a basic expression `$` ends only a whole expression or group.
fn ends_here(chars: &[char], at: usize) -> bool {
    matches!(chars[at..], [] | ['\\', ')' | '|', ..])
}

/// A bracket expression after its `[`, and the place after its `]`.
fn bracket(chars: &[char], mut at: usize) -> Result<(String, usize), String> {
    let mut out = String::from("[");
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(c) = chars.get(at) else { return Err("Unmatched [, [^, [:, [., or [=".to_owned()) };
        match c {
            ']' if at > first => {
                out.push(']');
                return Ok((out, at + 1));
            }
            '[' if chars.get(at + 1) == Some(&':') => {
                let rest: String = chars[at..].iter().collect();
                let Some(end) = rest.find(":]") else {
                    return Err("Unmatched [, [^, [:, [., or [=".to_owned());
                };
                let class = &rest[..end + 2];
                let known = [
                    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
                    "upper", "xdigit",
                ];
                if !known.contains(&&class[2..class.len() - 2]) {
                    return Err("Invalid character class name".to_owned());
                }
                out.push_str(class);
                at += class.chars().count();
                continue;
            }
            '-' => {
                let range = at > first && chars.get(at + 1).is_some_and(|c| *c != ']');
                out.push_str(if range { "-" } else { "\\-" });
            }
            c if c.is_alphanumeric() || *c == '_' => out.push(*c),
            c => out.push_str(&class_char(*c)),
        }
        at += 1;
    }
}

fn class_char(c: char) -> String {
    if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_and_extended() {
        for (pattern, extended, text, expected) in [
            ("a.c", false, "xabcx", true),
            ("^a\\(b\\|c\\)*$", false, "abcb", true),
            ("a+", false, "a+", true),
            ("a+", false, "aa", false),
            ("a\\+b", false, "aaab", true),
            ("a+b", true, "aaab", true),
            ("a{2}", true, "caat", true),
            ("a{", true, "a{", true),
            ("a\\{2\\}", false, "caat", true),
            ("[[:digit:]]\\{3\\}", false, "x123", true),
            ("[]x]", false, "]", true),
            ("[^a-c]", false, "abc", false),
            ("*a", false, "*a", true),
            ("\\<in\\>", false, "is in it", true),
            ("\\<in\\>", false, "inner", false),
            ("a$b", false, "a$b", true),
            ("(foo|bar)baz", true, "barbaz", true),
            ("[.]", true, "a.b", true),
            ("^[0-9]+\\.[0-9]+$", true, "1.25", true),
            ("a\\.b", false, "axb", false),
        ] {
            let regex = if extended { Regex::extended(pattern, false) } else { Regex::basic(pattern, false) };
            assert_eq!(regex.map(|regex| regex.is_match(text)), Ok(expected), "{pattern} {text}");
        }
        assert!(Regex::extended("(", false).is_err());
        assert!(Regex::basic("[a", false).is_err());
    }
}
