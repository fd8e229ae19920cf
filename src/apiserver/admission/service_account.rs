//! ServiceAccount: the account of a Pod must be there, and its token is mounted into every container.

use std::sync::LazyLock;

use crate::api::{Kind, ObjectKey, Status};
use crate::base::Value;
use crate::value;

use super::{Plugin, Request};
use crate::apiserver::ApiServer;

pub(super) const PLUGIN: Plugin = Plugin { admit, ..Plugin::NONE };

const VOLUME: &str = "kube-api-access-";
const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

fn admit(api: &mut ApiServer, request: &mut Request<'_>) -> Result<(), Status> {
    // A Pod that only mirrors what a kubelet runs by itself has no account.
    if !request.creates(Kind::Pod) || !request.object.annotation("kubernetes.io/config.mirror").is_null() {
        return Ok(());
    }
    let own = request.object.spec().get("serviceAccountName").str();
    let name = if own.is_empty() { "default" } else { own }.to_string();
    let account = Value::from(&name);
    let fields = [("serviceAccount", account.clone()), ("serviceAccountName", account)];
    request.object.entry("spec").set_all(fields);
    let namespace = request.object.namespace();
    let Some(account) = api.get(&ObjectKey::new(Kind::ServiceAccount, namespace, &name)).cloned() else {
        return request.forbidden(format!(
            "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"
        ));
    };
    let pod = &mut *request.object;
    let wanted = [pod.spec(), &account.body].map(|from| from.get("automountServiceAccountToken").as_bool());
    if wanted.into_iter().flatten().next().unwrap_or(true) {
        mount_token(api, pod.entry("spec"));
    }
    if pod.spec().get("imagePullSecrets").is_empty() && !account.get("imagePullSecrets").is_empty() {
        pod.set_at(&["spec", "imagePullSecrets"], account.get("imagePullSecrets").clone());
    }
    Ok(())
}

/// Mounts the token where a container has nothing else at its path.
fn mount_token(api: &mut ApiServer, spec: &mut Value) {
    let named = |volume: &Value| volume.get("name").str().to_string();
    let there = spec.get("volumes").items().iter().map(named).find(|name| name.starts_with(VOLUME));
    let name = there.clone().unwrap_or_else(|| [VOLUME, &api.random.name_suffix(5)].concat());
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        if spec.get(list).is_empty() {
            continue;
        }
        for container in spec.entry(list).items_mut() {
            if !container.get("volumeMounts").items().iter().any(|mount| mount.get("mountPath").str() == PATH)
            {
                let mount = value!({"mountPath": PATH, "name": (name.as_str()), "readOnly": true});
                container.entry("volumeMounts").push(mount);
                mounted = true;
            }
        }
    }
    if there.is_none() && mounted {
        spec.entry("volumes").push(token_volume(&name));
    }
}

fn token_volume(name: &str) -> Value {
    // The same for every Pod, and so in memory once.
    static PROJECTED: LazyLock<Value> = LazyLock::new(|| {
        value!({
            "defaultMode": 420,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {"downwardAPI": {"items": [{
                    "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                    "path": "namespace"
                }]}}
            ]
        })
    });
    value!({"name": name, "projected": (PROJECTED.clone())})
}
