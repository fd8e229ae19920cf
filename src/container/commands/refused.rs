//! Programs that are there and that Saya does not simulate: each says so, and what to do instead.

use std::sync::Arc;

use super::options::Named;
use super::{NAMES, VERSION};
use crate::container::kernel::Kernel;

/// An editor, an archiver …
pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let text = match tool.name {
        "vi" | "vim" | "nano" => {
            "Saya has no editor for this terminal. Write the file with `cat > FILE <<EOF`, change it with `sed -i`."
        }
        "unzip" => "Saya does not simulate archives.",
        "less" => "Saya does not simulate pagers here. Use `cat`, `head` or `tail`.",
        "git" => "Saya does not simulate git: no repository can be reached from here.",
        "openssl" => "Saya does not simulate TLS.",
        _ => "Saya does not simulate this program.",
    };
    tool.say(kernel, text);
    1
}

/// `man`: images hold no manual.
pub(super) fn man(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    match kernel.argv().get(1).cloned() {
        Some(page) => tool.say(kernel, format!("no manual entry for '{page}'")),
        None => tool.usage(kernel),
    }
    1
}

/// `busybox` itself: what it is, or what is in it.
pub(super) fn busybox(kernel: &mut Kernel<'_>, _: Named) -> u8 {
    let argv = kernel.argv();
    let mut names: Vec<Arc<str>> = NAMES.iter().map(|name| Arc::from(*name)).collect();
    names.retain(|name| kernel.files().exists(&format!("/bin/{name}")));
    names.sort_unstable();
    // `busybox cat FILE`, which Saya does not run.
    if let Some(word) = argv.get(1).filter(|word| !word.starts_with('-')) {
        let known = names.contains(word);
        kernel.complain(match known {
            true => format!("busybox: Saya runs `{word}` by its own name alone.\n"),
            false => format!("{word}: applet not found\n"),
        });
        return 127;
    }
    if argv.iter().any(|word| &**word == "--list") {
        let list: String = names.iter().map(|name| format!("{name}\n")).collect();
        kernel.print(list);
        return 0;
    }
    kernel.print(format!(
        "BusyBox v{VERSION} multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list[-full]\n\nCurrently defined functions:\n\t{}\n",
        NAMES.join(", ")
    ));
    0
}
