//! `tail`

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Flavor;
use super::head::count;
use super::input::{Input, Next, Phrase};
use super::options::Named;
use crate::container::errno::Errno;
use crate::container::files::How;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};
use crate::container::tree::Kind;

/// A running `tail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Tail {
    input: Option<Input>,
    how: Part,
    headings: bool,
    /// 1 for `-f`; 2 for `-F`, which looks for the file again by its name.
    follow: u8,
    names: Vec<Arc<str>>,
    shown: u32,
    current: Option<Arc<str>>,
    /// What of the current file may be its end.
    kept: VecDeque<u8>,
    seen: i64,
    followed: Vec<Followed>,
    /// The file whose heading was printed last.
    last: Option<usize>,
    failed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Part {
    count: i64,
    /// Counted from the start.
    from_start: bool,
    bytes: bool,
}

/// A file that is followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Followed {
    name: Arc<str>,
    fd: Option<Fd>,
    /// It can be waited for; of other files it is looked at once a second.
    stream: bool,
    size: u64,
}

impl Tail {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.input.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        let Some(mut input) = self.input.take() else { return Step::Exit(1) };
        let mut out = Vec::new();
        let step = match input.next(kernel, tool) {
            Next::File(name) => {
                if self.headings {
                    self.heading(&name, &mut out);
                }
                self.current = Some(name.clone());
                self.last = self.names.iter().position(|own| *own == name);
                (self.kept, self.seen) = (VecDeque::new(), 0);
                Step::Yield
            }
            // It has no end and no lines: memory fills, and that is all that happens.
            Next::Bytes(_) if self.current.as_deref() == Some("/dev/zero") => Step::Wait(Wait::forever()),
            Next::Bytes(bytes) => {
                self.take(&bytes, &mut out);
                Step::Yield
            }
            Next::EndOfFile => {
                out.extend(self.kept.drain(..));
                Step::Yield
            }
            // Standard input that does not end is followed from its first line on.
            Next::Wait(wait) => Step::Wait(wait),
            Next::End if self.follow > 0 => {
                self.failed |= input.failed;
                self.follow(kernel, tool, &mut out)
            }
            Next::End => {
                if self.current.is_none() && tool.flavor == Flavor::BusyBox {
                    tool.say(kernel, "no files");
                }
                Step::Exit(u8::from(input.failed || self.failed))
            }
        };
        self.input = Some(input);
        if !out.is_empty() && kernel.write(1, &out).is_err() { Step::Exit(1) } else { step }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [
            ("lines", 'n'),
            ("bytes", 'c'),
            ("follow", 'f'),
            ("quiet", 'q'),
            ("silent", 'q'),
            ("verbose", 'v'),
            ("retry", 'r'),
            ("sleep-interval", 's'),
            ("pid", 'p'),
        ];
        let options = tool.options(kernel, "n:c:fFqvrs:p:0123456789", &long, 1)?;
        let argv = kernel.argv();
        let digits = argv
            .get(1)
            .and_then(|word| word.strip_prefix('-'))
            .filter(|digits| digits.parse::<u32>().is_ok());
        let text = options.value('c').or(options.value('n')).map(|text| &**text).or(digits).unwrap_or("10");
        let Some(number) = count(text) else {
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
        self.how = Part { count: number.abs(), from_start: text.starts_with('+'), bytes: options.has('c') };
        self.follow = if options.has('F') { 2 } else { u8::from(options.has('f')) };
        self.names = options.operands.clone();
        self.headings = options.has('v') || options.operands.len() > 1 && !options.has('q');
        self.input = Some(Input::new(&options.operands, Phrase::CANNOT_OPEN));
        Ok(())
    }

