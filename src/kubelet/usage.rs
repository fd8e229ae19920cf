//! What a kubelet tells whoever measures: how much its containers have taken of processors and memory.

use super::Worker;
use super::container::State;
use super::process::Process;
use crate::apiserver::metrics::{Containers, Point};
use crate::base::SimTime;
use crate::programs::memory_of;

/// What a program takes that is not an image's own: a shell, a tool.
const SMALL: u64 = 400 << 10;

impl Worker {
    /// What its running containers have taken so far, with the Pod's uid.
    pub fn usage(&self, now: SimTime) -> Containers {
        let running =
            self.containers().iter().filter_map(|container| match (&container.state, &container.process) {
                (State::Running { since }, Some(process)) => {
                    Some((container.name.clone(), process.usage(*since, now)))
                }
                _ => None,
            });
        (self.pod().uid().into(), running.collect())
    }
}

impl Process {
    /// What its programs have taken of processors since it began, and have of memory now.
    fn usage(&self, since: SimTime, now: SimTime) -> Point {
        let machine = self.seen();
        let others = machine
            .processes
            .iter()
            .filter(|(pid, process)| **pid != self.main() && process.is_running() && !process.is_foreign());
        let asked = machine.processes.values().filter_map(|process| memory_of(&process.argv)).sum::<u64>();
        let memory = self.own_memory().max(SMALL) + others.count() as u64 * SMALL + asked;
        Point {
            since,
            processor: machine.processor_time(now),
            most: machine.processor.quota,
            memory: if self.limit() > 0 { memory.min(self.limit()) } else { memory },
        }
    }
}
