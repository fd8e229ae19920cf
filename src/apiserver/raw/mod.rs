//! The API server as those know it who send it paths, without kubectl.

use super::rbac::{Request, User};
use super::{ApiServer, field_selector, label_selector};
use crate::api::{Cause, Kind, Object, Status};
use crate::base::Value;
use crate::base::url::decode;
use crate::value;

mod discovery;
mod reading;
mod writing;

pub use writing::Sent;

/// The version of the API server.
pub const VERSION: &str = "v1.36.2";

/// Where the path of a resource leads.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    group: &'a str,
    version: &'a str,
    /// Empty for cluster-wide resources, and for those of all namespaces.
    namespace: &'a str,
    /// `pods`
    plural: &'a str,
    /// Empty for all of them.
    name: &'a str,
    /// `status`, `scale` …; empty for the object itself.
    part: &'a str,
}

impl<'a> Place<'a> {
    /// Reads a path without its query; none where it is that of no resource.
    ///
    /// # Errors
    /// `NotFound` where nothing can be there.
    fn of(path: &'a str) -> Result<Option<Self>, Status> {
        let words: Vec<&str> = path.split('/').filter(|word| !word.is_empty()).collect();
        let (group, version, rest) = match words[..] {
            ["api", version, ref rest @ ..] if !rest.is_empty() => ("", version, rest),
            ["apis", group, version, ref rest @ ..] if !rest.is_empty() => (group, version, rest),
            _ => return Ok(None),
        };
        let (namespace, rest) = match *rest {
            // Parts of the Namespace itself.
            ["namespaces", _, "status" | "finalize"] => ("", rest),
            ["namespaces", namespace, ref rest @ ..] if !rest.is_empty() => (namespace, rest),
            _ => ("", rest),
        };
        let (plural, name, part) = match *rest {
            [plural] => (plural, "", ""),
            [plural, name] => (plural, name, ""),
            [plural, name, part] => (plural, name, part),
            _ => return Err(unknown()),
        };
        Ok(Some(Self { group, version, namespace, plural, name, part }))
    }

    fn kind(self, api: &ApiServer) -> Option<Kind> {
        api.kinds().find(|kind| {
            let names = kind.names();
            names.plural == self.plural && names.group == self.group && names.version == self.version
        })
    }

    /// Asks whether the user may do this here.
    ///
    /// # Errors
    /// `Forbidden`.
    fn permit(self, api: &ApiServer, user: &User, verb: &str) -> Result<(), Status> {
        let Self { group, namespace, plural, name, part, .. } = self;
        let resource = if part.is_empty() { plural.to_owned() } else { format!("{plural}/{part}") };
        // A request to create has no name yet.
        let name = if verb == "create" && part.is_empty() { "" } else { name };
        api.authorize(user, Request { verb, group, resource: &resource, name, namespace })
    }
}

fn refused(code: u16, reason: &'static str, message: String) -> Status {
    Status { code, reason, message, causes: Vec::new() }
}

fn unknown() -> Status {
    refused(404, "NotFound", "the server could not find the requested resource".to_owned())
}

/// A field of what follows `?`; empty where it is not there.
fn asked(query: &str, name: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(own, _)| *own == name).map(|(_, value)| decode(value, true)).next().unwrap_or_default()
}

/// The objects of a kind that a query selects by labels and fields, of all namespaces where `namespace` is empty.
///
/// # Errors
/// `BadRequest` where a selector is none.
fn selected<'a>(
    api: &'a ApiServer,
    kind: Kind,
    namespace: &'a str,
    query: &str,
) -> Result<impl Iterator<Item = &'a Object> + use<'a>, Status> {
    let labels = label_selector::parse(&asked(query, "labelSelector")).map_err(Status::bad_request)?;
    let fields =
        field_selector::parse(api, kind, &asked(query, "fieldSelector")).map_err(Status::bad_request)?;
    Ok(api.store().list(kind).filter(move |object| {
        (namespace.is_empty() || object.namespace() == namespace)
            && labels.matches(object.labels())
            && fields.matches(object)
    }))
}

/// `APIVersion` and kind before all else, as lists have it.
fn list_of(kind: Kind, revision: u64, items: Vec<Value>) -> Value {
    let mut list = value!({
        "kind": (format!("{}List", kind.names().kind)),
        "apiVersion": (kind.api_version()),
        "metadata": {"resourceVersion": (revision.to_string())},
        "items": items
    });
    if kind.is_custom() {
        list.set_at(&["metadata", "continue"], "");
    }
    list
}

/// A refusal as the body of an answer.
pub fn refusal(status: &Status) -> Value {
    let mut body = value!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": (status.message.as_str()),
        "reason": (status.reason),
        "code": (i64::from(status.code))
    });
    if !["BadRequest", "Unauthorized", "UnsupportedMediaType"].contains(&status.reason) {
        body.set("details", details(status));
    }
    body
}

/// What a refusal is about: the resource or kind that its message begins with, the object where it names one, and the fields
/// at fault.
fn details(status: &Status) -> Value {
    let mut details = Value::map();
    if !["NotFound", "Forbidden", "AlreadyExists", "Conflict", "Invalid"].contains(&status.reason) {
        return details;
    }
    let message = status.message.trim_start_matches("Operation cannot be fulfilled on ");
    let mut words = message.split(' ');
    let (resource, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !(next.starts_with('"') || next == "is") {
        return details;
    }
    let name = next.trim_end_matches(':').trim_matches('"');
    if next.starts_with('"') && !name.is_empty() {
        details.set("name", name);
    }
    let (kind, group) = resource.split_once('.').unwrap_or((resource, ""));
    if !group.is_empty() {
        details.set("group", group);
    }
    details.set("kind", kind);
    let causes: Vec<Value> = status.causes.iter().map(cause).collect();
    if !causes.is_empty() {
        details.set("causes", causes);
    }
    details
}

/// One of the fields at fault; its reason follows from what its message begins with (apimachinery, `field.ErrorType`).
fn cause(cause: &Cause) -> Value {
    let reason = match cause.message.split(':').next() {
        Some("Required value") => "FieldValueRequired",
        Some("Duplicate value") => "FieldValueDuplicate",
        Some("Forbidden") => "FieldValueForbidden",
        Some("Not found") => "FieldValueNotFound",
        Some("Unsupported value") => "FieldValueNotSupported",
        Some("Too long") => "FieldValueTooLong",
        Some("Too many") => "FieldValueTooMany",
        _ => "FieldValueInvalid",
    };
    value!({"reason": reason, "message": (cause.message.as_str()), "field": (cause.field.as_str())})
}
