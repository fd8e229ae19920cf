//! Virtual time, and how it reads on a calendar.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A moment of a simulation: microseconds since its start. The only clock there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimTime(pub u64);

impl SimTime {
    /// The start of every simulation.
    pub const ZERO: SimTime = SimTime(0);

    /// The moment `seconds` after the start.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1_000_000)
    }
    /// The moment `milliseconds` after the start.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds * 1_000)
    }
    /// Whole seconds since the start.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }
    /// Seconds since the start, with the fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
    /// How long after `earlier` this is; nothing if it is before.
    pub fn since(self, earlier: SimTime) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for SimTime {
    type Output = SimTime;
    fn add(self, after: Duration) -> SimTime {
        SimTime(self.0.saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for SimTime {
    fn add_assign(&mut self, after: Duration) {
        *self = *self + after;
    }
}

impl Sub<Duration> for SimTime {
    type Output = SimTime;
    fn sub(self, before: Duration) -> SimTime {
        SimTime(self.0.saturating_sub(u64::try_from(before.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for SimTime {
    /// Minutes, seconds and milliseconds: `0:42.180`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0 / 1_000;
        write!(f, "{}:{:02}.{:03}", millis / 60_000, millis / 1_000 % 60, millis % 1_000)
    }
}

/// A moment on the calendar, in UTC: seconds since 1970, as the API server stamps objects with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub i64);

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
/// The months, as most programs shorten them.
pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Date {
    /// Year, month (1 to 12), day of the month, hour, minute, second.
    pub fn civil(self) -> (i64, u32, u32, u32, u32, u32) {
        // Howard Hinnant's `civil_from_days`: years begin in March, eras have 400 years.
        let days = self.0.div_euclid(86_400);
        let second_of_day = self.0.rem_euclid(86_400) as u32;
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
        let month = if month < 10 { month + 3 } else { month - 9 } as u32;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, day, second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60)
    }

    /// The moment with these calendar fields; none where they name no day.
    pub fn from_civil(year: i64, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let year_from_march = year - i64::from(month <= 2);
        let era = year_from_march.div_euclid(400);
        let year_of_era = year_from_march.rem_euclid(400);
        let month_from_march = i64::from(if month > 2 { month - 3 } else { month + 9 });
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let date = Self(days * 86_400 + i64::from(hour * 3_600 + minute * 60 + second));
        (date.civil().2 == day).then_some(date)
    }

    /// RFC 3339 in UTC: `2026-11-20T22:14:30Z`.
    pub fn rfc3339(self) -> SmolStr {
        self.written("0000-00-00T00:00:00Z")
    }

    /// Its digits over those of a form like `0000-00-00T00:00:00Z`. Every object has several dates: digit by digit is much
    /// faster than a format.
    ///
    /// # Panics
    /// Where the form has more than 32 letters.
    pub fn written(self, form: &str) -> SmolStr {
        let (year, month, day, hour, minute, second) = self.civil();
        let year = year.clamp(0, 9_999);
        let mut text = [0; 32];
        let text = &mut text[..form.len()];
        text.copy_from_slice(form.as_bytes());
        let [century, year] = [year as u32 / 100, year as u32 % 100];
        let numbers = [century, year, month, day, hour, minute, second];
        for (at, number) in [0, 2, 5, 8, 11, 14, 17].into_iter().zip(numbers) {
            text[at] += (number / 10) as u8;
            text[at + 1] += (number % 10) as u8;
        }
        str::from_utf8(text).unwrap_or_default().into()
    }

    /// Reads RFC 3339 (`Z` or an offset; a fraction of a second is dropped).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        let byte = |at: usize| text.as_bytes().get(at).copied();
        if (byte(4)?, byte(7)?, byte(13)?, byte(16)?) != (b'-', b'-', b':', b':') {
            return None;
        }
        let date = Self::from_civil(
            i64::from(number(0..4)?),
            number(5..7)?,
            number(8..10)?,
            number(11..13)?,
            number(14..16)?,
            number(17..19)?,
        )?;
        let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        if zone == "Z" || zone == "z" {
            return Some(date);
        }
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let offset = hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60;
        Some(Self(date.0 - sign * offset))
    }

    /// As access logs have it: `20/Nov/2026:22:14:30`.
    pub fn access_log(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        format!("{day:02}/{}/{year:04}:{hour:02}:{minute:02}:{second:02}", MONTHS[month as usize - 1])
    }

    /// RFC 1123 with a numeric zone, as `kubectl describe` prints times: `Fri, 20 Nov 2026 22:14:30 +0000`.
    pub fn rfc1123(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        let weekday = WEEKDAYS[self.0.div_euclid(86_400).rem_euclid(7) as usize];
        let month = MONTHS[month as usize - 1];
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
    }

    /// The default form of the `date` program: `Fri Nov 20 22:14:30 UTC 2026`.
    pub fn unix(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        let weekday = WEEKDAYS[self.0.div_euclid(86_400).rem_euclid(7) as usize];
        let month = MONTHS[month as usize - 1];
        format!("{weekday} {month} {day:>2} {hour:02}:{minute:02}:{second:02} UTC {year:04}")
    }

    /// As JavaScript's `Date()` has it: `Fri Nov 20 2026 22:14:30 GMT+0000 (Coordinated Universal Time)`.
    pub fn javascript(self) -> String {
        let (year, month, day, hour, minute, second) = self.civil();
        let weekday = WEEKDAYS[self.0.div_euclid(86_400).rem_euclid(7) as usize];
        let month = MONTHS[month as usize - 1];
        format!(
            "{weekday} {month} {day:02} {year:04} {hour:02}:{minute:02}:{second:02} GMT+0000 (Coordinated Universal Time)"
        )
    }
}

/// The AGE column: `119s`, `2m2s`, `179m`, `3h`, `47h`, `2d`, `7d23h`, `8d`
/// (apimachinery, `duration.HumanDuration`). Negative beyond two seconds is `<invalid>`.
pub fn human_duration(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    let pair = |first: i64, unit: &str, second: i64, small: &str| match second {
        0 => format!("{first}{unit}"),
        _ => format!("{first}{unit}{second}{small}"),
    };
    match seconds {
        ..-1 => "<invalid>".into(),
        -1..0 => "0s".into(),
        0..120 => format!("{seconds}s"),
        120..600 => pair(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => pair(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => pair(hours / 24, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{}d", hours / 24),
        63_072_000..252_288_000 => pair(hours / 8_760, "y", hours / 24 % 365, "d"),
        _ => format!("{}y", hours / 8_760),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_round_trip() {
        for seconds in [-86_401, -1, 0, 951_782_400, 1_709_164_800, 1_795_212_870, 4_102_444_800] {
            let date = Date(seconds);
            let (year, month, day, hour, minute, second) = date.civil();
            assert_eq!(Date::from_civil(year, month, day, hour, minute, second), Some(date));
            assert_eq!(Date::parse_rfc3339(&date.rfc3339()), Some(date));
        }
        assert_eq!(Date(1_795_212_870).rfc3339(), "2026-11-20T22:14:30Z");
        assert_eq!(Date(1_795_212_870).rfc1123(), "Fri, 20 Nov 2026 22:14:30 +0000");
        assert_eq!(Date::parse_rfc3339("2026-11-21T07:14:30.5+09:00"), Some(Date(1_795_212_870)));
        assert_eq!(Date::from_civil(2026, 2, 30, 0, 0, 0), None);
    }

    #[test]
    fn time_reads_as_minutes() {
        assert_eq!(SimTime(42_180_000).to_string(), "0:42.180");
    }
}
