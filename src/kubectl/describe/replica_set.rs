//! ReplicaSets and ReplicationControllers.

use crate::api::{Kind, Object};
use crate::kubectl::session::Session;

use super::containers;
use super::page::{Page, labels_text, pod_counts, selector_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, set: &Object) {
    page.field(0, "Name", set.name());
    page.field(0, "Namespace", set.namespace());
    let selector = set.spec().get("selector");
    let text = if set.kind == Kind::ReplicaSet { selector_text(selector) } else { labels_text(selector) };
    page.field(0, "Selector", text);
    page.labels(0, "Labels", set.labels());
    page.annotations(0, set.meta("annotations"));
    page.controller(set);
    let (have, want) = (set.status().get("replicas").int(), set.spec().get("replicas").int());
    page.field(0, "Replicas", format_args!("{have} current / {want} desired"));
    page.field(0, "Pods Status", pod_counts(session, set));
    containers::template(page, set.spec().get("template"));
    page.conditions(set.status().get("conditions"), &["Type", "Status", "Reason"]);
    page.events(session, set);
}
