//! EndpointSlices.

use crate::api::Object;
use crate::kubectl::session::Session;

use super::page::{Page, joined, or_none, or_unset, plain};

pub(super) fn fill(page: &mut Page, session: &Session<'_>, slice: &Object) {
    page.head(slice);
    page.field(0, "AddressType", slice.get("addressType").str());
    if slice.get("ports").is_empty() {
        page.field(0, "Ports", "<unset>");
    } else {
        page.line(0, "Ports:");
        page.line(1, "Name\tPort\tProtocol");
        page.line(1, "----\t----\t--------");
        for port in slice.get("ports").items() {
            let name = match port.get("name").str() {
                "" => "<unset>",
                name => name,
            };
            let number = or_unset(port.get("port"));
            page.line(1, format_args!("{name}\t{number}\t{}", port.get("protocol").str()));
        }
    }
    if slice.get("endpoints").is_empty() {
        page.line(0, "Endpoints: <none>");
    } else {
        page.line(0, "Endpoints:");
    }
    for endpoint in slice.get("endpoints").items() {
        page.line(1, format_args!("- Addresses:\t{}", joined(endpoint.get("addresses"), ",")));
        page.line(2, "Conditions:");
        page.field(3, "Ready", or_unset(endpoint.at(&["conditions", "ready"])));
        page.field(2, "Hostname", or_unset(endpoint.get("hostname")));
        let target = endpoint.get("targetRef");
        if !target.is_null() {
            page.field(
                2,
                "TargetRef",
                format_args!("{}/{}", target.get("kind").str(), target.get("name").str()),
            );
        }
        page.field(2, "NodeName", or_unset(endpoint.get("nodeName")));
        page.field(2, "Zone", or_unset(endpoint.get("zone")));
        let hints = endpoint.at(&["hints", "forZones"]).items();
        if !hints.is_empty() {
            page.line(2, "Hints:");
            let zones: Vec<String> = hints.iter().map(|hint| plain(hint.get("name"))).collect();
            page.field(3, "For Zones", or_none(zones.join(",")));
        }
    }
    page.events(session, slice);
}
