//! `test` and `[`

use std::cmp::Ordering;
use std::sync::Arc;

use super::Flavor;
use super::options::Named;
use crate::container::kernel::Kernel;
use crate::container::regex::Regex;
use crate::container::shell::pattern::Pattern;
use crate::container::tree::Kind;

/// In whose words errors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// BusyBox's applet and ash's builtin.
    BusyBox,
    /// dash's builtin.
    Dash,
    /// bash's builtin.
    Bash,
    /// The program of coreutils.
    Coreutils,
}

type Result<T> = std::result::Result<T, String>;

/// Runs `test …` or `[ … ]` with its whole command line.
///
/// # Errors
/// In the words of the shell, without its name, but with `[: ` where that shell says so.
pub fn run(kernel: &mut Kernel<'_>, argv: &[Arc<str>], words: Words) -> Result<bool> {
    let name = argv.first().cloned().unwrap_or_default();
    let mut arguments: Vec<&str> = argv[1..].iter().map(|argument| &**argument).collect();
    let closing = match &*name {
        "[" => Some("]"),
        "[[" => Some("]]"),
        _ => None,
    };
    if let Some(closing) = closing
        && arguments.pop() != Some(closing)
    {
        return Err(match words {
            Words::Bash => format!("missing `{closing}'"),
            Words::Coreutils => format!("missing \u{2018}{closing}\u{2019}"),
            _ => format!("missing {closing}"),
        });
    }
    let mut expression = Expression { kernel, arguments: &arguments, at: 0, words, double: &*name == "[[" };
    expression.all()
}

struct Expression<'e, 'k, 'a> {
    kernel: &'k mut Kernel<'a>,
    arguments: &'e [&'e str],
    at: usize,
    words: Words,
    double: bool,
}

const BINARY: [&str; 14] =
    ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];
const UNARY: &str = "bcdefghkLnOGprsStuwxz";

fn is_unary(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(|c| UNARY.contains(c)) && chars.next().is_none()
}

impl Expression<'_, '_, '_> {
    fn all(&mut self) -> Result<bool> {
        // POSIX: up to four arguments the count decides, before any precedence.
        match *self.arguments {
            [] => return Ok(false),
            [one] => return Ok(!one.is_empty()),
            ["!", one] => return Ok(one.is_empty()),
            [operator, operand] => {
                return if is_unary(operator) {
                    self.unary(operator, operand)
                } else {
                    Err(self.two(operator, operand))
                };
            }
            [left, operator, right] if BINARY.contains(&operator) || self.is_regex(operator) => {
                return self.binary(left, operator, right);
            }
            ["!", operator, operand] if is_unary(operator) => {
                return self.unary(operator, operand).map(|b| !b);
            }
            ["(", one, ")"] => return Ok(!one.is_empty()),
            ["!", left, operator, right] if BINARY.contains(&operator) => {
                return self.binary(left, operator, right).map(|b| !b);
            }
            _ => {}
        }
        let value = self.or()?;
        match self.arguments.get(self.at) {
            None => Ok(value),
            Some(extra) => Err(match self.words {
                Words::Bash if self.arguments.len() == 3 => {
                    format!("{}: binary operator expected", self.arguments[1])
                }
                Words::Bash => "too many arguments".to_owned(),
                Words::BusyBox => format!("{extra}: unknown operand"),
                Words::Dash => format!("{extra}: unexpected operator"),
                Words::Coreutils => format!("extra argument \u{2018}{extra}\u{2019}"),
            }),
        }
    }

    fn is_regex(&self, operator: &str) -> bool {
        self.double && operator == "=~"
    }

    /// Two arguments that are no test.
    fn two(&self, first: &str, second: &str) -> String {
        match self.words {
            Words::Bash => format!("{first}: unary operator expected"),
            Words::Dash if BINARY.contains(&second) => format!("{second}: argument expected"),
            Words::BusyBox if BINARY.contains(&second) => format!("{second}: argument expected"),
            Words::Dash => format!("{first}: unexpected operator"),
            Words::BusyBox => format!("{second}: unknown operand"),
            Words::Coreutils => format!("\u{2018}{first}\u{2019}: unary operator expected"),
        }
    }

    fn next_is(&mut self, texts: &[&str]) -> bool {
        let found = self.arguments.get(self.at).is_some_and(|argument| texts.contains(argument));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<bool> {
        let mut value = self.and()?;
        while self.next_is(&["-o"]) {
            let right = self.and()?;
            value |= right;
        }
        Ok(value)
    }

    fn and(&mut self) -> Result<bool> {
        let mut value = self.not()?;
        while self.next_is(&["-a"]) {
            let right = self.not()?;
            value &= right;
        }
        Ok(value)
    }

    fn not(&mut self) -> Result<bool> {
        let mut negated = false;
        while self.arguments.len() > self.at + 1 && self.next_is(&["!"]) {
            negated = !negated;
        }
        Ok(self.primary()? != negated)
    }

    fn primary(&mut self) -> Result<bool> {
        let Some(first) = self.arguments.get(self.at).copied() else {
            return Err(match self.words {
                Words::Coreutils => {
                    format!("missing argument after \u{2018}{}\u{2019}", self.arguments.last().unwrap_or(&""))
                }
                _ => "argument expected".to_owned(),
            });
        };
        self.at += 1;
        let second = self.arguments.get(self.at).copied();
        if let (Some(operator), Some(right)) = (second, self.arguments.get(self.at + 1).copied())
            && BINARY.contains(&operator)
        {
            self.at += 2;
            return self.binary(first, operator, right);
        }
        if first == "(" {
            let value = self.or()?;
            if !self.next_is(&[")"]) {
                return Err(match self.words {
                    Words::Bash => "`)' expected".to_owned(),
                    _ => "closing paren expected".to_owned(),
                });
            }
            return Ok(value);
        }
        if is_unary(first)
            && let Some(operand) = second
        {
            self.at += 1;
            return self.unary(first, operand);
        }
        Ok(!first.is_empty())
    }

    fn unary(&mut self, operator: &str, operand: &str) -> Result<bool> {
        Ok(unary(self.kernel, operator, operand).unwrap_or(false))
    }

    fn integer(&self, text: &str) -> Result<i64> {
        text.trim().parse().map_err(|_| match self.words {
            Words::Bash => format!("{text}: integer expression expected"),
            Words::Dash => format!("Illegal number: {text}"),
            Words::BusyBox => format!("{text}: bad number"),
            Words::Coreutils => format!("invalid integer \u{2018}{text}\u{2019}"),
        })
    }

    fn binary(&mut self, left: &str, operator: &str, right: &str) -> Result<bool> {
        if self.double && matches!(operator, "=" | "==" | "!=") {
            // BusyBox's `[[` takes what is at the right as a pattern.
            return Ok(Pattern::new(right).matches(left) == (operator != "!="));
        }
        if self.is_regex(operator) {
            return Ok(Regex::extended(right, false).is_ok_and(|regex| regex.is_match(left)));
        }
        if operator.starts_with('-') && !["-nt", "-ot", "-ef"].contains(&operator) {
            let (left, right) = (self.integer(left)?, self.integer(right)?);
            return Ok(compare(operator, left.cmp(&right)));
        }
        Ok(binary(self.kernel, left, operator, right).unwrap_or(false))
    }
}

