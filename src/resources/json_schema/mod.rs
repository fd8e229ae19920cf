//! Schemas of custom resources: OpenAPI 3 as CustomResourceDefinitions have it.
//!
//! - [`structural`]: what a schema must look like, and what it makes of an object: unknown fields go, defaults come.
//! - [`validation`]: what is wrong with an object by it.
//! - [`explain`]: what `kubectl explain` prints.

pub mod explain;
pub mod structural;
pub mod validation;
