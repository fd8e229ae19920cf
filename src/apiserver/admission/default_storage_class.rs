//! DefaultStorageClass: a claim that names no class gets the default one; of several, the youngest.

use std::cmp::Reverse;

use crate::api::{Kind, Object, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    let claim = &mut *request.object;
    let named = !claim.spec().get("storageClassName").is_null()
        || !claim.annotation("volume.beta.kubernetes.io/storage-class").is_null();
    if claim.kind != Kind::PersistentVolumeClaim || request.old.is_some() || named {
        return Ok(());
    }
    choose(api, claim);
    Ok(())
}

/// A new cluster has no claims: this is no part of the page's first program.
#[inline(never)]
fn choose(api: &ApiServer, claim: &mut Object) {
    let is_default = |class: &&Object| {
        ["", "beta."].iter().any(|version| {
            let annotation = format!("storageclass.{version}kubernetes.io/is-default-class");
            class.annotation(&annotation).str() == "true"
        })
    };
    let defaults = api.store().list(Kind::StorageClass).filter(is_default);
    if let Some(class) = defaults.min_by_key(|class| (Reverse(class.created_at()), class.name().to_string()))
    {
        claim.set_at(&["spec", "storageClassName"], class.name());
    }
}
