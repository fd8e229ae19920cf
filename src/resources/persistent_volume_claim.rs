//! PersistentVolumeClaim.

use crate::api::{Cause, Object, Quantity};
use crate::base::{Date, Value};
use crate::value;

use super::path::{IMMUTABLE, Path};
use super::printing::{UNSET, access_modes, age, or};
use super::structs::{self, CLAIM_SPEC, Type};
use super::{Rules, formats, headings, keep, label_selector, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"phase": "Pending"}),
    validate: |claim, causes| {
        metadata::validate(claim, true, formats::dns_subdomain, causes);
        validate_spec(claim.get("spec"), &SPEC, causes);
    },
    validate_update,
    warn,
    columns: headings![
        "NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE";
        "VOLUMEMODE"
    ],
    row,
    ..Rules::PLAIN
};

/// Also those of a StatefulSet's claim templates.
pub fn set_defaults(claim: &mut Value) {
    claim.entry("status").set_default("phase", "Pending");
    set_spec_defaults(claim.entry("spec"));
}

/// Also those of an ephemeral volume's claim.
pub fn set_spec_defaults(spec: &mut Value) {
    spec.set_default("volumeMode", "Filesystem");
    spec.set_default("resources", Value::map());
}

const SPEC: Path = Path::root("spec");

/// The modes of access that there are.
pub const ACCESS_MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// Modes of access of a claim or a volume.
pub fn validate_access_modes(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let modes = spec.get("accessModes").items();
    let path = path.field("accessModes");
    for mode in modes.iter().filter(|mode| !ACCESS_MODES.contains(&mode.str())) {
        causes.push(path.unsupported(mode, ACCESS_MODES));
    }
    let exclusive = |mode: &Value| mode.str() == "ReadWriteOncePod";
    if modes.iter().any(exclusive)
        && modes.iter().any(|mode| !exclusive(mode) && ACCESS_MODES.contains(&mode.str()))
    {
        causes.push(path.forbidden("may not use ReadWriteOncePod with other access modes"));
    }
}

/// `volumeMode` and the names of classes, of a claim or a volume.
pub fn validate_volume_mode(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if let Some(mode) = spec.get("volumeMode").as_str()
        && !matches!(mode, "Block" | "Filesystem")
    {
        causes.push(path.field("volumeMode").unsupported(mode, &["Block", "Filesystem"]));
    }
}

/// Warns of the annotation that once named the class of a claim or volume.
pub fn warn_of_class(object: &Value, warnings: &mut Vec<String>) {
    const CLASS: &str = "volume.beta.kubernetes.io/storage-class";
    if !object.at(&["metadata", "annotations", CLASS]).is_null() {
        let path = Path::root("metadata");
        let message = "deprecated since v1.8; use \"storageClassName\" attribute instead";
        warnings.push(path.field("annotations").key(CLASS).warning(message));
    }
}

fn warn(claim: &Value, _: Option<&Value>, warnings: &mut Vec<String>) {
    warn_of_class(claim, warnings);
    warn_of_spec(claim.get("spec"), &SPEC, warnings);
}

/// Warns of sizes that are no whole bytes.
pub fn warn_of_spec(spec: &Value, path: &Path, warnings: &mut Vec<String>) {
    let resources = path.field("resources");
    for list in ["requests", "limits"] {
        let amount = spec.at(&["resources", list, "storage"]);
        pod_spec::warn_of_fraction(amount, &resources.field(list).key("storage"), warnings);
    }
}

