//! What a page can hold: no more Pods than would fit on the nodes nearly twice over.
//!
//! Kubernetes has no such plugin; there etcd, the nodes and the bill set the limit. Without one, `replicas: 2000000000` would
//! take all the memory of the learner's browser.

use crate::api::{Kind, Status};
use crate::apiserver::ApiServer;
use crate::apiserver::event::Source;

use super::{Plugin, Request};

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

/// Pods for each node: 110 run there at most, as many again may wait.
const PODS_PER_NODE: usize = 220;
/// Pods of a cluster of few nodes.
const LEAST: usize = 2_000;

/// How many Pods this cluster may have.
pub fn most_pods(api: &ApiServer) -> usize {
    (PODS_PER_NODE * api.store().count(Kind::Node)).max(LEAST)
}

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    let most = most_pods(api);
    if !request.creates(Kind::Pod) || api.store().count(Kind::Pod) < most {
        return Ok(());
    }
    let why = format!("Saya holds at most {most} Pods in a cluster of this size");
    // Its own source: the controller that asked has by then told so much that it is no longer heard.
    if let Some(owner) = request.object.controller_key().and_then(|key| api.get(&key).cloned()) {
        api.warning(&owner, Source::component("saya"), "TooManyPods", &why);
    }
    request.forbidden(why)
}
