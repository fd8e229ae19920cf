//! The names of ports that people know them by (`/etc/services`).

/// The name of a port, as far as Saya's programs tell it; none for all others.
pub fn name_of(port: u16) -> Option<&'static str> {
    Some(match port {
        22 => "ssh",
        25 => "smtp",
        53 => "domain",
        80 => "http",
        443 => "https",
        3306 => "mysql",
        5432 => "postgresql",
        6379 => "redis",
        8080 => "http-alt",
        _ => return None,
    })
}
