//! `diff` and `cmp`

use std::sync::Arc;

use super::options::{Named, Options};
use super::{Flavor, base_name, below};
use crate::base::Date;
use crate::container::errno::Errno;
use crate::container::files::How;
use crate::container::kernel::{Data, Kernel};
use crate::container::machine::Fd;
use crate::container::program::{Step, Wait};

/// A run of lines that differ: from and to (exclusive) in the old text, and the same in the new.
type Change = ((usize, usize), (usize, usize));

/// What differs between two lists of lines.
fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut matched = matches(a, b);
    matched.push((a.len(), b.len()));
    let (mut x, mut y) = (0, 0);
    let mut found = Vec::new();
    for (i, j) in matched {
        if i > x || j > y {
            found.push(((head + x, head + i), (head + y, head + j)));
        }
        (x, y) = (i + 1, j + 1);
    }
    slide(old, new, &mut found);
    found
}

/// The pairs of equal lines of a longest common subsequence (Myers' greedy algorithm).
fn matches(a: &[&str], b: &[&str]) -> Vec<(usize, usize)> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let offset = n + m + 1;
    let mut reach = vec![0isize; (2 * (n + m) + 3) as usize];
    let mut trace = Vec::new();
    // Very different texts are simply replaced as a whole.
    let most = (n + m).min(2_000);
    for d in 0..=most {
        trace.push(reach.clone());
        for k in (-d..=d).step_by(2) {
            let at = |k: isize| (k + offset) as usize;
            let down = k == -d || k != d && reach[at(k - 1)] < reach[at(k + 1)];
            let mut x = if down { reach[at(k + 1)] } else { reach[at(k - 1)] + 1 };
            let mut y = x - k;
            while x < n && y < m && a[x as usize] == b[y as usize] {
                (x, y) = (x + 1, y + 1);
            }
            reach[at(k)] = x;
            if x >= n && y >= m {
                return backtrack(&trace, n, m, offset);
            }
        }
    }
    Vec::new()
}

fn backtrack(trace: &[Vec<isize>], n: isize, m: isize, offset: isize) -> Vec<(usize, usize)> {
    let (mut x, mut y) = (n, m);
    let mut pairs = Vec::new();
    for (d, reach) in trace.iter().enumerate().rev() {
        let d = d as isize;
        let k = x - y;
        let at = |k: isize| (k + offset) as usize;
        let down = k == -d || k != d && reach[at(k - 1)] < reach[at(k + 1)];
        let before = if down { k + 1 } else { k - 1 };
        let (start_x, start_y) =
            if d == 0 { (0, 0) } else { (reach[at(before)], reach[at(before)] - before) };
        while x > start_x && y > start_y {
            (x, y) = (x - 1, y - 1);
            pairs.push((x as usize, y as usize));
        }
        (x, y) = (start_x, start_y);
    }
    pairs.reverse();
    pairs
}

