//! `date`

use super::Flavor;
use super::options::Named;
use crate::base::Date;
use crate::container::kernel::Kernel;

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [
        ("date", 'd'),
        ("utc", 'u'),
        ("universal", 'u'),
        ("iso-8601", 'I'),
        ("rfc-email", 'R'),
        ("rfc-3339", 'T'),
        ("reference", 'r'),
    ];
    // The precision of -I is part of the same word.
    if let Some(precision) =
        kernel.argv().iter().find_map(|word| word.strip_prefix("-I").filter(|rest| !rest.is_empty()))
    {
        return print_iso(kernel, precision);
    }
    let options = match tool.options(kernel, "d:uIRT:r:s:D:", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let now = kernel.date();
    let micros = kernel.now().0 % 1_000_000;
    let (date, micros) = match (options.value('d'), options.value('r')) {
        (Some(text), _) => match parse(text, now) {
            Some(date) => (date, 0),
            None => {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("invalid date \u{2018}{text}\u{2019}"),
                        Flavor::BusyBox => format!("invalid date '{text}'"),
                    },
                );
                return 1;
            }
        },
        (None, Some(file)) => match kernel.files().stat(file) {
            Ok(stat) => (stat.modified, 0),
            Err(errno) => {
                tool.say(kernel, format!("{file}: {errno}"));
                return 1;
            }
        },
        (None, None) => (now, micros),
    };
    if options.has('s') || options.operands.iter().any(|operand| !operand.starts_with('+')) {
        let operand = options.operands.first().cloned().unwrap_or_default();
        let text = match (tool.flavor, options.has('s')) {
            (_, true) => "cannot set date: Operation not permitted".to_owned(),
            (Flavor::Gnu, false) => format!("invalid date \u{2018}{operand}\u{2019}"),
            (Flavor::BusyBox, false) => format!("invalid date '{operand}'"),
        };
        tool.say(kernel, text);
        return 1;
    }
    let format = match options.operands.first() {
        Some(format) => &format[1..],
        None if options.has('I') => match options.value('I').map(|text| &**text) {
            Some("seconds" | "s") => "%Y-%m-%dT%H:%M:%S+00:00",
            _ => "%Y-%m-%d",
        },
        None if options.has('T') => "%Y-%m-%d %H:%M:%S+00:00",
        None if options.has('R') => "%a, %d %b %Y %H:%M:%S +0000",
        None => "%a %b %e %H:%M:%S %Z %Y",
    };
    let text = fill(format, date, micros);
    kernel.print(format!("{text}\n"));
    0
}

fn print_iso(kernel: &mut Kernel<'_>, precision: &str) -> u8 {
    let format = match precision {
        "hours" | "h" => "%Y-%m-%dT%H+00:00",
        "minutes" | "m" => "%Y-%m-%dT%H:%M+00:00",
        "seconds" | "s" => "%Y-%m-%dT%H:%M:%S+00:00",
        _ => "%Y-%m-%d",
    };
    let text = fill(format, kernel.date(), 0);
    kernel.print(format!("{text}\n"));
    0
}

/// The date as ctime(3) writes it.
pub fn ctime(date: Date) -> String {
    fill("%a %b %e %H:%M:%S %Y", date, 0)
}

