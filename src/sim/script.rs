//! Scripts: commands typed one after another at the learner's shell, each with what it printed.

use std::sync::Arc;
use std::time::Duration;

use crate::base::SimTime;
use crate::container::files::Credentials;
use crate::container::machine::{Channel, OutputId, Pid, PipeId, Start};
use crate::container::shell::{Flavor, split_commands};
use crate::container::terminal::Stream;

use super::host::{HOME, Host, HostProgram};
use super::sim::Sim;

/// What a command answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The command as it was typed, without its last newline.
    pub command: String,
    /// Its exit status.
    pub exit_code: u8,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// When it ended, since the scenario began.
    pub time: SimTime,
}

/// How long a command may take that nothing bounds: beyond this, it is taken to go on for ever.
const LONGEST: SimTime = SimTime::from_secs(24 * 3_600);

/// How long after a command that changed the cluster the next one is typed: about as long as a person takes, so that a
/// small change has been seen through. A `sleep` in the script says otherwise.
const PACE: SimTime = SimTime::from_secs(8);
/// The same after something was left to run in the background, as a port-forward: nobody asks it within an instant.
const PACE_OF_JOBS: SimTime = SimTime::from_secs(2);
/// The same after a machine was switched off: its cluster notices after 50 s, and moves what ran on it.
const PACE_OF_MACHINES: SimTime = SimTime::from_secs(65);

/// A shell that is fed commands and says when each is done.
#[derive(Clone, Debug)]
pub struct Script {
    shell: Pid,
    input: PipeId,
    output: OutputId,
    /// The earliest moment for the next command.
    next: SimTime,
}

impl Script {
    /// Starts the shell on the learner's machine.
    pub fn new(sim: &mut Sim) -> Self {
        let now = sim.cluster().now();
        let (machine, volumes) = sim.host_mut().machine_mut();
        let (input, output) = (machine.add_pipe(), machine.add_output());
        let start = Start {
            // Lines are as a person types them: an alias such as `k` stands for its command.
            argv: ["bash", "-O", "expand_aliases", "-s"].map(Arc::from).to_vec(),
            env: Host::environment(),
            cwd: HOME.into(),
            credentials: Credentials::root(),
            stdio: [
                Channel::Pipe(input),
                Channel::Output(output, Stream::Out),
                Channel::Output(output, Stream::Err),
            ],
        };
        let shell = machine.start(now, volumes, start).unwrap_or(Pid(0));
        let mut script = Self { shell, input, output, next: sim.now() };
        script.wait(sim, 0);
        script
    }

    /// The commands of a text: lines that belong together stay together; blank lines and comments are none.
    pub fn commands(text: &str) -> Vec<String> {
        split_commands(text, Flavor::Bash)
            .into_iter()
            .map(|(_, command)| command.trim_end_matches('\n').to_string())
            .filter(|command| {
                command.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            })
            .collect()
    }

    /// Types a command, some time after one that changed the cluster, and lets time pass until it is done.
    pub fn run(&mut self, sim: &mut Sim, command: &str) -> Answer {
        let paces_itself = command.split_whitespace().next() == Some("sleep");
        if !paces_itself {
            sim.run_until(self.next.max(sim.now()));
        }
        let revision = sim.cluster().api.store().revision();
        let before = self.prompt(sim).map_or(0, |(number, _)| number);
        let jobs = self.jobs(sim);
        let (machine, _) = sim.host_mut().machine_mut();
        machine.feed(self.input, format!("{command}\n").as_bytes());
        let exit_code = self.wait(sim, before);
        let changed = sim.cluster().api.store().revision() != revision;
        let pace = match (paces_itself, command.trim_start().starts_with("saya node stop")) {
            (true, _) => SimTime::ZERO,
            (_, true) => PACE_OF_MACHINES,
            _ if changed => PACE,
            _ if self.jobs(sim).iter().any(|job| !jobs.contains(job)) => PACE_OF_JOBS,
            _ => SimTime::ZERO,
        };
        self.next = SimTime(sim.now().0 + pace.0);
        let (machine, _) = sim.host_mut().machine_mut();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        for chunk in machine.take_output(self.output) {
            match chunk.stream {
                Stream::Out => stdout.extend(chunk.bytes),
                Stream::Err => stderr.extend(chunk.bytes),
            }
        }
        Answer {
            command: command.into(),
            exit_code,
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            time: sim.now(),
        }
    }

    /// True once the shell itself has ended (`exit`).
    pub fn has_ended(&self, sim: &mut Sim) -> bool {
        let (machine, _) = sim.host_mut().machine_mut();
        machine.status(self.shell).is_some()
    }

    /// What runs in the shell's background.
    fn jobs(&self, sim: &mut Sim) -> Vec<Pid> {
        let (machine, _) = sim.host_mut().machine_mut();
        let running = machine.processes.iter().filter(|(_, process)| process.is_running());
        running.filter(|(_, process)| process.parent == Some(self.shell)).map(|(pid, _)| *pid).collect()
    }

    /// The number of the prompt that the shell waits at, and the status of the command before it.
    fn prompt(&self, sim: &mut Sim) -> Option<(u32, u8)> {
        let (machine, _) = sim.host_mut().machine_mut();
        let prompt = machine.processes.get(&self.shell)?.prompt?;
        Some((prompt.number, prompt.status))
    }

    /// How long a program that the shell has started is to be given before the next line is for it, where it waits for one.
    fn hungry(&self, sim: &mut Sim) -> Option<Duration> {
        let (machine, _) = sim.host_mut().machine_mut();
        let (pid, patience) = machine.hungry_reader_of(Channel::Pipe(self.input))?;
        if pid == self.shell {
            return None;
        }
        match machine.program(pid).cloned() {
            Some(HostProgram::Client(client)) => client.wants_input(sim.cluster()),
            _ => Some(patience),
        }
    }

    /// Lets time pass until the shell is at a later prompt than `before`, has ended, or a program in it wants a line.
    fn wait(&mut self, sim: &mut Sim, before: u32) -> u8 {
        let deadline = SimTime(sim.now().0 + LONGEST.0);
        let mut since = None;
        sim.run_host();
        loop {
            if let Some((number, status)) = self.prompt(sim)
                && number > before
            {
                return status;
            }
            let (machine, _) = sim.host_mut().machine_mut();
            if let Some(status) = machine.status(self.shell) {
                return status.code();
            }
            match self.hungry(sim) {
                Some(patience) if sim.now().since(*since.get_or_insert(sim.now())) >= patience => return 0,
                Some(_) => {}
                None => since = None,
            }
            match sim.next_at() {
                Some(at) if at <= deadline => sim.run_until(at),
                // Nothing will ever wake it: as after a Ctrl-C, the next command is typed.
                _ => return 130,
            }
        }
    }
}
