//! Gives every namespace its `default` ServiceAccount and the cluster's root certificate, and Secrets that ask for one
//! the token of their account.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey, base64};
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::value;

use super::{Enqueue, NOW};

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

/// Looks at a namespace when it, its account or its ConfigMap changes.
pub fn observe(api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    match object.kind {
        Kind::Namespace => enqueue(object.key(), NOW),
        Kind::ServiceAccount | Kind::ConfigMap => {
            enqueue(ObjectKey::new(Kind::Namespace, "", object.namespace()), NOW);
            if object.kind == Kind::ServiceAccount && change.kind == ChangeKind::Deleted {
                let secrets = api.store().list_in(Kind::Secret, object.namespace());
                secrets.filter(|secret| is_token(secret)).for_each(|secret| enqueue(secret.key(), NOW));
            }
        }
        Kind::Secret if change.kind != ChangeKind::Deleted && is_token(object) => enqueue(object.key(), NOW),
        _ => {}
    }
}

fn is_token(secret: &Object) -> bool {
    secret.get("type").str() == "kubernetes.io/service-account-token"
}

/// Makes what is missing.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    if key.kind == Kind::Secret {
        sync_token(api, key);
        return None;
    }
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
    certificate.set("data", value!({"ca.crt": CERTIFICATE}));
    for object in [account, certificate] {
        if api.get(&object.key()).is_none() {
            // It can only be refused while the namespace goes away.
            let _ = api.create(object.body, &key.name, false);
        }
    }
    None
}

/// Fills a Secret with the token of its account; one whose account is not there goes
/// (pkg/controller/serviceaccount, TokensController).
fn sync_token(api: &mut ApiServer, key: &ObjectKey) {
    const NAME: &str = "kubernetes.io/service-account.name";
    const UID: &str = "kubernetes.io/service-account.uid";
    let Some(secret) = api.get(key).filter(|secret| !secret.is_terminating()) else { return };
    let (name, known) = (secret.annotation(NAME).str().to_string(), secret.annotation(UID).str().to_string());
    let filled = !secret.get("data").get("token").is_null();
    let account = api.get(&key.sibling(Kind::ServiceAccount, &name)).map(|account| account.uid().to_string());
    let Some(uid) = account.filter(|uid| known.is_empty() || known == *uid) else {
        // It can only be gone already.
        let _ = api.delete(key, Deletion::default());
        return;
    };
    if filled {
        return;
    }
    let namespace = &key.namespace;
    let claims = format!(
        "{{\"iss\":\"kubernetes/serviceaccount\",\"kubernetes.io/serviceaccount/namespace\":\"{namespace}\",\"kubernetes.io/serviceaccount/secret.name\":\"{}\",\"kubernetes.io/serviceaccount/service-account.name\":\"{name}\",\"kubernetes.io/serviceaccount/service-account.uid\":\"{uid}\",\"sub\":\"system:serviceaccount:{namespace}:{name}\"}}",
        key.name
    );
    let token = api.token(&claims);
    let data = [("ca.crt", CERTIFICATE), ("namespace", &**namespace), ("token", &token)];
    let data = data.map(|(field, text)| (field, base64::encode(text.as_bytes())));
    api.modify(key, |secret| {
        secret.set_at(&["metadata", "annotations", UID], uid.as_str());
        for (field, text) in &data {
            secret.set_at(&["data", field], text.as_str());
        }
    });
}
