//! Runs commands, one small step at a time, from an explicit stack: so a shell can stop anywhere, be copied there and
//! go on.

use std::sync::Arc;

use super::Shell;
use super::builtins::read::Read;
use super::jobs::Job;
use super::redirect::Saved;
use super::syntax::{Command, List};
use super::variables::Variable;
use crate::base::SimTime;
use crate::container::kernel::Kernel;
use crate::container::machine::{Fd, Pid};
use crate::container::program::{Step, Wait};

/// What is left to do, the innermost last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Frame {
    /// From this item on.
    List { list: Arc<List>, next: usize },
    /// An item: its pipelines from this one on. The one before has just ended.
    AndOr { list: Arc<List>, item: usize, next: usize },
    /// What happens to the status of a pipeline.
    Pipeline { negated: bool, timed: Option<(bool, SimTime)> },
    /// A command to begin.
    Command(Arc<Command>),
    /// Descriptors to put back.
    Restore(Vec<Saved>),
    /// Variables to put back.
    Assigned(Vec<(Arc<str>, Option<Variable>)>),
    /// The condition of this branch has just ended.
    If { command: Arc<Command>, branch: usize },
    /// The condition or the body has just ended.
    Loop { command: Arc<Command>, in_body: bool, status: u8 },
    /// The rounds from this word on.
    For { command: Arc<Command>, words: Arc<[Arc<str>]>, next: usize },
    /// `for ((…))`: before the condition, or before the step.
    ForArithmetic { command: Arc<Command>, begun: bool },
    /// An arm's body has just ended.
    Case { command: Arc<Command>, arm: usize, word: Arc<str> },
    /// Processes in the foreground.
    Foreground(Job),
    /// Text that is read as commands.
    Script(Script),
    /// A function that runs.
    Call(Call),
    /// `read`, waiting for a line.
    Read(Box<Read>),
    /// `.` of a stream, waiting for the end of it.
    Gather(Gather),
    /// `wait`: for these, or for all.
    Wait { pids: Option<Vec<Pid>>, any: bool },
}

/// Text that is read as commands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Script {
    pub kind: ScriptKind,
    pub text: Arc<str>,
    pub at: usize,
    pub line: u32,
}

/// Where such text comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum ScriptKind {
    Eval,
    /// A file, with the parameters to put back if it was given its own.
    Dot {
        positional: Option<Arc<[Arc<str>]>>,
    },
    /// The action of a trap, with the status to put back.
    Trap {
        status: u8,
    },
}

/// A script that comes from a descriptor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Gather {
    pub fd: Fd,
    pub bytes: Vec<u8>,
    pub positional: Option<Arc<[Arc<str>]>>,
}

/// A function that runs: what it hides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub name: Arc<str>,
    pub positional: Arc<[Arc<str>]>,
    pub locals: Vec<(Arc<str>, Option<Variable>)>,
    pub getopts: (usize, usize),
}

/// How an advance ended.
pub(super) enum Flow {
    /// There is more to do at once.
    Go,
    Wait(Wait),
    Exit(u8),
    /// The process has become another program.
    Replaced,
}

