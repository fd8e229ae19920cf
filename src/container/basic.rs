//! The smallest set of programs: shells and tools. For a machine without a cluster around it, and for tests.

use std::sync::Arc;

use super::commands::Tool;
use super::kernel::Kernel;
use super::machine::Environment;
use super::program::{Program, Step};
use super::shell::Shell;

/// A shell or a tool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BasicProgram {
    /// A shell.
    Shell(Box<Shell>),
    /// A tool.
    Tool(Box<Tool>),
}

impl From<Shell> for BasicProgram {
    fn from(shell: Shell) -> Self {
        BasicProgram::Shell(Box::new(shell))
    }
}

impl Program for BasicProgram {
    type World = ();

    fn load(id: &str, _: &[Arc<str>], _: &Environment) -> Option<Self> {
        match Shell::load(id) {
            Some(shell) => Some(shell.into()),
            None => Tool::load(id).map(|tool| BasicProgram::Tool(Box::new(tool))),
        }
    }

    fn step(&mut self, kernel: &mut Kernel<'_>, _: &mut ()) -> Step {
        match self {
            BasicProgram::Shell(shell) => shell.step(kernel),
            BasicProgram::Tool(tool) => tool.step(kernel),
        }
    }
}
