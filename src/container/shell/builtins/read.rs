//! `read` and `mapfile`.

use std::sync::Arc;
use std::time::Duration;

use super::{Outcome, Result};
use crate::base::SimTime;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::Wait;
use crate::container::shell::expand::Stop;
use crate::container::shell::interpreter::{Flow, Frame};
use crate::container::shell::{Flavor, Shell, Value};

/// `read` that waits for its line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::container::shell) struct Read {
    names: Vec<Arc<str>>,
    /// Backslashes stand for themselves.
    raw: bool,
    array: bool,
    fd: Fd,
    delimiter: u8,
    /// Not more characters than this.
    count: Option<usize>,
    deadline: Option<SimTime>,
    /// All lines: `mapfile`, with true if the line ends are cut off.
    all: Option<bool>,
    bytes: Vec<u8>,
}

const USAGE: &str = "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";

impl Shell {
    pub(super) fn builtin_read(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let known = match self.flavor {
            Flavor::Bash => "ersa:d:i:n:N:p:t:u:",
            Flavor::Ash => "rsd:n:p:t:u:",
            Flavor::Dash => "rp:",
        };
        let (options, at) = self.options(kernel, arguments, known, USAGE)?;
        let mut read = Read {
            names: arguments[at..].to_vec(),
            raw: false,
            array: false,
            fd: 0,
            delimiter: b'\n',
            count: None,
            deadline: None,
            all: None,
            bytes: Vec::new(),
        };
        for (letter, value) in options {
            match letter {
                'r' => read.raw = true,
                'a' => {
                    read.array = true;
                    read.names = vec![value];
                }
                'd' => read.delimiter = value.bytes().next().unwrap_or(0),
                'n' | 'N' => read.count = Some(self.number(kernel, &value)?.max(0) as usize),
                'p' if self.flavor != Flavor::Dash && !kernel.is_terminal(0) => {}
                'p' => kernel.complain(&value),
                't' => {
                    let seconds: f64 = value.parse().unwrap_or(0.0);
                    let wait = Duration::try_from_secs_f64(seconds).unwrap_or_default();
                    read.deadline = Some(kernel.now() + wait);
                }
                'u' => read.fd = self.number(kernel, &value)?.max(0) as Fd,
                _ => {}
            }
        }
        let bad = read.names.iter().find(|name| !crate::container::shell::parser::is_name(name));
        if let Some(bad) = bad {
            let text = match self.flavor {
                Flavor::Bash => format!("`{bad}': not a valid identifier"),
                Flavor::Dash => format!("{bad}: bad variable name"),
                Flavor::Ash => {
                    kernel.complain(format!("{}: read: '{bad}': bad variable name\n", self.name));
                    return Ok(Outcome::Status(1));
                }
            };
            self.complain(kernel, text);
            return Ok(Outcome::Status(if self.flavor == Flavor::Bash { 1 } else { 2 }));
        }
        if read.names.is_empty() && self.flavor == Flavor::Dash {
            return Err(self.misuse(kernel, "arg count"));
        }
        if !kernel.is_open(read.fd) {
            if self.flavor == Flavor::Bash {
                self.complain(kernel, format!("{}: invalid file descriptor: Bad file descriptor", read.fd));
            }
            return Ok(Outcome::Status(1));
        }
        self.frames.push(Frame::Read(Box::new(read)));
        Ok(Outcome::Pushed)
    }

