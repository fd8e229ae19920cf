//! Lists, pipelines and the processes of both.

use std::sync::Arc;

use super::interpreter::{Flow, Frame};
use super::jobs::Job;
use super::syntax::{Body, Connector, List, Pipeline};
use super::{Flavor, Shell};
use crate::base::SimTime;
use crate::container::kernel::{Group, Kernel, Spawn};
use crate::container::machine::{Pid, Status};
use crate::container::program::{Code, Wait};
use crate::container::signal::{Action as Disposition, Signal};

impl Shell {
    pub(super) fn next_item(&mut self, kernel: &mut Kernel<'_>, list: Arc<List>, next: usize) -> Flow {
        let Some(item) = list.items.get(next) else { return Flow::Go };
        if next + 1 < list.items.len() {
            self.frames.push(Frame::List { list: list.clone(), next: next + 1 });
        }
        if item.background {
            self.launch(kernel, &list, next);
        } else if !self.options.noexec {
            self.frames.push(Frame::AndOr { list, item: next, next: 0 });
        }
        Flow::Go
    }

    pub(super) fn next_pipeline(
        &mut self,
        kernel: &mut Kernel<'_>,
        list: Arc<List>,
        item: usize,
        mut next: usize,
    ) -> Flow {
        let pipelines = &list.items[item].pipelines;
        let ended = next;
        if let Some((_, pipeline)) = pipelines.get(next.wrapping_sub(1))
            && pipeline.commands.len() == 1
        {
            self.pipe_status = vec![self.status];
        }
        while next > 0 && next < pipelines.len() {
            let goes_on = match pipelines[next].0 {
                Connector::And => self.status == 0,
                Connector::Or => self.status != 0,
                Connector::First => true,
            };
            if goes_on {
                break;
            }
            next += 1;
        }
        if let Some((_, pipeline)) = pipelines.get(next) {
            self.frames.push(Frame::AndOr { list: list.clone(), item, next: next + 1 });
            return self.begin_pipeline(kernel, pipeline);
        }
        // `set -e` minds the last pipeline only, and of compound commands what is in them.
        let last = pipelines.get(ended.wrapping_sub(1)).filter(|_| ended == pipelines.len());
        let minded = last.is_some_and(|(_, pipeline)| {
            !pipeline.negated
                && (pipeline.commands.len() != 1
                    || matches!(
                        pipeline.commands[0].body,
                        Body::Simple { .. } | Body::Subshell(_) | Body::Test(_) | Body::Arithmetic(_)
                    ))
        });
        if minded && self.status != 0 && self.options.errexit && !self.forgiving && !self.is_tested() {
            return self.exit(kernel, self.status);
        }
        Flow::Go
    }

    /// True where a failure is looked at by a condition, and so does not end a shell with `set -e`.
    pub(super) fn is_tested(&self) -> bool {
        self.frames.iter().any(|frame| match frame {
            Frame::If { .. } | Frame::Loop { in_body: false, .. } | Frame::Pipeline { negated: true, .. } => {
                true
            }
            Frame::AndOr { list, item, next } => *next < list.items[*item].pipelines.len(),
            _ => false,
        })
    }

    pub(super) fn begin_pipeline(&mut self, kernel: &mut Kernel<'_>, pipeline: &Pipeline) -> Flow {
        if pipeline.negated || pipeline.timed.is_some() {
            let timed = pipeline.timed.map(|posix| (posix, kernel.now()));
            self.frames.push(Frame::Pipeline { negated: pipeline.negated, timed });
        }
        self.text = pipeline.text.clone();
        match &pipeline.commands[..] {
            [] => self.status = 0,
            [command] => self.frames.push(Frame::Command(command.clone())),
            _ => {
                let (members, group) = self.spawn_pipeline(kernel, pipeline, true);
                self.push_foreground(members, group, pipeline.text.clone());
            }
        }
        Flow::Go
    }

    pub(super) fn push_foreground(&mut self, pids: Vec<Pid>, group: Option<Pid>, text: Arc<str>) {
        let members = pids.into_iter().map(|pid| super::jobs::Member { pid, ended: None }).collect();
        self.frames.push(Frame::Foreground(Job {
            number: 0,
            members,
            group,
            text,
            stopped: false,
            told: true,
        }));
    }

    /// Starts a process for each command of a pipeline.
    pub(super) fn spawn_pipeline(
        &mut self,
        kernel: &mut Kernel<'_>,
        pipeline: &Pipeline,
        foreground: bool,
    ) -> (Vec<Pid>, Option<Pid>) {
        let monitor = self.options.monitor;
        let mut pids = Vec::new();
        let mut group = None;
        let mut input = None;
        for (at, command) in pipeline.commands.iter().enumerate() {
            let last = at + 1 == pipeline.commands.len();
            let mut fds = Vec::new();
            let next = (!last).then(|| kernel.pipe());
            fds.extend(input.map(|input| (0, input)));
            fds.extend(next.map(|(_, writer)| (1, writer)));
            let mut child = self.forked();
            child.frames.push(Frame::Command(command.clone()));
            let spawn = Spawn {
                fds,
                group: match group {
                    _ if !monitor => Group::Same,
                    None => Group::New,
                    Some(group) => Group::Join(group),
                },
                foreground: monitor && foreground,
                ..Spawn::default()
            };
            let pid = self.fork(kernel, child, spawn, !foreground && input.is_none());
            if monitor && group.is_none() {
                group = Some(pid);
            }
            pids.push(pid);
            if let Some(input) = input {
                kernel.close(input).ok();
            }
            if let Some((_, writer)) = next {
                kernel.close(writer).ok();
            }
            input = next.map(|(reader, _)| reader);
        }
        (pids, group)
    }

