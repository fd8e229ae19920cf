//! What the `resize` subresource may change (Kubernetes validation.go, `ValidatePodResize`).

use crate::api::Cause;
use crate::base::Value;
use crate::resources::path::Path;
use crate::resources::pod_spec::qos_class;

use super::SPEC;

/// The resources that can be another for a container that goes on.
const RESIZED: [&str; 2] = ["cpu", "memory"];

/// True where containers ask for other amounts than before.
pub fn is_resized(new: &Value, old: &Value) -> bool {
    ["containers", "initContainers"].iter().any(|list| {
        let (new, old) = (new.at(&["spec", list]).items(), old.at(&["spec", list]).items());
        new.iter().zip(old).any(|(new, old)| new.get("resources") != old.get("resources"))
    })
}

/// Whether a Pod may be given these amounts.
pub fn validate_resize(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    super::validate_metadata_and_spec(new, causes);
    if !old.at(&["metadata", "annotations", "kubernetes.io/config.mirror"]).is_null() {
        *causes = vec![Path::root("").forbidden("static pods cannot be resized")];
        return;
    }
    let class = qos_class(new.get("spec"));
    if class != old.at(&["status", "qosClass"]).str() {
        causes.push(SPEC.invalid(
            old.at(&["status", "qosClass"]).str(),
            "Pod QOS Class may not change as a result of resizing",
        ));
    }
    for list in ["containers", "initContainers"] {
        let (new, old) = (new.at(&["spec", list]).items(), old.at(&["spec", list]).items());
        for (at, (new, old)) in new.iter().zip(old).enumerate() {
            let init = list == "initContainers";
            if init && new.get("restartPolicy").str() != "Always" {
                if new.get("resources") != old.get("resources") {
                    causes.push(SPEC.forbidden("resources for non-sidecar init containers are immutable"));
                }
                continue;
            }
            if rest(new) != rest(old) {
                let which = if init { " for sidecar containers" } else { "" };
                causes.push(SPEC.forbidden(format_args!("only cpu and memory resources{which} are mutable")));
            }
            let path = SPEC.field(list);
            let path = path.index(at);
            let path = path.field("resources");
            for (field, what) in [("limits", "resource limits"), ("requests", "resource requests")] {
                let gone = |name: &&str| {
                    let amount = |container: &Value| container.at(&["resources", field, name]).clone();
                    amount(new).is_null() && !amount(old).is_null()
                };
                if RESIZED.iter().any(gone) {
                    causes.push(path.field(field).forbidden(format_args!("{what} cannot be removed")));
                }
            }
        }
    }
}

/// A container without what may change of it.
fn rest(container: &Value) -> Value {
    let mut rest = container.clone();
    for field in ["limits", "requests"] {
        let amounts = rest.entry_at(&["resources", field]);
        RESIZED.iter().for_each(|name| drop(amounts.remove(name)));
    }
    rest
}
