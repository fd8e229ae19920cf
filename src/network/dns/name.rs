//! Domain names as text. A name is absolute, and its text ends in a dot, wherever nothing else is said; its letters
//! are kept as they came and compared without regard to case.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest label, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
/// The longest name on the wire, in bytes.
const MAX_WIRE: usize = 255;

/// The name with its final dot.
pub fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.into() } else { format!("{name}.") }
}

/// The name without its final dot, as programs print it.
pub fn relative(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The labels of a name, the leftmost first; none for the root.
pub fn labels(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    let name = relative(name);
    name.split('.').filter(move |_| !name.is_empty())
}

/// True for equal names.
pub fn equal(a: &str, b: &str) -> bool {
    relative(a).eq_ignore_ascii_case(relative(b))
}

/// What stands left of `zone` in `name`, without the dot between: empty for the zone itself, none for a name outside.
pub fn below<'a>(name: &'a str, zone: &str) -> Option<&'a str> {
    let (name, zone) = (relative(name), relative(zone));
    if zone.is_empty() {
        return Some(name);
    }
    let at = name.len().checked_sub(zone.len())?;
    if !name.is_char_boundary(at) || !name[at..].eq_ignore_ascii_case(zone) {
        return None;
    }
    if at == 0 { Some("") } else { name[..at].strip_suffix('.') }
}

/// True for the zone itself and for the names below it.
pub fn is_within(name: &str, zone: &str) -> bool {
    below(name, zone).is_some()
}

/// How many bytes a name takes on the wire, uncompressed.
pub fn wire_len(name: &str) -> usize {
    labels(name).map(|label| label.len() + 1).sum::<usize>() + 1
}

/// True for what can be sent: no label empty or over 63 bytes, the whole not over 255.
pub fn can_be_asked(name: &str) -> bool {
    labels(name).all(|label| (1..=MAX_LABEL).contains(&label.len())) && wire_len(name) <= MAX_WIRE
}

/// The name under which an address is looked up: `30.20.96.10.in-addr.arpa.`
pub fn of_address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
        }
        IpAddr::V6(ip) => {
            let nibbles =
                ip.octets().into_iter().rev().map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4));
            nibbles.collect::<String>() + "ip6.arpa."
        }
    }
}

/// The address that a name of the reverse tree is about; none for other names and for parts of addresses.
pub fn to_address(name: &str) -> Option<IpAddr> {
    if let Some(digits) = below(name, "in-addr.arpa.") {
        let reversed: Vec<&str> = labels(digits).rev().collect();
        return reversed.join(".").parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let nibbles: Vec<&str> = labels(below(name, "ip6.arpa.")?).rev().collect();
    if nibbles.len() != 32 || nibbles.iter().any(|nibble| nibble.len() != 1) {
        return None;
    }
    u128::from_str_radix(&nibbles.concat(), 16).ok().map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_end_at_labels() {
        assert_eq!(below("web.prod.svc.Cluster.local.", "cluster.LOCAL."), Some("web.prod.svc"));
        assert_eq!(below("cluster.local.", "cluster.local"), Some(""));
        assert_eq!(below("mycluster.local.", "cluster.local."), None);
        assert_eq!(below("local.", "cluster.local."), None);
        assert_eq!(below("a.b.", "."), Some("a.b"));
    }

    #[test]
    fn addresses_turn_round() {
        for ip in ["10.96.20.30", "fd00:10:96::40"] {
            let ip: IpAddr = ip.parse().unwrap();
            assert_eq!(to_address(&of_address(ip)), Some(ip));
        }
        assert_eq!(to_address("244.10.in-addr.arpa."), None);
        assert_eq!(to_address("web.default.svc.cluster.local."), None);
    }

    #[test]
    fn limits() {
        assert!(can_be_asked("."));
        assert!(can_be_asked(&format!("{}.com.", "a".repeat(63))));
        assert!(!can_be_asked(&format!("{}.com.", "a".repeat(64))));
        assert!(!can_be_asked("a..b."));
        assert!(!can_be_asked(&"abcdefg.".repeat(32)));
    }
}
