//! What each shell says when something is wrong.

use std::sync::Arc;

use super::arithmetic;
use super::expand::Stop;
use super::interpreter::{Frame, ScriptKind};
use super::lexer::{Found, SyntaxError, SyntaxErrorKind};
use super::{Flavor, Shell, Source};
use crate::container::errno::Errno;
use crate::container::kernel::Kernel;

impl Shell {
    /// What stands before a message: the shell's name and the line, each shell in its own way.
    fn prefix(&self) -> String {
        let script = self.options.command || self.options.standard_input;
        let builtin = self.builtin.clone().or_else(|| self.in_eval().then(|| "eval".into()));
        let builtin = builtin.map(|name| format!("{name}: "));
        match self.flavor {
            Flavor::Dash => format!("{}: {}: {}", self.name, self.line, builtin.unwrap_or_default()),
            Flavor::Ash => {
                let line = self.line.saturating_sub(u32::from(self.options.command));
                let line = if self.options.interactive { String::new() } else { format!("line {line}: ") };
                match builtin {
                    Some(builtin) => format!("{}: {builtin}{line}", self.name),
                    None if script => format!("{}: ", self.name),
                    None => format!("{}: {line}", self.name),
                }
            }
            Flavor::Bash => {
                let builtin = builtin.filter(|_| self.builtin.is_some()).unwrap_or_default();
                if self.options.interactive {
                    return format!("{}: {builtin}", self.name);
                }
                let in_function = self.frames.iter().any(|frame| matches!(frame, Frame::Call(_)));
                let name = match (in_function, self.options.command, self.options.standard_input) {
                    (true, true, _) => "environment",
                    (true, _, true) => "main",
                    _ => &*self.name,
                };
                format!("{name}: line {}: {builtin}", self.line)
            }
        }
    }

