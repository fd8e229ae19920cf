//! DefaultTolerationSeconds: a Pod stays for five minutes on a node that does not answer.

use crate::api::{Kind, Status};
use crate::value;

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(_api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if request.kind() != Kind::Pod {
        return Ok(());
    }
    let missing = |key: &&str| {
        !request.object.spec().get("tolerations").items().iter().any(|toleration| {
            let own = toleration.get("key").str();
            (own == *key || own.is_empty()) && matches!(toleration.get("effect").str(), "" | "NoExecute")
        })
    };
    let keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
    for key in keys.into_iter().filter(missing).collect::<Vec<_>>() {
        request.object.entry_at(&["spec", "tolerations"]).push(value!({
            "effect": "NoExecute",
            "key": key,
            "operator": "Exists",
            "tolerationSeconds": 300
        }));
    }
    Ok(())
}