    pub(super) fn builtin_mapfile(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) =
            self.options(kernel, arguments, "td:n:O:s:u:", "mapfile [-d delim] [-n count] [-t] [array]")?;
        let trims = options.iter().any(|(letter, _)| *letter == 't');
        let name = arguments.get(at).cloned().unwrap_or_else(|| "MAPFILE".into());
        self.frames.push(Frame::Read(Box::new(Read {
            names: vec![name],
            raw: true,
            array: true,
            fd: 0,
            delimiter: b'\n',
            count: None,
            deadline: None,
            all: Some(trims),
            bytes: Vec::new(),
        })));
        Ok(Outcome::Pushed)
    }

    /// Goes on with `read`.
    pub(in crate::container::shell) fn resume_read(
        &mut self,
        kernel: &mut Kernel<'_>,
        mut read: Box<Read>,
    ) -> Flow {
        let mut ended = false;
        loop {
            if read.is_full() {
                break;
            }
            let data = match (read.count, read.delimiter, read.all) {
                (_, _, Some(_)) => kernel.read(read.fd, 65_536),
                (Some(_), _, _) => kernel.read(read.fd, 1),
                (None, b'\n', _) => kernel.read_line(read.fd),
                _ => kernel.read(read.fd, 1),
            };
            match data {
                Ok(Data::Bytes(bytes)) => {
                    read.bytes.extend(bytes);
                    if !kernel.charge(1) {
                        self.frames.push(Frame::Read(read));
                        return Flow::Go;
                    }
                }
                Ok(Data::Empty) => {
                    if read.deadline.is_some_and(|deadline| deadline <= kernel.now()) {
                        self.status = 142;
                        if self.flavor != Flavor::Bash {
                            self.status = 1;
                        }
                        return Flow::Go;
                    }
                    let wait = Wait::readable(read.fd).or_until(read.deadline);
                    self.frames.push(Frame::Read(read));
                    return Flow::Wait(wait);
                }
                Ok(Data::End) => {
                    ended = true;
                    break;
                }
                Err(errno) => {
                    if self.flavor == Flavor::Bash {
                        self.builtin = Some("read".into());
                        self.complain(kernel, format!("read error: {}: {errno}", read.fd));
                        self.builtin = None;
                    }
                    ended = true;
                    break;
                }
            }
        }
        self.status = u8::from(ended && read.all.is_none());
        if let Err(Stop::Abort(status)) = self.assign_read(kernel, &read) {
            return self.abort(kernel, status);
        }
        Flow::Go
    }

    fn assign_read(&mut self, kernel: &mut Kernel<'_>, read: &Read) -> Result<()> {
        let bytes =
            read.bytes.strip_suffix(&[read.delimiter]).filter(|_| read.all.is_none()).unwrap_or(&read.bytes);
        let text = String::from_utf8_lossy(bytes).replace('\0', "");
        if let Some(trims) = read.all {
            let lines = text.split_inclusive('\n');
            let lines =
                lines.map(|line| if trims { line.trim_end_matches('\n').into() } else { line.into() });
            self.variables.entry(&read.names[0]).value = Some(Value::Array((0..).zip(lines).collect()));
            return Ok(());
        }
        let marked = unescaped(&text, read.raw);
        let separators = self.separators();
        if read.array {
            let fields = fields(&marked, &separators, usize::MAX);
            let items = (0..).zip(fields.into_iter().map(Arc::from)).collect();
            self.variables.entry(&read.names[0]).value = Some(Value::Array(items));
            return Ok(());
        }
        if read.names.is_empty() {
            let whole: String = marked.iter().map(|(c, _)| *c).collect();
            return self.assign(kernel, "REPLY", &whole);
        }
        let fields = fields(&marked, &separators, read.names.len());
        let mut fields = fields.into_iter();
        for name in &read.names {
            self.assign(kernel, name, &fields.next().unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Read {
    fn is_full(&self) -> bool {
        if self.all.is_some() {
            return false;
        }
        if self.count.is_some_and(|count| String::from_utf8_lossy(&self.bytes).chars().count() >= count) {
            return true;
        }
        if self.bytes.last() != Some(&self.delimiter) {
            return false;
        }
        // A backslash before the line end joins the next line.
        let backslashes = self.bytes.iter().rev().skip(1).take_while(|byte| **byte == b'\\').count();
        self.raw || backslashes % 2 == 0
    }
}

/// The characters of a line, and for each whether a backslash stood before it.
fn unescaped(text: &str, raw: bool) -> Vec<(char, bool)> {
    if raw {
        return text.chars().map(|c| (c, false)).collect();
    }
    let mut marked = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => marked.push((c, true)),
            },
            c => marked.push((c, false)),
        }
    }
    marked
}

/// Splits a line into at most `count` fields; the last has all the rest.
fn fields(marked: &[(char, bool)], separators: &str, count: usize) -> Vec<String> {
    let splits = |at: usize| marked.get(at).is_some_and(|(c, kept)| !kept && separators.contains(*c));
    let blank = |at: usize| splits(at) && marked[at].0.is_ascii_whitespace();
    let text = |from: usize, to: usize| marked[from..to].iter().map(|(c, _)| *c).collect::<String>();
    let mut fields = Vec::new();
    let mut at = 0;
    while blank(at) {
        at += 1;
    }
    while at < marked.len() && fields.len() + 1 < count {
        let start = at;
        while at < marked.len() && !splits(at) {
            at += 1;
        }
        fields.push(text(start, at));
        while blank(at) {
            at += 1;
        }
        if splits(at) {
            at += 1;
            while blank(at) {
                at += 1;
            }
        }
    }
    if at < marked.len() {
        let mut end = marked.len();
        while end > at && blank(end - 1) {
            end -= 1;
        }
        // One separator at the very end belongs to the last field's end.
        let inner = (at..end).filter(|at| splits(*at)).count();
        if inner == 1 && splits(end - 1) {
            end -= 1;
        }
        fields.push(text(at, end));
    }
    fields
}
