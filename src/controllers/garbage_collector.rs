//! The garbage collector: nothing outlives its owners, unless they asked for it to be orphaned.

use std::time::Duration;

use crate::api::{Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion, Part, Propagation};
use crate::base::Value;

use super::{Enqueue, NOW, drop_finalizer, ownership};

/// The finalizer of an owner that waits until its dependents are gone.
const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer of an owner that waits until its dependents have forgotten it.
const ORPHAN: &str = "orphan";

/// Looks at the dependents of what is gone or going, at owners that wait for them, and at what has new owners.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    let owners = object.meta("ownerReferences");
    let waits = object.is_terminating() && (has_finalizer(object, FOREGROUND) || has_finalizer(object, ORPHAN));
    match change.kind {
        ChangeKind::Deleted => {
            for dependent in api.store().owned_by(object.uid()) {
                enqueue(dependent.key(), NOW);
            }
            for owner in owners.items() {
                if let Some(owner) = find(api, object.namespace(), owner).filter(|owner| owner.is_terminating()) {
                    enqueue(owner.key(), NOW);
                }
            }
        }
        _ if waits => {
            enqueue(object.key(), NOW);
            for dependent in api.store().owned_by(object.uid()) {
                enqueue(dependent.key(), NOW);
            }
        }
        _ if change.differs(&[Part::Owners]) => {
            let healthy = |owner: &Value| {
                find(api, object.namespace(), owner).is_some_and(|owner| !owner.is_terminating())
            };
            if !owners.items().iter().all(healthy) {
                enqueue(object.key(), NOW);
            }
            for owner in change.old.iter().flat_map(|old| old.meta("ownerReferences").items()) {
                if let Some(owner) = find(api, object.namespace(), owner).filter(|owner| owner.is_terminating()) {
                    enqueue(owner.key(), NOW);
                }
            }
        }
        _ => {}
    }
}

fn has_finalizer(object: &Object, name: &str) -> bool {
    object.meta("finalizers").items().iter().any(|finalizer| finalizer.str() == name)
}

/// The owner that a reference means, if it is still the same one.
fn find<'a>(api: &'a ApiServer, namespace: &str, reference: &Value) -> Option<&'a Object> {
    let kind = api.kind_of(reference.get("apiVersion").str(), reference.get("kind").str())?;
    let owner = api.get(&ObjectKey::new(kind, namespace, reference.get("name").str()))?;
    (owner.uid() == reference.get("uid").str()).then_some(owner)
}

/// Lets an owner go whose dependents are done with, and deletes what no owner keeps.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let object = api.get(key)?.clone();
    if object.is_terminating() && has_finalizer(&object, ORPHAN) {
        let dependents: Vec<ObjectKey> = api.store().owned_by(object.uid()).map(Object::key).collect();
        for dependent in dependents {
            ownership::release(api, &dependent, object.uid());
        }
        drop_finalizer(api, key, ORPHAN);
        return None;
    }
    let waits = object.is_terminating() && has_finalizer(&object, FOREGROUND);
    if waits && !api.store().owned_by(object.uid()).any(|dependent| blocks(dependent, &object)) {
        drop_finalizer(api, key, FOREGROUND);
        return None;
    }
    if !waits && !object.is_terminating() {
        collect(api, key, &object);
    }
    None
}

/// True where an owner must wait for this dependent.
fn blocks(dependent: &Object, owner: &Object) -> bool {
    let references = dependent.meta("ownerReferences").items();
    references.iter().any(|r| r.get("uid").str() == owner.uid() && r.get("blockOwnerDeletion").bool())
}

/// Deletes an object whose owners are all gone or going; one that has others as well forgets those
/// (`attemptToDeleteItem`).
fn collect(api: &mut ApiServer, key: &ObjectKey, object: &Object) {
    let (mut solid, mut waiting, mut gone) = (0, Vec::new(), Vec::new());
    for reference in object.meta("ownerReferences").items() {
        let uid = reference.get("uid").str().to_string();
        let known = api.kind_of(reference.get("apiVersion").str(), reference.get("kind").str()).is_some();
        match find(api, object.namespace(), reference) {
            // Nobody can say whether an owner of an unknown kind is there.
            None if !known => solid += 1,
            None => gone.push(uid),
            Some(owner) if owner.is_terminating() && has_finalizer(owner, FOREGROUND) => waiting.push(uid),
            Some(_) => solid += 1,
        }
    }
    if waiting.is_empty() && gone.is_empty() {
        return;
    }
    if solid > 0 {
        for uid in waiting.iter().chain(&gone) {
            ownership::release(api, key, uid);
        }
        return;
    }
    let has_dependents = api.store().owned_by(object.uid()).next().is_some();
    let propagation = if has_finalizer(object, ORPHAN) {
        Propagation::Orphan
    } else if has_finalizer(object, FOREGROUND) || (!waiting.is_empty() && has_dependents) {
        Propagation::Foreground
    } else {
        Propagation::Background
    };
    // It can only be gone already.
    let _ = api.delete(key, Deletion { grace_period_seconds: None, propagation });
}
