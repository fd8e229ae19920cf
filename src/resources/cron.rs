//! The schedules of CronJobs, as robfig/cron reads them.

use crate::base::Date;

/// When a CronJob runs: sets of minutes, hours, days of the month, months and days of the week, as bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Schedule {
    /// Five fields.
    Calendar(Calendar),
    /// `@every 1h30m`: so many seconds.
    Every(i64),
}

/// The five fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Calendar {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Where both days and weekdays are restricted, either will do.
    any_day: bool,
}

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What a field may hold.
struct Bounds {
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// In the words of robfig/cron.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = match text.strip_prefix("TZ=").or(text.strip_prefix("CRON_TZ=")) {
            Some(rest) => rest.split_once(' ').map_or("", |(_, rest)| rest).trim(),
            None => text,
        };
        if text.is_empty() {
            return Err("empty spec string".into());
        }
        if text.starts_with('@') {
            return Self::parse_descriptor(text);
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            let (count, fields) = (fields.len(), fields.join(" "));
            return Err(format!("expected exactly 5 fields, found {count}: [{fields}]"));
        };
        let field = |text: &str, least, most, names| parse_field(text, &Bounds { least, most, names });
        let is_restricted = |text: &str| !text.split(',').any(|part| part.starts_with(['*', '?']));
        Ok(Self::Calendar(Calendar {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, MONTHS)?,
            weekdays: field(weekdays, 0, 6, WEEKDAYS)?,
            any_day: is_restricted(days) && is_restricted(weekdays),
        }))
    }

    fn parse_descriptor(text: &str) -> Result<Self, String> {
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => {
                let Some(duration) = text.strip_prefix("@every ") else {
                    return Err(format!("unrecognized descriptor: {text}"));
                };
                let quoted = super::path::quote(duration);
                let seconds = parse_duration(duration).ok_or_else(|| {
                    format!("failed to parse duration {text}: time: invalid duration {quoted}")
                })?;
                return Ok(Self::Every(seconds.max(1)));
            }
        };
        Self::parse(fields)
    }

    /// The first time after `after` at which it is due; none where no day ever fits.
    pub fn next(&self, after: Date) -> Option<Date> {
        let calendar = match self {
            Self::Every(seconds) => return Some(Date(after.0 + seconds)),
            Self::Calendar(calendar) => calendar,
        };
        const DAY: i64 = 86_400;
        let first = after.0.div_euclid(60) * 60 + 60;
        let first_day = first.div_euclid(DAY) * DAY;
        // Leap days are at most eight years apart.
        (0..=8 * 366).find_map(|days| {
            let day = first_day + days * DAY;
            calendar.has_day(Date(day)).then_some(())?;
            let from = if days == 0 { (first - day) / 60 } else { 0 };
            (from..1_440)
                .find(|minute| {
                    calendar.hours >> (minute / 60) & 1 == 1 && calendar.minutes >> (minute % 60) & 1 == 1
                })
                .map(|minute| Date(day + minute * 60))
        })
    }
}

impl Calendar {
    fn has_day(&self, date: Date) -> bool {
        let (_, month, day, ..) = date.civil();
        // 1 January 1970 was a Thursday.
        let weekday = (date.0.div_euclid(86_400) + 4).rem_euclid(7);
        let (by_day, by_weekday) = (self.days >> day & 1 == 1, self.weekdays >> weekday & 1 == 1);
        let fits = if self.any_day { by_day || by_weekday } else { by_day && by_weekday };
        self.months >> month & 1 == 1 && fits
    }
}

fn parse_field(text: &str, bounds: &Bounds) -> Result<u64, String> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .try_fold(0, |bits, part| Ok(bits | parse_range(part, bounds)?))
}

