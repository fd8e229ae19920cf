//! `mkdir` and `rmdir`

use super::options::Named;
use super::{Flavor, mode};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("parents", 'p'), ("mode", 'm'), ("verbose", 'v')];
    let options = match tool.options(kernel, "pm:v", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    let usual = 0o777 & !kernel.umask();
    let asked = options.value('m').map(|text| mode::change(0o777, text, true, 0));
    if let Some(None) = asked {
        tool.say(kernel, format!("invalid mode '{}'", options.value('m').map_or("", |text| text)));
        return 1;
    }
    let mode = asked.flatten().unwrap_or(usual);
    let mut status = 0;
    for path in &options.operands {
        let mut made = Vec::new();
        let result = if options.has('p') {
            with_parents(kernel, path, mode, usual, tool.flavor == Flavor::BusyBox, &mut made)
        } else {
            made.push(path.to_string());
            kernel.files().make_directory(path, mode).map_err(|errno| (path.to_string(), errno))
        };
        match result {
            Ok(()) if options.has('v') => {
                for path in made {
                    kernel.print(match tool.flavor {
                        Flavor::Gnu => format!("mkdir: created directory '{path}'\n"),
                        Flavor::BusyBox => format!("created directory: '{path}'\n"),
                    });
                }
            }
            Ok(()) => {}
            Err((path, errno)) => {
                let text = match tool.flavor {
                    Flavor::Gnu => format!("cannot create directory \u{2018}{path}\u{2019}: {errno}"),
                    Flavor::BusyBox => format!("can't create directory '{path}': {errno}"),
                };
                tool.say(kernel, text);
                status = 1;
            }
        }
    }
    status
}

fn with_parents(
    kernel: &mut Kernel<'_>,
    path: &str,
    mode: u16,
    usual: u16,
    slashes: bool,
    made: &mut Vec<String>,
) -> Result<(), (String, Errno)> {
    let mut so_far = String::new();
    let parts: Vec<&str> = path.split('/').collect();
    for (at, part) in parts.iter().enumerate() {
        so_far.push_str(part);
        if !part.is_empty() && !kernel.files().is_directory(&so_far) {
            let last = parts[at + 1..].iter().all(|part| part.is_empty());
            // On the way one must be able to go on.
            let result = kernel.files().make_directory(&so_far, if last { mode } else { usual | 0o300 });
            if !last && slashes {
                so_far.push('/');
            }
            match result {
                Ok(()) => made.push(so_far.clone()),
                Err(Errno::Exists) if !last => return Err((so_far, Errno::NotDirectory)),
                Err(errno) => return Err((so_far, errno)),
            }
        }
        if !so_far.ends_with('/') {
            so_far.push('/');
        }
    }
    Ok(())
}

/// `rmdir`
pub(super) fn remove(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("parents", 'p'), ("ignore-fail-on-non-empty", 'i')];
    let options = match tool.options(kernel, "pvi", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return tool.missing_operand(kernel);
    }
    let mut status = 0;
    for path in &options.operands {
        let mut path = path.trim_end_matches('/').to_owned();
        loop {
            match kernel.files().remove_directory(&path) {
                Ok(()) => {}
                Err(Errno::NotEmpty) if options.has('i') => break,
                Err(errno) => {
                    let text = match tool.flavor {
                        Flavor::Gnu => format!("failed to remove '{path}': {errno}"),
                        Flavor::BusyBox => format!("'{path}': {errno}"),
                    };
                    tool.say(kernel, text);
                    status = 1;
                    break;
                }
            }
            match path.rfind('/') {
                Some(at) if options.has('p') && at > 0 => path.truncate(at),
                _ => break,
            }
        }
    }
    status
}
