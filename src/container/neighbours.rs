//! Machines that share a process namespace: the processes of the others stand beside a machine's own for the time of a run.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::files::Credentials;
use super::machine::{Machine, Pid, Process};
use super::signal::Signal;
use crate::base::SimTime;

impl Machine {
    /// The number that its next process gets.
    pub fn next_pid(&self) -> Pid {
        Pid(self.next_pid)
    }

    /// Leaves out the numbers below this one, which others of its process namespace have given out.
    pub fn skip_pids(&mut self, next: Pid) {
        self.next_pid = self.next_pid.max(next.0);
    }

    /// Its own running processes as others see them.
    pub fn shown(&self) -> Vec<(Pid, Process)> {
        let running = self.processes.iter().filter(|(_, process)| process.is_running() && !process.foreign);
        let shown = |process: &Process| Process {
            foreign: true,
            terminal: None,
            prompt: None,
            fds: BTreeMap::new(),
            pending: VecDeque::new(),
            ..process.clone()
        };
        running.map(|(pid, process)| (*pid, shown(process))).collect()
    }

    /// The process that holds a Pod's namespaces, as its containers see it (`/pause`, which runs as 65535).
    pub fn pause(&self) -> (Pid, Process) {
        let argv: Arc<[Arc<str>]> = Arc::new(["/pause".into()]);
        let own =
            self.new_process(SimTime::ZERO, argv, Arc::default(), "/".into(), Credentials::new(65535, 65535));
        (Pid(1), Process { foreign: true, ..own })
    }

    /// Shows it processes of others, until [`Machine::dismiss`].
    pub fn admit(&mut self, processes: impl IntoIterator<Item = (Pid, Process)>) {
        for (pid, process) in processes {
            self.processes.entry(pid).or_insert_with(|| Box::new(process));
        }
    }

    /// Takes the processes of others away again. Returns the signals that they have got meanwhile.
    pub fn dismiss(&mut self) -> Vec<(Pid, Signal)> {
        let mut signals = Vec::new();
        self.processes.retain(|pid, process| {
            if process.foreign {
                signals.extend(process.pending.drain(..).map(|signal| (*pid, signal)));
            }
            !process.foreign
        });
        signals
    }

    /// Passes on a signal that a process of another machine has sent.
    pub fn pass_on(&mut self, now: SimTime, pid: Pid, signal: Signal) {
        self.deliver(now, pid, signal, false);
    }
}
