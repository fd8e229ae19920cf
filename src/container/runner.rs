//! A machine and the programs that its processes run.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use super::files::{Files, Volumes};
use super::kernel::Kernel;
use super::machine::{Environment, Machine, Pid, Process, Start, StartError};
use super::program::{Code, Program, World};
use crate::base::{Date, SimTime};

/// A [`Machine`] with what its processes run. Only this part knows which programs there are: all system calls, the shell
/// and the tools are the same code for a host and for a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Runner<P> {
    machine: Machine,
    /// Of each process that runs; that of one being stepped is out.
    /// None while it steps.
    programs: BTreeMap<Pid, Option<Box<P>>>,
    /// How often in a row there was more to do at one moment than a machine does.
    busy: u32,
}

/// How many steps all processes take together at one moment before time must pass: what forks without end, too.
const MOST_STEPS: u32 = 1_000;

impl<P> Deref for Runner<P> {
    type Target = Machine;
    fn deref(&self) -> &Machine {
        &self.machine
    }
}

impl<P> DerefMut for Runner<P> {
    fn deref_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }
}

fn loads<P: Program>(id: &str, argv: &[Arc<str>], env: &Environment) -> bool {
    P::load(id, argv, env).is_some()
}

impl<P: Program> Runner<P> {
    /// A machine on which nothing runs, see [`Machine::new`].
    pub fn new(files: Files, hostname: &str, epoch: Date, seed: u64, first_pid: u32) -> Self {
        Self {
            machine: Machine::new(files, hostname, epoch, seed, first_pid),
            programs: BTreeMap::new(),
            busy: 0,
        }
    }

    /// Starts a process from outside: a container's PID 1, `kubectl exec`, the learner's shell.
    ///
    /// # Errors
    /// Where there is no such program, as the container runtime tells it.
    pub fn start(&mut self, now: SimTime, volumes: &mut Volumes, start: Start) -> Result<Pid, StartError> {
        let (pid, code) = self.machine.start(now, volumes, start, loads::<P>)?;
        self.begin(pid, code);
        Ok(pid)
    }

    fn begin(&mut self, pid: Pid, code: Code) {
        let Some(process) = self.machine.processes.get(&pid).filter(|process| process.is_running()) else {
            return;
        };
        let program = match code {
            Code::Shell(shell) => Some(P::from(*shell)),
            Code::Id(id) => P::load(&id, &process.argv, &process.env),
        };
        if let Some(program) = program {
            self.programs.insert(pid, Some(Box::new(program)));
        }
    }

    /// What a process runs, unless it has ended.
    pub fn program(&self, pid: Pid) -> Option<&P> {
        self.programs.get(&pid)?.as_deref()
    }

    /// True where nothing of it goes on before the moment that the last [`Self::run`] has told, whatever happens in the world,
    /// as long as nobody feeds it.
    pub fn ignores_world(&self) -> bool {
        let mut processes = self.machine.processes.values();
        self.busy == 0 && !processes.any(|process| process.wait.as_ref().is_some_and(|wait| wait.world))
    }

    /// Steps every process that can go on, until all wait. Returns when the next of them is due by itself; the others
    /// wait for input or for the world. To be called again then, and whenever something was fed or has changed.
    pub fn run(&mut self, now: SimTime, volumes: &mut Volumes, world: &mut P::World) -> Option<SimTime> {
        let mut steps = 0;
        loop {
            if steps > MOST_STEPS {
                // As with one process: what stays busy gets longer and longer pauses.
                let pause = Duration::from_millis(1 << (self.busy / 4).min(10));
                self.busy = self.busy.saturating_add(1);
                self.machine.processor.spend(pause);
                return Some(now + pause);
            }
            self.machine.close_sockets();
            // Who is started now has its turn in the next round.
            let last = self.machine.processes.keys().next_back().copied();
            let mut next = self.machine.next_that_can(None, last, now, world.revision());
            let progress = next.is_some();
            while let Some(pid) = next {
                self.step(pid, now, volumes, world);
                steps += 1;
                next = self.machine.next_that_can(Some(pid), last, now, world.revision());
            }
            // Nobody will ask after a process without a parent.
            let forgotten = |process: &Process| process.ended.is_some() && process.parent.is_none();
            if self.machine.processes.values().any(|process| forgotten(process)) {
                self.machine.processes.retain(|_, process| !forgotten(process));
            }
            if !progress {
                self.busy = 0;
                self.machine.close_sockets();
                let processes = &self.machine.processes;
                let runs = |pid: &Pid| processes.get(pid).is_some_and(|process| process.is_running());
                if !self.programs.keys().all(runs) {
                    self.programs.retain(|pid, _| runs(pid));
                }
                return self.machine.next_due(now);
            }
        }
    }

    fn step(&mut self, pid: Pid, now: SimTime, volumes: &mut Volumes, world: &mut P::World) {
        if !self.machine.begin_step(pid, now, world.revision()) {
            return;
        }
        let Some(mut program) = self.programs.get_mut(&pid).and_then(Option::take) else { return };
        let mut kernel = Kernel::new(&mut self.machine, volumes, pid, now, loads::<P>);
        let step = program.step(&mut kernel, world);
        let begun = kernel.begun;
        let replaced = begun.iter().any(|(own, _)| *own == pid);
        if self.machine.end_step(pid, now, step, replaced) {
            self.programs.insert(pid, Some(program));
        } else {
            self.programs.remove(&pid);
        }
        for (pid, code) in begun {
            self.begin(pid, code);
        }
    }
}
