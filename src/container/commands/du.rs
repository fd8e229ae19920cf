//! `du`

use super::options::Named;
use super::{Flavor, below};
use crate::container::kernel::Kernel;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [
        ("all", 'a'),
        ("summarize", 's'),
        ("human-readable", 'h'),
        ("total", 'c'),
        ("max-depth", 'd'),
        ("apparent-size", 'A'),
        ("bytes", 'b'),
    ];
    let options = match tool.options(kernel, "ashkmcxlHLd:bA", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let depth = match options.value('d') {
        _ if options.has('s') => 0,
        Some(depth) => depth.parse().unwrap_or(0),
        None => usize::MAX,
    };
    let shown = |kib: u64| match options.last_of("hm") {
        Some('h') => super::ls::human(kib * 1024, tool.flavor),
        Some('m') => kib.div_ceil(1_024).to_string(),
        _ => kib.to_string(),
    };
    let mut operands = options.operands.clone();
    if operands.is_empty() {
        operands.push(".".into());
    }
    let (mut total, mut status) = (0, 0);
    for path in &operands {
        let mut lines = Vec::new();
        match sum(kernel, path, 0, depth, options.has('a'), &mut lines) {
            Some(kib) => total += kib,
            None => {
                let text = match tool.flavor {
                    Flavor::Gnu => format!("cannot access '{path}': No such file or directory"),
                    Flavor::BusyBox => format!("{path}: No such file or directory"),
                };
                tool.say(kernel, text);
                status = 1;
            }
        }
        let text: String = lines.iter().map(|(kib, path)| format!("{}\t{path}\n", shown(*kib))).collect();
        kernel.print(text);
    }
    if options.has('c') {
        kernel.print(format!("{}\ttotal\n", shown(total)));
    }
    status
}

/// What a file or a folder takes in KiB, and the lines about what is in it.
fn sum(
    kernel: &mut Kernel<'_>,
    path: &str,
    level: usize,
    depth: usize,
    files: bool,
    lines: &mut Vec<(u64, String)>,
) -> Option<u64> {
    let stat = kernel.files().lstat(path).ok()?;
    let mut kib = if stat.is_directory() { 4 } else { stat.size.div_ceil(4_096) * 4 };
    if stat.is_directory() {
        for name in kernel.files().list(path).unwrap_or_default() {
            kib += sum(kernel, &below(path, &name), level + 1, depth, files, lines).unwrap_or(0);
        }
    }
    if level <= depth && (stat.is_directory() || files || level == 0) {
        lines.push((kib, path.to_owned()));
    }
    Some(kib)
}
