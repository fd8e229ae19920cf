//! Arithmetic of `$((…))`, `((…))` and `let`.

use std::sync::Arc;

/// What an expression reads and sets.
pub trait Scope {
    /// The text of a variable.
    fn read(&mut self, name: &str) -> Result<Option<Arc<str>>, String>;
    /// Sets a variable.
    fn assign(&mut self, name: &str, value: i64) -> Result<(), String>;
    /// True where a variable's text may be an expression itself, and where `++`, `--`, `**` and `,` are known: not in
    /// dash.
    fn extended(&self) -> bool;
}

/// The value of an expression.
///
/// # Errors
/// In words that fit behind the expression: each shell puts its own around them.
pub fn evaluate(text: &str, scope: &mut dyn Scope) -> Result<i64, Error> {
    evaluate_at(text, scope, 0)
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Something is missing or too much, from this text on.
    Syntax(String),
    /// A number is expected from this text on.
    Operand(String),
    /// A digit that its base does not have, in this number.
    Digit(String),
    /// Division by 0, from this text on.
    DivisionByZero(String),
    /// Left of an assignment stands no variable.
    NotVariable(String),
    /// Variables that name each other for ever.
    TooDeep,
    /// A variable cannot be read or set.
    Variable(String),
}

/// Parentheses, operators and variables that are expressions nest at most so deep together.
const MAX_NESTING: u32 = 64;

