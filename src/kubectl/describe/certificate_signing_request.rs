//! CertificateSigningRequests.

use crate::api::Object;
use crate::base::time::human_duration;
use crate::kubectl::session::Session;
use crate::resources::certificate_signing_request::{condition, requested};

use super::page::{Page, date, labels_text};

/// describe.go, `describeCertificateSigningRequest`.
pub(super) fn fill(page: &mut Page, session: &Session<'_>, request: &Object) {
    let spec = request.spec();
    page.field(0, "Name", request.name());
    page.field(0, "Labels", labels_text(request.meta("labels")));
    page.field(0, "Annotations", labels_text(request.meta("annotations")));
    page.field(0, "CreationTimestamp", date(request.meta("creationTimestamp")));
    page.field(0, "Requesting User", spec.get("username").str());
    page.field(0, "Signer", spec.get("signerName").str());
    if let Some(seconds) = spec.get("expirationSeconds").as_int() {
        page.field(0, "Requested Duration", human_duration(seconds));
    }
    page.field(0, "Status", condition(request));
    let asked = requested(request).unwrap_or_default();
    let parts = |kind: &str| -> Vec<&str> {
        asked.subject.iter().filter(|(part, _)| part == kind).map(|(_, text)| text.as_str()).collect()
    };
    page.line(0, "Subject:");
    page.line(0, format_args!("\tCommon Name:\t{}", parts("CN").join("")));
    page.line(0, "\tSerial Number:\t");
    for (name, part) in [
        ("Organization", "O"),
        ("Organizational Unit", "OU"),
        ("Country", "C"),
        ("Locality", "L"),
        ("Province", "ST"),
    ] {
        if !parts(part).is_empty() {
            page.line(0, format_args!("\t{name}:\t{}", parts(part).join("\n\t\t")));
        }
    }
    if !asked.alternatives.is_empty() {
        page.line(0, "Subject Alternative Names:");
    }
    for (name, kind) in [("DNS Names", "DNS"), ("IP Addresses", "IP Address")] {
        let own = asked.alternatives.iter().filter_map(|own| own.split_once(':'));
        let own: Vec<&str> = own.filter(|(of, _)| *of == kind).map(|(_, text)| text).collect();
        if !own.is_empty() {
            page.line(0, format_args!("\t{name}:\t{}", own.join("\n\t\t\t")));
        }
    }
    page.events(session, request);
}
