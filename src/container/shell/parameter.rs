//! `${…}`: values and what is done with them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::expand::{Fields, Mode, Result};
use super::interpreter::Frame;
use super::pattern::Pattern;
use super::syntax::{Index, Operation, Parameter, Word};
use super::variables::Value;
use super::{Flavor, Shell};
use crate::container::kernel::Kernel;

impl Shell {
    /// The value of a parameter that is one text; none where it is not set.
    pub(super) fn parameter_text(&self, kernel: &Kernel<'_>, name: &str) -> Option<Arc<str>> {
        if let Ok(number) = name.parse::<usize>() {
            return if number == 0 {
                Some(self.name.clone())
            } else {
                self.positional.get(number - 1).cloned()
            };
        }
        let bash = self.flavor == Flavor::Bash;
        let text: String = match name {
            "?" => self.status.to_string(),
            "$" => self.root.to_string(),
            "!" => self.last_background?.to_string(),
            "#" => self.positional.len().to_string(),
            "-" => self.option_letters(),
            "@" => self.positional.join(" "),
            "*" => {
                let separators = self.separators();
                self.positional.join(separators.chars().next().map(String::from).unwrap_or_default().as_str())
            }
            "_" if bash => return Some(self.last_argument.clone()),
            "FUNCNAME" if self.flavor != Flavor::Dash => {
                return self.frames.iter().rev().find_map(|frame| match frame {
                    Frame::Call(call) => Some(call.name.clone()),
                    _ => None,
                });
            }
            "LINENO" if self.variables.get(name).is_none() => self.line.to_string(),
            "SECONDS" if bash && self.variables.get(name).is_none() => {
                kernel.now().since(self.started).as_secs().to_string()
            }
            "EPOCHSECONDS" if bash => kernel.date().0.to_string(),
            "PIPESTATUS" if bash => self.pipe_status.first()?.to_string(),
            "BASHPID" if bash => kernel.pid().to_string(),
            "UID" | "EUID" if bash => kernel.credentials().uid.to_string(),
            name => return self.variables.text(name),
        };
        Some(text.into())
    }

    pub(super) fn all_values(&self, kernel: &Kernel<'_>, parameter: &Parameter) -> Vec<Arc<str>> {
        if &*parameter.name == "@" || &*parameter.name == "*" {
            return self.positional.to_vec();
        }
        if &*parameter.name == "PIPESTATUS" && self.flavor == Flavor::Bash {
            return self.pipe_status.iter().map(|code| code.to_string().into()).collect();
        }
        match self.variables.get(&parameter.name).and_then(|variable| variable.value.as_ref()) {
            Some(Value::Array(items)) => items.values().cloned().collect(),
            _ => self.parameter_text(kernel, &parameter.name).into_iter().collect(),
        }
    }

    pub(super) fn expand_parameter(
        &mut self,
        kernel: &mut Kernel<'_>,
        parameter: &Parameter,
        quoted: bool,
        mode: Mode,
        fields: &mut Fields,
    ) -> Result<()> {
        if let Operation::Bad(text) = &parameter.operation {
            let text = text.clone();
            return Err(self.bad_substitution(kernel, &text));
        }
        let all = is_all(parameter) || &*parameter.name == "*" || parameter.index == Some(Index::Joined);
        if parameter.indirect {
            return self.expand_indirect(kernel, parameter, quoted, mode, fields);
        }
        let values: Option<Vec<Arc<str>>> = if all {
            Some(self.all_values(kernel, parameter))
        } else {
            self.single_value(kernel, parameter)?.map(|text| vec![text])
        };
        match &parameter.operation {
            Operation::Length => {
                let length = match (&values, all) {
                    (Some(values), true) => values.len(),
                    (Some(values), false) => values[0].chars().count(),
                    (None, _) => {
                        self.check_set(kernel, parameter)?;
                        0
                    }
                };
                self.push_value(&length.to_string(), quoted, mode, fields);
            }
            Operation::Instead { operator, colon, word } => {
                let empty = values.as_ref().is_none_or(|values| {
                    if all {
                        values.is_empty() || (*colon && values.iter().all(|v| v.is_empty()))
                    } else {
                        *colon && values[0].is_empty()
                    }
                });
                match (operator, empty) {
                    ('+', false) => self.expand_parts(kernel, &word.parts, quoted, mode, fields)?,
                    ('+', true) => {}
                    ('-', true) => self.expand_parts(kernel, &word.parts, quoted, mode, fields)?,
                    ('=', true) => {
                        let text = self.expand_text(kernel, word)?;
                        if !super::parser::is_name(&parameter.name) {
                            return Err(self.bad_substitution(
                                kernel,
                                &format!("${}: cannot assign in this way", parameter.name),
                            ));
                        }
                        self.assign(kernel, &parameter.name, &text)?;
                        self.push_value(&text, quoted, mode, fields);
                    }
                    ('?', true) => {
                        let text = self.expand_text(kernel, word)?;
                        return Err(self.not_set(kernel, &parameter.name, &text, *colon, false));
                    }
                    _ => self.push_values(parameter, values.unwrap_or_default(), all, quoted, mode, fields),
                }
            }
            operation => {
                let Some(values) = values else { return self.check_set(kernel, parameter) };
                let mut changed = Vec::with_capacity(values.len());
                if let (Operation::Substring { offset, length }, true) = (operation, all) {
                    changed = self.slice(kernel, parameter, values, offset, length.as_ref())?;
                } else {
                    for value in values {
                        changed.push(self.operate(kernel, &value, operation)?);
                    }
                }
                self.push_values(parameter, changed, all, quoted, mode, fields);
            }
        }
        Ok(())
    }

