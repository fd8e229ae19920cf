//! How a controller takes and gives up what its selector matches (`controller.BaseControllerRefManager`).

use crate::api::{Kind, Object, ObjectKey, Selector};
use crate::apiserver::{ApiServer, Change, ChangeKind, Part};
use crate::base::Value;

use super::pod;

/// The objects of `kind` that `owner` controls, after it has adopted those without a controller that match
/// `selector`, and released its own that do not. Only what `counts` is looked at.
pub fn claim(
    api: &mut ApiServer,
    owner: &Object,
    kind: Kind,
    selector: &Selector,
    counts: impl Fn(&Object) -> bool,
) -> Vec<Object> {
    let uid = owner.uid();
    let (mut claimed, strangers): (Vec<Object>, Vec<Object>) = api
        .store()
        .owned_by(uid)
        .filter(|object| object.kind == kind && object.is_controlled_by(uid) && counts(object))
        .cloned()
        .partition(|object| selector.matches(object.labels()));
    if owner.is_terminating() {
        return claimed;
    }
    for object in strangers {
        release(api, &object.key(), uid);
    }
    let orphans: Vec<ObjectKey> = api
        .store()
        .orphans(kind, owner.namespace())
        .filter(|object| !object.is_terminating() && counts(object) && selector.matches(object.labels()))
        .map(Object::key)
        .collect();
    let controller = owner.as_controller();
    for key in orphans {
        claimed.extend(api.modify(&key, |object| {
            object.entry_at(&["metadata", "ownerReferences"]).push(controller.clone());
        }));
    }
    claimed
}

/// Takes the owner with this uid off an object.
pub fn release(api: &mut ApiServer, key: &ObjectKey, uid: &str) {
    api.modify(key, |object| {
        let left: Vec<Value> = object
            .meta("ownerReferences")
            .items()
            .iter()
            .filter(|owner| owner.get("uid").str() != uid)
            .cloned()
            .collect();
        if left.is_empty() {
            object.entry("metadata").remove("ownerReferences");
        } else {
            object.set_at(&["metadata", "ownerReferences"], left);
        }
    });
}

/// Whom a change of a dependent concerns: its controllers of `kind` before and after it.
pub fn controllers_of(kind: Kind, change: &Change, mut tell: impl FnMut(ObjectKey)) {
    let new = change.object.controller_key();
    let old = change.old.as_ref().and_then(Object::controller_key).filter(|old| Some(old) != new.as_ref());
    for key in old.into_iter().chain(new).filter(|key| key.kind == kind) {
        tell(key);
    }
}

/// Whom a change of a Pod concerns, where it may change how many replicas there are; see [`concerned`].
pub fn concerned_by_pod(
    api: &ApiServer,
    kind: Kind,
    change: &Change,
    selector_of: impl Fn(&Object) -> Selector,
    tell: impl FnMut(ObjectKey),
) {
    if pod::counts_differently(change) {
        concerned(api, kind, change, selector_of, tell);
    }
}

fn is_of_another(kind: Kind, change: &Change) -> bool {
    let of_another = |object: &Object| {
        object.controller().is_some_and(|owner| owner.get("kind").str() != kind.names().kind)
    };
    of_another(&change.object)
        && (!change.differs(&[Part::Owners]) || change.old.as_ref().is_none_or(of_another))
}

/// Whom a change of a dependent concerns: its controllers, and where it has none now, the objects of `kind` that
/// select it and may adopt it.
pub fn concerned(
    api: &ApiServer,
    kind: Kind,
    change: &Change,
    selector_of: impl Fn(&Object) -> Selector,
    mut tell: impl FnMut(ObjectKey),
) {
    let new = &change.object;
    if is_of_another(kind, change) {
        return;
    }
    controllers_of(kind, change, &mut tell);
    let freed = new.controller().is_none()
        && change.kind != ChangeKind::Deleted
        && change.old.as_ref().is_none_or(|old| old.controller().is_some() || old.labels() != new.labels());
    if freed {
        for owner in api.store().list_in(kind, new.namespace()) {
            if selector_of(owner).matches(new.labels()) {
                tell(owner.key());
            }
        }
    }
}
