//! `truncate` and `fallocate`: files of a size.

use super::Flavor;
use super::dd::{MOST, number};
use super::options::Named;
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

/// Gives a file a size, made where there is none.
fn resize(kernel: &mut Kernel<'_>, path: &str, size: impl Fn(usize) -> usize) -> Result<(), Errno> {
    let old = match kernel.files().read(path) {
        Ok(old) => old.to_vec(),
        Err(Errno::NotFound) => Vec::new(),
        Err(errno) => return Err(errno),
    };
    let size = size(old.len());
    if size > MOST {
        return Err(Errno::NoSpace);
    }
    let mut new = old;
    new.resize(size, 0);
    kernel.files().write(path, new, 0o666)
}

/// `truncate`
pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "cs:", &[("size", 's'), ("no-create", 'c')], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(asked) = options.value('s') else {
        match tool.flavor {
            Flavor::Gnu => {
                tool.say(
                    kernel,
                    "you must specify either \u{2018}--size\u{2019} or \u{2018}--reference\u{2019}",
                );
                tool.try_help(kernel);
            }
            Flavor::BusyBox => tool.usage(kernel),
        }
        return 1;
    };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    let Some(bytes) = number(asked.trim_start_matches(['+', '-'])) else {
        match tool.flavor {
            Flavor::Gnu => tool.say(kernel, format!("Invalid number: \u{2018}{asked}\u{2019}")),
            Flavor::BusyBox => tool.say(kernel, format!("invalid number '{asked}'")),
        }
        return 1;
    };
    let mut status = 0;
    for path in &options.operands {
        if options.has('c') && !kernel.files().exists(path) {
            continue;
        }
        let result = resize(kernel, path, |old| match asked.as_bytes()[0] {
            b'+' => old.saturating_add(bytes),
            b'-' => old.saturating_sub(bytes),
            _ => bytes,
        });
        if let Err(errno) = result {
            let text = match (tool.flavor, errno) {
                (_, Errno::NoSpace) => format!("{path}: {errno}"),
                (Flavor::Gnu, _) => format!("cannot open '{path}' for writing: {errno}"),
                (Flavor::BusyBox, _) => format!("{path}: open: {errno}"),
            };
            tool.say(kernel, text);
            status = 1;
        }
    }
    status
}

/// `fallocate`
pub(super) fn allocate(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "l:o:nx", &[("length", 'l'), ("offset", 'o')], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let ([path], Some(length)) = (&options.operands[..], options.value('l').and_then(|text| number(text)))
    else {
        match tool.flavor {
            Flavor::Gnu if options.value('l').is_none() => tool.say(kernel, "no length argument specified"),
            Flavor::Gnu => tool.say(kernel, "no filename specified"),
            Flavor::BusyBox => tool.usage(kernel),
        }
        return 1;
    };
    let from = options.value('o').and_then(|text| number(text)).unwrap_or(0);
    match resize(kernel, path, |old| old.max(from.saturating_add(length))) {
        Ok(()) => 0,
        Err(errno) => {
            match tool.flavor {
                Flavor::Gnu => tool.say(kernel, format!("fallocate failed: {errno}")),
                Flavor::BusyBox => tool.say(kernel, format!("fallocate '{path}': {errno}")),
            }
            1
        }
    }
}
