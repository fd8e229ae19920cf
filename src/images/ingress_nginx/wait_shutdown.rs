//! `/wait-shutdown`, which a controller's Pod runs before it stops.

use crate::container::kernel::Kernel;
use crate::container::machine::Pid;
use crate::container::program::{Step, Wait};
use crate::container::signal::Signal;

/// The controller, which was asked to end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WaitShutdown {
    asked: Option<Pid>,
}

impl WaitShutdown {
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        let processes = &kernel.machine().processes;
        let is_it = |argv: &[std::sync::Arc<str>]| {
            argv.first().is_some_and(|name| &**name == super::controller::PATH)
        };
        let found = processes.iter().find(|(_, process)| is_it(&process.argv)).map(|(pid, _)| *pid);
        match (found, self.asked) {
            (None, _) => return Step::Exit(0),
            (Some(pid), None) => {
                kernel.kill(pid, Some(Signal::TERM)).ok();
                self.asked = Some(pid);
            }
            (Some(_), Some(_)) => {}
        }
        Wait::until(kernel.now() + std::time::Duration::from_secs(1)).into()
    }
}
