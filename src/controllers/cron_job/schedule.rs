//! Cron expressions, as robfig/cron reads them: five fields, names of months and days, `@daily` and the like, `@every`.

use crate::base::Date;

/// When a CronJob is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    when: When,
    /// Seconds that the zone of the schedule is ahead of UTC.
    offset: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// At these minutes, hours, days, months and weekdays, each a set of bits.
    Fields { minutes: u64, hours: u64, days: Field, months: u64, weekdays: Field },
    /// Every so many seconds.
    Every(i64),
}

/// The bits of a field, and whether it was a star: a day must then meet the other of the two day fields alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u64,
    star: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Zones without summer time; the page has no table of the others.
const ZONES: [(&str, i64); 12] = [
    ("", 0),
    ("Asia/Hong_Kong", 28_800),
    ("Asia/Kolkata", 19_800),
    ("Asia/Manila", 28_800),
    ("Asia/Seoul", 32_400),
    ("Asia/Shanghai", 28_800),
    ("Asia/Singapore", 28_800),
    ("Asia/Taipei", 28_800),
    ("Asia/Tokyo", 32_400),
    ("Etc/UTC", 0),
    ("GMT", 0),
    ("UTC", 0),
];

impl Schedule {
    /// Reads an expression. `zone` is the name of a time zone; UTC where it is empty.
    ///
    /// # Errors
    /// What is wrong with it, in robfig/cron's words.
    pub fn parse(text: &str, zone: &str) -> Result<Self, String> {
        let Some((_, offset)) = ZONES.iter().find(|(name, _)| *name == zone) else {
            return Err(format!("unknown time zone {zone}"));
        };
        let text = text.trim();
        if text.is_empty() {
            return Err("empty spec string".into());
        }
        if let Some((prefix, rest)) = text.split_once(' ')
            && let Some(zone) = prefix.strip_prefix("TZ=").or_else(|| prefix.strip_prefix("CRON_TZ="))
        {
            return Self::parse(rest, zone);
        }
        let when = if text.starts_with('@') { descriptor(text)? } else { fields(text)? };
        Ok(Self { when, offset: *offset })
    }

    /// The first time after a moment; none within five years.
    pub fn next(&self, after: Date) -> Option<Date> {
        let (minutes, hours, days, months, weekdays) = match &self.when {
            When::Every(seconds) => return Some(Date(after.0 + seconds)),
            When::Fields { minutes, hours, days, months, weekdays } => (minutes, hours, days, months, weekdays),
        };
        let has = |bits: u64, at: u32| bits >> at & 1 == 1;
        let mut local = (after.0 + self.offset).div_euclid(60) * 60 + 60;
        let last = local + 5 * 366 * 86_400;
        while local < last {
            let (_, month, day, hour, minute, _) = Date(local).civil();
            let weekday = (local.div_euclid(86_400) + 4).rem_euclid(7) as u32;
            let (by_day, by_weekday) = (has(days.bits, day), has(weekdays.bits, weekday));
            let on_day =
                if days.star || weekdays.star { by_day && by_weekday } else { by_day || by_weekday };
            if !has(*months, month) || !on_day {
                local = (local.div_euclid(86_400) + 1) * 86_400;
            } else if !has(*hours, hour) {
                local = (local.div_euclid(3_600) + 1) * 3_600;
            } else if !has(*minutes, minute) {
                local += 60;
            } else {
                return Some(Date(local - self.offset));
            }
        }
        None
    }
}

fn descriptor(text: &str) -> Result<When, String> {
    let same = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(duration) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let seconds = go_duration(duration)
                .ok_or_else(|| format!("failed to parse duration {text}: time: invalid duration \"{duration}\""))?;
            return Ok(When::Every(seconds.max(1)));
        }
    };
    fields(same)
}

/// Reads `1h30m10s` as seconds.
fn go_duration(text: &str) -> Option<i64> {
    let (mut rest, mut seconds) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        seconds += number
            * match &rest[digits..unit] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty()).then_some(seconds as i64)
}

