//! Expansions: parameters, commands, arithmetic, fields, file names.

use std::sync::Arc;

use super::Shell;
use super::parameter::is_all;
use super::pattern::{self, Pattern};
use super::syntax::{Part, Word};
use crate::container::kernel::Kernel;

/// Why an expansion or command does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A substitution runs: expand again when it is done.
    Suspend,
    /// It failed and said so: the shell gives up what it was doing.
    Abort(u8),
}

pub(super) type Result<T> = std::result::Result<T, Stop>;

/// A piece of a field, and whether it was quoted.
pub(super) type Piece = (String, bool);

/// Fields in the making.
#[derive(Default)]
pub(super) struct Fields {
    done: Vec<Vec<Piece>>,
    pub(super) current: Option<Vec<Piece>>,
    /// Blanks just ended a field: a separator that follows belongs to them.
    after_blanks: bool,
}

impl Fields {
    pub(super) fn push(&mut self, text: &str, quoted: bool) {
        self.after_blanks = false;
        let current = self.current.get_or_insert_default();
        match current.last_mut() {
            Some((last, q)) if *q == quoted => last.push_str(text),
            _ => current.push((text.to_owned(), quoted)),
        }
    }

    pub(super) fn end_field(&mut self) {
        self.done.push(self.current.take().unwrap_or_default());
    }

    /// Text of an expansion without quotes: split at the characters of `IFS`.
    pub(super) fn split(&mut self, text: &str, ifs: &str) {
        for c in text.chars() {
            if !ifs.contains(c) {
                self.push(c.encode_utf8(&mut [0; 4]), false);
            } else if " \t\n".contains(c) {
                if self.current.is_some() {
                    self.end_field();
                    self.after_blanks = true;
                }
            } else if self.after_blanks && self.current.is_none() {
                self.after_blanks = false;
            } else {
                self.end_field();
            }
        }
    }
}

/// How the parts of a word become text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Arguments: split and matched with file names.
    Fields,
    /// One text: an assignment, a redirection.
    Text,
}

impl Shell {
    /// The arguments that words become.
    pub(super) fn expand_words(&mut self, kernel: &mut Kernel<'_>, words: &[Word]) -> Result<Vec<Arc<str>>> {
        let mut arguments = Vec::new();
        for word in words {
            // Plain text, the usual case.
            if let Some(text) = word.as_literal()
                && !text.contains(['*', '?', '[', '~', '\\'])
            {
                arguments.push(text.into());
                continue;
            }
            let mut fields = Fields::default();
            self.expand_parts(kernel, &word.parts, false, Mode::Fields, &mut fields)?;
            if fields.current.is_some() {
                fields.end_field();
            }
            for field in fields.done {
                self.match_files(kernel, field, &mut arguments);
            }
        }
        Ok(arguments)
    }

    pub(super) fn match_files(
        &self,
        kernel: &mut Kernel<'_>,
        field: Vec<Piece>,
        arguments: &mut Vec<Arc<str>>,
    ) {
        let magic = |piece: &Piece| !piece.1 && piece.0.contains(['*', '?', '[']);
        if !self.options.noglob && field.iter().any(magic) {
            let pattern = as_pattern(&field);
            if Pattern::is_pattern(&pattern) {
                let found = self.matching_files(kernel, &pattern);
                if !found.is_empty() {
                    arguments.extend(found.into_iter().map(Arc::from));
                    return;
                }
                if self.options.nullglob {
                    return;
                }
            }
        }
        arguments.push(field.into_iter().map(|(text, _)| text).collect::<String>().into());
    }

