//! `cat`

use super::Flavor;
use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

const PHRASE: Phrase = Phrase { gnu: "{}", busybox: "can't open '{}'" };

/// A running `cat`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Cat {
    input: Option<Input>,
    look: Look,
}

/// How lines are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Look {
    numbers: bool,
    /// Only lines that are not empty get a number.
    filled: bool,
    ends: bool,
    tabs: bool,
    controls: bool,
    squeeze: bool,
    count: u64,
    in_line: bool,
    blank_lines: u32,
}

impl Look {
    fn is_plain(&self) -> bool {
        !(self.numbers || self.ends || self.tabs || self.controls || self.squeeze)
    }

    fn show(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() * 2);
        for byte in bytes.iter().copied() {
            if !self.in_line {
                self.blank_lines = if byte == b'\n' { self.blank_lines + 1 } else { 0 };
                if self.squeeze && self.blank_lines > 1 {
                    continue;
                }
                if self.numbers && !(self.filled && byte == b'\n') {
                    self.count += 1;
                    out.extend(format!("{:6}\t", self.count).bytes());
                }
            }
            self.in_line = byte != b'\n';
            match byte {
                b'\n' => {
                    if self.ends {
                        out.push(b'$');
                    }
                    out.push(b'\n');
                }
                b'\t' if self.tabs => out.extend(b"^I"),
                0..32 if self.controls && byte != b'\t' => out.extend([b'^', byte + 64]),
                127 if self.controls => out.extend(b"^?"),
                byte => out.push(byte),
            }
        }
        out
    }
}

impl Cat {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.input.is_none() {
            let long = [
                ("number", 'n'),
                ("number-nonblank", 'b'),
                ("show-ends", 'E'),
                ("show-tabs", 'T'),
                ("show-nonprinting", 'v'),
                ("show-all", 'A'),
                ("squeeze-blank", 's'),
            ];
            let known = if tool.flavor == Flavor::Gnu { "nbEeTtvAsu" } else { "nbvteA" };
            let options = match tool.options(kernel, known, &long, 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            let any = |letters: &str| letters.chars().any(|letter| options.has(letter));
            self.look = Look {
                numbers: any("nb"),
                filled: any("b"),
                ends: any("EeA"),
                tabs: any("TtA"),
                controls: any("vetA"),
                squeeze: any("s"),
                ..Look::default()
            };
            self.input = Some(Input::new(&options.operands, PHRASE));
        }
        let Some(input) = &mut self.input else { return Step::Exit(1) };
        match input.next(kernel, tool) {
            Next::Bytes(bytes) => {
                let bytes = if self.look.is_plain() { bytes } else { self.look.show(&bytes) };
                match kernel.write(1, &bytes) {
                    Ok(()) => Step::Yield,
                    Err(errno) => {
                        tool.say(kernel, format!("write error: {errno}"));
                        Step::Exit(1)
                    }
                }
            }
            Next::File(_) | Next::EndOfFile => Step::Yield,
            Next::Wait(wait) => Step::Wait(wait),
            Next::End => Step::Exit(u8::from(input.failed)),
        }
    }
}
