//! The API server: the store, the verbs on it, and what it adds and refuses on the way.

pub mod admission;
pub mod allocation;
mod authority;
pub mod custom_resources;
pub mod decoding;
pub mod event;
pub mod eviction;
pub mod field_selector;
mod health;
pub mod label_selector;
pub mod managed_fields;
pub mod metrics;
pub mod patch;
pub mod quota;
pub mod raw;
pub mod rbac;
mod resize;
pub mod server;
pub mod store;
pub mod subresource;
mod token;
pub mod wire;

pub use authority::Authority;
pub use server::{ApiServer, Clock, Deletion, Pass, Propagation, Scalings, Settings};
pub use store::{Change, ChangeKind, Part, Store};
