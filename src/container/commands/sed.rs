//! `sed`

use std::sync::Arc;

use super::Flavor;
use super::input::{Event, Go, LineInput, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;
use crate::container::regex::Regex;

/// A script does no more than this with one line: `:a; ba` must come to an end.
const MOST_COMMANDS: u32 = 100_000;

/// A running `sed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sed {
    lines: Option<LineInput>,
    editor: Editor,
    in_place: bool,
    files: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Address {
    Line(u64),
    /// `first~step`
    Every(u64, u64),
    Last,
    Pattern(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Substitution {
    pattern: usize,
    replacement: String,
    global: bool,
    number: usize,
    print: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    /// The line on which an open range ends, or 0 where it is not open; `u64::MAX` for one that a pattern ends.
    open: u64,
    negated: bool,
    letter: char,
    /// The text of `a`, `i` and `c`, the label of `b`, `t` and `:`, the two sets of `y`.
    text: String,
    substitution: Option<Substitution>,
    /// Where the block of a `{` ends.
    end: usize,
}

/// The script and where it is in its input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Editor {
    commands: Vec<Command>,
    /// The expressions: text, extended, ignoring case.
    patterns: Vec<(String, bool, bool)>,
    quiet: bool,
    extended: bool,
    looks_ahead: bool,
    number: u64,
    space: String,
    hold: String,
    appended: String,
    /// The line that waits for the one after it, to know whether it is the last.
    waiting: Option<(String, bool)>,
    /// Where `n` or `N` goes on with the next line.
    resume: Option<usize>,
    /// The last pattern that was used: what an empty one means.
    ended: Option<u8>,
}

impl Sed {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        let regexes = match self.editor.compile() {
            Ok(regexes) => regexes,
            Err(text) => {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("-e expression #1, char 0: {text}"),
                        Flavor::BusyBox => format!("bad regex: {text}"),
                    },
                );
                return Step::Exit(1);
            }
        };
        if self.in_place {
            return self.edit_in_place(kernel, tool, &regexes);
        }
        let Some(lines) = &mut self.lines else { return Step::Exit(1) };
        let editor = &mut self.editor;
        let step = lines.step(kernel, tool, |event, out| editor.tell(event, &regexes, out));
        step.unwrap_or_else(|| {
            Step::Exit(editor.ended.unwrap_or(match (lines.input.failed, tool.flavor) {
                (false, _) => 0,
                (true, Flavor::Gnu) => 2,
                (true, Flavor::BusyBox) => 1,
            }))
        })
    }

    fn edit_in_place(&mut self, kernel: &mut Kernel<'_>, tool: Named, regexes: &[Regex]) -> Step {
        let mut status = 0;
        for file in std::mem::take(&mut self.files) {
            let text = match kernel.files().read(&file) {
                Ok(bytes) => bytes,
                Err(errno) => {
                    tool.say(
                        kernel,
                        match tool.flavor {
                            Flavor::Gnu => format!("can't read {file}: {errno}"),
                            Flavor::BusyBox => format!("{file}: {errno}"),
                        },
                    );
                    status = if tool.flavor == Flavor::Gnu { 2 } else { 1 };
                    continue;
                }
            };
            let mut editor = self.editor.clone();
            let mut out = Vec::new();
            let mut stopped = false;
            for line in text.split_inclusive(|byte| *byte == b'\n') {
                if stopped {
                    out.extend_from_slice(line);
                    continue;
                }
                let (line, whole) = line.strip_suffix(b"\n").map_or((line, false), |line| (line, true));
                stopped = editor.tell(Event::Line(line, whole), regexes, &mut out) == Go::Stop;
            }
            editor.tell(Event::End, regexes, &mut out);
            if let Err(errno) = kernel.files().write(&file, out, 0o644) {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("couldn't open file {file}: {errno}"),
                        Flavor::BusyBox => format!("can't create temp file {file}XXXXXX: {errno}"),
                    },
                );
                status = if tool.flavor == Flavor::Gnu { 4 } else { 1 };
            }
        }
        Step::Exit(status)
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [
            ("quiet", 'n'),
            ("silent", 'n'),
            ("expression", 'e'),
            ("file", 'f'),
            ("regexp-extended", 'E'),
            ("in-place", 'i'),
        ];
        // The suffix of `-i` is written to it: `-i.bak`. No backup is kept.
        let options = tool.options(kernel, "ne:f:Erisz.bak", &long, 1)?;
        let mut operands = options.operands.clone();
        let mut script: Vec<String> = options.values('e').map(|text| text.to_string()).collect();
        for file in options.values('f') {
            match kernel.files().read(file) {
                Ok(bytes) => script.push(String::from_utf8_lossy(&bytes).into_owned()),
                Err(errno) => {
                    tool.say(kernel, format!("couldn't open file {file}: {errno}"));
                    return Err(1);
                }
            }
        }
        if script.is_empty() {
            if operands.is_empty() {
                match tool.flavor {
                    Flavor::Gnu => kernel.complain(
                        "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n",
                    ),
                    Flavor::BusyBox => tool.usage(kernel),
                }
                return Err(1);
            }
            script.push(operands.remove(0).to_string());
        }
        self.in_place = options.has('i');
        self.editor.quiet = options.has('n');
        self.editor.extended = options.has('E') || options.has('r');
        if let Err((text, at)) = self.editor.parse(&script.join("\n")) {
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => format!("-e expression #1, char {at}: {text}"),
                    Flavor::BusyBox => match text.split_once(": ") {
                        Some(("unknown command", what)) => {
                            format!("unsupported command {}", what.trim_matches(['`', '\'']))
                        }
                        _ if text.starts_with("unterminated `s'") => "unmatched '/'".to_owned(),
                        _ if text.starts_with("unknown option") => {
                            "bad option in substitution expression".to_owned()
                        }
                        _ => text,
                    },
                },
            );
            return Err(1);
        }
        self.files = operands.clone();
        self.lines = Some(LineInput::new(&operands, Phrase { gnu: "can't read {}", busybox: "{}" }));
        Ok(())
    }
}

