//! The one seeded generator of a simulation.

use std::hash::{Hash, Hasher};
use std::ops::Range;

/// A seeded generator of plain, reproducible randomness (PCG, 64 bits). Not for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(oorandom::Rand64);

impl Hash for Random {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.state().hash(state);
    }
}

/// The letters of generated names: no vowels and no digits that look like them, so that no word is spelled
/// (Kubernetes apimachinery, `util/rand`).
pub const NAME_ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

impl Random {
    /// A generator whose whole future follows from `seed`.
    pub fn from_seed(seed: u64) -> Self {
        Self(oorandom::Rand64::new(u128::from(seed)))
    }

    /// A number in `0..bound`; 0 where `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.rand_range(0..bound) }
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// A suffix as the API server generates for `generateName`: `length` letters of [`NAME_ALPHABET`].
    pub fn name_suffix(&mut self, length: usize) -> String {
        (0..length).map(|_| NAME_ALPHABET[self.below(27) as usize] as char).collect()
    }

    /// A version 4 UUID in its usual text form.
    pub fn uuid(&mut self) -> String {
        let high = (self.0.rand_u64() & !0xf000) | 0x4000;
        let low = (self.0.rand_u64() & !(0b11 << 62)) | (0b10 << 62);
        let mut text = String::with_capacity(36);
        push_hex(&mut text, high, 0..8);
        for (number, digits) in [(high, 8..12), (high, 12..16), (low, 0..4), (low, 4..16)] {
            text.push('-');
            push_hex(&mut text, number, digits);
        }
        text
    }

    /// `length` lower-case hexadecimal digits, as in container ids and image digests.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length + 16);
        while text.len() < length {
            push_hex(&mut text, self.0.rand_u64(), 0..16);
        }
        text.truncate(length);
        text
    }
}

/// Some of the sixteen hexadecimal digits of a number.
fn push_hex(text: &mut String, number: u64, digits: Range<u32>) {
    text.extend(digits.map(|at| b"0123456789abcdef"[(number >> (60 - 4 * at) & 15) as usize] as char));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_everything() {
        let draw = |seed| {
            let mut random = Random::from_seed(seed);
            (random.uuid(), random.name_suffix(5), random.hex(70), random.below(9))
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn a_uuid_is_version_4() {
        let uuid = Random::from_seed(3).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
    }
}
