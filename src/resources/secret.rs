//! Secret.

use crate::api::Cause;
use crate::base::Value;

use super::config_map::{MOST_DATA, validate_immutable};
use super::path::Path;
use super::printing::age;
use super::{Rules, formats, headings, metadata};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
    validate,
    validate_update: |new, old, causes| {
        metadata::validate_update(new, old, causes);
        Path::root("type").check_unchanged(new.get("type"), old.get("type"), causes);
        validate_immutable(new, old, &["data"], causes);
        validate(new, causes);
    },
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
            secret.entry("data").set(key, base64(text.str().as_bytes()));
        }
    }
}

fn validate(secret: &Value, causes: &mut Vec<Cause>) {
    const DATA: Path = Path::root("data");
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
    let bytes = from_base64(text).unwrap_or_default();
    let detail = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Map(_)) => return,
        Ok(_) => "json: cannot unmarshal into Go value of type map[string]interface {}".into(),
        Err(_) if bytes.is_empty() => "unexpected end of JSON input".into(),
        Err(error) if error.is_eof() => "unexpected end of JSON input".into(),
        Err(error) => {
            let at = bytes.get(error.column().saturating_sub(1)).copied().unwrap_or_default();
            format!("invalid character '{}' looking for beginning of value", char::from(at))
        }
    };
    causes.push(path.key(key).invalid("<secret contents redacted>", detail));
}

/// Reads RFC 4648 base64; none where it is not.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.bytes() {
        let number = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(number);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

/// RFC 4648 base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > chunk.len() { '=' } else { digit.into() });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(super::base64(plain.as_bytes()), coded);
            assert_eq!(super::from_base64(coded).unwrap(), plain.as_bytes());
        }
    }
}
