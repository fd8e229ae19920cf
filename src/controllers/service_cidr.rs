//! ServiceCIDRs: each is kept as long as an address out of it needs it, and the default one always comes back (Kubernetes
//! pkg/controller/servicecidrs, and defaultservicecidr of the API server).

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::allocation::{DEFAULT_RANGE, FINALIZER, Range, create_default_range, ranges, ready};
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::{Date, Value};

use super::{Enqueue, NOW, drop_finalizer};

/// Why one that is to go is still there.
const WAITS: &str =
    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR";
/// How long one that may go still stays, so that all allocators have heard of it.
const GRACE: Duration = Duration::from_secs(10);
/// How often the API server looks whether the default one is there.
const INTERVAL: Duration = Duration::from_secs(10);

/// Looks at those that are new or to go, and at the latter again whenever a range or an address comes or goes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == Kind::ServiceCIDR {
        if change.kind == ChangeKind::Deleted {
            enqueue(object.key(), INTERVAL);
        } else if object.is_terminating() || !is_ready(object) {
            enqueue(object.key(), NOW);
        }
    } else if object.kind != Kind::IPAddress {
        return;
    }
    let going = api.store().list(Kind::ServiceCIDR).filter(|cidr| cidr.is_terminating());
    going.for_each(|cidr| enqueue(cidr.key(), NOW));
}

fn is_ready(cidr: &Object) -> bool {
    cidr.has_condition("Ready") && cidr.meta("finalizers").items().iter().any(|own| own.str() == FINALIZER)
}

/// Protects a new one, and lets one go that is not needed.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let Some(cidr) = api.get(key) else {
        if key.name == DEFAULT_RANGE {
            create_default_range(api);
        }
        return None;
    };
    if !cidr.is_terminating() {
        if !is_ready(cidr) {
            let ready = ready(api);
            api.modify(key, |cidr| cidr.entry_at(&["metadata", "finalizers"]).push(Value::from(FINALIZER)));
            api.modify_status(key, |status| set_condition(status, ready));
        }
        return None;
    }
    if is_needed(api, cidr) {
        let mut waits = ready(api);
        waits.set_all([
            ("message", WAITS.into()),
            ("reason", "Terminating".into()),
            ("status", "False".into()),
        ]);
        api.modify_status(key, |status| set_condition(status, waits));
        return None;
    }
    let since = Date::parse_rfc3339(cidr.meta("deletionTimestamp").str()).unwrap_or_default();
    let left = (api.clock.at(since) + GRACE).since(api.clock.now);
    if !left.is_zero() {
        return Some(left);
    }
    drop_finalizer(api, key, FINALIZER);
    None
}

/// True where an address that Services have would lie outside of all ranges without it (`canDeleteCIDR`).
fn is_needed(api: &ApiServer, cidr: &Object) -> bool {
    let others = api.store().list(Kind::ServiceCIDR).filter(|other| other.name() != cidr.name());
    let others: Vec<Range> = others.flat_map(ranges).collect();
    let own = ranges(cidr);
    api.store().list(Kind::IPAddress).filter_map(|address| address.name().parse().ok()).any(|ip| {
        own.iter().any(|range| range.contains(ip)) && !others.iter().any(|range| range.contains(ip))
    })
}
