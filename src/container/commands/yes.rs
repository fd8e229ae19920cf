//! `yes`, `true` and `false`

use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::program::{Step, Wait};

/// A running `yes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Yes;

/// What one write holds; a real one fills disks faster.
const BLOCK: usize = 1_024;

impl Yes {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, _: Named) -> Step {
        let argv = kernel.argv();
        let line = if argv.len() > 1 { format!("{}\n", argv[1..].join(" ")) } else { "y\n".to_owned() };
        let block = line.repeat((BLOCK / line.len()).max(1));
        match kernel.write(1, block.as_bytes()) {
            Ok(()) => Wait::until(kernel.now() + std::time::Duration::from_millis(1)).into(),
            Err(_) => Step::Exit(1),
        }
    }
}

/// `true`
pub(super) fn nothing(_: &mut Kernel<'_>, _: Named) -> u8 {
    0
}

/// `false`
pub(super) fn no(_: &mut Kernel<'_>, _: Named) -> u8 {
    1
}