/// Reads a script's letters.
struct Reader {
    chars: Vec<char>,
    at: usize,
}

type Parsed<T> = Result<T, (String, usize)>;

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }
    fn skip(&mut self, of: &str) {
        while self.peek().is_some_and(|c| of.contains(c)) {
            self.at += 1;
        }
    }
    fn number(&mut self) -> Option<u64> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect::<String>().parse().ok()
    }
    fn until(&mut self, ends: &str) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| !ends.contains(c)) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }
    fn error<T>(&self, text: impl Into<String>) -> Parsed<T> {
        Err((text.into(), self.at))
    }
    /// Up to a delimiter, which is passed. Within brackets of an expression it is a letter.
    fn delimited(&mut self, delimiter: char, pattern: bool) -> Option<String> {
        let mut out = String::new();
        let mut bracket = false;
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                c if c == delimiter && !bracket => return Some(out),
                '\\' => {
                    let next = self.peek()?;
                    self.at += 1;
                    if next != delimiter {
                        out.push('\\');
                    }
                    if next == 'n' && pattern {
                        out.pop();
                        out.push('\n');
                    } else {
                        out.push(next);
                    }
                    continue;
                }
                '[' if pattern && !bracket => {
                    bracket = true;
                    out.push(c);
                    for first in ['^', ']'] {
                        if self.take(first) {
                            out.push(first);
                        }
                    }
                    continue;
                }
                ']' if bracket => bracket = false,
                _ => {}
            }
            out.push(c);
        }
        None
    }
}

impl Editor {
    fn pattern(&mut self, text: String, ignore_case: bool) -> usize {
        self.patterns.push((text, self.extended, ignore_case));
        self.patterns.len() - 1
    }

    fn compile(&self) -> Result<Vec<Regex>, String> {
        let mut last = "";
        self.patterns
            .iter()
            .map(|(text, extended, ignore_case)| {
                // An empty expression is the one before it.
                if !text.is_empty() {
                    last = text;
                }
                if *extended { Regex::extended(last, *ignore_case) } else { Regex::basic(last, *ignore_case) }
            })
            .collect()
    }

    fn address(&mut self, reader: &mut Reader) -> Parsed<Option<Address>> {
        let delimiter = match reader.peek() {
            Some('$') => {
                reader.at += 1;
                self.looks_ahead = true;
                return Ok(Some(Address::Last));
            }
            Some(c) if c.is_ascii_digit() => {
                let number = reader.number().unwrap_or(0);
                return Ok(Some(match reader.take('~') {
                    true => Address::Every(number, reader.number().unwrap_or(0)),
                    false => Address::Line(number),
                }));
            }
            Some('/') => '/',
            Some('\\') => {
                reader.at += 1;
                reader.peek().unwrap_or('/')
            }
            _ => return Ok(None),
        };
        reader.at += 1;
        let Some(text) = reader.delimited(delimiter, true) else {
            return reader.error("unterminated address regex");
        };
        let ignore_case = reader.take('I');
        Ok(Some(Address::Pattern(self.pattern(text, ignore_case))))
    }

