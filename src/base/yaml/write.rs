//! Values as `kubectl -o yaml` prints them: go-yaml v2's block style, folded at 80 characters.

use std::fmt::Write;

use super::go_syntax;
use super::scalar::{Scalar, is_base_60};
use crate::base::{Map, Value, json};

/// Where text is folded at the next space.
const WIDTH: usize = 80;
const STEP: usize = 2;
/// A longer key is written after a `? `, in bytes.
const LONGEST_KEY: usize = 128;

/// A value as a document, with a newline at the end.
pub fn to_string(value: &Value) -> String {
    let mut out = Writer { text: String::new(), column: 0 };
    match value {
        Value::Map(map) if !map.is_empty() => out.map(map, 0, true),
        Value::List(items) if !items.is_empty() => out.list(items, 0, true),
        _ => out.scalar(value, STEP, false),
    }
    if out.column > 0 {
        out.put("\n");
    }
    out.text
}

struct Writer {
    text: String,
    /// Characters since the last line break.
    column: usize,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        match text.rfind(['\n', '\u{2028}', '\u{2029}']) {
            Some(at) => self.column = text[at..].chars().count() - 1,
            None => self.column += text.chars().count(),
        }
    }

    fn put_char(&mut self, c: char) {
        self.text.push(c);
        self.column = if is_break(c) { 0 } else { self.column + 1 };
    }

    /// Begins a line, unless one has begun with nothing on it.
    fn line(&mut self, indent: usize) {
        if self.column > 0 {
            self.put("\n");
        }
        self.pad(indent);
    }

    fn pad(&mut self, column: usize) {
        while self.column < column {
            self.put(" ");
        }
    }

    /// `here`: the first entry goes on where the writer stands.
    fn map(&mut self, map: &Map, indent: usize, here: bool) {
        let mut entries: Vec<(&str, &Value)> = map.iter().collect();
        sort(&mut entries);
        for (at, (key, value)) in entries.into_iter().enumerate() {
            if here && at == 0 {
                self.pad(indent);
            } else {
                self.line(indent);
            }
            let simple = key.len() <= LONGEST_KEY && !key.contains(is_break);
            if simple {
                self.text(key, indent + STEP, true);
                self.put(":");
            } else {
                self.put("? ");
                self.text(key, indent + STEP, false);
                self.line(indent);
                self.put(":");
            }
            match value {
                Value::Map(map) if !map.is_empty() => self.map(map, indent + STEP, !simple),
                // A list stands under its key without indentation.
                Value::List(items) if !items.is_empty() && simple => self.list(items, indent, false),
                Value::List(items) if !items.is_empty() => self.list(items, indent + STEP, true),
                _ => {
                    self.put(" ");
                    self.scalar(value, indent + STEP, false);
                }
            }
        }
    }

    fn list(&mut self, items: &[Value], indent: usize, here: bool) {
        for (at, item) in items.iter().enumerate() {
            if here && at == 0 {
                self.pad(indent);
            } else {
                self.line(indent);
            }
            self.put("-");
            match item {
                Value::Map(map) if !map.is_empty() => self.map(map, indent + STEP, true),
                Value::List(items) if !items.is_empty() => self.list(items, indent + STEP, true),
                _ => {
                    self.put(" ");
                    self.scalar(item, indent + STEP, false);
                }
            }
        }
    }

    /// Anything on one line, or text. `indent` is that of the lines after the first.
    fn scalar(&mut self, value: &Value, indent: usize, key: bool) {
        match value {
            Value::Null => self.put("null"),
            Value::Bool(b) => self.put(if *b { "true" } else { "false" }),
            Value::Int(number) => self.put(&number.to_string()),
            Value::Float(number) => {
                // It goes through JSON, where a number without a fraction is a whole one.
                let number = json::float(number.0);
                match Scalar::plain(&number) {
                    Scalar::Float(number) => self.put(&go_syntax::float(number)),
                    Scalar::Int(number) => self.put(&number.to_string()),
                    _ => self.put(&number),
                }
            }
            Value::Str(text) => self.text(text, indent, key),
            Value::List(_) => self.put("[]"),
            Value::Map(_) => self.put("{}"),
        }
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        let traits = Traits::of(text);
        // Without quotes, `<<` would merge what follows (go-yaml, `resolve`).
        let resembles = !matches!(Scalar::plain(text), Scalar::Str(_)) || is_base_60(text) || text == "<<";
        if text.contains('\n') && !key && traits.block_allowed {
            self.literal(text, indent);
        } else if text.contains('\n')
            || resembles
            || !traits.single_quoted_allowed
            || (key && traits.multiline)
        {
            self.double_quoted(text, indent, key);
        } else if traits.plain_allowed {
            self.plain(text, indent, key);
        } else {
            self.single_quoted(text, indent, key);
        }
    }

    /// Breaks the line at a single space beyond the width. True where it did.
    fn fold(&mut self, next: Option<char>, indent: usize, key: bool, after_space: bool) -> bool {
        let fold = !key && !after_space && self.column > WIDTH && next != Some(' ');
        if fold {
            self.line(indent);
        }
        fold
    }

    fn plain(&mut self, text: &str, indent: usize, key: bool) {
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c != ' ' || !self.fold(chars.peek().copied(), indent, key, after_space) {
                self.put_char(c);
            }
            after_space = c == ' ';
        }
    }

    fn single_quoted(&mut self, text: &str, indent: usize, key: bool) {
        self.put("'");
        let (mut after_space, mut after_break) = (false, false);
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if is_break(c) {
                self.put_char(c);
                after_break = true;
                continue;
            }
            if c == ' ' {
                let inside = at > 0 && next.is_some();
                if !inside || !self.fold(next, indent, key, after_space) {
                    self.put_char(c);
                }
                after_space = true;
                continue;
            }
            if after_break {
                self.line(indent);
            }
            if c == '\'' {
                self.put("'");
            }
            self.put_char(c);
            (after_space, after_break) = (false, false);
        }
        self.put("'");
    }

    fn double_quoted(&mut self, text: &str, indent: usize, key: bool) {
        self.put("\"");
        let mut after_space = false;
        // go-yaml asks the first character each time whether this one is a byte order mark.
        let bom = text.starts_with('\u{FEFF}');
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if bom || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                self.escape(c);
                after_space = false;
                continue;
            }
            let next = chars.peek().map(|(_, c)| *c);
            if c == ' ' && !key && !after_space && self.column > WIDTH && at > 0 && next.is_some() {
                self.line(indent);
                if next == Some(' ') {
                    self.put("\\");
                }
            } else {
                self.put_char(c);
            }
            after_space = c == ' ';
        }
        self.put("\"");
    }

    fn escape(&mut self, c: char) {
        let letter = match c {
            '\0' => "0",
            '\x07' => "a",
            '\x08' => "b",
            '\t' => "t",
            '\n' => "n",
            '\x0B' => "v",
            '\x0C' => "f",
            '\r' => "r",
            '\x1B' => "e",
            '"' => "\"",
            '\\' => "\\",
            '\u{85}' => "N",
            '\u{A0}' => "_",
            '\u{2028}' => "L",
            '\u{2029}' => "P",
            _ => {
                let mut code = String::new();
                let _ = match c as u32 {
                    c @ 0..=0xFF => write!(code, "\\x{c:02X}"),
                    c @ 0x100..=0xFFFF => write!(code, "\\u{c:04X}"),
                    c => write!(code, "\\U{c:08X}"),
                };
                return self.put(&code);
            }
        };
        self.put("\\");
        self.put(letter);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put("|");
        if text.starts_with(' ') || text.starts_with(is_break) {
            self.put("2");
        }
        let mut last = text.chars().rev().map(is_break);
        match (last.next(), last.next()) {
            (Some(true), None | Some(true)) => self.put("+"),
            (Some(true), _) => {}
            _ => self.put("-"),
        }
        self.put("\n");
        for line in text.split_inclusive(is_break) {
            if !line.starts_with(is_break) {
                self.pad(indent);
            }
            self.put(line);
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What may stand in a text as it is. libyaml's successor knows no characters beyond the first 65536.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{FFFD}') && c != '\u{FEFF}'
}