    /// An unset parameter: an error with `set -u`, else nothing.
    pub(super) fn check_set(&mut self, kernel: &mut Kernel<'_>, parameter: &Parameter) -> Result<()> {
        if self.options.nounset && &*parameter.name != "@" && &*parameter.name != "*" {
            return Err(self.not_set(kernel, &parameter.name, "", false, true));
        }
        Ok(())
    }

    pub(super) fn single_value(
        &mut self,
        kernel: &mut Kernel<'_>,
        parameter: &Parameter,
    ) -> Result<Option<Arc<str>>> {
        if &*parameter.name == "RANDOM"
            && self.flavor != Flavor::Dash
            && self.variables.get("RANDOM").is_none()
        {
            return Ok(Some(kernel.random().below(32_768).to_string().into()));
        }
        let Some(Index::At(word)) = &parameter.index else {
            return Ok(self.parameter_text(kernel, &parameter.name));
        };
        let expression = self.expand_text(kernel, word)?;
        let mut at = self.evaluate(kernel, &expression)?;
        if &*parameter.name == "PIPESTATUS" && self.flavor == Flavor::Bash {
            let code = usize::try_from(at).ok().and_then(|at| self.pipe_status.get(at));
            return Ok(code.map(|code| code.to_string().into()));
        }
        match self.variables.get(&parameter.name).and_then(|variable| variable.value.as_ref()) {
            Some(Value::Array(items)) => {
                if at < 0 {
                    at += items.keys().last().map_or(0, |last| last + 1);
                }
                Ok(items.get(&at).cloned())
            }
            Some(Value::Text(text)) => Ok((at == 0).then(|| text.clone())),
            None => Ok(None),
        }
    }

    pub(super) fn expand_indirect(
        &mut self,
        kernel: &mut Kernel<'_>,
        parameter: &Parameter,
        quoted: bool,
        mode: Mode,
        fields: &mut Fields,
    ) -> Result<()> {
        if is_all(parameter) || parameter.index == Some(Index::Joined) {
            // The indexes of an array.
            let keys: Vec<Arc<str>> = match self.variables.get(&parameter.name).and_then(|v| v.value.as_ref())
            {
                Some(Value::Array(items)) => items.keys().map(|key| key.to_string().into()).collect(),
                Some(Value::Text(_)) => vec!["0".into()],
                None => Vec::new(),
            };
            self.push_values(parameter, keys, true, quoted, mode, fields);
            return Ok(());
        }
        let Some(name) = self.parameter_text(kernel, &parameter.name) else {
            return self.check_set(kernel, parameter);
        };
        let target = Parameter { name, index: None, indirect: false, operation: parameter.operation.clone() };
        self.expand_parameter(kernel, &target, quoted, mode, fields)
    }

    pub(super) fn push_values(
        &self,
        parameter: &Parameter,
        values: Vec<Arc<str>>,
        all: bool,
        quoted: bool,
        mode: Mode,
        fields: &mut Fields,
    ) {
        let joined = &*parameter.name == "*" || parameter.index == Some(Index::Joined);
        if all && quoted && joined {
            let separators = self.separators();
            let separator = separators.chars().next().map(String::from).unwrap_or_default();
            fields.push(&values.join(separator.as_str()), true);
            return;
        }
        for (at, value) in values.iter().enumerate() {
            if at > 0 && (quoted || fields.current.is_some()) {
                fields.end_field();
            }
            self.push_value(value, quoted, mode, fields);
        }
    }

