//! `export`, `readonly`, `local`, `declare`, `unset`.

use std::sync::Arc;

use super::{Outcome, Result};
use crate::container::kernel::Kernel;
use crate::container::shell::expand::Stop;
use crate::container::shell::interpreter::Frame;
use crate::container::shell::messages::quote;
use crate::container::shell::parser::is_name;
use crate::container::shell::variables::{Value, Variable};
use crate::container::shell::{Flavor, Shell};

impl Shell {
    /// `export` and `readonly`.
    pub(super) fn builtin_export(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let exports = &*arguments[0] == "export";
        let usage = if exports {
            "export [-fn] [name[=value] ...] or export -p"
        } else {
            "readonly [-aAf] [name[=value] ...] or readonly -p"
        };
        let known = if self.flavor == Flavor::Bash { "pnfaA" } else { "pn" };
        let (options, at) = self.options(kernel, arguments, known, usage)?;
        let removes = exports && options.iter().any(|(letter, _)| *letter == 'n');
        if at == arguments.len() {
            let wanted = |variable: &Variable| if exports { variable.exported } else { variable.readonly };
            let text: String = self
                .variables
                .iter()
                .filter(|(_, variable)| wanted(variable))
                .map(|(name, variable)| self.declaration(name, variable, &arguments[0]))
                .collect();
            kernel.print(text);
            return Ok(Outcome::Status(0));
        }
        let mut status = 0;
        for argument in &arguments[at..] {
            let Some(name) = self.declare_one(kernel, argument)? else {
                status = 1;
                continue;
            };
            let variable = self.variables.entry(&name);
            if exports {
                variable.exported = !removes;
            } else {
                variable.readonly = true;
            }
        }
        Ok(Outcome::Status(status))
    }

