//! What a scalar's text stands for: YAML 1.1 as go-yaml v2 takes it.

/// What a scalar stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number too large for `Int`.
    Uint(u64),
    /// May be infinite or no number.
    Float(f64),
    /// Kept as text, but not to be written without quotes.
    Timestamp(&'a str),
    Str(&'a str),
}

/// The tags that say what a scalar is; all others leave it text.
const TAGS: [&str; 6] = ["str", "bool", "int", "float", "null", "timestamp"];

pub(super) const TAG_PREFIX: &str = "tag:yaml.org,2002:";

impl<'a> Scalar<'a> {
    /// What `text` without quotes stands for.
    pub(super) fn plain(text: &'a str) -> Self {
        Self::find(text, true)
    }

    /// What `text` stands for under a tag.
    ///
    /// # Errors
    /// go-yaml's words where the text is nothing of that kind.
    pub(super) fn tagged(text: &'a str, tag: &str) -> Result<Self, String> {
        let Some(name) = tag.strip_prefix(TAG_PREFIX).filter(|name| TAGS.contains(name)) else {
            return Ok(Scalar::Str(text));
        };
        if name == "str" {
            return Ok(Scalar::Str(text));
        }
        let found = Self::find(text, name == "timestamp");
        match (found, name) {
            (Scalar::Int(number), "float") => Ok(Scalar::Float(number as f64)),
            _ if found.name() == name => Ok(found),
            _ => Err(format!("cannot decode !!{} `{text}` as a !!{name}", found.name())),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Scalar::Null => "null",
            Scalar::Bool(_) => "bool",
            Scalar::Int(_) | Scalar::Uint(_) => "int",
            Scalar::Float(_) => "float",
            Scalar::Timestamp(_) => "timestamp",
            Scalar::Str(_) => "str",
        }
    }

    fn find(text: &'a str, timestamps: bool) -> Self {
        // The first character is enough to tell most text.
        match text.as_bytes().first() {
            None => Scalar::Null,
            Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => match text {
                "~" | "null" | "Null" | "NULL" => Scalar::Null,
                "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                    Scalar::Bool(true)
                }
                "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                    Scalar::Bool(false)
                }
                _ => Scalar::Str(text),
            },
            Some(b'.' | b'+' | b'-' | b'0'..=b'9') => match text {
                ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
                ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
                "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
                _ if text.starts_with('.') => float(text).map_or(Scalar::Str(text), Scalar::Float),
                _ if timestamps && is_timestamp(text) => Scalar::Timestamp(text),
                _ => number(&text.replace('_', "")).unwrap_or(Scalar::Str(text)),
            },
            Some(_) => Scalar::Str(text),
        }
    }
}

fn number(text: &str) -> Option<Scalar<'static>> {
    // What Go's ParseInt and ParseUint take for a number of any base, then floats, then what they leave of `0b`.
    let (negative, digits) = sign(text);
    based(digits)
        .and_then(|size| whole(negative, size, digits.len() == text.len()))
        .or_else(|| float(text).map(Scalar::Float))
        .or_else(|| {
            let digits = text.strip_prefix("0b")?;
            let (negative, digits) = sign(digits);
            whole(negative, u64::from_str_radix(digits, 2).ok().filter(|_| is_digit(digits))?, false)
        })
}

fn is_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn whole(negative: bool, size: u64, unsigned: bool) -> Option<Scalar<'static>> {
    let number = if negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
    number.map(Scalar::Int).or(unsigned.then_some(Scalar::Uint(size)))
}

