//! Parts of objects that have addresses of their own: `status`, `scale` and `resize`.

use crate::api::{Kind, Object, Selector, Status};
use crate::base::Value;
use crate::value;

/// True for kinds with a number of replicas that can be asked for by itself.
pub fn is_scalable(kind: Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController)
}

/// An object as its subresource of this name is answered.
///
/// # Errors
/// `NotFound` where the kind has no such subresource, `NotImplemented` where Saya has none.
pub fn of(object: &Object, name: &str) -> Result<Value, Status> {
    match name {
        "status" if has_status(object.kind) => Ok(object.body.clone()),
        "scale" if is_scalable(object.kind) => Ok(scale(object)),
        "resize" if object.kind == Kind::Pod => Ok(object.body.clone()),
        "ephemeralcontainers" if object.kind == Kind::Pod => Err(Status {
            code: 501,
            reason: "NotImplemented",
            message: format!("Saya does not simulate pods/{name}"),
            causes: Vec::new(),
        }),
        _ => Err(Status {
            code: 404,
            reason: "NotFound",
            message: "the server could not find the requested resource".into(),
            causes: Vec::new(),
        }),
    }
}

fn has_status(kind: Kind) -> bool {
    use crate::api::schema::schema;
    let known = schema().kind(kind.api_version(), kind.names().kind);
    known.is_some_and(|known| schema().structure(known.fields).field("status").is_some())
}

fn scale(object: &Object) -> Value {
    let mut metadata = value!({"name": (object.name()), "namespace": (object.namespace())});
    for field in ["creationTimestamp", "resourceVersion", "uid"] {
        metadata.set(field, object.meta(field).clone());
    }
    let selector = match object.kind {
        Kind::ReplicationController => Selector::from_map(object.spec().get("selector")),
        _ => Selector::from_label_selector(object.spec().get("selector")),
    };
    value!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": metadata,
        "spec": {"replicas": (object.spec().get("replicas").int())},
        "status": {
            "replicas": (object.status().get("replicas").int()),
            "selector": (selector.to_string())
        }
    })
}
