//! Points and boxes, in pixels; y grows downwards.

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Rightwards.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// The place `(x, y)`.
pub const fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

impl Point {
    /// This place, seen from `origin`.
    pub fn from(self, origin: Point) -> Point {
        point(self.x - origin.x, self.y - origin.y)
    }
    /// How far away `other` is.
    pub fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
    /// The place `distance` away from here on the way to `other`.
    pub fn towards(self, other: Point, distance: f64) -> Point {
        let length = self.distance(other);
        if length == 0.0 {
            return self;
        }
        let share = distance / length;
        point(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)
    }
}

/// An upright box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its left side.
    pub x: f64,
    /// Its upper side.
    pub y: f64,
    /// How wide.
    pub width: f64,
    /// How high.
    pub height: f64,
}

/// The box with its upper left corner at `(x, y)`.
pub const fn rect(x: f64, y: f64, width: f64, height: f64) -> Rect {
    Rect { x, y, width, height }
}

impl Rect {
    /// Its right side.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }
    /// Its lower side.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
    /// Its middle.
    pub fn center(&self) -> Point {
        point(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
    /// The place at a share of its width and its height.
    pub fn at(&self, share: Point) -> Point {
        point(self.x + self.width * share.x, self.y + self.height * share.y)
    }
    /// Moved.
    pub fn shifted(&self, by: Point) -> Rect {
        rect(self.x + by.x, self.y + by.y, self.width, self.height)
    }
    /// Larger by `margin` on every side.
    pub fn grown(&self, margin: f64) -> Rect {
        rect(self.x - margin, self.y - margin, self.width + 2.0 * margin, self.height + 2.0 * margin)
    }
    /// The smallest box around both.
    pub fn joined(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        rect(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }
    /// True where the two share more than a border.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
    /// True where the straight line from `a` to `b` has a part inside.
    pub fn meets_line(&self, a: Point, b: Point) -> bool {
        // Liang and Barsky: the stretch of the line that lies between the four sides, as shares of its length.
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (start, step, low, high) in
            [(a.x, b.x - a.x, self.x, self.right()), (a.y, b.y - a.y, self.y, self.bottom())]
        {
            if step == 0.0 {
                if start <= low || start >= high {
                    return false;
                }
            } else {
                let (first, second) = ((low - start) / step, (high - start) / step);
                enter = enter.max(first.min(second));
                leave = leave.min(first.max(second));
            }
        }
        enter < leave
    }
}

/// A number as figures write it: two decimals at most, no trailing zeros, never `-0`.
pub fn number(value: f64) -> String {
    let mut written = String::with_capacity(8);
    push_number(&mut written, value);
    written
}

/// Appends a [`number`].
pub(super) fn push_number(to: &mut String, value: f64) {
    let hundredths = (value * 100.0).round() as i64;
    let mut rest = hundredths.unsigned_abs();
    // From the last digit to the first; a sign, a point and the digits of any number fit.
    let mut digits = [0_u8; 24];
    let mut at = digits.len();
    let mut decimals = 2;
    while decimals > 0 && rest.is_multiple_of(10) {
        rest /= 10;
        decimals -= 1;
    }
    let fraction = decimals;
    while rest > 0 || decimals >= 0 {
        if decimals == 0 && fraction > 0 {
            at -= 1;
            digits[at] = b'.';
        }
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        decimals -= 1;
    }
    if hundredths < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    to.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let written = [0.0, -0.001, 1.0, -1.5, 2.346, 10.05, 0.05, 100.0, -1234.5].map(number);
        assert_eq!(written, ["0", "0", "1", "-1.5", "2.35", "10.05", "0.05", "100", "-1234.5"]);
    }

    #[test]
    fn lines_meet_what_they_cross() {
        let square = rect(10.0, 10.0, 10.0, 10.0);
        assert!(square.meets_line(point(0.0, 0.0), point(30.0, 30.0)));
        assert!(square.meets_line(point(15.0, 0.0), point(15.0, 12.0)));
        assert!(!square.meets_line(point(15.0, 0.0), point(15.0, 10.0)), "touching is not meeting");
        assert!(!square.meets_line(point(0.0, 10.0), point(30.0, 10.0)), "along a side");
        assert!(!square.meets_line(point(0.0, 15.0), point(15.0, 0.0)));
        assert!(!square.meets_line(point(0.0, 0.0), point(5.0, 30.0)));
    }
}