/// Where a change could as well begin some lines later, it does, as GNU diff has it.
fn slide(old: &[&str], new: &[&str], changes: &mut [Change]) {
    for at in (0..changes.len()).rev() {
        let limit = changes.get(at + 1).map_or((old.len(), new.len()), |next| (next.0.0, next.1.0));
        let ((mut a, mut b), (mut c, mut d)) = changes[at];
        if a == b {
            while d < limit.1 && b < limit.0 && c < d && new[c] == new[d] {
                (a, b, c, d) = (a + 1, b + 1, c + 1, d + 1);
            }
        } else if c == d {
            while b < limit.0 && d < limit.1 && a < b && old[a] == old[b] {
                (a, b, c, d) = (a + 1, b + 1, c + 1, d + 1);
            }
        }
        changes[at] = ((a, b), (c, d));
    }
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn put(out: &mut String, mark: &str, line: &str) {
    out.push_str(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// The hunks of a unified diff with `context` lines around each change; empty where nothing differs.
pub fn unified(old: &str, new: &str, context: usize) -> String {
    let (a, b) = (split(old), split(new));
    let changes = changes(&a, &b);
    let mut out = String::new();
    let mut at = 0;
    while at < changes.len() {
        let mut last = at;
        while last + 1 < changes.len() && changes[last + 1].0.0 - changes[last].0.1 <= 2 * context {
            last += 1;
        }
        let before = context.min(changes[at].0.0);
        let after = context.min(a.len() - changes[last].0.1);
        let (from, to) = (changes[at].0.0 - before, changes[last].0.1 + after);
        let (new_from, new_to) = (changes[at].1.0 - before, changes[last].1.1 + after);
        let range = |from: usize, to: usize| match to - from {
            1 => format!("{}", from + 1),
            0 => format!("{from},0"),
            count => format!("{},{count}", from + 1),
        };
        out.push_str(&format!("@@ -{} +{} @@\n", range(from, to), range(new_from, new_to)));
        let mut line = from;
        for ((a0, a1), (b0, b1)) in &changes[at..=last] {
            a[line..*a0].iter().for_each(|text| put(&mut out, " ", text));
            a[*a0..*a1].iter().for_each(|text| put(&mut out, "-", text));
            b[*b0..*b1].iter().for_each(|text| put(&mut out, "+", text));
            line = *a1;
        }
        a[line..to].iter().for_each(|text| put(&mut out, " ", text));
        at = last + 1;
    }
    out
}

/// The same in the format without options.
fn normal(old: &str, new: &str) -> String {
    let (a, b) = (split(old), split(new));
    let mut out = String::new();
    for ((a0, a1), (b0, b1)) in changes(&a, &b) {
        let range = |from: usize, to: usize| match to - from {
            0 => from.to_string(),
            1 => to.to_string(),
            _ => format!("{},{to}", from + 1),
        };
        let letter = match (a1 > a0, b1 > b0) {
            (true, true) => 'c',
            (true, false) => 'd',
            _ => 'a',
        };
        out.push_str(&format!("{}{letter}{}\n", range(a0, a1), range(b0, b1)));
        a[a0..a1].iter().for_each(|text| put(&mut out, "< ", text));
        if letter == 'c' {
            out.push_str("---\n");
        }
        b[b0..b1].iter().for_each(|text| put(&mut out, "> ", text));
    }
    out
}

/// A name that is read to its end before anything is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Streamed {
    name: Arc<str>,
    /// None when it has ended.
    fd: Option<Fd>,
    bytes: Vec<u8>,
}

/// A running `diff` or `cmp`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Diff {
    options: Option<Options>,
    /// What can be read only once: standard input and what `<(…)` leads to.
    streams: Vec<Streamed>,
}

impl Diff {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        if self.options.is_none() {
            let long =
                [("unified", 'u'), ("new-file", 'N'), ("recursive", 'r'), ("brief", 'q'), ("silent", 's')];
            let known = if tool.name == "cmp" { "sl" } else { "uU:NrqwbBiacs" };
            match tool.options(kernel, known, &long, 2) {
                Ok(options) => self.options = Some(options),
                Err(status) => return Step::Exit(status),
            }
        }
        let Some(options) = self.options.clone() else { return Step::Exit(2) };
        let [old, new, ..] = &options.operands[..] else {
            tool.missing_operand(kernel);
            return Step::Exit(2);
        };
        for name in [old, new] {
            let streamed = &**name == "-" || name.starts_with("/dev/fd/");
            if streamed && !self.streams.iter().any(|stream| stream.name == *name) {
                let fd = if &**name == "-" { Ok(0) } else { kernel.open(name, How::read()) };
                self.streams.push(Streamed { name: name.clone(), fd: fd.ok(), bytes: Vec::new() });
            }
        }
        for stream in &mut self.streams {
            while let Some(fd) = stream.fd {
                match kernel.read(fd, 65_536) {
                    Ok(Data::Bytes(bytes)) => stream.bytes.extend(bytes),
                    Ok(Data::Empty) => return Wait::readable(fd).into(),
                    Ok(Data::End) | Err(_) => stream.fd = None,
                }
            }
        }
        if tool.name == "cmp" {
            Step::Exit(self.cmp(kernel, tool, &options, old, new))
        } else {
            Step::Exit(self.compare(kernel, tool, &options, old, new))
        }
    }

    fn read(&self, kernel: &mut Kernel<'_>, name: &str) -> Result<Vec<u8>, Errno> {
        match self.streams.iter().find(|stream| *stream.name == *name) {
            Some(stream) => Ok(stream.bytes.clone()),
            None => kernel.files().read(name).map(|bytes| bytes.to_vec()),
        }
    }

    fn cmp(&self, kernel: &mut Kernel<'_>, tool: Named, options: &Options, old: &str, new: &str) -> u8 {
        let mut both = Vec::new();
        for name in [old, new] {
            match self.read(kernel, name) {
                Ok(bytes) => both.push(bytes),
                Err(errno) => {
                    tool.say(
                        kernel,
                        match tool.flavor {
                            Flavor::Gnu => format!("{name}: {errno}"),
                            Flavor::BusyBox => format!("{name}: {errno}"),
                        },
                    );
                    return 2;
                }
            }
        }
        let differs = both[0].iter().zip(&both[1]).position(|(a, b)| a != b);
        let text = match differs {
            Some(at) => {
                let line = both[0][..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                format!("{old} {new} differ: char {}, line {line}\n", at + 1)
            }
            None if both[0].len() == both[1].len() => return 0,
            None => {
                let shorter = if both[0].len() < both[1].len() { old } else { new };
                let text = match (tool.flavor, both[0].is_empty() || both[1].is_empty()) {
                    (Flavor::Gnu, true) => format!("cmp: EOF on {shorter} which is empty\n"),
                    (Flavor::Gnu, false) => {
                        let shortest =
                            both.iter().min_by_key(|bytes| bytes.len()).cloned().unwrap_or_default();
                        let lines = shortest.iter().filter(|byte| **byte == b'\n').count();
                        format!("cmp: EOF on {shorter} after byte {}, line {lines}\n", shortest.len())
                    }
                    (Flavor::BusyBox, _) => format!("cmp: EOF on {shorter}\n"),
                };
                if !options.has('s') {
                    kernel.complain(text);
                }
                return 1;
            }
        };
        if !options.has('s') {
            kernel.print(text);
        }
        1
    }

    fn compare(&self, kernel: &mut Kernel<'_>, tool: Named, options: &Options, old: &str, new: &str) -> u8 {
        let directories = [old, new].map(|name| name != "-" && kernel.files().is_directory(name));
        match directories {
            [true, true] => return self.directories(kernel, tool, options, old, new),
            [true, false] => return self.compare(kernel, tool, options, &below(old, base_name(new)), new),
            [false, true] => return self.compare(kernel, tool, options, old, &below(new, base_name(old))),
            [false, false] => {}
        }
        let mut texts = Vec::new();
        let mut failed = false;
        for name in [old, new] {
            match self.read(kernel, name) {
                Ok(bytes) => texts.push(String::from_utf8_lossy(&bytes).into_owned()),
                Err(Errno::NotFound) if options.has('N') => texts.push(String::new()),
                Err(errno) => {
                    tool.say(
                        kernel,
                        match tool.flavor {
                            Flavor::Gnu => format!("{name}: {errno}"),
                            Flavor::BusyBox => format!("can't stat '{name}': {errno}"),
                        },
                    );
                    failed = true;
                }
            }
        }
        if failed {
            return 2;
        }
        let plain = |text: &str| match (options.has('w'), options.has('b'), options.has('i')) {
            (false, false, false) => text.to_owned(),
            (w, _, i) => {
                let line = |line: &str| {
                    let line = if w {
                        line.split_whitespace().collect::<String>()
                    } else {
                        line.trim_end().to_owned()
                    };
                    if i { line.to_lowercase() + "\n" } else { line + "\n" }
                };
                text.lines().map(line).collect()
            }
        };
        let (a, b) = (plain(&texts[0]), plain(&texts[1]));
        if a == b {
            return 0;
        }
        if options.has('q') {
            kernel.print(format!("Files {old} and {new} differ\n"));
            return 1;
        }
        let context = options.value('U').and_then(|text| text.parse().ok());
        if options.has('u') || context.is_some() || tool.flavor == Flavor::BusyBox {
            let mut heading = String::new();
            for (mark, name) in [("---", old), ("+++", new)] {
                let modified = kernel.files().stat(name).map_or(Date(0), |stat| stat.modified);
                let (year, month, day, hour, minute, second) = modified.civil();
                heading.push_str(&match tool.flavor {
                    Flavor::Gnu => format!(
                        "{mark} {name}\t{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.000000000 +0000\n"
                    ),
                    Flavor::BusyBox => format!("{mark} {name}\n"),
                });
            }
            kernel.print(heading + &unified(&a, &b, context.unwrap_or(3)));
        } else {
            kernel.print(normal(&a, &b));
        }
        1
    }

    fn directories(
        &self,
        kernel: &mut Kernel<'_>,
        tool: Named,
        options: &Options,
        old: &str,
        new: &str,
    ) -> u8 {
        let mut names: Vec<Arc<str>> = kernel.files().list(old).unwrap_or_default();
        names.extend(kernel.files().list(new).unwrap_or_default());
        names.sort();
        names.dedup();
        let mut status = 0;
        for name in names {
            let (a, b) = (below(old, &name), below(new, &name));
            let there = [&a, &b].map(|path| kernel.files().exists(path));
            if there != [true, true] && !options.has('N') {
                let only = if there[0] { old } else { new };
                kernel.print(format!("Only in {only}: {name}\n"));
                status = status.max(1);
                continue;
            }
            if kernel.files().is_directory(&a) && kernel.files().is_directory(&b) && !options.has('r') {
                kernel.print(format!("Common subdirectories: {a} and {b}\n"));
                continue;
            }
            let same = kernel.files().read(&a).ok() == kernel.files().read(&b).ok();
            if tool.flavor == Flavor::Gnu && !options.has('q') && !same {
                let argv = kernel.argv();
                let given = argv[1..].iter().filter(|word| word.starts_with('-') && word.len() > 1);
                let given: String = given.map(|word| format!(" {word}")).collect();
                kernel.print(format!("diff{given} {a} {b}\n"));
            }
            status = status.max(self.compare(kernel, tool, options, &a, &b));
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let new = "a\nb\nC\nd\ne\nf\ng\nh\ni\nj\nk";
        assert_eq!(
            unified(old, new, 3),
            "@@ -1,6 +1,6 @@\n a\n b\n-c\n+C\n d\n e\n f\n@@ -8,3 +8,4 @@\n h\n i\n j\n+k\n\\ No newline at end of file\n"
        );
        assert_eq!(normal(old, new), "3c3\n< c\n---\n> C\n10a11\n> k\n\\ No newline at end of file\n");
        assert_eq!(unified("", "x\n", 3), "@@ -0,0 +1 @@\n+x\n");
        assert_eq!(unified("x\n", "x\n", 3), "");
        // A repeated block that was added stands last.
        assert_eq!(normal("- a\n- b\n", "- a\n- a\n- b\n"), "1a2\n> - a\n");
    }
}
