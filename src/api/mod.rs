//! The machinery of the Kubernetes API: kinds, objects, labels, quantities, the schema, answers. Nothing about what
//! any one kind does.

pub mod base64;
mod custom_kind;
pub mod key;
pub mod kind;
pub mod labels;
pub mod object;
pub mod quantity;
pub mod schema;
pub mod status;
pub mod x509;

pub use key::ObjectKey;
pub use kind::Kind;
pub use labels::Selector;
pub use object::{Mark, Object};
pub use quantity::Quantity;
pub use status::{Cause, Status};
