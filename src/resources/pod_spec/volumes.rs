//! Volumes and where they come from.

use std::collections::BTreeSet;

use crate::api::Cause;
use crate::api::Quantity;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::Path;
use crate::resources::persistent_volume_claim;

use super::env::{validate_field, validate_resource_field};
use super::mounts::Mountable;
use super::validation::{Context, one_of};

/// What is said of a second source.
pub fn too_many_types(path: &Path) -> Cause {
    path.forbidden("may not specify more than 1 volume type")
}

/// `spec.volumes`. Returns those that containers can mount: the ones without a fault, and a StatefulSet's claims.
pub fn validate<'a>(context: &Context<'a>, path: &Path, causes: &mut Vec<Cause>) -> Mountable<'a> {
    static CLAIMED: std::sync::LazyLock<Value> =
        std::sync::LazyLock::new(|| crate::value!({"persistentVolumeClaim": {}}));
    let volumes = context.spec.get("volumes").items();
    let mut mountable: Vec<(&str, &Value)> = Vec::new();
    for (at, volume) in volumes.iter().enumerate() {
        // A claim of the same name stands in its place.
        let path = path.index(at);
        let name = volume.get("name").str();
        let before = causes.len();
        validate_sources(context, volume, &path, causes);
        match name {
            "" => causes.push(path.field("name").required()),
            name => path.field("name").check(name, formats::dns_label, causes),
        }
        if mountable.iter().any(|(other, _)| *other == name) {
            causes.push(path.field("name").duplicate(name));
        }
        if causes.len() == before {
            mountable.push((name, volume));
        }
        let claim = volume.at(&["persistentVolumeClaim", "claimName"]).str();
        let made = |other: &Value| {
            let name = context.pod_name.unwrap_or_default();
            !other.get("ephemeral").is_null()
                && claim.strip_prefix(name).and_then(|c| c.strip_prefix('-')) == Some(other.get("name").str())
        };
        if !claim.is_empty() && context.pod_name.is_some_and(|n| !n.is_empty()) && volumes.iter().any(made) {
            let path = path.field("persistentVolumeClaim");
            let detail = "must not reference a PVC that gets created for an ephemeral volume";
            causes.push(path.field("claimName").invalid(claim, detail));
        }
    }
    mountable.extend(context.claimed.iter().map(|name| (*name, &*CLAIMED)));
    Mountable(mountable)
}

