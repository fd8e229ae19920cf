//! What a line or a label has to keep clear of, found by place.

use super::geometry::{Point, Rect, point, rect};
use super::scene::{Group, Kind, Text};
use super::shape::Form;
use super::typeface::{LINE_HEIGHT, text_width};

/// How far words keep from everything else.
const AIR: f64 = 2.0;
const CELL: f64 = 160.0;

#[derive(Clone, Debug)]
enum Thing {
    /// A box that nothing runs through but what ends at it.
    Solid(Rect, String),
    /// Words.
    Words(Rect),
}

/// Everything that is in the way, in cells.
pub(super) struct Field {
    bounds: Rect,
    across: usize,
    cells: Vec<Vec<usize>>,
    things: Vec<Thing>,
    /// The lines of each cell, which words keep clear of. They are many, and nothing to other lines.
    lines: Vec<Vec<(Point, Point)>>,
}

impl Field {
    /// All that is drawn in a figure so far.
    pub fn of(root: &Group) -> Self {
        let bounds = rect(0.0, 0.0, root.width, root.height);
        let across = (root.width / CELL) as usize + 1;
        let down = (root.height / CELL) as usize + 1;
        let cells = across * down;
        let (things, lines) = (Vec::new(), vec![Vec::new(); cells]);
        let mut field = Self { bounds, across, cells: vec![Vec::new(); cells], things, lines };
        field.add_group(root, point(0.0, 0.0));
        field
    }

    fn add_group(&mut self, group: &Group, around: Point) {
        let at = point(around.x + group.x, around.y + group.y);
        let bounds = rect(at.x, at.y, group.width, group.height);
        let solid = matches!(group.kind, Kind::Pod | Kind::Service | Kind::Outside | Kind::LoadBalancer);
        if solid {
            self.add(Thing::Solid(bounds, group.id.clone()));
        } else if group.kind != Kind::Figure {
            let (right, bottom) = (bounds.right(), bounds.bottom());
            let corners = [at, point(right, at.y), point(right, bottom), point(at.x, bottom), at];
            self.add_route(&corners);
        }
        for shape in &group.shapes {
            if matches!(shape.form, Form::Icon(_)) {
                self.add(Thing::Solid(shape.bounds.shifted(at), String::new()));
            }
        }
        for text in &group.texts {
            let words = text.bounds().shifted(at);
            // What stands in a solid box is behind its walls.
            if !solid || !bounds.overlaps(&words) {
                self.add(Thing::Words(words));
            }
        }
        if !solid {
            group.children.iter().for_each(|child| self.add_group(child, at));
        }
    }

    fn add(&mut self, thing: Thing) {
        let around = match &thing {
            Thing::Solid(bounds, _) | Thing::Words(bounds) => *bounds,
        };
        let index = self.things.len();
        self.things.push(thing);
        for cell in self.cells_of(&around) {
            self.cells[cell].push(index);
        }
    }

    fn cells_of(&self, bounds: &Rect) -> impl Iterator<Item = usize> + use<> {
        let down = self.cells.len() / self.across;
        let clamp = |value: f64, most: usize| ((value / CELL).max(0.0) as usize).min(most - 1);
        let columns = clamp(bounds.x, self.across)..=clamp(bounds.right(), self.across);
        let rows = clamp(bounds.y, down)..=clamp(bounds.bottom(), down);
        let across = self.across;
        rows.flat_map(move |row| columns.clone().map(move |column| row * across + column))
    }

    fn near(&self, bounds: &Rect) -> impl Iterator<Item = &Thing> {
        self.cells_of(bounds).flat_map(|cell| self.cells[cell].iter()).map(|at| &self.things[*at])
    }

    /// A line was drawn: words keep clear of it from now on.
    pub fn add_route(&mut self, route: &[Point]) {
        for pair in route.windows(2) {
            for cell in self.cells_of(&around(pair[0], pair[1])) {
                // Many lines of one Service begin alike.
                if self.lines[cell].last() != Some(&(pair[0], pair[1])) {
                    self.lines[cell].push((pair[0], pair[1]));
                }
            }
        }
    }

