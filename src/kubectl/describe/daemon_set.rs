//! DaemonSets.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::containers;
use super::page::{Page, labels_text, pod_counts, selector_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, set: &Object) {
    let (spec, status) = (set.spec(), set.status());
    page.field(0, "Name", set.name());
    page.field(0, "Namespace", set.namespace());
    page.field(0, "Selector", selector_text(spec.get("selector")));
    page.field(0, "Node-Selector", labels_text(spec.at(&["template", "spec", "nodeSelector"])));
    page.labels(0, "Labels", set.labels());
    page.annotations(0, set.meta("annotations"));
    for (name, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        page.line(0, format_args!("{name}: {}", status.get(field).int()));
    }
    page.field(0, "Pods Status", pod_counts(session, set));
    containers::template(page, spec.get("template"));
    page.events(session, set);
}
