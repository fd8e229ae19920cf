//! The hooks of a container's life: `postStart` and `preStop`.

use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::container::files::Volumes;
use crate::container::machine::{OutputId, Pid};
use crate::network::namespace::Namespace;

use super::probe::Outcome;
use super::process::Process;
use super::request::{Ends, Request};

/// How long a hook's request waits for its answer: Go's `http.Client` of the kubelet's `lifecycle` has no other limit
/// than the Pod's grace period.
const PATIENCE: Duration = Duration::from_secs(30);

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

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Work {
    Command(Pid, OutputId),
    Request(Box<Request>),
    Sleep(SimTime),
}

/// A hook that goes on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
        (net, ends): (&mut Namespace, Ends),
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
            if process.is_assumed() {
                return Err(true);
            }
            return match Request::begin(container, handler, "kube-lifecycle", net, ends, now) {
                Ok(mut request) => {
                    request.deadline = now + PATIENCE;
                    Ok(Self { kind, work: Work::Request(Box::new(request)) })
                }
                Err(outcome) => Err(is_good(&outcome)),
            };
        }
        match process.exec(&command, volumes, now) {
            Ok((pid, output)) => Ok(Self { kind, work: Work::Command(pid, output) }),
            Err(_) => Err(process.is_assumed()),
        }
    }

    /// True where it has ended and nobody has looked.
    pub fn has_ended(&self, process: &Process, net: &Namespace, now: SimTime) -> bool {
        match &self.work {
            Work::Command(pid, _) => process.status(*pid).is_some(),
            Work::Request(request) => request.has_answer(net) || now >= request.deadline,
            Work::Sleep(until) => now >= *until,
        }
    }

    /// Whether it went well, once it has ended; its command is forgotten.
    pub fn ended(&mut self, process: &mut Process, net: &mut Namespace, now: SimTime) -> Option<bool> {
        match &mut self.work {
            Work::Command(pid, output) => {
                let code = process.status(*pid)?;
                process.finish(*pid, *output);
                Some(code == 0)
            }
            Work::Request(request) => request.outcome(net, now).map(|outcome| is_good(&outcome)),
            Work::Sleep(until) => (now >= *until).then_some(true),
        }
    }

    /// Lets go of what it waits for.
    pub fn abandon(&mut self, net: &mut Namespace) {
        if let Work::Request(request) = &mut self.work {
            request.abandon(net);
        }
    }

    /// When it ends, where that is known.
    pub fn until(&self) -> Option<SimTime> {
        match &self.work {
            Work::Command(..) => None,
            Work::Request(request) => Some(request.deadline),
            Work::Sleep(until) => Some(*until),
        }
    }
}

fn is_good(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Success | Outcome::Warning(_))
}
