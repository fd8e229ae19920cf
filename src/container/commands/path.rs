//! `basename`, `dirname`, `which`, `mktemp`.

use super::options::Named;
use super::{Flavor, base_name};
use crate::container::errno::Errno;
use crate::container::files::How;
use crate::container::kernel::Kernel;
use crate::container::machine::DEFAULT_PATH;

/// `basename`
pub(super) fn basename(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "+as:z", &[("multiple", 'a'), ("suffix", 's')], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let (paths, suffix) = match &options.operands[..] {
        [] => return tool.missing_operand(kernel),
        all if options.has('a') || options.has('s') => (all, options.value('s').cloned()),
        [path] => (std::slice::from_ref(path), None),
        [path, suffix] => (std::slice::from_ref(path), Some(suffix.clone())),
        [_, _, extra, ..] => {
            match tool.flavor {
                Flavor::Gnu => {
                    tool.say(kernel, format!("extra operand \u{2018}{extra}\u{2019}"));
                    tool.try_help(kernel);
                }
                Flavor::BusyBox => tool.usage(kernel),
            }
            return 1;
        }
    };
    for path in paths {
        let name = if path.is_empty() { "" } else { base_name(path) };
        let short =
            suffix.as_ref().and_then(|suffix| name.strip_suffix(&**suffix)).filter(|short| !short.is_empty());
        kernel.print(format!("{}\n", short.unwrap_or(name)));
    }
    0
}

/// `dirname`
pub(super) fn dirname(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "z", &[], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    for path in &options.operands {
        let trimmed = path.trim_end_matches('/');
        let directory = match trimmed.rfind('/') {
            _ if trimmed.is_empty() && !path.is_empty() => "/",
            None => ".",
            Some(at) => match trimmed[..at].trim_end_matches('/') {
                "" => "/",
                directory => directory,
            },
        };
        kernel.print(format!("{directory}\n"));
    }
    0
}

/// `which`
pub(super) fn which(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "as", &[], 2) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
    let mut status = u8::from(options.operands.is_empty());
    for name in &options.operands {
        let found: Vec<String> = match options.has('a') && !name.contains('/') {
            true => path.split(':').filter_map(|directory| kernel.search(directory, name)).collect(),
            false => kernel.search(&path, name).into_iter().collect(),
        };
        if found.is_empty() {
            status = 1;
        }
        for file in found {
            kernel.print(format!("{file}\n"));
        }
    }
    status
}

/// `mktemp`
pub(super) fn mktemp(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("directory", 'd'), ("dry-run", 'u'), ("quiet", 'q'), ("tmpdir", 'T'), ("suffix", 's')];
    let options = match tool.options(kernel, "duqtp:Ts:", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let usual = if tool.flavor == Flavor::Gnu { "tmp.XXXXXXXXXX" } else { "tmp.XXXXXX" };
    let asked = options.operands.first().map(|text| text.to_string());
    let in_directory = asked.is_none() || options.has('t') || options.has('p') || options.has('T');
    let template = asked.unwrap_or_else(|| usual.to_owned());
    let marks = template.trim_end_matches('X').len();
    if template.len() - marks < if tool.flavor == Flavor::Gnu { 3 } else { 6 } {
        tool.say(
            kernel,
            match tool.flavor {
                Flavor::Gnu => format!("too few X's in template \u{2018}{template}\u{2019}"),
                Flavor::BusyBox => format!("(null): {}", Errno::Invalid),
            },
        );
        return 1;
    }
    let directory =
        options.value('p').cloned().or_else(|| kernel.variable("TMPDIR")).unwrap_or_else(|| "/tmp".into());
    let random = kernel.random();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let end: String = (marks..template.len())
        .map(|_| char::from(letters[random.below(letters.len() as u64) as usize]))
        .collect();
    let suffix = options.value('s').map_or("", |text| text);
    let name = format!("{}{end}{suffix}", &template[..marks]);
    let path = if in_directory { super::below(&directory, &name) } else { name };
    let result = if options.has('u') {
        Ok(())
    } else if options.has('d') {
        kernel.files().make_directory(&path, 0o700)
    } else {
        let how = How { write: true, create: Some(0o600), exclusive: true, ..How::default() };
        kernel.open(&path, how).and_then(|fd| kernel.close(fd))
    };
    match result {
        Ok(()) => {
            kernel.print(format!("{path}\n"));
            0
        }
        Err(errno) => {
            let what = if options.has('d') { "directory" } else { "file" };
            let template = if in_directory { super::below(&directory, &template) } else { template };
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => {
                        format!("failed to create {what} via template \u{2018}{template}\u{2019}: {errno}")
                    }
                    Flavor::BusyBox => format!("(null): {errno}"),
                },
            );
            1
        }
    }
}
