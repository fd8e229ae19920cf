//! Quantities (`100m`, `1.5Gi`) as the API server reads, compares and prints them.

use std::cmp::Ordering;

/// A number of 10⁻⁹ units with the notation it is printed in.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Decimal,
    Binary,
    Exponent,
}

const NANO: i128 = 1_000_000_000;

impl Quantity {
    /// Reads a quantity.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let digits_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(digits_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (format, binary_shift, power) = match suffix {
            "" => (Format::Decimal, 0, 0),
            "n" => (Format::Decimal, 0, -9),
            "u" => (Format::Decimal, 0, -6),
            "m" => (Format::Decimal, 0, -3),
            "k" => (Format::Decimal, 0, 3),
            "M" => (Format::Decimal, 0, 6),
            "G" => (Format::Decimal, 0, 9),
            "T" => (Format::Decimal, 0, 12),
            "P" => (Format::Decimal, 0, 15),
            "E" => (Format::Decimal, 0, 18),
            "Ki" => (Format::Binary, 10, 0),
            "Mi" => (Format::Binary, 20, 0),
            "Gi" => (Format::Binary, 30, 0),
            "Ti" => (Format::Binary, 40, 0),
            "Pi" => (Format::Binary, 50, 0),
            "Ei" => (Format::Binary, 60, 0),
            _ => {
                let exponent = suffix.strip_prefix(['e', 'E'])?;
                (Format::Exponent, 0, exponent.parse::<i32>().ok()?)
            }
        };
        // Values past what an i64 holds are capped by the server; ten places more are enough to see that.
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let mut nanos = whole.checked_mul(NANO)?;
        let mut place = NANO / 10;
        let mut rounds_up = false;
        for digit in fraction.bytes() {
            nanos += i128::from(digit - b'0') * place;
            rounds_up |= place == 0 && digit != b'0';
            place /= 10;
        }
        nanos = nanos.checked_mul(1i128.checked_shl(binary_shift)?)?;
        for _ in 0..power.max(0) {
            nanos = nanos.checked_mul(10)?;
        }
        for _ in power.min(0)..0 {
            rounds_up |= nanos % 10 != 0;
            nanos /= 10;
        }
        nanos += i128::from(rounds_up);
        nanos = nanos.min(i128::from(i64::MAX) * NANO);
        Some(Self { nanos: if negative { -nanos } else { nanos }, format })
    }
    /// True for nothing at all.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }
    /// True below nothing.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }
    /// Thousandths, rounded up.
    pub fn millis(self) -> i128 {
        let milli = NANO / 1000;
        self.nanos.div_euclid(milli) + i128::from(self.nanos.rem_euclid(milli) != 0)
    }
    /// True for a whole number.
    pub fn is_whole(self) -> bool {
        self.nanos % NANO == 0
    }
    /// Whole units, rounded up.
    pub fn value(self) -> i128 {
        self.nanos.div_euclid(NANO) + i128::from(self.nanos.rem_euclid(NANO) != 0)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}
impl std::ops::Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { nanos: self.nanos.saturating_add(other.nanos), format: self.format }
    }
}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.nanos.cmp(&other.nanos))
    }
}

impl std::fmt::Display for Quantity {
    /// The canonical form: no fraction, the largest suffix that leaves none.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        if self.format == Format::Binary && self.nanos.abs() >= 1024 * NANO && self.is_whole() {
            let mut number = self.nanos / NANO;
            let mut at = 0;
            while number % 1024 == 0 && at < 6 {
                number /= 1024;
                at += 1;
            }
            return write!(f, "{number}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][at]);
        }
        let (mut number, mut power) = (self.nanos, -9);
        while number % 1000 == 0 && power < 18 {
            number /= 1000;
            power += 3;
        }
        if self.format == Format::Exponent {
            return if power == 0 { write!(f, "{number}") } else { write!(f, "{number}e{power}") };
        }
        write!(
            f,
            "{number}{}",
            ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][(power as usize).wrapping_add(9) / 3]
        )
    }
}
