//! `/etc/hosts`: names and addresses written down by hand, as hosts(5) has them.

use std::net::IpAddr;

/// The entries of a hosts file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HostsFile {
    /// An address and its names; the first is the canonical one.
    pub entries: Vec<(IpAddr, Vec<String>)>,
}

impl HostsFile {
    /// Reads the text of a hosts file. Lines that are none are passed over, as every reader of it does.
    pub fn parse(text: &str) -> Self {
        Self { entries: text.lines().filter_map(Self::parse_line).collect() }
    }

    /// The address and the names of one line, if it has both.
    pub fn parse_line(line: &str) -> Option<(IpAddr, Vec<String>)> {
        let mut words = line.split('#').next()?.split_whitespace();
        let ip = words.next()?.parse().ok()?;
        let names: Vec<String> = words.map(str::to_string).collect();
        (!names.is_empty()).then_some((ip, names))
    }

    /// The entries that have this name; letters differ only where `exact_case` says so.
    pub fn of_name(&self, name: &str, exact_case: bool) -> impl Iterator<Item = &(IpAddr, Vec<String>)> {
        self.entries.iter().filter(move |(_, names)| {
            names.iter().any(|known| known == name || !exact_case && known.eq_ignore_ascii_case(name))
        })
    }

    /// The names of this address.
    pub fn of_address(&self, ip: IpAddr) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(move |(known, _)| *known == ip)
            .flat_map(|(_, names)| names)
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_comments_and_lines_that_are_none() {
        let file = HostsFile::parse(
            "127.0.0.1\tlocalhost\n# 10.0.0.1 no\n10.0.0.2 a b # c\nnonsense here\n10.0.0.3\n",
        );
        assert_eq!(file.entries.len(), 2);
        assert_eq!(file.of_name("B", false).count(), 1);
        assert_eq!(file.of_name("B", true).count(), 0);
        assert_eq!(file.of_name("c", false).count(), 0);
        assert_eq!(file.of_address("10.0.0.2".parse().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
