//! Signals, and what a process does about them.

use std::fmt;

/// A signal, by its Linux number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(pub u8);

/// What a process does when a signal comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Action {
    /// What the system does of itself: most signals end the process. PID 1 ignores it instead.
    #[default]
    Default,
    /// Nothing.
    Ignore,
    /// The program wakes and finds it with `Kernel::take_signal`.
    Catch,
}

/// What a signal does to a process that has said nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It ends.
    End,
    /// Nothing.
    Nothing,
    /// It stops until `CONT`.
    Stop,
    /// It goes on if it was stopped.
    Continue,
}

const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
];

impl Signal {
    /// The terminal is gone.
    pub const HUP: Signal = Signal(1);
    /// Ctrl-C.
    pub const INT: Signal = Signal(2);
    /// Ctrl-\.
    pub const QUIT: Signal = Signal(3);
    /// Ends a process whatever it does.
    pub const KILL: Signal = Signal(9);
    /// For the program's own use.
    pub const USR1: Signal = Signal(10);
    /// For the program's own use.
    pub const USR2: Signal = Signal(12);
    /// A write to a pipe nobody reads.
    pub const PIPE: Signal = Signal(13);
    /// A timer.
    pub const ALRM: Signal = Signal(14);
    /// Please end.
    pub const TERM: Signal = Signal(15);
    /// A child has ended.
    pub const CHLD: Signal = Signal(17);
    /// Goes on after a stop.
    pub const CONT: Signal = Signal(18);
    /// Stops a process whatever it does.
    pub const STOP: Signal = Signal(19);
    /// Ctrl-Z.
    pub const TSTP: Signal = Signal(20);
    /// The terminal's window has another size.
    pub const WINCH: Signal = Signal(28);

    /// The name without `SIG`.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0).wrapping_sub(1)).copied().unwrap_or("?")
    }

    /// All signals that have a name, in order.
    pub fn all() -> impl Iterator<Item = Signal> {
        (1..=NAMES.len() as u8).map(Signal)
    }

    /// The signal with this name (with or without `SIG`, in any case) or number.
    pub fn parse(text: &str) -> Option<Signal> {
        if let Ok(number) = text.parse::<u8>() {
            return (1..=64).contains(&number).then_some(Signal(number));
        }
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        NAMES.iter().position(|n| *n == name).map(|at| Signal(at as u8 + 1))
    }

    /// What shells print of a process it ended.
    pub fn text(self) -> &'static str {
        match self.0 {
            1 => "Hangup",
            2 => "Interrupt",
            3 => "Quit",
            4 => "Illegal instruction",
            5 => "Trace/breakpoint trap",
            6 => "Aborted",
            7 => "Bus error",
            8 => "Floating point exception",
            9 => "Killed",
            10 => "User defined signal 1",
            11 => "Segmentation fault",
            12 => "User defined signal 2",
            13 => "Broken pipe",
            14 => "Alarm clock",
            15 => "Terminated",
            18 => "Continued",
            19 => "Stopped (signal)",
            20 => "Stopped",
            _ => "Unknown signal",
        }
    }

    /// What it does to a process that has said nothing about it.
    pub fn effect(self) -> Effect {
        match self.0 {
            17 | 23 | 28 => Effect::Nothing,
            18 => Effect::Continue,
            19..=22 => Effect::Stop,
            _ => Effect::End,
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIG{}", self.name())
    }
}
