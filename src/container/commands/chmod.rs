//! `chmod`, `chown` and `chgrp`

use super::options::Named;
use super::{Flavor, below, mode};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

/// The files below a path, itself first.
fn each(kernel: &mut Kernel<'_>, path: &str, recursive: bool) -> Vec<String> {
    let mut found = vec![path.to_owned()];
    let mut at = 0;
    while recursive && at < found.len() {
        let path = found[at].clone();
        if kernel.files().lstat(&path).is_ok_and(|stat| stat.is_directory()) {
            found
                .extend(kernel.files().list(&path).unwrap_or_default().iter().map(|name| below(&path, name)));
        }
        at += 1;
    }
    found
}

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    // A mode such as -x looks like an option.
    let argv = kernel.argv();
    let (mut recursive, mut verbose, mut quiet) = (false, false, false);
    let mut operands = Vec::new();
    for word in &argv[1..] {
        match &**word {
            "-R" | "--recursive" => recursive = true,
            "-v" | "--verbose" => verbose = true,
            "-f" | "--silent" | "--quiet" => quiet = true,
            "--" => {}
            _ => operands.push(word.clone()),
        }
    }
    let [asked, paths @ ..] = &operands[..] else {
        return tool.missing_operand(kernel);
    };
    if paths.is_empty() {
        if gnu {
            tool.say(kernel, format!("missing operand after \u{2018}{asked}\u{2019}"));
            tool.try_help(kernel);
        } else {
            tool.usage(kernel);
        }
        return 1;
    }
    let umask = kernel.umask();
    if mode::change(0, asked, false, umask).is_none() {
        match gnu {
            true => {
                tool.say(kernel, format!("invalid mode: \u{2018}{asked}\u{2019}"));
                tool.try_help(kernel);
            }
            false => tool.say(kernel, format!("invalid mode '{asked}'")),
        }
        return 1;
    }
    let mut status = 0;
    for path in paths {
        for path in each(kernel, path, recursive) {
            let result = kernel.files().stat(&path).and_then(|stat| {
                let new = mode::change(stat.mode, asked, stat.is_directory(), umask).ok_or(Errno::Invalid)?;
                kernel.files().set_mode(&path, new).map(|()| (stat.mode, new))
            });
            match result {
                Ok((old, new)) if verbose => {
                    let text =
                        |bits: u16| mode::text(crate::container::tree::Kind::File, bits)[1..].to_owned();
                    let how = if old == new { "retained as" } else { "changed from" };
                    let from =
                        if old == new { String::new() } else { format!("{old:04o} ({}) to ", text(old)) };
                    kernel.print(format!("mode of '{path}' {how} {from}{new:04o} ({})\n", text(new)));
                }
                Ok(_) => {}
                Err(errno) => {
                    let text = match (gnu, errno) {
                        (true, Errno::NotFound) => format!("cannot access '{path}': {errno}"),
                        (true, errno) => format!("changing permissions of '{path}': {errno}"),
                        (false, errno) => format!("{path}: {errno}"),
                    };
                    if !quiet {
                        tool.say(kernel, text);
                    }
                    status = 1;
                }
            }
        }
    }
    status
}

/// `chown` and `chgrp`
pub(super) fn owner(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    let options = match tool.options(kernel, "RvfhLHPc", &[("recursive", 'R'), ("verbose", 'v')], 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let [asked, paths @ ..] = &options.operands[..] else { return tool.missing_operand(kernel) };
    let (user, group) = match (tool.name, asked.split_once([':', '.'])) {
        ("chgrp", _) => ("", &**asked),
        (_, Some((user, group))) => (user, group),
        (_, None) => (&**asked, ""),
    };
    let mut number = |file: &str, name: &str, what: &str| -> Result<Option<u32>, String> {
        if name.is_empty() {
            return Ok(None);
        }
        if let Ok(number) = name.parse() {
            return Ok(Some(number));
        }
        let text = kernel
            .files()
            .read(file)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        let line = text.lines().find(|line| line.split(':').next() == Some(name));
        line.and_then(|line| line.split(':').nth(2)?.parse().ok()).map(Some).ok_or_else(|| match gnu {
            true => format!("invalid {what}: \u{2018}{asked}\u{2019}"),
            false => format!("unknown {what} {name}"),
        })
    };
    let ids =
        number("/etc/passwd", user, "user").and_then(|uid| Ok((uid, number("/etc/group", group, "group")?)));
    let (uid, gid) = match ids {
        Ok(ids) => ids,
        Err(text) => {
            tool.say(kernel, text);
            return 1;
        }
    };
    let mut status = 0;
    for path in paths {
        for path in each(kernel, path, options.has('R')) {
            if let Err(errno) = kernel.files().set_owner(&path, uid, gid) {
                let text = match (gnu, errno) {
                    (true, Errno::NotFound) => format!("cannot access '{path}': {errno}"),
                    (true, errno) if tool.name == "chgrp" => format!("changing group of '{path}': {errno}"),
                    (true, errno) => format!("changing ownership of '{path}': {errno}"),
                    (false, errno) => format!("{path}: {errno}"),
                };
                tool.say(kernel, text);
                status = 1;
            }
        }
    }
    status
}
