//! A log that is being written, with the simulation that it makes at one moment of it.

use crate::base::SimTime;
use crate::cluster::UnknownProfile;

use super::{Input, Log, Scenario, Sim};

/// How far apart the kept states are that make going back quick.
const KEYFRAME_EVERY: SimTime = SimTime::from_secs(10);
/// How many of them are kept; the older half is thinned out beyond.
const KEYFRAMES: usize = 64;

/// A simulation that can be driven on and rewound.
///
/// Invariant: `sim` is what [`super::replay`] makes of `log` up to `sim.now()`.
#[derive(Clone, Debug)]
pub struct Session {
    log: Log,
    sim: Sim,
    /// The furthest moment that was reached and not cut off since.
    horizon: SimTime,
    /// States of before, by time. Only a cache.
    keyframes: Vec<Sim>,
}

impl Session {
    /// The beginning of a scenario.
    ///
    /// # Errors
    /// Where its profile is not known.
    pub fn new(scenario: Scenario) -> Result<Self, UnknownProfile> {
        Self::open(Log { scenario, inputs: Vec::new() })
    }

    /// A log at its beginning; [`Session::seek`] goes to its end.
    ///
    /// # Errors
    /// Where its profile is not known.
    pub fn open(log: Log) -> Result<Self, UnknownProfile> {
        let sim = Sim::new(&log.scenario)?;
        let horizon = log.inputs.last().map_or(SimTime::ZERO, |(at, _)| *at);
        let mut session = Self { log, horizon, keyframes: vec![sim.clone()], sim };
        session.rewind(SimTime::ZERO);
        Ok(session)
    }

    /// The simulation as it is now.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Everything that was done.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The furthest moment that was reached.
    pub fn horizon(&self) -> SimTime {
        self.horizon
    }

    /// When the next thing happens, by itself or because it was done then.
    pub fn next_at(&self) -> Option<SimTime> {
        let now = self.sim.now();
        let done = self.log.inputs.iter().map(|(at, _)| *at).find(|at| *at > now);
        [self.sim.next_at(), done].into_iter().flatten().min()
    }

    /// True while the simulation stands in its own past.
    pub fn is_in_the_past(&self) -> bool {
        self.sim.now() < self.horizon
    }

    /// Lets time pass up to `until`, through what was done then.
    pub fn advance(&mut self, until: SimTime) {
        let from = self.sim.now();
        let next = self.log.inputs.partition_point(|(at, _)| *at <= from);
        for (at, input) in &self.log.inputs[next..] {
            if *at > until {
                break;
            }
            self.sim.run_until(*at);
            self.sim.apply(input);
        }
        self.sim.run_until(until);
        self.horizon = self.horizon.max(self.sim.now());
        self.keep();
    }

    /// Does something now. What was done later is cut off.
    pub fn input(&mut self, input: Input) {
        let now = self.sim.now();
        self.log.push(now, input.clone());
        self.horizon = now;
        self.keyframes.retain(|frame| frame.now() < now || frame.now() == SimTime::ZERO);
        self.sim.apply(&input);
    }

    /// Goes to a moment, back or forward.
    pub fn seek(&mut self, to: SimTime) {
        let now = self.sim.now();
        if to < now {
            self.rewind(to);
        } else if let Some(frame) =
            self.keyframes.iter().rfind(|frame| (now.0 + 1..=to.0).contains(&frame.now().0))
        {
            // What was there once need not be lived through again.
            self.sim = frame.clone();
        }
        self.advance(to);
    }

    /// Takes back the last thing that was done, and goes to where it was done. False where nothing was.
    pub fn undo(&mut self) -> bool {
        let Some((at, _)) = self.log.inputs.pop() else { return false };
        self.keyframes.retain(|frame| frame.now() < at || frame.now() == SimTime::ZERO);
        self.rewind(at);
        self.advance(at);
        self.horizon = at;
        true
    }

    /// Goes back to the last kept state before a moment, or to the beginning.
    fn rewind(&mut self, to: SimTime) {
        let before = |frame: &&Sim| frame.now() < to || frame.now() == SimTime::ZERO;
        let Some(frame) = self.keyframes.iter().rfind(before) else { return };
        self.sim = frame.clone();
        // Only the first keyframe can lack what was done at its own moment: others are dropped when that happens.
        if self.sim.now() == SimTime::ZERO {
            for (_, input) in self.log.inputs.iter().take_while(|(at, _)| *at == SimTime::ZERO) {
                self.sim.apply(input);
            }
        }
    }

    fn keep(&mut self) {
        let now = self.sim.now();
        let last = self.keyframes.last().map_or(SimTime::ZERO, Sim::now);
        if now.0 < last.0 + KEYFRAME_EVERY.0 {
            return;
        }
        self.keyframes.push(self.sim.clone());
        if self.keyframes.len() > KEYFRAMES {
            // Every second one of the older half goes; the first stays.
            let mut at = 0;
            self.keyframes.retain(|_| {
                at += 1;
                at > KEYFRAMES / 2 || at % 2 == 1
            });
        }
    }
}
