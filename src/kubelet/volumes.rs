//! What a Pod needs of other objects before it can run.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::base::Value;

/// The first volume that cannot be mounted, in the kubelet's words.
pub(super) fn missing(api: &ApiServer, pod: &Object) -> Option<String> {
    let there = |kind: Kind, name: &str| api.get(&ObjectKey::new(kind, pod.namespace(), name)).is_some();
    for volume in pod.spec().get("volumes").items() {
        let name = volume.get("name").str();
        let failed = |why: String| Some(format!("MountVolume.SetUp failed for volume \"{name}\" : {why}"));
        let config_map = volume.get("configMap");
        if let Some(source) = config_map.get("name").as_str()
            && !config_map.get("optional").bool()
            && !there(Kind::ConfigMap, source)
        {
            return failed(format!("configmap \"{source}\" not found"));
        }
        let secret = volume.get("secret");
        if let Some(source) = secret.get("secretName").as_str()
            && !secret.get("optional").bool()
            && !there(Kind::Secret, source)
        {
            return failed(format!("secret \"{source}\" not found"));
        }
        if let Some(claim) = volume.at(&["persistentVolumeClaim", "claimName"]).as_str() {
            let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.namespace(), claim);
            if api.get(&key).is_none_or(|claim| claim.status().get("phase").str() != "Bound") {
                return failed(format!("persistentvolumeclaim \"{claim}\" is not bound"));
            }
        }
    }
    None
}

/// The first ConfigMap, Secret or key that a container's environment names and that is not there.
pub(super) fn missing_environment(api: &ApiServer, pod: &Object, container: &Value) -> Option<String> {
    let find = |kind: Kind, name: &str| api.get(&ObjectKey::new(kind, pod.namespace(), name));
    let sources = [
        ("configMapRef", "configMapKeyRef", Kind::ConfigMap, "configmap", "ConfigMap"),
        ("secretRef", "secretKeyRef", Kind::Secret, "secret", "Secret"),
    ];
    for (whole, _, kind, word, _) in sources {
        for from in container.get("envFrom").items() {
            let source = from.get(whole);
            if let Some(name) = source.get("name").as_str()
                && !source.get("optional").bool()
                && find(kind, name).is_none()
            {
                return Some(format!("{word} \"{name}\" not found"));
            }
        }
    }
    for variable in container.get("env").items() {
        for (_, one, kind, word, type_name) in sources {
            let source = variable.at(&["valueFrom", one]);
            let (Some(name), Some(key)) = (source.get("name").as_str(), source.get("key").as_str()) else {
                continue;
            };
            if source.get("optional").bool() {
                continue;
            }
            let Some(object) = find(kind, name) else { return Some(format!("{word} \"{name}\" not found")) };
            if object.get("data").get(key).is_null() {
                return Some(format!("couldn't find key {key} in {type_name} {}/{name}", pod.namespace()));
            }
        }
    }
    None
}
