//! `md5sum` and `sha256sum`

use std::sync::Arc;

use super::Flavor;
use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::base::sha256::{hex, padded, sha256};
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A running `md5sum` or `sha256sum`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sum {
    input: Option<Input>,
    /// What it reads are sums to be compared.
    checks: bool,
    failed: bool,
    name: Arc<str>,
    bytes: Vec<u8>,
}

const PHRASE: Phrase = Phrase { gnu: "{}", busybox: "can't open '{}'" };

impl Sum {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.input.is_none() {
            match tool.options(kernel, "bct", &[("binary", 'b'), ("check", 'c'), ("text", 't')], 1) {
                Ok(options) => {
                    self.checks = options.has('c');
                    self.input = Some(Input::new(&options.operands, PHRASE));
                }
                Err(status) => return Step::Exit(status),
            }
        }
        let Some(input) = &mut self.input else { return Step::Exit(1) };
        match input.next(kernel, tool) {
            Next::File(name) => {
                self.name = name;
                self.bytes.clear();
            }
            Next::Bytes(bytes) => self.bytes.extend(bytes),
            Next::EndOfFile if self.checks => {
                let list = String::from_utf8_lossy(&std::mem::take(&mut self.bytes)).into_owned();
                self.failed |= !check(kernel, tool, &list, &self.name);
            }
            Next::EndOfFile => kernel.print(format!("{}  {}\n", sum(tool, &self.bytes), self.name)),
            Next::Wait(wait) => return Step::Wait(wait),
            Next::End => return Step::Exit(u8::from(input.failed || self.failed)),
        }
        Step::Yield
    }
}

fn sum(tool: Named, bytes: &[u8]) -> String {
    if tool.name == "md5sum" { hex(&md5(bytes)) } else { hex(&sha256(bytes)) }
}

/// Compares files with a list of their sums; false where one differs or there is none.
fn check(kernel: &mut Kernel<'_>, tool: Named, list: &str, name: &str) -> bool {
    let gnu = tool.flavor == Flavor::Gnu;
    let (mut differ, mut unread, mut read) = (0, 0, 0);
    for (own, file) in list.lines().filter_map(|line| line.split_once([' '])) {
        let file = file.strip_prefix([' ', '*']).unwrap_or(file);
        let bytes = kernel.files().read(file).map(|bytes| bytes.to_vec());
        read += 1;
        let result = match bytes {
            Ok(bytes) if sum(tool, &bytes) == own.to_lowercase() => "OK",
            Ok(_) => {
                differ += 1;
                "FAILED"
            }
            Err(errno) => {
                tool.say(
                    kernel,
                    if gnu { format!("{file}: {errno}") } else { format!("can't open '{file}': {errno}") },
                );
                unread += 1;
                if gnu { "FAILED open or read" } else { "FAILED" }
            }
        };
        kernel.print(format!("{file}: {result}\n"));
    }
    if read == 0 {
        let name = if name == "-" { "'standard input'" } else { name };
        tool.say(kernel, format!("{name}: no properly formatted checksum lines found"));
        return false;
    }
    let plural = |count: i32, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    if gnu && unread > 0 {
        let what = plural(unread, "listed file", "listed files");
        tool.say(kernel, format!("WARNING: {unread} {what} could not be read"));
    }
    if gnu && differ > 0 {
        let what = plural(differ, "computed checksum", "computed checksums");
        tool.say(kernel, format!("WARNING: {differ} {what} did NOT match"));
    }
    if !gnu && differ + unread > 0 {
        tool.say(kernel, format!("WARNING: {} of {read} computed checksums did NOT match", differ + unread));
    }
    differ + unread == 0
}

/// MD5 (RFC 1321).
fn md5(bytes: &[u8]) -> [u8; 16] {
    const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let k: Vec<u32> = (1..=64).map(|n| (f64::from(n).sin().abs() * 4_294_967_296.0) as u32).collect();
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(bytes, false).chunks(64) {
        let m: Vec<u32> = block.chunks(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64 {
            let (mix, word) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), 7 * i % 16),
            };
            let sum = a.wrapping_add(mix).wrapping_add(k[i]).wrapping_add(m[word]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(TURNS[i / 16][i % 4]));
        }
        for (own, new) in state.iter_mut().zip([a, b, c, d]) {
            *own = own.wrapping_add(new);
        }
    }
    let mut sum = [0; 16];
    sum.chunks_mut(4).zip(state).for_each(|(chunk, word)| chunk.copy_from_slice(&word.to_le_bytes()));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples() {
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&md5(&[b'x'; 100])), hex(&md5("x".repeat(100).as_bytes())));
    }
}
