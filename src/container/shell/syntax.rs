//! What a script is made of. Shared by `Arc`, so that a suspended shell holds its place cheaply.

use std::sync::Arc;

/// Commands separated by `;`, `&` or line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct List {
    /// In order.
    pub items: Vec<Item>,
}

/// One and-or list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// The first pipeline, and each further one with what stands before it.
    pub pipelines: Vec<(Connector, Pipeline)>,
    /// Ended by `&`.
    pub background: bool,
    /// As it was written, for `jobs`.
    pub text: Arc<str>,
}

/// What stands before a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connector {
    /// Nothing: it is the first.
    First,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pipeline {
    /// `!` in front.
    pub negated: bool,
    /// `time` in front; true for `time -p`.
    pub timed: Option<bool>,
    /// One or more; only `time` alone has none.
    pub commands: Vec<Arc<Command>>,
    /// As it was written, for `jobs`.
    pub text: Arc<str>,
}

/// A command and its redirections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command {
    /// Its line in the script.
    pub line: u32,
    /// What it is.
    pub body: Body,
    /// In order.
    pub redirects: Vec<Redirect>,
}

/// The kinds of commands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Assignments, a name, arguments.
    Simple {
        /// Before the name.
        assignments: Vec<Assignment>,
        /// The name and its arguments.
        words: Vec<Word>,
    },
    /// `{ …; }`
    Group(Arc<List>),
    /// `( … )`
    Subshell(Arc<List>),
    /// `if`: conditions with what they lead to, and `else`.
    If {
        /// `if` and each `elif`.
        branches: Vec<(Arc<List>, Arc<List>)>,
        /// `else`
        otherwise: Option<Arc<List>>,
    },
    /// `while` and `until`.
    Loop {
        /// `until`
        until: bool,
        /// Run before each round.
        condition: Arc<List>,
        /// The round.
        body: Arc<List>,
    },
    /// `for name in words`
    For {
        /// The variable.
        name: Arc<str>,
        /// None for `"$@"`.
        words: Option<Vec<Word>>,
        /// The round.
        body: Arc<List>,
    },
    /// `for (( start; condition; step ))`
    ForArithmetic {
        /// Start, condition, step.
        parts: [Word; 3],
        /// The round.
        body: Arc<List>,
    },
    /// `case`
    Case {
        /// What is compared.
        word: Word,
        /// In order.
        arms: Vec<Arm>,
    },
    /// `name() …`
    Function {
        /// Its name.
        name: Arc<str>,
        /// What it does.
        body: Arc<Command>,
    },
    /// `[[ … ]]`
    Test(Condition),
    /// `(( … ))`
    Arithmetic(Word),
}

/// One arm of `case`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arm {
    /// Any of them.
    pub patterns: Vec<Word>,
    /// What is done then.
    pub body: Arc<List>,
    /// How it ends.
    pub end: ArmEnd,
}

/// How an arm of `case` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArmEnd {
    /// `;;`
    Break,
    /// `;&`: goes on with the next arm.
    FallThrough,
    /// `;;&`: looks at the next patterns.
    TestNext,
}

/// `name=value` before a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The variable.
    pub name: Arc<str>,
    /// `name[index]=`
    pub index: Option<Word>,
    /// `+=`
    pub append: bool,
    /// What it is set to.
    pub value: Value,
}

/// What an assignment assigns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Text.
    Word(Word),
    /// `( … )`
    Array(Vec<Word>),
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirect {
    /// The descriptor; where none is written, 0 for input and 1 for output.
    pub fd: Option<u32>,
    /// What is done with it.
    pub kind: RedirectKind,
}

/// The kinds of redirections.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    /// `<`
    Read(Word),
    /// `>`; with true `>|`, which `set -C` lets pass.
    Write(Word, bool),
    /// `>>`
    Append(Word),
    /// `<>`
    ReadWrite(Word),
    /// `<&` and `>&`: a number, or `-` to close.
    Duplicate(Word),
    /// `&>`, and `&>>` with true.
    Both(Word, bool),
    /// `<<`, `<<-`: the text, without expansions where the delimiter was quoted.
    HereDocument(Word),
    /// `<<<`
    HereString(Word),
}