    /// Carries out `name=value` or `name` and returns the name; none where it is no name, which is reported.
    fn declare_one(&mut self, kernel: &mut Kernel<'_>, argument: &str) -> Result<Option<Arc<str>>> {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument, None),
        };
        let (name, append) = match name.strip_suffix('+') {
            Some(name) if value.is_some() && self.flavor != Flavor::Dash => (name, true),
            _ => (name, false),
        };
        if !is_name(name) {
            if self.flavor == Flavor::Bash {
                self.complain(kernel, format!("`{argument}': not a valid identifier"));
                return Ok(None);
            }
            self.complain(kernel, format!("{name}: bad variable name"));
            return Err(Stop::Abort(2));
        }
        if let Some(value) = value {
            let value = match append {
                true => format!("{}{value}", self.variables.text(name).unwrap_or_default()),
                false => value.to_owned(),
            };
            let builtin = if self.flavor == Flavor::Bash { self.builtin.take() } else { None };
            let result = self.assign(kernel, name, &value);
            self.builtin = builtin.or(self.builtin.take());
            match result {
                Err(Stop::Abort(_)) if self.flavor == Flavor::Bash => return Ok(None),
                result => result?,
            }
        }
        Ok(Some(name.into()))
    }

    fn declaration(&self, name: &str, variable: &Variable, builtin: &str) -> String {
        if self.flavor != Flavor::Bash {
            return match variable.text() {
                Some(text) => format!("{builtin} {name}={}\n", quote(&text, self.flavor)),
                None => format!("{builtin} {name}\n"),
            };
        }
        let mut letters = String::new();
        if matches!(variable.value, Some(Value::Array(_))) {
            letters.push('a');
        }
        for (on, letter) in [(variable.integer, 'i'), (variable.readonly, 'r'), (variable.exported, 'x')] {
            if on {
                letters.push(letter);
            }
        }
        let letters = if letters.is_empty() { "-".to_owned() } else { letters };
        match &variable.value {
            None => format!("declare -{letters} {name}\n"),
            Some(Value::Text(text)) => format!("declare -{letters} {name}={}\n", double_quoted(text)),
            Some(Value::Array(items)) => {
                format!("declare -{letters} {name}={}\n", super::options::array_text(items))
            }
        }
    }

    pub(super) fn builtin_declare(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let (options, at) = self.options(
            kernel,
            arguments,
            "aAfFgiIlnrtuxp",
            "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]",
        )?;
        let has = |wanted: char| options.iter().any(|(letter, _)| *letter == wanted);
        if has('f') || has('F') {
            let names: Vec<String> =
                self.functions.keys().map(|name| format!("declare -f {name}\n")).collect();
            kernel.print(names.concat());
            return Ok(Outcome::Status(0));
        }
        if has('p') || at == arguments.len() {
            let mut status = 0;
            let mut text = String::new();
            if at == arguments.len() {
                text.extend(self.variables.iter().map(|(name, v)| self.declaration(name, v, "declare")));
            }
            for name in &arguments[at..] {
                match self.variables.get(name) {
                    Some(variable) => text.push_str(&self.declaration(name, variable, "declare")),
                    None => {
                        self.complain(kernel, format!("{name}: not found"));
                        status = 1;
                    }
                }
            }
            kernel.print(text);
            return Ok(Outcome::Status(status));
        }
        let mut status = 0;
        let in_function = self.frames.iter().any(|frame| matches!(frame, Frame::Call(_)));
        for argument in &arguments[at..] {
            let name = argument.split(['=', '+']).next().unwrap_or_default();
            if in_function && !has('g') && is_name(name) {
                self.make_local(name);
            }
            if has('i') && is_name(name) {
                self.variables.entry(name).integer = true;
            }
            let Some(name) = self.declare_one(kernel, argument)? else {
                status = 1;
                continue;
            };
            let variable = self.variables.entry(&name);
            variable.exported |= has('x');
            variable.readonly |= has('r');
            if has('a') && variable.value.is_none() {
                variable.value = Some(Value::Array(Default::default()));
            }
        }
        Ok(Outcome::Status(status))
    }

    pub(super) fn builtin_local(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        if !self.frames.iter().any(|frame| matches!(frame, Frame::Call(_))) {
            if self.flavor == Flavor::Bash {
                self.complain(kernel, "can only be used in a function");
                return Ok(Outcome::Status(1));
            }
            self.complain(kernel, "not in a function");
            return Ok(Outcome::Flow(self.abort(kernel, 2)));
        }
        let mut status = 0;
        let mut declared = false;
        for argument in &arguments[1..] {
            if argument.starts_with('-') && self.flavor == Flavor::Bash && !declared {
                continue;
            }
            declared = true;
            let name = argument.split(['=', '+']).next().unwrap_or_default();
            if is_name(name) {
                self.make_local(name);
            }
            if self.declare_one(kernel, argument)?.is_none() {
                status = 1;
            }
        }
        Ok(Outcome::Status(status))
    }

    /// Notes what a variable was, to be put back when the function ends. Its value stays for now in ash and dash, and
    /// is gone in bash.
    fn make_local(&mut self, name: &str) {
        let old = self.variables.get(name).cloned();
        let Some(Frame::Call(call)) =
            self.frames.iter_mut().rev().find(|frame| matches!(frame, Frame::Call(_)))
        else {
            return;
        };
        if call.locals.iter().any(|(local, _)| **local == *name) {
            return;
        }
        call.locals.push((name.into(), old));
        if self.flavor == Flavor::Bash {
            let exported = self.variables.get(name).is_some_and(|variable| variable.exported);
            self.variables.remove(name);
            self.variables.entry(name).exported = exported;
        }
    }

    pub(super) fn builtin_unset(
        &mut self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
    ) -> Result<Outcome> {
        let known = if self.flavor == Flavor::Bash { "fvn" } else { "fv" };
        let (options, at) = self.options(kernel, arguments, known, "unset [-f] [-v] [-n] [name ...]")?;
        let functions = options.iter().any(|(letter, _)| *letter == 'f');
        let variables = options.iter().any(|(letter, _)| *letter == 'v');
        let mut status = 0;
        for name in &arguments[at..] {
            if functions {
                self.functions.remove(name);
                continue;
            }
            if self.variables.get(name).is_some_and(|variable| variable.readonly) {
                if self.flavor == Flavor::Bash {
                    self.complain(kernel, format!("{name}: cannot unset: readonly variable"));
                    status = 1;
                    continue;
                }
                self.complain(kernel, format!("{name}: is read only"));
                return Err(Stop::Abort(2));
            }
            if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                let at = self.evaluate(kernel, index)?;
                if let Some(Value::Array(items)) = &mut self.variables.entry(array).value {
                    items.remove(&at);
                }
                continue;
            }
            let was_there = self.variables.remove(name).is_some();
            if !was_there && !variables && self.flavor == Flavor::Bash {
                self.functions.remove(name);
            }
        }
        Ok(Outcome::Status(status))
    }
}

/// A value as `declare -p` shows it.
pub(super) fn double_quoted(text: &str) -> String {
    if text.contains(|c: char| c.is_control()) {
        let mut out = String::from("$'");
        for c in text.chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\'' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
                c => out.push(c),
            }
        }
        return format!("{out}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if "\"\\$`".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
