//! `head`

use super::Flavor;
use super::input::{Event, Go, LineInput, Next, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

const PHRASE: Phrase = Phrase { gnu: "cannot open '{}' for reading", busybox: "{}" };

/// A running `head`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Head {
    lines: Option<LineInput>,
    /// Lines (or bytes) to show; negative: all but so many at the end.
    count: i64,
    bytes: bool,
    headings: bool,
    shown: i64,
    files: u32,
    /// Lines kept back for a negative count.
    held: Vec<Vec<u8>>,
}

/// A count of `head` and `tail` with the letters for 1024 and such.
pub(super) fn count(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches('+');
    let (number, unit) = match digits.find(|c: char| !c.is_ascii_digit() && c != '-') {
        Some(at) => digits.split_at(at),
        None => (digits, ""),
    };
    let factor = match unit {
        "" => 1,
        "b" => 512,
        "k" | "K" | "KiB" => 1_024,
        "kB" | "KB" => 1_000,
        "m" | "M" | "MiB" => 1 << 20,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

impl Head {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        if self.bytes {
            return self.step_bytes(kernel, tool);
        }
        let Some(mut lines) = self.lines.take() else { return Step::Exit(1) };
        let step = lines.step(kernel, tool, |event, out| self.tell(event, out));
        let failed = lines.input.failed;
        self.lines = Some(lines);
        step.unwrap_or(Step::Exit(u8::from(failed)))
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("silent", 'q'), ("verbose", 'v')];
        let options = tool.options(kernel, "n:c:qv0123456789", &long, 1)?;
        // `-5` as the first word is an old way to say `-n 5`.
        let argv = kernel.argv();
        let digits = argv
            .get(1)
            .and_then(|word| word.strip_prefix('-'))
            .filter(|digits| digits.parse::<u32>().is_ok());
        let text = options.value('c').or(options.value('n')).map_or("10", |text| text);
        let text = digits.unwrap_or(text);
        let Some(count) = count(text) else {
            let what = if options.has('c') { "bytes" } else { "lines" };
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => format!("invalid number of {what}: '{text}'"),
                    Flavor::BusyBox => format!("invalid number '{text}'"),
                },
            );
            return Err(1);
        };
        self.count = count;
        self.bytes = options.has('c');
        self.headings = options.has('v') || options.operands.len() > 1 && !options.has('q');
        self.lines = Some(LineInput::new(&options.operands, PHRASE));
        Ok(())
    }

    fn heading(&mut self, name: &str, out: &mut Vec<u8>) {
        self.shown = 0;
        self.held.clear();
        if self.headings {
            let name = if name == "-" { "standard input" } else { name };
            let gap = if self.files > 0 { "\n" } else { "" };
            out.extend(format!("{gap}==> {name} <==\n").bytes());
        }
        self.files += 1;
    }

    fn tell(&mut self, event: Event<'_>, out: &mut Vec<u8>) -> Go {
        match event {
            Event::File(name) => {
                self.heading(name, out);
                if self.count == 0 { Go::NextFile } else { Go::On }
            }
            Event::Line(line, whole) => {
                let mut line = line.to_vec();
                if whole {
                    line.push(b'\n');
                }
                if self.count < 0 {
                    self.held.push(line);
                    if self.held.len() as i64 > -self.count {
                        out.extend(self.held.remove(0));
                    }
                    return Go::On;
                }
                out.extend(line);
                self.shown += 1;
                if self.shown >= self.count { Go::NextFile } else { Go::On }
            }
            Event::EndOfFile | Event::End => Go::On,
        }
    }

    fn step_bytes(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let Some(mut lines) = self.lines.take() else { return Step::Exit(1) };
        let mut out = Vec::new();
        let step = match lines.input.next(kernel, tool) {
            Next::File(name) => {
                self.heading(&name, &mut out);
                Step::Yield
            }
            Next::Bytes(bytes) if self.count < 0 => {
                self.held.push(bytes);
                Step::Yield
            }
            Next::Bytes(bytes) => {
                let left = (self.count - self.shown).max(0) as usize;
                out.extend_from_slice(&bytes[..bytes.len().min(left)]);
                self.shown += bytes.len() as i64;
                if self.shown >= self.count {
                    lines.input.skip(kernel);
                }
                Step::Yield
            }
            Next::EndOfFile => {
                let all = self.held.concat();
                out.extend_from_slice(&all[..all.len().saturating_sub(self.count.unsigned_abs() as usize)]);
                Step::Yield
            }
            Next::Wait(wait) => Step::Wait(wait),
            Next::End => Step::Exit(u8::from(lines.input.failed)),
        };
        self.lines = Some(lines);
        if !out.is_empty() && kernel.write(1, &out).is_err() { Step::Exit(1) } else { step }
    }
}
