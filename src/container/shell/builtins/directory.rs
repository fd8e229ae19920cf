//! `cd`, `pwd`, `umask`, `ulimit`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::shell::{Flavor, Shell};

/// A path from a directory with `.` and `..` taken out, links left as they are.
fn logical(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let start = if path.starts_with('/') { "" } else { directory };
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

impl Shell {
    pub(super) fn builtin_cd(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        let dash_alone = arguments.get(1).is_some_and(|argument| &**argument == "-");
        let (options, at) = match dash_alone {
            true => (Vec::new(), 1),
            false => self.options(kernel, arguments, "LPe@", "cd [-L|[-P [-e]] [-@]] [dir]")?,
        };
        let bash = self.flavor == Flavor::Bash;
        if bash && arguments.len() > at + 1 {
            self.complain(kernel, "too many arguments");
            return Ok(Outcome::Status(1));
        }
        let mut tell = false;
        let target = match arguments.get(at).map(|target| &**target) {
            None => match self.variables.text("HOME") {
                Some(home) => home,
                None if bash => {
                    self.complain(kernel, "HOME not set");
                    return Ok(Outcome::Status(1));
                }
                None => return Ok(Outcome::Status(0)),
            },
            Some("-") => match self.variables.text("OLDPWD") {
                Some(old) => {
                    tell = true;
                    old
                }
                None if bash => {
                    self.complain(kernel, "OLDPWD not set");
                    return Ok(Outcome::Status(1));
                }
                None => self.directory.clone(),
            },
            Some(target) => target.into(),
        };
        if target.is_empty() {
            return Ok(Outcome::Status(0));
        }
        let physical = options.last().is_some_and(|(letter, _)| *letter == 'P');
        let path = if physical { target.to_string() } else { logical(&self.directory, &target) };
        match kernel.change_directory(&path) {
            Ok(()) => {
                let new: Arc<str> = if physical { kernel.cwd() } else { path.into() };
                let old = std::mem::replace(&mut self.directory, new.clone());
                self.variables.export("OLDPWD", old);
                self.variables.export("PWD", new.clone());
                if tell {
                    kernel.print(format!("{new}\n"));
                }
                Ok(Outcome::Status(0))
            }
            Err(errno) => {
                let text = match self.flavor {
                    Flavor::Bash => format!("{target}: {errno}"),
                    Flavor::Ash => format!("can't cd to {target}: {errno}"),
                    Flavor::Dash => format!("can't cd to {target}"),
                };
                self.complain(kernel, text);
                Ok(Outcome::Status(if bash { 1 } else { 2 }))
            }
        }
    }

    pub(super) fn builtin_pwd(&mut self, kernel: &mut Kernel<'_>, arguments: &[Arc<str>]) -> Result<Outcome> {
        let (options, _) = self.options(kernel, arguments, "LP", "pwd [-LP]")?;
        let physical = options.last().is_some_and(|(letter, _)| *letter == 'P');
        let path = if physical { kernel.cwd() } else { self.directory.clone() };
        kernel.print(format!("{path}\n"));
        Ok(Outcome::Status(0))
    }

    pub(super) fn builtin_umask(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(kernel, arguments, "Sp", "umask [-p] [-S] [mode]")?;
        let mask = kernel.umask();
        match arguments.get(at) {
            None if options.iter().any(|(letter, _)| *letter == 'S') => {
                let allowed = !mask & 0o777;
                let letters = |shift: u16| {
                    let bits = allowed >> shift;
                    [(4, 'r'), (2, 'w'), (1, 'x')]
                        .into_iter()
                        .filter(|(bit, _)| bits & bit != 0)
                        .map(|(_, letter)| letter)
                        .collect::<String>()
                };
                kernel.print(format!("u={},g={},o={}\n", letters(6), letters(3), letters(0)));
            }
            None => kernel.print(format!("{mask:04o}\n")),
            Some(text) => match u16::from_str_radix(text, 8) {
                Ok(mask) if mask <= 0o777 => kernel.set_umask(mask),
                _ => {
                    let mode = crate::container::commands::mode::change(!mask & 0o777, text, true, 0);
                    let Some(mode) = mode else {
                        let text = match self.flavor {
                            Flavor::Bash if text.starts_with(|c: char| c.is_ascii_digit()) => {
                                format!("{text}: octal number out of range")
                            }
                            Flavor::Bash => format!("{text}: invalid symbolic mode operator"),
                            Flavor::Dash => format!("Illegal mode: {text}"),
                            Flavor::Ash => format!("illegal mode: {text}"),
                        };
                        return Err(self.misuse(kernel, &text));
                    };
                    kernel.set_umask(!mode & 0o777);
                }
            },
        }
        Ok(Outcome::Status(0))
    }

    /// Limits are told, never set: nothing here runs out.
    pub(super) fn builtin_ulimit(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(
            kernel,
            arguments,
            "SHacdefilmnpqrstuvxT",
            "ulimit [-SHacdefilmnpqrstuvxT] [limit]",
        )?;
        if arguments.get(at).is_some() {
            return Ok(Outcome::Status(0));
        }
        let letter = options.iter().map(|(letter, _)| *letter).rfind(|letter| !"SH".contains(*letter));
        let limit = match letter {
            Some('n') => "1048576",
            Some('s') => "8192",
            Some('c') => "0",
            Some('l') => "8192",
            Some('p') => "8",
            _ => "unlimited",
        };
        kernel.print(format!("{limit}\n"));
        Ok(Outcome::Status(0))
    }
}
