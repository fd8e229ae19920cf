//! `base64`

use super::Flavor;
use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::api::base64::{ALPHABET, encode};
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A running `base64`: it reads all, then writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Base64 {
    input: Option<Input>,
    decode: bool,
    wrap: usize,
    bytes: Vec<u8>,
}

/// The bytes of a text and whether all of it was text of bytes.
fn decode(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0, 0);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if *byte == b'=' {
            padding += 1;
            continue;
        }
        let Some(value) = ALPHABET.iter().position(|letter| letter == byte).filter(|_| padding == 0) else {
            return (out, false);
        };
        group = group << 6 | value as u32;
        count += 1;
        if count == 4 {
            out.extend([(group >> 16) as u8, (group >> 8) as u8, group as u8]);
            (group, count) = (0, 0);
        }
    }
    match count {
        2 => out.push((group >> 4) as u8),
        3 => out.extend([(group >> 10) as u8, (group >> 2) as u8]),
        _ => {}
    }
    (out, count != 1 && (count == 0 && padding == 0 || count + padding == 4))
}

impl Base64 {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.input.is_none() {
            let long = [("decode", 'd'), ("wrap", 'w'), ("ignore-garbage", 'i')];
            let options = match tool.options(kernel, "dw:i", &long, 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            self.decode = options.has('d');
            self.wrap = match options.value('w').map(|text| (text, text.parse())) {
                None => 76,
                Some((_, Ok(width))) => width,
                Some((text, Err(_))) => {
                    tool.say(
                        kernel,
                        match tool.flavor {
                            Flavor::Gnu => format!("invalid wrap size: \u{2018}{text}\u{2019}"),
                            Flavor::BusyBox => format!("invalid number '{text}'"),
                        },
                    );
                    return Step::Exit(1);
                }
            };
            self.input = Some(Input::new(&options.operands[..options.operands.len().min(1)], Phrase::PLAIN));
        }
        let Some(input) = &mut self.input else { return Step::Exit(1) };
        match input.next(kernel, tool) {
            Next::Bytes(bytes) => self.bytes.extend(bytes),
            Next::File(_) | Next::EndOfFile => {}
            Next::Wait(wait) => return Step::Wait(wait),
            Next::End => return Step::Exit(self.finish(kernel, tool)),
        }
        Step::Yield
    }

    fn finish(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> u8 {
        let failed = u8::from(self.input.as_ref().is_some_and(|input| input.failed));
        if self.decode {
            let (mut bytes, good) = decode(&self.bytes);
            if !good && tool.flavor == Flavor::BusyBox {
                // It works in whole groups.
                bytes.truncate(bytes.len() / 3 * 3);
            }
            kernel.write(1, &bytes).ok();
            if !good {
                let end = if tool.flavor == Flavor::Gnu { "invalid input" } else { "truncated input" };
                tool.say(kernel, end);
                return 1;
            }
            return failed;
        }
        let text = encode(&self.bytes);
        let mut out = String::new();
        if self.wrap == 0 {
            out.push_str(&text);
        } else {
            for line in text.as_bytes().chunks(self.wrap) {
                out.push_str(&String::from_utf8_lossy(line));
                out.push('\n');
            }
        }
        kernel.print(out);
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("mypassword", "bXlwYXNzd29yZA==")]
        {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()), (bytes.as_bytes().to_vec(), true));
        }
        assert!(!decode(b"Zg=").1);
        assert!(!decode(b"Z!").1);
    }
}
