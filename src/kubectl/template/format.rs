//! Values as Go's `fmt` writes them.

use crate::base::Value;
use crate::base::value::Float;

/// The name of a value's Go type.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}

/// `%v`.
pub(super) fn plain(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(" ");
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(Float(number)) => general(*number),
        Value::Str(text) => text.to_string(),
        Value::List(items) => format!("[{}]", joined(items.iter().map(plain).collect())),
        Value::Map(map) => {
            format!(
                "map[{}]",
                joined(map.iter().map(|(key, value)| format!("{key}:{}", plain(value))).collect())
            )
        }
    }
}

/// A number as `%g` writes it: with an exponent where that is below -4 or from 6 on.
fn general(number: f64) -> String {
    let text = format!("{number:e}");
    let exponent = text.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok()).unwrap_or(0);
    if (-4..6).contains(&exponent) { number.to_string() } else { with_exponent(&text) }
}

/// Rust's `1e6` as Go's `1e+06`.
fn with_exponent(text: &str) -> String {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let number: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if number < 0 { '-' } else { '+' }, number.abs())
}

/// Several values as `fmt.Sprint`: a space between two of which neither is a text.
pub(super) fn sprint(values: &[Value]) -> String {
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        let is_text = |value: &Value| matches!(value, Value::Str(_));
        if at > 0 && !is_text(value) && !is_text(&values[at - 1]) {
            text.push(' ');
        }
        text += &plain(value);
    }
    text
}

/// Several values as `fmt.Sprintln`.
pub(super) fn sprintln(values: &[Value]) -> String {
    values.iter().map(plain).collect::<Vec<_>>().join(" ") + "\n"
}

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
struct Flags {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// `fmt.Sprintf`.
pub(super) fn sprintf(format: &str, values: &[Value]) -> String {
    let mut text = String::new();
    let mut rest = values.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let mut flags = Flags::default();
        while let Some(c) = chars.next_if(|c| "-+ 0#".contains(*c)) {
            match c {
                '-' => flags.left = true,
                '+' => flags.plus = true,
                ' ' => flags.space = true,
                '#' => flags.sharp = true,
                _ => flags.zero = true,
            }
        }
        let mut number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            if chars.next_if_eq(&'*').is_some() {
                return rest.next().and_then(Value::as_int).map(|n| n.unsigned_abs() as usize);
            }
            let mut digits = String::new();
            while let Some(c) = chars.next_if(char::is_ascii_digit) {
                digits.push(c);
            }
            digits.parse().ok()
        };
        // A width that no terminal has would only fill the memory.
        flags.width = number(&mut chars).map(|width| width.min(10_000));
        if chars.next_if_eq(&'.').is_some() {
            flags.precision = Some(number(&mut chars).unwrap_or(0).min(1_000));
        }
        let Some(verb) = chars.next() else {
            text += "%!(NOVERB)";
            break;
        };
        if verb == '%' {
            text.push('%');
            continue;
        }
        text += &match rest.next() {
            Some(value) => one(verb, flags, value),
            None => format!("%!{verb}(MISSING)"),
        };
    }
    let extra: Vec<String> = rest.map(|value| format!("{}={}", type_of(value), plain(value))).collect();
    if !extra.is_empty() {
        text += &format!("%!(EXTRA {})", extra.join(", ").replace("<nil>=<nil>", "<nil>"));
    }
    text
}

fn one(verb: char, flags: Flags, value: &Value) -> String {
    let bad = || match value {
        Value::Null => format!("%!{verb}(<nil>)"),
        _ => format!("%!{verb}({}={})", type_of(value), plain(value)),
    };
    match (verb, value) {
        ('v', Value::Int(number)) => {
            padded(flags, signed(flags, *number < 0, number.unsigned_abs().to_string()), true)
        }
        ('v', Value::Float(Float(number))) => {
            padded(flags, signed(flags, *number < 0.0, general(number.abs())), true)
        }
        ('v', _) => padded(flags, plain(value), false),
        ('T', _) => padded(flags, type_of(value).into(), false),
        ('s' | 'q' | 'x' | 'X', Value::Str(text)) => {
            let mut text = text.to_string();
            if let Some(most) = flags.precision {
                text = text.chars().take(most).collect();
            }
            let hex = |upper: bool| {
                let digit = |byte: u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
                text.bytes().map(digit).collect::<String>()
            };
            let text = match verb {
                'q' if flags.sharp && !text.contains('`') => format!("`{text}`"),
                'q' => format!("{text:?}"),
                'x' => hex(false),
                'X' => hex(true),
                _ => text,
            };
            padded(flags, text, false)
        }
        ('t', Value::Bool(b)) => padded(flags, b.to_string(), false),
        ('d' | 'b' | 'o' | 'O' | 'x' | 'X', Value::Int(number)) => {
            let size = number.unsigned_abs();
            let digits = match verb {
                'b' => format!("{size:b}"),
                'o' => format!("{size:o}"),
                'O' => format!("0o{size:o}"),
                'x' if flags.sharp => format!("0x{size:x}"),
                'x' => format!("{size:x}"),
                'X' if flags.sharp => format!("0X{size:X}"),
                'X' => format!("{size:X}"),
                _ => size.to_string(),
            };
            padded(flags, signed(flags, *number < 0, digits), true)
        }
        ('c' | 'q' | 'U', Value::Int(number)) => {
            let c =
                u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
            let text = match verb {
                'c' => c.to_string(),
                'q' => format!("{c:?}"),
                _ => format!("U+{number:04X}"),
            };
            padded(flags, text, false)
        }
        ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Value::Float(Float(number))) => {
            let size = number.abs();
            let precision = flags.precision.unwrap_or(6);
            let digits = match verb {
                'f' | 'F' => format!("{size:.precision$}"),
                'e' | 'E' => with_exponent(&format!("{size:.precision$e}")),
                _ => general(size),
            };
            let digits = if verb.is_uppercase() { digits.to_uppercase() } else { digits };
            padded(flags, signed(flags, *number < 0.0, digits), true)
        }
        // Go writes what is in a list or a map, each by the verb.
        (_, Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|item| one(verb, flags, item)).collect();
            format!("[{}]", items.join(" "))
        }
        (_, Value::Map(map)) => {
            let entry = |(key, value): (&str, &Value)| {
                format!("{}:{}", one(verb, flags, &Value::from(key)), one(verb, flags, value))
            };
            format!("map[{}]", map.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
        _ => bad(),
    }
}

fn signed(flags: Flags, negative: bool, digits: String) -> String {
    match (negative, flags.plus, flags.space) {
        (true, ..) => format!("-{digits}"),
        (_, true, _) => format!("+{digits}"),
        (_, _, true) => format!(" {digits}"),
        _ => digits,
    }
}

fn padded(flags: Flags, text: String, number: bool) -> String {
    let missing = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    if flags.left {
        return text + &" ".repeat(missing);
    }
    if flags.zero && number {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+', ' '])));
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    " ".repeat(missing) + &text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        for (number, text) in [
            (1.5, "1.5"),
            (1e6, "1e+06"),
            (123_456_789.0, "1.23456789e+08"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (100_000.0, "100000"),
        ] {
            assert_eq!(general(number), text);
        }
    }
}