/// The spec of a claim, of a StatefulSet's template or of an ephemeral volume.
pub fn validate_spec(spec: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if spec.get("accessModes").is_empty() {
        causes.push(path.field("accessModes").required_because("at least 1 access mode is required"));
    }
    label_selector::validate(spec.get("selector"), &path.field("selector"), causes);
    validate_access_modes(spec, path, causes);
    let storage = spec.at(&["resources", "requests", "storage"]);
    let resources = path.field("resources");
    match Quantity::parse(storage.str()) {
        Err(_) => causes.push(resources.key("storage").required()),
        Ok(size) if size.is_zero() || size.is_negative() => {
            causes.push(resources.key("storage").invalid(storage, "must be greater than zero"));
        }
        Ok(_) => {}
    }
    let class = spec.get("storageClassName").str();
    if !class.is_empty() {
        path.field("storageClassName").check(class, formats::dns_subdomain, causes);
    }
    validate_volume_mode(spec, path, causes);
    for field in ["dataSource", "dataSourceRef"] {
        validate_data_source(spec.get(field), &path.field(field), causes);
    }
    let class = spec.get("volumeAttributesClassName").str();
    if !class.is_empty() {
        path.field("volumeAttributesClassName").check(class, formats::dns_subdomain, causes);
    }
}

fn validate_data_source(source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    if source.is_null() {
        return;
    }
    for field in ["name", "kind"] {
        if source.get(field).str().is_empty() {
            causes.push(path.field(field).required());
        }
    }
    let (group, kind) = (source.get("apiGroup").str(), source.get("kind").str());
    if group.is_empty() && kind != "PersistentVolumeClaim" {
        let detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        causes.push(path.invalid(kind, detail));
    }
    if !group.is_empty() {
        path.field("apiGroup").check(group, formats::dns_subdomain, causes);
    }
}

/// Only a bound claim's size may change, and where it names none its class may be set.
fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    metadata::validate_update(new, old, causes);
    metadata::validate(new, true, formats::dns_subdomain, causes);
    let (spec, before) = (new.get("spec"), old.get("spec"));
    validate_spec(spec, &SPEC, causes);
    let mut changed = spec.clone();
    let mut expected = before.clone();
    if before.get("volumeName").str().is_empty() {
        keep(&mut expected, spec, "volumeName");
    }
    if before.get("storageClassName").is_null() && !spec.get("storageClassName").is_null() {
        keep(&mut changed, before, "storageClassName");
    }
    let size = ["resources", "requests", "storage"];
    if new.at(&["status", "phase"]).str() == "Bound" {
        if !changed.at(&size[..2]).is_null() {
            changed.set_at(&size, before.at(&size));
        }
        if !changed.get("volumeAttributesClassName").is_null() {
            keep(&mut changed, before, "volumeAttributesClassName");
        }
    }
    if changed != expected {
        let diff = structs::diff(&expected, &changed, Type::Struct(&CLAIM_SPEC));
        causes.push(SPEC.forbidden(format_args!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound \
             claims\n{diff}"
        )));
    }
    let amount = |of: &Value| Quantity::parse(of.str()).ok();
    let of_status = amount(old.at(&["status", "capacity", "storage"]));
    if amount(spec.at(&size)) < amount(before.at(&size)) && amount(spec.at(&size)) <= of_status {
        let resources = SPEC.field("resources");
        let path = resources.field("requests");
        causes.push(path.field("storage").forbidden("field can not be less than status.capacity"));
    }
    if spec.get("volumeMode") != before.get("volumeMode") {
        causes.push(Path::root("volumeMode").invalid(spec.get("volumeMode"), IMMUTABLE));
    }
}

fn row(claim: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (claim.spec(), claim.status());
    let phase = if claim.is_terminating() { "Terminating" } else { status.get("phase").str() };
    let volume = spec.get("volumeName").str();
    let (capacity, modes) = match volume {
        "" => Default::default(),
        _ => (status.at(&["capacity", "storage"]).str().into(), access_modes(status.get("accessModes"))),
    };
    vec![
        claim.name().into(),
        phase.into(),
        volume.into(),
        capacity,
        modes,
        storage_class(claim),
        or(spec.get("volumeAttributesClassName"), UNSET),
        age(claim, now),
        or(spec.get("volumeMode"), UNSET),
    ]
}

/// The class that a claim or a volume names, the old annotation first.
pub fn storage_class(object: &Object) -> String {
    match object.annotation("volume.beta.kubernetes.io/storage-class").as_str() {
        Some(class) => class.into(),
        None => object.spec().get("storageClassName").str().into(),
    }
}
