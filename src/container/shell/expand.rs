//! Expansions: parameters, commands, arithmetic, fields, file names.
//!
//! A command substitution has to wait for another process. The expansion is then given up, the variables are what they
//! were when it began, and when the output is there everything is expanded again from the start with the outputs of
//! the substitutions so far. So nothing of a half-done expansion is kept but those outputs.

use std::collections::VecDeque;
use std::sync::Arc;

use super::arithmetic;
use super::interpreter::Frame;
use super::pattern::{self, Pattern};
use super::syntax::{Index, Operation, Parameter, Part, Word};
use super::variables::{Value, Variables};
use super::{Flavor, Shell, Source};
use crate::container::kernel::{Change, Data, Kernel, Spawn};
use crate::container::machine::{Fd, Pid};
use crate::container::program::{Program, Wait};

/// An expansion that waits, or is done again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Expanding {
    /// What the substitutions gave so far, in order.
    results: Vec<(Arc<str>, u8)>,
    /// How many of them were used in this round.
    used: usize,
    running: Option<Running>,
    /// The variables and the status when it began.
    before: Variables,
    status: u8,
}

/// A command substitution that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Running {
    child: Option<Pid>,
    fd: Option<Fd>,
    bytes: Vec<u8>,
    status: u8,
}

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
type Piece = (String, bool);

/// Fields in the making.
#[derive(Default)]
struct Fields {
    done: Vec<Vec<Piece>>,
    current: Option<Vec<Piece>>,
    /// Blanks just ended a field: a separator that follows belongs to them.
    after_blanks: bool,
}

impl Fields {
    fn push(&mut self, text: &str, quoted: bool) {
        self.after_blanks = false;
        let current = self.current.get_or_insert_default();
        match current.last_mut() {
            Some((last, q)) if *q == quoted => last.push_str(text),
            _ => current.push((text.to_owned(), quoted)),
        }
    }

    fn end_field(&mut self) {
        self.done.push(self.current.take().unwrap_or_default());
    }

    /// Text of an expansion without quotes: split at the characters of `IFS`.
    fn split(&mut self, text: &str, ifs: &str) {
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
enum Mode {
    /// Arguments: split and matched with file names.
    Fields,
    /// One text: an assignment, a redirection.
    Text,
}

impl Shell {
    /// Begins or repeats the expansion of a command.
    pub(super) fn begin_expansion(&mut self) {
        self.substituted = None;
        match &mut self.expanding {
            Some(expanding) => {
                expanding.used = 0;
                self.variables = expanding.before.clone();
                self.status = expanding.status;
            }
            None => {
                self.expanding = Some(Box::new(Expanding {
                    before: self.variables.clone(),
                    status: self.status,
                    ..Expanding::default()
                }));
            }
        }
    }

    /// Everything of a command is expanded.
    pub(super) fn end_expansion(&mut self) {
        self.expanding = None;
    }

    /// Waits for the command substitution that runs, if one does.
    pub(super) fn collect<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) -> Option<Wait> {
        let running = self.expanding.as_mut()?.running.as_mut()?;
        while let Some(fd) = running.fd {
            match kernel.read(fd, 65_536) {
                Ok(Data::Bytes(bytes)) => running.bytes.extend(bytes),
                Ok(Data::Empty) => return Some(Wait::readable(fd)),
                Ok(Data::End) | Err(_) => {
                    kernel.close(fd).ok();
                    running.fd = None;
                }
            }
        }
        if let Some(child) = running.child {
            match kernel.poll_child(child) {
                Ok(None | Some(Change::Stopped)) => return Some(Wait::children()),
                Ok(Some(Change::Ended(status))) => running.status = status.code(),
                Err(_) => running.status = 127,
            }
        }
        let bytes = running.bytes.iter().copied().filter(|byte| *byte != 0).collect::<Vec<u8>>();
        let text = String::from_utf8_lossy(&bytes);
        let result = (text.trim_end_matches('\n').into(), running.status);
        if let Some(expanding) = &mut self.expanding {
            expanding.running = None;
            expanding.results.push(result);
        }
        None
    }

    /// The output of a command substitution; suspends the first time it is asked for.
    fn substitute<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        list: &Arc<super::syntax::List>,
    ) -> Result<Arc<str>> {
        if self.expanding.is_none() {
            self.begin_expansion();
        }
        let expanding = self.expanding.as_mut().expect("just begun");
        if let Some((text, status)) = expanding.results.get(expanding.used) {
            expanding.used += 1;
            if self.flavor == Flavor::Bash {
                self.status = *status;
            }
            self.substituted = Some(*status);
            return Ok(text.clone());
        }
        let (reader, writer) = kernel.pipe();
        let mut child = self.forked();
        child.depth += 1;
        child.frames.push(Frame::List { list: list.clone(), next: 0 });
        let child = kernel.spawn(P::from(child), Spawn { fds: vec![(1, writer)], ..Spawn::default() });
        kernel.close(writer).ok();
        let expanding = self.expanding.as_mut().expect("just begun");
        expanding.running =
            Some(Running { child: Some(child), fd: Some(reader), bytes: Vec::new(), status: 0 });
        Err(Stop::Suspend)
    }

