//! PersistentVolumes.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, joined, plain};
use super::persistent_volume_claim::access_modes;
use super::volumes;

pub(super) fn fill(page: &mut Page, session: &Session<'_>, volume: &Object) {
    let (spec, status) = (volume.spec(), volume.status());
    page.head(volume);
    page.field(0, "Finalizers", format_args!("[{}]", joined(volume.meta("finalizers"), " ")));
    page.field(0, "StorageClass", spec.get("storageClassName").str());
    if volume.is_terminating() {
        page.field(
            0,
            "Status",
            format_args!("Terminating (lasts {})", page.since(volume.meta("deletionTimestamp"))),
        );
    } else {
        page.field(0, "Status", status.get("phase").str());
    }
    let claim = spec.get("claimRef");
    let text = match claim {
        Value::Null => String::new(),
        claim => format!("{}/{}", claim.get("namespace").str(), claim.get("name").str()),
    };
    page.field(0, "Claim", text);
    page.field(0, "Reclaim Policy", spec.get("persistentVolumeReclaimPolicy").str());
    page.field(0, "Access Modes", access_modes(spec.get("accessModes")));
    if !spec.get("volumeMode").is_null() {
        page.field(0, "VolumeMode", spec.get("volumeMode").str());
    }
    page.field(0, "Capacity", plain(spec.at(&["capacity", "storage"])));
    affinity(page, spec.get("nodeAffinity"));
    page.field(0, "Message", status.get("message").str());
    page.line(0, "Source:");
    volumes::source(page, spec);
    page.events(session, volume);
}

fn affinity(page: &mut Page, affinity: &Value) {
    if affinity.get("required").is_null() {
        return page.field(0, "Node Affinity", "<none>");
    }
    page.line(0, "Node Affinity:");
    let terms = affinity.at(&["required", "nodeSelectorTerms"]);
    if terms.is_empty() {
        return page.field(1, "Required Terms", "<none>");
    }
    page.line(1, "Required Terms:");
    for (at, term) in terms.items().iter().enumerate() {
        let name = format!("Term {at}");
        let expressions = term.get("matchExpressions").items();
        if expressions.is_empty() {
            page.field(2, &name, "<none>");
        }
        for (row, expression) in expressions.iter().enumerate() {
            let (key, operator) =
                (expression.get("key").str(), expression.get("operator").str().to_lowercase());
            let values = match expression.get("values") {
                Value::Null => String::new(),
                values => format!(" [{}]", joined(values, ", ")),
            };
            match row {
                0 => page.field(2, &name, format_args!("{key} {operator}{values}")),
                _ => page.line(2, format_args!("\t{key} {operator}{values}")),
            }
        }
    }
}
