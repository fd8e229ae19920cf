//! `wc`

use super::Flavor;
use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::tree::Kind;

/// A running `wc`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Wc {
    input: Option<Input>,
    columns: Vec<char>,
    width: usize,
    named: bool,
    name: String,
    counts: Counts,
    total: Counts,
    files: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Counts {
    lines: u64,
    words: u64,
    chars: u64,
    bytes: u64,
    longest: u64,
    in_word: bool,
    line: u64,
}

impl Counts {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.bytes += 1;
            self.chars += u64::from(byte & 0xc0 != 0x80);
            let blank = byte.is_ascii_whitespace() || *byte == 11;
            self.words += u64::from(!blank && !self.in_word);
            self.in_word = !blank;
            if *byte == b'\n' {
                self.lines += 1;
                self.line = 0;
            } else {
                self.line += u64::from(byte & 0xc0 != 0x80);
                self.longest = self.longest.max(self.line);
            }
        }
    }
}

impl Wc {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.input.is_none() {
            let long =
                [("lines", 'l'), ("words", 'w'), ("chars", 'm'), ("bytes", 'c'), ("max-line-length", 'L')];
            let options = match tool.options(kernel, "lwmcL", &long, 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            self.columns = "lwmcL".chars().filter(|letter| options.has(*letter)).collect();
            if self.columns.is_empty() {
                self.columns = vec!['l', 'w', 'c'];
            }
            self.named = !options.operands.is_empty();
            self.width = self.width(kernel, tool.flavor, &options.operands);
            self.input = Some(Input::new(&options.operands, Phrase::PLAIN));
        }
        let Some(input) = &mut self.input else { return Step::Exit(1) };
        match input.next(kernel, tool) {
            Next::File(name) => {
                self.name = if self.named { name.to_string() } else { String::new() };
                self.counts = Counts::default();
                Step::Yield
            }
            Next::Bytes(bytes) => {
                self.counts.add(&bytes);
                Step::Yield
            }
            Next::EndOfFile => {
                let (total, own) = (&mut self.total, self.counts);
                total.lines += own.lines;
                total.words += own.words;
                total.chars += own.chars;
                total.bytes += own.bytes;
                total.longest = total.longest.max(own.longest);
                self.files += 1;
                let line = self.line(own, &self.name);
                kernel.print(line);
                Step::Yield
            }
            Next::Wait(wait) => Step::Wait(wait),
            Next::End => {
                let failed = input.failed;
                if self.files > 1 || failed && self.files > 0 {
                    let line = self.line(self.total, "total");
                    kernel.print(line);
                }
                Step::Exit(u8::from(failed))
            }
        }
    }

    /// coreutils makes the columns as wide as the sizes of all files together, and 7 where it cannot tell.
    fn width(&self, kernel: &mut Kernel<'_>, flavor: Flavor, names: &[std::sync::Arc<str>]) -> usize {
        if flavor == Flavor::BusyBox {
            return if self.columns.len() > 1 { 9 } else { 0 };
        }
        if names.len() <= 1 && self.columns.len() == 1 {
            return 1;
        }
        let mut total = 0;
        for name in names {
            match kernel.files().stat(name) {
                Ok(stat) if stat.kind == Kind::File => total += stat.size,
                _ => return 7,
            }
        }
        if names.is_empty() {
            let place = kernel.place_of(0).cloned();
            let stat = place.and_then(|place| kernel.files().stat_place(&place).ok());
            return stat.map_or(7, |stat| stat.size.to_string().len());
        }
        total.to_string().len()
    }

    fn line(&self, counts: Counts, name: &str) -> String {
        let values = self.columns.iter().map(|column| match column {
            'l' => counts.lines,
            'w' => counts.words,
            'm' => counts.chars,
            'c' => counts.bytes,
            _ => counts.longest,
        });
        let width = self.width;
        let text: Vec<String> = values.map(|value| format!("{value:>width$}")).collect();
        let text = text.join(" ");
        if name.is_empty() { format!("{text}\n") } else { format!("{text} {name}\n") }
    }
}
