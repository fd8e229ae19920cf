//! PriorityClasses.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, labels_text};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, class: &Object) {
    page.field(0, "Name", class.name());
    page.field(0, "Value", class.get("value").int());
    page.field(0, "GlobalDefault", class.get("globalDefault").bool());
    page.field(0, "PreemptionPolicy", class.get("preemptionPolicy").str());
    page.field(0, "Description", class.get("description").str());
    page.field(0, "Annotations", labels_text(class.meta("annotations")));
    page.events(session, class);
}
