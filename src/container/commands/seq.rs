//! `seq`

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A running `seq`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seq {
    begun: bool,
    /// In units of the last decimal place shown.
    first: i64,
    step: i64,
    last: i64,
    next: i64,
    places: usize,
    width: usize,
    separator: String,
    format: Option<String>,
}

/// How many numbers are written at once.
const AT_ONCE: i64 = 5_000;

fn places(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

fn scaled(text: &str, places: usize) -> Option<i64> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    Some((value * 10f64.powi(places as i32)).round() as i64)
}

impl Seq {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if !self.begun {
            self.begun = true;
            if let Err(status) = self.start(kernel, tool) {
                return Step::Exit(status);
            }
        }
        let mut out = String::new();
        for _ in 0..AT_ONCE {
            let done = if self.step > 0 { self.next > self.last } else { self.next < self.last };
            if done {
                if self.next != self.first {
                    out.push('\n');
                }
                kernel.print(out);
                return Step::Exit(0);
            }
            if self.next != self.first {
                out.push_str(&self.separator);
            }
            let value = self.next as f64 / 10f64.powi(self.places as i32);
            let (places, width) = (self.places, self.width);
            match &self.format {
                Some(format) => {
                    let printed = super::printf::format(
                        format,
                        &[value.to_string().into()],
                        super::printf::Words::Coreutils,
                    );
                    out.push_str(&String::from_utf8_lossy(&printed.bytes));
                }
                None => out.push_str(&format!("{value:0width$.places$}")),
            }
            self.next = self.next.saturating_add(self.step);
        }
        if kernel.write(1, out.as_bytes()).is_err() { Step::Exit(1) } else { Step::Yield }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        // Negative numbers are no options.
        let argv = kernel.argv();
        let mut operands = Vec::new();
        let mut wide = false;
        self.separator = "\n".to_owned();
        let mut words = argv[1..].iter();
        while let Some(word) = words.next() {
            match &**word {
                "-w" | "--equal-width" => wide = true,
                "-s" | "--separator" => {
                    self.separator = words.next().map(|text| text.to_string()).unwrap_or_default()
                }
                "-f" | "--format" => self.format = words.next().map(|text| text.to_string()),
                text if text.starts_with("-s") => self.separator = text[2..].to_owned(),
                text if text.starts_with("-f") => self.format = Some(text[2..].to_owned()),
                _ => operands.push(word.clone()),
            }
        }
        let (first, step, last) = match &operands[..] {
            [last] => ("1", "1", &**last),
            [first, last] => (&**first, "1", &**last),
            [first, step, last] => (&**first, &**step, &**last),
            [] => return Err(tool.missing_operand(kernel)),
            [_, _, _, extra, ..] => {
                match tool.flavor {
                    Flavor::Gnu => {
                        tool.say(kernel, format!("extra operand \u{2018}{extra}\u{2019}"));
                        tool.try_help(kernel);
                    }
                    Flavor::BusyBox => tool.usage(kernel),
                }
                return Err(1);
            }
        };
        self.places = places(first).max(places(step));
        for (text, slot) in [(first, 0), (step, 1), (last, 2)] {
            let Some(value) = scaled(text, self.places) else {
                match tool.flavor {
                    Flavor::Gnu => {
                        tool.say(kernel, format!("invalid floating point argument: \u{2018}{text}\u{2019}"));
                        tool.try_help(kernel);
                    }
                    Flavor::BusyBox => tool.usage(kernel),
                }
                return Err(1);
            };
            match slot {
                0 => self.first = value,
                1 => self.step = value,
                _ => self.last = value,
            }
        }
        if self.step == 0 {
            match tool.flavor {
                Flavor::Gnu => {
                    tool.say(kernel, format!("invalid Zero increment value: \u{2018}{step}\u{2019}"));
                    tool.try_help(kernel);
                    return Err(1);
                }
                Flavor::BusyBox => self.step = 1,
            }
        }
        self.next = self.first;
        if wide {
            let shown = |units: i64| {
                format!("{:.*}", self.places, units as f64 / 10f64.powi(self.places as i32)).len()
            };
            self.width = shown(self.first).max(shown(self.last));
        }
        Ok(())
    }
}
