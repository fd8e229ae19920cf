//! Pod.

pub mod amounts;
mod printing;
mod resize;
mod update;

pub use super::pod_spec::SAFE_SYSCTLS;
pub use printing::{ready_counts, restarts, status_text};
pub use resize::{is_resized, validate_resize};

use crate::api::Cause;
use crate::base::Value;
use crate::value;

use super::path::Path;
use super::{Generation, Rules, formats, headings, metadata, pod_spec};

pub(super) const RULES: Rules = Rules {
    defaults: |pod| pod_spec::set_pod_defaults(pod.entry("spec")),
    fresh_status,
    generation: Generation::Spec,
    validate,
    validate_update: update::validate,
    warn,
    columns: headings!["NAME", "READY", "STATUS", "RESTARTS", "AGE"; "IP", "NODE", "NOMINATED NODE", "READINESS GATES"],
    row: printing::row,
    ..Rules::PLAIN
};

const METADATA: Path = Path::root("metadata");
const SPEC: Path = Path::root("spec");

/// A Pod that is held back by gates says so from the start.
fn fresh_status(pod: &Value) -> Value {
    let mut status = pod_spec::fresh_status(pod);
    if !pod.at(&["spec", "schedulingGates"]).is_empty() {
        let gated = value!({
            "lastProbeTime": null,
            "lastTransitionTime": null,
            "message": "Scheduling is blocked due to non-empty scheduling gates",
            "reason": "SchedulingGated",
            "status": "False",
            "type": "PodScheduled"
        });
        status.set("conditions", vec![gated]);
    }
    status
}

/// Nothing is said when a Pod changes.
fn warn(pod: &Value, old: Option<&Value>, warnings: &mut Vec<String>) {
    if old.is_none() {
        metadata::warn_of_name(pod, "the Pod's hostname", warnings);
        pod_spec::warn(pod, None, warnings);
    }
}

fn validate(pod: &Value, causes: &mut Vec<Cause>) {
    validate_metadata_and_spec(pod, causes);
    let spec = pod.get("spec");
    if !spec.get("ephemeralContainers").is_empty() {
        causes.push(SPEC.field("ephemeralContainers").forbidden("cannot be set on create"));
    }
    if !spec.get("nodeName").str().is_empty() && !spec.get("schedulingGates").is_empty() {
        let detail = "cannot be set until all schedulingGates have been cleared";
        causes.push(SPEC.field("nodeName").forbidden(detail));
    }
}

fn validate_metadata_and_spec(pod: &Value, causes: &mut Vec<Cause>) {
    metadata::validate(pod, true, formats::dns_subdomain, causes);
    let (annotations, spec) = (pod.at(&["metadata", "annotations"]), pod.get("spec"));
    pod_spec::validate_annotations(annotations, spec, &METADATA.field("annotations"), causes);
    let name = pod.at(&["metadata", "name"]).str();
    let context = pod_spec::Context { pod_name: Some(name), ..pod_spec::Context::template(spec) };
    pod_spec::validate(&context, &SPEC, causes);
    if spec.get("serviceAccountName").str().is_empty() {
        for (at, volume) in spec.get("volumes").items().iter().enumerate() {
            let volumes = SPEC.field("volumes");
            let volume_path = volumes.index(at);
            let projected = volume_path.field("projected");
            for (at, source) in volume.at(&["projected", "sources"]).items().iter().enumerate() {
                if !source.get("serviceAccountToken").is_null() {
                    let path = projected.field("sources");
                    let detail = "must not be specified when serviceAccountName is not set";
                    causes.push(path.index(at).field("serviceAccountToken").forbidden(detail));
                }
            }
        }
    }
}
