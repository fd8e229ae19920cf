//! The commands a shell runs itself.

mod control;
mod directory;
mod getopts;
mod jobs;
mod options;
mod output;
pub(super) mod read;
mod trap;
mod which;
mod words;

use std::sync::Arc;

use super::expand::{Result, Stop};
use super::interpreter::Flow;
use super::{Flavor, Shell};
use crate::container::kernel::Kernel;

/// Option letters with their arguments.
type Given = Vec<(char, Arc<str>)>;

/// What running a builtin led to.
pub(super) enum Outcome {
    /// It is done.
    Status(u8),
    /// It goes on in a frame that it pushed.
    Pushed,
    /// It changed what happens next.
    Flow(Flow),
}

const ALL: &[Flavor] = &[Flavor::Ash, Flavor::Dash, Flavor::Bash];
const ASH: &[Flavor] = &[Flavor::Ash];
const BASH: &[Flavor] = &[Flavor::Bash];
const ASH_BASH: &[Flavor] = &[Flavor::Ash, Flavor::Bash];

macro_rules! builtins {
    ($($variant:ident $kind:ident $flavors:ident $($name:literal)+ => $function:expr;)*) => {
        /// A builtin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Builtin { $(#[allow(missing_docs)] $variant,)* }

        /// The builtin of a name.
        pub(super) fn find(name: &str, flavor: Flavor) -> Option<Builtin> {
            match name {
                $($($name)|+ if $flavors.contains(&flavor) => Some(Builtin::$variant),)*
                _ => None,
            }
        }

        /// All names.
        pub(super) fn names(flavor: Flavor) -> impl Iterator<Item = &'static str> {
            let all: Vec<(&'static [&'static str], &'static [Flavor])> = vec![$((&[$($name),+], $flavors),)*];
            all.into_iter().flat_map(|(names, flavors)| names.iter().map(move |name| (*name, flavors))).filter(move |(_, flavors)| flavors.contains(&flavor)).map(|(name, _)| name)
        }

        impl Builtin {
            /// One of POSIX's special builtins, whose errors end a script and whose assignments stay.
            pub(super) fn is_special(self) -> bool {
                match self { $(Builtin::$variant => builtins!(@$kind),)* }
            }
        }

        impl Shell {
            pub(super) fn run_builtin(
                &mut self,
                kernel: &mut Kernel<'_>,
                builtin: Builtin,
                arguments: &[Arc<str>],
            ) -> Result<Outcome> {
                match builtin {
                    $(Builtin::$variant => {
                        let function: fn(&mut Shell, &mut Kernel<'_>, &[Arc<str>]) -> Result<Outcome> = $function;
                        function(self, kernel, arguments)
                    })*
                }
            }
        }
    };
    (@special) => { true };
    (@plain) => { false };
}

