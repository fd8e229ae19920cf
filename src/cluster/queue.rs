//! What is yet to happen, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::SimTime;

use super::Event;

/// The moment, and how many events were put in before.
type Place = (SimTime, u64);

/// Events ordered by moment, and among those of one moment by when they were put in. An event that is already
/// waiting for the same moment or an earlier one is not put in again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Queue {
    waiting: BTreeMap<Place, Arc<Event>>,
    /// The first of an event's places, and the later ones, the last of them first.
    known: BTreeMap<Arc<Event>, (Place, Vec<Place>)>,
    sequence: u64,
}

impl Queue {
    /// Puts an event in for `at`.
    pub fn push(&mut self, at: SimTime, event: Event) {
        let place = (at, self.sequence);
        let known = self.known.get_mut(&event);
        if known.as_ref().is_some_and(|((earlier, _), _)| *earlier <= at) {
            return;
        }
        let event = Arc::new(event);
        match known {
            Some((first, later)) => later.push(std::mem::replace(first, place)),
            None => drop(self.known.insert(event.clone(), (place, Vec::new()))),
        }
        self.waiting.insert(place, event);
        self.sequence += 1;
    }

    /// The moment of the next event.
    pub fn next_at(&self) -> Option<SimTime> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next event out.
    pub fn pop(&mut self) -> Option<(SimTime, Event)> {
        let (place, event) = self.waiting.pop_first()?;
        // Hardly an event waits at several places, of which this is the first.
        if let Some((event, (_, mut later))) = self.known.remove_entry(&event)
            && let Some(next) = later.pop()
        {
            self.known.insert(event, (next, later));
        }
        Some((place.0, Arc::unwrap_or_clone(event)))
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
