//! Addresses that are written where a name could be.

use std::net::{IpAddr, Ipv4Addr};

/// The address that a text is, as getaddrinfo reads it: IPv6, with or without a scope, or IPv4 in the forms of
/// inet_aton(3), of one to four numbers in decimal, octal or hexadecimal (`10.1` is 10.0.0.1).
pub fn numeric_address(text: &str) -> Option<IpAddr> {
    let bare = text.split_once('%').map_or(text, |(address, _)| address);
    if let Some(ip) = bare.parse().ok().filter(IpAddr::is_ipv6) {
        return Some(ip);
    }
    let numbers = text.split('.').map(number).collect::<Option<Vec<u32>>>()?;
    let (last, first) = numbers.split_last()?;
    if first.len() > 3 || first.iter().any(|number| *number > 255) {
        return None;
    }
    // The last number fills the rest of the address.
    let rest = 32 - 8 * first.len() as u32;
    if u64::from(*last) >> rest != 0 {
        return None;
    }
    let high = first.iter().enumerate().fold(0, |sum, (at, number)| sum | number << (24 - 8 * at));
    Some(Ipv4Addr::from(high | last).into())
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_an_address() {
        for (text, ip) in [
            ("10.96.0.10", Some("10.96.0.10")),
            ("10.1", Some("10.0.0.1")),
            ("127.1", Some("127.0.0.1")),
            ("0x7f.0.0.010", Some("127.0.0.8")),
            ("3232235521", Some("192.168.0.1")),
            ("::1", Some("::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("10.1.2.3.4", None),
            ("256.1", None),
            ("10.1.65536", None),
            ("web", None),
            ("10.96.0.10.", None),
            ("", None),
        ] {
            assert_eq!(numeric_address(text), ip.map(|ip| ip.parse().unwrap()), "{text}");
        }
    }
}
