//! RuntimeClass: a Pod that names one takes its overhead, and the nodes that it is for; one that is not there is refused
//! (plugin/pkg/admission/runtimeclass).

use crate::api::{Kind, ObjectKey, Status};

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if !request.creates(Kind::Pod) || request.object.spec().get("runtimeClassName").str().is_empty() {
        return Ok(());
    }
    admit_named(api, request)
}

// No part of the page's first program.
#[inline(never)]
fn admit_named(api: &ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    let name = request.object.spec().get("runtimeClassName").str();
    let Some(class) = api.get(&ObjectKey::new(Kind::RuntimeClass, "", name)) else {
        return request.forbidden(format!("pod rejected: RuntimeClass \"{name}\" not found"));
    };
    let overhead = class.at(&["overhead", "podFixed"]);
    let own = request.object.spec().get("overhead");
    if !own.is_null() && own != overhead {
        return request
            .forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    let scheduling = class.get("scheduling");
    let selector = scheduling.get("nodeSelector");
    let wanted = request.object.spec().get("nodeSelector");
    if let Some((key, _)) =
        selector.entries().find(|(key, value)| !wanted.get(key).is_null() && wanted.get(key) != *value)
    {
        return request.forbidden(format!(
            "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {}; pod.spec.nodeSelector[{key}] = {}",
            selector.get(key).str(),
            wanted.get(key).str()
        ));
    }
    let spec = request.object.entry("spec");
    if !overhead.is_null() {
        spec.set("overhead", overhead.clone());
    }
    for (key, value) in selector.entries() {
        spec.entry("nodeSelector").set(key, value.clone());
    }
    for toleration in scheduling.get("tolerations").items() {
        if !spec.get("tolerations").items().contains(toleration) {
            spec.entry("tolerations").push(toleration.clone());
        }
    }
    Ok(())
}
