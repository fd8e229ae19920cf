//! `ls`

use std::cmp::Ordering;
use std::sync::Arc;

use super::options::{Named, Options};
use super::{Flavor, below, mode};
use crate::base::Date;
use crate::base::time::MONTHS;
use crate::container::files::Stat;
use crate::container::kernel::Kernel;
use crate::container::tree::Kind;

/// A file to list.
struct Entry {
    name: Arc<str>,
    stat: Stat,
    target: Option<Arc<str>>,
}

const LONG: [(&str, char); 12] = [
    ("all", 'a'),
    ("almost-all", 'A'),
    ("directory", 'd'),
    ("recursive", 'R'),
    ("reverse", 'r'),
    ("human-readable", 'h'),
    ("inode", 'i'),
    ("classify", 'F'),
    ("numeric-uid-gid", 'n'),
    ("size", 's'),
    ("color", 'K'),
    ("group-directories-first", 'D'),
];

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let failure = if tool.flavor == Flavor::Gnu { 2 } else { 1 };
    let options = match tool.options(kernel, "1aAlCdRrthiFpnsSkgoxmLHKDcuqQNUXv", &LONG, failure) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let operands: Vec<Arc<str>> =
        if options.operands.is_empty() { vec![".".into()] } else { options.operands.clone() };
    let mut list = Listing { tool, options, status: 0, printed: false };
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    for name in operands {
        let follow = !list.options.has('d') && !list.options.has('l');
        match list.entry(kernel, &name, name.clone(), follow) {
            Some(entry) => {
                let directory = entry.stat.is_directory()
                    || entry.stat.kind == Kind::Symlink
                        && !list.options.has('l')
                        && kernel.files().is_directory(&name);
                let into = if directory && !list.options.has('d') { &mut directories } else { &mut files };
                into.push(entry);
            }
            None => list.status = failure,
        }
    }
    let several = files.len() + directories.len() > 1
        || list.options.has('R')
        || list.status != 0 && list.options.operands.len() > 1;
    list.sort(&mut files);
    list.sort(&mut directories);
    if !files.is_empty() {
        list.show(kernel, &files);
    }
    for entry in directories {
        list.directory(kernel, &entry.name, several);
    }
    list.status
}

struct Listing {
    tool: Named,
    options: Options,
    status: u8,
    printed: bool,
}

impl Listing {
    fn entry(&mut self, kernel: &mut Kernel<'_>, path: &str, name: Arc<str>, follow: bool) -> Option<Entry> {
        if path.starts_with("/proc/") || path.starts_with("/sys/") {
            super::proc::refresh(kernel, path);
        }
        let view = kernel.files();
        let stat = if follow || self.options.has('L') {
            view.stat(path).or(view.lstat(path))
        } else {
            view.lstat(path)
        };
        match stat {
            Ok(mut stat) => {
                if stat.kind == Kind::Symlink && path.starts_with("/proc/") {
                    stat.size = 0;
                }
                let target = if stat.kind == Kind::Symlink { view.read_link(path).ok() } else { None };
                Some(Entry { name, stat, target })
            }
            Err(errno) => {
                let text = match self.tool.flavor {
                    Flavor::Gnu => format!("cannot access '{path}': {errno}"),
                    Flavor::BusyBox => format!("{path}: {errno}"),
                };
                self.tool.say(kernel, text);
                None
            }
        }
    }

    fn sort(&self, entries: &mut [Entry]) {
        if self.options.has('U') {
            return;
        }
        let has = |letter| self.options.has(letter);
        entries.sort_by(|a, b| {
            let by = if has('S') {
                b.stat.size.cmp(&a.stat.size)
            } else if has('t') {
                b.stat.modified.cmp(&a.stat.modified)
            } else {
                Ordering::Equal
            };
            let by = by.then_with(|| a.name.cmp(&b.name));
            let by = if has('r') { by.reverse() } else { by };
            if has('D') { b.stat.is_directory().cmp(&a.stat.is_directory()).then(by) } else { by }
        });
    }

