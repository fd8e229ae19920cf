//! `stat`

use super::options::Named;
use super::{Flavor, mode};
use crate::container::files::Stat;
use crate::container::kernel::Kernel;
use crate::container::tree::Kind;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options =
        match tool.options(kernel, "Lc:tf", &[("dereference", 'L'), ("format", 'c'), ("printf", 'c')], 1) {
            Ok(options) => options,
            Err(status) => return status,
        };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    let mut status = 0;
    for path in &options.operands {
        let stat = if options.has('L') { kernel.files().stat(path) } else { kernel.files().lstat(path) };
        let stat = match stat {
            Ok(stat) => stat,
            Err(errno) => {
                tool.say(
                    kernel,
                    match tool.flavor {
                        Flavor::Gnu => format!("cannot statx '{path}': {errno}"),
                        Flavor::BusyBox => format!("can't stat '{path}': {errno}"),
                    },
                );
                status = 1;
                continue;
            }
        };
        let user = kernel.user_name(stat.uid).unwrap_or_else(|| "UNKNOWN".to_owned());
        let group = kernel.group_name(stat.gid).unwrap_or_else(|| "UNKNOWN".to_owned());
        let text = match options.value('c') {
            Some(format) => format!("{}\n", fill(format, path, &stat, &user, &group)),
            None => whole(kernel, path, &stat, &user, &group),
        };
        kernel.print(text);
    }
    status
}

fn kind(stat: &Stat) -> &'static str {
    match stat.kind {
        Kind::Directory => "directory",
        Kind::File if stat.size == 0 => "regular empty file",
        Kind::File => "regular file",
        Kind::Symlink => "symbolic link",
        Kind::Device => "character special file",
        Kind::Socket => "socket",
        Kind::Pipe => "fifo",
    }
}

fn time(date: crate::base::Date) -> String {
    let (year, month, day, hour, minute, second) = date.civil();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.000000000 +0000")
}

fn fill(format: &str, path: &str, stat: &Stat, user: &str, group: &str) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push_str(path),
            Some('N') => out.push_str(&format!("'{path}'")),
            Some('s') => out.push_str(&stat.size.to_string()),
            Some('a') => out.push_str(&format!("{:o}", stat.mode)),
            Some('A') => out.push_str(&mode::text(stat.kind, stat.mode)),
            Some('u') => out.push_str(&stat.uid.to_string()),
            Some('U') => out.push_str(user),
            Some('g') => out.push_str(&stat.gid.to_string()),
            Some('G') => out.push_str(group),
            Some('h') => out.push_str(&stat.links.to_string()),
            Some('i') => out.push_str(&(1_000_000 + stat.ino.0).to_string()),
            Some('F') => out.push_str(kind(stat)),
            Some('b') => out.push_str(&(stat.size.div_ceil(4_096) * 8).to_string()),
            Some('B') => out.push_str("512"),
            Some('y' | 'x' | 'z') => out.push_str(&time(stat.modified)),
            Some('Y' | 'X' | 'Z') => out.push_str(&stat.modified.0.to_string()),
            Some('%') => out.push('%'),
            Some(c) => out.push(c),
            None => out.push('%'),
        }
    }
    out
}

fn whole(kernel: &mut Kernel<'_>, path: &str, stat: &Stat, user: &str, group: &str) -> String {
    let target = kernel.files().read_link(path).map(|target| format!(" -> {target}")).unwrap_or_default();
    let blocks = stat.size.div_ceil(4_096) * 8;
    let date = time(stat.modified);
    format!(
        "  File: {path}{target}\n  Size: {:<10}\tBlocks: {blocks:<10} IO Block: 4096   {}\n\
         Device: 0,50\tInode: {:<11} Links: {}\n\
         Access: ({:04o}/{})  Uid: ({:>5}/{user:>8})   Gid: ({:>5}/{group:>8})\n\
         Access: {date}\nModify: {date}\nChange: {date}\n Birth: -\n",
        stat.size,
        kind(stat),
        1_000_000 + stat.ino.0,
        stat.links,
        stat.mode,
        mode::text(stat.kind, stat.mode),
        stat.uid,
        stat.gid,
    )
}