    /// The files that match a pattern, in order of their bytes.
    pub(super) fn matching_files(&self, kernel: &mut Kernel<'_>, pattern: &str) -> Vec<String> {
        let mut found: Vec<String> = vec![if pattern.starts_with('/') { "/".into() } else { String::new() }];
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        for (at, part) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            let mut next = Vec::new();
            for base in &found {
                if !Pattern::is_pattern(part) {
                    let path = format!("{base}{}", pattern::unescape(part));
                    if kernel.files().lstat(&path).is_ok() {
                        next.push(path);
                    }
                } else {
                    let files = kernel.files();
                    let names = files.list(if base.is_empty() { "." } else { base }).unwrap_or_default();
                    let compiled = Pattern::new(part);
                    let hidden = part.starts_with('.') || self.options.dotglob;
                    for name in names.iter().filter(|name| hidden || !name.starts_with('.')) {
                        if compiled.matches(name) {
                            next.push(format!("{base}{name}"));
                        }
                    }
                }
            }
            if !last || pattern.ends_with('/') {
                next.retain(|path| kernel.files().is_directory(path));
                next.iter_mut().for_each(|path| path.push('/'));
            }
            found = next;
        }
        found.retain(|path| !path.is_empty());
        found
    }

    /// The one text that a word becomes: nothing is split or matched.
    pub(super) fn expand_text(&mut self, kernel: &mut Kernel<'_>, word: &Word) -> Result<Arc<str>> {
        if let Some(text) = word.as_literal()
            && !text.contains('~')
        {
            return Ok(text.into());
        }
        let field = self.expand_field(kernel, word)?;
        Ok(field.into_iter().map(|(text, _)| text).collect::<String>().into())
    }

    /// A word as a pattern: what was quoted stands for itself.
    pub(super) fn expand_pattern(&mut self, kernel: &mut Kernel<'_>, word: &Word) -> Result<String> {
        Ok(as_pattern(&self.expand_field(kernel, word)?))
    }

    /// A word as the pieces of one field.
    pub(super) fn expand_field(&mut self, kernel: &mut Kernel<'_>, word: &Word) -> Result<Vec<Piece>> {
        let mut fields = Fields::default();
        self.expand_parts(kernel, &word.parts, false, Mode::Text, &mut fields)?;
        if fields.current.is_some() {
            fields.end_field();
        }
        let mut all: Vec<Piece> = Vec::new();
        for (at, field) in fields.done.into_iter().enumerate() {
            if at > 0 {
                all.push((" ".into(), true));
            }
            all.extend(field);
        }
        Ok(all)
    }

    pub(super) fn expand_parts(
        &mut self,
        kernel: &mut Kernel<'_>,
        parts: &[Part],
        quoted: bool,
        mode: Mode,
        fields: &mut Fields,
    ) -> Result<()> {
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let text = self.expand_tilde(kernel, text, at == 0, mode == Mode::Text);
                    for (text, quoted) in text {
                        fields.push(&text, quoted);
                    }
                }
                Part::Quoted(text) => fields.push(text, true),
                Part::Double(inside) => {
                    // "$@" without parameters is nothing at all, other empty quotes are an empty field.
                    let only_all = matches!(&inside[..], [Part::Parameter(p)] if is_all(p));
                    if !only_all {
                        fields.push("", true);
                    }
                    self.expand_parts(kernel, inside, true, mode, fields)?;
                }
                Part::Parameter(parameter) => {
                    self.expand_parameter(kernel, parameter, quoted, mode, fields)?
                }
                Part::Command(list) => {
                    let text = self.substitute(kernel, list)?;
                    self.push_value(&text, quoted, mode, fields);
                }
                Part::Process(list, writes) => {
                    let path = self.start_process(kernel, list, *writes);
                    fields.push(&path, true);
                }
                Part::Arithmetic(inside) => {
                    let value = self.expand_arithmetic(kernel, inside)?.to_string();
                    self.push_value(&value, quoted, mode, fields);
                }
            }
        }
        Ok(())
    }

    pub(super) fn push_value(&self, text: &str, quoted: bool, mode: Mode, fields: &mut Fields) {
        if quoted {
            fields.push(text, true);
        } else if mode == Mode::Text {
            if !text.is_empty() {
                fields.push(text, false);
            }
        } else {
            fields.split(text, &self.separators());
        }
    }

    /// `IFS`
    pub(super) fn separators(&self) -> Arc<str> {
        match self.variables.get("IFS") {
            Some(variable) => variable.text().unwrap_or_else(|| " \t\n".into()),
            None => " \t\n".into(),
        }
    }

    /// Home directories in the literal text of a word: at its start, and in assignments after `=` and `:`.
    pub(super) fn expand_tilde(
        &self,
        kernel: &mut Kernel<'_>,
        text: &str,
        first: bool,
        assignment: bool,
    ) -> Vec<Piece> {
        if !text.contains('~') {
            return vec![(text.to_owned(), false)];
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut start = first;
        while !rest.is_empty() {
            if start && rest.starts_with('~') {
                let end = rest.find(|c| c == '/' || (assignment && c == ':')).unwrap_or(rest.len());
                if let Some(home) = self.home(kernel, &rest[1..end]) {
                    pieces.push((home, true));
                    rest = &rest[end..];
                    start = false;
                    continue;
                }
            }
            let end = match rest.find(':') {
                Some(at) if assignment => at + 1,
                _ => rest.len(),
            };
            pieces.push((rest[..end].to_owned(), false));
            rest = &rest[end..];
            start = assignment;
        }
        pieces
    }

    pub(super) fn home(&self, kernel: &mut Kernel<'_>, user: &str) -> Option<String> {
        match user {
            "" => self.variables.text("HOME").map(|home| home.to_string()),
            "+" => Some(self.directory.to_string()),
            "-" => self.variables.text("OLDPWD").map(|old| old.to_string()),
            user => {
                let accounts = kernel.files().read("/etc/passwd").ok()?;
                let accounts = String::from_utf8_lossy(&accounts).into_owned();
                let line = accounts.lines().find(|line| line.split(':').next() == Some(user))?;
                line.split(':').nth(5).map(str::to_owned)
            }
        }
    }
}

/// The pattern that a field is: what was quoted stands for itself.
pub(super) fn as_pattern(field: &[Piece]) -> String {
    field.iter().map(|(text, quoted)| if *quoted { pattern::escape(text) } else { text.clone() }).collect()
}
