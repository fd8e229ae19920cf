//! StorageClass.

use crate::api::Object;
use crate::base::Date;

use super::printing::age;
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: |class| {
        class.set_default("reclaimPolicy", "Delete");
        class.set_default("volumeBindingMode", "Immediate");
    },
    columns: headings![
        "NAME",
        "PROVISIONER",
        "RECLAIMPOLICY",
        "VOLUMEBINDINGMODE",
        "ALLOWVOLUMEEXPANSION",
        "AGE"
    ],
    row,
    ..Rules::PLAIN
};

/// True for the class of claims that name none.
pub fn is_default(class: &Object) -> bool {
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
        .iter()
        .any(|annotation| class.annotation(annotation).str() == "true")
}

fn row(class: &Object, now: Date) -> Vec<String> {
    let name = if is_default(class) { format!("{} (default)", class.name()) } else { class.name().into() };
    vec![
        name,
        class.get("provisioner").str().into(),
        class.get("reclaimPolicy").str().into(),
        class.get("volumeBindingMode").str().into(),
        class.get("allowVolumeExpansion").bool().to_string(),
        age(class, now),
    ]
}
