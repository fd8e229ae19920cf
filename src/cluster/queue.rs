//! What is yet to happen, in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::SimTime;

use super::Event;

/// Events ordered by moment, and among those of one moment by when they were put in. An event that is already
/// waiting for the same moment or an earlier one is not put in again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Queue {
    waiting: BTreeMap<(SimTime, u64), Event>,
    known: BTreeMap<Event, BTreeSet<(SimTime, u64)>>,
    sequence: u64,
}

impl Queue {
    /// Puts an event in for `at`.
    pub fn push(&mut self, at: SimTime, event: Event) {
        let places = self.known.entry(event.clone()).or_default();
        if places.first().is_some_and(|(earlier, _)| *earlier <= at) {
            return;
        }
        let place = (at, self.sequence);
        self.sequence += 1;
        places.insert(place);
        self.waiting.insert(place, event);
    }

    /// The moment of the next event.
    pub fn next_at(&self) -> Option<SimTime> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next event out.
    pub fn pop(&mut self) -> Option<(SimTime, Event)> {
        let (place, event) = self.waiting.pop_first()?;
        // Hardly an event waits at several places.
        if let Some((event, mut places)) = self.known.remove_entry(&event) {
            places.remove(&place);
            if !places.is_empty() {
                self.known.insert(event, places);
            }
        }
        Some((place.0, event))
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True where nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_of_time_then_of_coming() {
        let mut queue = Queue::default();
        let beat = |name: &str| Event::Heartbeat(name.into());
        queue.push(SimTime(20), beat("a"));
        queue.push(SimTime(10), beat("b"));
        queue.push(SimTime(10), beat("c"));
        queue.push(SimTime(30), beat("b"));
        queue.push(SimTime(5), beat("a"));
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(
            order,
            [
                (SimTime(5), beat("a")),
                (SimTime(10), beat("b")),
                (SimTime(10), beat("c")),
                (SimTime(20), beat("a")),
            ]
        );
    }
}
