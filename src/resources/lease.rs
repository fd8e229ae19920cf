//! Lease.

use crate::api::Cause;
use crate::base::Value;

use super::path::{NEGATIVE, Path};
use super::printing::age;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate: |lease, causes| {
        metadata::validate(lease, true, formats::dns_subdomain, causes);
        validate_spec(lease.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate_spec(new.get("spec"), causes);
    },
    columns: headings!["NAME", "HOLDER", "AGE"],
    row: |lease, now| {
        vec![lease.name().into(), lease.spec().get("holderIdentity").str().into(), age(lease, now)]
    },
    ..Rules::PLAIN
};

fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    const SPEC: Path = Path::root("spec");
    if let Some(seconds) = spec.get("leaseDurationSeconds").as_int()
        && seconds <= 0
    {
        causes.push(SPEC.field("leaseDurationSeconds").invalid(seconds, "must be greater than 0"));
    }
    let transitions = spec.get("leaseTransitions").int();
    if transitions < 0 {
        causes.push(SPEC.field("leaseTransitions").invalid(transitions, NEGATIVE));
    }
}
