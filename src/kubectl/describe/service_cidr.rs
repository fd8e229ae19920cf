//! ServiceCIDRs.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, date, joined};

/// describe.go, `describeServiceCIDRV1`.
pub(super) fn fill(page: &mut Page, session: &Session<'_>, cidr: &Object) {
    page.head(cidr);
    page.field(0, "CIDRs", joined(cidr.spec().get("cidrs"), ", "));
    let conditions = cidr.status().get("conditions").items();
    if !conditions.is_empty() {
        page.line(0, "Status:");
        page.line(0, "Conditions:");
        page.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        page.line(1, "----\t------\t------------------\t------\t-------");
        for condition in conditions {
            let text = |field| condition.get(field).str();
            let since = date(condition.get("lastTransitionTime"));
            let (kind, status) = (text("type"), text("status"));
            page.line(1, format_args!("{kind}\t{status}\t{since}\t{}\t{}", text("reason"), text("message")));
        }
    }
    page.events(session, cidr);
}
