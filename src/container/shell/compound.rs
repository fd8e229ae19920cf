//! Compound commands: groups, conditions, loops, `case`.

use std::sync::Arc;

use super::expand::{Result, Stop};
use super::interpreter::{Flow, Frame};
use super::syntax::{ArmEnd, Body, Command};
use super::{Flavor, Shell};
use crate::container::kernel::{Group, Kernel, Spawn};
use crate::container::program::Code;

impl Shell {
    pub(super) fn command(&mut self, kernel: &mut Kernel<'_>, command: Arc<Command>) -> Flow {
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
    pub(super) fn stopped(&mut self, kernel: &mut Kernel<'_>, stop: Stop, again: Frame) -> Flow {
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

    pub(super) fn compound(&mut self, kernel: &mut Kernel<'_>, command: &Arc<Command>) -> Result<Flow> {
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
                let pid = kernel.spawn(Code::from(child), spawn);
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

    pub(super) fn after_condition(&mut self, command: Arc<Command>, branch: usize) -> Flow {
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

    pub(super) fn round(&mut self, command: Arc<Command>, in_body: bool, status: u8) -> Flow {
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

    pub(super) fn for_round(
        &mut self,
        kernel: &mut Kernel<'_>,
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

    pub(super) fn arithmetic_round(
        &mut self,
        kernel: &mut Kernel<'_>,
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
    pub(super) fn find_arm(
        &mut self,
        kernel: &mut Kernel<'_>,
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

    pub(super) fn push_arm(&mut self, command: &Arc<Command>, arm: usize, word: &Arc<str>) {
        let Body::Case { arms, .. } = &command.body else { return };
        if arms[arm].end != ArmEnd::Break {
            self.frames.push(Frame::Case { command: command.clone(), arm, word: word.clone() });
        }
        self.frames.push(Frame::List { list: arms[arm].body.clone(), next: 0 });
    }

    pub(super) fn after_arm(
        &mut self,
        kernel: &mut Kernel<'_>,
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
}
