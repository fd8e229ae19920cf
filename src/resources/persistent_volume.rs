//! PersistentVolume.

use crate::api::{Cause, Object, Quantity};
use crate::base::{Date, Value};
use crate::value;

use super::path::{IMMUTABLE, Path};
use super::persistent_volume_claim::{storage_class, validate_access_modes, validate_volume_mode};
use super::printing::{UNSET, access_modes, age, or};
use super::structs::{self, Internal, NODE_AFFINITY_OF_VOLUME, Type, VOLUME_SOURCE_OF_VOLUME};
use super::{Rules, formats, headings, metadata, persistent_volume_claim, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    fresh_status: |volume| {
        let created = volume.at(&["metadata", "creationTimestamp"]);
        value!({"lastPhaseTransitionTime": created, "phase": "Pending"})
    },
    validate,
    validate_update,
    warn,
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

const SPEC: Path = Path::root("spec");

/// The sources of a volume in the server's order.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn warn(volume: &Value, _: Option<&Value>, warnings: &mut Vec<String>) {
    const GOING: [(&str, &str); 9] = [
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
        ("gitRepo", "deprecated in v1.11"),
    ];
    persistent_volume_claim::warn_of_class(volume, warnings);
    let spec = volume.get("spec");
    if spec.get("persistentVolumeReclaimPolicy").str() == "Recycle" {
        let message = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic \
                       provisioning.";
        warnings.push(SPEC.field("persistentVolumeReclaimPolicy").warning(message));
    }
    let affinity = SPEC.field("nodeAffinity");
    let required = affinity.field("required");
    let terms = required.field("nodeSelectorTerms");
    for (at, term) in spec.at(&["nodeAffinity", "required", "nodeSelectorTerms"]).items().iter().enumerate() {
        pod_spec::warn_of_node_term(term, false, &terms.index(at), warnings);
    }
    for (kind, message) in GOING {
        if !spec.get(kind).is_null() {
            warnings.push(SPEC.field(kind).warning(message));
        }
    }
}

fn validate(volume: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(volume, false, formats::dns_subdomain, causes);
    let spec = volume.get("spec");
    if spec.get("accessModes").is_empty() {
        causes.push(SPEC.field("accessModes").required());
    }
    validate_access_modes(spec, &SPEC, causes);
    let (capacity, path) = (spec.get("capacity"), SPEC.field("capacity"));
    if capacity.is_empty() {
        causes.push(path.required());
    }
    if capacity.get("storage").is_null() || capacity.entries().count() > 1 {
        causes.push(path.unsupported(capacity, &["storage"]));
    }
    for (name, amount) in capacity.entries() {
        let Ok(quantity) = Quantity::parse(amount.str()) else { continue };
        if quantity.is_negative() {
            causes.push(path.key(name).invalid(quantity.value(), "must be a valid resource quantity"));
        }
        if quantity.is_negative() || quantity.is_zero() {
            causes.push(path.key(name).invalid(amount, "must be greater than zero"));
        }
    }
    const POLICY: &str = "persistentVolumeReclaimPolicy";
    let policy = spec.get(POLICY).str();
    if !matches!(policy, "Delete" | "Recycle" | "Retain") {
        causes.push(SPEC.field(POLICY).unsupported(policy, &["Delete", "Recycle", "Retain"]));
    }
    let affinity = spec.get("nodeAffinity");
    if !affinity.is_null() {
        let path = SPEC.field("nodeAffinity");
        if affinity.get("required").is_null() {
            causes.push(path.field("required").required_because("must specify required node constraints"));
        } else {
            pod_spec::validate_node_selector(affinity.get("required"), &path.field("required"), causes);
        }
    }
    validate_sources(spec, causes);
    if spec.at(&["hostPath", "path"]).str() == "/" && policy == "Recycle" {
        causes.push(SPEC.field(POLICY).forbidden("may not be 'recycle' for a hostPath mount of '/'"));
    }
    let class = spec.get("storageClassName").str();
    if !class.is_empty() {
        SPEC.field("storageClassName").check(class, formats::dns_subdomain, causes);
    }
    validate_volume_mode(spec, &SPEC, causes);
    if let Some(class) = spec.get("volumeAttributesClassName").as_str() {
        let path = SPEC.field("volumeAttributesClassName");
        match class {
            "" => causes.push(path.required_because("an empty string is disallowed")),
            class => path.check(class, formats::dns_subdomain, causes),
        }
        if spec.get("csi").is_null() {
            let detail = "has to be specified when using volumeAttributesClassName";
            causes.push(SPEC.field("csi").required_because(detail));
        }
    }
}

fn validate_sources(spec: &Value, causes: &mut Vec<Cause>) {
    let mut count = 0;
    for kind in SOURCES {
        let source = spec.get(kind);
        if source.is_null() {
            continue;
        }
        count += 1;
        if count > 1 {
            let shown = if *kind == "cephfs" { "cephFS" } else { kind };
            causes.push(pod_spec::too_many_types(&SPEC.field(shown)));
            continue;
        }
        let path = SPEC.field(if *kind == "gcePersistentDisk" { "persistentDisk" } else { kind });
        pod_spec::validate_persistent_source(kind, source, &path, causes);
        if *kind == "local" && spec.get("nodeAffinity").is_null() {
            causes.push(SPEC.field("nodeAffinity").required_because("Local volume requires node affinity"));
        }
    }
    if count == 0 {
        causes.push(SPEC.required_because("must specify a volume type"));
    }
}

fn validate_update(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    validate(new, causes);
    let (spec, before) = (new.get("spec"), old.get("spec"));
    let sources = |spec: &Value| -> Value {
        let sources = SOURCES.iter().map(|kind| (*kind, spec.get(kind).clone()));
        Value::Map(sources.filter(|(_, source)| !source.is_null()).collect())
    };
    let (source, source_before) = (sources(spec), sources(before));
    if source != source_before {
        let diff = structs::diff(&source_before, &source, Type::Struct(&VOLUME_SOURCE_OF_VOLUME));
        causes.push(
            SPEC.field("persistentvolumesource")
                .forbidden(format_args!("spec.persistentvolumesource is immutable after creation\n{diff}")),
        );
    }
    if spec.get("volumeMode") != before.get("volumeMode") {
        causes.push(Path::root("volumeMode").invalid(spec.get("volumeMode"), IMMUTABLE));
    }
    let affinity = spec.get("nodeAffinity");
    if !before.get("nodeAffinity").is_null() && affinity != before.get("nodeAffinity") {
        let path = Path::root("nodeAffinity");
        let detail = "field is immutable, except for updating from beta label to GA";
        causes.push(path.invalid(Internal(affinity, Type::Struct(&NODE_AFFINITY_OF_VOLUME)), detail));
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