builtins! {
    Colon special ALL ":" => |_, _, _| Ok(Outcome::Status(0));
    True plain ALL "true" => |_, _, _| Ok(Outcome::Status(0));
    False plain ALL "false" => |_, _, _| Ok(Outcome::Status(1));
    Break special ALL "break" => Shell::builtin_break;
    Continue special ALL "continue" => Shell::builtin_break;
    Return special ALL "return" => Shell::builtin_return;
    Exit special ALL "exit" => Shell::builtin_exit;
    Logout plain BASH "logout" => Shell::builtin_exit;
    Eval special ALL "eval" => Shell::builtin_eval;
    Dot special ALL "." => Shell::builtin_dot;
    Source special ASH_BASH "source" => Shell::builtin_dot;
    Exec special ALL "exec" => Shell::builtin_exec;
    Export special ALL "export" => Shell::builtin_export;
    Readonly special ALL "readonly" => Shell::builtin_export;
    Declare plain BASH "declare" "typeset" => Shell::builtin_declare;
    Local plain ALL "local" => Shell::builtin_local;
    Unset special ALL "unset" => Shell::builtin_unset;
    Set special ALL "set" => Shell::builtin_set;
    Shopt plain BASH "shopt" => Shell::builtin_shopt;
    Shift special ALL "shift" => Shell::builtin_shift;
    Times special ALL "times" => Shell::builtin_times;
    Trap special ALL "trap" => Shell::builtin_trap;
    Alias plain ALL "alias" => Shell::builtin_alias;
    Unalias plain ALL "unalias" => Shell::builtin_unalias;
    Cd plain ALL "cd" "chdir" => Shell::builtin_cd;
    Pwd plain ALL "pwd" => Shell::builtin_pwd;
    Echo plain ALL "echo" => Shell::builtin_echo;
    Printf plain ALL "printf" => Shell::builtin_printf;
    Test plain ALL "test" "[" => Shell::builtin_test;
    DoubleBracket plain ASH "[[" => Shell::builtin_test;
    Let plain ASH_BASH "let" => Shell::builtin_let;
    Read plain ALL "read" => Shell::builtin_read;
    Mapfile plain BASH "mapfile" "readarray" => Shell::builtin_mapfile;
    Getopts plain ALL "getopts" => Shell::builtin_getopts;
    Command plain ALL "command" => Shell::builtin_command;
    Bypass plain BASH "builtin" => Shell::builtin_builtin;
    Type plain ALL "type" => Shell::builtin_type;
    Hash plain ALL "hash" => Shell::builtin_hash;
    Jobs plain ALL "jobs" => Shell::builtin_jobs;
    Kill plain ALL "kill" => Shell::builtin_kill;
    Wait plain ALL "wait" => Shell::builtin_wait;
    Fg plain ALL "fg" => Shell::builtin_fg;
    Bg plain ALL "bg" => Shell::builtin_fg;
    Disown plain BASH "disown" => Shell::builtin_disown;
    Umask plain ALL "umask" => Shell::builtin_umask;
    Ulimit plain ALL "ulimit" => Shell::builtin_ulimit;
    // Tab completes by Saya's own lists: what scripts ask for is taken, and makes no difference.
    Complete plain BASH "complete" => |_, _, _| Ok(Outcome::Status(0));
    History plain ASH_BASH "history" => |_, _, _| Ok(Outcome::Status(0));
}

impl Shell {
    /// Reports a wrong use and gives the status for it.
    fn misuse(&self, kernel: &mut Kernel<'_>, text: &str) -> Stop {
        self.complain(kernel, text);
        Stop::Abort(2)
    }

    /// An option a builtin does not have.
    fn bad_option(&self, kernel: &mut Kernel<'_>, letter: char, usage: &str) -> Stop {
        let text = match self.flavor {
            Flavor::Bash => format!("-{letter}: invalid option"),
            Flavor::Dash => format!("Illegal option -{letter}"),
            Flavor::Ash => format!("illegal option -{letter}"),
        };
        self.complain(kernel, text);
        if self.flavor == Flavor::Bash && !usage.is_empty() {
            kernel.complain(format!("{}: usage: {usage}\n", self.builtin.as_deref().unwrap_or_default()));
        }
        Stop::Abort(2)
    }

    /// The option letters in front of a builtin's operands, those with an argument marked `:` in `known`.
    fn options(
        &self,
        kernel: &mut Kernel<'_>,
        arguments: &[Arc<str>],
        known: &str,
        usage: &str,
    ) -> Result<(Given, usize)> {
        let mut found = Vec::new();
        let mut at = 1;
        while let Some(argument) = arguments.get(at) {
            let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                break;
            };
            at += 1;
            if letters == "-" {
                break;
            }
            for (place, letter) in letters.char_indices() {
                let Some(position) = known.find(letter).filter(|_| letter != ':') else {
                    return Err(self.bad_option(kernel, letter, usage));
                };
                if !known[position + 1..].starts_with(':') {
                    found.push((letter, "".into()));
                    continue;
                }
                let rest = &letters[place + letter.len_utf8()..];
                let argument = if rest.is_empty() { arguments.get(at).cloned() } else { Some(rest.into()) };
                at += usize::from(rest.is_empty());
                let Some(argument) = argument else {
                    let text = match self.flavor {
                        Flavor::Bash => format!("-{letter}: option requires an argument"),
                        Flavor::Dash => format!("No arg for -{letter} option"),
                        Flavor::Ash => format!("no arg for -{letter} option"),
                    };
                    return Err(self.misuse(kernel, &text));
                };
                found.push((letter, argument));
                break;
            }
        }
        Ok((found, at.min(arguments.len())))
    }

    /// A builtin's number argument.
    fn number(&self, kernel: &mut Kernel<'_>, text: &str) -> Result<i64> {
        text.trim().parse().map_err(|_| {
            let message = match self.flavor {
                Flavor::Bash => format!("{text}: numeric argument required"),
                Flavor::Dash => format!("Illegal number: {text}"),
                Flavor::Ash => format!("{text}: bad number"),
            };
            self.misuse(kernel, &message)
        })
    }
}
