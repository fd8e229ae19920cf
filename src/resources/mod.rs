//! What the API server knows about each kind: defaults, validation, printer columns.

use crate::api::{Cause, Kind};
use crate::base::Value;

/// Fills in what a manifest leaves out.
pub fn set_defaults(_kind: Kind, _body: &mut Value) {}
/// Makes a new object's status and generation the server's own.
pub fn prepare_create(_kind: Kind, _body: &mut Value) {}
/// Keeps a changed object's status, and counts its generation.
pub fn prepare_update(_kind: Kind, _new: &mut Value, _old: &Value) {}
/// What is wrong with a new object.
pub fn validate_create(_kind: Kind, _body: &Value) -> Vec<Cause> {
    Vec::new()
}
/// What is wrong with a changed object.
pub fn validate_update(_kind: Kind, _new: &Value, _old: &Value) -> Vec<Cause> {
    Vec::new()
}
