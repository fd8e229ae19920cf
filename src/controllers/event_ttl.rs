//! Forgets Events an hour after they were last told.

use std::time::Duration;

use crate::api::{Kind, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::Date;
use crate::resources::event;

use super::Enqueue;

/// How long Events are kept (`--event-ttl` of the API server).
const TTL: Duration = Duration::from_secs(3600);
/// How exactly that is kept.
const PERIOD: Duration = Duration::from_secs(30);

/// Looks at a namespace an hour after an Event in it.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    if change.object.kind == Kind::Event && change.kind == ChangeKind::Added {
        enqueue(ObjectKey::new(Kind::Namespace, "", change.object.namespace()), TTL);
    }
}

/// Deletes its old Events.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let (mut expired, mut next) = (Vec::new(), None);
    for event in api.store().list_in(Kind::Event, &key.name) {
        let last = Date::parse_rfc3339(event::last_seen(event).str()).unwrap_or_default();
        let left = (api.clock.at(last) + TTL).since(api.clock.now);
        if left.is_zero() {
            expired.push(event.key());
        } else {
            next = Some(next.map_or(left, |soonest: Duration| soonest.min(left)));
        }
    }
    for event in expired {
        // It can only be gone already.
        let _ = api.delete(&event, Deletion::default());
    }
    next.map(|left| left.max(PERIOD))
}
