//! Go's own notations for values, which show through in some of kubectl's messages.

use std::fmt::Write;

/// Text in double quotes, as Go's `%q` writes it.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0C' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0B' => out.push_str("\\v"),
            ' ' => out.push(' '),
            _ if is_printable(c) => out.push(c),
            _ => {
                let _ = match c as u32 {
                    code @ 0..0x80 => write!(out, "\\x{code:02x}"),
                    code @ 0x80..0x10000 => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
}

/// Close to Go's `unicode.IsPrint`: no control, no space but the plain one, nothing invisible.
fn is_printable(c: char) -> bool {
    let invisible = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..);
    !c.is_control() && !c.is_whitespace() && !invisible
}

/// A number as `strconv.FormatFloat` with `'g'` and the shortest precision writes it.
pub(super) fn float(number: f64) -> String {
    shortest(number, &format!("{number:e}"), format!("{number}"))
}

/// The same for the number rounded to 32 bits.
pub(super) fn float32(number: f64) -> String {
    let number = number as f32;
    shortest(number.into(), &format!("{number:e}"), format!("{number}"))
}

fn shortest(number: f64, scientific: &str, plain: String) -> String {
    if !number.is_finite() {
        let name = if number.is_nan() { "NaN" } else { "Inf" };
        let sign = if number.is_nan() {
            ""
        } else if number > 0.0 {
            "+"
        } else {
            "-"
        };
        return format!("{sign}{name}");
    }
    match scientific.split_once('e').map(|(digits, power)| (digits, power.parse::<i32>())) {
        Some((digits, Ok(power))) if number != 0.0 && !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ => plain,
    }
}
