//! Amounts of resources: `100m`, `1.5Gi`, `2e3`, read and written as apimachinery's `resource.Quantity` does.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::sync::Arc;

/// The family of suffixes an amount was written with, and is written with again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// `100m`, `2`, `5k`
    #[default]
    Decimal,
    /// `64Mi`
    Binary,
    /// `12e6`
    Exponent,
}

/// An exact amount, down to billionths. Two are equal when the amounts are: `1` and `1000m`.
#[derive(Clone, Debug, Default)]
pub struct Quantity {
    nanos: i128,
    format: Format,
    /// The text it was read from, where Go takes that as canonical without looking closer (`1e03`, `+5`, `1.250`),
    /// and where the amount is beyond what fits here.
    text: Option<Arc<str>>,
}

/// What is wrong with the text of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// It does not look like one.
    Format,
    /// The suffix means nothing.
    Suffix,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            Self::Suffix => "unable to parse quantity's suffix",
        })
    }
}
impl std::error::Error for QuantityError {}

/// Nanos of one.
const ONE: i128 = 1_000_000_000;
/// The largest amount with a binary suffix: 2^63-1.
const BINARY_MAX: i128 = i64::MAX as i128 * ONE;
const DECIMAL_SUFFIXES: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY_SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// What a suffix multiplies by: a power of ten or of two.
fn interpret(suffix: &str) -> Option<(Format, i64)> {
    if let Some(at) = DECIMAL_SUFFIXES.iter().position(|known| *known == suffix) {
        return Some((Format::Decimal, at as i64 * 3 - 9));
    }
    if let Some(at) = BINARY_SUFFIXES.iter().position(|known| *known == suffix) {
        return Some((Format::Binary, at as i64 * 10));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    exponent.parse().ok().map(|power| (Format::Exponent, power))
}

/// Sign, digits before and after the point, and suffix. A sign may stand alone before a suffix: that is a zero.
fn split(text: &str) -> Result<(bool, &str, &str, &str), QuantityError> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = rest.split_at(digits(rest));
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    let letters = suffix.bytes().take_while(|c| b"eEinumkKMGTP".contains(c)).count();
    let power = suffix[letters..].strip_prefix(['-', '+']).unwrap_or(&suffix[letters..]);
    if digits(power) == power.len() {
        Ok((negative, whole.trim_start_matches('0'), fraction, suffix))
    } else {
        Err(QuantityError::Format)
    }
}

