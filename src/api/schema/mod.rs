//! The schema of the API: every kind's fields, and what follows from them.
//!
//! - [`Schema`] and what it holds: the table, for completion, merging and everything below.
//! - [`decode()`]: what the API server makes of a manifest, or why it refuses it.
//! - [`explain()`]: what `kubectl explain` prints.

mod decode;
mod explain;
mod table;
mod timestamp;

pub use decode::{DecodeError, Decoded, decode, decode_metadata, decode_patched};
pub use explain::{
    ExplainError, FieldDocs, explain, explain_described, explain_field, explain_struct, heading,
};
pub use table::{
    Field, GoName, Kind, ListType, Merge, Presence, Schema, Scope, Struct, StructId, Type, schema,
};
