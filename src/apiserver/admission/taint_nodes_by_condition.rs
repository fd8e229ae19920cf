//! TaintNodesByCondition: nothing is sent to a new node before it says that it is ready.

use crate::api::{Kind, Status};
use crate::value;

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(_api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if request.creates(Kind::Node) {
        let taint = value!({"effect": "NoSchedule", "key": "node.kubernetes.io/not-ready"});
        let taints = request.object.entry_at(&["spec", "taints"]);
        if !taints.items().contains(&taint) {
            taints.push(taint);
        }
    }
    Ok(())
}
