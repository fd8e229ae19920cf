//! Times as Go's `time.Parse` reads them, with its words where it does not.

use std::fmt::Write;

use crate::base::Date;

/// Go's `time.RFC3339`, which `metav1.Time` reads.
pub const SECONDS: &str = "2006-01-02T15:04:05Z07:00";
/// `metav1.RFC3339Micro`, which `metav1.MicroTime` reads.
pub const MICROS: &str = "2006-01-02T15:04:05.000000Z07:00";

/// A moment, and the billionths of a second after it.
pub fn parse(text: &str, layout: &str) -> Result<(Date, u32), String> {
    let mut reader = Reader { text, layout, rest: text };
    let year = reader.number(4, 4, "2006")?;
    reader.literal("-")?;
    let month = reader.number(2, 2, "01")?;
    reader.in_range((1..=12).contains(&month), "month")?;
    reader.literal("-")?;
    let day = reader.number(2, 2, "02")?;
    reader.literal("T")?;
    let hour = reader.number(1, 2, "15")?;
    reader.in_range(hour < 24, "hour")?;
    reader.literal(":")?;
    let minute = reader.number(2, 2, "04")?;
    reader.in_range(minute < 60, "minute")?;
    reader.literal(":")?;
    let second = reader.number(2, 2, "05")?;
    reader.in_range(second < 60, "second")?;
    let nanos = if layout == MICROS { reader.micros()? } else { reader.fraction() };
    let offset = reader.zone()?;
    if !reader.rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(text), quote(reader.rest)));
    }
    match Date::from_civil(i64::from(year), month, day, hour, minute, second) {
        Some(date) => Ok((Date(date.0 - offset), nanos)),
        None => Err(format!("parsing time {}: day out of range", quote(text))),
    }
}

struct Reader<'a> {
    text: &'a str,
    layout: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn refuse<T>(&self, at: &str, element: &str) -> Result<T, String> {
        let (text, at) = (quote(self.text), quote(at));
        Err(format!("parsing time {text} as \"{}\": cannot parse {at} as \"{element}\"", self.layout))
    }

    fn in_range(&self, is: bool, what: &str) -> Result<(), String> {
        if is { Ok(()) } else { Err(format!("parsing time {}: {what} out of range", quote(self.text))) }
    }

    fn digits(&mut self, most: usize) -> &'a str {
        let length = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        digits
    }

    fn number(&mut self, least: usize, most: usize, element: &str) -> Result<u32, String> {
        let start = self.rest;
        let digits = self.digits(most);
        if digits.len() < least {
            self.refuse(start, element)
        } else {
            Ok(digits.parse().unwrap_or_default())
        }
    }

    fn literal(&mut self, element: &str) -> Result<(), String> {
        match self.rest.strip_prefix(element) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => self.refuse(self.rest, element),
        }
    }

    /// A fraction of a second that the layout does not ask for.
    fn fraction(&mut self) -> u32 {
        let has_one =
            self.rest.starts_with(['.', ',']) && self.rest[1..].starts_with(|c: char| c.is_ascii_digit());
        if !has_one {
            return 0;
        }
        self.rest = &self.rest[1..];
        let digits = self.digits(usize::MAX);
        format!("{:0<9}", digits)[..9].parse().unwrap_or_default()
    }

    /// The six digits of a fraction that the layout asks for.
    fn micros(&mut self) -> Result<u32, String> {
        let start = self.rest;
        let Some(rest) = start.strip_prefix(['.', ',']) else { return self.refuse(start, ".000000") };
        self.rest = rest;
        let digits = self.digits(6);
        if digits.len() < 6 {
            return self.refuse(start, ".000000");
        }
        Ok(digits.parse::<u32>().unwrap_or_default() * 1_000)
    }

    /// Seconds east of Greenwich.
    fn zone(&mut self) -> Result<i64, String> {
        let start = self.rest;
        if let Some(rest) = start.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let bytes = start.as_bytes();
        let two = |at: usize| start.get(at..at + 2).filter(|t| t.bytes().all(|c| c.is_ascii_digit()));
        let (Some(sign @ (b'+' | b'-')), Some(b':'), Some(hours), Some(minutes)) =
            (bytes.first(), bytes.get(3), two(1), two(4))
        else {
            return self.refuse(start, "Z07:00");
        };
        self.rest = &start[6..];
        let (hours, minutes): (i64, i64) =
            (hours.parse().unwrap_or_default(), minutes.parse().unwrap_or_default());
        self.in_range(hours <= 24, "time zone offset hour")?;
        self.in_range(minutes <= 60, "time zone offset minute")?;
        let offset = hours * 3_600 + minutes * 60;
        Ok(if *sign == b'-' { -offset } else { offset })
    }
}

/// Text in quotes, as the errors of Go's `time` show it: what is not ASCII byte by byte.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_reads_them() {
        let moment = Date(1_795_212_870);
        assert_eq!(parse("2026-11-20T22:14:30Z", SECONDS), Ok((moment, 0)));
        assert_eq!(parse("2026-11-21T07:14:30.5+09:00", SECONDS), Ok((moment, 500_000_000)));
        assert_eq!(parse("2026-11-20T22:14:30.000001Z", MICROS), Ok((moment, 1_000)));
    }

    #[test]
    fn refuses_as_go_does() {
        let cases = [
            ("yesterday", r#"cannot parse "yesterday" as "2006""#),
            ("", r#"cannot parse "" as "2006""#),
            ("2026-11-20", r#"cannot parse "" as "T""#),
            ("2026-11-20 22:14:30Z", r#"cannot parse " 22:14:30Z" as "T""#),
            ("2026/11/20", r#"cannot parse "/11/20" as "-""#),
            ("2026-1-20T22:14:30Z", r#"cannot parse "1-20T22:14:30Z" as "01""#),
            ("2026-11-20T22:14:30", r#"cannot parse "" as "Z07:00""#),
            ("2026-11-20T22:14Z", r#"cannot parse "Z" as ":""#),
        ];
        for (text, end) in cases {
            let whole = format!("parsing time {text:?} as {SECONDS:?}: {end}");
            assert_eq!(parse(text, SECONDS), Err(whole));
        }
        let cases = [
            ("2026-13-20T22:14:30Z", ": month out of range"),
            ("2026-02-30T22:14:30Z", ": day out of range"),
            ("2026-11-20T24:14:30Z", ": hour out of range"),
            ("2026-11-20T22:14:30Zzz", r#": extra text: "zz""#),
        ];
        for (text, end) in cases {
            assert_eq!(parse(text, SECONDS), Err(format!("parsing time {text:?}{end}")));
        }
    }
}
