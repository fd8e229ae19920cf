//! The machinery of the Kubernetes API: kinds, objects, labels, answers. Nothing about any one kind.

pub mod key;
pub mod kind;
pub mod labels;
pub mod object;
pub mod status;

pub use key::ObjectKey;
pub use kind::Kind;
pub use labels::Selector;
pub use object::Object;
pub use status::{Cause, Status};
