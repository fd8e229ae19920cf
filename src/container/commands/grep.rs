//! `grep`

use std::collections::VecDeque;
use std::sync::Arc;

use super::input::{Event, Go, LineInput, Phrase};
use super::options::{Named, Options};
use super::{Flavor, below};
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::regex::Regex;

/// A running `grep`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Grep {
    lines: Option<LineInput>,
    how: How,
    state: State,
    failed: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct How {
    patterns: Vec<String>,
    /// `E`, `F` or `G`.
    dialect: char,
    ignore_case: bool,
    invert: bool,
    words: bool,
    whole_lines: bool,
    count: bool,
    names_only: bool,
    names_of_others: bool,
    quiet: bool,
    only_matching: bool,
    numbers: bool,
    with_names: bool,
    /// What is no text is printed like text.
    text: bool,
    before: usize,
    after: usize,
    max: Option<u64>,
}

/// Where it is in its files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    name: String,
    number: u64,
    matched: u64,
    any: bool,
    held: VecDeque<(u64, Vec<u8>)>,
    after_left: usize,
    /// The last line printed, to set groups of context apart.
    printed: u64,
    groups: bool,
    /// Files that matched and are no text.
    binary: Vec<String>,
}

impl Grep {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        let regexes = match self.how.compile() {
            Ok(regexes) => regexes,
            Err(text) => {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => text,
                        Flavor::BusyBox => format!("bad regex '{}': {text}", self.how.patterns.join("\n")),
                    },
                );
                return Step::Exit(2);
            }
        };
        let Some(lines) = &mut self.lines else { return Step::Exit(2) };
        let (how, state) = (&self.how, &mut self.state);
        let step = lines.step(kernel, tool, |event, out| state.tell(how, &regexes, event, out));
        for name in std::mem::take(&mut state.binary) {
            tool.say(kernel, format!("{name}: binary file matches"));
        }
        step.unwrap_or_else(|| {
            let failed = self.failed || lines.input.failed;
            Step::Exit(match (state.any, failed) {
                (true, _) if how.quiet => 0,
                (_, true) => 2,
                (any, false) => u8::from(!any),
            })
        })
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [
            ("extended-regexp", 'E'),
            ("fixed-strings", 'F'),
            ("basic-regexp", 'G'),
            ("perl-regexp", 'P'),
            ("ignore-case", 'i'),
            ("invert-match", 'v'),
            ("word-regexp", 'w'),
            ("line-regexp", 'x'),
            ("count", 'c'),
            ("files-with-matches", 'l'),
            ("files-without-match", 'L'),
            ("quiet", 'q'),
            ("silent", 'q'),
            ("no-messages", 's'),
            ("only-matching", 'o'),
            ("line-number", 'n'),
            ("with-filename", 'H'),
            ("no-filename", 'h'),
            ("recursive", 'r'),
            ("dereference-recursive", 'R'),
            ("regexp", 'e'),
            ("file", 'f'),
            ("after-context", 'A'),
            ("before-context", 'B'),
            ("context", 'C'),
            ("max-count", 'm'),
            ("color", 'K'),
            ("colour", 'K'),
            ("include", 'I'),
            ("line-buffered", 'u'),
            ("text", 'a'),
        ];
        let known = match tool.flavor {
            Flavor::Gnu => "EFGPiyvwxclLqsonHhrRe:f:A:B:C:m:KI:ua",
            Flavor::BusyBox => "EFiyvwxclLqsonHhrRe:f:A:B:C:m:z",
        };
        let options = tool.options(kernel, known, &long, if tool.flavor == Flavor::Gnu { 2 } else { 1 })?;
        let mut operands = options.operands.clone();
        let mut patterns: Vec<String> = options.values('e').map(|text| text.to_string()).collect();
        for file in options.values('f') {
            match kernel.files().read(file) {
                Ok(bytes) => patterns.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned)),
                Err(errno) => {
                    tool.say(kernel, format!("{file}: {errno}"));
                    return Err(2);
                }
            }
        }
        if !options.has('e') && !options.has('f') {
            if operands.is_empty() {
                match tool.flavor {
                    Flavor::Gnu => kernel.complain(
                        "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
                    ),
                    Flavor::BusyBox => tool.usage(kernel),
                }
                return Err(2);
            }
            patterns.push(operands.remove(0).to_string());
        }
        let patterns: Vec<String> =
            patterns.iter().flat_map(|text| text.split('\n')).map(str::to_owned).collect();
        let number = |letter: char| options.value(letter).and_then(|text| text.parse().ok());
        let recursive = options.has('r') || options.has('R');
        if recursive {
            if operands.is_empty() && tool.flavor == Flavor::Gnu {
                operands.push(".".into());
            }
            operands = self.walk(kernel, &options, operands, tool);
        } else {
            operands.retain(|name| {
                let directory = &**name != "-" && kernel.files().is_directory(name);
                if directory && !options.has('s') && tool.flavor == Flavor::Gnu {
                    tool.say(kernel, format!("{name}: Is a directory"));
                    self.failed = true;
                }
                !directory
            });
        }
        let named = options.operands.len() - usize::from(!options.has('e') && !options.has('f'));
        let several = named > 1 || recursive;
        self.how = How {
            patterns,
            dialect: match tool.name {
                "egrep" => 'E',
                "fgrep" => 'F',
                _ => options.last_of("EFGP").unwrap_or('G'),
            },
            ignore_case: options.has('i') || options.has('y'),
            invert: options.has('v'),
            text: options.has('a') || tool.flavor == Flavor::BusyBox,
            words: options.has('w'),
            whole_lines: options.has('x'),
            count: options.has('c'),
            names_only: options.has('l'),
            names_of_others: options.has('L'),
            quiet: options.has('q'),
            only_matching: options.has('o'),
            numbers: options.has('n'),
            with_names: options.has('H') || several && !options.has('h'),
            before: number('B').or(number('C')).unwrap_or(0) as usize,
            after: number('A').or(number('C')).unwrap_or(0) as usize,
            max: number('m'),
        };
        if options.has('s') {
            let before = operands.len();
            operands.retain(|name| &**name == "-" || kernel.files().access(name, 4).is_ok());
            self.failed |= operands.len() < before;
        }
        let empty = operands.is_empty() && (recursive && tool.flavor == Flavor::Gnu || named > 0);
        self.lines = Some(LineInput::new(&operands, Phrase::PLAIN));
        if empty {
            return Err(if self.failed { 2 } else { 1 });
        }
        Ok(())
    }

    /// The files below directories.
    fn walk(
        &mut self,
        kernel: &mut Kernel<'_>,
        options: &Options,
        names: Vec<Arc<str>>,
        tool: Named,
    ) -> Vec<Arc<str>> {
        let mut files = Vec::new();
        let mut todo: Vec<Arc<str>> = names.into_iter().rev().collect();
        let included: Vec<_> =
            options.values('I').map(|text| crate::container::shell::pattern::Pattern::new(text)).collect();
        while let Some(name) = todo.pop() {
            match kernel.files().list(&name) {
                Ok(inside) if kernel.files().is_directory(&name) => {
                    let whole = |inner: &Arc<str>| match (&*name, tool.flavor) {
                        (".", Flavor::Gnu) if !options.operands.iter().skip(1).any(|o| &**o == ".") => {
                            inner.clone()
                        }
                        (name, _) => below(name, inner).into(),
                    };
                    todo.extend(inside.iter().rev().map(whole));
                }
                _ => {
                    let fits =
                        included.is_empty() || included.iter().any(|p| p.matches(super::base_name(&name)));
                    if fits {
                        files.push(name);
                    }
                }
            }
        }
        files
    }
}