    fn heading(&mut self, name: &str, out: &mut Vec<u8>) {
        let name = if name == "-" { "standard input" } else { name };
        let gap = if self.shown > 0 { "\n" } else { "" };
        out.extend(format!("{gap}==> {name} <==\n").bytes());
        self.shown += 1;
    }

    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.how.from_start {
            for byte in bytes {
                if self.seen >= self.how.count - 1 {
                    out.push(*byte);
                }
                self.seen += i64::from(self.how.bytes || *byte == b'\n');
            }
            return;
        }
        self.kept.extend(bytes);
        if self.how.bytes {
            let excess = self.kept.len().saturating_sub(self.how.count as usize);
            self.kept.drain(..excess);
            return;
        }
        if self.how.count == 0 {
            self.kept.clear();
            return;
        }
        // The end of the last line does not begin another.
        let inside = self.kept.len() - usize::from(self.kept.back() == Some(&b'\n'));
        let mut ends = 0;
        for at in (0..inside).rev() {
            if self.kept[at] == b'\n' {
                ends += 1;
                if ends == self.how.count {
                    self.kept.drain(..=at);
                    return;
                }
            }
        }
    }

    /// Shows what files have grown by, for ever.
    fn follow(&mut self, kernel: &mut Kernel<'_>, tool: Named, out: &mut Vec<u8>) -> Step {
        if self.followed.is_empty() {
            self.open_all(kernel);
            if self.followed.is_empty() {
                if tool.flavor == Flavor::Gnu {
                    tool.say(kernel, "no files remaining");
                }
                return Step::Exit(1);
            }
        }
        let mut wait = Wait::forever();
        for at in 0..self.followed.len() {
            let entry = self.followed[at].clone();
            if self.follow == 2 {
                self.reopen(kernel, tool, at);
                // A file that is not there yet may come.
                wait = wait.or_until(kernel.now() + Duration::from_secs(1));
            }
            let Some(fd) = self.followed[at].fd else { continue };
            let mut grown = Vec::new();
            if !entry.stream {
                let size = kernel.files().stat(&entry.name).map_or(0, |stat| stat.size);
                if size < self.followed[at].size
                    && kernel.position(fd).is_some_and(|(_, offset)| offset > size)
                {
                    let name = &entry.name;
                    tool.say(kernel, format!("{name}: file truncated"));
                    kernel.seek(fd, 0).ok();
                }
                self.followed[at].size = size;
            }
            loop {
                match kernel.read(fd, 65_536) {
                    Ok(Data::Bytes(bytes)) => grown.extend(bytes),
                    Ok(Data::Empty) => {
                        wait = wait.or_readable(fd);
                        break;
                    }
                    _ => {
                        if entry.stream && fd == 0 {
                            self.followed[at].fd = None;
                        }
                        break;
                    }
                }
                if grown.len() > 1 << 20 {
                    break;
                }
            }
            if !grown.is_empty() {
                if self.headings && self.last != Some(at) {
                    self.heading(&entry.name, out);
                }
                self.last = Some(at);
                out.extend(grown);
            }
            if !entry.stream {
                wait = wait.or_until(kernel.now() + Duration::from_secs(1));
            }
        }
        // A device such as /dev/null never grows.
        wait.into()
    }

    fn open_all(&mut self, kernel: &mut Kernel<'_>) {
        let names = self.names.clone();
        for name in names {
            if &*name == "-" {
                self.followed.push(Followed { name, fd: Some(0), stream: true, size: 0 });
                continue;
            }
            match kernel.open(&name, How::read()) {
                Ok(fd) => {
                    let regular = kernel.kind_of(fd) == Ok(Kind::File);
                    let size = kernel.files().stat(&name).map_or(0, |stat| stat.size);
                    kernel.seek(fd, size).ok();
                    self.followed.push(Followed { name, fd: Some(fd), stream: !regular, size });
                }
                Err(_) if self.follow == 2 => {
                    self.followed.push(Followed { name, fd: None, stream: false, size: 0 });
                }
                Err(_) => {}
            }
        }
        if self.names.is_empty() {
            // Standard input has ended already.
            self.followed.push(Followed { name: "-".into(), fd: None, stream: true, size: 0 });
        }
    }

    /// `-F`: the file may be another one by now.
    fn reopen(&mut self, kernel: &mut Kernel<'_>, tool: Named, at: usize) {
        let name = self.followed[at].name.clone();
        let gnu = tool.flavor == Flavor::Gnu;
        match (kernel.files().locate(&name), self.followed[at].fd) {
            (Ok(_), None) => {
                if let Ok(fd) = kernel.open(&name, How::read()) {
                    let text = match gnu {
                        true => format!("'{name}' has appeared;  following new file"),
                        false => format!("{name} has appeared; following end of new file"),
                    };
                    tool.say(kernel, text);
                    self.followed[at].fd = Some(fd);
                }
            }
            (Ok(place), Some(fd)) => {
                if kernel.place_of(fd).is_some_and(|open| open.ino != place.ino) {
                    kernel.close(fd).ok();
                    self.followed[at].fd = kernel.open(&name, How::read()).ok();
                    let text = match gnu {
                        true => format!("'{name}' has been replaced;  following new file"),
                        false => format!("{name} has been replaced; following end of new file"),
                    };
                    tool.say(kernel, text);
                }
            }
            (Err(errno), Some(fd)) => {
                if errno == Errno::NotFound {
                    let text = match gnu {
                        true => format!("'{name}' has become inaccessible: {errno}"),
                        false => format!("{name} has become inaccessible"),
                    };
                    tool.say(kernel, text);
                }
                kernel.close(fd).ok();
                self.followed[at].fd = None;
            }
            (Err(_), None) => {}
        }
    }
}
