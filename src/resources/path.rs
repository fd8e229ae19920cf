//! The path of a field, and what can be said of it.

use std::fmt;

use crate::api::Cause;
use crate::base::{Value, json};

use super::structs::Internal;

/// The path of a field: a chain of borrowed steps that becomes text only when there is something to say.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// The path of a field of the object itself.
    pub const fn root(field: &'a str) -> Self {
        Self { parent: None, step: Step::Field(field) }
    }
    /// `path.field`
    pub const fn field(&'a self, field: &'a str) -> Path<'a> {
        Path { parent: Some(self), step: Step::Field(field) }
    }
    /// `path[index]`
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), step: Step::Index(index) }
    }
    /// `path[key]`
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    fn say(&self, message: String) -> Cause {
        Cause { field: self.to_string(), message }
    }
    /// There must be a value.
    pub fn required(&self) -> Cause {
        self.say("Required value".into())
    }
    /// There must be a value, and why.
    pub fn required_because(&self, detail: impl fmt::Display) -> Cause {
        self.say(format!("Required value: {detail}"))
    }
    /// The value will not do.
    pub fn invalid(&self, value: impl Shown, detail: impl fmt::Display) -> Cause {
        self.say(format!("Invalid value: {}: {detail}", value.shown()))
    }
    /// The value will not do, without showing it.
    pub fn invalid_unseen(&self, detail: impl fmt::Display) -> Cause {
        self.say(format!("Invalid value: {detail}"))
    }
    /// The value is none of those there are.
    pub fn unsupported(&self, value: impl Shown, supported: &[&str]) -> Cause {
        let supported: Vec<String> = supported.iter().map(|text| quote(text)).collect();
        self.say(format!("Unsupported value: {}: supported values: {}", value.shown(), supported.join(", ")))
    }
    /// The field may not be set, or not so.
    pub fn forbidden(&self, detail: impl fmt::Display) -> Cause {
        self.say(format!("Forbidden: {detail}"))
    }
    /// The value is there already.
    pub fn duplicate(&self, value: impl Shown) -> Cause {
        self.say(format!("Duplicate value: {}", value.shown()))
    }
    /// The value names something that is not there.
    pub fn not_found(&self, value: impl Shown) -> Cause {
        self.say(format!("Not found: {}", value.shown()))
    }
    /// The value has too many bytes.
    pub fn too_long(&self, most: usize) -> Cause {
        self.say(format!("Too long: may not be more than {most} bytes"))
    }
    /// The list has too many items.
    pub fn too_many(&self, count: usize, most: usize) -> Cause {
        self.say(format!("Too many: {count}: must have at most {most} items"))
    }

    /// What the server has to say of an accepted value.
    pub fn warning(&self, message: &str) -> String {
        format!("{self}: {message}")
    }

    /// Everything that `check` says of a text.
    pub fn check(&self, text: &str, check: impl Fn(&str) -> Vec<String>, causes: &mut Vec<Cause>) {
        causes.extend(check(text).iter().map(|message| self.invalid(text, message)));
    }
    /// A number may not be below zero.
    pub fn check_not_negative(&self, value: &Value, causes: &mut Vec<Cause>) {
        if value.int() < 0 {
            causes.push(self.invalid(value, NEGATIVE));
        }
    }
    /// A value must be the same as in the old object.
    pub fn check_unchanged(&self, new: &Value, old: &Value, causes: &mut Vec<Cause>) {
        if new != old {
            causes.push(self.invalid(new, IMMUTABLE));
        }
    }
}

/// What is said of numbers below zero.
pub const NEGATIVE: &str = "must be greater than or equal to 0";
/// What is said of fields that never change.
pub const IMMUTABLE: &str = "field is immutable";

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(field) if self.parent.is_some() => write!(f, ".{field}"),
            Step::Field(field) => f.write_str(field),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// A value as an error message shows it: text in Go's quotes, numbers bare, the rest as JSON.
pub trait Shown {
    /// That text.
    fn shown(&self) -> String;
}

impl Shown for &str {
    fn shown(&self) -> String {
        quote(self)
    }
}
impl Shown for &String {
    fn shown(&self) -> String {
        quote(self)
    }
}
impl Shown for i64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}
impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}
impl Shown for &Value {
    fn shown(&self) -> String {
        match self {
            Value::Str(text) => quote(text),
            other => json::to_string(other),
        }
    }
}
impl Shown for Internal<'_> {
    fn shown(&self) -> String {
        self.to_string()
    }
}

/// Text in quotes as Go's `%q` writes it: letters of any script as they are, what cannot be seen escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\0'..='\u{1f}' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// Close to Go's `unicode.IsPrint`: neither control, nor any space but U+0020, nor a format or private-use character.
fn is_printable(c: char) -> bool {
    !(c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c as u32, 0xe0000..=0x10ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_the_servers() {
        let spec = Path::root("spec");
        let containers = spec.field("containers");
        let container = containers.index(1);
        let resources = container.field("resources");
        let limits = resources.field("limits");
        let cpu = limits.key("cpu");
        assert_eq!(cpu.to_string(), "spec.containers[1].resources.limits[cpu]");
        let cause = cpu.invalid("-1", NEGATIVE);
        assert_eq!(cause.message, "Invalid value: \"-1\": must be greater than or equal to 0");
    }

    #[test]
    fn text_is_quoted_as_go_does() {
        for (text, quoted) in [
            ("“web”", "\"“web”\""),
            ("a\"b\\\n", "\"a\\\"b\\\\\\n\""),
            ("\0\u{1b}", "\"\\x00\\x1b\""),
            ("\u{feff}x", "\"\\ufeffx\""),
            ("\u{a0}", "\"\\u00a0\""),
        ] {
            assert_eq!(quote(text), quoted);
        }
    }
}
