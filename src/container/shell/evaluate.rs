//! Arithmetic on a shell's variables.

use std::sync::Arc;

use super::arithmetic;
use super::expand::Result;
use super::syntax::{Part, Word};
use super::variables::Value;
use super::{Flavor, Shell};
use crate::container::kernel::Kernel;

impl Shell {
    pub(super) fn expand_arithmetic(&mut self, kernel: &mut Kernel<'_>, parts: &[Part]) -> Result<i64> {
        let word = Word { parts: vec![Part::Double(parts.to_vec())] };
        let text = self.expand_text(kernel, &word)?;
        self.evaluate(kernel, &text)
    }

    /// The value of an arithmetic expression; a failure is reported.
    pub(super) fn evaluate(&mut self, kernel: &mut Kernel<'_>, text: &str) -> Result<i64> {
        let mut scope = Scope { shell: self, kernel };
        match arithmetic::evaluate(text, &mut scope) {
            Ok(value) => Ok(value),
            Err(error) => Err(self.bad_arithmetic(kernel, text, error)),
        }
    }
}

struct Scope<'s, 'k, 'a> {
    shell: &'s mut Shell,
    kernel: &'k mut Kernel<'a>,
}

impl Scope<'_, '_, '_> {
    /// The name and index of `name[index]`.
    pub(super) fn item<'n>(&mut self, name: &'n str) -> std::result::Result<(&'n str, Option<i64>), String> {
        let Some((name, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
            return Ok((name, None));
        };
        let index = arithmetic::evaluate(index, self).map_err(|_| "bad array subscript".to_owned())?;
        Ok((name, Some(index)))
    }
}

impl arithmetic::Scope for Scope<'_, '_, '_> {
    fn read(&mut self, name: &str) -> std::result::Result<Option<Arc<str>>, String> {
        let (name, index) = self.item(name)?;
        if let Some(at) = index
            && let Some(Value::Array(items)) = self.shell.variables.get(name).and_then(|v| v.value.as_ref())
        {
            return Ok(items.get(&at).cloned());
        }
        if name == "RANDOM" && self.shell.flavor != Flavor::Dash {
            return Ok(Some(self.kernel.random().below(32_768).to_string().into()));
        }
        let text = self.shell.parameter_text(self.kernel, name);
        if text.is_none() && self.shell.options.nounset {
            return Err(match self.shell.flavor {
                Flavor::Bash => format!("{name}: unbound variable"),
                _ => format!("{name}: parameter not set"),
            });
        }
        Ok(text)
    }

    fn assign(&mut self, name: &str, value: i64) -> std::result::Result<(), String> {
        let (name, index) = self.item(name)?;
        let read_only = self.shell.variables.get(name).is_some_and(|variable| variable.readonly);
        if read_only {
            return Err(match self.shell.flavor {
                Flavor::Bash => format!("{name}: readonly variable"),
                _ => format!("{name}: is read only"),
            });
        }
        match index {
            Some(at) => self.shell.set_item(name, at, value.to_string().into()),
            None => self.shell.variables.set(name, value.to_string()),
        }
        Ok(())
    }

    fn extended(&self) -> bool {
        self.shell.flavor != Flavor::Dash
    }
}
