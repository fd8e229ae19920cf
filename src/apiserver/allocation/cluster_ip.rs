//! Cluster IPs: each that is given out is an IPAddress, out of the ranges of the ServiceCIDRs.

use std::net::Ipv4Addr;

use crate::api::{Cause, Kind, Object, ObjectKey, Status};
use crate::apiserver::ApiServer;
use crate::base::{Random, Value};
use crate::value;

use super::refuse;

/// A range of addresses, of which the first and the last are nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The address of the network.
    pub first: Ipv4Addr,
    /// The length of its prefix.
    pub prefix: u8,
}

impl Range {
    /// Reads `10.96.0.0/12`; none for what is no IPv4 network.
    pub fn parse(text: &str) -> Option<Range> {
        let (first, prefix) = text.split_once('/')?;
        Some(Range { first: first.parse().ok()?, prefix: prefix.parse().ok().filter(|bits| *bits <= 32)? })
    }
    /// True for each address in it.
    pub fn contains(self, ip: Ipv4Addr) -> bool {
        u64::from(u32::from(ip) ^ u32::from(self.first)) < self.size()
    }
    fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }
    fn at(self, number: u64) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.first) + number as u32)
    }
}

/// The IPv4 ranges of a ServiceCIDR.
pub fn ranges(cidr: &Object) -> impl Iterator<Item = Range> + use<'_> {
    cidr.spec().get("cidrs").items().iter().filter_map(|text| Range::parse(text.str()))
}

/// The ranges that addresses are given out of: those of the ServiceCIDRs that are ready and not on their way out.
fn ready_ranges(api: &ApiServer) -> Vec<Range> {
    let ready = |cidr: &&Object| {
        let condition = cidr.condition("Ready");
        !cidr.is_terminating() && (condition.is_null() || condition.get("status").str() == "True")
    };
    api.store().list(Kind::ServiceCIDR).filter(ready).flat_map(ranges).collect()
}

fn key_of(ip: &str) -> ObjectKey {
    ObjectKey::new(Kind::IPAddress, "", ip)
}

/// The address of a Service; empty where it has none, and for what is none.
fn ip_of(object: &Object) -> &str {
    if object.kind != Kind::Service {
        return "";
    }
    match object.spec().get("clusterIP").str() {
        "None" => "",
        ip => ip,
    }
}

pub(super) fn allocate(
    api: &mut ApiServer,
    object: &mut Object,
    old: Option<&Object>,
    dry_run: bool,
) -> Result<(), Status> {
    if object.spec().get("type").str() == "ExternalName" {
        return Ok(());
    }
    check_ip_families(object)?;
    let had = old.map(|old| old.spec().get("clusterIP").str()).unwrap_or_default();
    let wanted = object.spec().get("clusterIP").str().to_string();
    let ip = match wanted.as_str() {
        "" if !had.is_empty() => had.to_string(),
        "" => free(api, dry_run)?.to_string(),
        "None" => wanted,
        _ if wanted == had => wanted,
        _ => check(api, object, &wanted, dry_run)?,
    };
    object.set_at(&["spec", "clusterIP"], ip.as_str());
    object.set_at(&["spec", "clusterIPs"], Value::from(vec![ip]));
    object.entry("spec").set_default("ipFamilies", Value::from(vec!["IPv4"]));
    object.entry("spec").set_default("ipFamilyPolicy", "SingleStack");
    Ok(())
}

/// Refuses what a single-stack cluster cannot give (registry/core/service/storage/alloc.go); what has neither an address
/// nor a selector needs nothing of it.
fn check_ip_families(object: &Object) -> Result<(), Status> {
    let spec = object.spec();
    if spec.get("clusterIP").str() == "None" && spec.get("selector").is_empty() {
        return Ok(());
    }
    let refused = |field: String, value: &str, why: &str| {
        Err(refuse(object, Cause::invalid(field, format_args!("{value:?}"), why)))
    };
    for (at, family) in spec.get("ipFamilies").items().iter().enumerate() {
        if family.str() != "IPv4" {
            return refused(format!("spec.ipFamilies[{at}]"), family.str(), "not configured on this cluster");
        }
    }
    if spec.get("ipFamilyPolicy").str() == "RequireDualStack" {
        let why = "this cluster is not configured for dual-stack services";
        return refused("spec.ipFamilyPolicy".into(), "RequireDualStack", why);
    }
    Ok(())
}

