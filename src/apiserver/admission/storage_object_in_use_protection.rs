//! StorageObjectInUseProtection: claims and volumes that are in use do not go; their controllers let go of them.

use crate::api::{Kind, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(_api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    let finalizer = match request.kind() {
        Kind::PersistentVolumeClaim => "kubernetes.io/pvc-protection",
        Kind::PersistentVolume => "kubernetes.io/pv-protection",
        _ => return Ok(()),
    };
    if request.is_create() {
        let finalizers = request.object.entry_at(&["metadata", "finalizers"]);
        if !finalizers.items().iter().any(|name| name.str() == finalizer) {
            finalizers.push(finalizer);
        }
    }
    Ok(())
}
