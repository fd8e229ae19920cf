//! `install`

use super::options::Named;
use super::{Flavor, cp, mode};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

const LONG: [(&str, char); 6] = [
    ("directory", 'd'),
    ("group", 'g'),
    ("mode", 'm'),
    ("owner", 'o'),
    ("target-directory", 't'),
    ("verbose", 'v'),
];

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let options = match tool.options(kernel, "cDdg:m:o:pst:Tv", &LONG, 1) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let asked = options.value('m').map_or("755", |text| text).to_owned();
    let Some(bits) = mode::change(0, &asked, options.has('d'), 0) else {
        tool.say(kernel, format!("invalid mode \u{2018}{asked}\u{2019}"));
        return 1;
    };
    if !options.has('d') {
        return cp::each(kernel, tool, options, |kernel, tool, options, from, to| {
            if options.has('D') {
                make_folders(kernel, to.rsplit_once('/').map_or("", |(folder, _)| folder));
            }
            let failed = cp::copy(kernel, tool, options, from, to);
            let bits = options.value('m').and_then(|asked| mode::change(0, asked, false, 0)).unwrap_or(0o755);
            // Where it could not be copied there may be nothing.
            let _ = kernel.files().set_mode(to, bits);
            failed
        });
    }
    let mut status = 0;
    for folder in &options.operands {
        make_folders(kernel, folder);
        if let Err(errno) = kernel.files().set_mode(folder, bits) {
            let text = match tool.flavor {
                Flavor::Gnu if errno == Errno::NotFound => {
                    format!("cannot create directory \u{2018}{folder}\u{2019}")
                }
                _ => format!("can't create directory '{folder}': {errno}"),
            };
            tool.say(kernel, text);
            status = 1;
        }
    }
    status
}

/// Makes a folder and those above it that are not there.
fn make_folders(kernel: &mut Kernel<'_>, path: &str) {
    for (at, _) in path.match_indices('/').chain([(path.len(), "")]).filter(|(at, _)| *at > 0) {
        // One that is there already is what was wanted.
        let _ = kernel.files().make_directory(&path[..at], 0o755);
    }
}
