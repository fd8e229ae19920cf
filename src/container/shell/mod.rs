//! The shell: POSIX sh as BusyBox ash, dash and bash have it. A running shell is data; it can stop anywhere.

pub mod arithmetic;
mod assign;
mod braces;
mod builtins;
mod compound;
mod condition;
mod dial;
pub mod escapes;
mod evaluate;
mod expand;
mod interpreter;
mod jobs;
mod lexer;
mod messages;
mod parameter;
pub mod parser;
pub mod pattern;
mod pipeline;
mod prompt;
mod redirect;
mod simple;
mod startup;
mod substitute;
pub mod syntax;
mod traps;
mod variables;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::machine::{Fd, Pid};
use super::signal::Signal;
use crate::base::SimTime;
pub use lexer::{Problem, SyntaxError, SyntaxErrorKind};
pub use parser::{Parsed, Reading, parse_line};
pub use variables::{Value, Variable, Variables};

/// Which shell it is: they differ in messages, in `echo` and in what they know beyond POSIX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavor {
    /// BusyBox, as in `busybox` and `alpine` images.
    Ash,
    /// Debian's `/bin/sh`.
    Dash,
    /// The learner's host, and many images.
    Bash,
}

impl Flavor {
    /// The shell that an executable's id stands for.
    pub fn parse(id: &str) -> Option<Self> {
        match id {
            "ash" => Some(Flavor::Ash),
            "dash" => Some(Flavor::Dash),
            "bash" => Some(Flavor::Bash),
            _ => None,
        }
    }
}

/// Where commands come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    /// Not known yet: the command line is looked at first.
    Start,
    /// Nowhere: a subshell has what is on its stack.
    None,
    /// A text that is all there.
    Text { text: Arc<str>, at: usize },
    /// Lines from a descriptor: a terminal, standard input, a script that is fed.
    Lines { fd: Fd, buffer: String, ended: bool, prompted: bool },
}

/// The options of `set`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Options {
    errexit: bool,
    nounset: bool,
    xtrace: bool,
    verbose: bool,
    pipefail: bool,
    noglob: bool,
    noclobber: bool,
    noexec: bool,
    allexport: bool,
    monitor: bool,
    ignoreeof: bool,
    notify: bool,
    interactive: bool,
    /// Commands come from standard input.
    standard_input: bool,
    /// `-c`
    command: bool,
    login: bool,
    /// bash's `shopt`s that matter here.
    expand_aliases: bool,
    nullglob: bool,
    dotglob: bool,
    extglob: bool,
}

impl Options {
    /// An option of bash's `shopt` that does something here.
    fn shopt(&mut self, name: &str) -> Option<&mut bool> {
        match name {
            "expand_aliases" => Some(&mut self.expand_aliases),
            "nullglob" => Some(&mut self.nullglob),
            "dotglob" => Some(&mut self.dotglob),
            "extglob" => Some(&mut self.extglob),
            _ => None,
        }
    }
}

/// A running shell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shell {
    flavor: Flavor,
    /// `$0`
    name: Arc<str>,
    options: Options,
    variables: Variables,
    positional: Arc<[Arc<str>]>,
    functions: BTreeMap<Arc<str>, Arc<syntax::Command>>,
    aliases: BTreeMap<Arc<str>, Arc<str>>,
    /// Actions by signal number; 0 is `EXIT`.
    traps: BTreeMap<u8, Arc<str>>,
    arrived: VecDeque<Signal>,
    /// `$?`
    status: u8,
    /// The status of the last command substitution of this command.
    substituted: Option<u8>,
    /// `$!`
    last_background: Option<Pid>,
    /// `$$`
    root: Pid,
    jobs: jobs::Jobs,
    source: Source,
    frames: Vec<interpreter::Frame>,
    expanding: Option<Box<substitute::Expanding>>,
    /// Descriptors of `<(…)` in the command at hand.
    lent: Vec<Fd>,
    /// bash's `PIPESTATUS`.
    pipe_status: Vec<u8>,
    /// The pipeline that runs, as written.
    text: Arc<str>,
    /// The line of the command that runs.
    line: u32,
    /// The line that is read next.
    next_line: u32,
    /// It was forked: it has no commands of its own to read.
    subshell: bool,
    /// How many command substitutions are around it.
    depth: usize,
    /// Failures do not end it: it was forked in a condition.
    forgiving: bool,
    /// `exit` was called.
    exiting: Option<u8>,
    /// The option letters of an argument that `getopts` has looked at.
    getopts: (usize, usize),
    started: SimTime,
    /// The builtin that runs, for messages.
    builtin: Option<Arc<str>>,
    /// The working directory as `cd` keeps it, over links.
    directory: Arc<str>,
    /// The value of `$_`.
    last_argument: Arc<str>,
}

impl Shell {
    /// A shell that looks at its command line when it first runs.
    pub fn new(flavor: Flavor) -> Self {
        Self {
            flavor,
            name: "sh".into(),
            options: Options::default(),
            variables: Variables::default(),
            positional: Arc::default(),
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            traps: BTreeMap::new(),
            arrived: VecDeque::new(),
            status: 0,
            substituted: None,
            last_background: None,
            root: Pid(0),
            jobs: jobs::Jobs::default(),
            source: Source::Start,
            frames: Vec::new(),
            expanding: None,
            lent: Vec::new(),
            pipe_status: Vec::new(),
            text: "".into(),
            line: 0,
            next_line: 1,
            subshell: false,
            depth: 0,
            forgiving: false,
            exiting: None,
            getopts: (1, 0),
            started: SimTime::ZERO,
            builtin: None,
            directory: "/".into(),
            last_argument: "".into(),
        }
    }

    /// The shell an executable's id stands for.
    pub fn load(id: &str) -> Option<Self> {
        Flavor::parse(id).map(Shell::new)
    }

    /// The text of a variable, for a page that shows them.
    pub fn variable(&self, name: &str) -> Option<Arc<str>> {
        self.variables.text(name)
    }

    /// The names it would run by itself: builtins, functions and aliases, for completion.
    pub fn names(&self) -> Vec<Arc<str>> {
        let builtins = builtins::names(self.flavor).map(Arc::from);
        builtins.chain(self.functions.keys().cloned()).chain(self.aliases.keys().cloned()).collect()
    }
}

/// A word that bash reads as the same word, as `printf %q` prints it.
pub fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && !"_-./:=@%+".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Splits a script into commands as a shell would read them from a terminal: lines belong together where a
/// here-document, a quote, a `\` at the end or a compound command goes on. Each with the number of its first line.
pub fn split_commands(script: &str, flavor: Flavor) -> Vec<(u32, String)> {
    let aliases = BTreeMap::new();
    let mut commands = Vec::new();
    let (mut rest, mut line) = (script, 1);
    while !rest.is_empty() {
        let reading = Reading { flavor, aliases: &aliases, whole: true, line };
        let length = match parse_line(rest, reading) {
            Ok(parsed) => parsed.length.max(1),
            Err(_) => rest.find('\n').map_or(rest.len(), |at| at + 1),
        };
        let (command, after) = rest.split_at(length.min(rest.len()));
        commands.push((line, command.to_owned()));
        line += command.matches('\n').count() as u32;
        rest = after;
    }
    commands
}
