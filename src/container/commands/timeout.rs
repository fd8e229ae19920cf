//! `timeout`

use std::sync::Arc;
use std::time::Duration;

use super::Flavor;
use super::options::Named;
use super::sleep::span;
use crate::base::SimTime;
use crate::container::errno::Errno;
use crate::container::kernel::{Change, Kernel, Spawn};
use crate::container::machine::{DEFAULT_PATH, Pid, Status};
use crate::container::program::{Code, Step, Wait};
use crate::container::signal::{Action, Signal};

/// A running `timeout`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Timeout {
    phase: Phase,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
enum Phase {
    #[default]
    Start,
    /// coreutils: the parent of what it watches.
    Parent(Parent),
    /// BusyBox: a process beside it, whose parent became the program.
    Beside { pid: Pid, until: SimTime, signal: Signal, kill_after: Option<Duration> },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Parent {
    child: Pid,
    until: Option<SimTime>,
    signal: Signal,
    kill_after: Option<Duration>,
    timed_out: bool,
    preserve_status: bool,
}

impl Timeout {
    pub fn step(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        match &mut self.phase {
            Phase::Start => self.start(kernel, tool),
            Phase::Parent(parent) => parent.step(kernel),
            Phase::Beside { pid, until, signal, kill_after } => {
                if kernel.kill(*pid, None).is_err() {
                    return Step::Exit(0);
                }
                if *until > kernel.now() {
                    // It looks every second whether there is still something to watch.
                    return Wait::until((*until).min(kernel.now() + Duration::from_secs(1))).into();
                }
                kernel.kill(*pid, Some(*signal)).ok();
                match kill_after.take() {
                    Some(after) => {
                        *until = kernel.now() + after;
                        *signal = Signal::KILL;
                        Wait::until(*until).into()
                    }
                    None => Step::Exit(0),
                }
            }
        }
    }

    fn start(&mut self, kernel: &mut Kernel<'_>, tool: Named) -> Step {
        let gnu = tool.flavor == Flavor::Gnu;
        let long = [
            ("signal", 's'),
            ("kill-after", 'k'),
            ("preserve-status", 'P'),
            ("foreground", 'f'),
            ("verbose", 'v'),
        ];
        let failure = if gnu { 125 } else { 1 };
        let options = match tool.options(kernel, "+s:k:Pfvp:", &long, failure) {
            Ok(options) => options,
            Err(status) => return Step::Exit(status),
        };
        let bad_time = |kernel: &mut Kernel<'_>, text: &str| {
            match tool.flavor {
                Flavor::Gnu => {
                    tool.say(kernel, format!("invalid time interval \u{2018}{text}\u{2019}"));
                    tool.try_help(kernel);
                }
                Flavor::BusyBox => tool.say(kernel, format!("invalid number '{text}'")),
            }
            Step::Exit(failure)
        };
        let signal = match options.value('s').map(|name| (name, Signal::parse(name))) {
            None => Signal::TERM,
            Some((_, Some(signal))) => signal,
            Some((name, None)) => {
                let text = if gnu {
                    format!("\u{2018}{name}\u{2019}: invalid signal")
                } else {
                    format!("unknown signal '{name}'")
                };
                tool.say(kernel, text);
                return Step::Exit(failure);
            }
        };
        let kill_after = match options.value('k').map(|text| (text, span(text))) {
            Some((text, None)) => return bad_time(kernel, text),
            Some((_, Some(span))) => span,
            None => None,
        };
        // The process beside the program is this same program with the number to watch, as in BusyBox without fork.
        if let Some(pid) = options.value('p').and_then(|pid| pid.parse().ok()) {
            let time = options.operands.first().and_then(|text| span(text)).flatten().unwrap_or_default();
            let until = kernel.now() + time;
            self.phase = Phase::Beside { pid: Pid(pid), until, signal, kill_after };
            return Wait::until(until).into();
        }
        let [time, command @ ..] = &options.operands[..] else {
            return Step::Exit(self.too_few(kernel, tool));
        };
        if command.is_empty() {
            return Step::Exit(self.too_few(kernel, tool));
        }
        let Some(time) = span(time) else { return bad_time(kernel, time) };
        // 0 is no limit.
        let time = time.filter(|time| !time.is_zero());
        let path = kernel.variable("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let env = kernel.env();
        let file = kernel.search(&path, &command[0]);
        let loaded = match &file {
            Some(file) => kernel.load(file, command, &env),
            None => Err(Errno::NotFound),
        };
        let (program, argv) = match loaded {
            Ok(loaded) => loaded,
            Err(errno) => {
                let text = match tool.flavor {
                    Flavor::Gnu => format!("failed to run command \u{2018}{}\u{2019}: {errno}", command[0]),
                    Flavor::BusyBox => format!("can't execute '{}': {errno}", command[0]),
                };
                tool.say(kernel, text);
                return Step::Exit(if errno == Errno::NotFound { 127 } else { 126 });
            }
        };
        if !gnu {
            if let Some(time) = time {
                let watch: Vec<Arc<str>> = [
                    "timeout".to_owned(),
                    format!("-s{}", signal.0),
                    format!("-p{}", kernel.pid()),
                    format!("{}", time.as_secs_f64()),
                ]
                .into_iter()
                .map(Arc::from)
                .collect();
                let spawn = Spawn { argv: Some(watch.into()), detached: true, ..Spawn::default() };
                kernel.spawn(Code::Id("busybox/timeout".into()), spawn);
            }
            kernel.replace(program, argv, env);
            return Step::Yield;
        }
        for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
            kernel.on_signal(signal, Action::Catch);
        }
        let child = kernel.spawn(program, Spawn { argv: Some(argv), ..Spawn::default() });
        let until = time.map(|time| kernel.now() + time);
        let preserve_status = options.has('P');
        let parent = Parent { child, until, signal, kill_after, timed_out: false, preserve_status };
        let wait = parent.wait();
        self.phase = Phase::Parent(parent);
        wait
    }

    fn too_few(&self, kernel: &mut Kernel<'_>, tool: Named) -> u8 {
        if tool.flavor == Flavor::Gnu {
            tool.try_help(kernel);
            return 125;
        }
        tool.usage(kernel);
        1
    }
}

impl Parent {
    fn wait(&self) -> Step {
        Wait::children().or_until(self.until).into()
    }

    fn step(&mut self, kernel: &mut Kernel<'_>) -> Step {
        match kernel.poll_child(self.child) {
            Ok(Some(Change::Ended(status))) => {
                let code = match (self.timed_out && !self.preserve_status, status) {
                    (true, Status::Signaled(Signal::KILL)) => 137,
                    (true, _) => 124,
                    (false, status) => status.code(),
                };
                return Step::Exit(code);
            }
            Err(_) => return Step::Exit(125),
            Ok(_) => {}
        }
        while let Some(signal) = kernel.take_signal() {
            kernel.kill(self.child, Some(signal)).ok();
            if let Some(after) = self.kill_after.take() {
                self.until = Some(kernel.now() + after);
                self.signal = Signal::KILL;
            }
        }
        if self.until.is_some_and(|until| until <= kernel.now()) {
            self.timed_out = true;
            kernel.kill(self.child, Some(self.signal)).ok();
            if self.signal == Signal::KILL {
                // It is in the group that it kills.
                kernel.kill(kernel.pid(), Some(Signal::KILL)).ok();
            }
            self.until = self.kill_after.take().map(|after| kernel.now() + after);
            self.signal = Signal::KILL;
        }
        self.wait()
    }
}
