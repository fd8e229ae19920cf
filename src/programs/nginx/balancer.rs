//! What ingress-nginx adds to nginx in Lua: the Pods behind a request are told while it runs, without another reading of its
//! configuration (`balancer.lua`).

use std::net::{IpAddr, SocketAddr};

use super::Nginx;
use super::configuration::Block;
use super::exchange::Exchange;
use crate::base::{Value, json};
use crate::container::kernel::Kernel;

/// Where the controller leaves the backends, as JSON with the fields that it posts to nginx: `name`, `endpoints`,
/// `alternativeBackends`, `trafficShapingPolicy`.
pub const BACKENDS: &str = "/tmp/nginx/backends.json";

/// True for an upstream whose servers Lua chooses.
pub(super) fn chooses(http: &Block, upstream: &str) -> bool {
    let mut groups =
        http.all("upstream").filter(|own| own.words.get(1).is_some_and(|name| *name == upstream));
    groups.any(|group| group.find("balancer_by_lua_file").is_some())
}

impl Nginx {
    /// The Pods that a request may go to, in the order in which they are to be tried; none where its backend has none.
    pub(super) fn balanced(&mut self, kernel: &mut Kernel<'_>, exchange: &mut Exchange) -> Vec<SocketAddr> {
        let read = kernel.files().read(BACKENDS).map(|bytes| bytes.to_vec()).unwrap_or_default();
        let all = json::from_str(&String::from_utf8_lossy(&read)).unwrap_or_default();
        let named = |name: &str| all.items().iter().find(|own| own.get("name").str() == name);
        let name = exchange.variable(kernel, "proxy_upstream_name");
        let Some(mut backend) = named(&name) else { return Vec::new() };
        let other = backend.get("alternativeBackends").items().first().and_then(|own| named(own.str()));
        if let Some(other) = other.filter(|own| !own.get("endpoints").is_empty())
            && (backend.get("endpoints").is_empty()
                || prefers(kernel, exchange, other.get("trafficShapingPolicy")))
        {
            exchange.set.insert("proxy_alternative_upstream_name".into(), other.get("name").str().to_owned());
            backend = other;
        }
        let address = |own: &Value| {
            let ip: IpAddr = own.get("address").str().parse().ok()?;
            Some((SocketAddr::new(ip, own.get("port").str().parse().ok()?), 1))
        };
        let peers = backend.get("endpoints").items().iter().filter_map(address).collect();
        self.loaded.upstreams.in_turn(backend.get("name").str(), peers)
    }
}

/// Whether a request goes to the other backend (`route_to_alternative_balancer`): by its header, by its cookie, by chance.
fn prefers(kernel: &mut Kernel<'_>, exchange: &mut Exchange, policy: &Value) -> bool {
    let header = policy.get("header").str();
    if !header.is_empty()
        && let Some(value) = exchange.request.header(header)
    {
        match (policy.get("headerValue").str(), value) {
            ("", "always") => return true,
            ("", "never") => return false,
            (wanted, value) if !wanted.is_empty() && wanted == value => return true,
            _ => {}
        }
    }
    let cookie = policy.get("cookie").str();
    if !cookie.is_empty() {
        match exchange.request.cookie(cookie).as_deref() {
            Some("always") => return true,
            Some("never") => return false,
            _ => {}
        }
    }
    let total = u64::try_from(policy.get("weightTotal").int()).unwrap_or(0).max(100);
    let weight = u64::try_from(policy.get("weight").int()).unwrap_or(0);
    weight > 0 && kernel.random().below(total) < weight
}
