//! `trap`

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::shell::expand::Stop;
use crate::container::shell::messages::quote;
use crate::container::shell::{Flavor, Shell};
use crate::container::signal::{Action, Signal};

/// The number of a condition that `trap` knows: 0 for `EXIT`.
fn condition(name: &str) -> Option<u8> {
    if name.eq_ignore_ascii_case("EXIT") || name == "0" {
        return Some(0);
    }
    // bash's pseudo signals are taken and never come.
    if ["ERR", "DEBUG", "RETURN"].contains(&name) {
        return Some(u8::MAX);
    }
    Signal::parse(name).map(|signal| signal.0)
}

impl Shell {
    pub(super) fn builtin_trap(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let bash = self.flavor == Flavor::Bash;
        let mut names = &arguments[1..];
        if names.first().is_some_and(|first| ["--", "-p"].contains(&&**first)) {
            names = &names[1..];
        }
        if names.is_empty() {
            let text: String =
                self.traps.iter().map(|(number, action)| self.trap_line(*number, action)).collect();
            kernel.print(text);
            return Ok(Outcome::Status(0));
        }
        if names.first().is_some_and(|first| &**first == "-l") {
            let all = crate::container::commands::kill::list("", self.flavor);
            kernel.print(all);
            return Ok(Outcome::Status(0));
        }
        // A number or a lone name first means that the traps are taken away.
        let number_first = names[0].parse::<u8>().is_ok();
        let (action, names) = match names {
            [only] if condition(only).is_some() => (None, names),
            _ if number_first => (None, names),
            [action, rest @ ..] if &**action == "-" => (None, rest),
            [action, rest @ ..] => (Some(action.clone()), rest),
            [] => (None, names),
        };
        let mut status = 0;
        for name in names {
            let Some(number) = condition(name) else {
                let text = match self.flavor {
                    Flavor::Bash => format!("{name}: invalid signal specification"),
                    Flavor::Dash => format!("{name}: bad trap"),
                    Flavor::Ash => format!("{name}: invalid signal specification"),
                };
                self.complain(kernel, text);
                if bash {
                    status = 1;
                    continue;
                }
                return Err(Stop::Abort(1));
            };
            self.set_trap(kernel, number, action.clone());
        }
        Ok(Outcome::Status(status))
    }

    fn set_trap(&mut self, kernel: &mut Kernel<'_>, number: u8, action: Option<Arc<str>>) {
        let disposition = match &action {
            None => Action::Default,
            Some(text) if text.is_empty() => Action::Ignore,
            Some(_) => Action::Catch,
        };
        match action {
            Some(action) => self.traps.insert(number, action),
            None => self.traps.remove(&number),
        };
        let signal = Signal(number);
        if (1..=64).contains(&number) && signal != Signal::KILL && signal != Signal::STOP {
            let held = [Signal::INT, Signal::TERM, Signal::QUIT, Signal::TSTP].contains(&signal);
            let keeps = self.options.interactive && held && disposition == Action::Default;
            kernel.on_signal(signal, if keeps { Action::Catch } else { disposition });
        }
    }

    fn trap_line(&self, number: u8, action: &str) -> String {
        let name = match (number, self.flavor) {
            (0, _) => "EXIT".to_owned(),
            (u8::MAX, _) => "ERR".to_owned(),
            (number, Flavor::Bash) => format!("SIG{}", Signal(number).name()),
            (number, _) => Signal(number).name().to_owned(),
        };
        let action = if self.flavor == Flavor::Bash {
            format!("'{}'", action.replace('\'', "'\\''"))
        } else {
            quote(action, self.flavor)
        };
        format!("trap -- {action} {name}\n")
    }
}
