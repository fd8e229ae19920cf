//! ResourceQuotas: counts what is used, also after something went.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, quota};

use super::{Enqueue, NOW, pod};

/// Looks at a quota when it changes or something that it may count goes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == Kind::ResourceQuota {
        if change.kind != ChangeKind::Deleted && change.old.as_ref().is_none_or(|old| old.spec() != object.spec()) {
            enqueue(object.key(), NOW);
        }
        return;
    }
    let ended = |old: &Object| object.kind == Kind::Pod && pod::is_terminal(object) && !pod::is_terminal(old);
    if object.kind.names().namespaced
        && object.kind != Kind::Event
        && (change.kind == ChangeKind::Deleted || change.old.as_ref().is_some_and(ended))
    {
        let quotas = api.store().list_in(Kind::ResourceQuota, object.namespace());
        quotas.for_each(|quota| enqueue(quota.key(), NOW));
    }
}

/// Writes what is used.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let quota = api.get(key)?.clone();
    let used = quota::used(api, &quota);
    api.modify_status(key, |status| {
        status.set("hard", quota.spec().get("hard").clone());
        status.set("used", used);
    });
    None
}