    fn parse(&mut self, script: &str) -> Parsed<()> {
        let mut reader = Reader { chars: script.chars().collect(), at: 0 };
        let mut blocks = Vec::new();
        loop {
            reader.skip(" \t\n;");
            let Some(c) = reader.peek() else { break };
            if c == '#' {
                reader.until("\n");
                continue;
            }
            let from = self.address(&mut reader)?;
            let mut to = None;
            if from.is_some() && reader.take(',') {
                reader.skip(" ");
                to = match reader.take('+') {
                    true => Some(Address::Every(reader.number().unwrap_or(0), u64::MAX)),
                    false => self.address(&mut reader)?,
                };
                if to.is_none() {
                    return reader.error("unexpected `,'");
                }
            }
            reader.skip(" \t");
            let negated = reader.take('!');
            reader.skip(" \t");
            let Some(letter) = reader.peek() else { return reader.error("missing command") };
            reader.at += 1;
            let mut command = Command {
                from,
                to,
                open: 0,
                negated,
                letter,
                text: String::new(),
                substitution: None,
                end: 0,
            };
            match letter {
                '{' => blocks.push(self.commands.len()),
                '}' => match blocks.pop() {
                    Some(open) => self.commands[open].end = self.commands.len(),
                    None => return reader.error("unexpected `}'"),
                },
                's' => {
                    let delimiter = reader.peek().unwrap_or('\n');
                    reader.at += 1;
                    let pattern = reader.delimited(delimiter, true);
                    let replacement = pattern.as_ref().and_then(|_| reader.delimited(delimiter, false));
                    let (Some(pattern), Some(replacement)) = (pattern, replacement) else {
                        return reader.error("unterminated `s' command");
                    };
                    let mut own =
                        Substitution { pattern: 0, replacement, global: false, number: 1, print: false };
                    let mut ignore_case = false;
                    loop {
                        match reader.peek() {
                            Some('g') => own.global = true,
                            Some('p') => own.print = true,
                            Some('i' | 'I') => ignore_case = true,
                            Some('m' | 'M' | 'e') => {}
                            Some(c) if c.is_ascii_digit() => {
                                own.number = reader.number().unwrap_or(1).max(1) as usize;
                                continue;
                            }
                            None | Some(' ' | '\t' | '\n' | ';' | '}' | '#') => break,
                            Some(_) => {
                                reader.at += 1;
                                return reader.error("unknown option to `s'");
                            }
                        }
                        reader.at += 1;
                    }
                    own.pattern = self.pattern(pattern, ignore_case);
                    command.substitution = Some(own);
                }
                'y' => {
                    let delimiter = reader.peek().unwrap_or('\n');
                    reader.at += 1;
                    let sets = reader.delimited(delimiter, false).zip(reader.delimited(delimiter, false));
                    let Some((from, to)) = sets else { return reader.error("unterminated `y' command") };
                    if from.chars().count() != to.chars().count() {
                        return reader.error("strings for `y' command are different lengths");
                    }
                    command.text = from.chars().zip(to.chars()).flat_map(|(a, b)| [a, b]).collect();
                }
                'a' | 'i' | 'c' => {
                    reader.skip(" \t");
                    if reader.take('\\') {
                        reader.skip(" \t");
                        reader.take('\n');
                    }
                    while let Some(c) = reader.peek().filter(|c| *c != '\n') {
                        reader.at += 1;
                        // A backslash keeps the end of the line in the text.
                        let c = if c == '\\' {
                            let next = reader.peek();
                            reader.at += 1;
                            next.map(|c| if c == 't' { '\t' } else { c })
                        } else {
                            Some(c)
                        };
                        command.text.extend(c);
                    }
                    if command.text.is_empty() {
                        return reader.error("expected \\ after `a', `c' or `i'");
                    }
                    command.text.push('\n');
                }
                ':' | 'b' | 't' => {
                    reader.skip(" \t");
                    command.text = reader.until("\n; }");
                }
                'q' | 'Q' => {
                    reader.skip(" \t");
                    command.end = reader.number().unwrap_or(0) as usize;
                }
                'd' | 'D' | 'p' | 'P' | '=' | 'h' | 'H' | 'g' | 'G' | 'x' | 'n' | 'N' | 'l' => {
                    self.looks_ahead |= letter == 'N';
                }
                other => return reader.error(format!("unknown command: `{other}'")),
            }
            self.commands.push(command);
        }
        match blocks.pop() {
            Some(_) => Err(("unmatched `{'".into(), 0)),
            None => Ok(()),
        }
    }