/// The sources in the server's order, each with the name under which a second one is refused where that differs.
const SOURCES: &[&str] = &[
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

fn validate_sources(context: &Context, volume: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let mut count = 0;
    for kind in SOURCES {
        let source = volume.get(kind);
        if source.is_null() {
            continue;
        }
        count += 1;
        if count > 1 {
            let shown = match *kind {
                "cephfs" => "cephFS",
                "downwardAPI" => "downwarAPI",
                kind => kind,
            };
            causes.push(too_many_types(&path.field(shown)));
            continue;
        }
        let at = path.field(if *kind == "gcePersistentDisk" { "persistentDisk" } else { kind });
        match *kind {
            "emptyDir" => {
                let size = Quantity::parse(source.get("sizeLimit").str()).ok();
                if size.is_some_and(|size| size.is_negative()) {
                    let detail = "SizeLimit field must be a valid resource quantity";
                    causes.push(at.field("sizeLimit").forbidden(detail));
                }
            }
            "hostPath" => validate_host_path(source, &at, causes),
            "gitRepo" => {
                required(source, &["repository"], &at, causes);
                at.field("directory").check(source.get("directory").str(), formats::descending_path, causes);
            }
            "secret" => validate_keys(source, "secretName", &at, causes),
            "configMap" => validate_keys(source, "name", &at, causes),
            "persistentVolumeClaim" => required(source, &["claimName"], &at, causes),
            "downwardAPI" => {
                validate_mode(source, "defaultMode", &at, causes);
                for file in source.get("items").items() {
                    validate_downward_file(file, &at, causes);
                }
            }
            "projected" => validate_projected(source, &at, causes),
            "csi" => {
                validate_driver(source, &at, causes);
                let secret = source.get("nodePublishSecretRef");
                if !secret.is_null() && secret.get("name").str().is_empty() {
                    causes.push(at.field("nodePublishSecretRef").field("name").required());
                }
            }
            "ephemeral" => validate_ephemeral(context, volume, path, &at, causes),
            "image" => {
                if context.is_pod() {
                    required(source, &["reference"], &at, causes);
                }
                one_of(source, "pullPolicy", &["Always", "IfNotPresent", "Never"], &at, causes);
            }
            kind => validate_common_source(kind, source, &at, causes),
        }
    }
    if count == 0 {
        causes.push(path.required_because("must specify a volume type"));
    }
}

/// A source of a PersistentVolume.
pub fn validate_persistent_source(kind: &str, source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    match kind {
        "hostPath" => validate_host_path(source, path, causes),
        "local" => match source.get("path").str() {
            "" => causes.push(path.field("path").required()),
            text => path.field("path").check(text, formats::no_backsteps, causes),
        },
        "csi" => {
            validate_driver(source, path, causes);
            required(source, &["volumeHandle"], path, causes);
        }
        kind => validate_common_source(kind, source, path, causes),
    }
}

/// Sources that need little more than their fields.
fn validate_common_source(kind: &str, source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let fields: &[&str] = match kind {
        "gcePersistentDisk" => &["pdName"],
        "awsElasticBlockStore" | "portworxVolume" | "cinder" => &["volumeID"],
        "nfs" => &["server", "path"],
        "iscsi" => &["targetPortal", "iqn"],
        "glusterfs" => &["endpoints", "path"],
        "rbd" => &["monitors", "image"],
        "cephfs" => &["monitors"],
        "quobyte" => &["registry", "volume"],
        "flexVolume" => &["driver"],
        "azureFile" => &["secretName", "shareName"],
        "vsphereVolume" => &["volumePath"],
        "photonPersistentDisk" => &["pdID"],
        "azureDisk" => &["diskName", "diskURI"],
        "storageos" => &["volumeName"],
        "scaleIO" => &["gateway", "system", "volumeName"],
        _ => &[],
    };
    required(source, fields, path, causes);
    match kind {
        "nfs" => {
            let text = source.get("path").str();
            if !text.starts_with('/') {
                causes.push(path.field("path").invalid(text, "must be an absolute path"));
            }
        }
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            let partition = source.get("partition").int();
            if !(0..=255).contains(&partition) {
                causes.push(path.field("partition").invalid(partition, formats::between(1, 255)));
            }
        }
        "flocker" => match (source.get("datasetName").str(), source.get("datasetUUID").str()) {
            ("", "") => causes.push(path.required_because("one of datasetName and datasetUUID is required")),
            ("", _) | (_, "") => {}
            _ => {
                let detail = "datasetName and datasetUUID can not be specified simultaneously";
                causes.push(path.invalid("resource", detail));
            }
        },
        "fc" => {
            let (wwns, wwids) = (source.get("targetWWNs"), source.get("wwids"));
            if wwns.is_empty() && wwids.is_empty() {
                let detail = "must specify either targetWWNs or wwids, but not both";
                causes.push(path.field("targetWWNs").required_because(detail));
            }
            if !wwns.is_empty() && !wwids.is_empty() {
                let detail = "targetWWNs and wwids can not be specified simultaneously";
                causes.push(path.field("targetWWNs").invalid(wwns, detail));
            }
            if !wwns.is_empty() && source.get("lun").is_null() {
                causes.push(path.field("lun").required_because("lun is required if targetWWNs is specified"));
            }
        }
        _ => {}
    }
}

fn required(of: &Value, fields: &[&str], path: &Path, causes: &mut Vec<Cause>) {
    for field in fields.iter().filter(|field| of.get(field).is_empty()) {
        causes.push(path.field(field).required());
    }
}

