//! `break`, `continue`, `return`, `exit`, `eval`, `.`, `exec`, `command`, `builtin`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::errno::Errno;
use crate::container::files::How;
use crate::container::kernel::{Data, Kernel};
use crate::container::program::Wait;
use crate::container::shell::expand::Stop;
use crate::container::shell::interpreter::{Flow, Frame, Gather, Script, ScriptKind};
use crate::container::shell::{Flavor, Shell};

fn is_loop(frame: &Frame) -> bool {
    matches!(frame, Frame::Loop { .. } | Frame::For { .. } | Frame::ForArithmetic { .. })
}

fn is_boundary(frame: &Frame) -> bool {
    matches!(frame, Frame::Call(_) | Frame::Script(Script { kind: ScriptKind::Trap { .. }, .. }))
}

impl Shell {
    pub(super) fn builtin_break(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let goes_on = &*arguments[0] == "continue";
        let depth = match arguments.get(1) {
            Some(text) => self.number(kernel, text)?,
            None => 1,
        };
        if depth < 1 {
            let text = match self.flavor {
                Flavor::Bash => format!("{depth}: loop count out of range"),
                Flavor::Dash => format!("Illegal number: {depth}"),
                Flavor::Ash => format!("bad number: {depth}"),
            };
            return Err(self.misuse(kernel, &text));
        }
        let mut found = false;
        for round in 1..=depth {
            if !self.unwind_to(kernel, is_loop, is_boundary) {
                break;
            }
            found = true;
            let more = self.frames[..self.frames.len() - 1]
                .iter()
                .rev()
                .take_while(|f| !is_boundary(f))
                .any(is_loop);
            let last = round == depth || !more;
            if goes_on && last {
                // What is left of the round is gone; the loop's own frame begins the next.
                if let Some(Frame::Loop { in_body, .. }) = self.frames.last_mut() {
                    *in_body = true;
                }
                self.status = 0;
                return Ok(Outcome::Status(0));
            }
            self.frames.pop();
            if last {
                break;
            }
        }
        if !found && self.flavor == Flavor::Bash {
            self.complain(kernel, "only meaningful in a `for', `while', or `until' loop");
        }
        Ok(Outcome::Status(0))
    }

    pub(super) fn builtin_return(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let status = match arguments.get(1) {
            Some(text) => self.number(kernel, text)? as u8,
            None => self.status,
        };
        let ends = |frame: &Frame| {
            matches!(frame, Frame::Call(_) | Frame::Script(Script { kind: ScriptKind::Dot { .. }, .. }))
        };
        if self.unwind_to(kernel, ends, |_| false) {
            match self.frames.pop() {
                Some(Frame::Call(call)) => self.frames.push(Frame::Call(call)),
                Some(Frame::Script(mut script)) => {
                    script.at = script.text.len();
                    self.frames.push(Frame::Script(script));
                }
                _ => {}
            }
            return Ok(Outcome::Status(status));
        }
        if self.flavor == Flavor::Bash {
            self.complain(kernel, "can only `return' from a function or sourced script");
            return Ok(Outcome::Status(2));
        }
        Ok(Outcome::Flow(self.exit(kernel, status)))
    }

    pub(super) fn builtin_exit(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let in_trap = self.frames.iter().find_map(|frame| match frame {
            Frame::Script(Script { kind: ScriptKind::Trap { status }, .. }) => Some(*status),
            _ => None,
        });
        let status = match arguments.get(1) {
            Some(text) => match (text.parse::<i64>(), self.flavor) {
                (Ok(number), Flavor::Bash) => number as u8,
                (Ok(number), _) if number >= 0 => number as u8,
                (_, Flavor::Bash) => self.number(kernel, text).map_or(2, |number| number as u8),
                _ => {
                    self.complain(kernel, format!("Illegal number: {text}"));
                    2
                }
            },
            None => in_trap.unwrap_or(self.status),
        };
        if self.options.interactive && self.flavor == Flavor::Bash && !self.subshell {
            kernel.complain(if self.options.login { "logout\n" } else { "exit\n" });
        }
        Ok(Outcome::Flow(self.exit(kernel, status)))
    }

    pub(super) fn builtin_eval(&mut self, _: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        let text = arguments[1..].join(" ");
        if text.trim().is_empty() {
            return Ok(Outcome::Status(0));
        }
        let line = if self.flavor == Flavor::Dash { 1 } else { self.line };
        self.frames.push(Frame::Script(Script { kind: ScriptKind::Eval, text: text.into(), at: 0, line }));
        Ok(Outcome::Pushed)
    }

