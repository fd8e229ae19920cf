//! What a Service is given that it asks for or lacks: a cluster IP and node ports.

use crate::api::{Cause, Kind, Object, Status};

use super::ApiServer;

mod cluster_ip;
mod node_port;

pub(super) use cluster_ip::release;
pub use cluster_ip::{DEFAULT_RANGE, FINALIZER, Range, book, create_default_range, ranges, ready};

/// Gives a Service what it asks for or lacks; what an `old` one had it keeps.
///
/// # Errors
/// `Invalid` where a wanted address or port is taken or out of range, `InternalError` where there is none left.
pub(super) fn allocate(
    api: &mut ApiServer,
    object: &mut Object,
    old: Option<&Object>,
    dry_run: bool,
) -> Result<(), Status> {
    if object.kind != Kind::Service {
        return Ok(());
    }
    cluster_ip::allocate(api, object, old, dry_run)?;
    match object.spec().get("type").str() {
        "NodePort" | "LoadBalancer" => node_port::allocate(api, object, old, dry_run),
        _ => Ok(()),
    }
}

fn refuse(object: &Object, cause: Cause) -> Status {
    Status::invalid(object.kind, object.name(), vec![cause])
}
