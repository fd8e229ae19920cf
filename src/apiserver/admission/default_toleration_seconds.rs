//! DefaultTolerationSeconds: a Pod stays for five minutes on a node that does not answer.

use std::sync::LazyLock;

use crate::api::{Kind, Status};
use crate::base::Value;
use crate::value;

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

fn admit(_api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    if request.kind() != Kind::Pod {
        return Ok(());
    }
    let own = request.object.spec().get("tolerations").clone();
    let tolerated = |added: &&Value| {
        own.items().iter().any(|toleration| {
            let key = toleration.get("key");
            (key == added.get("key") || key.str().is_empty())
                && matches!(toleration.get("effect").str(), "" | "NoExecute")
        })
    };
    if own.is_empty() {
        request.object.set_at(&["spec", "tolerations"], ADDED.clone());
    } else {
        for added in ADDED.items().iter().filter(|added| !tolerated(added)) {
            request.object.entry_at(&["spec", "tolerations"]).push(added);
        }
    }
    Ok(())
}

/// The same for every Pod, and so in memory once.
static ADDED: LazyLock<Value> = LazyLock::new(|| {
    ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
        .into_iter()
        .map(
            |key| value!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}),
        )
        .collect()
});
