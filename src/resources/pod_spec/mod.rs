//! `PodSpec`, alone and inside the templates of other kinds.

mod containers;
mod defaults;
mod env;
mod mounts;
mod probes;
mod requirements;
mod scheduling;
mod security;
mod validation;
mod volumes;
mod warnings;

pub use defaults::{fresh_status, internal, qos_class, set_defaults, set_pod_defaults};
pub use requirements::{
    is_overcommit_allowed, is_standard_quota_resource, validate_container_name, validate_name, validate_value,
};
pub use scheduling::{validate_node_selector, validate_taint_effect, validate_tolerations};
pub use security::SAFE_SYSCTLS;
pub use validation::{Context, one_of, validate, validate_annotations};
pub use volumes::{too_many_types, validate_persistent_source};
pub use warnings::{deprecated_node_label, warn, warn_of_fraction, warn_of_node_term};
