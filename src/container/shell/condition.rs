//! `[[ … ]]`

use super::Shell;
use super::expand::{Result, Stop};
use super::pattern::Pattern;
use super::syntax::Condition;
use crate::container::commands::test;
use crate::container::kernel::Kernel;
use crate::container::regex::Regex;

impl Shell {
    /// Whether a condition holds.
    pub(super) fn holds(&mut self, kernel: &mut Kernel<'_>, condition: &Condition) -> Result<bool> {
        Ok(match condition {
            Condition::Or(left, right) => self.holds(kernel, left)? || self.holds(kernel, right)?,
            Condition::And(left, right) => self.holds(kernel, left)? && self.holds(kernel, right)?,
            Condition::Not(inside) => !self.holds(kernel, inside)?,
            Condition::Unary(operator, word) => {
                let text = self.expand_text(kernel, word)?;
                match &**operator {
                    "-v" => self.parameter_text(kernel, &text).is_some(),
                    "-o" => self.option_list().iter().any(|(name, on)| **name == *text && *on),
                    operator => test::unary(kernel, operator, &text).unwrap_or(false),
                }
            }
            Condition::Binary(left, operator, right) => {
                let text = self.expand_text(kernel, left)?;
                match &**operator {
                    "=" | "==" => Pattern::new(&self.expand_pattern(kernel, right)?).matches(&text),
                    "!=" => !Pattern::new(&self.expand_pattern(kernel, right)?).matches(&text),
                    "=~" => self.matches_regex(kernel, &text, right)?,
                    operator @ ("-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge") => {
                        let right = self.expand_text(kernel, right)?;
                        let (a, b) = (self.evaluate(kernel, &text)?, self.evaluate(kernel, &right)?);
                        test::compare(operator, a.cmp(&b))
                    }
                    operator => {
                        let right = self.expand_text(kernel, right)?;
                        test::binary(kernel, &text, operator, &right).unwrap_or(false)
                    }
                }
            }
        })
    }

    fn matches_regex(
        &mut self,
        kernel: &mut Kernel<'_>,
        text: &str,
        word: &super::syntax::Word,
    ) -> Result<bool> {
        // What is quoted stands for itself.
        let field = self.expand_field(kernel, word)?;
        let pattern: String = field
            .iter()
            .map(|(text, quoted)| if *quoted { Regex::escape(text) } else { text.clone() })
            .collect();
        let Ok(regex) = Regex::extended(&pattern, false) else { return Err(Stop::Abort(2)) };
        let found = regex.captures(text);
        let groups = found.iter().flatten().map(|group| group.unwrap_or_default().into());
        let items = (0..).zip(groups).collect();
        self.variables.entry("BASH_REMATCH").value = Some(super::Value::Array(items));
        Ok(found.is_some())
    }
}
