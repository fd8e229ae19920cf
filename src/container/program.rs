//! What a process runs: a state machine that is stepped.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use super::kernel::Kernel;
use super::machine::{Environment, Fd};
use super::shell::Shell;
use crate::base::SimTime;

/// What programs act on beyond their machine.
pub trait World {
    /// Changes whenever anything changed that a program may be waiting for.
    fn revision(&self) -> u64;
}

impl World for () {
    fn revision(&self) -> u64 {
        0
    }
}

/// What the id of a program begins with that nobody knows and that stays up; its name follows, and each on a line of its own
/// the ports that are taken for its own: `80/TCP`.
pub const ASSUMED: &str = "daemon:";

/// The id of a program that nobody knows, run beside one of those: it says so and ends.
pub const NOT_KNOWN: &str = "not-known";

/// A program that is to run: what system calls hand around until a [`Program`] is made of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// That of an executable file, by the id in the file ([`super::tree::Content::Program`]).
    Id(Arc<str>),
    /// A shell in the middle of its work, for a subshell.
    Shell(Box<Shell>),
}

impl From<Shell> for Code {
    fn from(shell: Shell) -> Self {
        Self::Shell(Box::new(shell))
    }
}

/// The closed set of programs that a kind of machine has. A running one is plain data; what it waits for it says in
/// its [`Step`], and it goes on where it was.
pub trait Program: Sized + Clone + PartialEq + Eq + Hash + Debug + From<Shell> {
    /// What they act on beyond their machine.
    type World: World;

    /// The program that an executable file is, by the id in the file.
    fn load(id: &str, argv: &[Arc<str>], env: &Environment) -> Option<Self>;

    /// Goes on until it must wait.
    fn step(&mut self, kernel: &mut Kernel<'_>, world: &mut Self::World) -> Step;
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The process ends with this status.
    Exit(u8),
    /// It goes on when one of these happens. It may also be stepped without; then it says so again.
    Wait(Wait),
    /// It has more to do but gives others a turn.
    Yield,
}

impl From<Wait> for Step {
    fn from(wait: Wait) -> Self {
        Step::Wait(wait)
    }
}

/// What a process waits for: the first of these. A signal it catches wakes it always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wait {
    /// A moment.
    pub until: Option<SimTime>,
    /// Something to read, or the end, on any of these.
    pub readable: Vec<Fd>,
    /// A child ends or stops.
    pub children: bool,
    /// Anything changes in the world.
    pub world: bool,
}

impl Wait {
    /// For a moment.
    pub fn until(time: SimTime) -> Self {
        Self { until: Some(time), ..Self::default() }
    }
    /// For something to read.
    pub fn readable(fd: Fd) -> Self {
        Self { readable: vec![fd], ..Self::default() }
    }
    /// For a child.
    pub fn children() -> Self {
        Self { children: true, ..Self::default() }
    }
    /// For a change in the world.
    pub fn world() -> Self {
        Self { world: true, ..Self::default() }
    }
    /// For a signal alone.
    pub fn forever() -> Self {
        Self::default()
    }
    /// Or for a moment, if there is one.
    pub fn or_until(mut self, time: impl Into<Option<SimTime>>) -> Self {
        self.until = match (self.until, time.into()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self
    }
    /// Or for something to read.
    pub fn or_readable(mut self, fd: Fd) -> Self {
        self.readable.push(fd);
        self
    }
    /// Or for a child.
    pub fn or_children(mut self) -> Self {
        self.children = true;
        self
    }
    /// Or for a change in the world.
    pub fn or_world(mut self) -> Self {
        self.world = true;
        self
    }
}
