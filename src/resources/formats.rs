//! The forms that names, labels, ports and addresses must have (apimachinery, util/validation and validate/content).
//! Each check returns everything it has to say against a text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::path::quote;

/// `regex used for validation …` after examples.
fn regex_error(message: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{message} (e.g. {}regex used for validation is '{regex}')", examples.join(" or "))
}

fn max_characters(most: usize) -> String {
    format!("must be no more than {most} characters")
}

/// What is said where a text has too many bytes.
pub fn max_bytes(most: usize) -> String {
    format!("must be no more than {most} bytes")
}

/// What is said of numbers outside a range.
pub fn between(least: i64, most: i64) -> String {
    format!("must be between {least} and {most}, inclusive")
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Begins and ends with one of `edge`, and has only those and `middle` between.
fn is_made_of(text: &str, edge: fn(u8) -> bool, middle: &[u8]) -> bool {
    let bytes = text.as_bytes();
    matches!((bytes.first(), bytes.last()), (Some(first), Some(last)) if edge(*first) && edge(*last))
        && bytes.iter().all(|byte| edge(*byte) || middle.contains(byte))
}

fn is_label(text: &str) -> bool {
    is_made_of(text, is_lower_alphanumeric, b"-")
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

fn subdomain_error() -> String {
    regex_error(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
         start and end with an alphanumeric character",
        SUBDOMAIN,
        &["example.com"],
    )
}

/// A label of the DNS (RFC 1123): the name of a Service, a container, a volume.
pub fn dns_label(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 63 {
        messages.push(max_characters(63));
    }
    if is_label(text) {
    } else if is_subdomain(text) {
        messages.push("must not contain dots".into());
    } else {
        messages.push(regex_error(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
             and end with an alphanumeric character",
            LABEL,
            &["my-name", "123-abc"],
        ));
    }
    messages
}

/// A label of the DNS (RFC 1035): a name of a custom resource.
pub fn dns_1035_label(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 63 {
        messages.push(max_characters(63));
    }
    if !(is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())) {
        messages.push(regex_error(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
             character, and end with an alphanumeric character",
            "[a-z]([-a-z0-9]*[a-z0-9])?",
            &["my-name", "abc-123"],
        ));
    }
    messages
}

/// A name of the DNS (RFC 1123): the name of most objects.
pub fn dns_subdomain(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 253 {
        messages.push(max_characters(253));
    }
    if !is_subdomain(text) {
        messages.push(subdomain_error());
    }
    messages
}

/// A name of the DNS in which underscores are let through: a search domain.
pub fn dns_subdomain_with_underscore(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 253 {
        messages.push(max_characters(253));
    }
    let fits = |part: &str| is_made_of(part.strip_prefix('_').unwrap_or(part), is_lower_alphanumeric, b"-_");
    if !text.split('.').all(fits) {
        messages.push(regex_error(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and \
             must start and end with an alphanumeric character",
            r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*",
            &["example.com"],
        ));
    }
    messages
}

/// A name of the DNS that begins with `*.`.
pub fn wildcard_dns_subdomain(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 253 {
        messages.push(max_characters(253));
    }
    if !text.strip_prefix("*.").is_some_and(is_subdomain) {
        messages.push(regex_error(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must \
             consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
            &["*.example.com"],
        ));
    }
    messages
}

fn is_key_name(text: &str) -> bool {
    is_made_of(text, |byte| byte.is_ascii_alphanumeric(), b"-_.")
}

/// What Kubernetes calls a qualified name: the key of a label, `example.com/name`.
pub fn qualified_name(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut parts = text.split('/');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let error = || {
        regex_error(
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
             character",
            "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
            &["MyName", "my.name", "123-abc"],
        )
    };
    let name = match second {
        None => first,
        Some(_) if parts.next().is_some() => {
            let with = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a qualified name {} {with}", error())];
        }
        Some(name) => {
            if first.is_empty() {
                messages.push("prefix part must be non-empty".into());
            } else {
                if first.len() > 253 {
                    messages.push(format!("prefix part {}", max_bytes(253)));
                }
                if !is_subdomain(first) {
                    messages.push(format!("prefix part {}", subdomain_error()));
                }
            }
            name
        }
    };
    if name.is_empty() {
        messages.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        messages.push(format!("name part {}", max_bytes(63)));
    }
    if !is_key_name(name) {
        messages.push(format!("name part {}", error()));
    }
    messages
}

/// The value of a label.
pub fn label_value(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 63 {
        messages.push(max_bytes(63));
    }
    if !text.is_empty() && !is_key_name(text) {
        messages.push(regex_error(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must \
             start and end with an alphanumeric character",
            "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
            &["MyValue", "my_value", "12345"],
        ));
    }
    messages
}

/// A key of a ConfigMap or a Secret.
pub fn config_map_key(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 253 {
        messages.push(max_characters(253));
    }
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        messages.push(regex_error(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
    }
    match text {
        "." => messages.push("must not be '.'".into()),
        ".." => messages.push("must not be '..'".into()),
        _ if text.starts_with("..") => messages.push("must not start with '..'".into()),
        _ => {}
    }
    messages
}

/// The name of an environment variable.
pub fn env_var_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["environment variable name must be non-empty".into()];
    }
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=') {
        return Vec::new();
    }
    vec![
        "a valid environment variable name must consist only of printable ASCII characters other than '='"
            .into(),
    ]
}

