//! Processes and what they hold: the data that [`super::machine::Machine`] acts on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::errno::Errno;
use super::files::{Credentials, Place};
use super::machine::SLICE;
use super::program::Wait;
use super::signal::{Action, Signal};
use super::terminal::Stream;
use super::tree::Device;
use crate::base::SimTime;
use crate::network::packet::SocketId;

/// The number of a process or process group. 0 stands for whoever runs the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

impl std::fmt::Display for Pid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The number of an open file of a process.
pub type Fd = u32;

/// Environment variables in the order they were set.
pub type Environment = Arc<[(Arc<str>, Arc<str>)]>;

/// An [`Environment`] from pairs.
pub fn environment<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Environment {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// A pipe of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PipeId(pub u32);
/// A terminal of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalId(pub u32);
/// A kept output of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputId(pub u32);
/// An open file of a machine: what several descriptors may share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct OpenId(pub(super) u32);

/// What a descriptor leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Open {
    File { place: Place, path: Arc<str>, offset: u64, read: bool, write: bool, append: bool },
    Device(Device),
    Reader(PipeId),
    Writer(PipeId),
    Terminal(TerminalId),
    Output(OutputId, Stream),
    Socket(SocketId),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shared {
    pub open: Open,
    pub users: u32,
}

/// A descriptor of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Handle {
    pub open: OpenId,
    pub close_on_exec: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pipe {
    pub bytes: VecDeque<u8>,
    pub readers: u32,
    pub writers: u32,
}

/// A writer to a pipe that holds more than this goes on when it is read.
pub(super) const PIPE_CAPACITY: usize = 65_536;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// With an exit code.
    Exited(u8),
    /// By a signal.
    Signaled(Signal),
}

impl Status {
    /// The exit code as shells and container runtimes tell it: 128 and the signal's number for a killed process.
    pub fn code(self) -> u8 {
        match self {
            Status::Exited(code) => code,
            Status::Signaled(signal) => 128 + signal.0,
        }
    }
}

/// Where a shell is between two commands; what terminals call shell integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prompt {
    /// The exit status of the command that ended.
    pub status: u8,
    /// Since when it waits.
    pub since: SimTime,
    /// How many commands it has waited for.
    pub number: u32,
}

/// A process. `argv` is what `ps` shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// Who started it; `Pid(0)` for one started from outside, none for one whose parent is gone.
    pub parent: Option<Pid>,
    /// Its process group.
    pub group: Pid,
    /// Its command line.
    pub argv: Arc<[Arc<str>]>,
    /// Its environment.
    pub env: Environment,
    /// Its working directory, absolute.
    pub cwd: Arc<str>,
    /// Its root, as a path of the machine; empty for the machine's own.
    pub root: Arc<str>,
    /// Who it is.
    pub credentials: Credentials,
    /// When it was started.
    pub started: SimTime,
    /// The terminal it belongs to.
    pub terminal: Option<TerminalId>,
    /// Set while it is a shell that waits for a command.
    pub prompt: Option<Prompt>,
    /// How it ended, if it has.
    pub ended: Option<(Status, SimTime)>,
    /// It runs on another machine of the process namespace: here it is only seen, and takes signals.
    pub(super) foreign: bool,
    pub(super) umask: u16,
    pub(super) fds: BTreeMap<Fd, Handle>,
    pub(super) actions: BTreeMap<Signal, Action>,
    pub(super) pending: VecDeque<Signal>,
    pub(super) stopped: bool,
    /// Its parent has not been told yet that it stopped.
    pub(super) stop_untold: bool,
    /// Its own parent is gone.
    pub(super) adopted: bool,
    pub(super) child_event: bool,
    pub(super) blocked_on: Option<PipeId>,
    pub(super) prompts: u32,
    /// What it waits for; none where it can go on.
    pub(super) wait: Option<Wait>,
    pub(super) world_seen: u64,
    /// It has exited but its last output is not read yet.
    pub(super) exiting: Option<Status>,
    pub(super) ready_at: SimTime,
    pub(super) ran_at: SimTime,
    pub(super) used: u32,
    pub(super) busy: u32,
    /// How many thousandths of a processor it takes while it waits, and since when.
    pub(super) load: (u32, SimTime),
}

impl Process {
    /// Its program's name without a path, also where it has given itself a title (`nginx: master process …`).
    pub fn name(&self) -> &str {
        let first = self.argv.first().map_or("", |first| first);
        let name = first.split_once(": ").map_or(first, |(name, _)| name);
        name.rsplit('/').next().unwrap_or(name).trim_end_matches(':')
    }
    /// True until it has ended, also while stopped.
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }
    /// True where it runs on another machine of the process namespace, and is only seen here.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }
    /// Stopped by a signal.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }
    /// The processor time of what it did last: of a process that stays busy all the time since then.
    pub(super) fn work_time(&self, now: SimTime) -> Duration {
        match self.used >= SLICE {
            true => now.since(self.ran_at),
            false => Duration::from_micros(self.used.into()),
        }
    }
    /// The processor time that it has taken while it waited.
    pub(super) fn load_time(&self, now: SimTime) -> Duration {
        let (load, since) = self.load;
        now.since(since) * load / 1_000
    }
    /// What it waits for, if it waits.
    pub fn waits_for(&self) -> Option<&Wait> {
        self.wait.as_ref()
    }
    /// The value of an environment variable.
    pub fn variable(&self, name: &str) -> Option<&Arc<str>> {
        self.env.iter().find(|(n, _)| **n == *name).map(|(_, value)| value)
    }
}

/// Where a process started from outside reads from and writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// `/dev/null`.
    Null,
    /// A pipe that is filled from outside with [`super::machine::Machine::feed`] (standard input).
    Pipe(PipeId),
    /// Output that is taken with [`super::machine::Machine::take_output`].
    Output(OutputId, Stream),
    /// A terminal.
    Terminal(TerminalId),
}

/// A process to be started from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The program (a path, or a name searched on `PATH`) and its arguments.
    pub argv: Vec<Arc<str>>,
    /// Its environment.
    pub env: Environment,
    /// Its working directory; made if missing, as container runtimes do.
    pub cwd: Arc<str>,
    /// Who it is.
    pub credentials: Credentials,
    /// Standard input, output and error.
    pub stdio: [Channel; 3],
}

/// Why a process could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// A name that is nowhere on `PATH`.
    NotOnPath(Arc<str>),
    /// A path that cannot be run.
    Path(Arc<str>, Errno),
}
