//! What everything else stands on: time, randomness, values and their text forms.

pub mod digest;
pub mod json;
pub mod jsonpath;
pub mod klog;
pub mod random;
pub mod sha256;
pub mod table;
pub mod time;
pub mod url;
pub mod value;
pub mod yaml;

pub use digest::{Digest, digest_of};
pub use random::Random;
pub use time::{Date, SimTime};
pub use value::{Map, Value};
