//! Field selectors as text.

use super::ApiServer;
use crate::api::{Kind, Object};

/// One requirement of a field selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct FieldTerm {
    field: String,
    value: String,
    is: bool,
}

/// A field selector: requirements that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSelector(Vec<FieldTerm>);

/// Reads `--field-selector` for a kind.
///
/// # Errors
/// The server's words, where it is not a selector or names a field that cannot be selected by.
pub fn parse(api: &ApiServer, kind: Kind, text: &str) -> Result<FieldSelector, String> {
    let mut all = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (field, value, is) = if let Some((field, value)) = part.split_once("!=") {
            (field, value, false)
        } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            (field, value, true)
        } else {
            return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
        };
        let field =
            if kind == Kind::Event && field == "involvedObject.kind" { "involvedObject.kind" } else { field };
        let is_known = match kind.is_custom() {
            true => selectable_custom(api, kind, field),
            false => selectable(kind, field),
        };
        if !is_known {
            return Err(match kind {
                _ if kind.is_custom() => format!("field label not supported: {field}"),
                Kind::Pod
                | Kind::Event
                | Kind::Node
                | Kind::Secret
                | Kind::Namespace
                | Kind::ReplicationController => {
                    format!("field label not supported: {field}")
                }
                _ => format!(
                    "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                ),
            });
        }
        all.push(FieldTerm { field: field.into(), value: value.into(), is });
    }
    Ok(FieldSelector(all))
}

/// True for a field by which a definition lets its objects be selected (`selectableFields`).
fn selectable_custom(api: &ApiServer, kind: Kind, field: &str) -> bool {
    let fields = api.custom_version(kind).get("selectableFields").items();
    matches!(field, "metadata.name" | "metadata.namespace")
        || fields.iter().any(|own| own.get("jsonPath").str().strip_prefix('.') == Some(field))
}

/// The fields by which the server lets objects of a kind be selected.
fn selectable(kind: Kind, field: &str) -> bool {
    let own: &[&str] = match kind {
        Kind::Pod => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        Kind::Event => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        Kind::Node => &["spec.unschedulable"],
        Kind::Secret => &["type"],
        Kind::Namespace => &["status.phase"],
        Kind::Service => &["spec.clusterIP", "spec.type"],
        Kind::ReplicationController => &["status.replicas"],
        Kind::ReplicaSet => &["status.replicas"],
        Kind::Job => &["status.successful"],
        _ => &[],
    };
    matches!(field, "metadata.name" | "metadata.namespace") || own.contains(&field)
}

impl FieldSelector {
    /// True where the object meets every requirement.
    pub fn matches(&self, object: &Object) -> bool {
        self.0.iter().all(|term| (value_of(object, &term.field) == term.value) == term.is)
    }
    /// True where nothing is required.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn value_of(object: &Object, field: &str) -> String {
    use crate::base::Value;
    let path: Vec<&str> = match (object.kind, field) {
        (Kind::Event, "source") if object.at(&["source", "component"]).is_null() => {
            vec!["reportingComponent"]
        }
        (Kind::Event, "source") => vec!["source", "component"],
        (Kind::Job, "status.successful") => vec!["status", "succeeded"],
        _ => field.split('.').collect(),
    };
    match object.body.at(&path) {
        Value::Str(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Null if matches!(field, "spec.unschedulable" | "spec.hostNetwork") => "false".into(),
        Value::Null if matches!(field, "status.replicas" | "status.successful") => "0".into(),
        _ => String::new(),
    }
}
