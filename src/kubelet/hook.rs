//! The hooks of a container's life: `postStart` and `preStop`.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::container::files::Volumes;
use crate::container::machine::{OutputId, Pid};
use crate::network::namespace::Namespace;

use super::probe::{self, Outcome};
use super::process::Process;

/// Which hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookKind {
    /// After the start of a container, which has not started until it has ended.
    PostStart,
    /// Before SIGTERM.
    PreStop,
}

impl HookKind {
    fn field(self) -> &'static str {
        match self {
            Self::PostStart => "postStart",
            Self::PreStop => "preStop",
        }
    }
    /// The reason and the message of the Event where it fails.
    pub fn failure(self) -> (&'static str, &'static str) {
        match self {
            Self::PostStart => ("FailedPostStartHook", "PostStartHook failed"),
            Self::PreStop => ("FailedPreStopHook", "PreStopHook failed"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Work {
    Command(Pid, OutputId),
    Sleep(SimTime),
}

/// A hook that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hook {
    /// Which.
    pub kind: HookKind,
    work: Work,
}

impl Hook {
    /// Begins a hook of a container, if it has it. Gives the hook where it goes on, or else whether it went well.
    pub fn begin(
        kind: HookKind,
        container: &Value,
        process: &mut Process,
        at: (&Namespace, Ipv4Addr),
        volumes: &mut Volumes,
        now: SimTime,
    ) -> Result<Self, bool> {
        let handler = container.at(&["lifecycle", kind.field()]);
        if handler.is_null() {
            return Err(true);
        }
        if let Some(seconds) = handler.at(&["sleep", "seconds"]).as_int() {
            return Ok(Self { kind, work: Work::Sleep(now + Duration::from_secs(seconds.max(0) as u64)) });
        }
        let command: Vec<String> =
            handler.at(&["exec", "command"]).items().iter().map(|word| word.str().into()).collect();
        if command.is_empty() {
            return Err(probe::ask(container, handler, process, at, volumes, now) == Outcome::Success);
        }
        match process.exec(&command, volumes, now) {
            Ok((pid, output)) => Ok(Self { kind, work: Work::Command(pid, output) }),
            Err(_) => Err(process.is_assumed()),
        }
    }

    /// Whether it went well, once it has ended.
    pub fn ended(&self, process: &Process, now: SimTime) -> Option<bool> {
        match self.work {
            Work::Command(pid, _) => process.status(pid).map(|code| code == 0),
            Work::Sleep(until) => (now >= until).then_some(true),
        }
    }

    /// Forgets its command.
    pub fn finish(self, process: &mut Process) {
        if let Work::Command(pid, output) = self.work {
            process.finish(pid, output);
        }
    }

    /// When it ends, where that is known.
    pub fn until(&self) -> Option<SimTime> {
        match self.work {
            Work::Command(..) => None,
            Work::Sleep(until) => Some(until),
        }
    }
}
