//! The lines of the log of Kubernetes' own programs.

use super::{Date, SimTime};

/// A line as klog writes it, its end included: the first letter of how grave it is, who writes it and when, and the line of the
/// source that it comes from.
pub fn line(severity: char, (date, now): (Date, SimTime), pid: u32, from: &str, text: &str) -> String {
    let (_, month, day, hour, minute, second) = date.civil();
    let micros = now.0 % 1_000_000;
    format!(
        "{severity}{month:02}{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06} {pid:>7} {from}] {text}\n"
    )
}
