//! ConfigMaps.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::Page;

pub(super) fn fill(page: &mut Page, session: &Session<'_>, map: &Object) {
    page.head(map);
    page.line(0, "\nData\n====");
    for (key, value) in map.get("data").entries() {
        page.line(0, format_args!("{key}:\n----\n{}\n", value.str()));
    }
    page.line(0, "\nBinaryData\n====");
    for (key, value) in map.get("binaryData").entries() {
        page.line(0, format_args!("{key}: {} bytes", super::secret::decoded_length(value.str())));
    }
    page.line(0, "");
    page.events(session, map);
}
