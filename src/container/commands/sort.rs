//! `sort`

use std::cmp::Ordering;

use super::Flavor;
use super::input::{Event, Go, LineInput, Phrase};
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::Step;

const PHRASE: Phrase = Phrase { gnu: "cannot read: {}", busybox: "{}" };

/// A running `sort`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sort {
    lines: Option<LineInput>,
    order: Order,
    keys: Vec<Key>,
    separator: Option<u8>,
    unique: bool,
    check: bool,
    stable: bool,
    output: Option<std::sync::Arc<str>>,
    all: Vec<Vec<u8>>,
    name: std::sync::Arc<str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Order {
    numeric: bool,
    human: bool,
    general: bool,
    version: bool,
    month: bool,
    fold: bool,
    reverse: bool,
    blanks: bool,
    dictionary: bool,
}

/// `-k 2,3nr`: from a field (and character) to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    order: Option<Order>,
}

impl Order {
    fn set(&mut self, letter: char) -> bool {
        match letter {
            'n' => self.numeric = true,
            'h' => self.human = true,
            'g' => self.general = true,
            'V' => self.version = true,
            'M' => self.month = true,
            'f' => self.fold = true,
            'r' => self.reverse = true,
            'b' => self.blanks = true,
            'd' | 'i' => self.dictionary = true,
            _ => return false,
        }
        true
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        let (a, b) = if self.blanks { (a.trim_ascii_start(), b.trim_ascii_start()) } else { (a, b) };
        let ordering = if self.numeric {
            numeric(a, false).total_cmp(&numeric(b, false))
        } else if self.human {
            human(a).total_cmp(&human(b))
        } else if self.general {
            numeric(a, true).total_cmp(&numeric(b, true))
        } else if self.month {
            month(a).cmp(&month(b))
        } else if self.version {
            version(a, b)
        } else if self.fold || self.dictionary {
            let change = |text: &[u8]| -> Vec<u8> {
                let kept = text
                    .iter()
                    .filter(|c| !self.dictionary || c.is_ascii_alphanumeric() || c.is_ascii_whitespace());
                kept.map(|c| if self.fold { c.to_ascii_uppercase() } else { *c }).collect()
            };
            change(a).cmp(&change(b))
        } else {
            a.cmp(b)
        };
        if self.reverse { ordering.reverse() } else { ordering }
    }
}

/// The number that text begins with; 0 for none.
fn numeric(text: &[u8], exponents: bool) -> f64 {
    let text = text.trim_ascii_start();
    let mut end = 0;
    let mut dot = false;
    for (at, c) in text.iter().enumerate() {
        match c {
            b'-' if at == 0 => {}
            b'0'..=b'9' => {}
            b'.' if !dot => dot = true,
            b'e' | b'E' if exponents && at > 0 => {}
            b'+' | b'-' if exponents && at > 0 && matches!(text[at - 1], b'e' | b'E') => {}
            _ => break,
        }
        end = at + 1;
    }
    String::from_utf8_lossy(&text[..end]).trim_end_matches(['e', 'E']).parse().unwrap_or(0.0) + 0.0
}

/// `2K`, `1.5G`: the unit decides before the number.
fn human(text: &[u8]) -> f64 {
    let text = text.trim_ascii_start();
    let number = numeric(text, false);
    let digits = text.iter().take_while(|c| c.is_ascii_digit() || b"-.".contains(c)).count();
    let unit =
        text.get(digits).and_then(|c| b"KMGTPEZY".iter().position(|unit| *unit == c.to_ascii_uppercase()));
    number * 1_024f64.powi(unit.map_or(0, |at| at as i32 + 1))
}

fn month(text: &[u8]) -> usize {
    let names = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let text = String::from_utf8_lossy(text.trim_ascii_start()).to_uppercase();
    names.iter().position(|name| text.starts_with(name)).map_or(0, |at| at + 1)
}

/// Digits within the text count as numbers.
fn version(a: &[u8], b: &[u8]) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() && !b.is_empty() {
        let digits = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
        let (x, y) = (digits(a), digits(b));
        if x > 0 && y > 0 {
            let strip =
                |text: &[u8]| text.iter().position(|c| *c != b'0').map_or(vec![], |at| text[at..].to_vec());
            let (p, q) = (strip(&a[..x]), strip(&b[..y]));
            let ordering = p.len().cmp(&q.len()).then(p.cmp(&q));
            if ordering.is_ne() {
                return ordering;
            }
            (a, b) = (&a[x..], &b[y..]);
        } else {
            if a[0] != b[0] {
                return a[0].cmp(&b[0]);
            }
            (a, b) = (&a[1..], &b[1..]);
        }
    }
    a.len().cmp(&b.len())
}

