//! What a chapter says a command prints, beside what it printed.

use std::collections::BTreeMap;

use super::fold::{Folded, Names, fold};

/// How the two stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// They say the same, but for what differs between clusters.
    pub same: bool,
    /// Where they do not: the lines of both, behind `-` (the chapter's), `+` (printed) or a blank (both).
    pub diff: Vec<String>,
}

/// Compares. Of a `stream` (`get -w`) the rows of each object count, in their order, repeated ones as one. What stands for
/// what is learnt where they are the same.
pub fn compare(said: &[String], printed: &str, stream: bool, names: &mut Names) -> Comparison {
    let printed: Vec<String> = lines_of(printed);
    let said: Vec<String> = said.iter().map(|line| without_annotation(line).to_string()).collect();
    if same(&said, &printed, stream, names) {
        return Comparison { same: true, diff: Vec::new() };
    }
    Comparison { same: false, diff: diff(&said, &printed) }
}

/// Learns from the lines that are the same where the whole is not.
pub(super) fn learn_in_part(said: &[String], printed: &str, names: &mut Names) {
    let theirs: Vec<Line> = lines_of(printed).iter().map(|line| Line::of(line)).collect();
    for line in said {
        let mine = Line::of(without_annotation(line));
        let found = theirs.iter().find(|other| mine.is_whole() && mine.folded.text == other.folded.text);
        if let Some(other) = found {
            names.learn(&mine.folded, &other.folded);
        }
    }
}

fn same(said: &[String], printed: &[String], stream: bool, names: &mut Names) -> bool {
    let fold_all = |lines: &[String]| -> Vec<Line> { lines.iter().map(|line| Line::of(line)).collect() };
    let (mut mine, mut theirs) = (fold_all(said), fold_all(printed));
    if installs(&mine) && installs(&theirs) {
        return true;
    }
    if let (Some(mine), Some(theirs)) = (minikube_did(&mine), minikube_did(&theirs)) {
        return mine == theirs;
    }
    // Newer clients describe more.
    if theirs.first().is_some_and(|line| line.text.starts_with("Name:")) {
        let key = |line: &Line| NEWER.iter().find(|key| line.text.trim_start().starts_with(**key));
        theirs.retain(|line| key(line).is_none() || mine.iter().any(|said| key(said) == key(line)));
    }
    // Newer servers and clients warn of more.
    if !said.iter().any(|line| line.starts_with("Warning: ")) {
        theirs.retain(|line| !line.text.starts_with("Warning: "));
    }
    if let (Some(mine), Some(theirs)) = (looked_up(&mine), looked_up(&theirs))
        && mine.len() == theirs.len()
    {
        mine.iter().zip(&theirs).for_each(|(said, printed)| names.learn(said, printed));
        return true;
    }
    mine.retain(|line| !is_preamble(&line.text));
    theirs.retain(|line| !is_preamble(&line.text));
    if stream {
        return same_histories(&mine, &theirs, names);
    }
    if matches(&mine, &theirs, names) {
        return true;
    }
    // Blank lines are the book's layout.
    mine.retain(|line| !line.folded.text.is_empty());
    theirs.retain(|line| !line.folded.text.is_empty());
    let (said, printed) = (texts(&mine), texts(&theirs));
    if matches(&mine, &theirs, names) || (is_table(&theirs) && matches_sorted(&mine, &theirs, names)) {
        return true;
    }
    if matches_columns(&said, &printed, names) || is_part(&mine, &theirs) {
        return true;
    }
    // A comment between two commands looks like output of the first.
    let before = mine.len();
    mine.retain(|line| !line.folded.text.starts_with("# "));
    mine.len() < before
        && (mine.is_empty()
            || matches(&mine, &theirs, names)
            || (is_table(&theirs) && matches_sorted(&mine, &theirs, names)))
}

/// What `kubectl describe` did not know some years ago.
const NEWER: &[&str] = &[
    "Internal Traffic Policy:",
    "IP Family Policy:",
    "IP Families:",
    "IPs:",
    "Service Account:",
    "PodReadyToStartContainers",
];

