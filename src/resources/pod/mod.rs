//! Pod.

mod printing;

pub use printing::{ready_counts, restarts, status_text};

use super::{Generation, Rules, headings, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: |pod| pod_spec::set_pod_defaults(pod.entry("spec")),
    fresh_status: pod_spec::fresh_status,
    generation: Generation::Spec,
    columns: headings!["NAME", "READY", "STATUS", "RESTARTS", "AGE"; "IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
    row: printing::row,
    ..Rules::PLAIN
};