/// The name of a port of a container.
pub fn port_name(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.len() > 15 {
        messages.push(max_characters(15));
    }
    if text.is_empty() || !text.bytes().all(|byte| is_lower_alphanumeric(byte) || byte == b'-') {
        messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        messages.push("must contain at least one letter (a-z)".into());
    }
    if text.contains("--") {
        messages.push("must not contain consecutive hyphens".into());
    }
    if text.starts_with('-') || text.ends_with('-') {
        messages.push("must not begin or end with a hyphen".into());
    }
    messages
}

/// The name of a header of HTTP.
pub fn http_header_name(text: &str) -> Vec<String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Vec::new();
    }
    let message = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![regex_error(message, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

/// `25%`
pub fn percent(text: &str) -> Vec<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let message = "a valid percent string must be a numeric string followed by an ending '%'";
    vec![regex_error(message, "[0-9]+%", &["1%", "93%"])]
}

/// A name that stands in a path of the API: that of a role.
pub fn path_segment(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    ["/", "%"].iter().filter(|c| text.contains(**c)).map(|c| format!("may not contain '{c}'")).collect()
}

/// A port number.
pub fn port_number(number: i64) -> Vec<String> {
    if (1..=65_535).contains(&number) { Vec::new() } else { vec![between(1, 65_535)] }
}

/// The number of a user or group.
pub fn user_id(number: i64) -> Vec<String> {
    const MOST: i64 = 0xffff_ffff;
    if (0..=MOST).contains(&number) { Vec::new() } else { vec![between(0, MOST)] }
}

/// An IPv4 or IPv6 address.
pub fn ip_address(text: &str) -> Vec<String> {
    match parse_ip(text) {
        Some(_) => Vec::new(),
        None => vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()],
    }
}

/// A network: `10.0.0.0/8`.
pub fn cidr(text: &str) -> Vec<String> {
    match parse_cidr(text) {
        Some(_) => Vec::new(),
        None => vec!["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)".into()],
    }
}

/// An address as new fields want it: as it is usually written (apimachinery, `IsValidIP`).
pub fn strict_ip(text: &str) -> Vec<String> {
    let Some(address) = parse_ip(text) else { return ip_address(text) };
    let message = match text.parse::<IpAddr>() {
        Err(_) => "must not have leading 0s".into(),
        Ok(IpAddr::V6(own)) if own.to_ipv4_mapped().is_some() => {
            "must not be an IPv4-mapped IPv6 address".into()
        }
        _ if address.to_string() != text => {
            format!("must be in canonical form ({})", quote(&address.to_string()))
        }
        _ => return Vec::new(),
    };
    vec![message]
}

/// A network as new fields want it: as it is usually written, with no bits beyond its prefix (apimachinery, `IsValidCIDR`).
pub fn strict_cidr(text: &str) -> Vec<String> {
    let Some((address, length)) = parse_cidr(text) else { return cidr(text) };
    let canonical = format!("{}/{length}", network_of((address, length)));
    let (own, bits) = text.split_once('/').unwrap_or_default();
    let message = match own.parse::<IpAddr>() {
        Err(_) => "must not have leading 0s in IP or prefix length".into(),
        Ok(_) if bits != length.to_string() => "must not have leading 0s in IP or prefix length".into(),
        Ok(IpAddr::V6(own)) if own.to_ipv4_mapped().is_some() => {
            "must not have an IPv4-mapped IPv6 address".into()
        }
        _ if network_of((address, length)) != address => {
            "must not have bits set beyond the prefix length".into()
        }
        _ if canonical != text => format!("must be in canonical form ({})", quote(&canonical)),
        _ => return Vec::new(),
    };
    vec![message]
}

/// Reads an address as the API server does: IPv4 parts may have zeros in front.
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(address.to_canonical());
    }
    let parts: Vec<&str> = text.split('.').collect();
    let [a, b, c, d] = parts[..] else { return None };
    let number = |part: &str| match part.len() {
        1.. if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<u8>().ok(),
        _ => None,
    };
    Some(IpAddr::from([number(a)?, number(b)?, number(c)?, number(d)?]))
}

/// A network and the length of its prefix.
pub fn parse_cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip(address)?;
    let length: u8 = length.parse().ok()?;
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

/// What is odd about an address that is accepted all the same.
pub fn odd_ip(text: &str) -> Option<String> {
    let address = parse_ip(text)?;
    match text.parse::<IpAddr>() {
        Ok(strict) if strict == address => {
            let canonical = address.to_string();
            (canonical != text).then(|| {
                format!(
                    "IPv6 address {} should be in RFC 5952 canonical format ({})",
                    quote(text),
                    quote(&canonical)
                )
            })
        }
        _ => Some(format!(
            "non-standard IP address {} will be considered invalid in a future Kubernetes release: use {}",
            quote(text),
            quote(&address.to_string())
        )),
    }
}

