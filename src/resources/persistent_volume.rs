//! PersistentVolume.

use crate::api::Object;
use crate::base::{Date, Value};
use crate::value;

use super::persistent_volume_claim::storage_class;
use super::printing::{UNSET, access_modes, age, or};
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |volume| {
        let created = volume.at(&["metadata", "creationTimestamp"]);
        value!({"lastPhaseTransitionTime": created, "phase": "Pending"})
    },
    columns: headings![
        "NAME", "CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS",
        "VOLUMEATTRIBUTESCLASS", "REASON", "AGE";
        "VOLUMEMODE"
    ],
    row,
    ..Rules::PLAIN
};

fn set_defaults(volume: &mut Value) {
    volume.entry("status").set_default("phase", "Pending");
    let spec = volume.entry("spec");
    spec.set_default("persistentVolumeReclaimPolicy", "Retain");
    spec.set_default("volumeMode", "Filesystem");
    if !spec.get("hostPath").is_null() {
        spec.entry("hostPath").set_default("type", "");
    }
}

fn row(volume: &Object, now: Date) -> Vec<String> {
    let (spec, status) = (volume.spec(), volume.status());
    let claim = match spec.get("claimRef") {
        Value::Null => String::new(),
        claim => format!("{}/{}", claim.get("namespace").str(), claim.get("name").str()),
    };
    let phase = if volume.is_terminating() { "Terminating" } else { status.get("phase").str() };
    vec![
        volume.name().into(),
        spec.at(&["capacity", "storage"]).str().into(),
        access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy").str().into(),
        phase.into(),
        claim,
        storage_class(volume),
        or(spec.get("volumeAttributesClassName"), UNSET),
        status.get("reason").str().into(),
        age(volume, now),
        or(spec.get("volumeMode"), UNSET),
    ]
}
