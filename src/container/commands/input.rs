//! The files that a tool reads one after the other.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::files::How;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};

/// How a tool words that a file cannot be opened: text around the file's name, `{}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phrase {
    /// coreutils.
    pub gnu: &'static str,
    /// BusyBox.
    pub busybox: &'static str,
}

impl Phrase {
    /// The name alone, the usual way.
    pub const PLAIN: Phrase = Phrase { gnu: "{}", busybox: "{}" };
    /// As `head` and `tail` of coreutils, and most of BusyBox.
    pub const CANNOT_OPEN: Phrase =
        Phrase { gnu: "cannot open '{}' for reading", busybox: "can't open '{}'" };

    /// The phrase with a file's name.
    pub fn with(self, flavor: Flavor, name: &str) -> String {
        let phrase = if flavor == Flavor::Gnu { self.gnu } else { self.busybox };
        phrase.replace("{}", name)
    }
}

/// What reading gives next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A file begins; `-` for standard input.
    File(Arc<str>),
    /// Some of it.
    Bytes(Vec<u8>),
    /// It ended.
    EndOfFile,
    /// Nothing yet.
    Wait(Wait),
    /// There are no more files.
    End,
}

/// The files of a command line, read one after the other; standard input where none is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Input {
    names: VecDeque<Arc<str>>,
    open: Option<(Fd, Arc<str>)>,
    phrase: Phrase,
    /// A file could not be read.
    pub failed: bool,
}

impl Input {
    /// The files of these names; standard input for none and for `-`.
    pub fn new(names: &[Arc<str>], phrase: Phrase) -> Self {
        let mut names: VecDeque<Arc<str>> = names.iter().cloned().collect();
        if names.is_empty() {
            names.push_back("-".into());
        }
        Self { names, open: None, phrase, failed: false }
    }

    /// The next event. Files that cannot be opened are complained about and passed over.
    pub fn next(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Next {
        loop {
            let Some((fd, name)) = self.open.clone() else {
                let Some(name) = self.names.pop_front() else { return Next::End };
                let opened = if &*name == "-" { Ok(0) } else { kernel.open(&name, How::read()) };
                match opened {
                    Ok(fd) => {
                        self.open = Some((fd, name.clone()));
                        return Next::File(name);
                    }
                    Err(errno) => {
                        let text = self.phrase.with(tool.flavor, &name);
                        tool.say(kernel, format!("{text}: {errno}"));
                        self.failed = true;
                        continue;
                    }
                }
            };
            match kernel.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => return Next::Bytes(bytes),
                Ok(Data::Empty) => return Next::Wait(Wait::readable(fd)),
                Ok(Data::End) => {}
                Err(errno) => {
                    let text = match (tool.flavor, tool.name) {
                        (Flavor::Gnu, "head" | "tail") => format!("error reading '{name}': {errno}"),
                        (Flavor::Gnu, "sort") => format!("read failed: {name}: {errno}"),
                        (Flavor::Gnu, _) => format!("{name}: {errno}"),
                        (Flavor::BusyBox, "wc" | "sort" | "uniq" | "cut" | "grep") => {
                            format!("{name}: {errno}")
                        }
                        (Flavor::BusyBox, _) => format!("read error: {errno}"),
                    };
                    tool.say(kernel, text);
                    self.failed = true;
                }
            }
            self.skip(kernel);
            return Next::EndOfFile;
        }
    }

    /// Leaves the rest of the file that is read.
    pub fn skip(&mut self, kernel: &mut Kernel<'_>) {
        if let Some((fd, _)) = self.open.take()
            && fd != 0
        {
            kernel.close(fd).ok();
        }
    }
}

/// Cuts bytes into lines as they come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// The whole lines (with their ends) that further bytes complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.rest.extend_from_slice(bytes);
        let Some(last) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let rest = self.rest.split_off(last + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        whole.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    }

    /// What is left at the end: a line without its end.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        (!self.rest.is_empty()).then(|| std::mem::take(&mut self.rest))
    }
}

/// What a tool that works line by line is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'l> {
    /// A file begins; `-` for standard input.
    File(&'l str),
    /// A line without its end; false where the file ended before the line did.
    Line(&'l [u8], bool),
    /// The file ended.
    EndOfFile,
    /// All files ended.
    End,
}

/// What such a tool wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// More.
    On,
    /// Nothing more of this file.
    NextFile,
    /// Nothing at all.
    Stop,
}

/// Input that is read line by line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineInput {
    /// The files.
    pub input: Input,
    lines: Lines,
}

impl LineInput {
    /// The files of these names; standard input for none and for `-`.
    pub fn new(names: &[Arc<str>], phrase: Phrase) -> Self {
        Self { input: Input::new(names, phrase), lines: Lines::default() }
    }

    /// Reads some more, tells of it and writes what comes of it. None where all is done: then the tool decides on its
    /// exit status.
    pub fn step(
        &mut self,
        kernel: &mut Kernel<'_>,
        tool: Named,
        mut tell: impl FnMut(Event<'_>, &mut Vec<u8>) -> Go,
    ) -> Option<Step> {
        let mut out = Vec::new();
        let mut done = false;
        let step = match self.input.next(kernel, tool) {
            Next::File(name) => {
                if tell(Event::File(&name), &mut out) == Go::NextFile {
                    self.input.skip(kernel);
                }
                Step::Yield
            }
            Next::Bytes(bytes) => {
                for line in self.lines.feed(&bytes) {
                    match tell(Event::Line(&line[..line.len() - 1], true), &mut out) {
                        Go::On => {}
                        Go::NextFile => {
                            self.lines = Lines::default();
                            self.input.skip(kernel);
                            tell(Event::EndOfFile, &mut out);
                            break;
                        }
                        Go::Stop => {
                            done = true;
                            break;
                        }
                    }
                }
                Step::Yield
            }
            Next::EndOfFile => {
                if let Some(line) = self.lines.finish() {
                    done = tell(Event::Line(&line, false), &mut out) == Go::Stop;
                }
                done |= tell(Event::EndOfFile, &mut out) == Go::Stop;
                Step::Yield
            }
            Next::Wait(wait) => Step::Wait(wait),
            Next::End => {
                tell(Event::End, &mut out);
                done = true;
                Step::Yield
            }
        };
        if !out.is_empty()
            && let Err(errno) = kernel.write(1, &out)
        {
            if !kernel.is_dead() {
                tool.say(kernel, format!("write error: {errno}"));
            }
            return Some(Step::Exit(1));
        }
        if done { None } else { Some(step) }
    }
}
