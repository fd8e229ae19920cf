//! Verbs that go on over time.

use crate::api::ObjectKey;
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
    /// `wait`.
    Wait(super::wait::Waiting),
    /// `rollout status`.
    RolloutStatus(super::rollout::status::Watching),
    /// `events -w`.
    Events(super::events::Watching),
    /// `drain`.
    Drain(super::drain::Draining),
    /// `run -it`, before its Pod runs.
    Attach(super::run::Attaching),
    /// `debug -it`, before its container runs.
    Debug(super::debug::Debugging),
    /// `run -it`, after its program has ended.
    AfterAttach {
        /// Its Pod.
        pod: ObjectKey,
    },
    /// `edit`, while the learner edits.
    Edit(super::edit::Editing),
}

/// How something that kubectl asked for ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A program or its log, with this exit status.
    Ended(u8),
    /// An editor, with this text, of which a copy lies at this path.
    Saved(String, String),
}

impl Running {
    /// Goes on.
    ///
    /// # Errors
    /// What ends it badly.
    pub fn step(self, session: &mut Session<'_>, answer: Option<Answer>) -> Result<Flow> {
        match self {
            Running::Watch(watch) => watch.step(session),
            Running::Again { until } => {
                session.trying_until = Some(until);
                let words: Vec<String> = session.command.split(' ').skip(1).map(str::to_string).collect();
                let (found, ..) = super::command::find(&super::ROOT, &words);
                found.command.run.map_or(Ok(Flow::Done(0)), |run| run(session))
            }
            Running::Delete(waiting) => waiting.step(session),
            Running::Wait(waiting) => waiting.step(session),
            Running::RolloutStatus(watching) => watching.step(session),
            Running::Events(watching) => Ok(watching.step(session)),
            Running::Drain(draining) => draining.step(session),
            Running::Attach(attaching) => attaching.step(session),
            Running::AfterAttach { pod } => super::run::after(session, pod),
            Running::Debug(debugging) => debugging.step(session),
            Running::Edit(editing) => match answer {
                Some(Answer::Saved(text, path)) => editing.saved(session, &text, &path),
                _ => Ok(Flow::Done(1)),
            },
        }
    }
}
