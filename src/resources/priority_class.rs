//! PriorityClass.

use crate::api::Cause;
use crate::base::Value;

use super::path::Path;
use super::printing::age;
use super::{Generation, Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: |class| class.set_default("preemptionPolicy", "PreemptLowerPriority"),
    generation: Generation::Fixed,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        if new.get("value").int() != old.get("value").int() {
            causes.push(Path::root("value").forbidden("may not be changed in an update."));
        }
        let field = "preemptionPolicy";
        Path::root(field).check_unchanged(new.get(field), old.get(field), causes);
    },
    columns: headings!["NAME", "VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"],
    row: |class, now| {
        vec![
            class.name().into(),
            class.get("value").int().to_string(),
            class.get("globalDefault").bool().to_string(),
            age(class, now),
            class.get("preemptionPolicy").str().into(),
        ]
    },
    ..Rules::PLAIN
};

/// The two classes of the system, with their values.
const SYSTEM: &[(&str, i64)] =
    &[("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

fn validate(class: &Value, causes: &mut Vec<Cause>) {
    const MOST: i64 = 1_000_000_000;
    metadata::validate(class, false, formats::dns_subdomain, causes);
    let (name, value) = (class.at(&["metadata", "name"]).str(), class.get("value").int());
    if name.starts_with("system-") {
        let error = match SYSTEM.iter().find(|(known, _)| *known == name) {
            None => format!("{name} is not a known system priority class"),
            Some((_, number)) if *number != value => {
                format!("value of {name} PriorityClass must be {number}")
            }
            Some(_) if class.get("globalDefault").bool() => {
                format!("globalDefault of {name} PriorityClass must be false")
            }
            Some(_) => String::new(),
        };
        if !error.is_empty() {
            causes.push(Path::root("metadata").field("name").forbidden(format_args!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {error}"
            )));
        }
    } else if value > MOST {
        let detail = format!("maximum allowed value of a user defined priority is {MOST}");
        causes.push(Path::root("value").forbidden(detail));
    }
    let policy = class.get("preemptionPolicy").str();
    if !matches!(policy, "PreemptLowerPriority" | "Never") {
        let path = Path::root("preemptionPolicy");
        causes.push(path.unsupported(policy, &["PreemptLowerPriority", "Never"]));
    }
}
