//! The hash of a ConfigMap's or Secret's contents that ends its name.

use crate::base::sha256::sha256;
use crate::base::{Value, json};
use crate::value;

/// The hash of an object: what its name ends in after a dash.
pub(super) fn of(body: &Value) -> String {
    let or_empty = |value: &Value| if value.is_null() { Value::from("") } else { value.clone() };
    let kind = body.get("kind").str();
    let name = body.at(&["metadata", "name"]);
    let mut contents = match kind {
        "ConfigMap" | "Secret" => value!({"data": (or_empty(body.get("data"))), "kind": kind, "name": name}),
        _ => body.clone(),
    };
    match kind {
        "ConfigMap" => contents.set("binaryData", body.get("binaryData")),
        "Secret" => {
            contents.set("type", or_empty(body.get("type")));
            contents.set("stringData", body.get("stringData"));
        }
        _ => {}
    }
    encoded(&contents.without_nulls())
}

/// The hash of an object that `kubectl create --append-hash` is about to make.
pub(in crate::kubectl) fn of_created(body: &Value) -> String {
    let mut body = body.clone();
    if body.get("data").is_null() {
        body.set("data", Value::map());
    }
    of(&body)
}

/// Ten letters without vowels and without digits that look like them, so that they spell nothing.
fn encoded(contents: &Value) -> String {
    let sum = sha256(json::to_string(contents).as_bytes());
    let digits = sum.iter().take(5).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"gh2k456789mbcdtf"[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_examples() {
        // The documentation wrote "secert" when it took the last of these; it mended the word and kept the hash.
        let config =
            |name: &str, data: Value| value!({"kind": "ConfigMap", "metadata": {"name": name}, "data": data});
        let secret = |name: &str, data: Value| value!({"kind": "Secret", "metadata": {"name": name}, "type": "Opaque", "data": data});
        let cases = [
            (config("example-configmap-1", value!({"application.properties": "FOO=Bar\n"})), "8mbdf7882g"),
            (config("example-configmap-2", value!({"FOO": "Bar"})), "g2hdhfc6tk"),
            (
                secret(
                    "example-secret-1",
                    value!({"password.txt": "dXNlcm5hbWU9YWRtaW4KcGFzc3dvcmQ9c2VjcmV0Cg=="}),
                ),
                "t2kt65hgtb",
            ),
            (
                secret("example-secret-2", value!({"password": "c2VjZXJ0", "username": "YWRtaW4="})),
                "t52t6g96d8",
            ),
        ];
        for (body, hash) in cases {
            assert_eq!(of(&body), hash, "{body:?}");
        }
    }
}
