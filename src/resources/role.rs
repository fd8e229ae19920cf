//! Role and ClusterRole.

use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    columns: headings!["NAME", "CREATED AT"],
    row: |role, _| vec![role.name().into(), role.meta("creationTimestamp").str().into()],
    ..Rules::PLAIN
};
