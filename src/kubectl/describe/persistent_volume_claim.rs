//! PersistentVolumeClaims.

use crate::api::{Kind, Object};
use crate::base::Value;
use crate::kubectl::session::Session;
use crate::resources::printing;

use super::page::{Page, date, joined, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, claim: &Object) {
    let (spec, status) = (claim.spec(), claim.status());
    page.field(0, "Name", claim.name());
    page.field(0, "Namespace", claim.namespace());
    page.field(0, "StorageClass", spec.get("storageClassName").str());
    if claim.is_terminating() {
        page.field(
            0,
            "Status",
            format_args!("Terminating (lasts {})", page.since(claim.meta("deletionTimestamp"))),
        );
    } else {
        page.field(0, "Status", status.get("phase").str());
    }
    page.field(0, "Volume", spec.get("volumeName").str());
    page.labels(0, "Labels", claim.labels());
    page.annotations(0, claim.meta("annotations"));
    page.field(0, "Finalizers", format_args!("[{}]", joined(claim.meta("finalizers"), " ")));
    let bound = !spec.get("volumeName").str().is_empty();
    let capacity = if bound { plain(status.at(&["capacity", "storage"])) } else { String::new() };
    page.field(0, "Capacity", capacity);
    page.field(
        0,
        "Access Modes",
        if bound { access_modes(status.get("accessModes")) } else { String::new() },
    );
    if !spec.get("volumeMode").is_null() {
        page.field(0, "VolumeMode", spec.get("volumeMode").str());
    }
    let source = spec.get("dataSource");
    if !source.is_null() {
        page.line(0, "DataSource:");
        if !source.get("apiGroup").is_null() {
            page.field(1, "APIGroup", source.get("apiGroup").str());
        }
        page.field(1, "Kind", source.get("kind").str());
        page.field(1, "Name", source.get("name").str());
    }
    let uses = |pod: &&Object| {
        let volumes = pod.spec().get("volumes").items();
        volumes.iter().any(|volume| volume.at(&["persistentVolumeClaim", "claimName"]).str() == claim.name())
    };
    let pods = session.api.store().list_in(Kind::Pod, claim.namespace()).filter(uses);
    let names: Vec<String> = pods.map(|pod| pod.name().to_string()).collect();
    page.fields(0, "Used By", &names);
    conditions(page, status.get("conditions"));
    page.events(session, claim);
}

fn conditions(page: &mut Page, conditions: &Value) {
    if conditions.is_empty() {
        return;
    }
    page.line(0, "Conditions:");
    page.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
    page.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions.items() {
        page.line(
            1,
            format_args!(
                "{} \t{} \t{} \t{} \t{} \t{}",
                condition.get("type").str(),
                condition.get("status").str(),
                date(condition.get("lastProbeTime")),
                date(condition.get("lastTransitionTime")),
                condition.get("reason").str(),
                condition.get("message").str()
            ),
        );
    }
}

/// Access modes in short: `RWO,ROX`.
pub(super) fn access_modes(modes: &Value) -> String {
    printing::access_modes(modes)
}
