//! ConfigMap.

use super::printing::age;
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    columns: headings!["NAME", "DATA", "AGE"],
    row: |map, now| {
        let count = map.get("data").entries().count() + map.get("binaryData").entries().count();
        vec![map.name().into(), count.to_string(), age(map, now)]
    },
    ..Rules::PLAIN
};
