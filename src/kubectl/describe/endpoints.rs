//! Endpoints.

use crate::api::Object;
use crate::base::Value;
use crate::kubectl::session::Session;

use super::page::{Page, or_none};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, endpoints: &Object) {
    page.head(endpoints);
    page.line(0, "Subsets:");
    for subset in endpoints.get("subsets").items() {
        let ips = |field: &str| {
            let texts: Vec<&str> =
                subset.get(field).items().iter().map(|address| address.get("ip").str()).collect();
            or_none(texts.join(","))
        };
        page.field(1, "Addresses", ips("addresses"));
        page.field(1, "NotReadyAddresses", ips("notReadyAddresses"));
        if !subset.get("ports").is_empty() {
            page.line(1, "Ports:");
            page.line(2, "Name\tPort\tProtocol");
            page.line(2, "----\t----\t--------");
            subset.get("ports").items().iter().for_each(|port| page.line(2, row(port)));
        }
        page.line(0, "");
    }
    page.events(session, endpoints);
}

fn row(port: &Value) -> String {
    let name = match port.get("name").str() {
        "" => "<unset>",
        name => name,
    };
    format!("{name}\t{}\t{}", port.get("port").int(), port.get("protocol").str())
}
