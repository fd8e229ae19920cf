//! The `resize` subresource of Pods: other amounts of processor and memory for its containers, which go on
//! (registry/core/pod, `podResizeStrategy`).

use crate::api::{Kind, Object, Status};
use crate::base::Value;
use crate::resources::{self, pod};

use super::ApiServer;

impl ApiServer {
    /// Gives the containers of a Pod the resources that `wanted` says. Everything else of it stays.
    ///
    /// # Errors
    /// What the server answers.
    pub(super) fn resize(&mut self, wanted: &Object, dry_run: bool) -> Result<Object, Status> {
        let mut resized = self.read(&wanted.key())?.clone();
        for list in ["containers", "initContainers"] {
            take_resources(&mut resized, wanted, list);
        }
        self.write(resized, dry_run, |_: Kind, new: &Value, old: &Value| {
            let mut causes = Vec::new();
            pod::validate_resize(new, old, &mut causes);
            causes
        })
    }
}

/// Takes over what may be another in containers of the same names (`dropNonResizeUpdates`).
fn take_resources(pod: &mut Object, wanted: &Object, list: &'static str) {
    if wanted.spec().get(list).is_empty() {
        return;
    }
    for container in pod.entry_at(&["spec", list]).items_mut() {
        let name = container.get("name");
        let Some(wanted) = wanted.spec().get(list).items().iter().find(|other| other.get("name") == name)
        else {
            continue;
        };
        for field in ["resources", "resizePolicy"] {
            resources::keep(container, wanted, field);
        }
    }
}