impl Shell {
    /// Goes on until it must wait or its time is used up.
    pub fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        loop {
            if kernel.is_dead() {
                return Step::Yield;
            }
            self.take_signals(kernel);
            if let Some(wait) = self.collect(kernel) {
                return Step::Wait(wait);
            }
            match self.advance(kernel) {
                Flow::Go => {
                    if !kernel.charge(1) {
                        return Step::Yield;
                    }
                }
                Flow::Wait(wait) => return Step::Wait(wait),
                Flow::Exit(status) => return Step::Exit(status),
                Flow::Replaced => return Step::Yield,
            }
        }
    }

    pub(super) fn advance(&mut self, kernel: &mut Kernel<'_>) -> Flow {
        if self.expanding.is_none()
            && !matches!(
                self.frames.last(),
                Some(Frame::Foreground(_) | Frame::Restore(_) | Frame::Assigned(_))
            )
            && self.begin_trap()
        {
            return Flow::Go;
        }
        let Some(frame) = self.frames.pop() else { return self.next_command(kernel) };
        match frame {
            Frame::List { list, next } => self.next_item(kernel, list, next),
            Frame::AndOr { list, item, next } => self.next_pipeline(kernel, list, item, next),
            Frame::Pipeline { negated, timed } => {
                if let Some((posix, since)) = timed {
                    self.report_time(kernel, posix, since);
                }
                if negated {
                    self.status = u8::from(self.status == 0);
                }
                Flow::Go
            }
            Frame::Command(command) => self.command(kernel, command),
            Frame::Restore(saved) => {
                self.restore(kernel, saved);
                Flow::Go
            }
            Frame::Assigned(saved) => {
                self.unassign(saved);
                Flow::Go
            }
            Frame::If { command, branch } => self.after_condition(command, branch),
            Frame::Loop { command, in_body, status } => self.round(command, in_body, status),
            Frame::For { command, words, next } => self.for_round(kernel, command, words, next),
            Frame::ForArithmetic { command, begun } => self.arithmetic_round(kernel, command, begun),
            Frame::Case { command, arm, word } => self.after_arm(kernel, command, arm, word),
            Frame::Foreground(job) => self.foreground(kernel, job),
            Frame::Script(script) => self.next_line(kernel, script),
            Frame::Call(call) => {
                self.end_call(call);
                Flow::Go
            }
            Frame::Read(read) => self.resume_read(kernel, read),
            Frame::Gather(gather) => self.resume_dot(kernel, gather),
            Frame::Wait { pids, any } => self.resume_wait(kernel, pids, any),
        }
    }

    // Ends

    /// Takes a frame back without doing the rest of it.
    pub(super) fn unwind(&mut self, kernel: &mut Kernel<'_>, frame: Frame) {
        match frame {
            Frame::Restore(saved) => self.restore(kernel, saved),
            Frame::Assigned(before) => self.unassign(before),
            Frame::Call(call) => self.end_call(call),
            Frame::Script(Script { kind: ScriptKind::Dot { positional: Some(old) }, .. }) => {
                self.positional = old
            }
            Frame::Foreground(_) if self.options.monitor => kernel.set_foreground(kernel.process().group),
            _ => {}
        }
    }

    pub(super) fn unwind_all(&mut self, kernel: &mut Kernel<'_>) {
        while let Some(frame) = self.frames.pop() {
            self.unwind(kernel, frame);
        }
    }

    /// Takes frames back up to one that a control builtin looks for, which it may then change or take itself.
    /// False where there is none: nothing is taken back then.
    pub(super) fn unwind_to(
        &mut self,
        kernel: &mut Kernel<'_>,
        wanted: impl Fn(&Frame) -> bool,
        barrier: impl Fn(&Frame) -> bool,
    ) -> bool {
        let Some(at) = self.frames.iter().rposition(|frame| wanted(frame) || barrier(frame)) else {
            return false;
        };
        if !wanted(&self.frames[at]) {
            return false;
        }
        while self.frames.len() > at + 1 {
            let frame = self.frames.pop().expect("longer than that");
            self.unwind(kernel, frame);
        }
        true
    }

    /// Gives up the command at hand: an interactive shell goes back to its prompt, others end.
    pub(super) fn abort(&mut self, kernel: &mut Kernel<'_>, status: u8) -> Flow {
        self.status = status;
        if self.options.interactive && !self.subshell {
            self.unwind_all(kernel);
            return Flow::Go;
        }
        self.exit(kernel, status)
    }

    /// Ends the shell when its `EXIT` trap is done.
    pub(super) fn exit(&mut self, kernel: &mut Kernel<'_>, status: u8) -> Flow {
        self.unwind_all(kernel);
        self.status = status;
        self.exiting = Some(status);
        match self.traps.remove(&0) {
            Some(action) if !action.is_empty() => {
                self.push_trap(action);
                Flow::Go
            }
            _ => Flow::Exit(status),
        }
    }
}