impl RedirectKind {
    /// The descriptor where none is written.
    pub fn default_fd(&self) -> u32 {
        match self {
            RedirectKind::Write(..) | RedirectKind::Append(_) | RedirectKind::Both(..) => 1,
            _ => 0,
        }
    }
}

/// A word: what becomes zero or more arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word {
    /// In order.
    pub parts: Vec<Part>,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text without quotes, whose `*?[` and `~` mean something.
    Literal(Arc<str>),
    /// Text in single quotes or after a backslash.
    Quoted(Arc<str>),
    /// `"…"`
    Double(Vec<Part>),
    /// `$name`, `${…}`
    Parameter(Box<Parameter>),
    /// `$(…)` and backquotes.
    Command(Arc<List>),
    /// `$((…))`
    Arithmetic(Vec<Part>),
    /// `<(…)`, and with true `>(…)`: a file name that leads to a process.
    Process(Arc<List>, bool),
}

/// `${…}`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter {
    /// A name, a number or one of `@*#?-$!`.
    pub name: Arc<str>,
    /// `${name[…]}`
    pub index: Option<Index>,
    /// `${!name}`
    pub indirect: bool,
    /// What is done with its value.
    pub operation: Operation,
}

/// `[…]` after a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Index {
    /// `[@]`
    All,
    /// `[*]`
    Joined,
    /// An expression.
    At(Word),
}

/// What `${…}` does with a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Nothing.
    Plain,
    /// `${#name}`
    Length,
    /// `-`, `=`, `?` or `+`, and with `colon` also where it is empty.
    Instead {
        /// One of `-=?+`.
        operator: char,
        /// `:` stood before it.
        colon: bool,
        /// What is used.
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`
    Trim {
        /// At the end.
        suffix: bool,
        /// As much as matches.
        longest: bool,
        /// What is cut off.
        pattern: Word,
    },
    /// `/`, `//`, `/#`, `/%`
    Replace {
        /// What is replaced.
        pattern: Word,
        /// By what.
        with: Word,
        /// Everywhere.
        all: bool,
        /// `#` only at the start, `%` only at the end.
        anchor: Option<char>,
    },
    /// `:offset` and `:offset:length`
    Substring {
        /// An expression.
        offset: Word,
        /// An expression.
        length: Option<Word>,
    },
    /// `^`, `^^`, `,`, `,,`
    Case {
        /// To upper case.
        upper: bool,
        /// All letters.
        all: bool,
    },
    /// `@Q` and such; only `Q`, `U`, `L` and `u`.
    Transform(char),
    /// What cannot be: an error when it is expanded.
    Bad(Arc<str>),
}

/// The expression in `[[ … ]]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `||`
    Or(Box<Condition>, Box<Condition>),
    /// `&&`
    And(Box<Condition>, Box<Condition>),
    /// `!`
    Not(Box<Condition>),
    /// `-f word` and such; `-n` for a word alone.
    Unary(Arc<str>, Word),
    /// `word op word`
    Binary(Word, Arc<str>, Word),
}

impl Word {
    /// A word of plain text.
    pub fn literal(text: &str) -> Self {
        Self { parts: vec![Part::Literal(text.into())] }
    }
    /// The text of a word that is written without quotes and expansions.
    pub fn as_literal(&self) -> Option<&str> {
        match &self.parts[..] {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }
    /// The text of a word without expansions, quotes removed; true if anything was quoted.
    pub fn without_expansions(&self) -> Option<(String, bool)> {
        fn collect(parts: &[Part], text: &mut String, quoted: &mut bool) -> Option<()> {
            for part in parts {
                match part {
                    Part::Literal(literal) => text.push_str(literal),
                    Part::Quoted(literal) => {
                        *quoted = true;
                        text.push_str(literal);
                    }
                    Part::Double(parts) => {
                        *quoted = true;
                        collect(parts, text, quoted)?;
                    }
                    _ => return None,
                }
            }
            Some(())
        }
        let (mut text, mut quoted) = (String::new(), false);
        collect(&self.parts, &mut text, &mut quoted)?;
        Some((text, quoted))
    }
}
