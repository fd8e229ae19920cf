//! Which lookups and connections are shown, and how far each has come. That follows from virtual time alone: what takes
//! microseconds is shown slowly, one flight after the other, and pausing, stepping and rewinding do to it what they do to the rest.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::SimTime;
use crate::network::activity::Place;
use crate::sim::background::deeds;
use crate::sim::traffic::{Crowds, Stream, Talk, talks};

use super::browser;
use super::state::State;

/// How long one flight is shown, in seconds of a person's time.
pub const FLIGHT: f64 = 0.6;
/// How long a talk stays when it is over.
const LINGER: f64 = 2.5;
/// The same for one that failed.
const LINGER_FAILED: f64 = 9.0;
/// How far behind what really happened may be shown, in flights; what would be later is left out.
const MOST_BEHIND: f64 = 24.0;
/// So many are shown at once.
pub const MOST: usize = 50;
/// What is a crowd is counted over so many seconds of a person's time.
const COUNTED: f64 = 2.0;
/// What goes on in the background is shown for so many seconds of a person's time at most.
const REMEMBERED: f64 = 16.0;
/// Virtual time may be so many seconds of a person's time from where it was thought to be.
const DRIFT: f64 = 0.1;

/// A talk that is shown now.
#[derive(Clone, PartialEq)]
pub struct Showing {
    /// The talk.
    pub talk: Rc<Talk>,
    /// How many of its flights have passed.
    pub flown: usize,
    /// When the first began, in seconds of virtual time.
    pub begins: f64,
    /// How long one takes, in seconds of virtual time.
    pub flight: f64,
}

/// How virtual time passes beside the browser's: what moves is handed to the browser once, and follows it by itself until this
/// changes.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct Pace {
    /// The browser's time, in milliseconds, at a moment.
    at: f64,
    /// The virtual time then, in seconds.
    was: f64,
    /// How many virtual seconds pass in one; 0 while time stands still.
    pub speed: f64,
}

impl Pace {
    /// The virtual time now, in seconds.
    pub fn now(&self) -> f64 {
        self.was + (browser::now() - self.at) / 1e3 * self.speed
    }

    /// The same, where time still passes as it did.
    fn follow(self, now: f64, speed: f64) -> Self {
        let off = (self.now() - now).abs();
        if self.speed == speed && off <= DRIFT * speed {
            return self;
        }
        Self { at: browser::now(), was: now, speed }
    }
}

/// What is shown of what goes over the network.
#[derive(Clone, Default)]
pub struct Shown {
    /// The talks that are shown one by one.
    pub talks: Rc<Vec<Showing>>,
    /// What goes in crowds.
    pub streams: Rc<Vec<Stream>>,
    /// How time passes.
    pub pace: Pace,
    /// What the streams were counted of: the second, how many there are, what is shown.
    counted: (u64, usize, bool, bool),
}

impl PartialEq for Shown {
    /// By identity: what is equal is kept.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.talks, &other.talks)
            && Rc::ptr_eq(&self.streams, &other.streams)
            && self.pace == other.pace
    }
}

impl Shown {
    /// True while there is nothing to be seen.
    pub fn is_empty(&self) -> bool {
        self.talks.is_empty() && self.streams.is_empty()
    }

    /// Takes over what there is now.
    pub fn follow(&mut self, state: &State) {
        let sim = state.session.sim();
        let now = seconds(sim.now());
        self.pace = self.pace.follow(now, if state.playing { state.speed } else { 0.0 });
        if !state.sight.traffic {
            if !self.is_empty() {
                *self = Self { pace: self.pace, ..Self::default() };
            }
            return;
        }
        let (system, background) = (state.options.show_system, state.sight.background);
        let scale = state.speed.max(1.0);
        let crowds = Crowds::of(sim, SimTime((COUNTED * scale * 1e6) as u64));
        let mut talks = talks(sim, system, &crowds);
        if background {
            talks.extend(deeds(sim, system, SimTime((REMEMBERED * scale * 1e6) as u64)));
            talks.sort_by_key(|talk| talk.at);
        }
        let talks = showing(talks, now, scale, background);
        if talks != *self.talks {
            self.talks = Rc::new(talks);
        }
        // Numbers that change all the time cannot be read.
        let counted = ((now / scale) as u64, crowds.len(), system, background);
        if counted != self.counted {
            self.counted = counted;
            let mut streams = crowds.streams(sim, system);
            streams.retain(|stream| background || !stream.background);
            if streams != *self.streams {
                self.streams = Rc::new(streams);
            }
        }
    }
}

fn seconds(at: SimTime) -> f64 {
    at.0 as f64 / 1e6
}

/// What is to be shown of the talks at a moment.
fn showing(talks: Vec<Talk>, now: f64, scale: f64, background: bool) -> Vec<Showing> {
    let flight = FLIGHT * scale;
    // One after the other of each sender, as it does them.
    let mut free: BTreeMap<Place, f64> = BTreeMap::new();
    let mut all = Vec::new();
    for talk in talks.into_iter().filter(|talk| background || !talk.background) {
        let at = seconds(talk.at);
        let begins = free.get(&talk.from).copied().unwrap_or(at).max(at);
        if begins > at + MOST_BEHIND * flight || talk.flights.is_empty() {
            continue;
        }
        let ends = begins + talk.flights.len() as f64 * flight;
        free.insert(talk.from.clone(), ends + 0.2 * flight);
        let linger = scale * if talk.why.is_some() { LINGER_FAILED } else { LINGER };
        if (begins..ends + linger).contains(&now) {
            let flown = ((now - begins) / flight) as usize;
            all.push(Showing { flown: flown.min(talk.flights.len()), begins, flight, talk: Rc::new(talk) });
        }
    }
    let over = all.len().saturating_sub(MOST);
    all.drain(..over);
    all
}
