//! `touch`

use super::Flavor;
use super::date::parse;
use super::options::Named;
use crate::container::errno::Errno;
use crate::container::files::How;
use crate::container::kernel::Kernel;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [("no-create", 'c'), ("date", 'd'), ("reference", 'r')];
    let options = match tool.options(kernel, "acmhfd:r:t:", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return match tool.flavor {
            Flavor::Gnu => {
                tool.say(kernel, "missing file operand");
                tool.try_help(kernel);
                1
            }
            Flavor::BusyBox => tool.missing_operand(kernel),
        };
    }
    let now = kernel.date();
    let asked = match (options.value('r'), options.value('d')) {
        (Some(file), _) => kernel.files().stat(file).map(|stat| stat.modified).ok(),
        (None, Some(text)) => parse(text, now),
        (None, None) => Some(now),
    };
    let Some(date) = asked else {
        let text = options.value('d').map_or("", |text| text);
        tool.say(
            kernel,
            match tool.flavor {
                Flavor::Gnu => format!("invalid date format \u{2018}{text}\u{2019}"),
                Flavor::BusyBox => format!("invalid date '{text}'"),
            },
        );
        return 1;
    };
    let mut status = 0;
    for path in &options.operands {
        let result = match kernel.files().set_modified(path, date) {
            Err(Errno::NotFound) if options.has('c') => Ok(()),
            Err(Errno::NotFound) => {
                let how = How { write: true, create: Some(0o666), ..How::default() };
                kernel
                    .open(path, how)
                    .and_then(|fd| kernel.close(fd))
                    .and_then(|()| kernel.files().set_modified(path, date))
            }
            result => result,
        };
        if let Err(errno) = result {
            tool.say(
                kernel,
                match tool.flavor {
                    Flavor::Gnu => format!("cannot touch '{path}': {errno}"),
                    Flavor::BusyBox => format!("{path}: {errno}"),
                },
            );
            status = 1;
        }
    }
    status
}
