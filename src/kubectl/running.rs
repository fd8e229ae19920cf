//! Verbs that go on over time.

use crate::base::SimTime;

use super::error::Result;
use super::session::{Flow, Session};

/// A verb in the middle of its work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Running {
    /// `get -w`.
    Watch(super::get::Watch),
    /// The whole command is tried anew, up to a moment.
    Again {
        /// The moment.
        until: SimTime,
    },
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
            Running::Again { until } => {
                session.trying_until = Some(until);
                let words: Vec<String> = session.command.split(' ').skip(1).map(str::to_string).collect();
                let (found, ..) = super::command::find(&super::ROOT, &words);
                found.command.run.map_or(Ok(Flow::Done(0)), |run| run(session))
            }
            Running::Delete(waiting) => waiting.step(session),
        }
    }
}
