//! Parts of objects that have addresses of their own: `status`, `scale` and `resize`.

use super::ApiServer;
use crate::api::{Kind, Object, Selector, Status};
use crate::base::Value;
use crate::resources::custom_resource;
use crate::value;

/// Where a kind with a number of replicas that can be asked for by itself has it; none for other kinds.
pub fn replicas_path(api: &ApiServer, kind: Kind) -> Option<Vec<String>> {
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController => {
            Some(["spec", "replicas"].map(str::to_owned).into())
        }
        _ if kind.is_custom() => custom_resource::scale_path(api.custom_version(kind), "specReplicasPath"),
        _ => None,
    }
}

/// `value` at the end of a path of fields.
pub fn at_path(path: &[String], value: Value) -> Value {
    path.iter().rev().fold(value, |inner, field| {
        let mut map = Value::map();
        map.set(field, inner);
        map
    })
}

/// An object as its subresource of this name is answered.
///
/// # Errors
/// `NotFound` where the kind has no such subresource, `NotImplemented` where Saya has none.
pub fn of(api: &ApiServer, object: &Object, name: &str) -> Result<Value, Status> {
    match name {
        "status" if has_status(api, object.kind) => Ok(object.body.clone()),
        "scale" if replicas_path(api, object.kind).is_some() => Ok(scale(api, object)),
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

fn has_status(api: &ApiServer, kind: Kind) -> bool {
    use crate::api::schema::schema;
    if kind.is_custom() {
        return custom_resource::has_status(api.custom_version(kind));
    }
    let known = schema().kind(kind.api_version(), kind.names().kind);
    known.is_some_and(|known| schema().structure(known.fields).field("status").is_some())
}

fn scale(api: &ApiServer, object: &Object) -> Value {
    let mut metadata = value!({"name": (object.name()), "namespace": (object.namespace())});
    for field in ["creationTimestamp", "resourceVersion", "uid"] {
        metadata.set(field, object.meta(field).clone());
    }
    let selector = match object.kind {
        Kind::ReplicationController => Selector::from_map(object.spec().get("selector")),
        _ => Selector::from_label_selector(object.spec().get("selector")),
    };
    let number = |path: Option<Vec<String>>| {
        let path = path.unwrap_or_default();
        object.at(&path.iter().map(String::as_str).collect::<Vec<_>>()).int()
    };
    let statuses = match object.kind.is_custom() {
        true => custom_resource::scale_path(api.custom_version(object.kind), "statusReplicasPath"),
        false => Some(["status", "replicas"].map(str::to_owned).into()),
    };
    value!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": metadata,
        "spec": {"replicas": (number(replicas_path(api, object.kind)))},
        "status": {
            "replicas": (number(statuses)),
            "selector": (selector.to_string())
        }
    })
}
