//! `cut`

use super::Flavor;
use super::input::{Event, Go, LineInput, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A running `cut`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Cut {
    lines: Option<LineInput>,
    how: How,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct How {
    ranges: Vec<(usize, usize)>,
    /// `b`, `c` or `f`.
    unit: char,
    delimiter: Vec<u8>,
    between: Option<Vec<u8>>,
    only_delimited: bool,
    complement: bool,
}

/// `1,3-5,7-`, counted from 1.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    let part = |part: &str| {
        let number =
            |text: &str, missing: usize| if text.is_empty() { Some(missing) } else { text.parse().ok() };
        let (from, to) = match part.split_once('-') {
            Some(("", "")) => return None,
            Some((from, to)) => (number(from, 1)?, number(to, usize::MAX)?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        (from > 0 && from <= to).then_some((from, to))
    };
    text.split([',', ' ']).map(part).collect()
}

impl How {
    fn takes(&self, place: usize) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&place)) != self.complement
    }

    fn line(&self, line: &[u8]) -> Option<Vec<u8>> {
        match self.unit {
            'b' => {
                Some(line.iter().zip(1..).filter(|(_, at)| self.takes(*at)).map(|(byte, _)| *byte).collect())
            }
            'c' => {
                let text = String::from_utf8_lossy(line);
                let kept = text.chars().zip(1..).filter(|(_, at)| self.takes(*at)).map(|(c, _)| c);
                Some(kept.collect::<String>().into_bytes())
            }
            _ => {
                let delimiter = self.delimiter[0];
                if !line.contains(&delimiter) {
                    return (!self.only_delimited).then(|| line.to_vec());
                }
                let fields = line.split(|byte| *byte == delimiter).zip(1..);
                let kept: Vec<&[u8]> =
                    fields.filter(|(_, at)| self.takes(*at)).map(|(field, _)| field).collect();
                Some(kept.join(&self.between.as_ref().unwrap_or(&self.delimiter)[..]))
            }
        }
    }
}

impl Cut {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        let Some(lines) = &mut self.lines else { return Step::Exit(1) };
        let how = &self.how;
        let step = lines.step(kernel, tool, |event, out| {
            if let Event::Line(line, _) = event
                && let Some(line) = how.line(line)
            {
                out.extend(line);
                out.push(b'\n');
            }
            Go::On
        });
        step.unwrap_or(Step::Exit(u8::from(lines.input.failed)))
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let gnu = tool.flavor == Flavor::Gnu;
        let long = [
            ("bytes", 'b'),
            ("characters", 'c'),
            ("fields", 'f'),
            ("delimiter", 'd'),
            ("only-delimited", 's'),
            ("complement", 'C'),
            ("output-delimiter", 'O'),
        ];
        let options = tool.options(kernel, "b:c:f:d:snCO:", &long, 1)?;
        let fail = |kernel: &mut Kernel<'_>, text: String, help: bool| {
            tool.say(kernel, text);
            if help && gnu {
                tool.try_help(kernel);
            }
            1
        };
        let Some(unit) = options.last_of("bcf") else {
            let text = match gnu {
                true => "you must specify a list of bytes, characters, or fields",
                false => "expected a list of bytes, characters, or fields",
            };
            return Err(fail(kernel, text.to_owned(), true));
        };
        let list = options.value(unit).cloned().unwrap_or_default();
        let Some(ranges) = ranges(&list) else {
            let text = match gnu {
                true if unit == 'f' => format!("invalid field value \u{2018}{list}\u{2019}"),
                true => format!("invalid byte/character position \u{2018}{list}\u{2019}"),
                false => format!("invalid number '{list}'"),
            };
            return Err(fail(kernel, text, true));
        };
        let delimiter = options.value('d').map_or("\t", |text| text);
        if delimiter.len() > 1 {
            let text = match gnu {
                true => "the delimiter must be a single character",
                false => "the delimiter must be a single character",
            };
            return Err(fail(kernel, text.to_owned(), true));
        }
        self.how = How {
            ranges,
            unit,
            delimiter: if delimiter.is_empty() { vec![0] } else { delimiter.as_bytes().to_vec() },
            between: options.value('O').map(|text| text.as_bytes().to_vec()),
            only_delimited: options.has('s'),
            complement: options.has('C'),
        };
        self.lines = Some(LineInput::new(&options.operands, Phrase::PLAIN));
        Ok(())
    }
}