fn check(api: &ApiServer, object: &Object, wanted: &str, dry_run: bool) -> Result<String, Status> {
    let refused =
        |why: String| Err(refuse(object, Cause::invalid("spec.clusterIPs", format!("[\"{wanted}\"]"), &why)));
    let Ok(ip) = wanted.parse::<Ipv4Addr>() else { return Ok(wanted.into()) };
    // One allocator a range: none has an address outside of all (Kubernetes ipallocator/cidrallocator.go).
    let Some(range) = ready_ranges(api).into_iter().find(|range| range.contains(ip)) else {
        return refused(format!(
            "failed to allocate IP {wanted}: the provided network does not match the current range"
        ));
    };
    if ip == range.first || ip == range.at(range.size() - 1) {
        let Range { first, prefix } = range;
        return refused(format!(
            "failed to allocate IP {wanted}: the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {first}/{prefix}"
        ));
    }
    if !dry_run && api.get(&key_of(wanted)).is_some() {
        return refused(format!("failed to allocate IP {wanted}: provided IP is already allocated"));
    }
    Ok(wanted.into())
}

/// An address that nobody has, of any range with room; for a dry run the first of a range, which nobody will have.
fn free(api: &mut ApiServer, dry_run: bool) -> Result<Ipv4Addr, Status> {
    let mut ranges = ready_ranges(api);
    // Kubernetes asks them in the order of a Go map.
    if ranges.len() > 1 {
        let begin = api.random.below(ranges.len() as u64) as usize;
        ranges.rotate_left(begin);
    }
    let found = match ranges.first() {
        Some(range) if dry_run => Some(range.first),
        _ => ranges.into_iter().find_map(|range| free_in(api, range)),
    };
    found.ok_or_else(|| Status::internal_error("failed to allocate a serviceIP: range is full"))
}

/// A random address of the upper part of a range: the lower one, a sixteenth but at most 256, is kept for
/// addresses that people choose, as long as there are others (KEP-3070).
fn free_in(api: &mut ApiServer, range: Range) -> Option<Ipv4Addr> {
    let size = range.size();
    let upper = if size > 16 { (size / 16).clamp(16, 256) } else { 1 };
    free_between(api, range, upper, size.saturating_sub(2)).or_else(|| free_between(api, range, 1, upper - 1))
}

/// The first free one from anywhere on, the numbers `low..=high` taken as a circle.
fn free_between(api: &mut ApiServer, range: Range, low: u64, high: u64) -> Option<Ipv4Addr> {
    if low > high {
        return None;
    }
    let start = api.random.between(low, high);
    let mut all = (start..=high).chain(low..start).map(|number| range.at(number));
    all.find(|ip| api.get(&key_of(&ip.to_string())).is_none())
}

/// Makes the IPAddress of a Service that has a cluster IP, where there is none. Its uid is drawn apart, so that what else
/// comes into being does not depend on it.
pub fn book(api: &mut ApiServer, service: &Object) {
    let ip = ip_of(service);
    if ip.is_empty() {
        return;
    }
    let key = key_of(ip);
    if api.get(&key).is_some() {
        return;
    }
    let seed =
        service.uid().bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let mut address = Object::new(Kind::IPAddress, "", &key.name);
    let metadata = value!({
        "creationTimestamp": (api.clock.date().rfc3339()),
        "labels": {
            "ipaddress.kubernetes.io/ip-family": "IPv4",
            "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"
        },
        "name": (key.name.clone()),
        "uid": (Random::from_seed(seed).uuid())
    });
    address.set("metadata", metadata);
    let parent =
        value!({"name": (service.name()), "namespace": (service.namespace()), "resource": "services"});
    address.set_at(&["spec", "parentRef"], parent);
    api.put_new(address);
}

/// Gives back the address of a Service that is gone or has none any more.
pub(in crate::apiserver) fn release(api: &mut ApiServer, old: &Object, new: Option<&Object>) {
    let ip = ip_of(old);
    if !ip.is_empty() && new.is_none_or(|new| ip_of(new) != ip) {
        api.take_as_it_is(&key_of(ip));
    }
}
