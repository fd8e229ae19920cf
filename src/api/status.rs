//! How the API server says no.

use super::{Kind, ObjectKey};

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The field's path: `spec.containers[0].image`.
    pub field: String,
    /// What is wrong with it: `Required value: must not be empty`.
    pub message: String,
}

impl Cause {
    /// `Required value`, with an explanation where there is one.
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        let message =
            if detail.is_empty() { "Required value".into() } else { format!("Required value: {detail}") };
        Self { field: field.into(), message }
    }
    /// `Invalid value`: `value` is printed as Go's `%v` or, for text, in quotes.
    pub fn invalid(field: impl Into<String>, value: impl std::fmt::Display, detail: &str) -> Self {
        Self { field: field.into(), message: format!("Invalid value: {value}: {detail}") }
    }
    /// `Duplicate value`.
    pub fn duplicate(field: impl Into<String>, value: &str) -> Self {
        Self { field: field.into(), message: format!("Duplicate value: \"{value}\"") }
    }
    /// `Forbidden`.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self { field: field.into(), message: format!("Forbidden: {detail}") }
    }
    /// `Not found`.
    pub fn not_found(field: impl Into<String>, value: &str) -> Self {
        Self { field: field.into(), message: format!("Not found: \"{value}\"") }
    }
    /// `Unsupported value`, with what would be supported in order.
    pub fn unsupported(field: impl Into<String>, value: &str, supported: &[&str]) -> Self {
        let supported: Vec<String> = supported.iter().map(|s| format!("\"{s}\"")).collect();
        let message = format!("Unsupported value: \"{value}\": supported values: {}", supported.join(", "));
        Self { field: field.into(), message }
    }
    /// `field: message`.
    pub fn text(&self) -> String {
        format!("{}: {}", self.field, self.message)
    }
}

/// A refusal of the API server (`metav1.Status`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    /// The HTTP status.
    pub code: u16,
    /// `NotFound`, `AlreadyExists`, `Invalid`, `BadRequest`, `Forbidden`, `Conflict` …
    pub reason: &'static str,
    /// The whole message.
    pub message: String,
    /// The fields at fault, of an `Invalid` one.
    pub causes: Vec<Cause>,
}

impl Status {
    fn new(code: u16, reason: &'static str, message: String) -> Self {
        Self { code, reason, message, causes: Vec::new() }
    }
    /// There is no such object.
    pub fn not_found(key: &ObjectKey) -> Self {
        Self::new(404, "NotFound", format!("{} \"{}\" not found", key.kind.resource(), key.name))
    }
    /// There is such an object already.
    pub fn already_exists(key: &ObjectKey) -> Self {
        Self::new(409, "AlreadyExists", format!("{} \"{}\" already exists", key.kind.resource(), key.name))
    }
    /// Its fields do not hold together.
    pub fn invalid(kind: Kind, name: &str, causes: Vec<Cause>) -> Self {
        let texts: Vec<String> = causes.iter().map(Cause::text).collect();
        let all = match &texts[..] {
            [one] => one.clone(),
            _ => format!("[{}]", texts.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {all}", kind.group_kind());
        Self { code: 422, reason: "Invalid", message, causes }
    }
    /// A request that names no object is wrong.
    pub fn without_object(causes: Vec<Cause>) -> Self {
        let texts: Vec<String> = causes.iter().map(Cause::text).collect();
        let message = format!(" \"\" is invalid: {}", texts.join(", "));
        Self { code: 422, reason: "Invalid", message, causes }
    }
    /// It is not an object of that kind at all.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into())
    }
    /// Something went wrong that is not the client's fault.
    pub fn internal_error(why: &str) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {why}"))
    }
    /// Admission says no.
    pub fn forbidden(key: &ObjectKey, why: &str) -> Self {
        let message = format!("{} \"{}\" is forbidden: {why}", key.kind.resource(), key.name);
        Self::new(403, "Forbidden", message)
    }
    /// Somebody else changed it in between.
    pub fn conflict(key: &ObjectKey, why: &str) -> Self {
        let message =
            format!("Operation cannot be fulfilled on {} \"{}\": {why}", key.kind.resource(), key.name);
        Self::new(409, "Conflict", message)
    }
}