    fn in_eval(&self) -> bool {
        let innermost = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Script(script) => Some(script.kind == ScriptKind::Eval),
            Frame::Call(_) => Some(false),
            _ => None,
        });
        innermost.unwrap_or(false)
    }

    /// Reports what went wrong.
    pub(super) fn complain(&self, kernel: &mut Kernel<'_>, text: impl AsRef<str>) {
        kernel.complain(format!("{}{}\n", self.prefix(), text.as_ref()));
    }

    /// Reports in the name of a BusyBox applet, which knows no lines; other shells as always.
    pub(super) fn complain_as_applet(&self, kernel: &mut Kernel<'_>, text: impl AsRef<str>) {
        if self.flavor == Flavor::Ash {
            let name = self.name.rsplit('/').next().unwrap_or_default();
            kernel.complain(format!("{name}: {}\n", text.as_ref()));
        } else {
            self.complain(kernel, text);
        }
    }

    /// The text for a command that cannot be run, and its exit status.
    pub(super) fn cannot_run(&self, name: &str, errno: Errno, directory: bool) -> (String, u8) {
        let bash = self.flavor == Flavor::Bash;
        match errno {
            Errno::NotFound if !name.contains('/') => {
                (if bash { format!("{name}: command not found") } else { format!("{name}: not found") }, 127)
            }
            Errno::NotFound if bash => (format!("{name}: No such file or directory"), 127),
            Errno::NotFound => (format!("{name}: not found"), 127),
            _ if directory && bash => (format!("{name}: Is a directory"), 126),
            errno => (format!("{name}: {errno}"), 126),
        }
    }

    // What ends a command, and a script

    pub(super) fn fail(&mut self, kernel: &mut Kernel<'_>, text: &str, bash_status: u8) -> Stop {
        self.complain(kernel, text);
        Stop::Abort(if self.flavor == Flavor::Bash { bash_status } else { 2 })
    }

    /// `set -u` or `${name?text}` of a parameter that is not set.
    pub(super) fn not_set(
        &mut self,
        kernel: &mut Kernel<'_>,
        name: &str,
        text: &str,
        colon: bool,
        unbound: bool,
    ) -> Stop {
        let bash = self.flavor == Flavor::Bash;
        let text = match (text, colon) {
            ("", true) if bash => "parameter null or not set",
            ("", true) => "parameter not set or null",
            ("", false) => "parameter not set",
            (text, _) => text,
        };
        let text = if unbound && bash { "unbound variable" } else { text };
        let status = if self.options.command || !bash { 127 } else { 1 };
        self.fail(kernel, &format!("{name}: {text}"), status)
    }

    pub(super) fn bad_substitution(&mut self, kernel: &mut Kernel<'_>, text: &str) -> Stop {
        let text = match self.flavor {
            Flavor::Bash if text.contains(": ") => text.to_owned(),
            Flavor::Bash => format!("{text}: bad substitution"),
            Flavor::Dash => "Bad substitution".to_owned(),
            Flavor::Ash => "syntax error: bad substitution".to_owned(),
        };
        self.fail(kernel, &text, 1)
    }

    pub(super) fn read_only(&mut self, kernel: &mut Kernel<'_>, name: &str) -> Stop {
        let text = match self.flavor {
            Flavor::Bash => format!("{name}: readonly variable"),
            _ => format!("{name}: is read only"),
        };
        self.fail(kernel, &text, 1)
    }

    pub(super) fn bad_arithmetic(
        &mut self,
        kernel: &mut Kernel<'_>,
        text: &str,
        error: arithmetic::Error,
    ) -> Stop {
        use arithmetic::Error;
        let text = text.trim_start();
        let message = match (self.flavor, error) {
            (_, Error::Variable(text)) => text,
            (Flavor::Bash, Error::DivisionByZero(at)) => {
                format!("{text}: division by 0 (error token is \"{at}\")")
            }
            (Flavor::Bash, Error::Operand(at)) => {
                let at = if at.is_empty() { last_operator(text) } else { at.as_str() };
                format!("{text}: syntax error: operand expected (error token is \"{at}\")")
            }
            (Flavor::Bash, Error::Digit(number)) => {
                format!("{number}: value too great for base (error token is \"{number}\")")
            }
            (Flavor::Bash, Error::Syntax(at)) => {
                format!("{text}: syntax error in expression (error token is \"{at}\")")
            }
            (Flavor::Bash, Error::NotVariable(at)) => {
                format!("{text}: attempted assignment to non-variable (error token is \"{at}\")")
            }
            (Flavor::Bash, Error::TooDeep) => {
                format!("{text}: expression recursion level exceeded (error token is \"{text}\")")
            }
            (Flavor::Ash, Error::DivisionByZero(_)) => "divide by zero".to_owned(),
            (Flavor::Ash, _) => "arithmetic syntax error".to_owned(),
            (Flavor::Dash, Error::DivisionByZero(_)) => {
                format!("arithmetic expression: division by zero: \"{text}\"")
            }
            (Flavor::Dash, Error::Operand(_)) => {
                format!("arithmetic expression: expecting primary: \"{text}\"")
            }
            (Flavor::Dash, _) => format!("arithmetic expression: expecting EOF: \"{text}\""),
        };
        self.fail(kernel, &message, 1)
    }

    /// Reports a script that cannot be parsed.
    pub(super) fn bad_syntax(&mut self, kernel: &mut Kernel<'_>, error: &SyntaxError) {
        let in_script = self.frames.iter().any(|frame| matches!(frame, Frame::Script(_)));
        if self.flavor != Flavor::Bash {
            self.line = error.line;
            let text = self.syntax_text(error);
            let text = match self.flavor {
                Flavor::Ash => format!("syntax error: {text}"),
                _ => format!("Syntax error: {text}"),
            };
            if self.flavor == Flavor::Ash && self.options.command && !in_script {
                return kernel.complain(format!("{}: {text}\n", self.name));
            }
            return self.complain(kernel, text);
        }
        if matches!(error.kind, SyntaxErrorKind::BadForVariable(_)) {
            self.line = error.line;
            return self.complain(kernel, self.syntax_text(error));
        }
        let place = match (&self.source, self.options.interactive) {
            (_, true) => format!("{}: ", self.name),
            _ if self.options.command && !in_script => format!("{}: -c: line {}: ", self.name, error.line),
            _ if self.in_eval() => format!("{}: eval: line {}: ", self.name, error.line),
            _ => format!("{}: line {}: ", self.name, error.line),
        };
        kernel.complain(format!("{place}{}\n", self.syntax_text(error)));
        let shows_line = !matches!(
            &error.kind,
            SyntaxErrorKind::Unexpected { token: Found::End, .. } | SyntaxErrorKind::Unterminated(_)
        ) && !matches!(&error.kind, SyntaxErrorKind::BadForVariable(_));
        if shows_line && !(self.options.interactive && matches!(self.source, Source::Lines { .. })) {
            kernel.complain(format!("{place}`{}'\n", error.text));
        }
    }

    fn syntax_text(&self, error: &SyntaxError) -> String {
        let (bash, dash) = (self.flavor == Flavor::Bash, self.flavor == Flavor::Dash);
        let capital = |text: &str| match text.split_at(1) {
            (first, rest) if dash => format!("{}{rest}", first.to_uppercase()),
            _ => text.to_owned(),
        };
        match &error.kind {
            SyntaxErrorKind::Unexpected { token, .. } if bash => match token {
                Found::End => "syntax error: unexpected end of file".to_owned(),
                Found::Newline => "syntax error near unexpected token `newline'".to_owned(),
                Found::Symbol(text) | Found::Word(text) | Found::Redirection(text) => {
                    format!("syntax error near unexpected token `{text}'")
                }
            },
            SyntaxErrorKind::Unexpected { token, expecting } => {
                let found = match token {
                    Found::End => "end of file".to_owned(),
                    Found::Newline => "newline".to_owned(),
                    Found::Word(_) => "word".to_owned(),
                    Found::Redirection(_) => "redirection".to_owned(),
                    Found::Symbol(text) => format!("\"{text}\""),
                };
                let found = if dash { format!("{found} unexpected") } else { format!("unexpected {found}") };
                match expecting {
                    Some(expecting) => format!("{found} (expecting \"{expecting}\")"),
                    None => found,
                }
            }
            SyntaxErrorKind::Unterminated(quote) if bash => {
                let quote = if *quote == "))" { ")" } else { quote };
                format!("unexpected EOF while looking for matching `{quote}'")
            }
            SyntaxErrorKind::Unterminated(quote) => match *quote {
                "`" => "EOF in backquote substitution".to_owned(),
                "}" => capital("missing '}'"),
                "))" => capital("missing '))'"),
                ")" => capital("unterminated quoted string"),
                _ => capital("unterminated quoted string"),
            },
            SyntaxErrorKind::BadForVariable(name) if bash => format!("`{name}': not a valid identifier"),
            SyntaxErrorKind::BadForVariable(_) => capital("bad for loop variable"),
            SyntaxErrorKind::BadFunctionName(name) if bash => format!("`{name}': not a valid identifier"),
            SyntaxErrorKind::BadFunctionName(_) => capital("bad function name"),
            SyntaxErrorKind::TooDeep => "nested too deeply for this shell".to_owned(),
        }
    }
}