    /// Starts the process of `<(…)` and returns the name of the file that leads to it.
    fn start_process<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        list: &Arc<super::syntax::List>,
        writes: bool,
    ) -> Arc<str> {
        if self.expanding.is_none() {
            self.begin_expansion();
        }
        let expanding = self.expanding.as_mut().expect("just begun");
        expanding.used += 1;
        if let Some((path, _)) = expanding.results.get(expanding.used - 1) {
            return path.clone();
        }
        let (reader, writer) = kernel.pipe();
        let (own, theirs, fd) = if writes { (writer, reader, 0) } else { (reader, writer, 1) };
        let mut child = self.forked();
        child.frames.push(Frame::List { list: list.clone(), next: 0 });
        kernel.spawn(P::from(child), Spawn { fds: vec![(fd, theirs)], detached: true, ..Spawn::default() });
        kernel.close(theirs).ok();
        // The command that gets the name inherits what it leads to.
        let shown = kernel.duplicate(own, 60).unwrap_or(own);
        kernel.close(own).ok();
        self.lent.push(shown);
        let path: Arc<str> = format!("/dev/fd/{shown}").into();
        if let Some(expanding) = &mut self.expanding {
            expanding.results.push((path.clone(), 0));
        }
        path
    }

    /// A copy of this shell to be a process of its own, with nothing to do yet.
    pub(super) fn forked(&self) -> Shell {
        let mut child = self.clone();
        child.forgiving = self.forgiving || self.is_tested();
        child.frames = Vec::new();
        child.expanding = None;
        child.source = Source::None;
        child.subshell = true;
        child.options.monitor = false;
        child.options.interactive = false;
        if self.flavor == Flavor::Dash {
            child.jobs.forget_all();
        }
        child.jobs.inherited = true;
        child.arrived = VecDeque::new();
        // Traps are for the shell that set them; what is ignored stays so.
        child.traps.retain(|_, action| action.is_empty());
        child.exiting = None;
        child
    }

    // Words

    /// The arguments that words become.
    pub(super) fn expand_words<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        words: &[Word],
    ) -> Result<Vec<Arc<str>>> {
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

    fn match_files<P: Program>(
        &self,
        kernel: &mut Kernel<'_, P>,
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
    fn matching_files<P: Program>(&self, kernel: &mut Kernel<'_, P>, pattern: &str) -> Vec<String> {
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
    pub(super) fn expand_text<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        word: &Word,
    ) -> Result<Arc<str>> {
        if let Some(text) = word.as_literal()
            && !text.contains('~')
        {
            return Ok(text.into());
        }
        let field = self.expand_field(kernel, word)?;
        Ok(field.into_iter().map(|(text, _)| text).collect::<String>().into())
    }

    /// A word as a pattern: what was quoted stands for itself.
    pub(super) fn expand_pattern<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        word: &Word,
    ) -> Result<String> {
        Ok(as_pattern(&self.expand_field(kernel, word)?))
    }

    /// A word as the pieces of one field.
    pub(super) fn expand_field<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
        word: &Word,
    ) -> Result<Vec<Piece>> {
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

    fn expand_parts<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    fn push_value(&self, text: &str, quoted: bool, mode: Mode, fields: &mut Fields) {
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
    fn expand_tilde<P: Program>(
        &self,
        kernel: &mut Kernel<'_, P>,
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

    fn home<P: Program>(&self, kernel: &mut Kernel<'_, P>, user: &str) -> Option<String> {
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

    // Parameters

    /// The value of a parameter that is one text; none where it is not set.
    pub(super) fn parameter_text<P: Program>(&self, kernel: &Kernel<'_, P>, name: &str) -> Option<Arc<str>> {
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

    fn all_values<P: Program>(&self, kernel: &Kernel<'_, P>, parameter: &Parameter) -> Vec<Arc<str>> {
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

    fn expand_parameter<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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
    fn check_set<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, parameter: &Parameter) -> Result<()> {
        if self.options.nounset && &*parameter.name != "@" && &*parameter.name != "*" {
            return Err(self.not_set(kernel, &parameter.name, "", false, true));
        }
        Ok(())
    }

    fn single_value<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    fn expand_indirect<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    fn push_values(
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
    fn slice<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    fn span<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    fn operate<P: Program>(
        &mut self,
        kernel: &mut Kernel<'_, P>,
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

    // Arithmetic

    fn expand_arithmetic<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, parts: &[Part]) -> Result<i64> {
        let word = Word { parts: vec![Part::Double(parts.to_vec())] };
        let text = self.expand_text(kernel, &word)?;
        self.evaluate(kernel, &text)
    }

    /// The value of an arithmetic expression; a failure is reported.
    pub(super) fn evaluate<P: Program>(&mut self, kernel: &mut Kernel<'_, P>, text: &str) -> Result<i64> {
        let mut scope = Scope { shell: self, kernel };
        match arithmetic::evaluate(text, &mut scope) {
            Ok(value) => Ok(value),
            Err(error) => Err(self.bad_arithmetic(kernel, text, error)),
        }
    }
}

struct Scope<'s, 'k, 'a, P: Program> {
    shell: &'s mut Shell,
    kernel: &'k mut Kernel<'a, P>,
}

impl<P: Program> Scope<'_, '_, '_, P> {
    /// The name and index of `name[index]`.
    fn item<'n>(&mut self, name: &'n str) -> std::result::Result<(&'n str, Option<i64>), String> {
        let Some((name, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
            return Ok((name, None));
        };
        let index = arithmetic::evaluate(index, self).map_err(|_| "bad array subscript".to_owned())?;
        Ok((name, Some(index)))
    }
}

impl<P: Program> arithmetic::Scope for Scope<'_, '_, '_, P> {
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

fn is_all(parameter: &Parameter) -> bool {
    &*parameter.name == "@" || parameter.index == Some(Index::All)
}

/// The pattern that a field is: what was quoted stands for itself.
fn as_pattern(field: &[Piece]) -> String {
    field.iter().map(|(text, quoted)| if *quoted { pattern::escape(text) } else { text.clone() }).collect()
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