impl How {
    fn compile(&self) -> Result<Vec<Regex>, String> {
        let one = |text: &String| {
            let text = text.as_str();
            match self.dialect {
                'F' => Ok(Regex::fixed(text, self.ignore_case)),
                'E' | 'P' => Regex::extended(text, self.ignore_case),
                _ => Regex::basic(text, self.ignore_case),
            }
        };
        self.patterns.iter().map(one).collect()
    }

    /// The first match from a byte on.
    fn find(&self, regexes: &[Regex], line: &str, from: usize) -> Option<(usize, usize)> {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let one = |regex: &Regex| {
            let mut at = from;
            loop {
                let (start, end) = regex.find_at(line, at)?;
                let fits = if self.whole_lines {
                    start == 0 && end == line.len()
                } else if self.words {
                    !word(line[..start].chars().next_back()) && !word(line[end..].chars().next())
                } else {
                    true
                };
                if fits {
                    return Some((start, end));
                }
                at = start + line[start..].chars().next()?.len_utf8();
            }
        };
        regexes.iter().filter_map(one).min_by_key(|(start, end)| (*start, usize::MAX - end))
    }
}

impl State {
    fn tell(&mut self, how: &How, regexes: &[Regex], event: Event<'_>, out: &mut Vec<u8>) -> Go {
        match event {
            Event::File(name) => {
                self.name = if name == "-" { "(standard input)".to_owned() } else { name.to_owned() };
                (self.number, self.matched, self.printed, self.after_left) = (0, 0, 0, 0);
                self.held.clear();
                Go::On
            }
            Event::Line(line, _) => self.line(how, regexes, line, out),
            Event::EndOfFile => {
                if how.count && !how.quiet {
                    self.prefix(how, 0, ':', out);
                    out.extend(format!("{}\n", self.matched).bytes());
                }
                if how.names_only && self.matched > 0 || how.names_of_others && self.matched == 0 {
                    out.extend(format!("{}\n", self.name).bytes());
                }
                if how.names_of_others {
                    self.any |= self.matched == 0;
                }
                Go::On
            }
            Event::End => Go::On,
        }
    }

