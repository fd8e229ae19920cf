//! `ln`, `readlink` and `realpath`

use super::options::Named;
use super::{Flavor, base_name, below};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    let long =
        [("symbolic", 's'), ("force", 'f'), ("no-dereference", 'n'), ("verbose", 'v'), ("relative", 'r')];
    let options = match tool.options(kernel, "sfnvrTt:b", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut targets = options.operands.clone();
    if targets.is_empty() {
        if gnu {
            tool.say(kernel, "missing file operand");
            tool.try_help(kernel);
            return 1;
        }
        return tool.missing_operand(kernel);
    }
    let link = if targets.len() > 1 { targets.pop() } else { None };
    let into = match &link {
        None => true,
        Some(link) => {
            let is_link = kernel.files().read_link(link).is_ok();
            kernel.files().is_directory(link) && !(options.has('n') && is_link) && !options.has('T')
        }
    };
    let mut status = 0;
    for target in &targets {
        let path = match (&link, into) {
            (None, _) => base_name(target).to_owned(),
            (Some(link), true) => below(link, base_name(target)),
            (Some(link), false) => link.to_string(),
        };
        if options.has('f') && kernel.files().lstat(&path).is_ok() {
            kernel.files().remove_file(&path).ok();
        }
        let result = match options.has('s') {
            true => kernel.files().make_symlink(target, &path),
            false => kernel.files().make_link(target, &path),
        };
        match result {
            Ok(()) if options.has('v') => kernel.print(format!("'{path}' -> '{target}'\n")),
            Ok(()) => {}
            Err(errno) => {
                let kind = if options.has('s') { "symbolic" } else { "hard" };
                let text = match (gnu, errno) {
                    (true, Errno::NotFound) if kind == "hard" && kernel.files().lstat(target).is_err() => {
                        format!("failed to access '{target}': {errno}")
                    }
                    (true, Errno::NotPermitted) if kind == "hard" => {
                        format!("{target}: hard link not allowed for directory")
                    }
                    (true, errno) if kind == "hard" => {
                        format!("failed to create hard link '{path}' => '{target}': {errno}")
                    }
                    (true, errno) => format!("failed to create {kind} link '{path}': {errno}"),
                    (false, Errno::NotFound) if kind == "hard" => format!("{target}: {errno}"),
                    (false, errno) => format!("{path}: {errno}"),
                };
                tool.say(kernel, text);
                status = 1;
            }
        }
    }
    status
}

/// `readlink`
pub(super) fn read(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("canonicalize", 'f'), ("canonicalize-existing", 'e'), ("no-newline", 'n')];
    let options = match tool.options(kernel, "femnqsv", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    let mut status = 0;
    for path in &options.operands {
        if path.starts_with("/proc/") {
            super::proc::refresh(kernel, path);
        }
        let found = match (options.has('f') || options.has('m'), options.has('e')) {
            (false, false) => kernel.files().read_link(path).ok().map(|target| target.to_string()),
            (_, true) => kernel.files().stat(path).and_then(|_| kernel.files().canonical(path)).ok(),
            (true, false) => kernel.files().canonical(path).ok(),
        };
        match found {
            Some(text) => kernel.print(if options.has('n') { text } else { format!("{text}\n") }),
            None => status = 1,
        }
    }
    status
}

/// `realpath`
pub(super) fn real(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "emsqL", &[], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    let mut status = 0;
    for path in &options.operands {
        match kernel.files().canonical(path) {
            Ok(text) => kernel.print(format!("{text}\n")),
            Err(errno) => {
                tool.say(kernel, format!("{path}: {errno}"));
                status = 1;
            }
        }
    }
    status
}
