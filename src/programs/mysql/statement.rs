//! Where one statement of a text ends and the next begins.

/// The statements of a text.
pub fn statements(text: &str) -> Vec<String> {
    let mut rest = text.to_owned();
    let mut found = Vec::new();
    while let (Some(statement), after) = cut(&rest) {
        found.push(statement);
        rest = after;
    }
    if !rest.trim().is_empty() {
        found.push(rest.trim().to_owned());
    }
    found.retain(|statement| !statement.is_empty());
    found
}

/// The first whole statement of a text without its `;`, and what follows.
pub(super) fn cut(text: &str) -> (Option<String>, String) {
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), '\\') => drop(chars.next()),
            (Some(_), _) => {}
            (None, '#') => while chars.next_if(|(_, c)| *c != '\n').is_some() {},
            (None, '-') if text[at..].starts_with("-- ") || text[at..].starts_with("--\n") => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            (None, '/') if text[at..].starts_with("/*") => {
                let end = text[at..].find("*/").map_or(text.len(), |end| at + end + 2);
                while chars.next_if(|(at, _)| *at < end).is_some() {}
            }
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, ';') => {
                return (Some(text[..at].trim().to_owned()), text[at + 1..].trim_start().to_owned());
            }
            (None, '\\') => {
                if let Some((end, 'G' | 'g')) = chars.peek().copied() {
                    let statement = format!("{}{}", text[..at].trim(), &text[at..=end]);
                    return (
                        Some(statement),
                        text[end + 1..].trim_start().trim_start_matches(';').to_owned(),
                    );
                }
            }
            _ => {}
        }
    }
    (None, text.to_owned())
}
