//! `rm` and `unlink`

use super::options::Named;
use super::{Flavor, base_name, below};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    let long = [
        ("recursive", 'r'),
        ("force", 'f'),
        ("dir", 'd'),
        ("verbose", 'v'),
        ("no-preserve-root", 'P'),
        ("interactive", 'i'),
    ];
    let known = if gnu { "rRfdviIP" } else { "rRfiv" };
    let options = match tool.options(kernel, known, &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let force = options.has('f');
    if options.operands.is_empty() {
        return if force { 0 } else { tool.missing_operand(kernel) };
    }
    let recursive = options.has('r') || options.has('R');
    let mut status = 0;
    for path in &options.operands {
        let last = base_name(path);
        if recursive && (last == "." || last == "..") {
            let text = match gnu {
                true => format!("refusing to remove '.' or '..' directory: skipping '{path}'"),
                false => "can't remove '.' or '..'".to_owned(),
            };
            tool.say(kernel, text);
            status = 1;
            continue;
        }
        if recursive
            && gnu
            && kernel.files().canonical(path).is_ok_and(|path| path == "/")
            && !options.has('P')
        {
            tool.say(kernel, format!("it is dangerous to operate recursively on '{path}'"));
            tool.say(kernel, "use --no-preserve-root to override this failsafe");
            status = 1;
            continue;
        }
        let result = kernel.files().lstat(path);
        let directory = match result {
            Ok(stat) => stat.is_directory(),
            Err(Errno::NotFound | Errno::NotDirectory) if force => continue,
            Err(errno) => {
                complain(kernel, tool, path, errno);
                status = 1;
                continue;
            }
        };
        if directory && recursive {
            status |= remove_tree(kernel, tool, path);
            continue;
        }
        let result = match directory {
            true if options.has('d') => kernel.files().remove_directory(path),
            true => Err(Errno::IsDirectory),
            false => kernel.files().remove_file(path),
        };
        match result {
            Ok(()) if options.has('v') => kernel.print(format!("removed '{path}'\n")),
            Ok(()) => {}
            Err(Errno::IsDirectory) if !gnu => {
                tool.say(kernel, format!("'{path}' is a directory"));
                status = 1;
            }
            Err(errno) => {
                complain(kernel, tool, path, errno);
                status = 1;
            }
        }
    }
    status
}

fn complain(kernel: &mut Kernel<'_>, tool: Named, path: &str, errno: Errno) {
    tool.say(
        kernel,
        match tool.flavor {
            Flavor::Gnu => format!("cannot remove '{path}': {errno}"),
            Flavor::BusyBox => format!("can't remove '{path}': {errno}"),
        },
    );
}

/// Removes a file, or a directory with all that is in it.
pub(super) fn remove_tree(kernel: &mut Kernel<'_>, tool: Named, path: &str) -> u8 {
    let directory = kernel.files().lstat(path).is_ok_and(|stat| stat.is_directory());
    let mut status = 0;
    if directory {
        match kernel.files().list(path) {
            Ok(names) => {
                for name in names {
                    status |= remove_tree(kernel, tool, &below(path, &name));
                }
            }
            Err(errno) => {
                complain(kernel, tool, path, errno);
                return 1;
            }
        }
    }
    if status != 0 {
        return status;
    }
    let result = match directory {
        true => kernel.files().remove_directory(path),
        false => kernel.files().remove_file(path),
    };
    if let Err(errno) = result {
        complain(kernel, tool, path, errno);
        return 1;
    }
    0
}
