//! Simple commands: functions, builtins and programs.

use std::sync::Arc;

use super::builtins::{self, Builtin, Outcome};
use super::expand::{Result, Stop};
use super::interpreter::{Call, Flow, Frame};
use super::redirect::{Action, Saved};
use super::syntax::{Assignment, Command};
use super::variables::Variable;
use super::{Flavor, Shell, Source};
use crate::container::errno::Errno;
use crate::container::kernel::{Group, Kernel, Spawn};
use crate::container::machine::DEFAULT_PATH;
use crate::container::program::Code;

/// Functions that call each other go no deeper.
const MAX_CALLS: usize = 500;

impl Shell {
    pub(super) fn simple(
        &mut self,
        kernel: &mut Kernel<'_>,
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
    pub(super) fn invoke(
        &mut self,
        kernel: &mut Kernel<'_>,
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

    pub(super) fn push_restore(&mut self, saved: Vec<Saved>, before: Vec<(Arc<str>, Option<Variable>)>) {
        if !saved.is_empty() {
            self.frames.push(Frame::Restore(saved));
        }
        if !before.is_empty() {
            self.frames.push(Frame::Assigned(before));
        }
    }

    pub(super) fn unassign(&mut self, before: Vec<(Arc<str>, Option<Variable>)>) {
        for (name, old) in before.into_iter().rev() {
            self.variables.restore(name, old);
        }
    }

    pub(super) fn trace(&self, kernel: &mut Kernel<'_>, assignments: &[String], arguments: &[Arc<str>]) {
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
    pub(super) fn trace_prefix(&self) -> String {
        let prefix = self.variables.text("PS4").unwrap_or_else(|| "+ ".into());
        let first: String = prefix.chars().take(1).collect();
        if self.flavor == Flavor::Bash { first.repeat(self.depth) + &prefix } else { prefix.to_string() }
    }

    pub(super) fn call(
        &mut self,
        kernel: &mut Kernel<'_>,
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

    pub(super) fn end_call(&mut self, call: Call) {
        self.positional = call.positional;
        self.getopts = call.getopts;
        self.unassign(call.locals);
    }

    /// Runs a program, as a child or in place of this shell where nothing is left to do.
    pub(super) fn run_program(
        &mut self,
        kernel: &mut Kernel<'_>,
        name: &Arc<str>,
        arguments: Vec<Arc<str>>,
    ) -> Flow {
        let path = self.variables.text("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
        let found = kernel.search(&path, name);
        let file = match &found {
            Some(file) => file.as_str(),
            None if name.contains('/') => name,
            None if kernel.machine().assumed.is_some() => name,
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
                    Ok((Code::from(child), arguments))
                }
                _ => Err(Errno::ExecFormat),
            },
            Err(Errno::NotFound) => match kernel.assumed(name) {
                Some(code) => Ok((code, arguments)),
                None => Err(Errno::NotFound),
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

    pub(super) fn environment(&self, file: &str) -> crate::container::machine::Environment {
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
    pub(super) fn is_last(&self, kernel: &Kernel<'_>) -> bool {
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
}
