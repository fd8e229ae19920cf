//! CertificateSigningRequest: what somebody wants a signer to certify.

use crate::api::x509::{Certificate, from_pem};
use crate::api::{Cause, Object, base64};
use crate::base::time::human_duration;
use crate::base::{Date, Value};

use super::path::{Path, Shown};
use super::printing::age;
use super::{Rules, formats, headings, metadata};

const SPEC: Path = Path::root("spec");
/// What a certificate may be for, in order (`allValidUsages`).
const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];
/// The shortest time that may be asked for, in seconds.
const SHORTEST: i64 = 600;

pub(super) const RULES: Rules = Rules {
    fresh_status: |_| Value::map(),
    // Only a signer and whoever approves change it afterwards, and they its status (`csrStrategy.PrepareForUpdate`).
    update: |new, old| new.set("spec", old.get("spec").clone()),
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        validate(new, causes);
    },
    columns: headings!["NAME", "AGE", "SIGNERNAME", "REQUESTOR", "REQUESTEDDURATION", "CONDITION"],
    row,
    ..Rules::PLAIN
};

/// What is asked for. None where it is no request that a certificate could be made of.
pub fn requested(request: &Object) -> Option<Certificate> {
    read(request.spec()).ok()
}

fn read(spec: &Value) -> Result<Certificate, &'static str> {
    let bytes = base64::decode(spec.get("request").str()).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains("-----BEGIN CERTIFICATE REQUEST-----") {
        return Err("PEM block type must be CERTIFICATE REQUEST");
    }
    let der = from_pem(&text, "CERTIFICATE REQUEST");
    der.as_deref()
        .and_then(Certificate::decode)
        .ok_or("asn1: structure error: Saya reads requests with keys of RSA alone")
}

/// As Go shows them.
struct Bytes(Vec<u8>);

impl Shown for Bytes {
    fn shown(&self) -> String {
        let bytes: Vec<String> = self.0.iter().map(|byte| format!("{byte:#x}")).collect();
        format!("[]byte{{{}}}", bytes.join(", "))
    }
}

/// certificates/validation, validation.go, `validateCertificateSigningRequest`.
fn validate(request: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(request, false, |_| Vec::new(), causes);
    let spec = request.get("spec");
    if let Err(why) = read(spec) {
        let bytes = base64::decode(spec.get("request").str()).unwrap_or_default();
        causes.push(SPEC.field("request").invalid(Bytes(bytes), why));
    }
    let usages = spec.get("usages").items();
    if usages.is_empty() {
        causes.push(SPEC.field("usages").required());
    }
    let field = SPEC.field("usages");
    for (at, usage) in usages.iter().enumerate() {
        let path = field.index(at);
        if !USAGES.contains(&usage.str()) {
            causes.push(path.unsupported(usage.str(), USAGES));
        }
        if usages[..at].contains(usage) {
            causes.push(path.duplicate(usage.str()));
        }
    }
    validate_signer(spec.get("signerName").str(), causes);
    let seconds = spec.get("expirationSeconds");
    if seconds.as_int().is_some_and(|seconds| seconds < SHORTEST) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        causes.push(SPEC.field("expirationSeconds").invalid(seconds.int(), detail));
    }
}

/// core/validation, names.go, `ValidateSignerName`.
fn validate_signer(name: &str, causes: &mut Vec<Cause>) {
    let path = SPEC.field("signerName");
    if name.is_empty() {
        return causes.push(path.required());
    }
    if name == "kubernetes.io/legacy-unknown" {
        return causes.push(path.invalid(name, "the legacy signerName is not allowed via this API version"));
    }
    let parts: Vec<&str> = name.split('/').collect();
    let [domain, rest] = parts[..] else {
        let detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
        return causes.push(path.invalid(name, detail));
    };
    for why in formats::dns_subdomain(domain) {
        causes.push(path.invalid(domain, why));
    }
    if !domain.contains('.') {
        causes.push(path.invalid(domain, "should be a domain with at least two segments separated by dots"));
    }
    for label in rest.split('.') {
        for why in formats::dns_label(label) {
            causes.push(path.invalid(label, why));
        }
    }
}

/// printers/internalversion, printers.go, `printCertificateSigningRequest`.
fn row(request: &Object, now: Date) -> Vec<String> {
    let spec = request.spec();
    let duration = spec.get("expirationSeconds").as_int().map(human_duration);
    vec![
        request.name().into(),
        age(request, now),
        spec.get("signerName").str().into(),
        spec.get("username").str().into(),
        duration.unwrap_or_else(|| "<none>".into()),
        condition(request),
    ]
}

/// `Pending`, `Approved,Issued` … (`extractCSRStatus`).
pub fn condition(request: &Object) -> String {
    let has = |kind: &str| !request.condition(kind).is_null();
    let mut text = match (has("Denied"), has("Approved")) {
        (true, _) => "Denied",
        (false, true) => "Approved",
        (false, false) => "Pending",
    }
    .to_owned();
    if has("Failed") {
        text.push_str(",Failed");
    }
    if !request.status().get("certificate").str().is_empty() {
        text.push_str(",Issued");
    }
    text
}
