//! `cp`

use super::options::{Named, Options};
use super::{Flavor, base_name, below};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::tree::{Content, Kind};

const LONG: [(&str, char); 10] = [
    ("recursive", 'r'),
    ("archive", 'a'),
    ("force", 'f'),
    ("no-clobber", 'n'),
    ("verbose", 'v'),
    ("preserve", 'p'),
    ("target-directory", 't'),
    ("no-target-directory", 'T'),
    ("update", 'u'),
    ("dereference", 'L'),
];

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "rRafnvpt:TuLPdi", &LONG, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    each(kernel, tool, options, copy)
}

type Operation = fn(&mut Kernel<'_>, Named, &Options, &str, &str) -> u8;

/// Carries out `cp` or `mv` for every operand but the last, which says where to.
pub(super) fn each(kernel: &mut Kernel<'_>, tool: Named, options: Options, operation: Operation) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    let mut sources = options.operands.clone();
    let target = match options.value('t') {
        Some(directory) => Some(directory.clone()),
        None => sources.pop(),
    };
    let Some(target) = target.filter(|_| !sources.is_empty()) else {
        match (gnu, options.operands.first()) {
            (true, None) => tool.say(kernel, "missing file operand"),
            (true, Some(only)) => {
                tool.say(kernel, format!("missing destination file operand after '{only}'"))
            }
            (false, _) => {
                tool.usage(kernel);
                return 1;
            }
        }
        tool.try_help(kernel);
        return 1;
    };
    let into = kernel.files().is_directory(&target) && !options.has('T');
    if !into && (sources.len() > 1 || options.has('t')) {
        let text = match (gnu, kernel.files().exists(&target)) {
            (true, true) => format!("target '{target}': {}", Errno::NotDirectory),
            (true, false) => format!("target '{target}': {}", Errno::NotFound),
            (false, true) => format!("can't create directory '{target}': {}", Errno::Exists),
            (false, false) => {
                for source in &sources {
                    let path = below(&target, base_name(source));
                    tool.say(kernel, format!("can't create '{path}': {}", Errno::NotFound));
                }
                return 1;
            }
        };
        tool.say(kernel, text);
        return 1;
    }
    let mut status = 0;
    for source in &sources {
        let to = if into { below(&target, base_name(source)) } else { target.to_string() };
        status |= operation(kernel, tool, &options, source, &to);
    }
    status
}

/// Copies one file or directory.
pub(super) fn copy(kernel: &mut Kernel<'_>, tool: Named, options: &Options, from: &str, to: &str) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    let recursive = options.has('r') || options.has('R') || options.has('a');
    let keeps_links =
        options.has('a') || options.has('d') || options.has('P') || recursive && !options.has('L');
    let stat = if keeps_links { kernel.files().lstat(from) } else { kernel.files().stat(from) };
    let stat = match stat {
        Ok(stat) => stat,
        Err(errno) => {
            let text = if gnu {
                format!("cannot stat '{from}': {errno}")
            } else {
                format!("can't stat '{from}': {errno}")
            };
            tool.say(kernel, text);
            return 1;
        }
    };
    if stat.is_directory() {
        if !recursive {
            let text = if gnu {
                format!("-r not specified; omitting directory '{from}'")
            } else {
                format!("omitting directory '{from}'")
            };
            tool.say(kernel, text);
            return 1;
        }
        return copy_directory(kernel, tool, options, from, to, stat.mode);
    }
    let same =
        kernel.files().locate(to).ok() == kernel.files().locate(from).ok() && kernel.files().exists(to);
    if same {
        tool.say(kernel, format!("'{from}' and '{to}' are the same file"));
        return 1;
    }
    if options.has('n') && kernel.files().lstat(to).is_ok() {
        return 0;
    }
    if kernel.files().is_directory(to) {
        let text = format!("cannot overwrite directory '{to}' with non-directory");
        tool.say(kernel, text);
        return 1;
    }
    let result = if stat.kind == Kind::Symlink && keeps_links {
        kernel.files().remove_file(to).ok();
        kernel.files().read_link(from).and_then(|target| kernel.files().make_symlink(&target, to))
    } else {
        copy_content(kernel, options, from, to, stat.mode)
    };
    let result = match result {
        Err(Errno::PermissionDenied) if options.has('f') && kernel.files().remove_file(to).is_ok() => {
            copy_content(kernel, options, from, to, stat.mode)
        }
        result => result,
    };
    match result {
        Ok(()) => {
            if options.has('v') {
                kernel.print(format!("'{from}' -> '{to}'\n"));
            }
            if options.has('a') || options.has('p') {
                kernel.files().set_modified(to, stat.modified).ok();
                kernel.files().set_owner(to, Some(stat.uid), Some(stat.gid)).ok();
                kernel.files().set_mode(to, stat.mode).ok();
            }
            0
        }
        Err(errno) => {
            let reads = kernel.files().access(from, 4);
            let text = match (gnu, reads) {
                (true, Err(errno)) => format!("cannot open '{from}' for reading: {errno}"),
                (true, Ok(())) => format!("cannot create regular file '{to}': {errno}"),
                (false, Err(errno)) => format!("can't open '{from}': {errno}"),
                (false, Ok(())) => format!("can't create '{to}': {errno}"),
            };
            tool.say(kernel, text);
            1
        }
    }
}

fn copy_content(
    kernel: &mut Kernel<'_>,
    options: &Options,
    from: &str,
    to: &str,
    mode: u16,
) -> Result<(), Errno> {
    let mask = if options.has('p') || options.has('a') { 0 } else { kernel.umask() };
    let mut view = kernel.files();
    view.access(from, 4)?;
    match view.content(from)? {
        Content::Program(id) => view.install(to, &id, mode & 0o777 & !mask),
        _ => {
            let bytes = view.read(from)?;
            view.write(to, bytes.to_vec(), mode & 0o777 & !mask)
        }
    }
}

fn copy_directory(
    kernel: &mut Kernel<'_>,
    tool: Named,
    options: &Options,
    from: &str,
    to: &str,
    mode: u16,
) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    let source = kernel.files().canonical(from).unwrap_or_default();
    let target = kernel.files().canonical(to).unwrap_or_default();
    if target == source || target.starts_with(&format!("{source}/")) {
        let text = match gnu {
            true => format!("cannot copy a directory, '{from}', into itself, '{to}'"),
            false => format!("recursion detected, omitting directory '{to}'"),
        };
        tool.say(kernel, text);
        return 1;
    }
    let over_file = !kernel.files().is_directory(to) && kernel.files().exists(to);
    if over_file && gnu {
        tool.say(kernel, format!("cannot overwrite non-directory '{to}' with directory '{from}'"));
        return 1;
    }
    if !kernel.files().is_directory(to)
        && let Err(errno) = kernel.files().make_directory(to, mode)
    {
        let text = if gnu {
            format!("cannot create directory '{to}': {errno}")
        } else {
            format!("can't create directory '{to}': {errno}")
        };
        tool.say(kernel, text);
        return 1;
    }
    if options.has('v') {
        kernel.print(format!("'{from}' -> '{to}'\n"));
    }
    let names = match kernel.files().list(from) {
        Ok(names) => names,
        Err(errno) => {
            let text = if gnu {
                format!("cannot access '{from}': {errno}")
            } else {
                format!("can't open '{from}': {errno}")
            };
            tool.say(kernel, text);
            return 1;
        }
    };
    let mut status = 0;
    for name in names {
        status |= copy(kernel, tool, options, &below(from, &name), &below(to, &name));
    }
    status
}
