//! Secret.

use crate::base::Value;

use super::printing::age;
use super::{Rules, headings};

pub(super) const RULES: Rules = Rules {
    defaults: set_defaults,
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
        }
    }
}
