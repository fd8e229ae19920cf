//! Secrets: how long their values are, not what they are; a token is shown.

use crate::api::{Object, base64};
use crate::kubectl::session::Session;

use super::page::Page;

pub(super) fn fill(page: &mut Page, _session: &Session<'_>, secret: &Object) {
    page.head(secret);
    page.line(0, format_args!("\nType:\t{}", secret.get("type").str()));
    page.line(0, "\nData\n====");
    let is_token = secret.get("type").str() == "kubernetes.io/service-account-token";
    for (key, value) in secret.get("data").entries() {
        match base64::decode(value.str()) {
            Ok(token) if is_token && key == "token" => {
                page.field(0, key, String::from_utf8_lossy(&token));
            }
            _ => page.field(0, key, format_args!("{} bytes", decoded_length(value.str()))),
        }
    }
}

/// How many bytes a text in base64 stands for.
pub(super) fn decoded_length(text: &str) -> usize {
    let letters = text.bytes().filter(|byte| !matches!(byte, b'=' | b'\n' | b'\r')).count();
    letters * 3 / 4
}