    fn prefix(&self, how: &How, number: u64, mark: char, out: &mut Vec<u8>) {
        if how.with_names {
            out.extend(format!("{}{mark}", self.name).bytes());
        }
        if how.numbers && number > 0 {
            out.extend(format!("{number}{mark}").bytes());
        }
    }

    fn line(&mut self, how: &How, regexes: &[Regex], line: &[u8], out: &mut Vec<u8>) -> Go {
        self.number += 1;
        let text = String::from_utf8_lossy(line);
        let found = how.find(regexes, &text, 0);
        if found.is_some() == how.invert {
            if self.after_left > 0 {
                self.after_left -= 1;
                self.print(how, self.number, '-', line, out);
            } else if how.before > 0 {
                self.held.push_back((self.number, line.to_vec()));
                if self.held.len() > how.before {
                    self.held.pop_front();
                }
            }
            return Go::On;
        }
        self.matched += 1;
        if !how.names_of_others {
            self.any = true;
        }
        if how.quiet {
            return Go::Stop;
        }
        if how.names_only || how.names_of_others {
            return Go::NextFile;
        }
        if line.contains(&0) && !how.text {
            self.binary.push(self.name.clone());
            return Go::NextFile;
        }
        if !how.count {
            let first = self.held.front().map_or(self.number, |(number, _)| *number);
            let context = how.before + how.after > 0;
            if context && (self.groups || self.printed > 0) && first > self.printed + 1 {
                out.extend(b"--\n");
            }
            for (number, held) in std::mem::take(&mut self.held) {
                self.print(how, number, '-', &held, out);
            }
            if how.only_matching && !how.invert {
                let mut at = 0;
                while let Some((start, end)) = how.find(regexes, &text, at) {
                    if end > start {
                        self.print(how, self.number, ':', &text.as_bytes()[start..end], out);
                    }
                    at = if end > start {
                        end
                    } else {
                        end + text[end..].chars().next().map_or(1, char::len_utf8)
                    };
                    if at > text.len() {
                        break;
                    }
                }
            } else {
                self.print(how, self.number, ':', line, out);
            }
            self.after_left = how.after;
        }
        if how.max.is_some_and(|max| self.matched >= max) { Go::NextFile } else { Go::On }
    }

    fn print(&mut self, how: &How, number: u64, mark: char, line: &[u8], out: &mut Vec<u8>) {
        self.prefix(how, number, mark, out);
        out.extend_from_slice(line);
        out.push(b'\n');
        self.printed = number;
        self.groups = true;
    }
}
