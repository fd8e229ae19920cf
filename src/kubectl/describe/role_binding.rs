//! RoleBindings and ClusterRoleBindings.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::Page;

pub(super) fn fill(page: &mut Page, _session: &Session<'_>, binding: &Object) {
    page.field(0, "Name", binding.name());
    page.labels(0, "Labels", binding.labels());
    page.annotations(0, binding.meta("annotations"));
    page.line(0, "Role:");
    page.field(1, "Kind", binding.get("roleRef").get("kind").str());
    page.field(1, "Name", binding.get("roleRef").get("name").str());
    page.line(0, "Subjects:");
    page.line(1, "Kind\tName\tNamespace");
    page.line(1, "----\t----\t---------");
    for subject in binding.get("subjects").items() {
        let cells = ["kind", "name", "namespace"].map(|field| subject.get(field).str().to_string());
        page.line(1, cells.join("\t"));
    }
}