    fn directory(&mut self, kernel: &mut Kernel<'_>, path: &str, heading: bool) {
        let names = match kernel.files().list(path) {
            Ok(names) => names,
            Err(errno) => {
                let text = match self.tool.flavor {
                    Flavor::Gnu => format!("cannot open directory '{path}': {errno}"),
                    Flavor::BusyBox => format!("can't open '{path}': {errno}"),
                };
                self.tool.say(kernel, text);
                self.status = if self.tool.flavor == Flavor::Gnu { 2 } else { 1 };
                return;
            }
        };
        if heading {
            let gap = if self.printed { "\n" } else { "" };
            kernel.print(format!("{gap}{path}:\n"));
            self.printed = true;
        }
        let all = self.options.has('a');
        let hidden = all || self.options.has('A');
        let mut shown: Vec<Arc<str>> = Vec::new();
        if all {
            shown.extend([".".into(), "..".into()]);
        }
        shown.extend(names.into_iter().filter(|name| hidden || !name.starts_with('.')));
        let mut entries: Vec<Entry> = shown
            .into_iter()
            .filter_map(|name| self.entry(kernel, &below(path, &name), name, false))
            .collect();
        self.sort(&mut entries);
        if self.options.has('l') || self.options.has('s') || self.options.has('n') {
            let blocks: u64 = entries.iter().map(blocks).sum();
            let text = if self.options.has('h') {
                human(blocks * 1_024, self.tool.flavor)
            } else {
                blocks.to_string()
            };
            kernel.print(format!("total {text}\n"));
        }
        self.show(kernel, &entries);
        if self.options.has('R') {
            for entry in entries {
                if entry.stat.is_directory() && &*entry.name != "." && &*entry.name != ".." {
                    self.directory(kernel, &below(path, &entry.name), true);
                }
            }
        }
    }

    fn label(&self, entry: &Entry, terminal: bool) -> String {
        let mark = match entry.stat.kind {
            Kind::Directory if self.options.has('F') || self.options.has('p') => "/",
            Kind::Symlink if self.options.has('F') && !self.options.has('l') => "@",
            Kind::Socket if self.options.has('F') => "=",
            Kind::File if self.options.has('F') && entry.stat.mode & 0o111 != 0 => "*",
            _ => "",
        };
        let quote = terminal
            && self.tool.flavor == Flavor::Gnu
            && entry.name.contains(|c: char| c.is_whitespace() || "'\"$&*;<>()`\\|?[]#!".contains(c));
        if quote && !entry.name.contains('\'') {
            format!("'{}'{mark}", entry.name)
        } else if quote {
            format!("\"{}\"{mark}", entry.name)
        } else {
            format!("{}{mark}", entry.name)
        }
    }

    fn show(&mut self, kernel: &mut Kernel<'_>, entries: &[Entry]) {
        self.printed |= !entries.is_empty();
        let long = ['l', 'n', 'g', 'o'].iter().any(|letter| self.options.has(*letter));
        if long {
            return self.long(kernel, entries);
        }
        let terminal = kernel.terminal(1).map(|terminal| usize::from(terminal.size.0));
        let prefix = |entry: &Entry| {
            let mut prefix = String::new();
            if self.options.has('i') {
                prefix.push_str(&format!("{} ", number(entry)));
            }
            if self.options.has('s') {
                let width = if self.tool.flavor == Flavor::BusyBox { 6 } else { 0 };
                prefix.push_str(&format!("{:width$} ", blocks(entry)));
            }
            prefix
        };
        let labels: Vec<String> = entries
            .iter()
            .map(|entry| format!("{}{}", prefix(entry), self.label(entry, terminal.is_some())))
            .collect();
        let across = self.options.has('x') && !self.options.has('C');
        let columns =
            self.options.has('C') || self.options.has('x') || terminal.is_some() && !self.options.has('1');
        if self.options.has('m') {
            return kernel.print(format!("{}\n", labels.join(", ")));
        }
        if columns && !labels.is_empty() {
            let width = terminal.unwrap_or(80);
            let text = match self.tool.flavor {
                Flavor::Gnu => gnu_columns(&labels, width, across),
                Flavor::BusyBox => busybox_columns(&labels, width, across),
            };
            return kernel.print(text);
        }
        for label in labels {
            kernel.print(format!("{label}\n"));
        }
    }

    fn long(&self, kernel: &mut Kernel<'_>, entries: &[Entry]) {
        let has = |letter| self.options.has(letter);
        let terminal = kernel.is_terminal(1);
        let now = kernel.date();
        let rows: Vec<[String; 7]> = entries
            .iter()
            .map(|entry| {
                let stat = &entry.stat;
                let user = if has('n') { None } else { kernel.user_name(stat.uid) };
                let group = if has('n') { None } else { kernel.group_name(stat.gid) };
                let size = match stat.kind {
                    Kind::Device => "1, 3".to_owned(),
                    _ if has('h') => human(stat.size, self.tool.flavor),
                    _ => stat.size.to_string(),
                };
                let mut name = self.label(entry, terminal);
                if let Some(target) = &entry.target {
                    name = format!("{name} -> {target}");
                }
                let inode = if has('i') { format!("{} ", number(entry)) } else { String::new() };
                [
                    format!("{inode}{}", mode::text(stat.kind, stat.mode)),
                    stat.links.to_string(),
                    user.unwrap_or_else(|| stat.uid.to_string()),
                    group.unwrap_or_else(|| stat.gid.to_string()),
                    size,
                    time(stat.modified, now),
                    name,
                ]
            })
            .collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..7).map(width).collect();
        for [mode, links, user, group, size, time, name] in &rows {
            let (user, group) = match (has('g'), has('o')) {
                (true, true) => (None, None),
                (true, false) => (None, Some(group)),
                (false, true) => (Some(user), None),
                (false, false) => (Some(user), Some(group)),
            };
            let line = match self.tool.flavor {
                Flavor::Gnu => {
                    let owner: String = [(user, widths[2]), (group, widths[3])]
                        .into_iter()
                        .filter_map(|(text, width)| text.map(|text| format!("{text:<width$} ")))
                        .collect();
                    format!("{mode} {links:>0$} {owner}{size:>1$} {time} {name}\n", widths[1], widths[4])
                }
                Flavor::BusyBox => {
                    let owner: String =
                        [user, group].into_iter().flatten().map(|text| format!("{text:<8.8} ")).collect();
                    let width = if has('h') { 7 } else { 9 };
                    format!("{mode} {links:>4} {owner}{size:>width$} {time} {name}\n")
                }
            };
            kernel.print(line);
        }
    }
}

