//! Secret.

use crate::api::{Cause, base64};
use crate::base::{Value, json};

use super::config_map::{MOST_DATA, validate_immutable};
use super::path::Path;
use super::printing::age;
use super::{Rules, formats, headings, metadata};

const DATA: Path = Path::root("data");

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        Path::root("type").check_unchanged(new.get("type"), old.get("type"), causes);
        validate_immutable(new, old, &["data"], causes);
        validate(new, causes);
    },
    warn: |secret, _, warnings| warnings.extend(odd_certificate(secret)),
    columns: headings!["NAME", "TYPE", "DATA", "AGE"],
    row: |secret, now| {
        let count = secret.get("data").entries().count().to_string();
        vec![secret.name().into(), secret.get("type").str().into(), count, age(secret, now)]
    },
    ..Rules::PLAIN
};

/// `stringData` is only written: it goes into `data`, and over what is there.
fn set_defaults(secret: &mut Value) {
    secret.set_default("type", "Opaque");
    if let Some(texts) = secret.remove("stringData") {
        for (key, text) in texts.entries() {
            secret.entry("data").set(key, base64::encode(text.str().as_bytes()));
        }
    }
}

fn validate(secret: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(secret, true, formats::dns_subdomain, causes);
    let data = secret.get("data");
    let mut size = 0;
    for (key, value) in data.entries() {
        DATA.key(key).check(key, formats::config_map_key, causes);
        size += value.str().len() / 4 * 3;
    }
    if size > MOST_DATA {
        causes.push(DATA.too_long(MOST_DATA));
    }
    validate_type(secret, causes);
}

/// What a type wants to see in the data.
fn validate_type(secret: &Value, causes: &mut Vec<Cause>) {
    let data = secret.get("data");
    let missing = |key: &&str| data.get(key).is_null();
    match secret.get("type").str() {
        "kubernetes.io/service-account-token" => {
            const ACCOUNT: &str = "kubernetes.io/service-account.name";
            if secret.at(&["metadata", "annotations", ACCOUNT]).str().is_empty() {
                let metadata = Path::root("metadata");
                causes.push(metadata.field("annotations").key(ACCOUNT).required());
            }
        }
        "kubernetes.io/dockercfg" => validate_json(data, ".dockercfg", &DATA, causes),
        "kubernetes.io/dockerconfigjson" => validate_json(data, ".dockerconfigjson", &DATA, causes),
        "kubernetes.io/basic-auth" => {
            let keys = ["username", "password"];
            if keys.iter().all(missing) {
                causes.extend(keys.map(|key| DATA.key(key).required()));
            }
        }
        "kubernetes.io/ssh-auth" if data.get("ssh-privatekey").str().is_empty() => {
            causes.push(DATA.key("ssh-privatekey").required());
        }
        "kubernetes.io/tls" => {
            let keys = ["tls.crt", "tls.key"];
            causes.extend(keys.iter().filter(|key| missing(key)).map(|key| DATA.key(key).required()));
        }
        _ => {}
    }
}

/// The key must be there, and hold a JSON object.
fn validate_json(data: &Value, key: &str, path: &Path, causes: &mut Vec<Cause>) {
    let Some(text) = data.get(key).as_str() else {
        causes.push(path.key(key).required());
        return;
    };
    let bytes = base64::decode(text).unwrap_or_default();
    let detail = match json::read_value(&bytes, 0) {
        Ok(Some((Value::Map(_) | Value::Null, end))) => match bytes[end..].trim_ascii_start().first() {
            None => return,
            Some(byte) => format!("invalid character {:?} after top-level value", char::from(*byte)),
        },
        Ok(Some((value, _))) => {
            let found = match value {
                Value::Str(_) => "string",
                Value::Bool(_) => "bool",
                Value::List(_) => "array",
                _ => "number",
            };
            format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}")
        }
        Ok(None) => "unexpected end of JSON input".into(),
        Err(error) if !error.syntax => "unexpected end of JSON input".into(),
        Err(error) => error.message,
    };
    causes.push(path.key(key).invalid("<secret contents redacted>", detail));
}

/// Why the certificate and key of a TLS Secret are of no use, as Go's `tls.X509KeyPair` says it. What is within the
/// PEM blocks is not looked into.
fn odd_certificate(secret: &Value) -> Option<String> {
    if secret.get("type").str() != "kubernetes.io/tls" {
        return None;
    }
    let blocks = |key: &str| {
        let bytes = base64::decode(secret.at(&["data", key]).str()).unwrap_or_default();
        pem_types(&String::from_utf8_lossy(&bytes))
    };
    let certificate = blocks("tls.crt");
    if certificate.is_empty() {
        return Some("tls: failed to find any PEM data in certificate input".into());
    }
    if !certificate.iter().any(|kind| kind == "CERTIFICATE") {
        return Some(match &certificate[..] {
            [kind] if kind.ends_with("PRIVATE KEY") => {
                "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM \
                 inputs may have been switched"
                    .into()
            }
            kinds => format!(
                "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the \
                 following types: [{}]",
                kinds.join(" ")
            ),
        });
    }
    let key = blocks("tls.key");
    if key.is_empty() {
        return Some("tls: failed to find any PEM data in key input".into());
    }
    if key.iter().any(|kind| kind == "PRIVATE KEY" || kind.ends_with(" PRIVATE KEY")) {
        return None;
    }
    Some(match &key[..] {
        [kind] if kind == "CERTIFICATE" => {
            "tls: found a certificate rather than a key in the PEM for the private key".into()
        }
        kinds => format!(
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks \
             of the following types: [{}]",
            kinds.join(" ")
        ),
    })
}

/// The types of the PEM blocks in a text.
fn pem_types(text: &str) -> Vec<String> {
    let mut kinds = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else {
            continue;
        };
        let end = format!("-----END {kind}-----");
        let body: String =
            lines.by_ref().take_while(|line| *line != end).filter(|l| !l.contains(':')).collect();
        if base64::decode(&body).is_ok() {
            kinds.push(kind.to_string());
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn a_configuration_of_docker_is_a_json_object() {
        let fault = |text: &str| {
            let secret = value!({
                "type": "kubernetes.io/dockerconfigjson",
                "data": {".dockerconfigjson": (base64::encode(text.as_bytes()))},
            });
            let mut causes = Vec::new();
            validate_type(&secret, &mut causes);
            causes.first().map(|cause| cause.message.clone()).unwrap_or_default()
        };
        assert_eq!(fault("{\"auths\": {}}\n"), "");
        for (text, words) in [
            ("", "unexpected end of JSON input"),
            ("{\"auths\": ", "unexpected end of JSON input"),
            ("auths", "invalid character 'a' looking for beginning of value"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ] {
            assert_eq!(fault(text), format!("Invalid value: \"<secret contents redacted>\": {words}"));
        }
    }
}