fn fields(text: &str) -> Result<When, String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays] = parts[..] else {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", parts.len(), parts.join(" ")));
    };
    Ok(When::Fields {
        minutes: field(minutes, 0, 59, &[])?.bits,
        hours: field(hours, 0, 23, &[])?.bits,
        days: field(days, 1, 31, &[])?,
        months: field(months, 1, 12, &MONTHS)?.bits,
        weekdays: field(weekdays, 0, 6, &WEEKDAYS)?,
    })
}

/// Reads a list of ranges with steps; `names` count from `low`.
fn field(text: &str, low: u64, high: u64, names: &[&str]) -> Result<Field, String> {
    let mut all = Field { bits: 0, star: false };
    for expression in text.split(',').filter(|part| !part.is_empty()) {
        let number = |text: &str| -> Result<u64, String> {
            if let Some(at) = names.iter().position(|name| *name == text.to_lowercase()) {
                return Ok(low + at as u64);
            }
            text.parse::<i64>()
                .map_err(|_| {
                    format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax")
                })
                .and_then(|n| {
                    u64::try_from(n).map_err(|_| format!("negative number ({n}) not allowed: {text}"))
                })
        };
        let (range, step) = match expression.split('/').collect::<Vec<_>>()[..] {
            [range] => (range, None),
            [range, step] => (range, Some(number(step)?)),
            _ => return Err(format!("too many slashes: {expression}")),
        };
        let (start, end) = match range.split('-').collect::<Vec<_>>()[..] {
            ["*" | "?"] => {
                all.star |= step.is_none_or(|step| step == 1);
                (low, high)
            }
            [one] => {
                let start = number(one)?;
                // `5/15` goes on to the end.
                (start, if step.is_some() { high } else { start })
            }
            [first, last] => (number(first)?, number(last)?),
            _ => return Err(format!("too many hyphens: {expression}")),
        };
        let step = step.unwrap_or(1);
        if start < low {
            return Err(format!("beginning of range ({start}) below minimum ({low}): {expression}"));
        }
        if end > high {
            return Err(format!("end of range ({end}) above maximum ({high}): {expression}"));
        }
        if start > end {
            return Err(format!("beginning of range ({start}) beyond end of range ({end}): {expression}"));
        }
        if step == 0 {
            return Err(format!("step of range should be a positive number: {expression}"));
        }
        for at in (start..=end).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
            all.bits |= 1 << at;
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_times() {
        let next = |text: &str, zone: &str, from: &str| {
            let schedule = Schedule::parse(text, zone).unwrap();
            schedule.next(Date::parse_rfc3339(from).unwrap()).unwrap().rfc3339()
        };
        for (text, zone, from, to) in [
            ("* * * * *", "", "2026-11-20T22:14:30Z", "2026-11-20T22:15:00Z"),
            ("*/5 * * * *", "", "2026-11-20T22:15:00Z", "2026-11-20T22:20:00Z"),
            ("0 3 * * *", "", "2026-11-20T22:14:30Z", "2026-11-21T03:00:00Z"),
            ("0 3 * * *", "Asia/Tokyo", "2026-11-20T10:00:00Z", "2026-11-20T18:00:00Z"),
            ("30 4 1,15 * 5", "", "2026-11-20T22:14:30Z", "2026-11-27T04:30:00Z"),
            ("0 0 29 2 *", "", "2026-11-20T22:14:30Z", "2028-02-29T00:00:00Z"),
            ("0 9-17/4 * jan mon-fri", "", "2026-12-31T00:00:00Z", "2027-01-01T09:00:00Z"),
            ("@hourly", "", "2026-11-20T22:14:30Z", "2026-11-20T23:00:00Z"),
            ("@every 1h30m", "", "2026-11-20T22:14:30Z", "2026-11-20T23:44:30Z"),
        ] {
            assert_eq!(next(text, zone, from), to, "{text} {zone}");
        }
    }

    #[test]
    fn refusals() {
        for (text, why) in [
            ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
            ("60 * * * *", "end of range (60) above maximum (59): 60"),
            ("a * * * *", "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("@nope", "unrecognized descriptor: @nope"),
        ] {
            assert_eq!(Schedule::parse(text, ""), Err(why.into()));
        }
    }
}