    /// Starts a copy of this shell. One in the background of a script reads nothing and minds no Ctrl-C.
    pub(super) fn fork(
        &mut self,
        kernel: &mut Kernel<'_>,
        child: Shell,
        mut spawn: Spawn,
        background: bool,
    ) -> Pid {
        let detached = background && !self.options.monitor;
        let mut null = None;
        if detached && !spawn.fds.iter().any(|(fd, _)| *fd == 0) {
            null = kernel.open("/dev/null", crate::container::files::How::read()).ok();
            spawn.fds.extend(null.map(|null| (0, null)));
        }
        let before = [Signal::INT, Signal::QUIT].map(|signal| (signal, kernel.action(signal)));
        if detached {
            for (signal, _) in before {
                kernel.on_signal(signal, Disposition::Ignore);
            }
        }
        let pid = kernel.spawn(Code::from(child), spawn);
        for (signal, action) in before {
            kernel.on_signal(signal, action);
        }
        if let Some(null) = null {
            kernel.close(null).ok();
        }
        pid
    }

    /// Starts an item in the background.
    pub(super) fn launch(&mut self, kernel: &mut Kernel<'_>, list: &Arc<List>, item: usize) {
        let entry = &list.items[item];
        let (pids, group) = match &entry.pipelines[..] {
            [(_, pipeline)] if !pipeline.negated && pipeline.timed.is_none() => {
                self.spawn_pipeline(kernel, pipeline, false)
            }
            _ => {
                let mut child = self.forked();
                child.frames.push(Frame::AndOr { list: list.clone(), item, next: 0 });
                let monitor = self.options.monitor;
                let spawn =
                    Spawn { group: if monitor { Group::New } else { Group::Same }, ..Spawn::default() };
                let pid = self.fork(kernel, child, spawn, true);
                (vec![pid], monitor.then_some(pid))
            }
        };
        self.last_background = pids.last().copied();
        let number = self.jobs.add(pids, group, entry.text.clone());
        if self.options.interactive && self.flavor == Flavor::Bash {
            kernel.complain(format!("[{number}] {}\n", self.last_background.unwrap_or_default()));
        }
        self.status = 0;
    }

    /// Waits for the processes in the foreground.
    pub(super) fn foreground(&mut self, kernel: &mut Kernel<'_>, mut job: Job) -> Flow {
        job.poll(kernel);
        kernel.reap_adopted();
        if job.stopped && self.options.monitor {
            return self.stop_job(kernel, job);
        }
        if !job.is_done() {
            self.frames.push(Frame::Foreground(job));
            return Flow::Wait(Wait::children());
        }
        if self.options.monitor {
            kernel.set_foreground(kernel.process().group);
        }
        let codes: Vec<u8> = job.members.iter().filter_map(|m| m.ended).map(Status::code).collect();
        let last = job.status().unwrap_or(Status::Exited(0));
        self.status = match self.options.pipefail {
            true => codes.iter().rev().find(|code| **code != 0).copied().unwrap_or(0),
            false => last.code(),
        };
        if self.flavor == Flavor::Bash {
            self.pipe_status = codes;
        }
        if let Status::Signaled(signal) = last {
            self.tell_of_signal(kernel, signal, &job);
            if signal == Signal::INT && self.options.interactive {
                // What Ctrl-C ended takes everything around it along.
                return self.abort(kernel, 130);
            }
        }
        Flow::Go
    }

    pub(super) fn stop_job(&mut self, kernel: &mut Kernel<'_>, job: Job) -> Flow {
        kernel.set_foreground(kernel.process().group);
        let pids: Vec<Pid> = job.members.iter().map(|member| member.pid).collect();
        let at = match job.number {
            0 => {
                self.jobs.add(pids, job.group, job.text.clone());
                self.jobs.list.len() - 1
            }
            number => {
                self.jobs.list.push(Job { number, ..job.clone() });
                self.jobs.list.sort_by_key(|job| job.number);
                self.jobs.list.iter().position(|job| job.number == number).unwrap_or(0)
            }
        };
        self.jobs.list[at].members = job.members;
        self.jobs.list[at].stopped = true;
        self.jobs.list[at].told = true;
        let line = self.jobs.line(at, self.flavor, false);
        kernel.complain(if self.flavor == Flavor::Bash { format!("\n{line}") } else { line });
        self.abort(kernel, 148)
    }

    pub(super) fn tell_of_signal(&mut self, kernel: &mut Kernel<'_>, signal: Signal, job: &Job) {
        let text = match signal {
            Signal::INT if self.options.interactive => "\n".to_owned(),
            Signal::INT | Signal::PIPE => return,
            // bash keeps the short form for what `kill` sends.
            _ if self.flavor == Flavor::Bash && signal != Signal::TERM && !self.options.interactive => {
                let pid = job.members.last().map_or(Pid(0), |member| member.pid);
                let place = format!("{}: line {}: ", self.name, self.line);
                format!("{place}{:>5} {:<24}{}\n", pid.0, signal.text(), job.text)
            }
            _ => format!("{}\n", signal.text()),
        };
        kernel.complain(text);
    }

    pub(super) fn report_time(&self, kernel: &mut Kernel<'_>, posix: bool, since: SimTime) {
        let seconds = kernel.now().since(since).as_secs_f64();
        let text = if posix {
            format!("real {seconds:.2}\nuser 0.00\nsys 0.00\n")
        } else {
            let minutes = (seconds / 60.0).floor();
            format!("\nreal\t{minutes}m{:.3}s\nuser\t0m0.000s\nsys\t0m0.000s\n", seconds - minutes * 60.0)
        };
        kernel.complain(text);
    }
}
