//! Requests as clients send them: the body is read as the API's types read it before anything else is done.

use crate::api::schema::{self, DecodeError, Decoded};
use crate::api::{Cause, Kind, Object, ObjectKey, Status};
use crate::base::jsonpath::go_text;
use crate::base::{Map, Value, json};
use crate::resources::{self, custom_resource};

use super::patch::{self, PatchKind};
use super::{ApiServer, admission};

/// What becomes of fields that no type has (`fieldValidation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldValidation {
    /// They are dropped.
    Ignore,
    /// They are dropped and warned of.
    #[default]
    Warn,
    /// They are an error.
    Strict,
}

/// An answer that is no refusal: the object, and what the server warns of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The object as it now is.
    pub object: Object,
    /// Warnings, without `Warning: ` before them.
    pub warnings: Vec<String>,
}

impl ApiServer {
    /// Creates an object from the body of a request; see [`ApiServer::create`].
    ///
    /// # Errors
    /// What the server answers.
    pub fn create_from(
        &mut self,
        body: &Value,
        namespace: &str,
        fields: FieldValidation,
        dry_run: bool,
    ) -> Result<Answer, Status> {
        let kind = self.kind_of_body(body)?;
        let (body, mut warnings) = self.read_body(body, kind, fields)?;
        let object = self.create(body, namespace, dry_run)?;
        warnings.extend(resources::warnings(kind, &object.body, None));
        warnings.extend(admission::warnings(self, &object, None));
        Ok(Answer { object, warnings })
    }

    /// Puts the body of a request in place of the object under `key`; see [`ApiServer::update`].
    ///
    /// # Errors
    /// What the server answers.
    pub fn update_from(
        &mut self,
        key: &ObjectKey,
        body: &Value,
        fields: FieldValidation,
        dry_run: bool,
    ) -> Result<Answer, Status> {
        let old = self.read(key)?.clone();
        let (body, mut warnings) = self.read_body(body, key.kind, fields)?;
        let object = self.update(Object::of(key.kind, body), dry_run)?;
        warnings.extend(resources::warnings(key.kind, &object.body, Some(&old.body)));
        warnings.extend(admission::warnings(self, &object, Some(&old)));
        Ok(Answer { object, warnings })
    }

    /// Changes the object under `key`, or only what its subresource of this name is for, by a patch.
    ///
    /// # Errors
    /// What the server answers.
    pub fn patch(
        &mut self,
        key: &ObjectKey,
        how: PatchKind,
        patch: &Value,
        subresource: &str,
        fields: FieldValidation,
        dry_run: bool,
    ) -> Result<Answer, Status> {
        let old = self.read(key)?.clone();
        let kind = key.kind;
        if kind.is_custom() && how == PatchKind::Strategic {
            return Err(no_strategic_patch());
        }
        check_shape(how, patch)?;
        let (patched, shown) = match how {
            PatchKind::Strategic => {
                let patched = patch::strategic(kind, &old.body, patch).map_err(internal)?;
                (patched, go_text(&applied(patch)))
            }
            PatchKind::Merge => {
                let patched = patch::merge(&old.body, patch);
                let shown = json::to_string(&patched);
                (patched, shown)
            }
            PatchKind::Json => {
                let patched = patch::json(&old.body, patch).map_err(|_| rejected())?;
                let shown = json::to_string(&patched);
                (patched, shown)
            }
        };
        let name = patched.at(&["metadata", "name"]).str();
        if name != &*key.name {
            return Err(Status::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                key.name
            )));
        }
        let refuse = |error: DecodeError| {
            Status::without_object(vec![Cause::invalid(
                "patch",
                format_args!("{shown:?}"),
                &error.to_string(),
            )])
        };
        let decoded = match of_kind(kind) {
            Some(known) if how == PatchKind::Strategic => schema::decode_patched(&patched, known),
            Some(known) => schema::decode(&patched, known),
            None => Ok(self.decode_custom(patched.clone(), kind)),
        };
        let (body, mut warnings) = strictly(decoded.map_err(refuse)?, fields).map_err(refuse)?;
        let object = Object::of(kind, body);
        let object = match subresource {
            "resize" => self.resize(&object, dry_run)?,
            _ => self.update(object, dry_run)?,
        };
        warnings.extend(resources::warnings(kind, &object.body, Some(&old.body)));
        warnings.extend(admission::warnings(self, &object, Some(&old)));
        Ok(Answer { object, warnings })
    }
}

