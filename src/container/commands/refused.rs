//! Programs that are there and that Saya does not simulate: each says so, and what to do instead.

use super::options::Named;
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
