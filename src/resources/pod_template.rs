//! `PodTemplateSpec`, the same in every kind that makes Pods.

use crate::base::Value;

use super::pod_spec;

/// Defaults of the template in `spec.template`.
pub fn set_defaults(spec: &mut Value) {
    let template = spec.entry("template");
    template.set_default("metadata", Value::map());
    pod_spec::set_defaults(template.entry("spec"));
}
