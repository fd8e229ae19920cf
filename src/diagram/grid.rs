//! A grid of slots: who has one keeps it.

use std::collections::{BTreeMap, BTreeSet};

use super::geometry::{Point, point};
use super::pod::{ABOVE, BELOW, HEIGHT, PITCH, width_of};
use crate::sim::snapshot::Name;

/// Between the caption of one row and the names of the next.
const ROW_GAP: f64 = 10.0;

/// A slot: one place, or more than one beside each other in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub row: usize,
    pub column: usize,
    pub columns: usize,
}

/// Pods in rows and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Grid {
    slots: BTreeMap<Name, Slot>,
    /// How high the Pods of each row are; a row does not become lower while there are Pods in it or below it.
    heights: Vec<f64>,
    /// True where a row may be lower than a Pod.
    flat: bool,
    /// How many columns it has.
    columns: usize,
    /// The places that are taken; only while Pods are being placed.
    taken: BTreeSet<(usize, usize)>,
    /// How many places of the order of growth are known to be taken.
    full: usize,
}

/// The places of a grid in the order in which it grows: always near to `shape` times as wide as high, and every place
/// at the same rank however many there are. Begins with a row of `columns`.
pub(super) fn growth(columns: usize, shape: f64) -> impl Iterator<Item = (usize, usize)> {
    const ROW_PITCH: f64 = ABOVE + HEIGHT + BELOW + ROW_GAP;
    let (mut rows, mut columns) = (1, columns);
    let mut batch: Vec<(usize, usize)> = (0..columns).map(|column| (0, column)).collect();
    let mut next = 0;
    std::iter::from_fn(move || {
        if next == batch.len() {
            next = 0;
            if columns as f64 * PITCH < shape * rows as f64 * ROW_PITCH {
                batch = (0..rows).map(|row| (row, columns)).collect();
                columns += 1;
            } else {
                batch = (0..columns).map(|column| (rows, column)).collect();
                rows += 1;
            }
        }
        next += 1;
        batch.get(next - 1).copied()
    })
}

impl Grid {
    /// A grid of other things than Pods: its rows are as high as what is in them.
    pub fn flat() -> Self {
        Self { flat: true, ..Self::default() }
    }

    /// True where nobody has a slot.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Takes the slots of those that do not `stay`.
    pub fn retain(&mut self, mut stay: impl FnMut(&Name) -> bool) {
        self.slots.retain(|name, _| stay(name));
        self.full = 0;
        let places = |slot: &Slot| {
            let Slot { row, column, columns } = *slot;
            (column..column + columns).map(move |column| (row, column))
        };
        self.taken = self.slots.values().flat_map(places).collect();
    }

    /// Gives a Pod of so many columns and this height the slot it had, or the first free one in the order of growth;
    /// `aside` leaves the first place of all to others.
    pub fn place(
        &mut self,
        name: &Name,
        columns: usize,
        height: f64,
        order: impl Iterator<Item = (usize, usize)>,
        aside: bool,
    ) {
        let slot = match self.slots.get(name).copied() {
            Some(slot) if slot.columns >= columns => Some(slot),
            Some(slot) => {
                // It grew: on the spot where there is room, else to another one.
                let more =
                    (slot.column + slot.columns..slot.column + columns).map(|column| (slot.row, column));
                let free = more.clone().all(|place| !self.taken.contains(&place));
                if free {
                    self.taken.extend(more);
                } else {
                    self.full = 0;
                    for column in slot.column..slot.column + slot.columns {
                        self.taken.remove(&(slot.row, column));
                    }
                }
                free.then_some(Slot { columns, ..slot })
            }
            None => None,
        };
        let slot = slot.unwrap_or_else(|| self.first_free(columns, order, aside));
        self.slots.insert(name.clone(), slot);
        if self.heights.len() <= slot.row {
            self.heights.resize(slot.row + 1, if self.flat { 0.0 } else { HEIGHT });
        }
        self.heights[slot.row] = self.heights[slot.row].max(height);
    }

    fn first_free(
        &mut self,
        columns: usize,
        order: impl Iterator<Item = (usize, usize)>,
        aside: bool,
    ) -> Slot {
        let mut unbroken = true;
        let mut place = (0, 0);
        for (index, (row, column)) in order.enumerate().skip(self.full) {
            place = (row, column);
            let first = aside && place == (0, 0);
            if !self.taken.contains(&place) {
                let free = (column..column + columns).all(|column| !self.taken.contains(&(row, column)));
                if free && !first {
                    break;
                }
                unbroken = false;
            } else if unbroken {
                self.full = index + 1;
            }
        }
        let (row, column) = place;
        self.taken.extend((column..column + columns).map(|column| (row, column)));
        Slot { row, column, columns }
    }

