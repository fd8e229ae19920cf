//! The processor time that the programs of a machine take.

use std::time::Duration;

use super::kernel::Kernel;
use super::machine::{Machine, Pid, Process};
use crate::base::SimTime;

/// What starting a process takes of a processor.
pub(super) const START: Duration = Duration::from_micros(800);

/// A machine's share of its node's processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Processor {
    /// How many thousandths of a processor it may take, as its control group says; 0 for all that there are.
    pub quota: u32,
    /// What its programs have taken, those apart that say how much they take while they wait.
    used: Duration,
    /// When all the work is done that was asked of it, where there is a quota.
    free_at: SimTime,
}

impl Processor {
    pub(super) fn spend(&mut self, time: Duration) {
        self.used += time;
    }

    /// When work is done that is asked for now and takes so much of one processor: with a quota, one thing is done after
    /// another and takes longer.
    fn work(&mut self, now: SimTime, work: Duration) -> SimTime {
        self.spend(work);
        let alone = now + work;
        if self.quota == 0 {
            return alone;
        }
        self.free_at = self.free_at.max(now) + work * 1_000 / self.quota;
        self.free_at.max(alone)
    }
}

impl Machine {
    /// The processor time that its programs have taken, if nothing had limited them.
    pub fn processor_time(&self, now: SimTime) -> Duration {
        let running = |process: &Process| process.is_running() && !process.is_foreign();
        let own = self.processes.values().map(|process| &**process).filter(|process| running(process));
        self.processor.used
            + own.map(|process| process.load_time(now) + process.work_time(now)).sum::<Duration>()
    }

    /// From now on a process takes so many thousandths of a processor, also while it waits.
    pub fn set_load(&mut self, now: SimTime, pid: Pid, load: u32) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        self.processor.spend(process.load_time(now));
        process.load = (load, now);
    }
}

impl Kernel<'_> {
    /// Takes so much of one processor. Returns when that is done.
    pub fn work(&mut self, work: Duration) -> SimTime {
        self.machine.processor.work(self.now, work)
    }

    /// From now on this process takes so many thousandths of a processor, until it says otherwise or ends.
    pub fn set_load(&mut self, load: u32) {
        self.machine.set_load(self.now, self.pid, load);
    }
}