/// Whether an ordering is what `-eq`, `-lt`, … ask for.
pub fn compare(operator: &str, ordering: Ordering) -> bool {
    match operator {
        "-eq" => ordering.is_eq(),
        "-ne" => ordering.is_ne(),
        "-lt" => ordering.is_lt(),
        "-le" => ordering.is_le(),
        "-gt" => ordering.is_gt(),
        _ => ordering.is_ge(),
    }
}

/// A test of one operand; none where there is no such test.
pub fn unary(kernel: &mut Kernel<'_>, operator: &str, operand: &str) -> Option<bool> {
    let letter = operator.strip_prefix('-')?.chars().next()?;
    let who = kernel.credentials();
    if letter == 't' {
        return Some(operand.parse().is_ok_and(|fd| kernel.is_terminal(fd)));
    }
    let view = kernel.files();
    let stat = view.stat(operand);
    let kind = |wanted: Kind| stat.as_ref().is_ok_and(|stat| stat.kind == wanted);
    Some(match letter {
        'n' => !operand.is_empty(),
        'z' => operand.is_empty(),
        'e' | 'a' => stat.is_ok(),
        'f' => kind(Kind::File),
        'd' => kind(Kind::Directory),
        'c' => kind(Kind::Device),
        'S' => kind(Kind::Socket),
        'p' => kind(Kind::Pipe),
        'b' => false,
        'h' | 'L' => view.lstat(operand).is_ok_and(|stat| stat.kind == Kind::Symlink),
        's' => stat.is_ok_and(|stat| stat.size > 0),
        'r' => view.access(operand, 4).is_ok(),
        'w' => view.access(operand, 2).is_ok(),
        'x' => view.access(operand, 1).is_ok(),
        'u' => stat.is_ok_and(|stat| stat.mode & 0o4000 != 0),
        'g' => stat.is_ok_and(|stat| stat.mode & 0o2000 != 0),
        'k' => stat.is_ok_and(|stat| stat.mode & 0o1000 != 0),
        'O' => stat.is_ok_and(|stat| stat.uid == who.uid),
        'G' => stat.is_ok_and(|stat| stat.gid == who.gid),
        _ => return None,
    })
}

/// A test of two operands that are no numbers; none where there is no such test.
pub fn binary(kernel: &mut Kernel<'_>, left: &str, operator: &str, right: &str) -> Option<bool> {
    let view = kernel.files();
    let newer = |a: &str, b: &str| match (view.stat(a), view.stat(b)) {
        (Ok(a), Ok(b)) => a.modified > b.modified,
        (Ok(_), Err(_)) => true,
        _ => false,
    };
    Some(match operator {
        "=" | "==" => left == right,
        "!=" => left != right,
        "<" => left < right,
        ">" => left > right,
        "-nt" => newer(left, right),
        "-ot" => newer(right, left),
        "-ef" => view
            .locate(left)
            .is_ok_and(|a| view.locate(right).is_ok_and(|b| (a.store, a.ino) == (b.store, b.ino))),
        _ => return None,
    })
}

pub(super) fn program(kernel: &mut Kernel<'_>, tool: Named) -> u8 {
    let flavor = tool.flavor;
    let argv = kernel.argv();
    let words = if flavor == Flavor::Gnu { Words::Coreutils } else { Words::BusyBox };
    let mut own = argv.to_vec();
    let name: Arc<str> =
        argv.first().map_or("test", |path| path.rsplit('/').next().unwrap_or_default()).into();
    own[0] = name.clone();
    match run(kernel, &own, words) {
        Ok(holds) => u8::from(!holds),
        Err(text) => {
            kernel.complain(format!("{name}: {text}\n"));
            2
        }
    }
}