/// The date as the format shows it, in UTC.
fn fill(format: &str, date: Date, micros: u64) -> String {
    let (year, month, day, hour, minute, second) = date.civil();
    let days = date.0.div_euclid(86_400);
    let weekday = (days + 4).rem_euclid(7) as usize;
    let first_of_year =
        Date::from_civil(year, 1, 1, 0, 0, 0).map_or(days, |first| first.0.div_euclid(86_400));
    let day_of_year = days - first_of_year + 1;
    let hour12 = if hour % 12 == 0 { 12 } else { hour % 12 };
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let flag = chars.next_if(|c| "-_0^#".contains(*c));
        let width: String = std::iter::from_fn(|| chars.next_if(|c| c.is_ascii_digit())).collect();
        let number = |value: i64, digits: usize, fill: char| match flag {
            Some('-') => value.to_string(),
            Some('_') => format!("{value:>digits$}"),
            Some('0') => format!("{value:0>digits$}"),
            _ if fill == '0' => format!("{value:0>digits$}"),
            _ => format!("{value:>digits$}"),
        };
        let text = match chars.next() {
            Some('Y') => number(year, 4, '0'),
            Some('C') => number(year / 100, 2, '0'),
            Some('y') => number(year.rem_euclid(100), 2, '0'),
            Some('m') => number(month.into(), 2, '0'),
            Some('d') => number(day.into(), 2, '0'),
            Some('e') => number(day.into(), 2, ' '),
            Some('H') => number(hour.into(), 2, '0'),
            Some('k') => number(hour.into(), 2, ' '),
            Some('I') => number(hour12.into(), 2, '0'),
            Some('l') => number(hour12.into(), 2, ' '),
            Some('M') => number(minute.into(), 2, '0'),
            Some('S') => number(second.into(), 2, '0'),
            Some('N') => {
                let nanos = format!("{micros:06}000");
                nanos[..width.parse::<usize>().unwrap_or(9).min(9)].to_owned()
            }
            Some('s') => date.0.to_string(),
            Some('j') => number(day_of_year, 3, '0'),
            Some('u') => (if weekday == 0 { 7 } else { weekday }).to_string(),
            Some('w') => weekday.to_string(),
            Some('a') => DAYS[weekday][..3].to_owned(),
            Some('A') => DAYS[weekday].to_owned(),
            Some('b' | 'h') => MONTHS[month as usize - 1][..3].to_owned(),
            Some('B') => MONTHS[month as usize - 1].to_owned(),
            Some('p') => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            Some('P') => (if hour < 12 { "am" } else { "pm" }).to_owned(),
            Some('F') => fill("%Y-%m-%d", date, micros),
            Some('T' | 'X') => fill("%H:%M:%S", date, micros),
            Some('R') => fill("%H:%M", date, micros),
            Some('D' | 'x') => fill("%m/%d/%y", date, micros),
            Some('r') => fill("%I:%M:%S %p", date, micros),
            Some('c') => fill("%a %b %e %H:%M:%S %Y", date, micros),
            Some('z') => "+0000".to_owned(),
            Some('Z') => "UTC".to_owned(),
            Some('n') => "\n".to_owned(),
            Some('t') => "\t".to_owned(),
            Some('%') => "%".to_owned(),
            Some(':') => {
                chars.next_if_eq(&'z');
                "+00:00".to_owned()
            }
            Some(c) => format!("%{c}"),
            None => "%".to_owned(),
        };
        out.push_str(&if flag == Some('^') { text.to_uppercase() } else { text });
    }
    out
}

/// A date as people write it: `@1795212300`, RFC 3339, `2026-11-20 22:18`, `now`, `yesterday`, `2 hours ago`, `+1 day`.
pub(super) fn parse(text: &str, now: Date) -> Option<Date> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.split('.').next()?.parse().ok().map(Date);
    }
    if let Some(date) = Date::parse_rfc3339(&text.replacen(' ', "T", 1)) {
        return Some(date);
    }
    match text {
        "" | "now" | "today" => return Some(now),
        "yesterday" => return Some(Date(now.0 - 86_400)),
        "tomorrow" => return Some(Date(now.0 + 86_400)),
        _ => {}
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [count, unit, rest @ ..] = &words[..]
        && let Ok(count) = count.parse::<i64>()
        && (rest.is_empty() || *rest == ["ago"])
    {
        let seconds = match unit.trim_end_matches('s') {
            "second" | "sec" => 1,
            "minute" | "min" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            "week" => 604_800,
            _ => return None,
        };
        let sign = if rest.is_empty() { 1 } else { -1 };
        return Some(Date(now.0 + sign * count.checked_mul(seconds)?));
    }
    // A day, a time, or both.
    let text = text.replace('T', " ");
    let (mut year, mut month, mut day, ..) = now.civil();
    let (mut hour, mut minute, mut second) = (0, 0, 0);
    for word in text.split_whitespace() {
        let numbers = |separator: char| {
            word.split(separator).map(|n| n.parse::<u32>().ok()).collect::<Option<Vec<_>>>()
        };
        if word.contains('-') {
            let [y, m, d] = numbers('-')?[..] else { return None };
            (year, month, day) = (y.into(), m, d);
        } else if word.contains(':') {
            match numbers(':')?[..] {
                [h, m] => (hour, minute, second) = (h, m, 0),
                [h, m, s] => (hour, minute, second) = (h, m, s),
                _ => return None,
            }
        } else if word != "UTC" {
            return None;
        }
    }
    Date::from_civil(year, month, day, hour, minute, second)
}
