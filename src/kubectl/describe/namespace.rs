//! Namespaces, with their quotas and limits.

use crate::api::{Kind, Object};
use crate::kubectl::session::Session;

use super::page::{Page, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, namespace: &Object) {
    page.head(namespace);
    page.field(0, "Status", namespace.status().get("phase").str());
    page.line(0, "");
    let quotas = session.list(Kind::ResourceQuota, namespace.name(), "", "").unwrap_or_default();
    if quotas.is_empty() {
        page.line(0, "No resource quota.");
    } else {
        page.line(0, "Resource Quotas");
    }
    for (at, quota) in quotas.iter().enumerate() {
        if at > 0 {
            page.line(0, "");
        }
        page.field(1, "Name", quota.name());
        super::resource_quota::scopes(page, 1, quota);
        page.line(1, "Resource\tUsed\tHard");
        page.line(1, "--------\t---\t---");
        for (resource, hard) in quota.status().get("hard").entries() {
            let used = plain(quota.status().get("used").get(resource));
            page.line(1, format_args!("{resource}\t{used}\t{}", plain(hard)));
        }
    }
    page.line(0, "");
    let ranges = session.list(Kind::LimitRange, namespace.name(), "", "").unwrap_or_default();
    if ranges.is_empty() {
        return page.line(0, "No LimitRange resource.");
    }
    page.line(0, "Resource Limits");
    page.line(1, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    page.line(1, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    for range in &ranges {
        super::limit_range::rows(page, 1, range);
    }
}