/// True where a book shows a part of an object, in YAML or described: lines that follow each other, at whatever depth they are written. Where
/// it says that it leaves lines out, it may leave out others too, as long as the next is in the same block.
fn is_part(said: &[Line], printed: &[Line]) -> bool {
    let is_object = |line: &Line| ["apiVersion: ", "Name: "].iter().any(|word| line.text.starts_with(word));
    if said.len() < 2 || !printed.first().is_some_and(is_object) {
        return false;
    }
    let depth = |line: &Line| line.text.len() - line.text.trim_start().len();
    let leaves_out = said.iter().any(|line| line.any);
    (0..=12).any(|shift| {
        // Where the last line may have been found; what stands for any lines frees the next one.
        let mut found: Vec<usize> = Vec::new();
        let mut free = true;
        for line in said {
            if line.any {
                free = true;
                continue;
            }
            let line = Line::of(&format!("{:shift$}{}", "", line.text));
            let fits = |at: &usize| line.fits(&printed[*at]);
            let start = found.first().map_or(0, |at| at + 1);
            let mut next: Vec<usize> = match free {
                true => (start..printed.len()).filter(fits).collect(),
                false => Vec::new(),
            };
            if !free {
                for at in &found {
                    let least = depth(&line).min(depth(&printed[*at]) + 1);
                    let mut rest = (at + 1..printed.len()).take_while(|at| depth(&printed[*at]) >= least);
                    next.extend(if leaves_out { rest.find(fits) } else { rest.next().filter(fits) });
                }
                next.sort_unstable();
                next.dedup();
            }
            if next.is_empty() {
                return false;
            }
            (found, free) = (next, false);
        }
        !found.is_empty()
    })
}

/// The addresses that nslookup found, whichever program of that name it is: each writes it in its own way, and asks about
/// other names besides. None where it found nothing.
fn looked_up(lines: &[Line]) -> Option<Vec<Folded>> {
    let begins = lines.iter().position(|line| line.text.starts_with("Name:"))?;
    let asked = lines[..begins].iter().any(|line| {
        line.text.starts_with("Server:") || line.text.starts_with("nslookup: can't resolve '(null)'")
    });
    let found = lines[begins..].iter().filter(|line| line.text.starts_with("Address"));
    let found: Vec<Folded> = found
        .map(|line| {
            let names = line.folded.names.iter().take(1).cloned().collect();
            Folded { text: String::new(), names }
        })
        .collect();
    (asked && !found.is_empty() && found.iter().all(|one| !one.names.is_empty())).then_some(found)
}

/// What apk prints once all is installed. How many packages of which versions those are is the image's.
fn installs(lines: &[Line]) -> bool {
    let steps = ["fetch http", "(", "OK: ", "Executing ", "v3."];
    let is_step = |line: &Line| line.any || steps.iter().any(|step| line.text.starts_with(step));
    let is_end = |text: &str| text.ends_with(" packages") || text.ends_with(" distinct packages available");
    lines.last().is_some_and(|line| line.text.starts_with("OK: ") && is_end(&line.text))
        && lines.iter().all(is_step)
}

/// What minikube reports in the end, behind its signs. What comes before are its own version, its images and the machine.
fn minikube_did(lines: &[Line]) -> Option<&str> {
    const STEPS: [&str; 9] = ["😄", "✨", "👍", "🚜", "🏃", "🔥", "🐳", "🔎", "💡"];
    const ENDS: [&str; 2] = ["🏄", "🌟"];
    let is_step = |line: &Line| line.any || STEPS.iter().any(|sign| line.text.starts_with(sign));
    let begins = lines.first().is_some_and(|line| !line.any && is_step(line));
    let end = lines.iter().rfind(|line| !line.text.trim().is_empty())?;
    (begins && ENDS.iter().any(|sign| end.text.starts_with(sign))).then_some(&end.text)
}

/// What kubectl says before it hands over a terminal, more of it in newer versions, and of each connection that somebody makes.
fn is_preamble(line: &str) -> bool {
    line.starts_with("If you don't see a command prompt")
        || line.starts_with("All commands and output from this session")
        || line.starts_with("Handling connection for ")
}

