//! `printf`

use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::shell::escapes::{Dialect, unescape_bytes};

/// In whose words errors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// BusyBox's applet and ash's builtin.
    BusyBox,
    /// dash's builtin.
    Dash,
    /// bash's builtin.
    Bash,
    /// The program of coreutils.
    Coreutils,
}

/// What came of a format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The output.
    pub bytes: Vec<u8>,
    /// What was wrong, without the program's name.
    pub errors: Vec<String>,
}

impl Printed {
    /// The exit status.
    pub fn status(&self) -> u8 {
        u8::from(!self.errors.is_empty())
    }
}

/// `%-08.3f` and the like.
#[derive(Clone, Debug, Default)]
struct Directive {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternative: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

/// No field is wider than this: a script must not fill the memory with one number.
const MAX_WIDTH: usize = 100_000;

/// Formats arguments; the format is used again until all are used.
pub fn format(format: &str, arguments: &[Arc<str>], words: Words) -> Printed {
    let mut printed = Printed::default();
    let mut rest = arguments;
    loop {
        let before = rest.len();
        let ended = once(format, &mut rest, words, &mut printed);
        if ended || rest.is_empty() || rest.len() == before {
            return printed;
        }
    }
}

/// Uses the format once; true where the output ends for good.
fn once(format: &str, rest: &mut &[Arc<str>], words: Words, printed: &mut Printed) -> bool {
    let mut text = format;
    while let Some(at) = text.find('%') {
        let (bytes, ended) = unescape_bytes(&text[..at], Dialect::Format);
        printed.bytes.extend(bytes);
        if ended {
            return true;
        }
        text = &text[at + 1..];
        if let Some(after) = text.strip_prefix('%') {
            printed.bytes.push(b'%');
            text = after;
            continue;
        }
        let mut next = || match *rest {
            [first, others @ ..] => {
                *rest = others;
                Some(first.clone())
            }
            [] => None,
        };
        let (directive, after) = directive(text, &mut next);
        let Some(directive) = directive else {
            let whole = &text[..text.len() - after.len()];
            let letter = whole.chars().next_back().map(String::from).unwrap_or_default();
            printed.errors.push(match words {
                Words::BusyBox => format!("%{whole}: invalid format"),
                Words::Dash => format!("%{whole}: invalid directive"),
                Words::Bash if letter.is_empty() => "`%': missing format character".to_owned(),
                Words::Bash => format!("`{letter}': invalid format character"),
                Words::Coreutils => format!("%{whole}: invalid conversion specification"),
            });
            return true;
        };
        text = after;
        if convert(&directive, next(), words, printed) {
            return true;
        }
    }
    let (bytes, ended) = unescape_bytes(text, Dialect::Format);
    printed.bytes.extend(bytes);
    ended
}

/// Reads what follows a `%`.
fn directive<'t>(text: &'t str, next: &mut impl FnMut() -> Option<Arc<str>>) -> (Option<Directive>, &'t str) {
    let mut directive = Directive::default();
    let mut rest = text;
    loop {
        match rest.chars().next() {
            Some('-') => directive.left = true,
            Some('0') => directive.zero = true,
            Some('+') => directive.plus = true,
            Some(' ') => directive.space = true,
            Some('#') => directive.alternative = true,
            Some('\'') => {}
            _ => break,
        }
        rest = &rest[1..];
    }
    let mut number = |rest: &mut &'t str, left: &mut bool| {
        if let Some(after) = rest.strip_prefix('*') {
            *rest = after;
            let value: i64 = next().and_then(|text| text.parse().ok()).unwrap_or(0);
            *left |= value < 0;
            return value.unsigned_abs() as usize;
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let value = rest[..digits].parse().unwrap_or(0);
        *rest = &rest[digits..];
        value
    };
    let mut left = directive.left;
    directive.width = number(&mut rest, &mut left).min(MAX_WIDTH);
    directive.left = left;
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        directive.precision = Some(number(&mut rest, &mut false).min(MAX_WIDTH));
    }
    rest =
        rest.trim_start_matches(['l', 'h', 'j', 'z', 't', 'L', 'q'].as_slice().get(..6).unwrap_or_default());
    let Some(conversion) = rest.chars().next() else { return (None, rest) };
    rest = &rest[conversion.len_utf8()..];
    directive.conversion = conversion;
    ("diouxXfFeEgGaAcsbq".contains(conversion).then_some(directive), rest)
}

