//! StorageClasses.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, joined, labels_text, truth_or_unset};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, class: &Object) {
    page.field(0, "Name", class.name());
    let default = class.annotation("storageclass.kubernetes.io/is-default-class").str() == "true";
    page.field(0, "IsDefaultClass", if default { "Yes" } else { "No" });
    page.field(0, "Annotations", labels_text(class.meta("annotations")));
    page.field(0, "Provisioner", class.get("provisioner").str());
    page.field(0, "Parameters", labels_text(class.get("parameters")));
    page.field(0, "AllowVolumeExpansion", truth_or_unset(class.get("allowVolumeExpansion")));
    if class.get("mountOptions").is_empty() {
        page.field(0, "MountOptions", "<none>");
    } else {
        page.line(0, "MountOptions:");
        class.get("mountOptions").items().iter().for_each(|option| page.line(1, option.str()));
    }
    for (name, field) in [("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")] {
        if !class.get(field).is_null() {
            page.field(0, name, class.get(field).str());
        }
    }
    let topologies = class.get("allowedTopologies");
    if !topologies.is_null() {
        page.line(0, "AllowedTopologies:");
    }
    for (at, term) in topologies.items().iter().enumerate() {
        let name = format!("Term {at}");
        for (row, expression) in term.get("matchLabelExpressions").items().iter().enumerate() {
            let text =
                format!("{} in [{}]", expression.get("key").str(), joined(expression.get("values"), ", "));
            match row {
                0 => page.field(1, &name, text),
                _ => page.line(1, format_args!("\t{text}")),
            }
        }
    }
    page.events(session, class);
}
