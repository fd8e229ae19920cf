//! `xargs`

use std::collections::VecDeque;
use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::errno::Errno;
use crate::container::kernel::{Change, Data, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid, Status};
use crate::container::program::{Step, Wait};

/// A running `xargs`: it reads all its input, then runs one command after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Xargs {
    plan: Option<Plan>,
    input: Vec<u8>,
    commands: Option<VecDeque<Vec<Arc<str>>>>,
    running: Option<Pid>,
    status: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Plan {
    command: Vec<Arc<str>>,
    at_most: usize,
    lines: bool,
    replace: Option<Arc<str>>,
    delimiter: Option<u8>,
    skip_empty: bool,
    trace: bool,
}

impl Xargs {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.plan.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        if self.commands.is_none() {
            match kernel.read(0, 65_536) {
                Ok(Data::Bytes(bytes)) => {
                    self.input.extend(bytes);
                    return Step::Yield;
                }
                Ok(Data::Empty) => return Wait::readable(0).into(),
                Ok(Data::End) | Err(_) => {}
            }
            if let Some(plan) = &self.plan {
                match plan.commands(&self.input) {
                    Ok(commands) => self.commands = Some(commands),
                    Err(text) => {
                        tool.say(kernel, text);
                        return Step::Exit(1);
                    }
                }
            }
        }
        if let Some(pid) = self.running {
            match kernel.poll_child(pid) {
                Ok(None | Some(Change::Stopped)) => return Wait::children().into(),
                Ok(Some(Change::Ended(Status::Exited(0)))) => {}
                Ok(Some(Change::Ended(Status::Exited(255)))) => {
                    let name = &self.plan.as_ref().map(|plan| plan.command[0].clone()).unwrap_or_default();
                    tool.say(kernel, format!("{name}: exited with status 255; aborting"));
                    return Step::Exit(124);
                }
                Ok(Some(Change::Ended(Status::Exited(_)))) => self.status = 123,
                Ok(Some(Change::Ended(Status::Signaled(_)))) => return Step::Exit(125),
                Err(_) => {}
            }
            self.running = None;
        }
        let Some(argv) = self.commands.as_mut().and_then(VecDeque::pop_front) else {
            return Step::Exit(self.status);
        };
        if self.plan.as_ref().is_some_and(|plan| plan.trace) {
            kernel.complain(format!("{}\n", argv.join(" ")));
        }
        let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let env = kernel.env();
        let loaded = match kernel.search(&path, &argv[0]) {
            Some(file) => kernel.load(&file, &argv, &env),
            None => Err(Errno::NotFound),
        };
        match loaded {
            Ok((program, argv)) => {
                // What it runs does not read on where it stopped.
                let null = kernel.open("/dev/null", crate::container::files::How::read()).ok();
                let fds = null.map(|null| (0, null)).into_iter().collect();
                self.running =
                    Some(kernel.spawn(program, Spawn { argv: Some(argv), fds, ..Spawn::default() }));
                if let Some(null) = null {
                    kernel.close(null).ok();
                }
                Wait::children().into()
            }
            Err(errno) => {
                tool.say(kernel, format!("{}: {errno}", argv[0]));
                Step::Exit(if errno == Errno::NotFound { 127 } else { 126 })
            }
        }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [
            ("null", '0'),
            ("max-args", 'n'),
            ("max-procs", 'P'),
            ("no-run-if-empty", 'r'),
            ("verbose", 't'),
            ("delimiter", 'd'),
            ("max-lines", 'L'),
            ("replace", 'I'),
        ];
        let options = tool.options(kernel, "+0n:P:rtd:L:I:is:xE:", &long, 1)?;
        let number = |letter: char| options.value(letter).map(|text| text.parse::<usize>());
        for letter in ['n', 'L'] {
            if let Some(Err(_) | Ok(0)) = number(letter) {
                let text = options.value(letter).map_or("", |text| text);
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("invalid number \"{text}\" for -{letter} option"),
                        Flavor::BusyBox => format!("invalid number '{text}'"),
                    },
                );
                return Err(1);
            }
        }
        let mut command = options.operands.clone();
        if command.is_empty() {
            command.push("echo".into());
        }
        let delimiter = match options.value('d') {
            _ if options.has('0') => Some(0),
            Some(text) => {
                use crate::container::shell::escapes::{Dialect, unescape_bytes};
                unescape_bytes(text, Dialect::Format).0.first().copied()
            }
            None => None,
        };
        self.plan = Some(Plan {
            command,
            at_most: number('n').or(number('L')).and_then(Result::ok).unwrap_or(5_000),
            lines: options.has('L'),
            replace: options.value('I').cloned().or_else(|| options.has('i').then(|| "{}".into())),
            delimiter,
            skip_empty: options.has('r'),
            trace: options.has('t'),
        });
        Ok(())
    }
}

impl Plan {
    fn commands(&self, input: &[u8]) -> Result<VecDeque<Vec<Arc<str>>>, String> {
        let text = String::from_utf8_lossy(input);
        let items: Vec<String> = match self.delimiter {
            Some(delimiter) => {
                let mut items: Vec<String> = text.split(char::from(delimiter)).map(str::to_owned).collect();
                if items.last().is_some_and(String::is_empty) {
                    items.pop();
                }
                items
            }
            None if self.replace.is_some() => text
                .lines()
                .map(|line| line.trim_start().to_owned())
                .filter(|line| !line.is_empty())
                .collect(),
            None if self.lines => {
                text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
            }
            None => words(&text)?,
        };
        if let Some(mark) = &self.replace {
            let fill =
                |item: &String| self.command.iter().map(|word| word.replace(&**mark, item).into()).collect();
            return Ok(items.iter().map(fill).collect());
        }
        if items.is_empty() {
            let runs = !self.skip_empty;
            return Ok(runs.then(|| self.command.clone()).into_iter().collect());
        }
        let full = |items: &[String]| {
            let mut argv = self.command.clone();
            for item in items {
                match self.lines {
                    true => argv.extend(item.split_whitespace().map(Arc::from)),
                    false => argv.push(item.as_str().into()),
                }
            }
            argv
        };
        Ok(items.chunks(self.at_most).map(full).collect())
    }
}

/// Words with quotes and backslashes.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut current: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => words.extend(current.take()),
            '\\' => current.get_or_insert_default().extend(chars.next()),
            '\'' | '"' => {
                let current = current.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some(end) if end == c => break,
                        Some(inside) if inside != '\n' => current.push(inside),
                        _ => {
                            let kind = if c == '"' { "double" } else { "single" };
                            return Err(format!(
                                "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                            ));
                        }
                    }
                }
            }
            c => current.get_or_insert_default().push(c),
        }
    }
    words.extend(current);
    Ok(words)
}
