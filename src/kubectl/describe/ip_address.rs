//! IPAddresses.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::Page;

/// describe.go, `describeIPAddressV1`.
pub(super) fn fill(page: &mut Page, session: &Session<'_>, address: &Object) {
    page.head(address);
    let parent = address.spec().get("parentRef");
    if !parent.is_null() {
        page.line(0, "Parent Reference:");
        for (name, field) in
            [("Group", "group"), ("Resource", "resource"), ("Namespace", "namespace"), ("Name", "name")]
        {
            page.field(1, name, parent.get(field).str());
        }
    }
    page.events(session, address);
}