/// A file's number as `-i` shows it: larger than those that trees count with.
fn number(entry: &Entry) -> u64 {
    1_000_000 + entry.stat.ino.0
}

/// Disk space in KiB.
fn blocks(entry: &Entry) -> u64 {
    match entry.stat.kind {
        Kind::Directory => 4,
        Kind::File => entry.stat.size.div_ceil(4_096) * 4,
        _ => 0,
    }
}

/// A size as people read it, which GNU rounds up: `1.2K`.
pub(super) fn human(size: u64, flavor: Flavor) -> String {
    let mut value = size as f64;
    let mut unit = 0;
    while value >= 1_024.0 {
        value /= 1_024.0;
        unit += 1;
    }
    let letter = ["", "K", "M", "G", "T"][unit.min(4)];
    match flavor {
        _ if unit == 0 => size.to_string(),
        Flavor::Gnu if value < 10.0 => format!("{:.1}{letter}", (value * 10.0).ceil() / 10.0),
        Flavor::Gnu => format!("{:.0}{letter}", value.ceil()),
        Flavor::BusyBox => format!("{value:.1}{letter}"),
    }
}

/// The time of a file: the year in place of the hour where it is half a year off.
fn time(modified: Date, now: Date) -> String {
    let (year, month, day, hour, minute, _) = modified.civil();
    let month = MONTHS[month as usize - 1];
    let age = now.0 - modified.0;
    if (0..15_778_476).contains(&age) {
        format!("{month} {day:>2} {hour:02}:{minute:02}")
    } else {
        format!("{month} {day:>2}  {year}")
    }
}

/// Columns as narrow as they can be, with tabs between them.
fn gnu_columns(labels: &[String], width: usize, across: bool) -> String {
    let lengths: Vec<usize> = labels.iter().map(|label| label.chars().count()).collect();
    let widths = |columns: usize| -> Vec<usize> {
        let rows = labels.len().div_ceil(columns);
        let mut widths = vec![0; if across { columns } else { labels.len().div_ceil(rows) }];
        for (at, length) in lengths.iter().enumerate() {
            let column = if across { at % columns } else { at / rows };
            widths[column] = widths[column].max(length + 2);
        }
        widths
    };
    let fits = |columns: &usize| widths(*columns).iter().sum::<usize>().saturating_sub(2) < width;
    let columns = (1..=labels.len()).rev().find(fits).unwrap_or(1);
    in_columns(labels, &widths(columns), labels.len().div_ceil(columns), across, 8)
}

/// Columns of one width.
fn busybox_columns(labels: &[String], width: usize, across: bool) -> String {
    let widest = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0) + 2;
    let columns = ((width - 1) / widest).max(1).min(labels.len());
    in_columns(labels, &vec![widest; columns], labels.len().div_ceil(columns), across, 0)
}

/// Labels from top to bottom or across, with blanks or tabs (where there are such) up to the next column.
fn in_columns(labels: &[String], widths: &[usize], rows: usize, across: bool, tab: usize) -> String {
    let mut out = String::new();
    for row in 0..rows {
        let (mut at, mut column_start) = (0, 0);
        for (column, width) in widths.iter().enumerate() {
            let place = if across { row * widths.len() + column } else { column * rows + row };
            let Some(label) = labels.get(place) else { continue };
            while at < column_start {
                if tab > 0 && column_start / tab > (at + 1) / tab {
                    out.push('\t');
                    at += tab - at % tab;
                } else {
                    out.push(' ');
                    at += 1;
                }
            }
            out.push_str(label);
            at += label.chars().count();
            column_start += width;
        }
        out.push('\n');
    }
    out
}