fn texts(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

#[derive(Clone, Debug)]
struct Line {
    text: String,
    folded: Folded,
    /// The first column, as it stands there.
    first: String,
    /// The line stands for any lines.
    any: bool,
}

/// What stands for lines that a book leaves out.
const LEFT_OUT: &[&str] = &[
    "...",
    "…",
    "....",
    "……",
    "[...]",
    "(...)",
    "[…]",
    "(…)",
    "<snip>",
    "(snip)",
    "[snip]",
    "(omitted)",
    "(略)",
    "（略）",
    "(中略)",
    "（中略）",
    "（省略）",
    "(省略)",
    "(중략)",
    "(생략)",
    "<...>",
    "# ...",
    ":",
];

impl Line {
    fn of(text: &str) -> Self {
        let trimmed = text.trim();
        Self {
            text: text.to_string(),
            folded: fold(text),
            first: text.split("  ").next().unwrap_or_default().trim().to_string(),
            any: LEFT_OUT.contains(&trimmed),
        }
    }

    /// True where the line's text with `...` in it fits another.
    fn fits(&self, other: &Self) -> bool {
        let mine = &self.folded.text;
        if mine == &other.folded.text {
            return true;
        }
        if !mine.contains("...") && !mine.contains('…') {
            return false;
        }
        let pattern = mine.replace("[...]", "…").replace("....", "…").replace("...", "…");
        let mut parts = pattern.split('…');
        let text = other.folded.text.as_str();
        let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first.trim_end())) else {
            return false;
        };
        let parts: Vec<&str> = parts.collect();
        for (at, part) in parts.iter().enumerate() {
            let part = part.trim();
            if at + 1 == parts.len() {
                return part.is_empty() || rest.ends_with(part);
            }
            let Some(found) = rest.find(part) else { return false };
            rest = &rest[found + part.len()..];
        }
        rest.is_empty()
    }

    /// Nothing is left out in it.
    fn is_whole(&self) -> bool {
        !self.any && !self.folded.text.contains("...") && !self.folded.text.contains('…')
    }
}

/// What a terminal showed as lines: without escapes, and without blank lines at the end.
fn lines_of(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
            }
            '\r' => {}
            c => plain.push(c),
        }
    }
    let mut lines: Vec<String> = plain.lines().map(|line| line.trim_end().to_string()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// `text   <-- annotation`
fn without_annotation(line: &str) -> &str {
    let end = ["<--", "←", "<==", "<----"].iter().filter_map(|mark| line.find(mark)).min();
    match end {
        Some(at) if at > 0 && line[..at].ends_with([' ', '\t', '\u{3000}']) => line[..at].trim_end(),
        _ => line.trim_end(),
    }
}

/// Line by line; a line that stands for any lines takes as few as will do.
fn matches(said: &[Line], printed: &[Line], names: &mut Names) -> bool {
    // Where the last "any lines" stood, and how far it had got.
    let (mut i, mut j) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    loop {
        if i < said.len() && said[i].any {
            back = Some((i, j));
            i += 1;
            continue;
        }
        if i < said.len() && j < printed.len() && said[i].fits(&printed[j]) {
            pairs.push((i, j));
            i += 1;
            j += 1;
            continue;
        }
        if i == said.len() && j == printed.len() {
            break;
        }
        match back {
            Some((at, taken)) if taken < printed.len() => {
                back = Some((at, taken + 1));
                pairs.retain(|(i, _)| *i < at);
                i = at + 1;
                j = taken + 1;
            }
            _ => return false,
        }
    }
    for (i, j) in pairs {
        if said[i].is_whole() {
            names.learn(&said[i].folded, &printed[j].folded);
        }
    }
    true
}

/// A line of resolv.conf. Container runtimes write them in other orders.
fn is_of_resolver(line: &Line) -> bool {
    ["nameserver ", "search ", "options "].iter().any(|word| line.text.starts_with(word))
}

/// A table's head is in capitals.
fn is_table(lines: &[Line]) -> bool {
    if !lines.is_empty() && lines.iter().all(is_of_resolver) {
        return true;
    }
    lines.first().is_some_and(|head| {
        let text = &head.folded.text;
        text.len() > 3
            && text.chars().any(|c| c.is_ascii_uppercase())
            && !text.chars().any(|c| c.is_ascii_lowercase())
    })
}

/// A table's cells by their column's name, without the blanks in it.
type Cells<'a> = Vec<(String, Vec<&'a str>)>;

fn columns<'a>(lines: &[&'a str]) -> Option<Cells<'a>> {
    let cells = |line: &'a str| -> Vec<&'a str> {
        line.split("  ")
            .flat_map(|part| part.split('\t'))
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect()
    };
    let (head, rows) = lines.split_first()?;
    let mut found: Cells<'a> =
        cells(head).into_iter().map(|name| (name.replace(' ', ""), Vec::new())).collect();
    for row in rows {
        let mut cut = cells(row);
        if cut.len() != found.len() {
            cut = row.split_whitespace().collect();
        }
        if cut.len() != found.len() {
            cut = beneath(head, row).unwrap_or_default();
        }
        if cut.len() != found.len() {
            return None;
        }
        found.iter_mut().zip(cut).for_each(|((_, column), cell)| column.push(cell));
    }
    Some(found)
}