/// What an expression ends with where an operand is missing.
fn last_operator(text: &str) -> &str {
    let end = text.trim_end();
    let start = end.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ' ').len();
    text.get(start..).unwrap_or(text).trim_start()
}

/// A word in quotes that the shell would read as the same word, as `set`, `alias` and `set -x` print.
pub(super) fn quote(text: &str, flavor: Flavor) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    let quoted = || match flavor {
        Flavor::Bash => format!("'{}'", text.replace('\'', "'\\''")),
        _ => {
            // ash and dash put quotes themselves between double quotes.
            let mut out = String::new();
            for (at, part) in text.split('\'').enumerate() {
                if at > 0 {
                    out.push_str("\"'\"");
                }
                if !part.is_empty() {
                    out.push_str(&format!("'{part}'"));
                }
            }
            if out.is_empty() { "''".to_owned() } else { out }
        }
    };
    if flavor == Flavor::Bash && !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        quoted()
    }
}

/// As [`quote`], but plain words stay plain.
pub(super) fn quote_if_needed(text: &str, flavor: Flavor) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,^".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quote(text, flavor) }
}

/// A word of `set -x`: dash quotes nothing, ash by a rule of its own.
pub(super) fn traced(text: &str, flavor: Flavor) -> String {
    let special = |c: char| c < '+' || (';'..='?').contains(&c) || "`[\\".contains(c) || c > 'z';
    match flavor {
        Flavor::Dash => text.to_owned(),
        Flavor::Ash if text.contains(special) => quote(text, flavor),
        Flavor::Ash => text.to_owned(),
        Flavor::Bash => quote_if_needed(text, flavor),
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> Arc<str> {
    path.rsplit('/').next().unwrap_or(path).into()
}