/// `*`, `5`, `1-5`, `*/10`, `10-40/5`
fn parse_range(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = parts[0].split('-').collect();
    let (start, mut end) = match ends[..] {
        ["*" | "?", ..] => (bounds.least, bounds.most),
        [one] => {
            let number = parse_number(one, bounds)?;
            (number, number)
        }
        [first, last] => (parse_number(first, bounds)?, parse_number(last, bounds)?),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let step = match parts[..] {
        [_] => 1,
        [_, step] => {
            // `5/10` runs from 5 to the end.
            if ends.len() == 1 && !matches!(ends[0], "*" | "?") {
                end = bounds.most;
            }
            parse_plain_number(step)?
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    if start < bounds.least {
        return Err(format!("beginning of range ({start}) below minimum ({}): {text}", bounds.least));
    }
    if end > bounds.most {
        return Err(format!("end of range ({end}) above maximum ({}): {text}", bounds.most));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    Ok((start..=end).step_by(step as usize).fold(0, |bits, at| bits | 1 << at))
}

fn parse_number(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let name = text.to_lowercase();
    match bounds.names.iter().position(|other| *other == name) {
        Some(at) => Ok(at as u32 + bounds.least),
        None => parse_plain_number(text),
    }
}

fn parse_plain_number(text: &str) -> Result<u32, String> {
    match text.parse::<i64>() {
        Ok(number @ ..0) => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
        Err(_) => {
            let quoted = super::path::quote(text);
            Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {quoted}: invalid syntax"))
        }
    }
}

/// Reads a duration of Go (`1h30m`) into seconds.
fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..unit_at].parse().ok()?;
        let unit_end =
            rest[unit_at..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| unit_at + at);
        seconds += number
            * match &rest[unit_at..unit_end] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(seconds as i64)
}

/// Whether a name can be one of the time zones: those of a known region, or one of the few without one.
pub fn is_time_zone(name: &str) -> bool {
    const REGIONS: &[&str] = &[
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Brazil",
        "Canada",
        "Chile",
        "Etc",
        "Europe",
        "Indian",
        "Mexico",
        "Pacific",
        "US",
    ];
    const ALONE: &[&str] = &[
        "CET",
        "CST6CDT",
        "Cuba",
        "EET",
        "EST",
        "EST5EDT",
        "Egypt",
        "Eire",
        "GB",
        "GMT",
        "GMT+0",
        "GMT-0",
        "GMT0",
        "Greenwich",
        "HST",
        "Hongkong",
        "Iceland",
        "Iran",
        "Israel",
        "Jamaica",
        "Japan",
        "Kwajalein",
        "Libya",
        "MET",
        "MST",
        "MST7MDT",
        "NZ",
        "NZ-CHAT",
        "Navajo",
        "PRC",
        "PST8PDT",
        "Poland",
        "Portugal",
        "ROC",
        "ROK",
        "Singapore",
        "Turkey",
        "UCT",
        "UTC",
        "Universal",
        "W-SU",
        "WET",
        "Zulu",
    ];
    match name.split_once('/') {
        Some((region, place)) => REGIONS.contains(&region) && !place.is_empty(),
        None => ALONE.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_come_due() {
        let at = |text: &str| Date::parse_rfc3339(text).unwrap();
        for (schedule, after, next) in [
            ("*/5 * * * *", "2026-11-20T22:14:30Z", "2026-11-20T22:15:00Z"),
            ("*/5 * * * *", "2026-11-20T22:15:00Z", "2026-11-20T22:20:00Z"),
            ("0 3 * * *", "2026-11-20T22:14:30Z", "2026-11-21T03:00:00Z"),
            ("@hourly", "2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z"),
            ("0 0 29 2 *", "2026-11-20T22:14:30Z", "2028-02-29T00:00:00Z"),
            ("30 9 * * mon-fri", "2026-11-20T22:14:30Z", "2026-11-23T09:30:00Z"),
            ("0 0 1 * sun", "2026-11-20T22:14:30Z", "2026-11-22T00:00:00Z"),
            ("10/20 * * * *", "2026-11-20T22:14:30Z", "2026-11-20T22:30:00Z"),
            ("@every 90s", "2026-11-20T22:14:30Z", "2026-11-20T22:16:00Z"),
        ] {
            assert_eq!(Schedule::parse(schedule).unwrap().next(at(after)), Some(at(next)), "{schedule}");
        }
        assert_eq!(Schedule::parse("0 0 30 2 *").unwrap().next(Date(0)), None);
    }

    #[test]
    fn what_is_wrong_with_a_schedule() {
        for (schedule, message) in [
            ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
            ("60 * * * *", "end of range (60) above maximum (59): 60"),
            ("* * * * 7", "end of range (7) above maximum (6): 7"),
            ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax"),
            ("@never", "unrecognized descriptor: @never"),
        ] {
            assert_eq!(Schedule::parse(schedule), Err(message.into()));
        }
    }
}
