//! IngressClasses.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, class: &Object) {
    page.head(class);
    page.field(0, "Controller", class.spec().get("controller").str());
    let parameters = class.spec().get("parameters");
    if !parameters.is_null() {
        page.line(0, "Parameters:");
        if !parameters.get("apiGroup").is_null() {
            page.field(1, "APIGroup", plain(parameters.get("apiGroup")));
        }
        page.field(1, "Kind", parameters.get("kind").str());
        page.field(1, "Name", parameters.get("name").str());
    }
    page.events(session, class);
}
