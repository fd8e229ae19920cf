//! The programs that are in most images: a file a tool. To add one, write its file and a line in the list below.

pub mod echo;
pub mod input;
pub mod kill;
pub mod mode;
pub mod options;
pub mod printf;
pub mod test;

mod cat;
mod cp;
mod mkdir;
mod sleep;
mod timeout;
mod yes;

use super::kernel::Kernel;
use super::program::{Program, Step};
use options::Named;

/// Whose tool it is: they differ in messages and options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavor {
    /// coreutils, findutils, grep, procps: Debian's.
    Gnu,
    /// BusyBox.
    BusyBox,
}

/// The version of BusyBox that all texts are of.
pub const VERSION: &str = "1.35.0";

macro_rules! tools {
    (at once: $($name:literal => $function:path,)* running: $($running:literal => $variant:ident($state:ty),)*) => {
        /// What a tool has got to.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        enum State {
            /// It does all it does when it starts.
            AtOnce,
            $(#[allow(missing_docs)] $variant($state),)*
        }

        /// The names of all tools.
        pub const NAMES: &[&str] = &[$($name,)* $($running,)*];

        impl Tool {
            /// The tool of a name.
            pub fn new(flavor: Flavor, name: &str) -> Option<Self> {
                let (name, state) = match name {
                    $($name => ($name, State::AtOnce),)*
                    $($running => ($running, State::$variant(Default::default())),)*
                    _ => return None,
                };
                Some(Self { flavor, name, state })
            }

            /// Goes on until it must wait.
            pub fn step<P: Program>(&mut self, kernel: &mut Kernel<'_, P>) -> Step {
                let tool = Named { name: self.name, flavor: self.flavor };
                match &mut self.state {
                    State::AtOnce => match self.name {
                        $($name => Step::Exit($function(kernel, tool)),)*
                        _ => Step::Exit(127),
                    },
                    $(State::$variant(state) => state.step(kernel, tool),)*
                }
            }
        }
    };
}

/// A tool that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tool {
    flavor: Flavor,
    name: &'static str,
    state: State,
}

impl Tool {
    /// The tool that an executable's id stands for: `gnu/cat`, `busybox/cat`.
    pub fn load(id: &str) -> Option<Self> {
        let (flavor, name) = id.split_once('/')?;
        let flavor = match flavor {
            "gnu" => Flavor::Gnu,
            "busybox" => Flavor::BusyBox,
            _ => return None,
        };
        Self::new(flavor, name)
    }
}

tools! {
    at once:
    "[" => test::program,
    "cp" => cp::run,
    "echo" => echo::run,
    "false" => yes::no,
    "kill" => kill::run,
    "mkdir" => mkdir::run,
    "printf" => printf::run,
    "rmdir" => mkdir::remove,
    "test" => test::program,
    "true" => yes::nothing,
    running:
    "cat" => Cat(cat::Cat),
    "sleep" => Sleep(sleep::Sleep),
    "timeout" => Timeout(timeout::Timeout),
    "yes" => Yes(yes::Yes),
}

/// A path below a directory.
fn below(directory: &str, name: &str) -> String {
    if directory.ends_with('/') { format!("{directory}{name}") } else { format!("{directory}/{name}") }
}

/// The last part of a path without slashes at its end.
fn base_name(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }
}
