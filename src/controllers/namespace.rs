//! Namespaces that are going away: their Pods go first, then everything else, then they.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::value;

use super::{Enqueue, pod};

/// How long a deleted namespace is left alone, so that the last writes to it are seen.
const GRACE: Duration = Duration::from_secs(5);
/// How long what has finalizers is expected to take.
const FINALIZER_ESTIMATE: i64 = 15;

/// Looks at namespaces that were deleted.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    let began = change.old.as_ref().is_none_or(|old| !old.is_terminating());
    if object.kind == Kind::Namespace && change.kind != ChangeKind::Deleted && object.is_terminating() && began {
        enqueue(object.key(), GRACE);
    }
}

/// Deletes what is in it, says what is left, and lets it go when nothing is.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let namespace = api.get(key).filter(|namespace| namespace.is_terminating())?.clone();
    let grace = delete_all(api, &key.name, |object| object.kind == Kind::Pod);
    let mut left = count_left(api, &key.name, |object| object.kind == Kind::Pod);
    if left.kinds.is_empty() {
        delete_all(api, &key.name, |_| true);
        left = count_left(api, &key.name, |_| true);
    }
    tell(api, &namespace, &left);
    if !left.kinds.is_empty() {
        let estimate = grace.max(if left.finalizers.is_empty() { 0 } else { FINALIZER_ESTIMATE });
        return Some(Duration::from_secs(u64::try_from(estimate / 2 + 1).unwrap_or(1)));
    }
    // An update does not touch this list: the `finalize` subresource does.
    api.modify_with_status(key, |namespace| drop(namespace.entry("spec").remove("finalizers")));
    None
}

fn all_in<'a>(api: &'a ApiServer, namespace: &'a str) -> impl Iterator<Item = &'a Object> {
    api.kinds()
        .filter(|kind| kind.names().namespaced)
        .flat_map(move |kind| api.store().list_in(kind, namespace))
}

/// Deletes what is chosen; how many seconds the slowest Pod may take.
fn delete_all(api: &mut ApiServer, namespace: &str, chosen: fn(&Object) -> bool) -> i64 {
    let objects: Vec<Object> = all_in(api, namespace).filter(|object| chosen(object)).cloned().collect();
    let mut grace = 0;
    for object in objects {
        if object.kind == Kind::Pod && !pod::is_terminal(&object) {
            grace = grace.max(object.spec().get("terminationGracePeriodSeconds").as_int().unwrap_or(30));
        }
        // It can only be gone already.
        let _ = api.delete(&object.key(), Deletion::default());
    }
    grace
}

/// What has not gone yet.
#[derive(Default)]
struct Left {
    kinds: BTreeMap<String, usize>,
    finalizers: BTreeMap<String, usize>,
}

fn count_left(api: &ApiServer, namespace: &str, chosen: fn(&Object) -> bool) -> Left {
    let mut left = Left::default();
    for object in all_in(api, namespace).filter(|object| chosen(object)) {
        *left.kinds.entry(resource(object.kind)).or_default() += 1;
        for finalizer in object.meta("finalizers").items() {
            *left.finalizers.entry(finalizer.str().to_string()).or_default() += 1;
        }
    }
    left
}

/// `pods.`, `deployments.apps`: the name of a resource with its group.
fn resource(kind: Kind) -> String {
    format!("{}.{}", kind.names().plural, kind.names().group)
}

fn list(counts: &BTreeMap<String, usize>, word: &str) -> String {
    let texts: Vec<String> =
        counts.iter().map(|(what, count)| format!("{what} {word} {count} resource instances")).collect();
    texts.join(", ")
}

fn tell(api: &mut ApiServer, namespace: &Object, left: &Left) {
    let remaining = (!left.kinds.is_empty())
        .then(|| format!("Some resources are remaining: {}", list(&left.kinds, "has")));
    let held = (!left.finalizers.is_empty()).then(|| {
        format!(
            "Some content in the namespace has finalizers remaining: {}",
            list(&left.finalizers, "in")
        )
    });
    let now = api.clock.date().rfc3339();
    let told = |kind: &str, found: Option<String>, yes: &str, no: &str, nothing: &str| {
        let (status, reason) = if found.is_some() { ("True", yes) } else { ("False", no) };
        value!({
            "lastTransitionTime": (now.as_str()),
            "message": (found.unwrap_or_else(|| nothing.into())),
            "reason": reason,
            "status": status,
            "type": kind
        })
    };
    let conditions = [
        told(
            "NamespaceDeletionDiscoveryFailure",
            None,
            "",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        told(
            "NamespaceDeletionGroupVersionParsingFailure",
            None,
            "",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        told(
            "NamespaceDeletionContentFailure",
            None,
            "",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        told(
            "NamespaceContentRemaining",
            remaining,
            "SomeResourcesRemain",
            "ContentRemoved",
            "All content successfully removed",
        ),
        told(
            "NamespaceFinalizersRemaining",
            held,
            "SomeFinalizersRemain",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished",
        ),
    ];
    api.modify_status(&namespace.key(), |status| {
        for condition in conditions {
            set_condition(status, condition);
        }
    });
}