fn evaluate_at(text: &str, scope: &mut dyn Scope, nesting: u32) -> Result<i64, Error> {
    if nesting > MAX_NESTING {
        return Err(Error::TooDeep);
    }
    let mut parser = Parser { text, at: 0, scope, nesting, live: true };
    parser.blanks();
    if parser.at == text.len() {
        return Ok(0);
    }
    let value = parser.comma()?;
    parser.blanks();
    if parser.at < text.len() { Err(Error::Syntax(parser.rest())) } else { Ok(value) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    scope: &'a mut dyn Scope,
    nesting: u32,
    /// False where `&&`, `||` or `?:` pass over what they do not need: nothing is assigned there.
    live: bool,
}

/// Binary operators by how strongly they bind.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 11] = ["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="];

impl Parser<'_> {
    fn rest(&self) -> String {
        self.text[self.at..].to_owned()
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn looking_at(&mut self, text: &str) -> bool {
        self.blanks();
        self.text[self.at..].starts_with(text)
    }

    fn comma(&mut self) -> Result<i64, Error> {
        let mut value = self.assignment()?;
        while self.scope.extended() && self.looking_at(",") {
            self.at += 1;
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..length];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.at += length;
        let mut name = name.to_owned();
        // An item of an array: the scope splits it off again.
        if self.text[self.at..].starts_with('[')
            && let Some(end) = self.text[self.at..].find(']')
        {
            name.push_str(&self.text[self.at..=self.at + end]);
            self.at += end + 1;
        }
        Some(name)
    }

    fn assignment(&mut self) -> Result<i64, Error> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Error::TooDeep);
        }
        let start = self.at;
        if let Some(name) = self.name() {
            self.blanks();
            let rest = &self.text[self.at..];
            let operator = ASSIGNMENTS.iter().rev().find(|o| rest.starts_with(**o));
            if let Some(operator) = operator.filter(|o| **o != "=" || !rest.starts_with("==")) {
                self.at += operator.len();
                let right_at = self.at;
                let right = self.assignment()?;
                let value = match operator.len() {
                    1 => right,
                    length => {
                        let left = self.variable(&name)?;
                        self.apply(&operator[..length - 1], left, right, right_at)?
                    }
                };
                self.set(&name, value)?;
                self.nesting -= 1;
                return Ok(value);
            }
        }
        self.at = start;
        let value = self.conditional()?;
        self.nesting -= 1;
        Ok(value)
    }

    fn conditional(&mut self) -> Result<i64, Error> {
        let condition = self.binary(0)?;
        if !self.looking_at("?") {
            return Ok(condition);
        }
        self.at += 1;
        let live = self.live;
        self.live = live && condition != 0;
        let yes = self.comma()?;
        if !self.looking_at(":") {
            return Err(Error::Syntax(self.rest()));
        }
        self.at += 1;
        self.live = live && condition == 0;
        let no = self.assignment()?;
        self.live = live;
        Ok(if condition != 0 { yes } else { no })
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blanks();
        let rest = &self.text[self.at..];
        let found = LEVELS[level].iter().find(|operator| rest.starts_with(**operator))?;
        // A longer operator that begins alike is another one.
        let after = &rest[found.len()..];
        let other = match *found {
            "*" if self.scope.extended() && after.starts_with('*') => true,
            "|" => after.starts_with(['|', '=']),
            "&" => after.starts_with(['&', '=']),
            "<" | ">" => after.starts_with(&found[..1]),
            "==" | "!=" | "<=" | ">=" | "||" | "&&" => false,
            _ => after.starts_with('='),
        };
        (!other).then_some(*found)
    }

    fn binary(&mut self, level: usize) -> Result<i64, Error> {
        if level == LEVELS.len() {
            return self.power();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            self.at += operator.len();
            let right_at = self.at;
            let live = self.live;
            self.live = live
                && match operator {
                    "&&" => left != 0,
                    "||" => left == 0,
                    _ => true,
                };
            let right = self.binary(level + 1)?;
            let needed = self.live;
            self.live = live;
            left = match operator {
                "&&" => i64::from(left != 0 && right != 0),
                "||" => i64::from(left != 0 || right != 0),
                _ if !needed => 0,
                _ => self.apply(operator, left, right, right_at)?,
            };
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<i64, Error> {
        let base = self.unary()?;
        if !self.scope.extended() || !self.looking_at("**") {
            return Ok(base);
        }
        self.at += 2;
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Error::TooDeep);
        }
        let exponent = self.power()?;
        self.nesting -= 1;
        Ok(base.wrapping_pow(u32::try_from(exponent).unwrap_or(0)))
    }

    fn apply(&self, operator: &str, left: i64, right: i64, right_at: usize) -> Result<i64, Error> {
        Ok(match operator {
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 => {
                if self.live {
                    return Err(Error::DivisionByZero(self.text[right_at..].trim_start().to_owned()));
                }
                0
            }
            "/" => left.wrapping_div(right),
            "%" => left.wrapping_rem(right),
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "&" => left & right,
            "|" => left | right,
            "^" => left ^ right,
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "==" => i64::from(left == right),
            _ => i64::from(left != right),
        })
    }

    fn unary(&mut self) -> Result<i64, Error> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Error::TooDeep);
        }
        self.blanks();
        let rest = &self.text[self.at..];
        let value = if self.scope.extended() && (rest.starts_with("++") || rest.starts_with("--")) {
            let step = if rest.starts_with("++") { 1 } else { -1 };
            let start = self.at;
            self.at += 2;
            match self.name() {
                Some(name) => {
                    let value = self.variable(&name)?.wrapping_add(step);
                    self.set(&name, value)?;
                    value
                }
                None => {
                    self.at = start + 1;
                    let value = self.unary()?;
                    if step == 1 { value } else { value.wrapping_neg() }
                }
            }
        } else if let Some(sign) = rest.chars().next().filter(|c| "+-!~".contains(*c)) {
            self.at += 1;
            let value = self.unary()?;
            match sign {
                '+' => value,
                '-' => value.wrapping_neg(),
                '!' => i64::from(value == 0),
                _ => !value,
            }
        } else {
            self.primary()?
        };
        self.nesting -= 1;
        Ok(value)
    }

    fn primary(&mut self) -> Result<i64, Error> {
        self.blanks();
        let start = self.at;
        if self.text[self.at..].starts_with('(') {
            self.at += 1;
            let value = self.comma()?;
            if !self.looking_at(")") {
                return Err(Error::Syntax(self.rest()));
            }
            self.at += 1;
            return Ok(value);
        }
        if let Some(name) = self.name() {
            let value = self.variable(&name)?;
            let rest = &self.text[self.at..];
            let step = match rest.get(..2) {
                Some("++") if self.scope.extended() => 1,
                Some("--") if self.scope.extended() => -1,
                _ => return Ok(value),
            };
            self.at += 2;
            self.set(&name, value.wrapping_add(step))?;
            return Ok(value);
        }
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '#' && c != '_' && c != '@')
            .unwrap_or(rest.len());
        self.at += length;
        let digits = &rest[..length];
        number(digits).ok_or_else(|| match digits.starts_with(|c: char| c.is_ascii_digit()) {
            true => Error::Digit(digits.to_owned()),
            false => Error::Operand(self.text[start..].to_owned()),
        })
    }

    fn variable(&mut self, name: &str) -> Result<i64, Error> {
        if !self.live {
            return Ok(0);
        }
        let Some(text) = self.scope.read(name).map_err(Error::Variable)? else { return Ok(0) };
        let text = text.trim();
        if text.is_empty() {
            return Ok(0);
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        match number(digits) {
            Some(value) => Ok(value.wrapping_mul(sign)),
            None if self.scope.extended() => evaluate_at(text, self.scope, self.nesting + 1),
            None => Err(Error::Variable(format!("Illegal number: {text}"))),
        }
    }

    fn set(&mut self, name: &str, value: i64) -> Result<(), Error> {
        if self.live { self.scope.assign(name, value).map_err(Error::Variable) } else { Ok(()) }
    }
}

