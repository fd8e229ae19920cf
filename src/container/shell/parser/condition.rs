//! `[[ … ]]`

use std::sync::Arc;

use super::Parser;
use crate::container::shell::lexer::{Kind, Result};
use crate::container::shell::syntax::{Condition, Word};

impl Parser<'_, '_> {
    pub(super) fn condition_or(&mut self) -> Result<Condition> {
        let left = self.condition_and()?;
        self.skip_newlines()?;
        if self.take_if("||")? {
            self.skip_newlines()?;
            return Ok(Condition::Or(Box::new(left), Box::new(self.condition_or()?)));
        }
        Ok(left)
    }

    fn condition_and(&mut self) -> Result<Condition> {
        let left = self.condition_not()?;
        self.skip_newlines()?;
        if self.take_if("&&")? {
            self.skip_newlines()?;
            return Ok(Condition::And(Box::new(left), Box::new(self.condition_and()?)));
        }
        Ok(left)
    }

    fn condition_not(&mut self) -> Result<Condition> {
        self.lexer.deeper()?;
        self.skip_newlines()?;
        let condition = if self.take_if("!")? {
            Condition::Not(Box::new(self.condition_not()?))
        } else if self.take_if("(")? {
            let inside = self.condition_or()?;
            if !self.take_if(")")? {
                return self.unexpected(None);
            }
            inside
        } else {
            self.condition_word()?
        };
        self.lexer.depth -= 1;
        Ok(condition)
    }

    fn condition_operand(&mut self) -> Result<Word> {
        let Kind::Word(_) = self.peek()?.kind else { return self.unexpected(None) };
        match self.next()?.kind {
            Kind::Word(word) => Ok(word),
            _ => unreachable!("just looked"),
        }
    }

    fn condition_word(&mut self) -> Result<Condition> {
        if self.is("]]")? {
            return self.unexpected(None);
        }
        let first = self.condition_operand()?;
        if let Some(operator) = first.as_literal()
            && operator.len() == 2
            && operator.starts_with('-')
            && matches!(self.peek()?.kind, Kind::Word(_))
            && !self.is("]]")?
        {
            let operator: Arc<str> = operator.into();
            return Ok(Condition::Unary(operator, self.condition_operand()?));
        }
        let operator: Arc<str> = match &self.peek()?.kind {
            Kind::Operator(operator @ ("<" | ">")) => (*operator).into(),
            Kind::Word(word) => match word.as_literal() {
                Some(
                    word @ ("=" | "==" | "!=" | "=~" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt"
                    | "-ot" | "-ef"),
                ) => word.into(),
                Some("]]") => return Ok(Condition::Unary("-n".into(), first)),
                _ => return self.unexpected(None),
            },
            _ => return Ok(Condition::Unary("-n".into(), first)),
        };
        self.peeked = None;
        let second = if &*operator == "=~" {
            // A regular expression has parentheses and bars of its own.
            self.lexer.skip_spaces();
            self.lexer.word_until(|c| " \t\n".contains(c))?
        } else {
            self.condition_operand()?
        };
        Ok(Condition::Binary(first, operator, second))
    }
}
