//! PersistentVolumeClaimResize: a claim grows only where its class lets it.

use crate::api::{Kind, Object, ObjectKey, Status};
use crate::resources::pod::amounts::amount;

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { validate, ..Plugin::NONE };

fn validate(api: &ApiServer, request: &Request<'_>) -> Result<(), Status> {
    match (request.kind(), request.old) {
        (Kind::PersistentVolumeClaim, Some(old)) => judge(api, request, old),
        _ => Ok(()),
    }
}

/// A new cluster has no claims: this is no part of the page's first program.
#[inline(never)]
fn judge(api: &ApiServer, request: &Request<'_>, old: &Object) -> Result<(), Status> {
    let size = |claim: &Object| amount(claim.spec().at(&["resources", "requests", "storage"]));
    if size(request.object) <= size(old) {
        return Ok(());
    }
    if old.status().get("phase").str() != "Bound" {
        return request.forbidden("Only bound persistent volume claims can be expanded");
    }
    let class = |claim: &Object| claim.spec().get("storageClassName").str().to_string();
    let expands = |name: &str| {
        let class = api.get(&ObjectKey::new(Kind::StorageClass, "", name));
        class.is_some_and(|class| class.get("allowVolumeExpansion").bool())
    };
    if class(request.object) == class(old) && expands(&class(old)) {
        return Ok(());
    }
    request.forbidden(
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support \
         resize",
    )
}
