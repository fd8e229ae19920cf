//! `set`, `shopt`, `shift`, `times`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::shell::expand::Stop;
use crate::container::shell::messages::{quote, quote_if_needed};
use crate::container::shell::variables::Value;
use crate::container::shell::{Flavor, Shell};

impl Shell {
    pub(super) fn builtin_set(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        if arguments.len() == 1 {
            let text: String = self.variable_list();
            kernel.print(text);
            return Ok(Outcome::Status(0));
        }
        let mut at = 1;
        let mut replace = false;
        while let Some(argument) = arguments.get(at) {
            let on = argument.starts_with('-');
            let Some(letters) = argument.strip_prefix(['-', '+']) else { break };
            at += 1;
            match letters {
                "-" => {
                    replace = true;
                    break;
                }
                "" => {
                    if on {
                        self.options.xtrace = false;
                        self.options.verbose = false;
                    }
                    break;
                }
                _ => {}
            }
            for letter in letters.chars() {
                if letter == 'o' {
                    let Some(name) = arguments.get(at) else {
                        self.print_options(kernel, on);
                        return Ok(Outcome::Status(0));
                    };
                    at += 1;
                    if !self.set_option(name, on) {
                        let text = match self.flavor {
                            Flavor::Bash => format!("{name}: invalid option name"),
                            Flavor::Dash => format!("Illegal option -o {name}"),
                            Flavor::Ash => format!("illegal option -o {name}"),
                        };
                        self.complain(kernel, text);
                        return Err(Stop::Abort(2));
                    }
                } else if !self.set_letter(letter, on) {
                    let usage = "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";
                    return Err(self.bad_option(kernel, letter, usage));
                }
            }
        }
        if replace || at < arguments.len() {
            self.positional = arguments[at..].into();
            self.getopts = (1, 0);
        }
        Ok(Outcome::Status(0))
    }

    fn variable_list(&self) -> String {
        let line = |name: &str, value: &Value| match value {
            Value::Text(text) if self.flavor == Flavor::Bash => {
                format!(
                    "{name}={}\n",
                    if text.is_empty() { String::new() } else { quote_if_needed(text, self.flavor) }
                )
            }
            Value::Text(text) => format!("{name}={}\n", quote(text, self.flavor)),
            Value::Array(items) => format!("{name}={}\n", array_text(items)),
        };
        self.variables
            .iter()
            .filter_map(|(name, variable)| variable.value.as_ref().map(|value| line(name, value)))
            .collect()
    }

    fn print_options(&self, kernel: &mut Kernel<'_>, readable: bool) {
        let list = self.option_list();
        let mut text = String::new();
        if self.flavor == Flavor::Dash && readable {
            text.push_str("Current option settings\n");
        }
        for (name, on) in list {
            let state = if on { "on" } else { "off" };
            text.push_str(&match (readable, self.flavor) {
                (true, Flavor::Bash) => format!("{name:<15}\t{state}\n"),
                (true, _) => format!("{name:<16}{state}\n"),
                (false, _) => format!("set {}o {name}\n", if on { '-' } else { '+' }),
            });
        }
        kernel.print(text);
    }

    pub(super) fn builtin_shopt(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(kernel, arguments, "suqpo", "shopt [-pqsu] [-o] [optname ...]")?;
        let has = |wanted: char| options.iter().any(|(letter, _)| *letter == wanted);
        let mut status = 0;
        for name in &arguments[at..] {
            let Some(option) = self.options.shopt(name) else {
                let known = [
                    "checkwinsize",
                    "histappend",
                    "globstar",
                    "progcomp",
                    "cmdhist",
                    "sourcepath",
                    "nocaseglob",
                    "lastpipe",
                    "failglob",
                    "autocd",
                    "login_shell",
                    "inherit_errexit",
                ];
                if !known.contains(&&**name) {
                    self.complain(kernel, format!("{name}: invalid shell option name"));
                    status = 1;
                }
                continue;
            };
            if has('s') || has('u') {
                *option = has('s');
            } else {
                let on = *option;
                status |= u8::from(!on);
                if !has('q') {
                    kernel.print(format!("{name:<15}\t{}\n", if on { "on" } else { "off" }));
                }
            }
        }
        Ok(Outcome::Status(status))
    }

    pub(super) fn builtin_shift(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let count = match arguments.get(1) {
            Some(text) => self.number(kernel, text)?,
            None => 1,
        };
        let Ok(count) = usize::try_from(count) else {
            let text = match self.flavor {
                Flavor::Bash => format!("{count}: shift count out of range"),
                _ => format!("Illegal number: {count}"),
            };
            return Err(self.misuse(kernel, &text));
        };
        if count > self.positional.len() {
            if self.flavor == Flavor::Dash {
                return Err(self.misuse(kernel, "can't shift that many"));
            }
            return Ok(Outcome::Status(1));
        }
        self.positional = self.positional[count..].into();
        Ok(Outcome::Status(0))
    }

    /// Programs take no time of the processor that anyone counts.
    pub(super) fn builtin_times(&mut self, kernel: &mut Kernel<'_>, _: &[Arc<str>]) -> Result<Outcome> {
        let zero = if self.flavor == Flavor::Dash { "0m0.000000s" } else { "0m0.000s" };
        kernel.print(format!("{zero} {zero}\n{zero} {zero}\n"));
        Ok(Outcome::Status(0))
    }
}

/// An array as bash prints it.
pub(super) fn array_text(items: &std::collections::BTreeMap<i64, Arc<str>>) -> String {
    let items: Vec<String> =
        items.iter().map(|(at, text)| format!("[{at}]={}", super::words::double_quoted(text))).collect();
    format!("({})", items.join(" "))
}