    /// `${@:offset:length}` and the same of arrays.
    pub(super) fn slice(
        &mut self,
        kernel: &mut Kernel<'_>,
        parameter: &Parameter,
        mut values: Vec<Arc<str>>,
        offset: &Word,
        length: Option<&Word>,
    ) -> Result<Vec<Arc<str>>> {
        if &*parameter.name == "@" || &*parameter.name == "*" {
            values.insert(0, self.name.clone());
        } else if let Some(Value::Array(items)) =
            self.variables.get(&parameter.name).and_then(|variable| variable.value.as_ref())
        {
            // The offset is an index, and some may be missing.
            let (keys, after) =
                (items.keys().copied().collect::<Vec<_>>(), items.keys().last().map_or(0, |last| last + 1));
            let text = self.expand_text(kernel, offset)?;
            let first = self.evaluate(kernel, &text)?;
            let first = if first < 0 { after + first } else { first };
            let from = keys.iter().position(|key| *key >= first).unwrap_or(keys.len());
            let rest = values.split_off(from.min(values.len()));
            let (_, to) = self.span(kernel, rest.len(), &Word::literal("0"), length)?;
            return Ok(rest[..to].to_vec());
        }
        let (from, to) = self.span(kernel, values.len(), offset, length)?;
        Ok(values[from..to].to_vec())
    }

    pub(super) fn span(
        &mut self,
        kernel: &mut Kernel<'_>,
        count: usize,
        offset: &Word,
        length: Option<&Word>,
    ) -> Result<(usize, usize)> {
        let count = count as i64;
        let text = self.expand_text(kernel, offset)?;
        let offset = self.evaluate(kernel, &text)?;
        let from = if offset < 0 { count.saturating_add(offset) } else { offset };
        if from < 0 || from > count {
            return Ok((0, 0));
        }
        let mut to = count;
        if let Some(length) = length {
            let text = self.expand_text(kernel, length)?;
            let length = self.evaluate(kernel, &text)?;
            to = if length < 0 { count.saturating_add(length) } else { from.saturating_add(length) };
            to = to.clamp(from, count);
        }
        Ok((from as usize, to as usize))
    }

    pub(super) fn operate(
        &mut self,
        kernel: &mut Kernel<'_>,
        value: &Arc<str>,
        operation: &Operation,
    ) -> Result<Arc<str>> {
        let chars: Vec<char> = value.chars().collect();
        let text = match operation {
            Operation::Trim { suffix, longest, pattern } => {
                let pattern = Pattern::new(&self.expand_pattern(kernel, pattern)?);
                let cut = |at: usize| {
                    let (part, rest) =
                        if *suffix { (&chars[at..], &chars[..at]) } else { (&chars[..at], &chars[at..]) };
                    pattern.matches_chars(part).then(|| rest.iter().collect::<String>())
                };
                // The shortest prefix and the longest suffix begin to be tried at the start of the text.
                let mut cuts: VecDeque<usize> = (0..=chars.len()).collect();
                if *suffix != *longest {
                    cuts = cuts.into_iter().rev().collect();
                }
                cuts.into_iter().find_map(cut).unwrap_or_else(|| value.to_string())
            }
            Operation::Replace { pattern, with, all, anchor } => {
                let pattern = Pattern::new(&self.expand_pattern(kernel, pattern)?);
                let with = self.expand_text(kernel, with)?;
                replace(&chars, &pattern, &with, *all, *anchor)
            }
            Operation::Substring { offset, length } => {
                let (from, to) = self.span(kernel, chars.len(), offset, length.as_ref())?;
                chars[from..to].iter().collect()
            }
            Operation::Case { upper, all } => {
                let change = |c: &char| {
                    if *upper { c.to_uppercase().collect::<String>() } else { c.to_lowercase().collect() }
                };
                let changed = if *all { chars.len() } else { 1.min(chars.len()) };
                chars[..changed]
                    .iter()
                    .map(change)
                    .chain(chars[changed..].iter().map(char::to_string))
                    .collect()
            }
            Operation::Transform('Q') => format!("'{}'", value.replace('\'', "'\\''")),
            Operation::Transform('U') => value.to_uppercase(),
            Operation::Transform('L') => value.to_lowercase(),
            Operation::Transform(_) => {
                let mut rest = chars.iter();
                rest.next().map_or_else(String::new, |c| c.to_uppercase().chain(rest.copied()).collect())
            }
            _ => return Ok(value.clone()),
        };
        Ok(text.into())
    }
}

pub(super) fn is_all(parameter: &Parameter) -> bool {
    &*parameter.name == "@" || parameter.index == Some(Index::All)
}

fn replace(chars: &[char], pattern: &Pattern, with: &str, all: bool, anchor: Option<char>) -> String {
    let mut out = String::new();
    let mut at = 0;
    let mut done = false;
    while at <= chars.len() {
        let free = !done || all;
        let here = free && (anchor != Some('#') || at == 0);
        let end = here
            .then(|| {
                (at..=chars.len()).rev().find(|end| {
                    (*end > at || anchor.is_some())
                        && (anchor != Some('%') || *end == chars.len())
                        && pattern.matches_chars(&chars[at..*end])
                })
            })
            .flatten();
        match end {
            Some(end) => {
                out.push_str(with);
                done = true;
                if end == at {
                    out.extend(chars.get(at));
                    at += 1;
                } else {
                    at = end;
                }
            }
            None => {
                out.extend(chars.get(at));
                at += 1;
            }
        }
    }
    out
}
