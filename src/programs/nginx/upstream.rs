//! The servers that nginx hands requests on to. Their names are looked up once, when the configuration is read, and the
//! addresses kept as long as it runs (`ngx_http_upstream_init_round_robin`).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use smol_str::SmolStr;

use super::configuration::{Block, Wrong};
use crate::container::commands::network::resolve::Resolve;
use crate::container::kernel::Kernel;
use crate::container::program::Wait;
use crate::network::resolver::Family;

/// A name that is to be looked up, and where the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Named {
    host: String,
    /// As the configuration writes it.
    written: String,
    place: SmolStr,
}

/// The addresses behind the names of a configuration, and whose turn it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Upstreams {
    /// What is still to be looked up, the last first.
    left: Vec<Named>,
    naming: Option<Resolve>,
    known: BTreeMap<String, Vec<IpAddr>>,
    /// The current weights of the peers of each upstream.
    turns: BTreeMap<String, Vec<(SocketAddr, i64)>>,
}

/// Host and port of `host:port`; without port, that of HTTP.
pub(super) fn host_and_port(text: &str) -> (&str, u16) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => (host, port.parse().unwrap_or(80)),
        _ => (text, 80),
    }
}

/// Where a `proxy_pass` goes: scheme, host with port, and the path where it has one.
pub(super) fn parts(url: &str) -> (&str, &str, Option<&str>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let (host, path) = rest.find('/').map_or((rest, None), |at| (&rest[..at], Some(&rest[at..])));
    (scheme, host, path)
}

/// All directives of a name within a block, at any depth.
fn within<'b>(block: &'b Block, name: &str, found: &mut Vec<&'b Block>) {
    for own in &block.inner {
        if own.name() == name {
            found.push(own);
        }
        within(own, name, found);
    }
}

impl Upstreams {
    pub(super) fn of(http: &Block, servers: &[Arc<Block>]) -> Self {
        let mut left: Vec<Named> = Vec::new();
        let groups: Vec<&Block> = http.all("upstream").collect();
        for peer in groups.iter().flat_map(|group| group.all("server")) {
            let written = peer.words.get(1).map_or("", SmolStr::as_str);
            left.push(Named {
                host: host_and_port(written).0.to_owned(),
                written: written.to_owned(),
                place: peer.place.clone(),
            });
        }
        for server in servers {
            let mut passes = Vec::new();
            within(server, "proxy_pass", &mut passes);
            for pass in passes {
                let host = host_and_port(parts(&pass.words[1]).1).0;
                let is_group =
                    groups.iter().any(|group| group.words.get(1).is_some_and(|name| *name == host));
                if !is_group && !pass.words[1].contains('$') {
                    left.push(Named { host: host.into(), written: host.into(), place: pass.place.clone() });
                }
            }
        }
        left.reverse();
        Self { left, ..Self::default() }
    }

    /// Looks names up until it must wait for an answer; nothing where all are known.
    ///
    /// # Errors
    /// Which name there is not, and where it is written.
    pub(super) fn step(&mut self, kernel: &mut Kernel<'_>) -> Result<Option<Wait>, Wrong> {
        while let Some(named) = self.left.last() {
            let ip = named.host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            if self.known.contains_key(&named.host) || ip.is_ok() || named.host.starts_with("unix:") {
                self.known.entry(named.host.clone()).or_insert_with(|| ip.into_iter().collect());
                self.left.pop();
                continue;
            }
            let naming = self.naming.get_or_insert_with(|| Resolve::host(kernel, &named.host, Family::Any));
            if let Some(wait) = naming.step(kernel) {
                return Ok(Some(wait));
            }
            let found = naming.resolved().map(|resolved| resolved.addresses.clone());
            self.naming = None;
            match found {
                Ok(addresses) => self.known.insert(named.host.clone(), addresses),
                Err(_) => {
                    let Named { written, place, .. } = named;
                    return Err(format!("host not found in upstream \"{written}\" in {place}"));
                }
            };
        }
        Ok(None)
    }

    /// The peers behind a host in the order in which they are to be tried: the one whose turn it is, and the others.
    /// Nothing where the host was not known when the configuration was read.
    pub(super) fn peers(&mut self, http: &Block, host: &str) -> Vec<SocketAddr> {
        let group = http.all("upstream").find(|own| own.words.get(1).is_some_and(|name| *name == host));
        let mut peers: Vec<(SocketAddr, i64)> = Vec::new();
        let mut add = |written: &str, weight: i64| {
            let (name, port) = host_and_port(written);
            let addresses = self.known.get(name).map_or(&[][..], Vec::as_slice);
            peers.extend(addresses.iter().map(|ip| (SocketAddr::new(*ip, port), weight)));
        };
        match group {
            None => add(host, 1),
            Some(group) => {
                for own in group.all("server") {
                    let says = |word: &str| own.words[2..].iter().any(|own| own == word);
                    let weight = own.words[2..].iter().find_map(|own| own.strip_prefix("weight="));
                    if !says("down") && !says("backup") {
                        add(&own.words[1], weight.and_then(|text| text.parse().ok()).unwrap_or(1));
                    }
                }
            }
        }
        self.in_turn(host, peers)
    }

    /// Peers with their weights in the order in which they are to be tried, by smooth weighted round-robin
    /// (`ngx_http_upstream_get_peer`).
    pub(super) fn in_turn(&mut self, host: &str, mut peers: Vec<(SocketAddr, i64)>) -> Vec<SocketAddr> {
        let turns = self.turns.entry(host.to_owned()).or_default();
        if turns.iter().map(|(own, _)| own).ne(peers.iter().map(|(own, _)| own)) {
            *turns = peers.iter().map(|(own, _)| (*own, 0)).collect();
        }
        let total: i64 = peers.iter().map(|(_, weight)| weight).sum();
        for (turn, (_, weight)) in turns.iter_mut().zip(&peers) {
            turn.1 += weight;
        }
        let most = turns.iter().map(|(_, current)| *current).max();
        let Some(at) = turns.iter().position(|(_, current)| Some(*current) == most) else {
            return Vec::new();
        };
        turns[at].1 -= total;
        peers.rotate_left(at);
        peers.into_iter().map(|(peer, _)| peer).collect()
    }
}