/// The cells of a row that stand beneath the names in a head, some of them empty.
fn beneath<'a>(head: &str, row: &'a str) -> Option<Vec<&'a str>> {
    let bytes = head.as_bytes();
    let begins = |at: &usize| bytes[*at] != b' ' && (*at < 2 || bytes[*at - 2..*at] == *b"  ");
    let starts: Vec<usize> = (0..bytes.len()).filter(begins).filter(|at| *at != 1).collect();
    let ends = starts.iter().skip(1).copied().chain([row.len()]);
    let cells = starts.iter().zip(ends);
    cells.map(|(from, to)| Some(row.get((*from).min(row.len())..to.min(row.len()))?.trim())).collect()
}

/// True for the head of a table: it is in capitals.
pub(super) fn is_head(line: &str) -> bool {
    line.starts_with("NAME") && !line.contains(|c: char| c.is_lowercase())
}

/// The tables that `kubectl get a,b` prints one below the other: each begins with its head.
fn tables<'a, 'b>(lines: &'b [&'a str]) -> Vec<&'b [&'a str]> {
    let mut heads: Vec<usize> = (0..lines.len()).filter(|at| is_head(lines[*at])).collect();
    heads.push(lines.len());
    heads.windows(2).map(|pair| &lines[pair[0]..pair[1]]).collect()
}

/// Tables by the columns of the chapter's: clusters of other versions have more of them.
fn matches_columns(said: &[&str], printed: &[&str], names: &mut Names) -> bool {
    let (mine, theirs) = (tables(said), tables(printed));
    if mine.len() < 2 || mine.len() != theirs.len() || said.first() != mine[0].first() {
        return matches_table(said, printed, names);
    }
    let fold = |lines: &[&str]| lines.iter().map(|line| Line::of(line)).collect::<Vec<Line>>();
    mine.iter().zip(theirs).all(|(mine, theirs)| {
        matches_sorted(&fold(mine), &fold(theirs), names) || matches_table(mine, theirs, names)
    })
}

fn matches_table(said: &[&str], printed: &[&str], names: &mut Names) -> bool {
    // What a node runs on is no matter of the course.
    const MACHINES: &[&str] = &["OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"];
    if said.len() != printed.len() || said.len() < 2 {
        return false;
    }
    let (Some(mut mine), Some(theirs)) = (columns(said), columns(printed)) else { return false };
    mine.retain(|(name, _)| !MACHINES.contains(&name.as_str()));
    if mine.len() < 2 || mine.len() >= theirs.len() {
        return false;
    }
    let mut shared = Vec::new();
    for (name, _) in &mine {
        match theirs.iter().find(|(other, _)| other == name) {
            Some((_, column)) => shared.push(column),
            None => return false,
        }
    }
    let row = |columns: &[&Vec<&str>], at: usize| {
        Line::of(&columns.iter().map(|column| column[at]).collect::<Vec<_>>().join("  "))
    };
    let own: Vec<&Vec<&str>> = mine.iter().map(|(_, column)| column).collect();
    let rows =
        |columns: &[&Vec<&str>]| -> Vec<Line> { (0..said.len() - 1).map(|at| row(columns, at)).collect() };
    let (mine, theirs) = (rows(&own), rows(&shared));
    matches(&mine, &theirs, names)
}

/// Rows in any order: Pods of one instant come as they come.
fn matches_sorted(said: &[Line], printed: &[Line], names: &mut Names) -> bool {
    let sorted = |lines: &[Line]| {
        let mut rows = lines.to_vec();
        let head = usize::from(!rows.first().is_some_and(is_of_resolver));
        rows.get_mut(head..).unwrap_or_default().sort_by(|a, b| a.folded.text.cmp(&b.folded.text));
        rows
    };
    matches(&sorted(said), &sorted(printed), names)
}

/// Of each object the rows it went through.
fn histories(lines: &[Line]) -> Vec<Vec<Line>> {
    let mut seen: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.any && !line.folded.text.is_empty()) {
        let rows = seen.entry(&line.first).or_default();
        let mut line = line.clone();
        // Before 1.27 a Pod whose containers have ended still said so while it went.
        if rows.last().is_some_and(|last| last.folded.text.contains(" Terminating ")) {
            for ended in [" Completed ", " Error "] {
                line.folded.text = line.folded.text.replace(ended, " Terminating ");
            }
        }
        if rows.last().is_none_or(|last| last.folded.text != line.folded.text) {
            rows.push(line);
        }
    }
    let mut all: Vec<Vec<Line>> = seen.into_values().collect();
    all.sort_by(|a, b| a.iter().map(|line| &line.folded.text).cmp(b.iter().map(|line| &line.folded.text)));
    all
}

