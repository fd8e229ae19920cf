//! `expr`

use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::regex::Regex;

pub(super) fn run(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let argv = kernel.argv();
    let words = &argv[1..];
    if words.is_empty() {
        return match tool.flavor {
            Flavor::Gnu => {
                tool.missing_operand(kernel);
                2
            }
            Flavor::BusyBox => {
                tool.say(kernel, "too few arguments");
                2
            }
        };
    }
    let mut parser = Parser { words, at: 0, depth: 0, flavor: tool.flavor };
    let result = parser.level(0).and_then(|value| match words.get(parser.at) {
        None => Ok(value),
        Some(extra) => Err(match tool.flavor {
            Flavor::Gnu => format!("syntax error: unexpected argument \u{2018}{extra}\u{2019}"),
            Flavor::BusyBox => "syntax error".to_owned(),
        }),
    });
    match result {
        Ok(value) => {
            kernel.print(format!("{value}\n"));
            u8::from(value.is_empty() || value.trim_start_matches('-').chars().all(|c| c == '0'))
        }
        Err(text) => {
            tool.say(kernel, text);
            2
        }
    }
}

struct Parser<'w> {
    words: &'w [Arc<str>],
    at: usize,
    depth: u32,
    flavor: Flavor,
}

const LEVELS: [&[&str]; 6] =
    [&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

fn is_null(value: &str) -> bool {
    value.is_empty() || value == "0"
}

impl Parser<'_> {
    fn level(&mut self, level: usize) -> Result<String, String> {
        if level == LEVELS.len() {
            return self.primary();
        }
        let mut left = self.level(level + 1)?;
        while let Some(operator) =
            self.words.get(self.at).filter(|word| LEVELS[level].contains(&&***word)).cloned()
        {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = self.apply(&left, &operator, &right)?;
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > 200 {
            return Err("syntax error".to_owned());
        }
        let Some(word) = self.words.get(self.at).cloned() else {
            let last = self.words.last().cloned().unwrap_or_default();
            return Err(match self.flavor {
                Flavor::Gnu => format!("syntax error: missing argument after \u{2018}{last}\u{2019}"),
                Flavor::BusyBox => "syntax error".to_owned(),
            });
        };
        self.at += 1;
        let value = match &*word {
            "(" => {
                let value = self.level(0)?;
                if self.words.get(self.at).is_none_or(|word| &**word != ")") {
                    return Err(match self.flavor {
                        Flavor::Gnu => {
                            "syntax error: expecting ')' after \u{2018}".to_owned() + &value + "\u{2019}"
                        }
                        Flavor::BusyBox => "syntax error".to_owned(),
                    });
                }
                self.at += 1;
                value
            }
            "length" if self.at < self.words.len() => self.primary()?.chars().count().to_string(),
            "match" if self.at + 1 < self.words.len() => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                matched(&text, &pattern)?
            }
            "substr" if self.at + 2 < self.words.len() => {
                let (text, from, count) = (self.primary()?, self.primary()?, self.primary()?);
                let (from, count): (i64, i64) = (from.parse().unwrap_or(0), count.parse().unwrap_or(0));
                match from > 0 && count > 0 {
                    true => text.chars().skip(from as usize - 1).take(count as usize).collect(),
                    false => String::new(),
                }
            }
            "index" if self.at + 1 < self.words.len() => {
                let (text, set) = (self.primary()?, self.primary()?);
                text.chars().position(|c| set.contains(c)).map_or(0, |at| at + 1).to_string()
            }
            "+" if self.at < self.words.len() => {
                self.at += 1;
                self.words[self.at - 1].to_string()
            }
            word => word.to_owned(),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn apply(&self, left: &str, operator: &str, right: &str) -> Result<String, String> {
        let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
        let truth = |holds: bool| Ok(u8::from(holds).to_string());
        match operator {
            "|" if !is_null(left) => Ok(left.to_owned()),
            "|" if !is_null(right) => Ok(right.to_owned()),
            "|" => Ok("0".to_owned()),
            "&" if is_null(left) || is_null(right) => Ok("0".to_owned()),
            "&" => Ok(left.to_owned()),
            ":" => matched(left, right),
            "+" | "-" | "*" | "/" | "%" => {
                let Some((a, b)) = numbers else {
                    let kind = if self.flavor == Flavor::Gnu { "integer" } else { "numeric" };
                    return Err(format!("non-{kind} argument"));
                };
                let value = match operator {
                    "+" => a.checked_add(b),
                    "-" => a.checked_sub(b),
                    "*" => a.checked_mul(b),
                    _ if b == 0 => return Err("division by zero".to_owned()),
                    "/" => a.checked_div(b),
                    _ => a.checked_rem(b),
                };
                value
                    .map(|value| value.to_string())
                    .ok_or_else(|| format!("{left}: Numerical result out of range"))
            }
            operator => {
                let ordering = match numbers {
                    Some((a, b)) => a.cmp(&b),
                    None => left.cmp(right),
                };
                truth(match operator {
                    "<" => ordering.is_lt(),
                    "<=" => ordering.is_le(),
                    "=" | "==" => ordering.is_eq(),
                    "!=" => ordering.is_ne(),
                    ">=" => ordering.is_ge(),
                    _ => ordering.is_gt(),
                })
            }
        }
    }
}

/// What the first group matched, or else how much matched at the start.
fn matched(text: &str, pattern: &str) -> Result<String, String> {
    let regex = Regex::basic(&format!("^{}", pattern.trim_start_matches('^')), false)?;
    let grouped = pattern.contains("\\(");
    Ok(match regex.captures(text) {
        Some(groups) if grouped => groups.get(1).copied().flatten().unwrap_or_default().to_owned(),
        Some(groups) => groups[0].unwrap_or_default().chars().count().to_string(),
        None if grouped => String::new(),
        None => "0".to_owned(),
    })
}
