//! Volumes.

use crate::base::Value;

use super::page::{Page, joined, or_unset, plain};

/// The volumes of a Pod, or of a template where they are `inset`.
pub fn list(page: &mut Page, volumes: &Value, inset: bool) {
    let level = usize::from(inset);
    if volumes.is_empty() {
        return page.field(level, "Volumes", "<none>");
    }
    page.line(level, "Volumes:");
    for volume in volumes.items() {
        let space = if inset { " " } else { "" };
        page.line(1, format_args!("{space}{}:", volume.get("name").str()));
        source(page, volume);
    }
}

/// Where a volume's files come from: of a Pod's volume or a PersistentVolume.
pub fn source(page: &mut Page, volume: &Value) {
    let Some((kind, source)) =
        volume.entries().find(|(field, _)| SOURCES.iter().any(|(kind, _)| kind == field))
    else {
        return page.line(1, "<unknown>");
    };
    let told = SOURCES.iter().find(|(name, _)| *name == kind).map_or("", |(_, told)| told);
    page.field(2, "Type", told);
    let optional = source.get("optional").bool();
    match kind {
        "hostPath" => {
            page.field(2, "Path", source.get("path").str());
            let hint = source.get("type");
            page.field(2, "HostPathType", if hint.is_null() { "<none>" } else { hint.str() });
        }
        "emptyDir" => {
            page.field(2, "Medium", source.get("medium").str());
            page.field(2, "SizeLimit", or_unset(source.get("sizeLimit")));
        }
        "secret" => {
            page.field(2, "SecretName", source.get("secretName").str());
            page.field(2, "Optional", optional);
        }
        "configMap" => {
            page.field(2, "Name", source.get("name").str());
            page.field(2, "Optional", optional);
        }
        "persistentVolumeClaim" => {
            page.field(2, "ClaimName", source.get("claimName").str());
            page.field(2, "ReadOnly", source.get("readOnly").bool());
        }
        "nfs" => {
            page.field(2, "Server", source.get("server").str());
            page.field(2, "Path", source.get("path").str());
            page.field(2, "ReadOnly", source.get("readOnly").bool());
        }
        "local" => page.field(2, "Path", source.get("path").str()),
        "downwardAPI" => {
            page.line(2, "Items:");
            for item in source.get("items").items() {
                let field = match item.at(&["fieldRef", "fieldPath"]).str() {
                    "" => item.at(&["resourceFieldRef", "resource"]).str(),
                    field => field,
                };
                page.line(3, format_args!("{field} -> {}", item.get("path").str()));
            }
        }
        "projected" => projected(page, source),
        "csi" => {
            page.field(2, "Driver", source.get("driver").str());
            if source.get("volumeHandle").is_null() {
                page.field(2, "FSType", source.get("fsType").str());
            } else {
                page.field(2, "FSType", source.get("fsType").str());
                page.field(2, "VolumeHandle", source.get("volumeHandle").str());
            }
            page.field(2, "ReadOnly", source.get("readOnly").bool());
            let attributes: Vec<String> = source
                .get("volumeAttributes")
                .entries()
                .map(|(k, v)| format!("      {k}={}", plain(v)))
                .collect();
            page.fields(2, "VolumeAttributes", &attributes);
        }
        "ephemeral" => {
            let claim = source.get("volumeClaimTemplate");
            page.field(2, "StorageClass", claim.at(&["spec", "storageClassName"]).str());
            page.field(2, "Volume", "");
            page.labels(2, "Labels", claim.at(&["metadata", "labels"]));
            page.annotations(2, claim.at(&["metadata", "annotations"]));
            page.field(2, "Capacity", "");
            page.field(2, "Access Modes", joined(claim.at(&["spec", "accessModes"]), ","));
            page.field(2, "VolumeMode", claim.at(&["spec", "volumeMode"]).str());
        }
        "image" => {
            page.field(2, "Reference", source.get("reference").str());
            page.field(2, "PullPolicy", source.get("pullPolicy").str());
        }
        _ => {}
    }
}

/// What kubectl says of each kind of volume.
const SOURCES: &[(&str, &str)] = &[
    ("hostPath", "HostPath (bare host directory volume)"),
    ("emptyDir", "EmptyDir (a temporary directory that shares a pod's lifetime)"),
    ("secret", "Secret (a volume populated by a Secret)"),
    ("configMap", "ConfigMap (a volume populated by a ConfigMap)"),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
    ),
    ("nfs", "NFS (an NFS mount that lasts the lifetime of a pod)"),
    ("local", "LocalVolume (a persistent volume backed by local storage on a node)"),
    ("downwardAPI", "DownwardAPI (a volume populated by information about the pod)"),
    ("projected", "Projected (a volume that contains injected data from multiple sources)"),
    ("csi", "CSI (a Container Storage Interface (CSI) volume source)"),
    (
        "ephemeral",
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
    ),
    ("image", "Image (a container image or OCI artifact)"),
];

fn projected(page: &mut Page, source: &Value) {
    for part in source.get("sources").items() {
        let (secret, map, token) =
            (part.get("secret"), part.get("configMap"), part.get("serviceAccountToken"));
        if !secret.is_null() {
            page.field(2, "SecretName", secret.get("name").str());
            page.field(2, "Optional", secret.get("optional").bool());
        } else if !part.get("downwardAPI").is_null() {
            page.field(2, "DownwardAPI", true);
        } else if !map.is_null() {
            page.field(2, "ConfigMapName", map.get("name").str());
            page.field(2, "Optional", map.get("optional").bool());
        } else if !token.is_null() {
            page.field(2, "TokenExpirationSeconds", token.get("expirationSeconds").int());
        }
    }
}
