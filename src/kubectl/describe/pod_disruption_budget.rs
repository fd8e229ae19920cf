//! PodDisruptionBudgets.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, plain, selector_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, budget: &Object) {
    let (spec, status) = (budget.spec(), budget.status());
    page.field(0, "Name", budget.name());
    page.field(0, "Namespace", budget.namespace());
    if !spec.get("minAvailable").is_null() {
        page.field(0, "Min available", plain(spec.get("minAvailable")));
    } else if !spec.get("maxUnavailable").is_null() {
        page.field(0, "Max unavailable", plain(spec.get("maxUnavailable")));
    }
    let selector = spec.get("selector");
    page.field(0, "Selector", if selector.is_null() { "<unset>".into() } else { selector_text(selector) });
    page.line(0, "Status:");
    for (name, field) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        page.field(2, name, status.get(field).int());
    }
    page.events(session, budget);
}