/// Prints one argument; true where `%b` ended the output.
fn convert(directive: &Directive, argument: Option<Arc<str>>, words: Words, printed: &mut Printed) -> bool {
    let given = argument.is_some();
    let text = argument.unwrap_or_default();
    match directive.conversion {
        's' => pad(directive, cut(directive, text.as_bytes().to_vec()), printed),
        'q' => {
            let quoted = crate::container::shell::quoted(&text);
            pad(directive, quoted.into_bytes(), printed);
        }
        'c' => pad(directive, text.chars().take(1).collect::<String>().into_bytes(), printed),
        'b' => {
            let (bytes, ended) = unescape_bytes(&text, Dialect::Echo);
            pad(directive, cut(directive, bytes), printed);
            return ended;
        }
        'd' | 'i' => {
            let value = if given || words == Words::BusyBox { integer(&text, words, printed) } else { 0 };
            let digits = value.unsigned_abs().to_string();
            let sign = match (value < 0, directive.plus, directive.space) {
                (true, _, _) => "-",
                (_, true, _) => "+",
                (_, _, true) => " ",
                _ => "",
            };
            number(directive, sign, digits, printed);
        }
        'u' | 'o' | 'x' | 'X' => {
            let value = if given { integer(&text, words, printed) } else { 0 } as u64;
            let digits = match directive.conversion {
                'u' => value.to_string(),
                'o' => format!("{value:o}"),
                'x' => format!("{value:x}"),
                _ => format!("{value:X}"),
            };
            let sign = match directive.conversion {
                'o' if directive.alternative => "0",
                'x' if directive.alternative && value != 0 => "0x",
                'X' if directive.alternative && value != 0 => "0X",
                _ => "",
            };
            number(directive, sign, digits, printed);
        }
        conversion => {
            let value = if given { real(&text, words, printed) } else { 0.0 };
            let sign = match (value.is_sign_negative(), directive.plus, directive.space) {
                (true, _, _) => "-",
                (_, true, _) => "+",
                (_, _, true) => " ",
                _ => "",
            };
            let digits =
                float(value.abs(), conversion, directive.precision.unwrap_or(6), directive.alternative);
            number(&Directive { precision: None, ..directive.clone() }, sign, digits, printed);
        }
    }
    false
}

fn cut(directive: &Directive, mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(precision) = directive.precision {
        bytes.truncate(precision);
    }
    bytes
}

fn pad(directive: &Directive, bytes: Vec<u8>, printed: &mut Printed) {
    let width = String::from_utf8_lossy(&bytes).chars().count();
    let blanks = vec![b' '; directive.width.saturating_sub(width)];
    if directive.left {
        printed.bytes.extend(bytes);
        printed.bytes.extend(blanks);
    } else {
        printed.bytes.extend(blanks);
        printed.bytes.extend(bytes);
    }
}

fn number(directive: &Directive, sign: &str, digits: String, printed: &mut Printed) {
    let digits = match directive.precision {
        Some(precision) => format!("{digits:0>precision$}"),
        None if directive.zero && !directive.left => {
            let width = directive.width.saturating_sub(sign.len());
            format!("{digits:0>width$}")
        }
        None => digits,
    };
    pad(directive, format!("{sign}{digits}").into_bytes(), printed);
}

/// A number without its sign, as C prints it.
fn float(value: f64, conversion: char, precision: usize, alternative: bool) -> String {
    let upper = conversion.is_ascii_uppercase();
    let text = if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        "inf".to_owned()
    } else {
        match conversion.to_ascii_lowercase() {
            'e' => exponent(value, precision),
            'g' => {
                let precision = precision.max(1);
                let shown = exponent(value, precision - 1);
                let power: i32 =
                    shown.rsplit_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
                let text = if power < -4 || power >= precision as i32 {
                    shown
                } else {
                    format!("{value:.*}", (precision as i32 - 1 - power).max(0) as usize)
                };
                if alternative { text } else { without_zeros(&text) }
            }
            _ => format!("{value:.precision$}"),
        }
    };
    if upper { text.to_uppercase() } else { text }
}

fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let power: i32 = power.parse().unwrap_or(0);
            format!("{digits}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
        }
        None => text,
    }
}

