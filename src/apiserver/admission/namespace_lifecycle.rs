//! NamespaceLifecycle: nothing is created in a namespace that is not there or is going away, and some stay for ever.

use crate::api::{Kind, ObjectKey, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if !request.is_create() || !request.kind().names().namespaced {
        return Ok(());
    }
    let name = request.object.namespace();
    if !api.read(&ObjectKey::new(Kind::Namespace, "", name))?.is_terminating() {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {name} because it is being terminated");
    request.forbidden(why)
}

pub(super) fn admit_delete(key: &ObjectKey) -> Result<(), Status> {
    if key.kind == Kind::Namespace && IMMORTAL.contains(&&*key.name) {
        return Err(Status::forbidden(key, "this namespace may not be deleted"));
    }
    Ok(())
}
