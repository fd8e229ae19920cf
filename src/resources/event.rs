//! Event.

use crate::api::{Cause, Object};
use crate::base::{Date, Value};

use super::path::Path;
use super::printing::since;
use super::{Column, Rules, formats, metadata};

pub(super) const RULES: Rules = Rules { validate, columns: COLUMNS, row, ..Rules::PLAIN };

const fn column(name: &'static str, wide: bool) -> Column<'static> {
    Column { name, wide }
}

// MESSAGE stands between columns of `-o wide`.
const COLUMNS: &[Column] = &[
    column("LAST SEEN", false),
    column("TYPE", false),
    column("REASON", false),
    column("OBJECT", false),
    column("SUBOBJECT", true),
    column("SOURCE", true),
    column("MESSAGE", false),
    column("FIRST SEEN", true),
    column("COUNT", true),
    column("NAME", true),
];

/// An Event lives where what it is about lives, or in `default`.
fn validate(event: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(event, true, formats::dns_subdomain, causes);
    let (own, about) = (event.at(&["metadata", "namespace"]), event.at(&["involvedObject", "namespace"]));
    if !about.str().is_empty() && own != about {
        let path = Path::root("involvedObject");
        causes.push(path.field("namespace").invalid(about, "does not match event.namespace"));
    }
}

/// When an Event was last told. Those of events.k8s.io leave the older two times empty.
pub fn last_seen(event: &Object) -> &Value {
    let times =
        [event.at(&["series", "lastObservedTime"]), event.get("lastTimestamp"), event.get("eventTime")];
    times.into_iter().find(|time| !time.is_null()).unwrap_or(times[1])
}

fn row(event: &Object, now: Date) -> Vec<String> {
    let series = event.get("series");
    let first_seen = match event.get("firstTimestamp") {
        time if time.is_null() => since(event.get("eventTime"), now),
        time => since(time, now),
    };
    let last_seen = since(last_seen(event), now);
    let count = match (series.get("count").int(), event.get("count").int()) {
        (0, 0) => 1,
        (0, count) | (count, _) => count,
    };
    let involved = event.get("involvedObject");
    let object = format!("{}/{}", involved.get("kind").str().to_lowercase(), involved.get("name").str());
    let source = match (event.at(&["source", "component"]).str(), event.at(&["source", "host"]).str()) {
        ("", _) => {
            let (component, instance) =
                (event.get("reportingComponent").str(), event.get("reportingInstance").str());
            [component, instance].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ")
        }
        (component, "") => component.into(),
        (component, host) => format!("{component}, {host}"),
    };
    vec![
        last_seen,
        event.get("type").str().into(),
        event.get("reason").str().into(),
        object,
        involved.get("fieldPath").str().into(),
        source,
        event.get("message").str().trim().into(),
        first_seen,
        count.to_string(),
        event.name().into(),
    ]
}
