//! IngressClass.

use crate::api::Object;
use crate::base::{Date, Value};

use super::printing::{NONE, age};
use super::{Generation, Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: |class: &mut Value| {
        if !class.at(&["spec", "parameters"]).is_null() {
            class.entry_at(&["spec", "parameters"]).set_default("scope", "Cluster");
        }
    },
    generation: Generation::Spec,
    columns: headings!["NAME", "CONTROLLER", "PARAMETERS", "AGE"],
    row,
    ..Rules::PLAIN
};

fn row(class: &Object, now: Date) -> Vec<String> {
    let parameters = class.spec().get("parameters");
    let text = match (parameters.is_null(), parameters.get("apiGroup").str()) {
        (true, _) => NONE.into(),
        (_, "") => format!("{}/{}", parameters.get("kind").str(), parameters.get("name").str()),
        (_, group) => format!("{}.{group}/{}", parameters.get("kind").str(), parameters.get("name").str()),
    };
    vec![class.name().into(), class.spec().get("controller").str().into(), text, age(class, now)]
}
