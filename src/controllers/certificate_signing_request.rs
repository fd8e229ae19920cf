//! Signs what was approved, and forgets it afterwards: the signing controllers of kube-controller-manager
//! (pkg/controller/certificates, signer and cleaner).

use std::time::Duration;

use crate::api::x509::{Certificate, pem};
use crate::api::{Kind, Object, ObjectKey, base64};
use crate::apiserver::server::set_condition;
use crate::apiserver::{ApiServer, Change, ChangeKind, Deletion};
use crate::base::{Date, Value};
use crate::resources::certificate_signing_request::requested;
use crate::value;

use super::{Enqueue, NOW};

/// How long a certificate holds at most, in seconds (`--cluster-signing-duration`).
const LONGEST: i64 = 365 * 86_400;
/// How long requests are kept that were decided, and that were not, in seconds.
const DECIDED: i64 = 3_600;
const PENDING: i64 = 24 * 3_600;

/// Looks at each that is new or changed.
pub fn observe(_: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    if change.object.kind == Kind::CertificateSigningRequest && change.kind != ChangeKind::Deleted {
        enqueue(change.object.key(), NOW);
    }
}

/// Signs it where that is to be done, or says why not; deletes it when it is old.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let request = api.get(key)?.clone();
    let left = expires(&request) - api.clock.date().0;
    if left <= 0 {
        // It can only be gone already.
        let _ = api.delete(key, Deletion::default());
        return None;
    }
    let again = Some(Duration::from_secs(left as u64));
    let is_open = request.condition("Failed").is_null() && request.status().get("certificate").is_null();
    if request.condition("Approved").is_null() || !is_open {
        return again;
    }
    let asked = requested(&request)?;
    match refusal(request.spec(), &asked) {
        None => return again,
        Some(Err(why)) => {
            let now = api.clock.date().rfc3339();
            let failed = value!({
                "lastTransitionTime": (now.clone()),
                "lastUpdateTime": now,
                "message": why,
                "reason": "SignerValidationFailure",
                "status": "True",
                "type": "Failed"
            });
            api.modify_status(key, |status| set_condition(status, failed));
        }
        Some(Ok(())) => {
            let seconds = request.spec().get("expirationSeconds").as_int().unwrap_or(LONGEST).min(LONGEST);
            let text = pem("CERTIFICATE", &api.certify(asked, seconds).encode());
            api.modify_status(key, |status| status.set("certificate", base64::encode(text.as_bytes())));
        }
    }
    again
}

/// When it is forgotten, in seconds since 1970.
fn expires(request: &Object) -> i64 {
    let date = |text: &str| Date::parse_rfc3339(text).unwrap_or_default().0;
    let decided = ["Approved", "Denied", "Failed"].iter().find_map(|kind| {
        let condition = request.condition(kind);
        (!condition.is_null()).then(|| date(condition.get("lastUpdateTime").str()))
    });
    decided.map_or(date(request.meta("creationTimestamp").str()) + PENDING, |at| at + DECIDED)
}

/// What a signer of Kubernetes' own says of a request: why it is not what it signs. None for the signers of others
/// (signer.go, `getCSRVerificationFuncForSignerName`).
fn refusal(spec: &Value, asked: &Certificate) -> Option<Result<(), String>> {
    let usages: Vec<&str> = spec.get("usages").items().iter().map(Value::str).collect();
    match spec.get("signerName").str() {
        "kubernetes.io/kube-apiserver-client" => Some(client(&usages)),
        "kubernetes.io/kube-apiserver-client-kubelet" => Some(kubelet(asked, &usages, "client auth")),
        "kubernetes.io/kubelet-serving" => Some(kubelet(asked, &usages, "server auth")),
        _ => None,
    }
}

fn client(usages: &[&str]) -> Result<(), String> {
    const OWN: &str = "client auth";
    let others = ["digital signature", "key encipherment", OWN];
    if let Some(other) = usages.iter().find(|usage| !others.contains(usage)) {
        return Err(format!("invalid usage for client certificate: {other}"));
    }
    if !usages.contains(&OWN) {
        return Err(format!("missing required usage for client certificate: {OWN}"));
    }
    Ok(())
}

/// pkg/apis/certificates, helpers.go, `ValidateKubeletServingCSR` and `ValidateKubeletClientCSR`.
fn kubelet(asked: &Certificate, usages: &[&str], own: &str) -> Result<(), String> {
    let parts = |kind: &'static str| asked.subject.iter().filter(move |(part, _)| part == kind);
    let serves = own == "server auth";
    if !parts("O").map(|(_, text)| text.as_str()).eq(["system:nodes"]) {
        return Err("subject organization is not system:nodes".into());
    }
    if serves && asked.alternatives.is_empty() {
        return Err("DNS or IP subjectAltName is required".into());
    }
    if !serves && !asked.alternatives.is_empty() {
        return Err("DNS subjectAltNames are not allowed".into());
    }
    let wanted = ["digital signature", "key encipherment", own];
    if !usages.contains(&own) || usages.iter().any(|usage| !wanted.contains(usage)) {
        return Err(format!("usages did not match [{}]", [wanted[0], wanted[1], own].join(" ")));
    }
    if !parts("CN").any(|(_, name)| name.starts_with("system:node:")) {
        return Err("subject common name does not begin with system:node:".into());
    }
    Ok(())
}
