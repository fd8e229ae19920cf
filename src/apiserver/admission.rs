//! Admission: what is added to or refused of an object because of others.

use crate::api::{Kind, Object, ObjectKey, Status};
use crate::value;

use super::{ApiServer, limit_ranger};

/// The admission plugins that act on new objects, in the order in which the API server runs them.
///
/// # Errors
/// What a plugin answers.
pub(super) fn admit_create(api: &mut ApiServer, object: &mut Object) -> Result<(), Status> {
    namespace_lifecycle(api, object)?;
    match object.kind {
        Kind::Pod => {
            limit_ranger::set_defaults(api, object);
            service_account(api, object)?;
            priority(object);
            default_tolerations(object);
        }
        Kind::PersistentVolumeClaim => {
            default_storage_class(api, object);
            protect(object, "kubernetes.io/pvc-protection");
        }
        Kind::PersistentVolume => protect(object, "kubernetes.io/pv-protection"),
        _ => {}
    }
    Ok(())
}

/// The admission plugins that act on changed objects.
///
/// # Errors
/// What a plugin answers.
pub(super) fn admit_update(_api: &mut ApiServer, _object: &mut Object, _old: &Object) -> Result<(), Status> {
    Ok(())
}

/// NamespaceLifecycle: nothing is created in a namespace that is not there or is going away.
fn namespace_lifecycle(api: &ApiServer, object: &Object) -> Result<(), Status> {
    if !object.kind.names().namespaced {
        return Ok(());
    }
    let key = ObjectKey::new(Kind::Namespace, "", object.namespace());
    let namespace = api.read(&key)?;
    if namespace.is_terminating() {
        return Err(Status::forbidden(
            &object.key(),
            &format!(
                "unable to create new content in namespace {} because it is being terminated",
                object.namespace()
            ),
        ));
    }
    Ok(())
}

/// ServiceAccount: the account must be there; its token is mounted into every container.
fn service_account(api: &mut ApiServer, pod: &mut Object) -> Result<(), Status> {
    pod.entry("spec").set_default("serviceAccountName", "default");
    let account = pod.spec().get("serviceAccountName").str().to_string();
    pod.set_at(&["spec", "serviceAccount"], account.as_str());
    let key = ObjectKey::new(Kind::ServiceAccount, pod.namespace(), &account);
    let Some(found) = api.get(&key) else {
        let why = format!(
            "error looking up service account {}/{account}: serviceaccount \"{account}\" not found",
            pod.namespace()
        );
        return Err(Status::forbidden(&pod.key(), &why));
    };
    let automount = pod
        .spec()
        .get("automountServiceAccountToken")
        .as_bool()
        .or(found.get("automountServiceAccountToken").as_bool())
        .unwrap_or(true);
    let path = "/var/run/secrets/kubernetes.io/serviceaccount";
    let mounted =
        pod.spec().get("volumes").items().iter().any(|v| v.get("name").str().starts_with("kube-api-access-"));
    if !automount || mounted {
        return Ok(());
    }
    let volume = format!("kube-api-access-{}", api.random.name_suffix(5));
    for list in ["initContainers", "containers"] {
        if pod.spec().get(list).is_empty() {
            continue;
        }
        for container in pod.entry_at(&["spec", list]).items_mut() {
            if !container.get("volumeMounts").items().iter().any(|m| m.get("mountPath").str() == path) {
                container
                    .entry("volumeMounts")
                    .push(value!({"mountPath": path, "name": (volume.as_str()), "readOnly": true}));
            }
        }
    }
    pod.entry_at(&["spec", "volumes"]).push(value!({
        "name": (volume.as_str()),
        "projected": {
            "defaultMode": 420,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {"downwardAPI": {"items": [{
                    "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                    "path": "namespace"
                }]}}
            ]
        }
    }));
    Ok(())
}

/// Priority: without a class, 0.
fn priority(pod: &mut Object) {
    pod.entry("spec").set_default("priority", 0);
    pod.entry("spec").set_default("preemptionPolicy", "PreemptLowerPriority");
    pod.entry("spec").set_default("enableServiceLinks", true);
}

/// DefaultTolerationSeconds: a Pod stays for five minutes on a node that does not answer.
fn default_tolerations(pod: &mut Object) {
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = pod.spec().get("tolerations").items().iter().any(|t| {
            let own = t.get("key").str();
            (own == key || own.is_empty()) && matches!(t.get("effect").str(), "" | "NoExecute")
        });
        if !tolerated {
            pod.entry_at(&["spec", "tolerations"]).push(value!({
                "effect": "NoExecute",
                "key": key,
                "operator": "Exists",
                "tolerationSeconds": 300
            }));
        }
    }
}

/// DefaultStorageClass: a claim that names no class gets the default one.
fn default_storage_class(api: &ApiServer, claim: &mut Object) {
    if !claim.spec().get("storageClassName").is_null() {
        return;
    }
    let is_default =
        |class: &&Object| class.annotation("storageclass.kubernetes.io/is-default-class").str() == "true";
    if let Some(class) = api.store().list(Kind::StorageClass).find(is_default) {
        claim.set_at(&["spec", "storageClassName"], class.name());
    }
}

/// StorageObjectInUseProtection: what is in use is not deleted.
fn protect(object: &mut Object, finalizer: &str) {
    let finalizers = object.entry_at(&["metadata", "finalizers"]);
    if !finalizers.items().iter().any(|name| name.str() == finalizer) {
        finalizers.push(finalizer);
    }
}
