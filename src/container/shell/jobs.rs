//! Jobs: what runs in the background or was stopped.

use std::sync::Arc;

use super::{Flavor, Shell};
use crate::container::kernel::{Change, Kernel};
use crate::container::machine::{Pid, Status};
use crate::container::signal::Signal;

/// A process of a job and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Member {
    pub pid: Pid,
    pub ended: Option<Status>,
}

/// A pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    pub number: u32,
    pub members: Vec<Member>,
    /// Its process group, where jobs have their own.
    pub group: Option<Pid>,
    pub text: Arc<str>,
    pub stopped: bool,
    /// What it is now was told already.
    pub told: bool,
}

impl Job {
    pub fn is_done(&self) -> bool {
        self.members.iter().all(|member| member.ended.is_some())
    }

    /// How its last process ended.
    pub fn status(&self) -> Option<Status> {
        self.members.last().and_then(|member| member.ended)
    }

    /// What happens to its processes.
    pub fn poll(&mut self, kernel: &mut Kernel<'_>) {
        self.poll_ended(kernel, true);
    }

    /// With `at_once` false, what ended at this very moment is not known yet.
    fn poll_ended(&mut self, kernel: &mut Kernel<'_>, at_once: bool) {
        for member in &mut self.members {
            if member.ended.is_some() || !at_once && kernel.ended_at(member.pid) == Some(kernel.now()) {
                continue;
            }
            match kernel.poll_child(member.pid) {
                Ok(Some(Change::Ended(status))) => {
                    member.ended = Some(status);
                    self.told = false;
                }
                Ok(Some(Change::Stopped)) => {
                    self.stopped = true;
                    self.told = false;
                }
                Ok(None) => {}
                // Someone else has asked for it.
                Err(_) => member.ended = Some(Status::Exited(127)),
            }
        }
        if self.is_done() {
            self.stopped = false;
        }
    }

    /// Sends a signal to all of it.
    pub fn kill(&self, kernel: &mut Kernel<'_>, signal: Option<Signal>) -> bool {
        match self.group {
            Some(group) => kernel.kill_group(group, signal).is_ok(),
            None => {
                let running = self.members.iter().filter(|member| member.ended.is_none());
                running.filter(|member| kernel.kill(member.pid, signal).is_ok()).count() > 0
            }
        }
    }

    fn state(&self, flavor: Flavor) -> String {
        if self.stopped {
            return "Stopped".to_owned();
        }
        match self.status() {
            None => "Running".to_owned(),
            Some(Status::Exited(0)) => "Done".to_owned(),
            Some(Status::Exited(code)) if flavor == Flavor::Bash => format!("Exit {code}"),
            Some(Status::Exited(code)) => format!("Done({code})"),
            Some(Status::Signaled(signal)) => signal.text().to_owned(),
        }
    }
}

/// The jobs of a shell, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Jobs {
    pub list: Vec<Job>,
    /// They are those of the shell this one was forked from: to be listed, but not its own.
    pub inherited: bool,
    /// How processes ended whose job is not listed any more, for `wait`.
    pub remembered: Vec<(Pid, Status)>,
}

impl Jobs {
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }

    pub fn add(&mut self, members: Vec<Pid>, group: Option<Pid>, text: Arc<str>) -> u32 {
        if std::mem::take(&mut self.inherited) {
            self.list.clear();
        }
        let number = self.list.last().map_or(1, |job| job.number + 1);
        let members = members.into_iter().map(|pid| Member { pid, ended: None }).collect();
        self.list.push(Job { number, members, group, text, stopped: false, told: true });
        number
    }

    /// The job meant by `%1`, `%+`, `%-`, `%text`; for none, the current one.
    pub fn find(&self, name: &str) -> Option<usize> {
        let name = name.strip_prefix('%').unwrap_or(name);
        match name {
            "" | "%" | "+" => self.current(),
            "-" => self.previous(),
            _ => match name.parse::<u32>() {
                Ok(number) => self.list.iter().position(|job| job.number == number),
                Err(_) => match name.strip_prefix('?') {
                    Some(part) => self.list.iter().position(|job| job.text.contains(part)),
                    None => self.list.iter().position(|job| job.text.starts_with(name)),
                },
            },
        }
    }

    /// The last stopped job, or else the last one.
    fn current(&self) -> Option<usize> {
        self.list.iter().rposition(|job| job.stopped).or(self.list.len().checked_sub(1))
    }

    fn previous(&self) -> Option<usize> {
        let current = self.current()?;
        let others = |stopped: bool| {
            (0..self.list.len()).rev().find(|at| *at != current && (!stopped || self.list[*at].stopped))
        };
        others(true).or_else(|| others(false)).or(Some(current))
    }

    /// The line of `jobs` for one job.
    pub fn line(&self, at: usize, flavor: Flavor, long: bool) -> String {
        let job = &self.list[at];
        let mark = match at {
            _ if Some(at) == self.current() => '+',
            _ if Some(at) == self.previous() => '-',
            _ => ' ',
        };
        let pid =
            if long { format!("{} ", job.members.first().map_or(Pid(0), |m| m.pid)) } else { String::new() };
        let (number, state, text) = (job.number, job.state(flavor), &job.text);
        let running = job.status().is_none() && !job.stopped;
        match flavor {
            Flavor::Bash => {
                let end = if running { " &" } else { "" };
                format!("[{number}]{mark}  {pid}{state:<24}{text}{end}\n")
            }
            Flavor::Dash => {
                let width = 27 - pid.len().min(20);
                format!("[{number}] {mark} {pid}{state:<width$}{text}\n")
            }
            Flavor::Ash => {
                let width = 27 - pid.len().min(20);
                format!("[{number}]{mark}  {pid}{state:<width$}{text}\n")
            }
        }
    }
}

impl Shell {
    /// Looks after all jobs. Those that are done stay listed until they were told of.
    pub(super) fn poll_jobs(&mut self, kernel: &mut Kernel<'_>) {
        if self.jobs.inherited {
            return;
        }
        for job in &mut self.jobs.list {
            job.poll(kernel);
        }
    }

    /// Takes done jobs off the list; what `wait` may still ask of them is kept.
    pub(super) fn forget_done_jobs(&mut self) {
        let jobs = std::mem::take(&mut self.jobs.list);
        let (done, rest): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(Job::is_done);
        self.jobs.list = rest;
        for job in done {
            for member in job.members {
                self.jobs.remembered.extend(member.ended.map(|status| (member.pid, status)));
            }
        }
        let excess = self.jobs.remembered.len().saturating_sub(64);
        self.jobs.remembered.drain(..excess);
    }

    /// Before a prompt: tells of jobs that ended or stopped.
    pub(super) fn tell_of_jobs(&mut self, kernel: &mut Kernel<'_>) {
        // What a command just killed takes until the next prompt to be gone.
        for job in &mut self.jobs.list {
            job.poll_ended(kernel, !self.options.interactive);
        }
        if !self.options.interactive {
            // A script's jobs are looked at by `wait` and `jobs`; done ones need no place.
            return self.forget_done_jobs();
        }
        let mut order: Vec<usize> = (0..self.jobs.list.len()).collect();
        if self.flavor != Flavor::Bash {
            order.reverse();
        }
        for at in order {
            if !self.jobs.list[at].told {
                let line = self.jobs.line(at, self.flavor, false);
                kernel.complain(line);
                self.jobs.list[at].told = true;
            }
        }
        self.forget_done_jobs();
    }
}