/// `hostPath`
fn validate_host_path(source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const TYPES: &[&str] = &[
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    match source.get("path").str() {
        "" => {
            causes.push(path.field("path").required());
            return;
        }
        text => path.field("path").check(text, formats::no_backsteps, causes),
    }
    let kind = source.get("type").str();
    if !TYPES.contains(&kind) {
        causes.push(path.field("type").unsupported(kind, TYPES));
    }
}

fn validate_mode(of: &Value, field: &str, path: &Path, causes: &mut Vec<Cause>) {
    if let Some(mode) = of.get(field).as_int()
        && !(0..=0o777).contains(&mode)
    {
        let detail = "must be a number between 0 and 0777 (octal), both inclusive";
        causes.push(path.field(field).invalid(mode, detail));
    }
}

/// A source of files that are keys of a Secret or ConfigMap.
fn validate_keys(source: &Value, name: &str, path: &Path, causes: &mut Vec<Cause>) {
    required(source, &[name], path, causes);
    validate_mode(source, "defaultMode", path, causes);
    let items = path.field("items");
    for (at, item) in source.get("items").items().iter().enumerate() {
        validate_key_to_path(item, &items.index(at), causes);
    }
}

fn validate_key_to_path(item: &Value, path: &Path, causes: &mut Vec<Cause>) {
    required(item, &["key", "path"], path, causes);
    path.field("path").check(item.get("path").str(), formats::not_reserved_path, causes);
    validate_mode(item, "mode", path, causes);
}

/// The path is that of the list: the server leaves the index out.
fn validate_downward_file(file: &Value, path: &Path, causes: &mut Vec<Cause>) {
    const FIELDS: &[&str] =
        &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
    required(file, &["path"], path, causes);
    path.field("path").check(file.get("path").str(), formats::not_reserved_path, causes);
    let (field, resource) = (file.get("fieldRef"), file.get("resourceFieldRef"));
    if !field.is_null() {
        validate_field(field, FIELDS, &path.field("fieldRef"), causes);
        if !resource.is_null() {
            let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
            causes.push(path.invalid("resource", detail));
        }
    } else if !resource.is_null() {
        validate_resource_field(resource, true, &path.field("resourceFieldRef"), causes);
    } else {
        causes.push(path.required_because("one of fieldRef and resourceFieldRef is required"));
    }
    validate_mode(file, "mode", path, causes);
}

fn validate_projected(source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    validate_mode(source, "defaultMode", path, causes);
    let sources = path.field("sources");
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    for (at, projection) in source.get("sources").items().iter().enumerate() {
        let item = sources.index(at);
        let mut count = 0;
        for kind in ["secret", "configMap"] {
            let keys = projection.get(kind);
            if keys.is_null() {
                continue;
            }
            count += 1;
            let at = item.field(kind);
            required(keys, &["name"], &at, causes);
            for (index, key) in keys.get("items").items().iter().enumerate() {
                validate_key_to_path(key, &at.field("items").index(index), causes);
                let file = key.get("path").str();
                if !file.is_empty() && !paths.insert(file) {
                    causes.push(path.invalid(keys.get("name").str(), "conflicting duplicate paths"));
                }
            }
        }
        let downward = projection.get("downwardAPI");
        if !downward.is_null() {
            count += 1;
            for file in downward.get("items").items() {
                validate_downward_file(file, &item.field("downwardAPI"), causes);
                let file = file.get("path").str();
                if !file.is_empty() && !paths.insert(file) {
                    causes.push(path.invalid(file, "conflicting duplicate paths"));
                }
            }
        }
        let token = projection.get("serviceAccountToken");
        if !token.is_null() {
            count += 1;
            let seconds = token.get("expirationSeconds").int();
            let field = item.field("serviceAccountToken");
            if seconds < 600 {
                let detail = "may not specify a duration less than 10 minutes";
                causes.push(field.field("expirationSeconds").invalid(seconds, detail));
            }
            if seconds > 1 << 32 {
                let detail = "may not specify a duration larger than 2^32 seconds";
                causes.push(field.field("expirationSeconds").invalid(seconds, detail));
            }
            match token.get("path").str() {
                "" => causes.push(path.field("path").required()),
                file => path.field("path").check(file, formats::not_reserved_path, causes),
            }
        }
        for kind in ["clusterTrustBundle", "podCertificate"] {
            count += usize::from(!projection.get(kind).is_null());
        }
        if count > 1 {
            causes.push(item.forbidden("may not specify more than 1 volume type per source"));
        }
    }
}

fn validate_driver(source: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let driver = source.get("driver").str();
    let path = path.field("driver");
    if driver.is_empty() {
        causes.push(path.required());
    }
    if driver.len() > 63 {
        causes.push(path.too_long(63));
    }
    let messages = formats::dns_subdomain(&driver.to_lowercase());
    causes.extend(messages.iter().map(|message| path.invalid(driver, message)));
}

fn validate_ephemeral(context: &Context, volume: &Value, of: &Path, path: &Path, causes: &mut Vec<Cause>) {
    let template = volume.at(&["ephemeral", "volumeClaimTemplate"]);
    if template.is_null() {
        causes.push(path.field("volumeClaimTemplate").required());
        return;
    }
    let path = path.field("volumeClaimTemplate");
    persistent_volume_claim::validate_spec(template.get("spec"), &path.field("spec"), causes);
    let name = volume.get("name").str();
    if let Some(pod) = context.pod_name
        && !pod.is_empty()
        && !name.is_empty()
    {
        let claim = format!("{pod}-{name}");
        for message in formats::dns_subdomain(&claim) {
            let detail = format!("PVC name {}: {message}", crate::resources::path::quote(&claim));
            causes.push(of.field("name").invalid(name, detail));
        }
    }
}
