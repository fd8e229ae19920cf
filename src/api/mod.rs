//! What every kind of object shares: quantities and the schema of the API.

pub mod base64;
pub mod quantity;
pub mod schema;

pub use quantity::Quantity;
