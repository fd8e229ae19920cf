//! The one seeded generator of a simulation.

use std::hash::{Hash, Hasher};

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
        let mut text = [b'-'; 36];
        write_hex(&mut text[..8], high >> 32);
        write_hex(&mut text[9..13], high >> 16);
        write_hex(&mut text[14..18], high);
        write_hex(&mut text[19..23], low >> 48);
        write_hex(&mut text[24..], low);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// `length` lower-case hexadecimal digits, as in container ids and image digests.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = vec![0; length.next_multiple_of(16)];
        text.chunks_mut(16).for_each(|digits| write_hex(digits, self.0.rand_u64()));
        text.truncate(length);
        String::from_utf8(text).unwrap_or_default()
    }
}

/// The last hexadecimal digits of a number, as many as have room.
pub fn write_hex(text: &mut [u8], mut number: u64) {
    for digit in text.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
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
