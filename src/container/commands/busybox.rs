//! `busybox` itself: what it is, what is in it, and each of its applets by name.

use std::sync::Arc;

use super::options::Named;
use super::{NAMES, VERSION};
use crate::container::kernel::Kernel;
use crate::container::program::Step;

/// `busybox [APPLET [ARGUMENT]...]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct BusyBox;

impl BusyBox {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        let argv = kernel.argv();
        let Some(applet) = argv.get(1).filter(|word| !word.starts_with('-')).cloned() else {
            let list = argv.iter().any(|word| &**word == "--list");
            return Step::Exit(tell(kernel, list));
        };
        let file = format!("/bin/{applet}");
        match kernel.load(&file, &argv[1..], &kernel.env()) {
            Ok((program, argv)) if !applet.contains('/') => {
                let env = kernel.env();
                kernel.replace(program, argv, env);
                Step::Yield
            }
            _ => {
                kernel.complain(format!("{applet}: applet not found\n"));
                Step::Exit(127)
            }
        }
    }
}

/// What it is, or only its applets, a line each.
fn tell(kernel: &mut Kernel<'_>, list: bool) -> u8 {
    let mut names: Vec<Arc<str>> = NAMES.iter().map(|name| Arc::from(*name)).collect();
    names.extend(["ash", "httpd", "sh"].map(Arc::from));
    names.retain(|name| kernel.files().exists(&format!("/bin/{name}")));
    names.sort_unstable();
    if list {
        let list: String = names.iter().map(|name| format!("{name}\n")).collect();
        kernel.print(list);
        return 0;
    }
    let mut lines = vec![String::new()];
    for name in &names {
        let line = lines.last_mut().expect("there is one");
        // BusyBox breaks its list where eighty columns end, the tab being eight of them.
        match line.len() + name.len() + 2 > 70 {
            true => lines.push(format!("{name}, ")),
            false => *line += &format!("{name}, "),
        }
    }
    let functions = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n\t");
    kernel.print(format!(
        "BusyBox v{VERSION} multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list[-full]\n   or: function [arguments]...\n\n\tBusyBox is a multi-call binary that combines many common Unix\n\tutilities into a single executable.  Most people will create a\n\tlink to busybox for each function they wish to use and BusyBox\n\twill act like whatever it was invoked as.\n\nCurrently defined functions:\n\t{}\n",
        functions.trim_end_matches(',')
    ));
    0
}