    fn tell(&mut self, event: Event<'_>, regexes: &[Regex], out: &mut Vec<u8>) -> Go {
        let ready = match event {
            Event::Line(line, whole) => {
                let line = (String::from_utf8_lossy(line).into_owned(), whole);
                if self.looks_ahead { self.waiting.replace(line) } else { Some(line) }
            }
            Event::End => self.waiting.take(),
            _ => None,
        };
        let last = event == Event::End;
        if let Some((line, whole)) = ready {
            self.line(line, whole, last, regexes, out);
        }
        if last
            && self.ended.is_none()
            && let Some(at) = self.resume.take()
            && self.commands[at - 1].letter == 'N'
            && !self.quiet
        {
            // The next line is not there.
            out.extend(self.space.bytes());
            out.push(b'\n');
        }
        if self.ended.is_some() { Go::Stop } else { Go::On }
    }

    fn picks(&mut self, at: usize, last: bool, regexes: &[Regex]) -> bool {
        let (number, space) = (self.number, &self.space);
        let hits = |address: &Address| match address {
            Address::Line(line) => *line == number,
            Address::Every(first, step) => match step {
                0 => number == *first,
                step => number >= *first && (number - first).is_multiple_of(*step),
            },
            Address::Last => last,
            Address::Pattern(pattern) => regexes[*pattern].is_match(space),
        };
        let command = &mut self.commands[at];
        let picked = match (&command.from, &command.to) {
            (None, _) => true,
            (Some(from), None) => hits(from),
            (Some(from), Some(to)) => {
                if command.open > 0 {
                    let over = command.open <= number || command.open == u64::MAX && hits(to);
                    if over {
                        command.open = 0;
                    }
                    true
                } else if hits(from) {
                    command.open = match to {
                        Address::Line(end) => *end,
                        Address::Every(more, _) => number + more,
                        _ => u64::MAX,
                    };
                    if command.open <= number || last {
                        command.open = 0;
                    }
                    true
                } else {
                    false
                }
            }
        };
        picked != command.negated
    }

    fn line(&mut self, line: String, whole: bool, last: bool, regexes: &[Regex], out: &mut Vec<u8>) {
        self.number += 1;
        let mut at = match self.resume.take() {
            Some(at) => {
                if self.commands[at - 1].letter == 'N' {
                    self.space.push('\n');
                    self.space.push_str(&line);
                } else {
                    self.space = line;
                }
                at
            }
            None => {
                self.space = line;
                0
            }
        };
        let end: &[u8] = if whole { b"\n" } else { b"" };
        let mut shown = !self.quiet;
        let mut changed = false;
        let mut done = 0;
        while at < self.commands.len() {
            done += 1;
            if done > MOST_COMMANDS {
                self.ended = Some(1);
                return;
            }
            let picked = self.picks(at, last, regexes);
            let command = self.commands[at].clone();
            at += 1;
            if !picked {
                if command.letter == '{' {
                    at = command.end;
                }
                continue;
            }
            match command.letter {
                's' => {
                    if let Some(own) = &command.substitution
                        && let Some(new) = own.apply(&regexes[own.pattern], &self.space)
                    {
                        self.space = new;
                        changed = true;
                        if own.print {
                            out.extend(self.space.bytes());
                            out.extend(end);
                        }
                    }
                }
                'y' => {
                    let pairs: Vec<char> = command.text.chars().collect();
                    let map = |c: char| pairs.chunks(2).find(|pair| pair[0] == c).map_or(c, |pair| pair[1]);
                    self.space = self.space.chars().map(map).collect();
                }
                'd' => {
                    shown = false;
                    break;
                }
                'D' => match self.space.split_once('\n') {
                    Some((_, rest)) => {
                        self.space = rest.to_owned();
                        at = 0;
                    }
                    None => {
                        shown = false;
                        break;
                    }
                },
                'p' | 'l' => {
                    out.extend(self.space.bytes());
                    out.extend(end);
                }
                'P' => {
                    out.extend(self.space.split('\n').next().unwrap_or_default().bytes());
                    out.push(b'\n');
                }
                '=' => out.extend(format!("{}\n", self.number).bytes()),
                'a' => self.appended.push_str(&command.text),
                'i' => out.extend(command.text.bytes()),
                'c' => {
                    shown = false;
                    if command.to.is_none() || self.commands[at - 1].open == 0 {
                        out.extend(command.text.bytes());
                    }
                    break;
                }
                'q' | 'Q' => {
                    self.ended = Some(command.end as u8);
                    shown &= command.letter == 'q';
                    break;
                }
                'h' => self.hold = self.space.clone(),
                'H' => self.hold = format!("{}\n{}", self.hold, self.space),
                'g' => self.space = self.hold.clone(),
                'G' => self.space = format!("{}\n{}", self.space, self.hold),
                'x' => std::mem::swap(&mut self.space, &mut self.hold),
                'n' | 'N' if !last => {
                    if command.letter == 'n' && shown {
                        out.extend(self.space.bytes());
                        out.extend(end);
                    }
                    self.resume = Some(at);
                    return;
                }
                'n' | 'N' => break,
                'b' | 't' => {
                    if command.letter == 't' && !std::mem::take(&mut changed) {
                        continue;
                    }
                    let label =
                        self.commands.iter().position(|own| own.letter == ':' && own.text == command.text);
                    at = label.filter(|_| !command.text.is_empty()).unwrap_or(self.commands.len());
                }
                _ => {}
            }
        }
        if shown {
            out.extend(self.space.bytes());
            out.extend(end);
        }
        if !self.appended.is_empty() {
            if shown && !whole {
                out.push(b'\n');
            }
            out.extend(std::mem::take(&mut self.appended).bytes());
        }
    }
}