impl ApiServer {
    fn kind_of_body(&self, body: &Value) -> Result<Kind, Status> {
        let (api_version, kind) = (body.get("apiVersion").str(), body.get("kind").str());
        self.kind_of(api_version, kind).ok_or_else(|| {
            Status::bad_request(format!("no kind \"{kind}\" is registered for version \"{api_version}\""))
        })
    }

    /// Reads a body as its kind; says what of it is dropped with a warning.
    fn read_body(
        &self,
        body: &Value,
        kind: Kind,
        fields: FieldValidation,
    ) -> Result<(Value, Vec<String>), Status> {
        let refuse = |error: DecodeError| {
            let names = kind.names();
            Status::bad_request(format!(
                "{} in version \"{}\" cannot be handled as a {}: {error}",
                names.kind, names.version, names.kind
            ))
        };
        let decoded = match of_kind(kind) {
            Some(known) => schema::decode(body, known).map_err(refuse)?,
            None => self.decode_custom(body.clone(), kind),
        };
        strictly(decoded, fields).map_err(refuse)
    }

    /// A custom resource in the version in which it is kept, without what its schema does not know.
    #[inline(never)]
    fn decode_custom(&self, mut object: Value, kind: Kind) -> Decoded {
        object.set("apiVersion", kind.api_version());
        let unknown = custom_resource::prune(self.custom_version(kind), &mut object);
        Decoded { object, unknown }
    }
}

/// Custom resources have no Go structs to merge by.
fn no_strategic_patch() -> Status {
    Status {
        code: 415,
        reason: "UnsupportedMediaType",
        message: "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml".into(),
        causes: Vec::new(),
    }
}

/// Refuses a patch that is not of its kind's shape (endpoints/handlers/patch.go).
fn check_shape(how: PatchKind, patch: &Value) -> Result<(), Status> {
    let found = match patch {
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::Str(_) => "string",
        Value::Bool(_) => "bool",
        // Go reads null into anything.
        Value::Null => return Ok(()),
        _ => "number",
    };
    let (wanted, wanted_type, during) = match how {
        PatchKind::Strategic => ("object", "map[string]interface {}", ""),
        PatchKind::Merge => ("object", "map[string]interface {}", "error decoding patch: "),
        PatchKind::Json => ("array", "jsonpatch.Patch", ""),
    };
    if found == wanted {
        return Ok(());
    }
    Err(Status::bad_request(format!(
        "{during}json: cannot unmarshal {found} into Go value of type {wanted_type}"
    )))
}

fn of_kind(kind: Kind) -> Option<&'static schema::Kind> {
    schema::schema().kind(kind.api_version(), kind.names().kind)
}

fn strictly(decoded: Decoded, fields: FieldValidation) -> Result<(Value, Vec<String>), DecodeError> {
    match fields {
        FieldValidation::Strict => Ok((decoded.strict()?, Vec::new())),
        FieldValidation::Ignore => Ok((decoded.object, Vec::new())),
        FieldValidation::Warn => {
            let warnings = decoded.unknown.iter().map(|path| format!("unknown field {path:?}")).collect();
            Ok((decoded.object, warnings))
        }
    }
}

/// A strategic merge patch as the server has it left when it is applied: lists with an order are used up.
fn applied(patch: &Value) -> Value {
    const ORDER: &str = "$setElementOrder/";
    match patch {
        Value::Map(map) => {
            let used = |field: &str| {
                field == "$retainKeys" || field.starts_with(ORDER) || map.contains(&format!("{ORDER}{field}"))
            };
            let left =
                map.iter().filter(|(field, _)| !used(field)).map(|(field, value)| (field, applied(value)));
            Value::Map(left.collect::<Map>())
        }
        other => other.clone(),
    }
}

/// A patch that cannot be merged, in the words of the library that merges.
pub(super) fn internal(why: String) -> Status {
    Status { code: 500, reason: "", message: why, causes: Vec::new() }
}

/// A JSON patch that does not fit the object.
fn rejected() -> Status {
    Status {
        code: 422,
        reason: "Invalid",
        message: "the server rejected our request due to an error in our request".into(),
        causes: Vec::new(),
    }
}
