//! The main process of a container.

use std::time::Duration;

use crate::base::{SimTime, Value};
use crate::images::{self, Reference};

/// A running container's programs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    stops_in: Duration,
    exit_code_on_stop: i64,
    ends: Option<(SimTime, i64)>,
    ended: Option<(i64, SimTime)>,
}

impl Process {
    /// Starts the main program of a container.
    ///
    /// # Errors
    /// The runtime's words where it cannot be started.
    pub fn start(reference: &Reference, _spec: &Value, _now: SimTime) -> Result<Self, String> {
        let stops = images::find(reference).map_or((Duration::from_millis(700), 0), |image| image.stops);
        Ok(Self { stops_in: stops.0, exit_code_on_stop: stops.1.into(), ends: None, ended: None })
    }

    /// Lets it run up to `now`.
    pub fn run(&mut self, now: SimTime) {
        if let Some((at, code)) = self.ends
            && now >= at
        {
            self.ended.get_or_insert((code, at));
        }
    }

    /// When something happens in it by itself.
    pub fn next_at(&self) -> Option<SimTime> {
        self.ends.map(|(at, _)| at)
    }

    /// Its exit code and when it ended, once it has.
    pub fn exit(&self) -> Option<(i64, SimTime)> {
        self.ended
    }

    /// Sends SIGTERM to it.
    pub fn terminate(&mut self, now: SimTime) {
        self.ends.get_or_insert((now + self.stops_in, self.exit_code_on_stop));
    }

    /// Sends SIGKILL to it.
    pub fn kill(&mut self, now: SimTime) {
        self.ended.get_or_insert((137, now));
    }
}
