//! `tr`

use super::Flavor;
use super::options::Named;
use crate::container::kernel::{Data, Kernel};
use crate::container::program::{Step, Wait};
use crate::container::shell::pattern::in_class;

/// A running `tr`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tr {
    begun: bool,
    /// What each byte becomes; none where it goes away.
    map: Vec<Option<u8>>,
    squeeze: Vec<u8>,
    last: Option<u8>,
}

/// The bytes of a set such as `a-z\n[:digit:]`.
fn set(text: &str) -> Vec<u8> {
    let (text, _) = crate::container::shell::escapes::unescape_bytes(
        text,
        crate::container::shell::escapes::Dialect::Ansi,
    );
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(b"[:")
            && let Some(length) = text[at..].windows(2).position(|pair| pair == b":]")
        {
            let name = String::from_utf8_lossy(&text[at + 2..at + length]).into_owned();
            bytes.extend((0..=127u8).filter(|byte| in_class(&name, char::from(*byte))));
            at += length + 2;
            continue;
        }
        if text[at] == b'[' && text.get(at + 2) == Some(&b'*') && text[at..].contains(&b']') {
            // A repetition to fill up the second set: the last byte is repeated anyway.
            bytes.push(text[at + 1]);
            at += text[at..].iter().position(|byte| *byte == b']').unwrap_or(0) + 1;
            continue;
        }
        if text.get(at + 1) == Some(&b'-') && at + 2 < text.len() && text[at] <= text[at + 2] {
            bytes.extend(text[at]..=text[at + 2]);
            at += 3;
            continue;
        }
        bytes.push(text[at]);
        at += 1;
    }
    bytes
}

impl Tr {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if !self.begun {
            self.begun = true;
            if let Err(status) = self.start(kernel, tool) {
                return Step::Exit(status);
            }
        }
        match kernel.read(0, 65_536) {
            Ok(Data::Bytes(bytes)) => {
                let mut out = Vec::with_capacity(bytes.len());
                for byte in bytes {
                    let Some(byte) = self.map[usize::from(byte)] else { continue };
                    if self.last == Some(byte) && self.squeeze.contains(&byte) {
                        continue;
                    }
                    self.last = Some(byte);
                    out.push(byte);
                }
                if kernel.write(1, &out).is_err() { Step::Exit(1) } else { Step::Yield }
            }
            Ok(Data::Empty) => Wait::readable(0).into(),
            Ok(Data::End) => Step::Exit(0),
            Err(errno) => {
                tool.say(kernel, format!("read error: {errno}"));
                Step::Exit(1)
            }
        }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c'), ("truncate-set1", 't')];
        let options = tool.options(kernel, "+dscCt", &long, 1)?;
        let (deletes, squeezes) = (options.has('d'), options.has('s'));
        let wanted = if deletes == squeezes { 2 } else { 1 };
        let found = options.operands.len();
        let bad = if found == 0 || found < wanted && !(squeezes || deletes) && tool.flavor == Flavor::Gnu {
            Some("missing operand")
        } else if found > 2 || deletes && !squeezes && found > 1 {
            Some("extra operand")
        } else {
            None
        };
        if let Some(text) = bad {
            if tool.flavor == Flavor::BusyBox {
                tool.usage(kernel);
                return Err(1);
            }
            match (text, found) {
                ("missing operand", 0) => tool.say(kernel, "missing operand"),
                ("missing operand", _) => {
                    tool.say(
                        kernel,
                        format!("missing operand after \u{2018}{}\u{2019}", options.operands[0]),
                    );
                    kernel.complain("Two strings must be given when translating.\n");
                }
                _ => {
                    tool.say(
                        kernel,
                        format!("extra operand \u{2018}{}\u{2019}", options.operands[found - 1]),
                    );
                    if deletes {
                        kernel.complain(
                            "Only one string may be given when deleting without squeezing repeats.\n",
                        );
                    }
                }
            }
            tool.try_help(kernel);
            return Err(1);
        }
        let mut first = set(&options.operands[0]);
        if options.has('c') || options.has('C') {
            first = (0..=255).filter(|byte| !first.contains(byte)).collect();
        }
        let second = options.operands.get(1).map(|text| set(text));
        self.map = (0..=255).map(Some).collect();
        match &second {
            _ if deletes => first.iter().for_each(|byte| self.map[usize::from(*byte)] = None),
            Some(second) if !second.is_empty() => {
                for (at, byte) in first.iter().enumerate() {
                    let to = second.get(at).or(if options.has('t') { None } else { second.last() });
                    if let Some(to) = to {
                        self.map[usize::from(*byte)] = Some(*to);
                    }
                }
            }
            _ => {}
        }
        if squeezes {
            self.squeeze = second.unwrap_or(first);
        }
        Ok(())
    }
}
