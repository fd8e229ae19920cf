//! PriorityClass.

use super::printing::age;
use super::{Generation, Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: |class| class.set_default("preemptionPolicy", "PreemptLowerPriority"),
    generation: Generation::Fixed,
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