/// A number as the shell writes it: decimal, `0x…`, `0…` in octal, `base#digits`.
pub fn number(text: &str) -> Option<i64> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|n| n as i64);
    }
    if let Some((base, digits)) = text.split_once('#') {
        let base: u32 = base.parse().ok().filter(|base| (2..=36).contains(base))?;
        return i64::from_str_radix(digits, base).ok();
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if text.len() > 1 && text.starts_with('0') {
        return i64::from_str_radix(text, 8).ok();
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Names(BTreeMap<String, Arc<str>>);

    impl Scope for Names {
        fn read(&mut self, name: &str) -> Result<Option<Arc<str>>, String> {
            Ok(self.0.get(name).cloned())
        }
        fn assign(&mut self, name: &str, value: i64) -> Result<(), String> {
            self.0.insert(name.to_owned(), value.to_string().into());
            Ok(())
        }
        fn extended(&self) -> bool {
            true
        }
    }

    #[test]
    fn values() {
        let mut names =
            Names(BTreeMap::from([("x".to_owned(), "5".into()), ("e".to_owned(), "x + 1".into())]));
        for (text, value) in [
            ("1 + 2 * 3", 7),
            ("(1+2)*3", 9),
            ("-x", -5),
            ("x++ + x", 11),
            ("x", 6),
            ("x = 3, x * 2", 6),
            ("x += 4", 7),
            ("e", 8),
            ("1 ? 2 : 3", 2),
            ("0 && (x = 99)", 0),
            ("x", 7),
            ("2 ** 10", 1024),
            ("0x10 + 010", 24),
            ("7 % 4 << 1", 6),
            ("3 > 2 == 1", 1),
            ("!0 + ~0", 0),
            ("", 0),
            ("1 || 1/0", 1),
        ] {
            assert_eq!(evaluate(text, &mut names), Ok(value), "{text}");
        }
        assert_eq!(evaluate("1/0", &mut names), Err(Error::DivisionByZero("0".into())));
        assert!(matches!(evaluate("1 +", &mut names), Err(Error::Operand(_))));
        assert!(matches!(evaluate(&"(".repeat(5000), &mut names), Err(Error::TooDeep)));
    }
}