impl Sort {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.lines.is_none()
            && let Err(status) = self.start(kernel, tool)
        {
            return Step::Exit(status);
        }
        let Some(mut lines) = self.lines.take() else { return Step::Exit(1) };
        let step = lines.step(kernel, tool, |event, _| {
            if let Event::Line(line, _) = event {
                self.all.push(line.to_vec());
            }
            Go::On
        });
        let failed = lines.input.failed;
        self.lines = Some(lines);
        if failed {
            return Step::Exit(2);
        }
        step.unwrap_or_else(|| Step::Exit(self.finish(kernel, tool)))
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Result<(), u8> {
        let long = [
            ("numeric-sort", 'n'),
            ("human-numeric-sort", 'h'),
            ("general-numeric-sort", 'g'),
            ("version-sort", 'V'),
            ("month-sort", 'M'),
            ("ignore-case", 'f'),
            ("reverse", 'r'),
            ("ignore-leading-blanks", 'b'),
            ("dictionary-order", 'd'),
            ("unique", 'u'),
            ("key", 'k'),
            ("field-separator", 't'),
            ("output", 'o'),
            ("check", 'c'),
            ("stable", 's'),
        ];
        let known = if tool.flavor == Flavor::Gnu { "nhgVMfrbdiuk:t:o:csmz" } else { "ngVMfrbdiuk:t:o:csmz" };
        let options = tool.options(kernel, known, &long, 2)?;
        self.name = options.operands.first().cloned().unwrap_or_else(|| "-".into());
        for letter in "nhgVMfrbdi".chars().filter(|letter| options.has(*letter)) {
            self.order.set(letter);
        }
        for text in options.values('k') {
            match key(text) {
                Some(key) => self.keys.push(key),
                None => {
                    tool.say(kernel, match tool.flavor {
                        Flavor::Gnu => format!("invalid number at field start: invalid count at start of \u{2018}{text}\u{2019}"),
                        Flavor::BusyBox => "bad field specification".to_owned(),
                    });
                    return Err(2);
                }
            }
        }
        if let Some(separator) = options.value('t') {
            let separator = if &**separator == "\\0" { "\0" } else { separator };
            if separator.len() != 1 {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu if separator.is_empty() => "empty tab".to_owned(),
                        Flavor::Gnu => format!("multi-character tab \u{2018}{separator}\u{2019}"),
                        Flavor::BusyBox => "bad -t parameter".to_owned(),
                    },
                );
                return Err(2);
            }
            self.separator = separator.bytes().next();
        }
        self.unique = options.has('u');
        self.check = options.has('c');
        self.stable = options.has('s');
        self.output = options.value('o').cloned();
        self.lines = Some(LineInput::new(&options.operands, PHRASE));
        Ok(())
    }

    /// The part of a line that a key names.
    fn part<'l>(&self, line: &'l [u8], key: &Key) -> &'l [u8] {
        let fields = self.fields(line);
        let at = |(field, char): (usize, usize), end: bool| match fields.get(field - 1) {
            Some((from, to)) if end && char == 0 => *to,
            Some((from, to)) if end => (from + char).min(*to),
            Some((from, _)) => (from + char.saturating_sub(1)).min(line.len()),
            None => line.len(),
        };
        let from = at(key.from, false);
        let to = key.to.map_or(line.len(), |to| at(to, true));
        &line[from..to.max(from)]
    }

    /// Where the fields of a line begin and end. Without a separator a field begins with the blanks before it.
    fn fields(&self, line: &[u8]) -> Vec<(usize, usize)> {
        let mut fields = Vec::new();
        let mut start = 0;
        match self.separator {
            Some(separator) => {
                for (at, c) in line.iter().enumerate() {
                    if *c == separator {
                        fields.push((start, at));
                        start = at + 1;
                    }
                }
            }
            None => {
                for at in 1..line.len() {
                    let blank = |at: usize| line[at] == b' ' || line[at] == b'\t';
                    if blank(at) && !blank(at - 1) {
                        fields.push((start, at));
                        start = at;
                    }
                }
            }
        }
        fields.push((start, line.len()));
        fields
    }

    fn compare_keys(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.keys.is_empty() {
            return self.order.compare(a, b);
        }
        for key in &self.keys {
            let order = key.order.unwrap_or(self.order);
            let ordering = order.compare(self.part(a, key), self.part(b, key));
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        let ordering = self.compare_keys(a, b);
        // The last resort is the whole line.
        if ordering.is_ne() || self.unique || self.stable {
            return ordering;
        }
        if self.order.reverse { b.cmp(a) } else { a.cmp(b) }
    }

    fn finish(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> u8 {
        let mut all = std::mem::take(&mut self.all);
        if self.check {
            let wrong = all.windows(2).position(|pair| {
                let ordering = self.compare(&pair[0], &pair[1]);
                ordering.is_gt() || self.unique && ordering.is_eq()
            });
            let Some(at) = wrong else { return 0 };
            let line = String::from_utf8_lossy(&all[at + 1]).into_owned();
            match tool.flavor {
                Flavor::Gnu => tool.say(kernel, format!("{}:{}: disorder: {line}", self.name, at + 2)),
                Flavor::BusyBox => kernel.complain(format!("Check line {}\n", at + 1)),
            }
            return 1;
        }
        all.sort_by(|a, b| self.compare(a, b));
        if self.unique {
            all.dedup_by(|a, b| self.compare_keys(b, a).is_eq());
        }
        let mut out = Vec::new();
        for line in all {
            out.extend(line);
            out.push(b'\n');
        }
        match self.output.clone() {
            Some(path) => {
                let mode = 0o666 & !kernel.umask();
                if let Err(errno) = kernel.files().write(&path, out, mode) {
                    tool.say(kernel, format!("open failed: {path}: {errno}"));
                    return 2;
                }
            }
            None => {
                kernel.write(1, &out).ok();
            }
        }
        0
    }
}

fn key(text: &str) -> Option<Key> {
    let mut order = Order::default();
    let mut own = false;
    let mut end = |text: &str| -> Option<(usize, usize)> {
        let letters = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        for letter in text[letters..].chars() {
            own |= order.set(letter);
            if !"nhgVMfrbdi".contains(letter) {
                return None;
            }
        }
        let (field, char) = text[..letters].split_once('.').unwrap_or((&text[..letters], "0"));
        Some((field.parse().ok()?, char.parse().ok()?))
    };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (end(from)?, Some(end(to)?)),
        None => (end(text)?, None),
    };
    (from.0 > 0).then_some(Key { from, to: to.filter(|to| to.0 > 0), order: own.then_some(order) })
}
