//! `tini`: the first process of a container, which hands signals on to its one child and ends as that ends.

use std::sync::Arc;

use crate::container::errno::Errno;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid};
use crate::container::program::{Step, Wait};
use crate::container::signal::{Action, Signal};

/// A running `tini`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tini {
    child: Option<Pid>,
}

impl Tini {
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let child = match self.child {
            Some(child) => child,
            None => match begin(kernel) {
                Ok(child) => *self.child.insert(child),
                Err(status) => return Step::Exit(status),
            },
        };
        if let Ok(Some(Change::Ended(status))) = kernel.poll_child(child) {
            return Step::Exit(status.code());
        }
        while let Some(signal) = kernel.take_signal() {
            kernel.kill(child, Some(signal)).ok();
        }
        Wait::children().into()
    }
}

/// Starts what stands behind `--`.
fn begin(kernel: &mut Kernel<'_>) -> Result<Pid, u8> {
    let argv = kernel.argv();
    let words: Vec<Arc<str>> = argv.iter().skip(1).skip_while(|word| &***word == "--").cloned().collect();
    let Some(name) = words.first() else { return Err(1) };
    let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
    let loaded = match kernel.search(&path, name) {
        Some(file) => kernel.load(&file, &words, &kernel.env()),
        None => Err(Errno::NotFound),
    };
    let (program, argv) = loaded.map_err(|errno| {
        kernel.complain(format!("[FATAL tini (7)] exec {name} failed: {errno}\n"));
        if errno == Errno::NotFound { 127 } else { 126 }
    })?;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        kernel.on_signal(signal, Action::Catch);
    }
    // What started the container had processes of its own in it, which are gone: the child is often process 7.
    kernel.skip_pids(5);
    Ok(kernel.spawn(program, Spawn { argv: Some(argv), ..Spawn::default() }))
}
