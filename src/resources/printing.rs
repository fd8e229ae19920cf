//! What the tables of several kinds share (printers/internalversion).

use crate::api::{Object, Selector};
use crate::base::time::human_duration;
use crate::base::{Date, Value};

/// What stands for nothing.
pub const NONE: &str = "<none>";
/// What stands for an optional field that is not there.
pub const UNSET: &str = "<unset>";
/// What stands for an unknown time.
pub const UNKNOWN: &str = "<unknown>";

/// The time from a stored timestamp until `now`.
pub fn since(timestamp: &Value, now: Date) -> String {
    Date::parse_rfc3339(timestamp.str()).map_or_else(|| UNKNOWN.into(), |then| human_duration(now.0 - then.0))
}

/// The AGE cell.
pub fn age(object: &Object, now: Date) -> String {
    since(object.meta("creationTimestamp"), now)
}

/// The text, or `<none>` where it is empty.
pub fn or_none(text: &str) -> String {
    if text.is_empty() { NONE } else { text }.into()
}

/// The text or number of a field, or `otherwise` where it is missing.
pub fn or(value: &Value, otherwise: &str) -> String {
    match value {
        Value::Null => otherwise.into(),
        Value::Str(text) => text.to_string(),
        other => format!("{other:?}"),
    }
}

/// Labels as `a=b,c=d`, or `<none>`.
pub fn labels(labels: &Value) -> String {
    or_none(&join(labels.entries().map(|(key, value)| format!("{key}={}", value.str()))))
}

/// A `LabelSelector` as text, or `<none>`.
pub fn label_selector(selector: &Value) -> String {
    or_none(&selector_text(selector))
}

/// A `LabelSelector` as text; empty where it selects all.
pub fn selector_text(selector: &Value) -> String {
    let mut all = Selector::from_label_selector(selector);
    all.0.sort_by(|a, b| a.key().cmp(b.key()));
    all.to_string()
}

/// Texts joined with commas.
pub fn join<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    texts.into_iter().fold(String::new(), |mut all, text| {
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(text.as_ref());
        all
    })
}

/// The CONTAINERS and IMAGES cells of a pod template.
pub fn containers(template: &Value) -> [String; 2] {
    let containers = template.at(&["spec", "containers"]).items();
    ["name", "image"].map(|field| join(containers.iter().map(|c| c.get(field).str())))
}

/// Access modes in their short forms, in the server's order, each once.
pub fn access_modes(modes: &Value) -> String {
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    join(short.iter().filter(|(long, _)| modes.items().iter().any(|m| m.str() == *long)).map(|(_, s)| *s))
}

/// `True`, `False` or `<unset>`.
pub fn optional_bool(value: &Value) -> String {
    match value.as_bool() {
        Some(true) => "True",
        Some(false) => "False",
        None => UNSET,
    }
    .into()
}

/// The addresses of a load balancer: sorted, each once.
pub fn load_balancer(status: &Value) -> String {
    let mut all: Vec<&str> = status
        .at(&["loadBalancer", "ingress"])
        .items()
        .iter()
        .map(|i| if i.get("ip").str().is_empty() { i.get("hostname").str() } else { i.get("ip").str() })
        .filter(|address| !address.is_empty())
        .collect();
    all.sort_unstable();
    all.dedup();
    all.join(",")
}
