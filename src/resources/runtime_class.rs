//! RuntimeClass.

use crate::api::Cause;
use crate::base::Value;

use super::path::Path;
use super::printing::age;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        HANDLER.check_unchanged(new.get("handler"), old.get("handler"), causes);
    },
    columns: headings!["NAME", "HANDLER", "AGE"],
    row: |class, now| vec![class.name().into(), class.get("handler").str().into(), age(class, now)],
    ..Rules::PLAIN
};

const HANDLER: Path = Path::root("handler");

/// node/validation, `ValidateRuntimeClass`.
fn validate(class: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(class, false, formats::dns_subdomain, causes);
    HANDLER.check(class.get("handler").str(), formats::dns_label, causes);
}
