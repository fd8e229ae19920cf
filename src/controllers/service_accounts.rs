//! Gives every namespace its `default` ServiceAccount and the cluster's root certificate.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change};
use crate::value;

use super::{Enqueue, NOW};

/// Looks at a namespace when it, its account or its ConfigMap changes.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Namespace => enqueue(object.key(), NOW),
        Kind::ServiceAccount | Kind::ConfigMap => enqueue(ObjectKey::new(Kind::Namespace, "", object.namespace()), NOW),
        _ => {}
    }
}

/// Makes what is missing.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let namespace = api.get(key)?;
    if namespace.is_terminating() {
        return None;
    }
    let account = Object::new(Kind::ServiceAccount, &key.name, "default");
    let mut certificate = Object::new(Kind::ConfigMap, &key.name, "kube-root-ca.crt");
    certificate.set_at(
        &["metadata", "annotations"],
        value!({"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."}),
    );
    certificate.set("data", value!({"ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"}));
    for object in [account, certificate] {
        if api.get(&object.key()).is_none() {
            // It can only be refused while the namespace goes away.
            let _ = api.create(object.body, &key.name, false);
        }
    }
    None
}
