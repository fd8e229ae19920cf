//! `mv`

use super::options::{Named, Options};
use super::{Flavor, cp, rm};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let long = [
        ("force", 'f'),
        ("no-clobber", 'n'),
        ("verbose", 'v'),
        ("target-directory", 't'),
        ("no-target-directory", 'T'),
    ];
    let options = match tool.options(kernel, "fnvt:Tiu", &long, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    cp::each(kernel, tool, options, rename)
}

fn rename(kernel: &mut Kernel<'_>, tool: Named, options: &Options, from: &str, to: &str) -> u8 {
    let gnu = tool.flavor == Flavor::Gnu;
    if options.has('n') && kernel.files().lstat(to).is_ok() {
        return 0;
    }
    let result = match kernel.files().rename(from, to) {
        Err(Errno::CrossDevice) => {
            // To another file system: copied and removed.
            let copied = cp::copy(kernel, tool, &Options::with("a"), from, to);
            return if copied == 0 { rm::remove_tree(kernel, tool, from) } else { copied };
        }
        result => result,
    };
    match result {
        Ok(()) => {
            if options.has('v') {
                kernel.print(match gnu {
                    true => format!("renamed '{from}' -> '{to}'\n"),
                    false => format!("'{from}' -> '{to}'\n"),
                });
            }
            0
        }
        Err(errno) => {
            let missing = kernel.files().lstat(from).is_err();
            let text = match (gnu, errno) {
                (true, errno) if missing => format!("cannot stat '{from}': {errno}"),
                (true, Errno::Invalid) => format!("cannot move '{from}' to a subdirectory of itself, '{to}'"),
                (true, Errno::IsDirectory) => format!("cannot overwrite directory '{to}' with non-directory"),
                (true, Errno::NotDirectory) => {
                    format!("cannot overwrite non-directory '{to}' with directory '{from}'")
                }
                (true, errno) => format!("cannot move '{from}' to '{to}': {errno}"),
                (false, errno) if missing => format!("can't rename '{from}': {errno}"),
                (false, errno) => format!("can't rename '{from}': {errno}"),
            };
            tool.say(kernel, text);
            1
        }
    }
}
