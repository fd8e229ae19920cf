//! `type`, `command -v`, `hash`, `alias`, `unalias`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::shell::messages::quote;
use crate::container::shell::parser::is_reserved;
use crate::container::shell::{Flavor, Shell};

impl Shell {
    pub(super) fn builtin_type(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let known = if self.flavor == Flavor::Bash { "aftpP" } else { "" };
        let (options, at) = self.options(kernel, arguments, known, "type [-afptP] name [name ...]")?;
        if options.iter().any(|(letter, _)| *letter == 't') {
            let mut status = 0;
            for name in &arguments[at..] {
                match self.kind_of_command(kernel, name) {
                    Some(kind) => kernel.print(format!("{kind}\n")),
                    None => status = 1,
                }
            }
            return Ok(Outcome::Status(status));
        }
        if options.iter().any(|(letter, _)| "pP".contains(*letter)) {
            return Ok(Outcome::Status(self.describe(kernel, &arguments[at..], false)));
        }
        Ok(Outcome::Status(self.describe(kernel, &arguments[at..], true)))
    }

    fn kind_of_command(&self, kernel: &mut Kernel<'_>, name: &str) -> Option<&'static str> {
        let path = self.variables.text("PATH").unwrap_or_default();
        if self.aliases.contains_key(name) {
            Some("alias")
        } else if is_reserved(name) {
            Some("keyword")
        } else if self.functions.contains_key(name) {
            Some("function")
        } else if super::find(name, self.flavor).is_some() {
            Some("builtin")
        } else {
            kernel.search(&path, name).map(|_| "file")
        }
    }

    /// `command -v` and `type`: what names stand for.
    pub(super) fn describe(&self, kernel: &mut Kernel<'_>, names: &[Arc<str>], verbose: bool) -> u8 {
        let bash = self.flavor == Flavor::Bash;
        let mut missing = 0;
        let mut found = 0;
        let path = self.variables.text("PATH").unwrap_or_default();
        // dash and ash look at the first name alone, unless `type` asks.
        let is_type = self.builtin.as_deref() == Some("type");
        let names = if bash || is_type { names } else { &names[..names.len().min(1)] };
        for name in names {
            let text = match self.kind_of_command(kernel, name) {
                Some("alias") => {
                    let text = &self.aliases[name];
                    match (verbose, self.flavor) {
                        (true, Flavor::Bash) => format!("{name} is aliased to `{text}'"),
                        (true, _) => format!("{name} is an alias for {text}"),
                        (false, Flavor::Bash) => format!("alias {name}={}", alias_quote(text, self.flavor)),
                        (false, _) => format!("alias {name}={}", alias_quote(text, self.flavor)),
                    }
                }
                Some("keyword") if verbose => format!("{name} is a shell keyword"),
                Some("function") if verbose => {
                    format!("{name} is a {}function", if bash { "" } else { "shell " })
                }
                Some("builtin") if verbose => {
                    let special =
                        !bash && super::find(name, self.flavor).is_some_and(super::Builtin::is_special);
                    format!("{name} is a {}shell builtin", if special { "special " } else { "" })
                }
                Some("file") => {
                    let file = kernel.search(&path, name).unwrap_or_default();
                    if verbose { format!("{name} is {file}") } else { file }
                }
                Some(_) => name.to_string(),
                None => {
                    missing += 1;
                    if verbose && bash {
                        self.complain(kernel, format!("{name}: not found"));
                    } else if verbose {
                        kernel.print(format!("{name}: not found\n"));
                    }
                    continue;
                }
            };
            found += 1;
            kernel.print(format!("{text}\n"));
        }
        match (missing, bash) {
            (0, _) => 0,
            (_, true) => u8::from(is_type || found == 0),
            (_, false) => 127,
        }
    }

    /// Places of commands are not remembered: there is nothing to forget.
    pub(super) fn builtin_hash(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let mut status = 0;
        let path = self.variables.text("PATH").unwrap_or_default();
        for name in arguments[1..].iter().filter(|name| !name.starts_with('-')) {
            if kernel.search(&path, name).is_none() && super::find(name, self.flavor).is_none() {
                self.complain(kernel, format!("{name}: not found"));
                status = 1;
            }
        }
        if arguments.len() == 1 && self.flavor == Flavor::Bash {
            kernel.print("hash: hash table empty\n");
        }
        Ok(Outcome::Status(status))
    }

    pub(super) fn builtin_alias(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let start = if self.flavor == Flavor::Bash { "alias " } else { "" };
        let mut names = &arguments[1..];
        if names.first().is_some_and(|first| &**first == "-p") {
            names = &names[1..];
        }
        let line = |name: &str, text: &str| format!("{start}{name}={}\n", alias_quote(text, self.flavor));
        if names.is_empty() {
            let text: String = self.aliases.iter().map(|(name, text)| line(name, text)).collect();
            kernel.print(text);
            return Ok(Outcome::Status(0));
        }
        let mut status = 0;
        for name in names {
            if let Some((name, text)) = name.split_once('=').filter(|(name, _)| !name.is_empty()) {
                self.aliases.insert(name.into(), text.into());
            } else if let Some(text) = self.aliases.get(name) {
                let text = format!("{start}{name}={}\n", alias_quote(text, self.flavor));
                kernel.print(text);
            } else {
                match self.flavor {
                    Flavor::Bash => self.complain(kernel, format!("{name}: not found")),
                    _ => kernel.complain(format!("alias: {name} not found\n")),
                }
                status = 1;
            }
        }
        Ok(Outcome::Status(status))
    }

    pub(super) fn builtin_unalias(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(kernel, arguments, "a", "unalias [-a] name [name ...]")?;
        if !options.is_empty() {
            self.aliases.clear();
        }
        let mut status = 0;
        for name in &arguments[at..] {
            if self.aliases.remove(name).is_none() {
                match self.flavor {
                    Flavor::Bash => self.complain(kernel, format!("{name}: not found")),
                    _ => kernel.complain(format!("unalias: {name} not found\n")),
                }
                status = 1;
            }
        }
        Ok(Outcome::Status(status))
    }
}

/// The text of an alias is quoted always.
fn alias_quote(text: &str, flavor: Flavor) -> String {
    if flavor == Flavor::Bash { format!("'{}'", text.replace('\'', "'\\''")) } else { quote(text, flavor) }
}
