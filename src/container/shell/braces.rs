//! Brace expansion, as bash does it before everything else: `{a,b}` and `{1..3}`.

use super::syntax::{Part, Word};

/// Adds what a word stands for to `words`.
pub(super) fn expand_braces(word: Word, words: &mut Vec<Word>) {
    let mut todo = vec![word];
    // Each word that still has braces is replaced by its choices, first one on top.
    while let Some(word) = todo.pop() {
        match choices(&word) {
            Some(choices) if todo.len() + words.len() < 10_000 => todo.extend(choices.into_iter().rev()),
            _ => words.push(word),
        }
    }
}

/// The words that the first pair of braces makes of a word.
fn choices(word: &Word) -> Option<Vec<Word>> {
    for (part_at, part) in word.parts.iter().enumerate() {
        let Part::Literal(text) = part else { continue };
        for (open, _) in text.match_indices('{') {
            if let Some(choices) = group(&word.parts, part_at, open) {
                return Some(choices);
            }
        }
    }
    None
}

/// The choices of the group that opens at a byte of a part; none where it is no group.
fn group(parts: &[Part], part_at: usize, open: usize) -> Option<Vec<Word>> {
    let Part::Literal(text) = &parts[part_at] else { return None };
    let before: Vec<Part> = parts[..part_at].iter().cloned().chain(literal(&text[..open])).collect();
    let mut options: Vec<Vec<Part>> = vec![Vec::new()];
    let mut depth = 0;
    let mut commas = 0;
    for (at, part) in parts.iter().enumerate().skip(part_at) {
        let Part::Literal(text) = part else {
            options.last_mut()?.push(part.clone());
            continue;
        };
        let mut start = if at == part_at { open + 1 } else { 0 };
        let first = start;
        for (byte, c) in text.char_indices().skip_while(|(byte, _)| *byte < first) {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' if depth == 0 => {
                    options.last_mut()?.extend(literal(&text[start..byte]));
                    options.push(Vec::new());
                    commas += 1;
                    start = byte + 1;
                }
                '}' => {
                    options.last_mut()?.extend(literal(&text[start..byte]));
                    if commas == 0 {
                        let [Part::Literal(inside)] = &options[0][..] else { return None };
                        options = range(inside)?.iter().map(|item| literal(item).collect()).collect();
                    }
                    let after: Vec<Part> =
                        literal(&text[byte + 1..]).chain(parts[at + 1..].iter().cloned()).collect();
                    let join = |option: Vec<Part>| {
                        let parts = before.iter().cloned().chain(option).chain(after.iter().cloned());
                        Word { parts: merge(parts) }
                    };
                    return Some(options.into_iter().map(join).collect());
                }
                _ => {}
            }
        }
        options.last_mut()?.extend(literal(&text[start.min(text.len())..]));
    }
    None
}

fn literal(text: &str) -> impl Iterator<Item = Part> + use<> {
    (!text.is_empty()).then(|| Part::Literal(text.into())).into_iter()
}

/// Joins neighbouring literals, so that a word of plain text is one part.
fn merge(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut merged: Vec<Part> = Vec::new();
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Part::Literal(last)), Part::Literal(text)) => *last = format!("{last}{text}").into(),
            (_, part) => merged.push(part),
        }
    }
    merged
}

/// `1..5`, `05..1`, `a..e`, with a step as a third number.
fn range(text: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = text.split("..").collect();
    let (from, to, step) = match parts[..] {
        [from, to] => (from, to, 1),
        [from, to, step] => (from, to, step.parse::<i64>().ok()?.saturating_abs().max(1)),
        _ => return None,
    };
    let span = |from: i64, to: i64| {
        let count = (from.abs_diff(to) / step.unsigned_abs()).min(9_999) as i64;
        (0..=count).map(move |n| if from <= to { from + n * step } else { from - n * step })
    };
    if let (Ok(a), Ok(b)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let padded = |text: &str| text.trim_start_matches('-').starts_with('0') && text.len() > 1;
        let width = if padded(from) || padded(to) { from.len().max(to.len()) } else { 0 };
        return Some(span(a, b).map(|n| format!("{n:0width$}")).collect());
    }
    let letter = |text: &str| match text.as_bytes() {
        [byte] if byte.is_ascii_alphabetic() => Some(i64::from(*byte)),
        _ => None,
    };
    let (a, b) = (letter(from)?, letter(to)?);
    Some(span(a, b).map(|n| char::from(n as u8).to_string()).collect())
}