fn without_zeros(text: &str) -> String {
    let (digits, power) = match text.split_once('e') {
        Some((digits, power)) => (digits, format!("e{power}")),
        None => (text, String::new()),
    };
    if !digits.contains('.') {
        return text.to_owned();
    }
    format!("{}{power}", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn complain(text: &str, whole: bool, words: Words, printed: &mut Printed) {
    printed.errors.push(match (words, whole) {
        (Words::BusyBox, _) => format!("invalid number '{text}'"),
        (Words::Dash, true) => format!("{text}: expected numeric value"),
        (Words::Dash, false) => format!("{text}: not completely converted"),
        (Words::Bash, _) => format!("{text}: invalid number"),
        (Words::Coreutils, true) => format!("\u{2018}{text}\u{2019}: expected a numeric value"),
        (Words::Coreutils, false) => format!("\u{2018}{text}\u{2019}: value not completely converted"),
    });
}

/// A whole number; a quote before a character gives its code.
fn integer(text: &str, words: Words, printed: &mut Printed) -> i64 {
    if let Some(c) = text.strip_prefix(['\'', '"']).and_then(|rest| rest.chars().next()) {
        return i64::from(c as u32);
    }
    let trimmed = text.trim_start();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (16, hex),
        None if digits.starts_with('0') && digits.len() > 1 => (8, &digits[1..]),
        None => (10, digits),
    };
    let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let value =
        u64::from_str_radix(&digits[..length], radix).unwrap_or(if length == 0 { 0 } else { u64::MAX });
    if length < digits.len() || digits.is_empty() && radix != 8 {
        let whole = length == 0 && radix == 10;
        complain(text, whole, words, printed);
        if words == Words::BusyBox {
            return 0;
        }
    }
    let value = i64::try_from(value).unwrap_or(if radix == 10 { i64::MAX } else { value as i64 });
    if negative { value.wrapping_neg() } else { value }
}

fn real(text: &str, words: Words, printed: &mut Printed) -> f64 {
    if let Some(c) = text.strip_prefix(['\'', '"']).and_then(|rest| rest.chars().next()) {
        return f64::from(c as u32);
    }
    match text.trim().parse() {
        Ok(value) => value,
        Err(_) => {
            complain(text, true, words, printed);
            0.0
        }
    }
}

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let flavor = tool.flavor;
    let argv = kernel.argv();
    let Some(text) = argv.get(1) else {
        match flavor {
            Flavor::Gnu => {
                kernel.complain("printf: missing operand\nTry 'printf --help' for more information.\n");
            }
            Flavor::BusyBox => kernel.complain("usage: printf FORMAT [ARG]...\n"),
        }
        return 1;
    };
    let words = if flavor == Flavor::Gnu { Words::Coreutils } else { Words::BusyBox };
    let printed = format(text, &argv[2..], words);
    for error in &printed.errors {
        kernel.complain(format!("printf: {error}\n"));
    }
    kernel.write(1, &printed.bytes).ok();
    printed.status()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let print = |text: &str, arguments: &[&str]| {
            let arguments: Vec<Arc<str>> = arguments.iter().map(|a| Arc::from(*a)).collect();
            String::from_utf8(format(text, &arguments, Words::Bash).bytes).unwrap()
        };
        for (text, arguments, expected) in [
            ("%s-%d\\n", &["a", "3"][..], "a-3\n"),
            ("%s\\n", &["a", "b"], "a\nb\n"),
            ("%5.2f|%-5s|%05d", &["3.14159", "ab", "42"], " 3.14|ab   |00042"),
            ("%x %o %c %X", &["255", "8", "abc", "255"], "ff 10 a FF"),
            ("%%|%b|%s", &["a\\tb", "a\\tb"], "%|a\tb|a\\tb"),
            ("%*d|%-*d|", &["4", "7", "4", "7"], "   7|7   |"),
            ("%d %s", &[], "0 "),
            ("%e %g %g", &["12345.678", "0.0001", "1e10"], "1.234568e+04 0.0001 1e+10"),
            ("%+d % d %d", &["1", "2", "-3"], "+1  2 -3"),
            ("a\\cb", &[], "a"),
            ("%d", &["'A"], "65"),
        ] {
            assert_eq!(print(text, arguments), expected, "{text} {arguments:?}");
        }
    }
}
