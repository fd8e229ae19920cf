//! ControllerRevision.

use crate::api::Cause;
use crate::base::Value;

use super::path::Path;
use super::printing::{NONE, age};
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
        Path::root("data").check_unchanged(new.get("data"), old.get("data"), causes);
    },
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

fn validate(revision: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(revision, true, formats::dns_subdomain, causes);
    if revision.get("data").is_null() {
        causes.push(Path::root("data").required_because("data is mandatory"));
    }
    Path::root("revision").check_not_negative(revision.get("revision"), causes);
}