    pub(super) fn builtin_dot(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        let Some(name) = arguments.get(1) else {
            if self.flavor == Flavor::Dash {
                return Ok(Outcome::Status(0));
            }
            self.complain(kernel, "filename argument required");
            if self.flavor == Flavor::Bash {
                kernel.complain(format!("{0}: usage: {0} filename [arguments]\n", arguments[0]));
            }
            return Ok(Outcome::Status(2));
        };
        let mut file = name.to_string();
        if !name.contains('/') {
            let path = self.variables.text("PATH").unwrap_or_default();
            let found = path.split(':').map(|directory| format!("{directory}/{name}"));
            let found =
                found.into_iter().find(|path| kernel.files().stat(path).is_ok_and(|s| !s.is_directory()));
            let here = self.flavor == Flavor::Bash || kernel.files().exists(name);
            match found {
                Some(found) => file = found,
                None if here && self.flavor == Flavor::Bash => {}
                None => {
                    self.complain(kernel, format!("{name}: not found"));
                    return Err(Stop::Abort(2));
                }
            }
        }
        let positional: Option<Arc<[Arc<str>]>> =
            (arguments.len() > 2 && self.flavor != Flavor::Dash).then(|| arguments[2..].into());
        if (file == "/dev/stdin" || file.starts_with("/dev/fd/"))
            && let Ok(fd) = kernel.open(&file, How::read())
        {
            self.frames.push(Frame::Gather(Gather { fd, bytes: Vec::new(), positional }));
            return Ok(Outcome::Pushed);
        }
        let bytes = match kernel.files().read(&file) {
            Ok(bytes) => bytes,
            Err(errno) => {
                let bash = self.flavor == Flavor::Bash;
                let text = match (self.flavor, errno) {
                    (Flavor::Bash, Errno::IsDirectory) => format!("{name}: is a directory"),
                    (Flavor::Bash, errno) => format!("{name}: {errno}"),
                    (Flavor::Dash, Errno::NotFound) => format!("cannot open {name}: No such file"),
                    (Flavor::Dash, errno) => format!("cannot open {name}: {errno}"),
                    (Flavor::Ash, errno) => format!("can't open '{name}': {errno}"),
                };
                let builtin = if bash && errno != Errno::IsDirectory { self.builtin.take() } else { None };
                self.complain(kernel, text);
                self.builtin = builtin.or(self.builtin.take());
                return if bash { Ok(Outcome::Status(1)) } else { Err(Stop::Abort(2)) };
            }
        };
        self.push_dot(&bytes, positional);
        Ok(Outcome::Pushed)
    }

    fn push_dot(&mut self, bytes: &[u8], own: Option<Arc<[Arc<str>]>>) {
        self.status = 0;
        self.frames.push(Frame::Script(Script {
            kind: ScriptKind::Dot { positional: own.map(|own| std::mem::replace(&mut self.positional, own)) },
            text: String::from_utf8_lossy(bytes).into_owned().into(),
            at: 0,
            line: 1,
        }));
    }

    /// Goes on with `.` of a stream.
    pub(in crate::container::shell) fn resume_dot(
        &mut self,
        kernel: &mut Kernel<'_>,
        mut gather: Gather,
    ) -> Flow {
        loop {
            match kernel.read(gather.fd, 65_536) {
                Ok(Data::Bytes(bytes)) => gather.bytes.extend(bytes),
                Ok(Data::Empty) => {
                    let wait = Wait::readable(gather.fd);
                    self.frames.push(Frame::Gather(gather));
                    return Flow::Wait(wait);
                }
                Ok(Data::End) | Err(_) => break,
            }
        }
        // It is open: it was opened for this.
        let _ = kernel.close(gather.fd);
        self.push_dot(&gather.bytes, gather.positional);
        Flow::Go
    }

    /// `exec` with a command: this process becomes it.
    pub(super) fn builtin_exec(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) =
            self.options(kernel, arguments, "cla:", "exec [-cl] [-a name] [command [argument ...]]")?;
        let Some(name) = arguments.get(at) else { return Ok(Outcome::Status(0)) };
        let path = self.variables.text("PATH").unwrap_or_default();
        let env = self.variables.environment(self.flavor);
        let found = kernel.search(&path, name);
        let mut argv: Vec<Arc<str>> = arguments[at..].to_vec();
        if let Some((_, own)) = options.iter().find(|(letter, _)| *letter == 'a') {
            argv[0] = own.clone();
        }
        let file = found.unwrap_or_else(|| name.to_string());
        let result = kernel.load(&file, &argv, &env);
        match result {
            Ok((program, argv)) => {
                kernel.replace(program, argv, env);
                Ok(Outcome::Flow(Flow::Replaced))
            }
            Err(errno) => {
                let directory = kernel.files().is_directory(&file);
                let (mut text, status) = self.cannot_run(name, errno, directory);
                if errno == Errno::NotFound && !name.contains('/') {
                    text = format!("{name}: not found");
                } else if directory && self.flavor == Flavor::Bash {
                    text = format!("{name}: cannot execute: Is a directory");
                }
                self.complain(kernel, text);
                if self.options.interactive {
                    return Ok(Outcome::Status(status));
                }
                Ok(Outcome::Flow(self.exit(kernel, status)))
            }
        }
    }

    pub(super) fn builtin_command(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(kernel, arguments, "pvV", "command [-pVv] command [arg ...]")?;
        if options.iter().any(|(letter, _)| "vV".contains(*letter)) {
            let verbose = options.iter().any(|(letter, _)| *letter == 'V');
            return Ok(Outcome::Status(self.describe(kernel, &arguments[at..], verbose)));
        }
        self.run_without_functions(kernel, &arguments[at..])
    }

    pub(super) fn builtin_builtin(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        match arguments.get(1) {
            Some(name) if super::find(name, self.flavor).is_none() => {
                self.complain(kernel, format!("{name}: not a shell builtin"));
                Ok(Outcome::Status(1))
            }
            _ => self.run_without_functions(kernel, &arguments[1..]),
        }
    }

    fn run_without_functions(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        let Some(name) = arguments.first().cloned() else { return Ok(Outcome::Status(0)) };
        self.builtin = None;
        self.status = 0;
        let flow = match super::find(&name, self.flavor) {
            Some(super::Builtin::Exec) if arguments.len() == 1 => return Ok(Outcome::Status(0)),
            _ => self.invoke(kernel, &name, arguments.to_vec(), &[], Vec::new(), false),
        };
        match flow {
            Ok(flow) => Ok(Outcome::Flow(flow)),
            // `command` takes the specialness from special builtins.
            Err(Stop::Abort(status)) => Ok(Outcome::Status(status)),
            Err(stop) => Err(stop),
        }
    }
}
