//! Runs commands, one small step at a time, from an explicit stack: so a shell can stop anywhere, be copied there and
//! go on.

use std::sync::Arc;

use super::builtins::read::Read;
use super::builtins::{self, Builtin, Outcome};
use super::expand::{Result, Stop};
use super::jobs::Job;
use super::lexer::Problem;
use super::parser::{Reading, parse_line};
use super::redirect::{Action, Saved};
use super::syntax::{ArmEnd, Assignment, Body, Command, Connector, List, Pipeline, Value as Assigned};
use super::variables::{Value, Variable};
use super::{Flavor, Shell, Source};
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Group, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid, Status};
use crate::container::program::{Program, Step, Wait};
use crate::container::signal::{Action as Disposition, Signal};

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

/// Functions that call each other go no deeper.
const MAX_CALLS: usize = 500;

impl Shell {
    /// Goes on until it must wait or its time is used up.
    pub fn step<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) -> Step {
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

    fn advance<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) -> Flow {
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
            Frame::Wait { pids, any } => self.resume_wait(kernel, pids, any),
        }
    }

    // Lists and pipelines

    fn next_item<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, list: Arc<List>, next: usize) -> Flow {
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

    fn next_pipeline<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    fn begin_pipeline<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, pipeline: &Pipeline) -> Flow {
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
    fn spawn_pipeline<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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
    fn fork<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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
        let pid = kernel.spawn(P::from(child), spawn);
        for (signal, action) in before {
            kernel.on_signal(signal, action);
        }
        if let Some(null) = null {
            kernel.close(null).ok();
        }
        pid
    }

    /// Starts an item in the background.
    fn launch<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, list: &Arc<List>, item: usize) {
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
    fn foreground<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, mut job: Job) -> Flow {
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

    fn stop_job<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, job: Job) -> Flow {
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

    fn tell_of_signal<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, signal: Signal, job: &Job) {
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

    fn report_time<P: Program>(&self, kernel: &mut Kernel<'_, P>, posix: bool, since: SimTime) {
        let seconds = kernel.now().since(since).as_secs_f64();
        let text = if posix {
            format!("real {seconds:.2}\nuser 0.00\nsys 0.00\n")
        } else {
            let minutes = (seconds / 60.0).floor();
            format!("\nreal\t{minutes}m{:.3}s\nuser\t0m0.000s\nsys\t0m0.000s\n", seconds - minutes * 60.0)
        };
        kernel.complain(text);
    }

    // Commands

    fn command<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, command: Arc<Command>) -> Flow {
        self.line = command.line;
        if let Body::Simple { assignments, words } = &command.body {
            return match self.simple(kernel, &command, assignments, words) {
                Ok(flow) => flow,
                Err(stop) => self.stopped(kernel, stop, Frame::Command(command.clone())),
            };
        }
        self.begin_expansion();
        match self.compound(kernel, &command) {
            Ok(flow) => flow,
            Err(stop) => self.stopped(kernel, stop, Frame::Command(command)),
        }
    }

    /// An expansion that waits is done again; one that failed ends what it is part of.
    fn stopped<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, stop: Stop, again: Frame) -> Flow {
        match stop {
            Stop::Suspend => {
                self.frames.push(again);
                Flow::Go
            }
            Stop::Abort(status) => {
                self.end_expansion();
                self.abort(kernel, status)
            }
        }
    }

    fn compound<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, command: &Arc<Command>) -> Result<Flow> {
        // All words first: once a frame is pushed nothing may suspend.
        let actions = self.expand_redirects(kernel, &command.redirects)?;
        let words = match &command.body {
            Body::For { words: Some(words), .. } => self.expand_words(kernel, words)?,
            Body::For { words: None, .. } => self.positional.to_vec(),
            Body::Case { word, .. } => vec![self.expand_text(kernel, word)?],
            _ => Vec::new(),
        };
        let status = match &command.body {
            Body::Test(condition) => Some(u8::from(!self.holds(kernel, condition)?)),
            Body::Arithmetic(word) => {
                let text = self.expand_text(kernel, word)?;
                Some(u8::from(self.evaluate(kernel, &text)? == 0))
            }
            _ => None,
        };
        let first_arm = match &command.body {
            Body::Case { .. } => Some(self.find_arm(kernel, command, 0, &words[0])?),
            _ => None,
        };
        self.end_expansion();
        let Ok(saved) = self.redirect(kernel, &actions) else {
            self.status = self.redirect_status();
            return Ok(Flow::Go);
        };
        if !saved.is_empty() {
            self.frames.push(Frame::Restore(saved));
        }
        match &command.body {
            Body::Simple { .. } => {}
            Body::Group(list) => self.frames.push(Frame::List { list: list.clone(), next: 0 }),
            Body::Subshell(list) if self.is_last(kernel) => {
                self.subshell = true;
                self.frames.push(Frame::List { list: list.clone(), next: 0 });
            }
            Body::Subshell(list) => {
                let mut child = self.forked();
                child.frames.push(Frame::List { list: list.clone(), next: 0 });
                let monitor = self.options.monitor;
                let spawn = Spawn {
                    group: if monitor { Group::New } else { Group::Same },
                    foreground: monitor,
                    ..Spawn::default()
                };
                let pid = kernel.spawn(P::from(child), spawn);
                self.push_foreground(vec![pid], monitor.then_some(pid), "(…)".into());
            }
            Body::If { branches, .. } => {
                self.frames.push(Frame::If { command: command.clone(), branch: 0 });
                self.frames.push(Frame::List { list: branches[0].0.clone(), next: 0 });
            }
            Body::Loop { condition, .. } => {
                self.frames.push(Frame::Loop { command: command.clone(), in_body: false, status: 0 });
                self.frames.push(Frame::List { list: condition.clone(), next: 0 });
            }
            Body::For { .. } => {
                self.status = 0;
                self.frames.push(Frame::For { command: command.clone(), words: words.into(), next: 0 });
            }
            Body::ForArithmetic { .. } => {
                self.status = 0;
                self.frames.push(Frame::ForArithmetic { command: command.clone(), begun: false });
            }
            Body::Case { .. } => {
                self.status = 0;
                if let Some(Some(arm)) = first_arm {
                    self.push_arm(command, arm, &words[0]);
                }
            }
            Body::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                self.status = 0;
            }
            Body::Test(_) | Body::Arithmetic(_) => self.status = status.unwrap_or(0),
        }
        Ok(Flow::Go)
    }

    fn after_condition(&mut self, command: Arc<Command>, branch: usize) -> Flow {
        let Body::If { branches, otherwise } = &command.body else { return Flow::Go };
        if self.status == 0 {
            self.frames.push(Frame::List { list: branches[branch].1.clone(), next: 0 });
        } else if let Some((condition, _)) = branches.get(branch + 1) {
            let condition = condition.clone();
            self.frames.push(Frame::If { command: command.clone(), branch: branch + 1 });
            self.frames.push(Frame::List { list: condition, next: 0 });
        } else {
            self.status = 0;
            if let Some(list) = otherwise {
                self.frames.push(Frame::List { list: list.clone(), next: 0 });
            }
        }
        Flow::Go
    }

    fn round(&mut self, command: Arc<Command>, in_body: bool, status: u8) -> Flow {
        let Body::Loop { until, condition, body } = &command.body else { return Flow::Go };
        let (condition, body, until) = (condition.clone(), body.clone(), *until);
        if in_body {
            self.frames.push(Frame::Loop { command, in_body: false, status: self.status });
            self.frames.push(Frame::List { list: condition, next: 0 });
        } else if (self.status == 0) != until {
            self.frames.push(Frame::Loop { command, in_body: true, status });
            self.frames.push(Frame::List { list: body, next: 0 });
        } else {
            self.status = status;
        }
        Flow::Go
    }

    fn for_round<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        command: Arc<Command>,
        words: Arc<[Arc<str>]>,
        next: usize,
    ) -> Flow {
        let Body::For { name, body, .. } = &command.body else { return Flow::Go };
        let Some(word) = words.get(next) else { return Flow::Go };
        if let Err(Stop::Abort(status)) = self.assign(kernel, name, word) {
            return self.abort(kernel, status);
        }
        let body = body.clone();
        if self.options.xtrace && self.flavor == Flavor::Bash {
            let list: Vec<String> =
                words.iter().map(|word| super::messages::traced(word, self.flavor)).collect();
            kernel.complain(format!("{}for {name} in {}\n", self.trace_prefix(), list.join(" ")));
        }
        self.frames.push(Frame::For { command, words, next: next + 1 });
        self.frames.push(Frame::List { list: body, next: 0 });
        Flow::Go
    }

    fn arithmetic_round<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        command: Arc<Command>,
        begun: bool,
    ) -> Flow {
        let Body::ForArithmetic { parts, body } = &command.body else { return Flow::Go };
        self.begin_expansion();
        let mut go_on = || -> Result<bool> {
            let before = self.expand_text(kernel, if begun { &parts[2] } else { &parts[0] })?;
            self.evaluate(kernel, &before)?;
            let condition = self.expand_text(kernel, &parts[1])?;
            Ok(condition.trim().is_empty() || self.evaluate(kernel, &condition)? != 0)
        };
        match go_on() {
            Err(stop) => {
                return self.stopped(kernel, stop, Frame::ForArithmetic { command: command.clone(), begun });
            }
            Ok(false) => {}
            Ok(true) => {
                self.frames.push(Frame::ForArithmetic { command: command.clone(), begun: true });
                self.frames.push(Frame::List { list: body.clone(), next: 0 });
            }
        }
        self.end_expansion();
        Flow::Go
    }

    /// The first arm from `from` on whose pattern matches.
    fn find_arm<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        command: &Command,
        from: usize,
        word: &str,
    ) -> Result<Option<usize>> {
        let Body::Case { arms, .. } = &command.body else { return Ok(None) };
        for (at, arm) in arms.iter().enumerate().skip(from) {
            for pattern in &arm.patterns {
                let pattern = self.expand_pattern(kernel, pattern)?;
                if super::pattern::Pattern::new(&pattern).matches(word) {
                    return Ok(Some(at));
                }
            }
        }
        Ok(None)
    }

    fn push_arm(&mut self, command: &Arc<Command>, arm: usize, word: &Arc<str>) {
        let Body::Case { arms, .. } = &command.body else { return };
        if arms[arm].end != ArmEnd::Break {
            self.frames.push(Frame::Case { command: command.clone(), arm, word: word.clone() });
        }
        self.frames.push(Frame::List { list: arms[arm].body.clone(), next: 0 });
    }

    fn after_arm<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        command: Arc<Command>,
        arm: usize,
        word: Arc<str>,
    ) -> Flow {
        let Body::Case { arms, .. } = &command.body else { return Flow::Go };
        match arms[arm].end {
            ArmEnd::FallThrough if arm + 1 < arms.len() => self.push_arm(&command, arm + 1, &word),
            ArmEnd::TestNext => {
                self.begin_expansion();
                match self.find_arm(kernel, &command, arm + 1, &word) {
                    Ok(found) => {
                        self.end_expansion();
                        if let Some(arm) = found {
                            self.push_arm(&command, arm, &word);
                        }
                    }
                    Err(stop) => {
                        let again = Frame::Case { command: command.clone(), arm, word };
                        return self.stopped(kernel, stop, again);
                    }
                }
            }
            _ => {}
        }
        Flow::Go
    }

    // Simple commands

    fn simple<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        command: &Command,
        assignments: &[Assignment],
        words: &[super::syntax::Word],
    ) -> Result<Flow> {
        self.begin_expansion();
        let arguments = self.expand_words(kernel, words)?;
        let actions = self.expand_redirects(kernel, &command.redirects)?;
        let mut before = Vec::new();
        let mut trace = Vec::new();
        for assignment in assignments {
            let name = assignment.name.clone();
            if !arguments.is_empty() {
                before.push((name.clone(), self.variables.get(&name).cloned()));
            }
            let value = match self.assign_from(kernel, assignment) {
                // bash complains of a variable that is read-only, and runs the command without.
                Err(Stop::Abort(_)) if self.flavor == Flavor::Bash && !arguments.is_empty() => {
                    before.pop();
                    continue;
                }
                value => value?,
            };
            if !arguments.is_empty() {
                self.variables.entry(&name).exported = true;
            }
            trace.push(format!("{name}={}", super::messages::traced(&value, self.flavor)));
        }
        if self.options.xtrace {
            self.trace(kernel, &trace, &arguments);
        }
        self.end_expansion();
        let Some(name) = arguments.first().cloned() else {
            let status = self.substituted.unwrap_or(0);
            self.status = match self.redirect(kernel, &actions) {
                Ok(saved) => {
                    self.restore(kernel, saved);
                    status
                }
                Err(()) => self.redirect_status(),
            };
            return Ok(Flow::Go);
        };
        self.last_argument = arguments.last().cloned().unwrap_or_default();
        self.invoke(kernel, &name, arguments, &actions, before, true)
    }

    /// Runs a command by its name: a function, a builtin or a program.
    pub(super) fn invoke<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        name: &Arc<str>,
        arguments: Vec<Arc<str>>,
        actions: &[Action],
        before: Vec<(Arc<str>, Option<Variable>)>,
        functions: bool,
    ) -> Result<Flow> {
        let builtin = builtins::find(name, self.flavor);
        let special = builtin.is_some_and(Builtin::is_special) && self.flavor != Flavor::Bash;
        let function = self.functions.get(name).filter(|_| functions && !special).cloned();
        let saved = match self.redirect(kernel, actions) {
            Ok(saved) => saved,
            Err(()) => {
                self.unassign(before);
                self.status = self.redirect_status();
                return if special { Err(self.redirect_stop()) } else { Ok(Flow::Go) };
            }
        };
        if let Some(body) = function {
            self.push_restore(saved, before);
            return self.call(kernel, name.clone(), &body, arguments);
        }
        let Some(builtin) = builtin else {
            let flow = self.run_program(kernel, name, arguments);
            if !matches!(flow, Flow::Replaced) {
                self.restore(kernel, saved);
            }
            self.unassign(before);
            return Ok(flow);
        };
        if builtin == Builtin::Exec && arguments.len() == 1 {
            self.keep(kernel, saved);
            self.status = 0;
            return Ok(Flow::Go);
        }
        self.push_restore(saved, if special { Vec::new() } else { before });
        self.builtin = Some(name.clone());
        let outcome = self.run_builtin(kernel, builtin, &arguments);
        self.builtin = None;
        match outcome {
            Ok(Outcome::Status(status)) => {
                self.status = status;
                Ok(Flow::Go)
            }
            Ok(Outcome::Pushed) => Ok(Flow::Go),
            Ok(Outcome::Flow(flow)) => Ok(flow),
            // A special builtin's error ends a script; of another builtin it is a status.
            Err(Stop::Abort(status)) if !special => {
                self.status = status;
                Ok(Flow::Go)
            }
            Err(stop) => Err(stop),
        }
    }

    fn push_restore(&mut self, saved: Vec<Saved>, before: Vec<(Arc<str>, Option<Variable>)>) {
        if !saved.is_empty() {
            self.frames.push(Frame::Restore(saved));
        }
        if !before.is_empty() {
            self.frames.push(Frame::Assigned(before));
        }
    }

    fn unassign(&mut self, before: Vec<(Arc<str>, Option<Variable>)>) {
        for (name, old) in before.into_iter().rev() {
            self.variables.restore(name, old);
        }
    }

    fn trace<P: Program>(&self, kernel: &mut Kernel<'_, P>, assignments: &[String], arguments: &[Arc<str>]) {
        let prefix = self.trace_prefix();
        let quoted = |text: &Arc<str>| super::messages::traced(text, self.flavor);
        let words: Vec<String> = assignments.iter().cloned().chain(arguments.iter().map(quoted)).collect();
        if self.flavor == Flavor::Bash && !arguments.is_empty() {
            for assignment in assignments {
                kernel.complain(format!("{prefix}{assignment}\n"));
            }
            return kernel.complain(format!("{prefix}{}\n", words[assignments.len()..].join(" ")));
        }
        kernel.complain(format!("{prefix}{}\n", words.join(" ")));
    }

    /// `PS4`; bash repeats its first character for every substitution around.
    fn trace_prefix(&self) -> String {
        let prefix = self.variables.text("PS4").unwrap_or_else(|| "+ ".into());
        let first: String = prefix.chars().take(1).collect();
        if self.flavor == Flavor::Bash { first.repeat(self.depth) + &prefix } else { prefix.to_string() }
    }

    fn call<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        name: Arc<str>,
        body: &Arc<Command>,
        arguments: Vec<Arc<str>>,
    ) -> Result<Flow> {
        if self.frames.iter().filter(|frame| matches!(frame, Frame::Call(_))).count() >= MAX_CALLS {
            self.complain(kernel, format!("{name}: maximum function nesting level exceeded ({MAX_CALLS})"));
            return Err(Stop::Abort(1));
        }
        let positional = std::mem::replace(&mut self.positional, arguments[1..].into());
        let getopts = std::mem::replace(&mut self.getopts, (1, 0));
        self.frames.push(Frame::Call(Call { name, positional, locals: Vec::new(), getopts }));
        self.frames.push(Frame::Command(body.clone()));
        Ok(Flow::Go)
    }

    fn end_call(&mut self, call: Call) {
        self.positional = call.positional;
        self.getopts = call.getopts;
        self.unassign(call.locals);
    }

    /// Runs a program, as a child or in place of this shell where nothing is left to do.
    pub(super) fn run_program<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        name: &Arc<str>,
        arguments: Vec<Arc<str>>,
    ) -> Flow {
        let path = self.variables.text("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let found = kernel.search(&path, name);
        let file = match &found {
            Some(file) => file.as_str(),
            None if name.contains('/') => name,
            None => {
                if self.flavor == Flavor::Bash
                    && let Some(handler) = self.functions.get("command_not_found_handle").cloned()
                {
                    let mut all = vec![Arc::from("command_not_found_handle")];
                    all.extend(arguments);
                    return match self.call(kernel, all[0].clone(), &handler, all) {
                        Ok(flow) => flow,
                        Err(_) => Flow::Go,
                    };
                }
                let (text, status) = self.cannot_run(name, Errno::NotFound, false);
                self.complain(kernel, text);
                self.status = status;
                return Flow::Go;
            }
        };
        let env = self.environment(file);
        let arguments: Arc<[Arc<str>]> = arguments.into();
        let loaded = match kernel.load(file, &arguments, &env) {
            // Text without `#!` is a script of this very shell.
            Err(Errno::ExecFormat) => match kernel.files().read(file) {
                Ok(bytes) if !bytes.contains(&0) => {
                    let mut child = Shell::new(self.flavor);
                    child.name = file.into();
                    child.positional = arguments[1..].into();
                    child.source =
                        Source::Text { text: String::from_utf8_lossy(&bytes).into_owned().into(), at: 0 };
                    child.import(kernel, &env);
                    Ok((P::from(child), arguments))
                }
                _ => Err(Errno::ExecFormat),
            },
            loaded => loaded,
        };
        let (program, arguments) = match loaded {
            Ok(loaded) => loaded,
            Err(errno) => {
                let directory = kernel.files().is_directory(file);
                let (mut text, status) = self.cannot_run(name, errno, directory);
                if errno == Errno::NotFound && self.flavor == Flavor::Bash && kernel.files().exists(file) {
                    text = format!("{name}: cannot execute: required file not found");
                }
                self.complain(kernel, text);
                self.status = status;
                return Flow::Go;
            }
        };
        if self.is_last(kernel) {
            kernel.replace(program, arguments, env);
            return Flow::Replaced;
        }
        let text = self.text.clone();
        let monitor = self.options.monitor;
        let spawn = Spawn {
            argv: Some(arguments),
            env: Some(env),
            group: if monitor { Group::New } else { Group::Same },
            foreground: monitor,
            ..Spawn::default()
        };
        let pid = kernel.spawn(program, spawn);
        self.push_foreground(vec![pid], monitor.then_some(pid), text);
        Flow::Go
    }

    fn environment(&self, file: &str) -> crate::container::machine::Environment {
        let env = self.variables.environment(self.flavor);
        if self.flavor != Flavor::Bash {
            return env;
        }
        // bash tells a command where it was found.
        let others = env.iter().filter(|(name, _)| &**name != "_").cloned();
        others.chain([("_".into(), file.into())]).collect()
    }

    /// True where this process has nothing to do after the command at hand, and so can become it. A script of `-c` is
    /// such a process to ash and bash, and none to dash.
    fn is_last<P: Program>(&self, kernel: &Kernel<'_, P>) -> bool {
        let no_more = match &self.source {
            Source::None => true,
            Source::Text { text, at } => {
                self.options.command && self.flavor != Flavor::Dash && text[*at..].trim().is_empty()
            }
            _ => false,
        };
        no_more
            && !kernel.is_dead()
            && !self.traps.values().any(|action| !action.is_empty())
            && (self.jobs.list.is_empty() || self.jobs.inherited || self.flavor != Flavor::Bash)
            && self.exiting.is_none()
            && self.frames.iter().all(|frame| match frame {
                Frame::List { list, next } => *next >= list.items.len(),
                Frame::AndOr { list, item, next } => *next >= list.items[*item].pipelines.len(),
                Frame::Restore(_) => true,
                _ => false,
            })
    }

    // Assignments

    /// Sets a variable, if it may be set.
    pub(super) fn assign<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        name: &str,
        text: &str,
    ) -> Result<()> {
        let variable = self.variables.get(name);
        if variable.is_some_and(|variable| variable.readonly) {
            return Err(self.read_only(kernel, name));
        }
        if variable.is_some_and(|variable| variable.integer) {
            let value = self.evaluate(kernel, text)?;
            self.variables.set(name, value.to_string());
        } else if matches!(variable.and_then(|v| v.value.as_ref()), Some(Value::Array(_))) {
            self.set_item(name, 0, text.into());
        } else {
            self.variables.set(name, text);
        }
        if self.options.allexport {
            self.variables.entry(name).exported = true;
        }
        if name == "OPTIND" {
            self.getopts = (text.parse().unwrap_or(1).max(1), 0);
        }
        Ok(())
    }

    /// Sets an item of an array.
    pub(super) fn set_item(&mut self, name: &str, at: i64, text: Arc<str>) {
        let variable = self.variables.entry(name);
        let mut items = match variable.value.take() {
            Some(Value::Array(items)) => items,
            Some(Value::Text(text)) => [(0, text)].into(),
            None => Default::default(),
        };
        items.insert(at, text);
        variable.value = Some(Value::Array(items));
    }

    /// Expands and carries out an assignment, and returns its text for `set -x`.
    fn assign_from<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        assignment: &Assignment,
    ) -> Result<Arc<str>> {
        let name = &assignment.name;
        match &assignment.value {
            Assigned::Word(word) => {
                let mut text = self.expand_text(kernel, word)?;
                if let Some(index) = &assignment.index {
                    let index = self.expand_text(kernel, index)?;
                    let at = self.evaluate(kernel, &index)?;
                    if self.variables.get(name).is_some_and(|variable| variable.readonly) {
                        return Err(self.read_only(kernel, name));
                    }
                    self.set_item(name, at, text.clone());
                    return Ok(text);
                }
                if assignment.append {
                    let integer = self.variables.get(name).is_some_and(|variable| variable.integer);
                    let old = self.variables.text(name).unwrap_or_default();
                    text = if integer { format!("{old}+{text}") } else { format!("{old}{text}") }.into();
                }
                self.assign(kernel, name, &text)?;
                Ok(text)
            }
            Assigned::Array(words) => {
                let words = self.expand_words(kernel, words)?;
                if self.variables.get(name).is_some_and(|variable| variable.readonly) {
                    return Err(self.read_only(kernel, name));
                }
                let variable = self.variables.entry(name);
                let mut items = match variable.value.take() {
                    Some(Value::Array(items)) if assignment.append => items,
                    Some(Value::Text(text)) if assignment.append => [(0, text)].into(),
                    _ => Default::default(),
                };
                let mut next = items.keys().last().map_or(0, |last| last + 1);
                for word in words {
                    let item = word.strip_prefix('[').and_then(|rest| rest.split_once("]="));
                    match item.and_then(|(index, text)| Some((super::arithmetic::number(index)?, text))) {
                        Some((at, text)) => {
                            items.insert(at, text.into());
                            next = at + 1;
                        }
                        None => {
                            items.insert(next, word);
                            next += 1;
                        }
                    }
                }
                variable.value = Some(Value::Array(items));
                Ok("(…)".into())
            }
        }
    }

    // Text as commands: eval, `.`, traps

    fn next_line<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, mut script: Script) -> Flow {
        let rest = &script.text[script.at..];
        if rest.is_empty() {
            match script.kind {
                ScriptKind::Eval => {}
                ScriptKind::Dot { positional } => {
                    self.positional = positional.unwrap_or(self.positional.clone())
                }
                ScriptKind::Trap { status } => self.status = status,
            }
            return Flow::Go;
        }
        match parse_line(rest, Reading { whole: true, line: script.line, ..self.reading() }) {
            Ok(parsed) => {
                script.at += parsed.length.max(1);
                script.line += parsed.lines;
                self.frames.push(Frame::Script(script));
                self.frames.push(Frame::List { list: parsed.list, next: 0 });
                Flow::Go
            }
            Err(Problem::Syntax(error)) => {
                self.frames.push(Frame::Script(script));
                self.bad_syntax(kernel, &error);
                if self.flavor == Flavor::Bash {
                    self.frames.pop();
                    self.status = 1;
                    return Flow::Go;
                }
                self.abort(kernel, 2)
            }
            Err(Problem::Incomplete) => Flow::Go,
        }
    }

    /// How this shell reads commands.
    pub(super) fn reading(&self) -> Reading<'_> {
        static NONE: std::collections::BTreeMap<Arc<str>, Arc<str>> = std::collections::BTreeMap::new();
        let expands = self.flavor != Flavor::Bash || self.options.interactive || self.options.expand_aliases;
        let aliases = if expands { &self.aliases } else { &NONE };
        Reading { flavor: self.flavor, aliases, whole: false, line: self.next_line }
    }

    // Signals and traps

    fn take_signals<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) {
        while let Some(signal) = kernel.take_signal() {
            let trapped = self.traps.contains_key(&signal.0);
            if trapped {
                if !self.arrived.contains(&signal) {
                    self.arrived.push_back(signal);
                }
            } else if signal == Signal::INT && self.options.interactive {
                self.interrupted(kernel);
            }
            // Others an interactive shell catches only so as not to end.
        }
    }

    /// Ctrl-C at an interactive shell itself.
    fn interrupted<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) {
        kernel.complain("\n");
        self.end_expansion();
        self.unwind_all(kernel);
        self.status = 130;
        if let Source::Lines { buffer, prompted, .. } = &mut self.source {
            buffer.clear();
            *prompted = false;
        }
    }

    /// Begins the action of a signal that came, if one did.
    fn begin_trap(&mut self) -> bool {
        if matches!(self.frames.last(), Some(Frame::Wait { .. }))
            && let Some(signal) = self.arrived.front()
        {
            // `wait` ends at once when a trapped signal comes.
            self.status = 128 + signal.0;
            self.frames.pop();
        }
        let Some(signal) = self.arrived.pop_front() else { return false };
        let Some(action) = self.traps.get(&signal.0).cloned() else { return true };
        self.push_trap(action);
        true
    }

    fn push_trap(&mut self, action: Arc<str>) {
        let kind = ScriptKind::Trap { status: self.status };
        self.frames.push(Frame::Script(Script { kind, text: action, at: 0, line: self.line.max(1) }));
    }

    // Ends

    /// Takes a frame back without doing the rest of it.
    fn unwind<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, frame: Frame) {
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

    pub(super) fn unwind_all<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) {
        while let Some(frame) = self.frames.pop() {
            self.unwind(kernel, frame);
        }
    }

    /// Takes frames back up to one that a control builtin looks for, which it may then change or take itself.
    /// False where there is none: nothing is taken back then.
    pub(super) fn unwind_to<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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
    pub(super) fn abort<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, status: u8) -> Flow {
        self.status = status;
        if self.options.interactive && !self.subshell {
            self.unwind_all(kernel);
            return Flow::Go;
        }
        self.exit(kernel, status)
    }

    /// Ends the shell when its `EXIT` trap is done.
    pub(super) fn exit<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, status: u8) -> Flow {
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
