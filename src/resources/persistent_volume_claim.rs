//! PersistentVolumeClaim.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::printing::{UNSET, access_modes, age, or};
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |_| value!({"phase": "Pending"}),
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
