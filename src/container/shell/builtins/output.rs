//! `echo`, `printf`, `test`, `let`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::commands::{echo, printf, test};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;
use crate::container::shell::{Flavor, Shell};

impl Shell {
    /// Writes a builtin's output.
    fn put(&self, kernel: &mut Kernel<'_>, bytes: &[u8]) -> u8 {
        match kernel.write(1, bytes) {
            Ok(()) => 0,
            Err(errno) => {
                let text = match (self.flavor, errno) {
                    (Flavor::Dash, _) => {
                        format!("{}: I/O error", self.builtin.as_deref().unwrap_or_default())
                    }
                    (_, Errno::BrokenPipe) if kernel.is_dead() => return 1,
                    (_, errno) => format!("write error: {errno}"),
                };
                self.complain_as_applet(kernel, text);
                1
            }
        }
    }

    pub(super) fn builtin_echo(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let text = match self.flavor {
            Flavor::Dash => echo::system_v(&arguments[1..]),
            _ => echo::with_options(&arguments[1..]),
        };
        Ok(Outcome::Status(self.put(kernel, &text)))
    }

    pub(super) fn builtin_printf(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let mut at = 1;
        let mut target = None;
        if self.flavor == Flavor::Bash && arguments.get(1).is_some_and(|option| &**option == "-v") {
            target = arguments.get(2).cloned();
            at = 3;
        }
        if arguments.get(at).is_some_and(|option| &**option == "--") {
            at += 1;
        }
        let Some(format) = arguments.get(at) else {
            match self.flavor {
                Flavor::Bash => kernel.complain("printf: usage: printf [-v var] format [arguments]\n"),
                Flavor::Dash => self.complain(kernel, "usage: printf format [arg ...]"),
                Flavor::Ash => kernel.complain("sh: usage: printf FORMAT [ARGUMENT...]\n"),
            }
            return Ok(Outcome::Status(2));
        };
        let words = match self.flavor {
            Flavor::Ash => printf::Words::BusyBox,
            Flavor::Dash => printf::Words::Dash,
            Flavor::Bash => printf::Words::Bash,
        };
        let printed = printf::format(format, &arguments[at + 1..], words);
        for error in &printed.errors {
            self.complain_as_applet(kernel, error);
        }
        if let Some(name) = target {
            self.assign(kernel, &name, &String::from_utf8_lossy(&printed.bytes))?;
            return Ok(Outcome::Status(printed.status()));
        }
        let status = self.put(kernel, &printed.bytes);
        Ok(Outcome::Status(status.max(printed.status())))
    }

    pub(super) fn builtin_test(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let words = match self.flavor {
            Flavor::Ash => test::Words::BusyBox,
            Flavor::Dash => test::Words::Dash,
            Flavor::Bash => test::Words::Bash,
        };
        let result = test::run(kernel, arguments, words);
        Ok(Outcome::Status(match result {
            Ok(holds) => u8::from(!holds),
            Err(text) => {
                self.complain_as_applet(kernel, text);
                2
            }
        }))
    }

    pub(super) fn builtin_let(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        if arguments.len() == 1 {
            self.complain(kernel, "expression expected");
            return Ok(Outcome::Status(1));
        }
        let mut value = 0;
        for expression in &arguments[1..] {
            value = self.evaluate(kernel, expression)?;
        }
        Ok(Outcome::Status(u8::from(value == 0)))
    }
}
