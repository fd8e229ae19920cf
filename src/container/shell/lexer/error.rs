//! What is wrong with a script.

use std::sync::Arc;

use crate::container::shell::Flavor;

/// Why text is no script.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    /// The line it was noticed in.
    pub line: u32,
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// That line's text.
    pub text: Arc<str>,
}

impl SyntaxError {
    /// The exit status of a shell that ends for it.
    pub fn status(&self, flavor: Flavor) -> u8 {
        match self.kind {
            SyntaxErrorKind::BadForVariable(_) if flavor == Flavor::Bash => 1,
            _ => 2,
        }
    }
}

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    /// A token that cannot stand here.
    Unexpected {
        /// It.
        token: Found,
        /// What could.
        expecting: Option<&'static str>,
    },
    /// A quote, brace or parenthesis without its end; the text it ends with.
    Unterminated(&'static str),
    /// `for 1 in …`
    BadForVariable(Arc<str>),
    /// `1x() …`
    BadFunctionName(Arc<str>),
    /// Deeper than this shell reads.
    TooDeep,
}

/// The token that was found where another was expected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Found {
    /// An operator or reserved word.
    Symbol(Arc<str>),
    /// A word, as written.
    Word(Arc<str>),
    /// `<`, `>` and such.
    Redirection(Arc<str>),
    /// A line end.
    Newline,
    /// The end of the text.
    End,
}
