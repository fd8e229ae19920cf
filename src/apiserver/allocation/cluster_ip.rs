//! Cluster IPs: each that is given out is an IPAddress, out of the ranges of the ServiceCIDRs.

use std::net::Ipv4Addr;

use crate::api::{Cause, Kind, Object, ObjectKey, Status};
use crate::apiserver::ApiServer;
use crate::base::{Random, Value};
use crate::value;

use super::refuse;

/// What keeps a ServiceCIDR as long as it is needed.
pub const FINALIZER: &str = "networking.k8s.io/service-cidr-finalizer";
/// The ServiceCIDR of the flag `--service-cluster-ip-range`.
pub const DEFAULT_RANGE: &str = "kubernetes";

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
pub fn ranges(cidr: &Object) -> Vec<Range> {
    let texts = cidr.spec().get("cidrs").items();
    texts.iter().filter_map(|text| Range::parse(text.str())).collect()
}

/// The ranges that addresses are given out of: those of the ServiceCIDRs that are ready and not on their way out.
fn ready_ranges(api: &ApiServer) -> Vec<Range> {
    let mut all = Vec::new();
    for cidr in api.store().list(Kind::ServiceCIDR) {
        let ready = cidr.condition("Ready");
        if !cidr.is_terminating() && (ready.is_null() || ready.get("status").str() == "True") {
            all.append(&mut ranges(cidr));
        }
    }
    all
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
        _ => {
            check(api, object, &wanted, dry_run)?;
            wanted
        }
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
    let other = spec.get("ipFamilies").items().iter().position(|family| family.str() != "IPv4");
    if other.is_some() || spec.get("ipFamilyPolicy").str() == "RequireDualStack" {
        return Err(not_of_this_cluster(object, other));
    }
    Ok(())
}

// No part of the page's first program, as what follows.
#[inline(never)]
fn not_of_this_cluster(object: &Object, family: Option<usize>) -> Status {
    let (field, value, why) = match family {
        Some(at) => {
            let family = object.spec().get("ipFamilies").items()[at].str();
            (format!("spec.ipFamilies[{at}]"), family, "not configured on this cluster")
        }
        None => {
            let why = "this cluster is not configured for dual-stack services";
            ("spec.ipFamilyPolicy".into(), "RequireDualStack", why)
        }
    };
    refuse(object, Cause::invalid(field, format_args!("{value:?}"), why))
}

/// Whether an address that somebody chose can be had.
fn check(api: &ApiServer, object: &Object, wanted: &str, dry_run: bool) -> Result<(), Status> {
    let Ok(ip) = wanted.parse::<Ipv4Addr>() else { return Ok(()) };
    // One allocator a range: none has an address outside of all (Kubernetes ipallocator/cidrallocator.go).
    let range = ready_ranges(api).into_iter().find(|range| range.contains(ip));
    let inner = range.is_some_and(|range| ip != range.first && ip != range.at(range.size() - 1));
    if inner && (dry_run || api.get(&key_of(wanted)).is_none()) {
        return Ok(());
    }
    Err(not_to_be_had(object, wanted, range, inner))
}

#[inline(never)]
fn not_to_be_had(object: &Object, wanted: &str, range: Option<Range>, inner: bool) -> Status {
    let why = match range {
        None => "the provided network does not match the current range".to_owned(),
        Some(_) if inner => "provided IP is already allocated".to_owned(),
        Some(Range { first, prefix }) => format!(
            "the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {first}/{prefix}"
        ),
    };
    let why = format!("failed to allocate IP {wanted}: {why}");
    refuse(object, Cause::invalid("spec.clusterIPs", format_args!("[\"{wanted}\"]"), &why))
}

/// An address that nobody has, of any range with room; for a dry run the first of a range, which nobody will have.
#[inline(never)]
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

/// Makes the IPAddress of a Service that has a cluster IP, where there is none.
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
    let mut address = new_object(api, key, seed);
    let labels = value!({
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"
    });
    address.set_at(&["metadata", "labels"], labels);
    let parent =
        value!({"name": (service.name()), "namespace": (service.namespace()), "resource": "services"});
    address.set_at(&["spec", "parentRef"], parent);
    api.put_new(address);
}

/// Creates the ServiceCIDR that the cluster was begun with, protected and ready already (Kubernetes defaultservicecidr).
pub fn create_default_range(api: &mut ApiServer) {
    let mut cidr = new_object(api, ObjectKey::new(Kind::ServiceCIDR, "", DEFAULT_RANGE), 2);
    cidr.set_at(&["metadata", "finalizers"], Value::from(vec![FINALIZER]));
    cidr.set("spec", value!({"cidrs": [(api.settings.service_range)]}));
    cidr.set("status", value!({"conditions": [(ready(api))]}));
    api.put_new(cidr);
}

/// The condition of a ServiceCIDR that addresses are given out of.
pub fn ready(api: &ApiServer) -> Value {
    value!({
        "lastTransitionTime": (api.clock.date().rfc3339()),
        "message": "Kubernetes Service CIDR is ready",
        "reason": "",
        "status": "True",
        "type": "Ready"
    })
}

/// An object of the server's own. Its uid is drawn apart, so that what else comes into being does not depend on it.
fn new_object(api: &ApiServer, key: ObjectKey, seed: u64) -> Object {
    let mut object = Object::new(key.kind, "", &key.name);
    let (date, uid) = (api.clock.date().rfc3339(), Random::from_seed(seed).uuid());
    object.entry("metadata").set_all([("creationTimestamp", date.into()), ("uid", uid.into())]);
    object
}

/// Gives back the address of a Service that is gone or has none any more.
pub(in crate::apiserver) fn release(api: &mut ApiServer, old: &Object, new: Option<&Object>) {
    let ip = ip_of(old);
    if !ip.is_empty() && new.is_none_or(|new| ip_of(new) != ip) {
        api.take_as_it_is(&key_of(ip));
    }
}