/// `number` times ten to the `power`, what is below one rounded up; none where it does not fit.
fn shift(number: i128, power: i64) -> Option<i128> {
    let factor = u32::try_from(power.abs()).ok().and_then(|power| 10_i128.checked_pow(power));
    match factor {
        _ if number == 0 => Some(0),
        Some(factor) if power >= 0 => number.checked_mul(factor),
        Some(factor) => Some(number / factor + i128::from(number % factor != 0)),
        None => (power < 0).then_some(1),
    }
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { nanos: 0, format: Format::Decimal, text: None };

    /// Reads an amount.
    ///
    /// # Errors
    /// With the API server's words.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Format);
        }
        let (negative, whole, fraction, suffix) = split(text)?;
        let (format, power) = interpret(suffix).ok_or(QuantityError::Suffix)?;
        let digits = format!("{whole}{fraction}");
        let number = if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
        let places = fraction.len() as i64;
        let nanos = match (format, number) {
            (_, None) => None,
            (Format::Binary, Some(number)) => number
                .checked_mul(1 << power)
                .and_then(|number| shift(number, 9 - places))
                .or(Some(BINARY_MAX)),
            (_, Some(number)) => power.checked_sub(places - 9).and_then(|power| shift(number, power)),
        };
        let kept = nanos.is_none() || Self::is_taken_as_canonical(format, whole, fraction, power, number);
        let mut quantity =
            Self { nanos: nanos.unwrap_or(i128::MAX), format, text: kept.then(|| text.into()) };
        if format == Format::Binary {
            quantity.nanos = quantity.nanos.min(BINARY_MAX);
            if (1..ONE).contains(&quantity.nanos) {
                quantity.format = Format::Decimal;
            }
        }
        if negative {
            quantity.nanos = -quantity.nanos;
        }
        Ok(quantity)
    }

    /// True where Go keeps the text as it stands: it is short enough for its fast path, has a scale with a suffix of
    /// its own, and does not end in zeros that a larger suffix could take.
    fn is_taken_as_canonical(
        format: Format,
        whole: &str,
        fraction: &str,
        power: i64,
        number: Option<i128>,
    ) -> bool {
        let length = whole.len().max(1) as i64;
        let digits = fraction.len() as i64;
        match format {
            Format::Binary => {
                let precision = 15 - length - power * 3 / 10 - 1;
                digits == 0 && precision >= 0 && number.is_some_and(|number| number & 7 != 0)
            }
            Format::Decimal | Format::Exponent => {
                let all =
                    if whole.is_empty() { format!("0{fraction}") } else { format!("{whole}{fraction}") };
                let scale = power - digits;
                length + digits <= 18
                    && scale >= -9
                    && scale % 3 == 0
                    && !all.ends_with("000")
                    && !all.starts_with('0')
            }
        }
    }

    /// The amount that a field holds: text, or a whole number. None where it holds neither, or no amount.
    pub fn of(field: &crate::base::Value) -> Option<Self> {
        match field {
            crate::base::Value::Int(number) => Some(Self::from_value(*number)),
            other => Self::parse(other.as_str()?).ok(),
        }
    }

    /// A whole amount.
    pub fn from_value(value: i64) -> Self {
        Self { nanos: i128::from(value) * ONE, ..Self::ZERO }
    }

    /// An amount in thousandths: CPUs.
    pub fn from_milli(thousandths: i64) -> Self {
        Self { nanos: i128::from(thousandths) * (ONE / 1_000), ..Self::ZERO }
    }

    /// A whole amount written with binary suffixes: bytes.
    pub fn from_bytes(bytes: i64) -> Self {
        Self { format: Format::Binary, ..Self::from_value(bytes) }
    }

    /// The amount in ones, a fraction rounded away from zero.
    pub fn value(&self) -> i64 {
        self.in_units(ONE)
    }

    /// The amount in thousandths, a fraction rounded away from zero.
    pub fn milli_value(&self) -> i64 {
        self.in_units(ONE / 1_000)
    }

    fn in_units(&self, unit: i128) -> i64 {
        let rounded = self.nanos / unit + if self.nanos % unit == 0 { 0 } else { self.nanos.signum() };
        i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
    }

    /// True for nothing.
    pub fn is_zero(&self) -> bool {
        self.nanos == 0
    }

    /// True below zero.
    pub fn is_negative(&self) -> bool {
        self.nanos < 0
    }

    /// The family of suffixes it is written with.
    pub fn format(&self) -> Format {
        self.format
    }

    fn combined(&self, nanos: i128, other: &Self) -> Self {
        Self { nanos, format: if self.is_zero() { other.format } else { self.format }, text: None }
    }
}

