//! Command and process substitution.
//!
//! A command substitution has to wait for another process. The expansion is then given up, the variables are what they
//! were when it began, and when the output is there everything is expanded again from the start with the outputs of
//! the substitutions so far. So nothing of a half-done expansion is kept but those outputs.

use std::collections::VecDeque;
use std::sync::Arc;

use super::dial::{Dialed, Dialing};
use super::expand::{Result, Stop};
use super::interpreter::Frame;
use super::variables::Variables;
use super::{Flavor, Shell, Source};
use crate::container::kernel::{Change, Data, Kernel, Spawn};
use crate::container::machine::{Fd, Pid};
use crate::container::program::{Code, Wait};

/// An expansion that waits, or is done again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Expanding {
    /// What the substitutions gave so far, in order.
    results: Vec<(Arc<str>, u8)>,
    /// How many of them were used in this round.
    used: usize,
    running: Option<Running>,
    /// What connections came to, in order, how many were used, and the one on its way.
    dialed: Vec<Dialed>,
    dialed_used: usize,
    dialing: Option<Box<Dialing>>,
    /// The variables and the status when it began.
    before: Variables,
    status: u8,
}

/// A command substitution that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Running {
    child: Option<Pid>,
    fd: Option<Fd>,
    bytes: Vec<u8>,
    status: u8,
}

impl Shell {
    /// Begins or repeats the expansion of a command.
    pub(super) fn begin_expansion(&mut self) {
        self.substituted = None;
        match &mut self.expanding {
            Some(expanding) => {
                (expanding.used, expanding.dialed_used) = (0, 0);
                self.variables = expanding.before.clone();
                self.status = expanding.status;
            }
            None => {
                self.expanding = Some(Box::new(Expanding {
                    before: self.variables.clone(),
                    status: self.status,
                    ..Expanding::default()
                }));
            }
        }
    }

    /// Everything of a command is expanded.
    pub(super) fn end_expansion(&mut self) {
        self.expanding = None;
    }

    /// Waits for the command substitution that runs or the connection on its way, if there is one.
    pub(super) fn collect(&mut self, kernel: &mut Kernel<'_>) -> Option<Wait> {
        let expanding = self.expanding.as_mut()?;
        if let Some(dialing) = &mut expanding.dialing {
            match dialing.step(kernel) {
                Ok(dialed) => expanding.dialed.push(dialed),
                Err(wait) => return Some(wait),
            }
            expanding.dialing = None;
        }
        let running = expanding.running.as_mut()?;
        while let Some(fd) = running.fd {
            match kernel.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => running.bytes.extend(bytes),
                Ok(Data::Empty) => return Some(Wait::readable(fd)),
                Ok(Data::End) | Err(_) => {
                    kernel.close(fd).ok();
                    running.fd = None;
                }
            }
        }
        if let Some(child) = running.child {
            match kernel.poll_child(child) {
                Ok(None | Some(Change::Stopped)) => return Some(Wait::children()),
                Ok(Some(Change::Ended(status))) => running.status = status.code(),
                Err(_) => running.status = 127,
            }
        }
        let bytes = running.bytes.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>();
        let text = String::from_utf8_lossy(&bytes);
        let result = (text.trim_end_matches('\n').into(), running.status);
        if let Some(expanding) = &mut self.expanding {
            expanding.running = None;
            expanding.results.push(result);
        }
        None
    }

    /// The output of a command substitution; suspends the first time it is asked for.
    pub(super) fn substitute(
        &mut self,
        kernel: &mut Kernel<'_>,
        list: &Arc<super::syntax::List>,
    ) -> Result<Arc<str>> {
        if self.expanding.is_none() {
            self.begin_expansion();
        }
        let expanding = self.expanding.as_mut().expect("just begun");
        if let Some((text, status)) = expanding.results.get(expanding.used) {
            expanding.used += 1;
            if self.flavor == Flavor::Bash {
                self.status = *status;
            }
            self.substituted = Some(*status);
            return Ok(text.clone());
        }
        let (reader, writer) = kernel.pipe();
        let mut child = self.forked();
        child.depth += 1;
        child.frames.push(Frame::List { list: list.clone(), next: 0 });
        let child = kernel.spawn(Code::from(child), Spawn { fds: vec![(1, writer)], ..Spawn::default() });
        kernel.close(writer).ok();
        let expanding = self.expanding.as_mut().expect("just begun");
        expanding.running =
            Some(Running { child: Some(child), fd: Some(reader), bytes: Vec::new(), status: 0 });
        Err(Stop::Suspend)
    }

    /// What the next connection of this expansion came to, if that is known.
    pub(super) fn dialed(&mut self) -> Option<Dialed> {
        let expanding = self.expanding.as_mut()?;
        let dialed = expanding.dialed.get(expanding.dialed_used).copied()?;
        expanding.dialed_used += 1;
        Some(dialed)
    }

    pub(super) fn begin_dialing(&mut self, dialing: Dialing) {
        if let Some(expanding) = &mut self.expanding {
            expanding.dialing = Some(Box::new(dialing));
        }
    }

    /// Starts the process of `<(…)` and returns the name of the file that leads to it.
    pub(super) fn start_process(
        &mut self,
        kernel: &mut Kernel<'_>,
        list: &Arc<super::syntax::List>,
        writes: bool,
    ) -> Arc<str> {
        if self.expanding.is_none() {
            self.begin_expansion();
        }
        let expanding = self.expanding.as_mut().expect("just begun");
        expanding.used += 1;
        if let Some((path, _)) = expanding.results.get(expanding.used - 1) {
            return path.clone();
        }
        let (reader, writer) = kernel.pipe();
        let (own, theirs, fd) = if writes { (writer, reader, 0) } else { (reader, writer, 1) };
        let mut child = self.forked();
        child.frames.push(Frame::List { list: list.clone(), next: 0 });
        kernel
            .spawn(Code::from(child), Spawn { fds: vec![(fd, theirs)], detached: true, ..Spawn::default() });
        kernel.close(theirs).ok();
        // The command that gets the name inherits what it leads to.
        let shown = kernel.duplicate(own, 60).unwrap_or(own);
        kernel.close(own).ok();
        self.lent.push(shown);
        let path: Arc<str> = format!("/dev/fd/{shown}").into();
        if let Some(expanding) = &mut self.expanding {
            expanding.results.push((path.clone(), 0));
        }
        path
    }

    /// A copy of this shell to be a process of its own, with nothing to do yet.
    pub(super) fn forked(&self) -> Shell {
        let mut child = self.clone();
        child.forgiving = self.forgiving || self.is_tested();
        child.frames = Vec::new();
        child.expanding = None;
        child.source = Source::None;
        child.subshell = true;
        child.options.monitor = false;
        child.options.interactive = false;
        if self.flavor == Flavor::Dash {
            child.jobs.forget_all();
        }
        child.jobs.inherited = true;
        child.arrived = VecDeque::new();
        // Traps are for the shell that set them; what is ignored stays so.
        child.traps.retain(|_, action| action.is_empty());
        child.exiting = None;
        child
    }
}
