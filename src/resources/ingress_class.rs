//! IngressClass.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::{NONE, age};
use super::{Generation, Rules, formats, headings, ingress, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: |class: &mut Value| {
        if !class.at(&["spec", "parameters"]).is_null() {
            class.entry_at(&["spec", "parameters"]).set_default("scope", "Cluster");
        }
    },
    generation: Generation::Spec,
    validate: |class, causes| {
        metadata::validate(class, false, formats::dns_subdomain, causes);
        validate_spec(class.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        let path = ["spec", "controller"];
        SPEC.field("controller").check_unchanged(new.at(&path), old.at(&path), causes);
        validate_spec(new.get("spec"), causes);
    },
    columns: headings!["NAME", "CONTROLLER", "PARAMETERS", "AGE"],
    row,
    ..Rules::PLAIN
};

const SPEC: Path = Path::root("spec");

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    let path = SPEC.field("controller");
    match spec.get("controller").str() {
        "" => causes.push(path.required()),
        controller if controller.len() > 250 => causes.push(path.too_long(250)),
        controller => path.check(controller, formats::domain_prefixed_path, causes),
    }
    let parameters = spec.get("parameters");
    if parameters.is_null() {
        return;
    }
    let path = SPEC.field("parameters");
    ingress::validate_reference(parameters, &path, causes);
    let namespace = parameters.get("namespace").as_str();
    match (parameters.get("scope").str(), namespace) {
        ("Namespace", None) => {
            let detail = "`parameters.scope` is set to 'Namespace'";
            causes.push(path.field("namespace").required_because(detail));
        }
        ("Namespace", Some(namespace)) => {
            path.field("namespace").check(namespace, formats::dns_label, causes)
        }
        ("Cluster", Some(_)) => {
            causes.push(path.field("namespace").forbidden("`parameters.scope` is set to 'Cluster'"));
        }
        ("Cluster", None) => {}
        (other, _) => causes.push(path.field("scope").unsupported(other, &["Cluster", "Namespace"])),
    }
}

fn row(class: &Object, now: Date) -> Vec<String> {
    let parameters = class.spec().get("parameters");
    let text = match (parameters.is_null(), parameters.get("apiGroup").str()) {
        (true, _) => NONE.into(),
        (_, "") => format!("{}/{}", parameters.get("kind").str(), parameters.get("name").str()),
        (_, group) => format!("{}.{group}/{}", parameters.get("kind").str(), parameters.get("name").str()),
    };
    vec![class.name().into(), class.spec().get("controller").str().into(), text, age(class, now)]
}