    /// Ends a round of placing. Rows and columns beyond the last Pod go; where something stands `beside` that would move,
    /// only once fewer than a third are in use.
    pub fn settle(&mut self, beside: bool) {
        let left = |used: usize, had: usize| {
            let kept = beside && (used == 0 || used * 3 >= had);
            if kept { used.max(had) } else { used }
        };
        let rows = self.slots.values().map(|slot| slot.row + 1).max().unwrap_or(0);
        let columns = self.slots.values().map(|slot| slot.column + slot.columns).max().unwrap_or(0);
        // The first row stays as high as it was: a Pod that is replaced should not make its node twitch.
        self.heights.truncate(left(rows, self.heights.len()).max(1));
        self.columns = left(columns, self.columns);
        self.taken = BTreeSet::new();
        self.full = 0;
    }

    /// How large a grid of one row is.
    pub fn room(columns: usize) -> Point {
        point(width_of(columns), ABOVE + HEIGHT + BELOW)
    }

    /// How large it is, names and captions included, with at least so many columns.
    pub fn size(&self, columns: usize) -> Point {
        let room = Self::room(self.columns.max(columns));
        let high: f64 =
            self.heights.iter().map(|height| height + ABOVE + BELOW + ROW_GAP).sum::<f64>() - ROW_GAP;
        point(room.x, if self.flat { high } else { room.y.max(high) })
    }

    /// The slots with the upper left corners of their boxes, in a grid whose own is at `origin`.
    pub fn boxes(&self, origin: Point) -> Vec<(&Name, Slot, Point)> {
        let mut top = origin.y + ABOVE;
        let tops: Vec<f64> = self
            .heights
            .iter()
            .map(|height| {
                let row = top;
                top += height + BELOW + ROW_GAP + ABOVE;
                row
            })
            .collect();
        let corner = |slot: &Slot| point(origin.x + slot.column as f64 * PITCH, tops[slot.row]);
        self.slots.iter().map(|(name, slot)| (name, *slot, corner(slot))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_visits_every_place_once_and_keeps_its_shape() {
        for shape in [0.6, 1.0, 2.2] {
            let places: Vec<_> = growth(2, shape).take(200).collect();
            let distinct: BTreeSet<_> = places.iter().collect();
            assert_eq!(distinct.len(), places.len());
            let rows = places.iter().map(|place| place.0).max().unwrap_or(0) + 1;
            let columns = places.iter().map(|place| place.1).max().unwrap_or(0) + 1;
            let seen = columns as f64 * PITCH / (rows as f64 * 139.0);
            assert!((seen / shape - 1.0).abs() < 0.2, "{columns} by {rows} for {shape}");
        }
    }

    fn pod(name: &str) -> Name {
        Name { namespace: "default".into(), name: name.into() }
    }

    #[test]
    fn slots_stay_and_free_ones_are_filled_first() {
        let mut grid = Grid::default();
        let all = |grid: &mut Grid, names: &[&str]| {
            grid.retain(|name| names.contains(&name.name.as_str()));
            names.iter().for_each(|name| grid.place(&pod(name), 1, HEIGHT, growth(2, 2.2), false));
            grid.settle(false);
        };
        all(&mut grid, &["a", "b", "c"]);
        let before = grid.slots[&pod("c")];
        all(&mut grid, &["a", "c"]);
        all(&mut grid, &["a", "c", "d", "e"]);
        assert_eq!(grid.slots[&pod("c")], before);
        assert_eq!(grid.slots[&pod("d")], Slot { row: 0, column: 1, columns: 1 });
        assert_ne!(grid.slots[&pod("e")], before);
    }

    #[test]
    fn a_pod_that_grows_takes_room_without_moving_others() {
        let mut grid = Grid::default();
        let round = |grid: &mut Grid, columns: usize| {
            grid.retain(|_| true);
            grid.place(&pod("a"), columns, HEIGHT, growth(2, 2.2), false);
            grid.place(&pod("b"), 1, HEIGHT, growth(2, 2.2), false);
            grid.settle(false);
        };
        round(&mut grid, 1);
        let other = grid.slots[&pod("b")];
        round(&mut grid, 2);
        assert_eq!(grid.slots[&pod("b")], other);
        let wide = grid.slots[&pod("a")];
        assert!(wide.columns == 2 && (wide.row, wide.column) != (0, 0));
    }
}
