//! Whether the servers behind APIServices can be asked: kube-apiserver's own controller, `AvailableConditionController`.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::value;

use super::{Enqueue, NOW};

/// Looks at those whose Service or endpoints changed.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::APIService if change.kind != ChangeKind::Deleted => enqueue(object.key(), NOW),
        Kind::Service | Kind::Endpoints => {
            for service in api.store().list(Kind::APIService) {
                let of = service.spec().get("service");
                if of.get("name").str() == object.name() && of.get("namespace").str() == object.namespace() {
                    enqueue(service.key(), NOW);
                }
            }
        }
        _ => {}
    }
}

/// Says whether it is available, or what is missing.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let (status, reason, message) = available(api, api.get(key)?);
    let condition = value!({
        "lastTransitionTime": (api.clock.date().rfc3339()),
        "message": message,
        "reason": reason,
        "status": status,
        "type": "Available"
    });
    api.modify_status(key, |status| set_condition(status, condition));
    None
}

fn available(api: &ApiServer, service: &Object) -> (&'static str, &'static str, String) {
    let of = service.spec().get("service");
    if of.is_null() {
        return ("True", "Local", "Local APIServices are always available".into());
    }
    let (name, namespace) = (of.get("name").str(), of.get("namespace").str());
    let Some(behind) = api.get(&ObjectKey::new(Kind::Service, namespace, name)) else {
        let why = format!("service/{name} in \"{namespace}\" is not present");
        return ("False", "ServiceNotFound", why);
    };
    let port = of.get("port").as_int().unwrap_or(443);
    let ports = behind.spec().get("ports").items();
    let Some(listed) = ports.iter().find(|own| own.get("port").int() == port) else {
        let why = format!("service/{name} in \"{namespace}\" is not listening on port {port}");
        return ("False", "ServicePortError", why);
    };
    let Some(endpoints) = api.get(&ObjectKey::new(Kind::Endpoints, namespace, name)) else {
        let why = format!("cannot find endpoints for service/{name} in \"{namespace}\"");
        return ("False", "EndpointsNotFound", why);
    };
    let port_name = listed.get("name").str();
    let ready = endpoints.get("subsets").items().iter().any(|subset| {
        let mut ports = subset.get("ports").items().iter();
        !subset.get("addresses").is_empty() && ports.any(|port| port.get("name").str() == port_name)
    });
    if !ready {
        let why = format!(
            "endpoints for service/{name} in \"{namespace}\" have no addresses with port name \"{port_name}\""
        );
        return ("False", "MissingEndpoints", why);
    }
    ("True", "Passed", "all checks passed".into())
}
