//! StorageClass.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::age;
use super::{Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: |class| {
        class.set_default("reclaimPolicy", "Delete");
        class.set_default("volumeBindingMode", "Immediate");
    },
    validate,
    validate_update,
    warn,
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

fn warn(class: &Value, _: Option<&Value>, warnings: &mut Vec<String>) {
    const TOPOLOGIES: Path = Path::root("allowedTopologies");
    for (at, topology) in class.get("allowedTopologies").items().iter().enumerate() {
        let path = TOPOLOGIES.index(at);
        let path = path.field("matchLabelExpressions");
        for (at, expression) in topology.get("matchLabelExpressions").items().iter().enumerate() {
            let message = pod_spec::deprecated_node_label(expression.get("key").str());
            warnings.extend(message.map(|message| path.index(at).warning(message)));
        }
    }
}

fn validate(class: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(class, false, formats::dns_subdomain, causes);
    let path = Path::root("provisioner");
    match class.get("provisioner").str() {
        "" => causes.push(path.required()),
        name => path.check(name, |name| formats::qualified_name(&name.to_lowercase()), causes),
    }
    for (key, _) in class.get("parameters").entries().filter(|(key, _)| key.is_empty()) {
        causes.push(Path::root("parameters").invalid(key, "field can not be empty."));
    }
    let enums: [(&str, &[&str]); 2] = [
        ("reclaimPolicy", &["Delete", "Retain"]),
        ("volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
    ];
    for (field, supported) in enums {
        let value = class.get(field).str();
        if !supported.contains(&value) {
            causes.push(Path::root(field).unsupported(value, supported));
        }
    }
}

fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    metadata::validate_update(new, old, causes);
    for field in ["parameters", "provisioner", "reclaimPolicy"] {
        if new.get(field) != old.get(field) {
            causes.push(Path::root(field).forbidden(format_args!("updates to {field} are forbidden.")));
        }
    }
    let field = "volumeBindingMode";
    Path::root(field).check_unchanged(new.get(field), old.get(field), causes);
}

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
