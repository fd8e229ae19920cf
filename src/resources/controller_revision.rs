//! ControllerRevision.

use super::printing::{NONE, age};
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    columns: headings!["NAME", "CONTROLLER", "REVISION", "AGE"],
    row: |revision, now| {
        let controller = revision
            .controller_key()
            .map_or_else(|| NONE.into(), |owner| format!("{}/{}", owner.kind.printed(), owner.name));
        vec![
            revision.name().into(),
            controller,
            revision.get("revision").int().to_string(),
            age(revision, now),
        ]
    },
    ..Rules::PLAIN
};