/// True where what a watch has printed first is what a chapter shows of each object first.
pub(super) fn begins(said: &[String], printed: &str) -> bool {
    let fold_all = |lines: &[String]| -> Vec<Line> {
        lines.iter().map(|line| Line::of(without_annotation(line))).collect()
    };
    let mut mine = histories(&fold_all(said));
    histories(&fold_all(&lines_of(printed))).iter().all(|rows| {
        let found =
            mine.iter().position(|other| rows.first().zip(other.first()).is_some_and(|(a, b)| b.fits(a)));
        found.map(|at| mine.remove(at)).is_some()
    })
}

fn same_histories(said: &[Line], printed: &[Line], names: &mut Names) -> bool {
    let leaves_out = said.iter().any(|line| line.any);
    let (mine, theirs) = (histories(said), histories(printed));
    if mine.len() != theirs.len() {
        return false;
    }
    let same = mine.iter().zip(&theirs).all(|(mine, theirs)| {
        if leaves_out {
            let mut rest = theirs.iter();
            return mine.iter().all(|row| rest.any(|other| row.fits(other)));
        }
        // Whoever looks later, or stops looking, sees a part.
        theirs.windows(mine.len()).any(|part| mine.iter().zip(part).all(|(row, other)| row.fits(other)))
    });
    if same && !leaves_out {
        for (mine, theirs) in mine.iter().zip(&theirs) {
            mine.iter().zip(theirs).for_each(|(said, printed)| names.learn(&said.folded, &printed.folded));
        }
    }
    same
}

