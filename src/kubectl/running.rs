//! Verbs that go on over time.

use super::error::Result;
use super::session::{Flow, Session};

/// A verb in the middle of its work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// `get -w`.
    Watch(super::get::Watch),
    /// `delete`, waiting until all is gone.
    Delete(super::delete::Waiting),
}

impl Running {
    /// Goes on.
    ///
    /// # Errors
    /// What ends it badly.
    pub fn step(self, session: &mut Session<'_>) -> Result<Flow> {
        match self {
            Running::Watch(watch) => watch.step(session),
            Running::Delete(waiting) => waiting.step(session),
        }
    }
}
