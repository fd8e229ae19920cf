//! Assignments.

use std::sync::Arc;

use super::Shell;
use super::expand::Result;
use super::syntax::{Assignment, Value as Assigned};
use super::variables::Value;
use crate::container::kernel::Kernel;

/// A value that grows beyond this grows without end; bash runs out of memory then, too.
const LONGEST_VALUE: usize = 1 << 22;

impl Shell {
    /// Sets a variable, if it may be set.
    pub(super) fn assign(&mut self, kernel: &mut Kernel<'_>, name: &str, text: &str) -> Result<()> {
        let variable = self.variables.get(name);
        if variable.is_some_and(|variable| variable.readonly) {
            return Err(self.read_only(kernel, name));
        }
        if text.len() > LONGEST_VALUE {
            let why = format!("xrealloc: cannot allocate {} bytes", text.len());
            return Err(self.fail(kernel, &why, 2));
        }
        if variable.is_some_and(|variable| variable.integer) {
            let value = self.evaluate(kernel, text)?;
            self.variables.set(name, value.to_string());
        } else if matches!(variable.and_then(|v| v.value.as_ref()), Some(Value::Array(_))) {
            self.set_item(name, 0, text.into());
        } else {
            self.variables.set(name, text);
        }
        if self.options.allexport {
            self.variables.entry(name).exported = true;
        }
        if name == "OPTIND" {
            self.getopts = (text.parse().unwrap_or(1).max(1), 0);
        }
        Ok(())
    }

    /// Sets an item of an array.
    pub(super) fn set_item(&mut self, name: &str, at: i64, text: Arc<str>) {
        let variable = self.variables.entry(name);
        let mut items = match variable.value.take() {
            Some(Value::Array(items)) => items,
            Some(Value::Text(text)) => [(0, text)].into(),
            None => Default::default(),
        };
        items.insert(at, text);
        variable.value = Some(Value::Array(items));
    }

    /// Expands and carries out an assignment, and returns its text for `set -x`.
    pub(super) fn assign_from(
        &mut self,
        kernel: &mut Kernel<'_>,
        assignment: &Assignment,
    ) -> Result<Arc<str>> {
        let name = &assignment.name;
        match &assignment.value {
            Assigned::Word(word) => {
                let mut text = self.expand_text(kernel, word)?;
                if let Some(index) = &assignment.index {
                    let index = self.expand_text(kernel, index)?;
                    let at = self.evaluate(kernel, &index)?;
                    if self.variables.get(name).is_some_and(|variable| variable.readonly) {
                        return Err(self.read_only(kernel, name));
                    }
                    self.set_item(name, at, text.clone());
                    return Ok(text);
                }
                if assignment.append {
                    let integer = self.variables.get(name).is_some_and(|variable| variable.integer);
                    let old = self.variables.text(name).unwrap_or_default();
                    text = if integer { format!("{old}+{text}") } else { format!("{old}{text}") }.into();
                }
                self.assign(kernel, name, &text)?;
                Ok(text)
            }
            Assigned::Array(words) => {
                let words = self.expand_words(kernel, words)?;
                if self.variables.get(name).is_some_and(|variable| variable.readonly) {
                    return Err(self.read_only(kernel, name));
                }
                let variable = self.variables.entry(name);
                let mut items = match variable.value.take() {
                    Some(Value::Array(items)) if assignment.append => items,
                    Some(Value::Text(text)) if assignment.append => [(0, text)].into(),
                    _ => Default::default(),
                };
                let mut next = items.keys().last().map_or(0, |last| last + 1);
                for word in words {
                    let item = word.strip_prefix('[').and_then(|rest| rest.split_once("]="));
                    match item.and_then(|(index, text)| Some((super::arithmetic::number(index)?, text))) {
                        Some((at, text)) => {
                            items.insert(at, text.into());
                            next = at + 1;
                        }
                        None => {
                            items.insert(next, word);
                            next += 1;
                        }
                    }
                }
                variable.value = Some(Value::Array(items));
                Ok("(…)".into())
            }
        }
    }
}