impl Substitution {
    /// The text with what was found replaced; none where nothing was.
    fn apply(&self, regex: &Regex, text: &str) -> Option<String> {
        let mut out = String::new();
        let (mut from, mut copied, mut count, mut matched) = (0, 0, 0, 0);
        while from <= text.len()
            && let Some(groups) = regex.captures_at(text, from)
            && let Some((start, end)) = groups[0]
        {
            // Nothing is no match right behind one.
            if start == end && count > 0 && start == matched {
                from = end + text[end..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            matched = end;
            count += 1;
            if count >= self.number {
                out.push_str(&text[copied..start]);
                self.expand(text, &groups, &mut out);
                copied = end;
                if !self.global {
                    break;
                }
            }
            from = if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) };
        }
        if count < self.number {
            return None;
        }
        out.push_str(&text[copied..]);
        Some(out)
    }

    fn expand(&self, text: &str, groups: &[Option<(usize, usize)>], out: &mut String) {
        // What `\U`, `\L`, `\u` and `\l` do to what follows.
        let (mut case, mut once) = (' ', ' ');
        let mut push = |piece: &str, case: char, once: &mut char| {
            let mut piece = match case {
                'U' => piece.to_uppercase(),
                'L' => piece.to_lowercase(),
                _ => piece.to_owned(),
            };
            if *once != ' ' && !piece.is_empty() {
                let first: String = piece.chars().take(1).collect();
                let first = if *once == 'u' { first.to_uppercase() } else { first.to_lowercase() };
                piece = first + &piece.chars().skip(1).collect::<String>();
                *once = ' ';
            }
            out.push_str(&piece);
        };
        let mut chars = self.replacement.chars();
        while let Some(c) = chars.next() {
            let group = match c {
                '&' => 0,
                '\\' => match chars.next() {
                    Some(c @ '0'..='9') => c as usize - '0' as usize,
                    Some(c @ ('U' | 'L' | 'E')) => {
                        case = c;
                        continue;
                    }
                    Some(c @ ('u' | 'l')) => {
                        once = c;
                        continue;
                    }
                    Some('n') => {
                        push("\n", case, &mut once);
                        continue;
                    }
                    Some('t') => {
                        push("\t", case, &mut once);
                        continue;
                    }
                    Some(c) => {
                        push(c.encode_utf8(&mut [0; 4]), case, &mut once);
                        continue;
                    }
                    None => continue,
                },
                c => {
                    push(c.encode_utf8(&mut [0; 4]), case, &mut once);
                    continue;
                }
            };
            if let Some(Some((start, end))) = groups.get(group) {
                push(&text[*start..*end], case, &mut once);
            }
        }
    }
}