/// In which ways a text can be written.
struct Traits {
    multiline: bool,
    plain_allowed: bool,
    single_quoted_allowed: bool,
    block_allowed: bool,
}

impl Traits {
    fn of(text: &str) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut breaks, mut special, mut break_space, mut space_break) = (false, false, false, false);
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next_blank = chars.peek().is_none_or(|c| matches!(c, ' ' | '\t'));
            indicators |= match (before, c) {
                (
                    None,
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
                    | '`',
                ) => true,
                (None, '?' | '-') | (_, ':') => next_blank,
                (Some(before), '#') => matches!(before, ' ' | '\t') || is_break(before),
                _ => false,
            };
            special |= !is_printable(c);
            breaks |= is_break(c);
            break_space |= c == ' ' && before.is_some_and(is_break);
            space_break |= is_break(c) && before == Some(' ');
            before = Some(c);
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let edges = edge(text.chars().next()) || edge(before);
        Self {
            multiline: breaks,
            plain_allowed: !indicators && !breaks && !special && !edges,
            single_quoted_allowed: !break_space && !space_break && !special,
            block_allowed: !space_break && !special && before != Some(' '),
        }
    }
}

/// go-yaml's order of keys: letters after all else, numbers by their size. It need not be a true order,
/// so that the sorts of the standard library, which may panic then, are out.
fn sort(entries: &mut Vec<(&str, &Value)>) {
    if entries.len() < 2 {
        return;
    }
    let mut right = entries.split_off(entries.len() / 2);
    sort(entries);
    sort(&mut right);
    let (mut left, mut right) =
        (std::mem::take(entries).into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if is_before(b.0, a.0) { right.next() } else { left.next() };
        entries.extend(next);
    }
    entries.extend(left.chain(right));
}

fn is_before(a: &str, b: &str) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let (mut rest_a, mut rest_b) = (a.chars().skip(same), b.chars().skip(same));
    let (Some(x), Some(y)) = (rest_a.next(), rest_b.next()) else {
        return a.chars().count() < b.chars().count();
    };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x < y,
        (false, false) => {}
        (_, letter) => return letter,
    }
    let common: Vec<char> = a.chars().take(same).collect();
    // A zero inside a number is a digit like others; at its start it counts for nothing.
    let inside =
        (x == '0' || y == '0') && common.iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
    let number = |text: &str| {
        let digits = text.chars().skip(same).take_while(char::is_ascii_digit);
        digits.fold((i64::from(inside), 0), |(value, count), digit| {
            (value.wrapping_mul(10).wrapping_add(i64::from(digit as u32 - '0' as u32)), count + 1)
        })
    };
    let (a, b) = (number(a), number(b));
    if a == b { x < y } else { a < b }
}
