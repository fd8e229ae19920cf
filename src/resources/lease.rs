//! Lease.

use super::printing::age;
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    columns: headings!["NAME", "HOLDER", "AGE"],
    row: |lease, now| {
        vec![lease.name().into(), lease.spec().get("holderIdentity").str().into(), age(lease, now)]
    },
    ..Rules::PLAIN
};