/// `0x`, `0o`, `0b` or a leading zero before the digits.
fn based(digits: &str) -> Option<u64> {
    let (base, rest) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0'] => (10, digits),
        [b'0', ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // from_str_radix would take a sign here.
    if rest.starts_with(['+', '-']) { None } else { u64::from_str_radix(rest, base).ok() }
}

/// Digits with a point and an exponent; too large a number is text.
fn float(text: &str) -> Option<f64> {
    let (_, rest) = sign(text);
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole = digits(rest);
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if whole + count == 0 {
            return None;
        }
        rest = &fraction[count..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) < exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A date, or a date and a time, in the forms that go-yaml lets Go's time.Parse try.
fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    let (year, rest) = text.split_at_checked(4)?;
    let year: u32 = year.bytes().all(|c| c.is_ascii_digit()).then(|| year.parse().ok())??;
    let (month, rest) = one_or_two_digits(rest.strip_prefix('-')?)?;
    let (day, rest) = one_or_two_digits(rest.strip_prefix('-')?)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    if rest.is_empty() {
        return Some(());
    }
    let zoned = rest.strip_prefix(['T', 't']);
    let (hour, rest) = match zoned {
        Some(rest) => one_or_two_digits(rest)?,
        None => one_or_two_digits(rest.strip_prefix(' ')?.trim_start_matches(' '))?,
    };
    let (minute, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) if is_digit(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        _ => rest,
    };
    match zoned {
        None => rest.is_empty().then_some(()),
        Some(_) if rest == "Z" => Some(()),
        Some(_) => match rest.as_bytes() {
            [b'+' | b'-', h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|c| c.is_ascii_digit()) => {
                let two = |a: &u8, b: &u8| (a - b'0') * 10 + (b - b'0');
                (two(h1, h2) <= 24 && two(m1, m2) <= 60).then_some(())
            }
            _ => None,
        },
    }
}

fn one_or_two_digits(text: &str) -> Option<(u32, &str)> {
    let count = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(count);
    Some((digits.parse().ok()?, rest))
}

/// YAML 1.1's numbers of base 60, which are read as text but written in quotes: `12:30:00`.
pub(super) fn is_base_60(text: &str) -> bool {
    let (_, text) = sign(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    if !is_digit(first) || !first.bytes().all(|c| c.is_ascii_digit() || c == b'_') {
        return false;
    }
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.last_mut() else { return false };
    if let Some((digits, fraction)) = last.split_once('.') {
        if !fraction.bytes().all(|c| c.is_ascii_digit() || c == b'_') {
            return false;
        }
        *last = digits;
    }
    parts.iter().all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let int = Scalar::Int;
        for (text, expected) in [
            ("0", int(0)),
            ("012", int(10)),
            ("0o17", int(15)),
            ("0x1F", int(31)),
            ("-0b11", int(-3)),
            ("0b-11", int(-3)),
            ("1_000", int(1000)),
            ("+12", int(12)),
            ("-9223372036854775808", int(i64::MIN)),
            ("9223372036854775808", Scalar::Uint(1 << 63)),
            ("-9223372036854775809", Scalar::Float(-9223372036854775808.0)),
            ("08", Scalar::Float(8.0)),
            ("1.", Scalar::Float(1.0)),
            (".5", Scalar::Float(0.5)),
            ("1E3", Scalar::Float(1000.0)),
            ("1e400", Scalar::Str("1e400")),
            ("0x", Scalar::Str("0x")),
            ("0x+1", Scalar::Str("0x+1")),
            ("--1", Scalar::Str("--1")),
            (".", Scalar::Str(".")),
            ("1.5.2", Scalar::Str("1.5.2")),
            ("1Gi", Scalar::Str("1Gi")),
            ("-", Scalar::Str("-")),
        ] {
            assert_eq!(Scalar::plain(text), expected, "{text}");
        }
    }

    #[test]
    fn timestamps() {
        for text in [
            "2026-11-20T22:14:30Z",
            "2024-1-2",
            "2024-02-29",
            "2024-01-01 1:2:3.5",
            "2024-01-01t1:2:3,9+09:00",
        ] {
            assert_eq!(Scalar::plain(text), Scalar::Timestamp(text), "{text}");
        }
        for text in
            ["2023-02-29", "2024-13-01", "2024-01-01T10:00", "2024-01-01 10:00:00Z", "2024-01-01T1:2:3+9:00"]
        {
            assert_eq!(Scalar::plain(text), Scalar::Str(text), "{text}");
        }
    }

    #[test]
    fn base_60() {
        for text in ["12:30:00", "1:0", "-190:20:30.15", "1_0:59"] {
            assert!(is_base_60(text), "{text}");
        }
        for text in ["80:8080", "12", "a:1", "1:", "1:2:", "::1"] {
            assert!(!is_base_60(text), "{text}");
        }
    }
}
