//! What containers do with the volumes of their Pod.

use std::collections::BTreeSet;

use crate::api::Cause;
use crate::base::Value;
use crate::resources::formats;
use crate::resources::path::Path;

/// The volumes that can be mounted, by name: those without a fault.
pub struct Mountable<'a>(pub Vec<(&'a str, &'a Value)>);

impl<'a> Mountable<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, volume)| *volume)
    }
}

/// `volumeMounts`
pub fn validate(container: &Value, mountable: &Mountable, path: &Path, causes: &mut Vec<Cause>) {
    let devices = container.get("volumeDevices").items();
    let mut paths = BTreeSet::new();
    for (at, mount) in container.get("volumeMounts").items().iter().enumerate() {
        let item = path.index(at);
        let (name, mount_path) = (mount.get("name").str(), mount.get("mountPath").str());
        if name.is_empty() {
            causes.push(item.field("name").required());
        }
        let volume = mountable.get(name);
        if volume.is_none() {
            causes.push(item.field("name").not_found(name));
        }
        if mount_path.is_empty() {
            causes.push(item.field("mountPath").required());
        }
        if !paths.insert(mount_path) {
            causes.push(item.field("mountPath").invalid(mount_path, "must be unique"));
        }
        if devices.iter().any(|device| device.get("name").str() == name) {
            causes.push(item.field("name").invalid(name, "must not already exist in volumeDevices"));
        }
        if devices.iter().any(|device| device.get("devicePath").str() == mount_path) {
            let detail = "must not already exist as a path in volumeDevices";
            causes.push(item.field("mountPath").invalid(mount_path, detail));
        }
        let sub_path = mount.get("subPath").str();
        if !sub_path.is_empty() {
            path.field("subPath").check(sub_path, formats::descending_path, causes);
        }
        let expression = mount.get("subPathExpr").str();
        if !expression.is_empty() {
            if !sub_path.is_empty() {
                let detail = "subPathExpr and subPath are mutually exclusive";
                causes.push(item.field("subPathExpr").invalid(expression, detail));
            }
            path.field("subPathExpr").check(expression, formats::descending_path, causes);
        }
        validate_propagation(container, mount, path, causes);
    }
}

fn validate_propagation(container: &Value, mount: &Value, path: &Path, causes: &mut Vec<Cause>) {
    let propagation = mount.get("mountPropagation").as_str();
    let field = path.field("mountPropagation");
    match propagation {
        None | Some("HostToContainer" | "None") => {}
        Some("Bidirectional") => {
            if !container.at(&["securityContext", "privileged"]).bool() {
                let detail = "Bidirectional mount propagation is available only to privileged containers";
                causes.push(field.forbidden(detail));
            }
        }
        Some(other) => {
            causes.push(field.unsupported(other, &["Bidirectional", "HostToContainer", "None"]));
        }
    }
    let field = path.field("recursiveReadOnly");
    match mount.get("recursiveReadOnly").as_str() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if !mount.get("readOnly").bool() {
                causes.push(field.forbidden("may only be specified when readOnly is true"));
            }
            if propagation.is_some_and(|propagation| propagation != "None") {
                let detail = "may only be specified when mountPropagation is None or not specified";
                causes.push(field.forbidden(detail));
            }
        }
        Some(other) => causes.push(field.unsupported(other, &["Disabled", "Enabled", "IfPossible"])),
    }
}

/// `volumeDevices`
pub fn validate_devices(container: &Value, mountable: &Mountable, path: &Path, causes: &mut Vec<Cause>) {
    let mounts = container.get("volumeMounts").items();
    let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (at, device) in container.get("volumeDevices").items().iter().enumerate() {
        let item = path.index(at);
        let (name, device_path) = (device.get("name").str(), device.get("devicePath").str());
        if name.is_empty() {
            causes.push(item.field("name").required());
        }
        if names.contains(name) {
            causes.push(item.field("name").invalid(name, "must be unique"));
        }
        match mountable.get(name) {
            None => causes.push(item.field("name").not_found(name)),
            Some(volume) => {
                if volume.get("persistentVolumeClaim").is_null() && volume.get("ephemeral").is_null() {
                    let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                    causes.push(item.field("name").invalid(name, detail));
                }
            }
        }
        if device_path.is_empty() {
            causes.push(item.field("devicePath").required());
        }
        if paths.contains(device_path) {
            causes.push(item.field("devicePath").invalid(device_path, "must be unique"));
        }
        if !formats::no_backsteps(device_path).is_empty() {
            causes.push(item.field("devicePath").invalid(device_path, "can not contain backsteps ('..')"));
        } else {
            paths.insert(device_path);
        }
        if mounts.iter().any(|mount| mount.get("name").str() == name) {
            causes.push(item.field("name").invalid(name, "must not already exist in volumeMounts"));
        }
        if mounts.iter().any(|mount| mount.get("mountPath").str() == device_path) {
            let detail = "must not already exist as a path in volumeMounts";
            causes.push(item.field("devicePath").invalid(device_path, detail));
        }
        if !name.is_empty() {
            names.insert(name);
        }
    }
}
