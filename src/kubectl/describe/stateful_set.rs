//! StatefulSets.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::containers;
use super::page::{Page, date, joined, plain, pod_counts, selector_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, set: &Object) {
    let spec = set.spec();
    page.field(0, "Name", set.name());
    page.field(0, "Namespace", set.namespace());
    page.field(0, "CreationTimestamp", date(set.meta("creationTimestamp")));
    page.field(0, "Selector", selector_text(spec.get("selector")));
    page.labels(0, "Labels", set.labels());
    page.annotations(0, set.meta("annotations"));
    let (want, have) = (spec.get("replicas").int(), set.status().get("replicas").int());
    page.field(0, "Replicas", format_args!("{want} desired | {have} total"));
    page.field(0, "Update Strategy", spec.at(&["updateStrategy", "type"]).str());
    let rolling = spec.at(&["updateStrategy", "rollingUpdate"]);
    if !rolling.get("partition").is_null() {
        page.field(1, "Partition", rolling.get("partition").int());
        if !rolling.get("maxUnavailable").is_null() {
            page.field(1, "MaxUnavailable", plain(rolling.get("maxUnavailable")));
        }
    }
    page.field(0, "Pods Status", pod_counts(session, set));
    containers::template(page, spec.get("template"));
    let claims = spec.get("volumeClaimTemplates");
    if claims.is_empty() {
        page.field(0, "Volume Claims", "<none>");
    } else {
        page.line(0, "Volume Claims:");
    }
    for claim in claims.items() {
        page.field(1, "Name", claim.at(&["metadata", "name"]).str());
        page.field(1, "StorageClass", claim.at(&["spec", "storageClassName"]).str());
        page.labels(1, "Labels", claim.at(&["metadata", "labels"]));
        page.annotations(1, claim.at(&["metadata", "annotations"]));
        let capacity = plain(claim.at(&["spec", "resources", "requests", "storage"]));
        page.field(1, "Capacity", if capacity.is_empty() { "<default>".into() } else { capacity });
        page.field(1, "Access Modes", format_args!("[{}]", joined(claim.at(&["spec", "accessModes"]), " ")));
    }
    page.events(session, set);
}
