//! Deployments.

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::kubectl::session::Session;

use super::containers;
use super::page::{Page, date, or_none, plain, selector_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, deployment: &Object) {
    let (spec, status) = (deployment.spec(), deployment.status());
    page.field(0, "Name", deployment.name());
    page.field(0, "Namespace", deployment.namespace());
    page.field(0, "CreationTimestamp", date(deployment.meta("creationTimestamp")));
    page.labels(0, "Labels", deployment.labels());
    page.annotations(0, deployment.meta("annotations"));
    page.field(0, "Selector", selector_text(spec.get("selector")));
    page.field(
        0,
        "Replicas",
        format_args!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            spec.get("replicas").int(),
            status.get("updatedReplicas").int(),
            status.get("replicas").int(),
            status.get("availableReplicas").int(),
            status.get("unavailableReplicas").int()
        ),
    );
    page.field(0, "StrategyType", spec.at(&["strategy", "type"]).str());
    page.field(0, "MinReadySeconds", spec.get("minReadySeconds").int());
    let rolling = spec.at(&["strategy", "rollingUpdate"]);
    if !rolling.is_null() {
        let (unavailable, surge) = (plain(rolling.get("maxUnavailable")), plain(rolling.get("maxSurge")));
        page.field(
            0,
            "RollingUpdateStrategy",
            format_args!("{unavailable} max unavailable, {surge} max surge"),
        );
    }
    containers::template(page, spec.get("template"));
    page.conditions(status.get("conditions"), &["Type", "Status", "Reason"]);
    let mut sets = replica_sets(session, deployment);
    sets.sort_by_key(|set| (set.created_at(), set.name().to_string()));
    let template = without_hash(spec.get("template"));
    let current = sets.iter().position(|set| without_hash(set.spec().get("template")) == template);
    let current = current.map(|at| sets.remove(at));
    page.field(0, "OldReplicaSets", texts(&sets));
    page.field(0, "NewReplicaSet", texts(current.as_slice()));
    page.events(session, deployment);
}

/// The ReplicaSets of a Deployment.
pub(super) fn replica_sets(session: &Session<'_>, deployment: &Object) -> Vec<Object> {
    let sets = session.api.store().owned_by(deployment.uid());
    sets.filter(|set| set.kind == Kind::ReplicaSet).cloned().collect()
}

/// A template without the label by which ReplicaSets tell their Pods apart.
pub fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    template.entry_at(&["metadata", "labels"]).remove("pod-template-hash");
    template
}

fn texts(sets: &[Object]) -> String {
    let text = |set: &Object| {
        let (have, want) = (set.status().get("replicas").int(), set.spec().get("replicas").int());
        format!("{} ({have}/{want} replicas created)", set.name())
    };
    or_none(sets.iter().map(text).collect::<Vec<_>>().join(", "))
}
