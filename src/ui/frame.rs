//! How time passes in the page.

use crate::base::SimTime;

use super::action::Changed;
use super::browser;
use super::state::State;

/// The longest time between two frames that is made up for; a page that slept does not race afterwards.
const LONGEST_FRAME_MS: f64 = 500.0;
/// How long a frame simulates before it is painted.
const LONGEST_ADVANCE_MS: f64 = 30.0;
/// The longest rest between two looks at how far time is where nothing happens: the clock shows tenths of a second.
const LONGEST_REST_MS: f64 = 90.0;
/// A look is rested from so many times as long as it took, and for so long at most: where much happens, the page looks less
/// often, and what flies goes on by itself.
const REST: f64 = 40.0;
const LONGEST_COSTLY_REST_MS: f64 = 240.0;
/// How long one step looks for something that can be seen.
const LONGEST_STEP: SimTime = SimTime::from_secs(60);
/// The speeds that time can pass at.
pub const SPEEDS: &[f64] = &[0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0];

impl State {
    /// Lets as much virtual time pass as real time did, times the speed.
    pub(super) fn frame(&mut self, at: f64) -> Changed {
        let elapsed = self.last_frame.map_or(0.0, |last| (at - last).clamp(0.0, LONGEST_FRAME_MS));
        self.last_frame = Some(at);
        if self.unkept && at - self.kept_at > 1_000.0 || at - self.kept_at > 5_000.0 && self.playing {
            self.kept_at = at;
            self.unkept = false;
            self.keep();
        }
        if self.go_on() {
            return Changed::Page;
        }
        if !self.playing {
            return Changed::Nothing;
        }
        self.type_waiting();
        let now = self.session.sim().now();
        self.advance(SimTime(now.0 + (elapsed * 1_000.0 * self.speed) as u64));
        self.tell_story();
        let visited = self.browse_on();
        self.close_edited();
        self.open_edited();
        let sim = self.session.sim();
        let printed = self.terminals.iter().map(|number| sim.host().screen(*number).length).sum();
        let shown = (sim.now().0 / 100_000, sim.revision(), printed);
        let read = self.course.look(&self.session);
        if std::mem::replace(&mut self.shown, shown) == shown && !read && !visited {
            Changed::Nothing
        } else {
            Changed::Page
        }
    }

    /// How long nobody need look at how far time is, in milliseconds, where a look costs so many.
    pub(super) fn rest(&self, cost: f64) -> f64 {
        if self.exchange.seeking.is_some() || self.behind {
            return 0.0;
        }
        let now = self.session.sim().now();
        let next = self.session.next_at().filter(|_| self.playing);
        let quiet = next.map_or(LONGEST_REST_MS, |at| at.0.saturating_sub(now.0) as f64 / 1e3 / self.speed);
        quiet.min(LONGEST_REST_MS).max((REST * cost).min(LONGEST_COSTLY_REST_MS))
    }

    /// Lets time pass until then, or as far as the page can wait for it: where much happens at once, time passes slower.
    fn advance(&mut self, until: SimTime) {
        let busy = browser::now() + LONGEST_ADVANCE_MS;
        self.behind = true;
        while let Some(at) = self.session.next_at().filter(|at| *at < until) {
            self.session.advance(at);
            if browser::now() > busy {
                return;
            }
        }
        self.session.advance(until);
        self.behind = false;
    }

    /// Goes to the next moment at which something can be seen.
    pub(super) fn step(&mut self) {
        self.playing = false;
        let from = (self.session.sim().now(), self.look());
        let known = self.moments.change_after(from.0).filter(|_| self.session.is_in_the_past());
        if let Some(at) = known {
            return self.session.seek(at);
        }
        while let Some(at) = self.session.next_at() {
            self.session.advance(at);
            if self.look() != from.1 || at.0 > from.0.0 + LONGEST_STEP.0 {
                break;
            }
        }
    }

    /// Changes when anything that is shown does.
    fn look(&self) -> (u64, usize) {
        let sim = self.session.sim();
        let printed = self.terminals.iter().map(|number| sim.host().screen(*number).length);
        (sim.revision(), printed.sum())
    }
}
