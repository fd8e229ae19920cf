//! Addresses for the Pods of one node.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use smol_str::SmolStr;

/// An address as text. Every Pod has several: digit by digit is much faster than a format.
pub fn dotted(ip: Ipv4Addr) -> SmolStr {
    let (mut text, mut end) = ([0; 15], 0);
    let mut put = |letter: u8| {
        text[end] = letter;
        end += 1;
    };
    for (at, octet) in ip.octets().into_iter().enumerate() {
        if at > 0 {
            put(b'.');
        }
        if octet >= 100 {
            put(b'0' + octet / 100);
        }
        if octet >= 10 {
            put(b'0' + octet / 10 % 10);
        }
        put(b'0' + octet % 10);
    }
    str::from_utf8(&text[..end]).unwrap_or_default().into()
}

/// The addresses of a node's Pod range, given out in order; one that comes back is not given out again before the
/// range has gone round (the `host-local` plugin).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PodAddresses {
    first: u32,
    size: u32,
    last: u32,
    taken: BTreeSet<u32>,
}

impl PodAddresses {
    /// The range of `prefix` bits that begins with `network`. The first host address is the bridge's.
    pub fn new(network: Ipv4Addr, prefix: u8) -> Self {
        Self { first: network.into(), size: 1 << (32 - prefix), last: 1, taken: BTreeSet::new() }
    }

    /// The next free address; none where the range is used up.
    pub fn take(&mut self) -> Option<Ipv4Addr> {
        for _ in 0..self.size {
            self.last = if self.last + 2 >= self.size { 2 } else { self.last + 1 };
            if self.taken.insert(self.last) {
                return Some(Ipv4Addr::from(self.first + self.last));
            }
        }
        None
    }

    /// The first and the last address of the range.
    pub fn range(&self) -> (Ipv4Addr, Ipv4Addr) {
        (self.first.into(), (self.first + self.size - 1).into())
    }

    /// True for an address of the range.
    pub fn contains(&self, ip: Ipv4Addr) -> bool {
        u32::from(ip).wrapping_sub(self.first) < self.size
    }

    /// Takes an address back.
    pub fn give_back(&mut self, ip: Ipv4Addr) {
        self.taken.remove(&u32::from(ip).wrapping_sub(self.first));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_writes_them() {
        for octet in 0..=255 {
            let ip = Ipv4Addr::new(octet, 255 - octet, octet / 7, octet / 30);
            assert_eq!(dotted(ip), ip.to_string());
        }
    }

    #[test]
    fn in_order_and_not_again_at_once() {
        let mut range = PodAddresses::new(Ipv4Addr::new(10, 1, 0, 0), 29);
        let take = |range: &mut PodAddresses| range.take().map(|ip| ip.octets()[3]);
        assert_eq!([take(&mut range), take(&mut range)], [Some(2), Some(3)]);
        range.give_back(Ipv4Addr::new(10, 1, 0, 2));
        assert_eq!(
            (0..5).map(|_| take(&mut range)).collect::<Vec<_>>(),
            [Some(4), Some(5), Some(6), Some(2), None]
        );
    }
}
