//! Text that is run as commands: `eval`, `.`, and the actions of traps.

use std::sync::Arc;

use super::interpreter::{Flow, Frame, Script, ScriptKind};
use super::lexer::Problem;
use super::parser::{Reading, parse_line};
use super::{Flavor, Shell, Source};
use crate::container::kernel::Kernel;
use crate::container::signal::Signal;

impl Shell {
    pub(super) fn next_line(&mut self, kernel: &mut Kernel<'_>, mut script: Script) -> Flow {
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

    pub(super) fn take_signals(&mut self, kernel: &mut Kernel<'_>) {
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
    pub(super) fn interrupted(&mut self, kernel: &mut Kernel<'_>) {
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
    pub(super) fn begin_trap(&mut self) -> bool {
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

    pub(super) fn push_trap(&mut self, action: Arc<str>) {
        let kind = ScriptKind::Trap { status: self.status };
        self.frames.push(Frame::Script(Script { kind, text: action, at: 0, line: self.line.max(1) }));
    }
}
