//! `uniq`

use super::Flavor;
use super::input::{Event, Go, LineInput, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

const PHRASE: Phrase = Phrase { gnu: "{}", busybox: "can't open '{}'" };

/// A running `uniq`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Uniq {
    lines: Option<LineInput>,
    how: How,
    output: Option<std::sync::Arc<str>>,
    last: Option<(Vec<u8>, u64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct How {
    count: bool,
    repeated: bool,
    unique: bool,
    fold: bool,
    skip_fields: usize,
    skip_chars: usize,
    flavor_is_gnu: bool,
}

impl How {
    fn key(self, line: &[u8]) -> Vec<u8> {
        let mut rest = line;
        for _ in 0..self.skip_fields {
            let blanks = rest.iter().take_while(|c| c.is_ascii_whitespace()).count();
            let word = rest[blanks..].iter().take_while(|c| !c.is_ascii_whitespace()).count();
            rest = &rest[blanks + word..];
        }
        let rest = &rest[self.skip_chars.min(rest.len())..];
        if self.fold { rest.to_ascii_lowercase() } else { rest.to_vec() }
    }

    fn show(self, last: Option<(Vec<u8>, u64)>, out: &mut Vec<u8>) {
        let Some((line, count)) = last else { return };
        if self.repeated && count < 2 || self.unique && count > 1 {
            return;
        }
        if self.count {
            out.extend(format!("{count:7} ").bytes());
        }
        out.extend(line);
        out.push(b'\n');
    }
}

impl Uniq {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none() {
            let long = [
                ("count", 'c'),
                ("repeated", 'd'),
                ("unique", 'u'),
                ("ignore-case", 'i'),
                ("skip-fields", 'f'),
                ("skip-chars", 's'),
            ];
            let options = match tool.options(kernel, "cduif:s:", &long, 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            let number = |letter: char| options.value(letter).and_then(|text| text.parse().ok()).unwrap_or(0);
            self.how = How {
                count: options.has('c'),
                repeated: options.has('d'),
                unique: options.has('u'),
                fold: options.has('i'),
                skip_fields: number('f'),
                skip_chars: number('s'),
                flavor_is_gnu: tool.flavor == Flavor::Gnu,
            };
            self.output = options.operands.get(1).cloned();
            self.lines = Some(LineInput::new(&options.operands[..options.operands.len().min(1)], PHRASE));
        }
        let Some(mut lines) = self.lines.take() else { return Step::Exit(1) };
        let (how, last) = (self.how, &mut self.last);
        let step = lines.step(kernel, tool, |event, out| {
            match event {
                Event::Line(line, _) => match last {
                    Some((own, count)) if how.key(own) == how.key(line) => *count += 1,
                    _ => how.show(last.replace((line.to_vec(), 1)), out),
                },
                Event::End => how.show(last.take(), out),
                _ => {}
            }
            Go::On
        });
        let failed = lines.input.failed;
        self.lines = Some(lines);
        step.unwrap_or(Step::Exit(u8::from(failed)))
    }
}
