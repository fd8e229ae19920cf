//! ResourceQuotas.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, joined, plain};

pub(super) fn fill(page: &mut Page, _session: &Session<'_>, quota: &Object) {
    page.field(0, "Name", quota.name());
    page.field(0, "Namespace", quota.namespace());
    scopes(page, 0, quota);
    page.line(0, "Resource\tUsed\tHard");
    page.line(0, "--------\t----\t----");
    for (resource, hard) in quota.status().get("hard").entries() {
        let used = plain(quota.status().get("used").get(resource));
        page.line(0, format_args!("{resource}\t{used}\t{}", plain(hard)));
    }
}

/// What a quota counts, where it does not count everything.
pub(super) fn scopes(page: &mut Page, level: usize, quota: &Object) {
    if quota.spec().get("scopes").is_empty() {
        return;
    }
    page.field(level, "Scopes", joined(quota.spec().get("scopes"), ", "));
    for scope in quota.spec().get("scopes").items() {
        let told = match scope.str() {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        page.line(level, format_args!(" * {told}"));
    }
}
