//! `PodSpec`, alone and inside the templates of other kinds.

mod defaults;

pub use defaults::{fresh_status, set_defaults, set_pod_defaults};
