//! `tac`, `rev`, `nl` and `paste`: lines in another order or look.

use super::input::{Event, Go, LineInput, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// A running `tac`, `rev`, `nl` or `paste`, by the tool's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tac {
    lines: Option<LineInput>,
    number: u64,
    /// `nl -b a`, `paste -s`
    all: bool,
    between: String,
    files: Vec<Vec<Vec<u8>>>,
}

const PHRASE: Phrase = Phrase { gnu: "failed to open '{}' for reading", busybox: "{}" };

impl Tac {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none() {
            let known = match tool.name {
                "nl" => "b:w:s:",
                "paste" => "d:s",
                _ => "",
            };
            let options = match tool.options(kernel, known, &[("serial", 's'), ("delimiters", 'd')], 1) {
                Ok(options) => options,
                Err(status) => return Step::Exit(status),
            };
            self.all = match tool.name {
                "nl" => options.value('b').is_some_and(|style| &**style == "a"),
                _ => options.has('s'),
            };
            self.between =
                options.value('d').map_or("\t", |text| text).replace("\\t", "\t").replace("\\n", "\n");
            let phrase = if tool.name == "tac" { PHRASE } else { Phrase::PLAIN };
            self.lines = Some(LineInput::new(&options.operands, phrase));
        }
        let Some(mut lines) = self.lines.take() else { return Step::Exit(1) };
        let step = lines.step(kernel, tool, |event, out| {
            self.tell(tool.name, event, out);
            Go::On
        });
        let failed = lines.input.failed;
        self.lines = Some(lines);
        step.unwrap_or(Step::Exit(u8::from(failed)))
    }

    fn tell(&mut self, name: &str, event: Event<'_>, out: &mut Vec<u8>) {
        match (name, event) {
            ("rev", Event::Line(line, whole)) => {
                out.extend(String::from_utf8_lossy(line).chars().rev().collect::<String>().bytes());
                if whole {
                    out.push(b'\n');
                }
            }
            ("nl", Event::Line(line, _)) => {
                if line.is_empty() && !self.all {
                    return out.extend(b"       \n");
                }
                self.number += 1;
                out.extend(format!("{:6}\t", self.number).bytes());
                out.extend_from_slice(line);
                out.push(b'\n');
            }
            ("tac" | "paste", Event::File(_)) => self.files.push(Vec::new()),
            ("tac" | "paste", Event::Line(line, _)) => {
                if let Some(file) = self.files.last_mut() {
                    file.push(line.to_vec());
                }
            }
            ("tac", Event::EndOfFile) => {
                for line in self.files.pop().unwrap_or_default().into_iter().rev() {
                    out.extend(line);
                    out.push(b'\n');
                }
            }
            ("paste", Event::End) => self.paste(out),
            _ => {}
        }
    }

    fn paste(&mut self, out: &mut Vec<u8>) {
        let files = std::mem::take(&mut self.files);
        let rows: Vec<Vec<Vec<u8>>> = if self.all {
            files
        } else {
            let longest = files.iter().map(Vec::len).max().unwrap_or(0);
            (0..longest)
                .map(|row| files.iter().map(|f| f.get(row).cloned().unwrap_or_default()).collect())
                .collect()
        };
        let marks: Vec<char> = self.between.chars().collect();
        for row in rows {
            for (at, cell) in row.into_iter().enumerate() {
                if at > 0 && !marks.is_empty() {
                    out.extend(marks[(at - 1) % marks.len()].to_string().bytes());
                }
                out.extend(cell);
            }
            out.push(b'\n');
        }
    }
}
