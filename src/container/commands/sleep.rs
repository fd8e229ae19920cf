//! `sleep`

use std::time::Duration;

use super::Flavor;
use super::options::Named;
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// A running `sleep`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sleep {
    begun: bool,
    /// None for ever.
    until: Option<SimTime>,
}

/// A time span as `sleep` and `timeout` take it: seconds with a fraction, and `s`, `m`, `h` or `d`; `Some(None)` for
/// ever.
pub(super) fn span(text: &str) -> Option<Option<Duration>> {
    if text == "infinity" || text == "inf" {
        return Some(None);
    }
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, &text[number.len()..]),
        None => (text, "s"),
    };
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let factor = match unit {
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => 1.0,
    };
    let seconds: f64 = number.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds * factor).ok())
}

impl Sleep {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if !self.begun {
            self.begun = true;
            let options = match tool.options(kernel, "", &[], 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            if options.operands.is_empty() {
                return Step::Exit(tool.missing_operand(kernel));
            }
            let mut total = Some(Duration::ZERO);
            for text in &options.operands {
                match span(text) {
                    Some(Some(time)) => total = total.map(|total| total.saturating_add(time)),
                    Some(None) => total = None,
                    None => {
                        match tool.flavor {
                            Flavor::Gnu => {
                                tool.say(kernel, format!("invalid time interval \u{2018}{text}\u{2019}"));
                                tool.try_help(kernel);
                            }
                            Flavor::BusyBox => tool.say(kernel, format!("invalid number '{text}'")),
                        }
                        return Step::Exit(1);
                    }
                }
            }
            self.until = total.map(|total| kernel.now() + total);
        }
        match self.until {
            Some(until) if until <= kernel.now() => Step::Exit(0),
            Some(until) => Wait::until(until).into(),
            None => Wait::forever().into(),
        }
    }
}