/// What is odd about a network that is accepted all the same.
pub fn odd_cidr(text: &str) -> Vec<String> {
    let Some((address, length)) = parse_cidr(text) else { return Vec::new() };
    let network = network_of((address, length));
    let canonical = format!("{network}/{length}");
    let mut messages = Vec::new();
    if network != address {
        let alone = format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 });
        messages.push(format!(
            "CIDR value {} is ambiguous in this context (should be {} or {}?)",
            quote(text),
            quote(&canonical),
            quote(&alone)
        ));
    }
    let strict = text.split_once('/').and_then(|(address, _)| address.parse::<IpAddr>().ok());
    if strict != Some(address) {
        messages.push(format!(
            "non-standard CIDR value {} will be considered invalid in a future Kubernetes release: use {}",
            quote(text),
            quote(&canonical)
        ));
    } else if address.is_ipv6() && format!("{address}/{length}") != text {
        messages.push(format!(
            "IPv6 CIDR value {} should be in RFC 5952 canonical format ({})",
            quote(text),
            quote(&canonical)
        ));
    }
    messages
}

fn network_of((address, length): (IpAddr, u8)) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

/// True where an address lies in a network.
pub fn contains((network, length): (IpAddr, u8), address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let shift = 32 - u32::from(length);
            network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let shift = 128 - u32::from(length);
            network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
        }
        _ => false,
    }
}

/// What speaks against an address as that of an endpoint.
pub fn not_special_ip(text: &str) -> Vec<String> {
    let Some(address) = parse_ip(text) else { return vec!["must be a valid IP address".into()] };
    let mut messages = Vec::new();
    if address.is_unspecified() {
        messages.push(format!("may not be unspecified ({text})"));
    }
    if address.is_loopback() {
        messages.push("may not be in the loopback range (127.0.0.0/8, ::1/128)".into());
    }
    let (link_local, multicast) = match address {
        IpAddr::V4(v4) => (v4.is_link_local(), v4.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(v6) => (v6.is_unicast_link_local(), v6.segments()[0] & 0xff0f == 0xff02),
    };
    if link_local {
        messages.push("may not be in the link-local range (169.254.0.0/16, fe80::/10)".into());
    }
    if multicast {
        messages.push("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)".into());
    }
    messages
}

/// `example.com/path`
pub fn domain_prefixed_path(text: &str) -> Vec<String> {
    match text.split_once('/') {
        Some((host, path)) if !host.is_empty() && !path.is_empty() => dns_subdomain(host),
        _ => vec!["must be a domain-prefixed path (such as \"acme.io/foo\")".into()],
    }
}

/// Whether a text may be a path below some folder: neither absolute nor upwards.
pub fn descending_path(text: &str) -> Vec<String> {
    let mut messages = Vec::new();
    if text.starts_with('/') {
        messages.push("must be a relative path".into());
    }
    messages.extend(no_backsteps(text));
    messages
}

/// Whether a path goes upwards.
pub fn no_backsteps(text: &str) -> Vec<String> {
    match text.split('/').any(|part| part == "..") {
        true => vec!["must not contain '..'".into()],
        false => Vec::new(),
    }
}

/// A path below some folder whose first part does not begin with two dots, which the kubelet keeps for itself.
pub fn not_reserved_path(text: &str) -> Vec<String> {
    let mut messages = descending_path(text);
    if text.starts_with("..") && !text.starts_with("../") {
        messages.push("must not start with '..'".into());
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(dns_label("web-1").is_empty() && dns_label("1web").is_empty());
        assert_eq!(dns_label("web.svc"), ["must not contain dots"]);
        assert_eq!(dns_label("Web").len(), 1);
        assert!(dns_subdomain("a.b-c.d").is_empty());
        for bad in ["", ".", "a..b", "-a", "a-", "a_b", "A"] {
            assert_eq!(dns_subdomain(bad).len(), 1, "{bad}");
        }
        assert!(qualified_name("app.kubernetes.io/Name").is_empty());
        assert_eq!(qualified_name("/x")[0], "prefix part must be non-empty");
        assert!(qualified_name("a/b/c")[0].starts_with("a qualified name must consist"));
        assert!(label_value("").is_empty());
        assert_eq!(port_name("HTTP").len(), 2);
        assert_eq!(env_var_name("A=B").len(), 1);
    }

    #[test]
    fn addresses() {
        assert!(
            parse_ip("010.0.0.1").is_some()
                && parse_ip("10.0.0").is_none()
                && parse_ip("256.0.0.1").is_none()
        );
        let net = parse_cidr("10.0.0.0/8").unwrap();
        assert!(
            contains(net, parse_ip("10.9.9.9").unwrap()) && !contains(net, parse_ip("11.0.0.0").unwrap())
        );
        assert!(contains(parse_cidr("0.0.0.0/0").unwrap(), parse_ip("1.2.3.4").unwrap()));
        assert_eq!(not_special_ip("127.0.0.1").len(), 1);
    }
}