impl fmt::Display for Quantity {
    /// The canonical text: the largest suffix that leaves no fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = &self.text {
            return f.write_str(text);
        }
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let is_small = self.nanos.abs() < 1_024 * ONE;
        if self.format == Format::Binary && !is_small && self.nanos % ONE == 0 {
            let (mut number, mut power) = (self.nanos / ONE, 0);
            while number % 1_024 == 0 && power + 1 < BINARY_SUFFIXES.len() {
                (number, power) = (number / 1_024, power + 1);
            }
            return write!(f, "{number}{}", BINARY_SUFFIXES[power]);
        }
        let (mut number, mut step) = (self.nanos, 0);
        while number % 1_000 == 0 {
            (number, step) = (number / 1_000, step + 1);
        }
        match (self.format, step as i64 * 3 - 9) {
            (Format::Exponent, 0) => write!(f, "{number}"),
            (Format::Exponent, power) => write!(f, "{number}e{power}"),
            // Go has no suffix either for a thousand of `E`, and writes none.
            _ => write!(f, "{number}{}", DECIMAL_SUFFIXES.get(step).unwrap_or(&"")),
        }
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}
impl Eq for Quantity {}
impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add<&Quantity> for &Quantity {
    type Output = Quantity;
    /// The sum, in the left one's format unless that is zero.
    fn add(self, other: &Quantity) -> Quantity {
        self.combined(self.nanos.saturating_add(other.nanos), other)
    }
}
impl Sub<&Quantity> for &Quantity {
    type Output = Quantity;
    /// The difference, in the left one's format unless that is zero.
    fn sub(self, other: &Quantity) -> Quantity {
        self.combined(self.nanos.saturating_sub(other.nanos), other)
    }
}
impl AddAssign<&Quantity> for Quantity {
    fn add_assign(&mut self, other: &Quantity) {
        *self = &*self + other;
    }
}
impl SubAssign<&Quantity> for Quantity {
    fn sub_assign(&mut self, other: &Quantity) {
        *self = &*self - other;
    }
}
impl Neg for Quantity {
    type Output = Quantity;
    fn neg(self) -> Quantity {
        Quantity { nanos: -self.nanos, text: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, what it is written as, and its value and milli value: as k8s.io/apimachinery answers.
    #[test]
    fn as_go_reads_and_writes() {
        let cases = [
            ("0", "0", 0, 0),
            ("1000m", "1", 1, 1_000),
            ("0.5", "500m", 1, 500),
            ("-0.5", "-500m", -1, -500),
            ("1024Ki", "1Mi", 1_048_576, 1_048_576_000),
            ("1000Ki", "1000Ki", 1_024_000, 1_024_000_000),
            ("1500M", "1500M", 1_500_000_000, 1_500_000_000_000),
            ("4096M", "4096M", 4_096_000_000, 4_096_000_000_000),
            ("1.5Gi", "1536Mi", 1_610_612_736, 1_610_612_736_000),
            ("0.1Ki", "102400m", 103, 102_400),
            ("0.5Mi", "512Ki", 524_288, 524_288_000),
            ("512", "512", 512, 512_000),
            ("1000000000", "1G", 1_000_000_000, 1_000_000_000_000),
            ("1e3", "1e3", 1_000, 1_000_000),
            ("12e2", "1200", 1_200, 1_200_000),
            ("12E6", "12E6", 12_000_000, 12_000_000_000),
            ("8000e3", "8e6", 8_000_000, 8_000_000_000),
            ("5e-1", "500e-3", 1, 500),
            ("0.0001m", "100n", 1, 1),
            ("0.3n", "1n", 1, 1),
            ("1.0", "1", 1, 1_000),
            ("1.250", "1.250", 2, 1_250),
            ("010", "010", 10, 10_000),
            ("+1", "+1", 1, 1_000),
            (".", "0", 0, 0),
            ("-0Ki", "0", 0, 0),
            ("+1.Ki", "+1.Ki", 1_024, 1_024_000),
            ("999999999999Gi", "9223372036854775807", i64::MAX, i64::MAX),
        ];
        for (text, canonical, value, milli) in cases {
            let quantity = Quantity::parse(text).unwrap();
            assert_eq!(
                (quantity.to_string().as_str(), quantity.value(), quantity.milli_value()),
                (canonical, value, milli),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_in_the_servers_words() {
        for text in ["", "abc", "1 Gi", "1.2.3", "1,5", "0x10", "1e3k", "2GB", "۱"] {
            assert_eq!(Quantity::parse(text), Err(QuantityError::Format), "{text}");
        }
        for text in ["64mi", "1e", "1Mi2", "1K", "1k-"] {
            assert_eq!(Quantity::parse(text), Err(QuantityError::Suffix), "{text}");
        }
    }

    #[test]
    fn a_sum_keeps_the_first_format() {
        let sum =
            |a: &str, b: &str| (&Quantity::parse(a).unwrap() + &Quantity::parse(b).unwrap()).to_string();
        assert_eq!(sum("64Mi", "64Mi"), "128Mi");
        assert_eq!(sum("500m", "0.5"), "1");
        assert_eq!(sum("1Gi", "1000"), "1073742824");
        assert_eq!(sum("0", "64Mi"), "64Mi");
        assert_eq!(sum("+5", "0"), "5");
        assert!(Quantity::parse("1").unwrap() == Quantity::parse("1000m").unwrap());
        assert!(Quantity::parse("1Gi").unwrap() > Quantity::parse("1G").unwrap());
    }
}