    /// True where nothing is in the way of a straight line, the two groups `ends` aside.
    pub fn is_clear(&self, a: Point, b: Point, ends: [&str; 2]) -> bool {
        !self.near(&around(a, b)).any(|thing| match thing {
            Thing::Solid(bounds, owner) => {
                !ends.contains(&owner.as_str()) && bounds.grown(AIR).meets_line(a, b)
            }
            Thing::Words(bounds) => bounds.grown(1.0).meets_line(a, b),
        })
    }

    fn has_room(&self, words: &Rect) -> bool {
        let wide = words.grown(AIR);
        let inside = wide.x >= 0.0
            && wide.y >= 0.0
            && wide.right() <= self.bounds.right()
            && wide.bottom() <= self.bounds.bottom();
        inside
            && !self.near(&wide).any(|thing| match thing {
                Thing::Solid(bounds, _) | Thing::Words(bounds) => bounds.overlaps(&wide),
            })
            && !self.cells_of(&wide).any(|cell| self.lines[cell].iter().any(|(a, b)| wide.meets_line(*a, *b)))
    }

    /// Puts words beside a route, as near as there is room to its beginning; `left` says which side to try first.
    /// None where there is no room near it.
    pub fn place_label(
        &mut self,
        route: &[Point],
        lines: Vec<String>,
        size: f64,
        left: bool,
    ) -> Option<Text> {
        const STEP: f64 = 7.0;
        const MOST: f64 = 130.0;
        const BESIDE: f64 = AIR + 5.0;
        let mut gone = 0.0;
        let width = lines.iter().map(|line| text_width(line, size)).fold(0.0, f64::max);
        let mut text = Text { lines, ..Text::line(point(0.0, 0.0), Default::default(), size, "") };
        let height = text.bounds().height;
        text.anchor = super::scene::Anchor::Middle;
        for pair in route.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let steps = (a.distance(b) / STEP) as usize;
            let steep = (b.y - a.y).abs() * 2.0 >= (b.x - a.x).abs();
            for step in 0..=steps {
                let on = a.towards(b, step as f64 * STEP);
                if gone + step as f64 * STEP > MOST {
                    return None;
                }
                for side in [left, !left] {
                    let corner = if steep {
                        let down = if b.y > a.y { 1.0 } else { -1.0 };
                        let middle = on.y + down * (height / 2.0 + AIR + 2.0);
                        // The line leans: words keep clear of it over their whole height.
                        let slope = (b.x - a.x) / (b.y - a.y);
                        let ends =
                            [middle - height / 2.0, middle + height / 2.0].map(|y| a.x + (y - a.y) * slope);
                        let x = if side {
                            ends[0].min(ends[1]) - width - BESIDE
                        } else {
                            ends[0].max(ends[1]) + BESIDE
                        };
                        point(x, middle - height / 2.0)
                    } else {
                        let slope = (b.y - a.y) / (b.x - a.x);
                        let ends = [on.x - width / 2.0, on.x + width / 2.0].map(|x| a.y + (x - a.x) * slope);
                        let y = if side {
                            ends[0].min(ends[1]) - height - AIR - 1.0
                        } else {
                            ends[0].max(ends[1]) + AIR + 1.0
                        };
                        point(on.x - width / 2.0, y)
                    };
                    let words = rect(corner.x, corner.y, width, height);
                    if self.has_room(&words) {
                        let lines = (text.lines.len() - 1) as f64 * LINE_HEIGHT * size;
                        let descent = super::typeface::DESCENT * size;
                        text.at = point(words.center().x, words.bottom() - descent - lines);
                        self.add(Thing::Words(words));
                        return Some(text);
                    }
                }
            }
            gone += a.distance(b);
        }
        None
    }
}

/// The box around a straight line.
fn around(a: Point, b: Point) -> Rect {
    rect(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
}
