//! A shell that is given one command after the other: what runs a script and shows each command's own output.

use super::files::Volumes;
use super::machine::{Channel, Machine, OutputId, Pid, PipeId, Start, StartError};
use super::program::Program;
use super::runner::Runner;
use super::terminal::Stream;
use crate::base::SimTime;

/// A shell that reads its commands from a pipe, with what its commands print.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// The shell.
    pub shell: Pid,
    input: PipeId,
    output: OutputId,
    /// How many commands have ended.
    ended: u32,
}

/// A command that ended. What runs on in the background counts to the command that runs then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status.
    pub status: u8,
    /// When it ended.
    pub time: SimTime,
    /// What came to standard output.
    pub stdout: Vec<u8>,
    /// What came to standard error.
    pub stderr: Vec<u8>,
    /// The shell itself has ended: nothing more can be run.
    pub last: bool,
}

impl Session {
    /// Starts the shell. Of `start` everything but the channels counts.
    ///
    /// # Errors
    /// Where there is no such program.
    pub fn start<P: Program>(
        machine: &mut Runner<P>,
        now: SimTime,
        volumes: &mut Volumes,
        start: Start,
    ) -> Result<Self, StartError> {
        let (input, output) = (machine.add_pipe(), machine.add_output());
        let stdio = [
            Channel::Pipe(input),
            Channel::Output(output, Stream::Out),
            Channel::Output(output, Stream::Err),
        ];
        let shell = machine.start(now, volumes, Start { stdio, ..start })?;
        Ok(Self { shell, input, output, ended: 0 })
    }

    /// True where the shell waits for a command.
    pub fn is_ready(&self, machine: &Machine) -> bool {
        machine.processes.get(&self.shell).is_some_and(|process| process.prompt.is_some())
    }

    /// Gives the shell a command (see [`super::shell::split_commands`]), or a program in the foreground a line.
    pub fn feed(&mut self, machine: &mut Machine, text: &str) {
        if let Some(process) = machine.processes.get(&self.shell)
            && let Some(prompt) = process.prompt
        {
            self.ended = prompt.number;
        }
        machine.feed(self.input, text.as_bytes());
        if !text.ends_with('\n') {
            machine.feed(self.input, b"\n");
        }
    }

    /// True where a program in the foreground waits for a line of input: the script's next line is for it.
    pub fn wants_input(&self, machine: &Machine) -> bool {
        machine.reader_of(Channel::Pipe(self.input)).is_some_and(|pid| pid != self.shell)
    }

    /// No more commands come.
    pub fn finish(&self, machine: &mut Machine) {
        machine.finish(self.input);
    }

    /// The command that was given, when it has ended. To be asked after each [`super::Runner::run`]; tells of it once.
    pub fn take_ended(&mut self, machine: &mut Machine) -> Option<Ended> {
        let process = machine.processes.get(&self.shell)?;
        let (status, time, last) = match (process.ended, process.prompt) {
            (Some((status, time)), _) => (status.code(), time, true),
            (None, Some(prompt)) if prompt.number > self.ended => (prompt.status, prompt.since, false),
            _ => return None,
        };
        if last {
            machine.reap(self.shell);
        }
        self.ended = self.ended.saturating_add(1);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        for chunk in machine.take_output(self.output) {
            match chunk.stream {
                Stream::Out => stdout.extend(chunk.bytes),
                Stream::Err => stderr.extend(chunk.bytes),
            }
        }
        Some(Ended { status, time, stdout, stderr, last })
    }
}