/// The lines of both by their longest common part.
fn diff(said: &[String], printed: &[String]) -> Vec<String> {
    const MOST: usize = 400;
    let said = &said[..said.len().min(MOST)];
    let printed = &printed[..printed.len().min(MOST)];
    let mine: Vec<Line> = said.iter().map(|line| Line::of(line)).collect();
    let theirs: Vec<Line> = printed.iter().map(|line| Line::of(line)).collect();
    let columns = theirs.len() + 1;
    let mut longest = vec![0_u16; (mine.len() + 1) * columns];
    for i in (0..mine.len()).rev() {
        for j in (0..theirs.len()).rev() {
            longest[i * columns + j] = if mine[i].fits(&theirs[j]) {
                longest[(i + 1) * columns + j + 1] + 1
            } else {
                longest[(i + 1) * columns + j].max(longest[i * columns + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < said.len() || j < printed.len() {
        if i < said.len() && j < printed.len() && mine[i].fits(&theirs[j]) {
            out.push(format!("  {}", printed[j]));
            i += 1;
            j += 1;
        } else if i < said.len()
            && (j == printed.len() || longest[(i + 1) * columns + j] >= longest[i * columns + j + 1])
        {
            out.push(format!("- {}", said[i]));
            i += 1;
        } else {
            out.push(format!("+ {}", printed[j]));
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same_text(said: &str, printed: &str, stream: bool) -> bool {
        let said: Vec<String> = said.lines().map(str::to_string).collect();
        compare(&said, printed, stream, &mut Names::default()).same
    }

    #[test]
    fn what_a_book_may_leave_out() {
        for (said, printed) in [
            ("a\n...\nd", "a\nb\nc\nd\n"),
            ("...\nd", "a\nd\nd\n"),
            ("a\n[...]", "a\n"),
            ("Name: x\n[...]\nStatus: Pending", "Name: x\nb: c\nStatus: Pending\n"),
            ("Waiting for 1 of 3...", "Waiting for 1 of 3 updated replicas to be available...\n"),
            ("a   Ready   ...,b=c", "a   Ready   x=y,b=c"),
            ("a <-- this is new", "a"),
            ("NAME   X\nb   1\na   1", "NAME   X\na   1\nb   1"),
            ("a\n\nb", "a\nb"),
            ("a\n# now the next", "a"),
            ("password username", "password  username"),
            (
                "resources:\n  limits:\n    a: 1",
                "apiVersion: v1\nspec:\n  resources:\n    limits:\n      a: 1\n  b: 2",
            ),
            (
                "spec:\n  a: 1\n  ...\nstatus:\n  qos: x",
                "apiVersion: v1\nspec:\n  a: 1\n  b: 2\nstatus:\n  c: 3\n  qos: x",
            ),
            (
                "Name: x\nLabels: a=b\nStatus: Pending\n[...]\n  c:\n    State: Running",
                "Name: x\nLabels: a=b\nAnnotations: y\nStatus: Pending\nIP: z\nContainers:\n  c:\n    Image: i\n    State: Running",
            ),
            (
                "Type   Reason\n----   ------\nA   B",
                "Name: x\nEvents:\n  Type   Reason\n  ----   ------\n  A      B",
            ),
            ("NAME   STATUS\na   Pending", "NAME   STATUS    VOLUME   AGE\na      Pending            4s"),
            ("NAME   ACCESSMODES\na   RWO", "NAME   ACCESS MODES   CLASS\na      RWO   standard"),
            (
                "NAME    READY\npod/a   1/1\n\nNAME    STATUS   AGE\npvc/b   Bound    5s",
                "NAME    READY\npod/a   1/1\n\nNAME    STATUS   CLASS   AGE\npvc/b   Bound    x       9s",
            ),
            (
                "Name:  x\nEvents:\n  Normal  Created  3s  kubelet  Created container web",
                "Name:  x\nEvents:\n  Normal  Created  9s  kubelet  spec.containers{web}: Container created",
            ),
            (
                "nslookup: can't resolve '(null)': Name does not resolve\n\nName:      db\nAddress 1: 10.1.2.3 db.default.svc.cluster.local",
                "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tdb.default.svc.cluster.local\nAddress: 10.9.9.9\n\n** server can't find db.cluster.local: NXDOMAIN",
            ),
            ("service/a created", "Warning: v9 is deprecated\nservice/a created"),
        ] {
            assert!(same_text(said, printed, false), "{said} / {printed}");
        }
    }

    #[test]
    fn what_differs_is_seen() {
        for (said, printed) in [
            ("a\n...\nd", "a\nb\nc\n"),
            ("a\nb", "b\na"),
            ("NAME   X\na   1\nb   2", "NAME   X\na   2\nb   1"),
            ("a", ""),
            ("", "a"),
            ("a...c", "axd"),
            ("a: 1\nb: 2", "apiVersion: v1\na: 1\nc: 3\nb: 2"),
            ("...\na:\n  b: 2", "apiVersion: v1\na:\n  c: 1\nd:\n  b: 2"),
            ("a: 1\na: 2", "apiVersion: v1\na: 1"),
            (
                "Server:\t10.96.0.10\n\nName:\tdb\nAddress: 10.1.2.3",
                "Server:\t10.96.0.10\n\n** server can't find db: NXDOMAIN",
            ),
            (
                "Server:\t10.96.0.10\n\nName:\tdb\nAddress: 10.1.2.3\nName:\tdb\nAddress: 10.1.2.4",
                "Server:\t10.96.0.10\n\nName:\tdb\nAddress: 10.1.2.3",
            ),
            ("Warning: one\na", "a"),
        ] {
            assert!(!same_text(said, printed, false), "{said} / {printed}");
        }
    }

    #[test]
    fn the_rows_of_each_object_count_in_a_stream() {
        let said = "NAME   STATUS\na   Pending\nb   Pending\na   Running\nb   Running";
        assert!(same_text(
            said,
            "NAME   STATUS\na   Pending\na   Pending\na   Running\nb   Pending\nb   Running",
            true
        ));
        assert!(!same_text(said, "NAME   STATUS\na   Running\na   Pending\nb   Pending\nb   Running", true));
        assert!(!same_text(said, "NAME   STATUS\na   Pending\na   Running", true));
        assert!(same_text(
            "NAME   S\na   Running\na   Ended",
            "NAME   S\na   Pending\na   Running\na   Ended",
            true
        ));
        assert!(!same_text(
            "NAME   S\na   Pending\na   Ended",
            "NAME   S\na   Pending\na   Running\na   Ended",
            true
        ));
    }

    #[test]
    fn the_difference_names_both() {
        let said = ["a".to_string(), "b".to_string(), "c".to_string()];
        let found = compare(&said, "a\nx\nc\n", false, &mut Names::default());
        assert_eq!(found.diff, ["  a", "- b", "+ x", "  c"]);
    }
}
