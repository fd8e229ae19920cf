//! RuntimeClass: a Pod that names one which is not there is refused. The class itself is not simulated, so none is there.

use crate::api::{Kind, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(_: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if request.kind() != Kind::Pod || !request.is_create() {
        return Ok(());
    }
    match request.object.spec().get("runtimeClassName").str() {
        "" => Ok(()),
        name => request.forbidden(format!("pod rejected: RuntimeClass \"{name}\" not found")),
    }
}
