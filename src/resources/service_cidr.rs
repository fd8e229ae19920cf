//! ServiceCIDR: a range that cluster IPs are given out of.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::age;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    validate: |cidr, causes| {
        metadata::validate(cidr, false, formats::dns_subdomain, causes);
        validate_spec(cidr.get("spec"), causes);
    },
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        let path = ["spec", "cidrs"];
        SPEC.field("cidrs").check_unchanged(new.at(&path), old.at(&path), causes);
    },
    columns: headings!["NAME", "CIDRS", "AGE"],
    row,
    ..Rules::PLAIN
};

const SPEC: Path = Path::root("spec");

/// Kubernetes networking/validation, `ValidateServiceCIDR`.
fn validate_spec(spec: &Value, causes: &mut Vec<Cause>) {
    let path = SPEC.field("cidrs");
    let cidrs = spec.get("cidrs").items();
    let is_ipv6 = |cidr: &Value| formats::parse_cidr(cidr.str()).map(|(address, _)| address.is_ipv6());
    match cidrs {
        [] => return causes.push(path.required_because("at least one CIDR required")),
        [_] => {}
        [one, other] => {
            let (one, other) = (is_ipv6(one), is_ipv6(other));
            if one == other || one.is_none() || other.is_none() {
                let detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
                return causes.push(path.invalid(spec, detail));
            }
        }
        _ => return causes.push(path.invalid(spec, "may only hold up to 2 values")),
    }
    for (at, cidr) in cidrs.iter().enumerate() {
        path.index(at).check(cidr.str(), formats::strict_cidr, causes);
    }
}

fn row(cidr: &Object, now: Date) -> Vec<String> {
    let cidrs: Vec<&str> = cidr.spec().get("cidrs").items().iter().map(Value::str).collect();
    vec![cidr.name().into(), cidrs.join(","), age(cidr, now)]
}
