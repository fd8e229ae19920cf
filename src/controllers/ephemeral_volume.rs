//! Makes the claims of Pods' ephemeral volumes, which go with their Pods.

use std::time::Duration;

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::{ApiServer, Change, ChangeKind};
use crate::base::Value;

use super::{Enqueue, NOW};

/// Looks at new Pods that have such volumes.
pub fn observe(_api: &ApiServer, change: &Change, enqueue: &mut Enqueue<'_>) {
    let object = &change.object;
    if object.kind == Kind::Pod && change.kind == ChangeKind::Added && templates(object).next().is_some() {
        enqueue(object.key(), NOW);
    }
}

/// The volumes' names with their templates of claims.
fn templates(pod: &Object) -> impl Iterator<Item = (&Value, &Value)> {
    let volumes = pod.spec().get("volumes").items().iter();
    volumes
        .map(|volume| (volume.get("name"), volume.at(&["ephemeral", "volumeClaimTemplate"])))
        .filter(|(_, template)| !template.is_null())
}

/// Makes the claims that are missing.
pub fn reconcile(api: &mut ApiServer, key: &ObjectKey) -> Option<Duration> {
    let pod = api.get(key).filter(|pod| !pod.is_terminating())?.clone();
    for (volume, template) in templates(&pod) {
        let name = format!("{}-{}", pod.name(), volume.str());
        if api.get(&key.sibling(Kind::PersistentVolumeClaim, &name)).is_some() {
            continue;
        }
        let mut claim = Object::new(Kind::PersistentVolumeClaim, pod.namespace(), &name);
        for field in ["annotations", "labels"] {
            let value = template.at(&["metadata", field]);
            if !value.is_null() {
                claim.set_at(&["metadata", field], value.clone());
            }
        }
        claim.set_at(&["metadata", "ownerReferences"], vec![pod.as_controller()]);
        claim.set_at(&["spec"], template.get("spec").clone());
        // What is refused is not tried again; the Pod waits.
        let _ = api.create(claim.body, pod.namespace(), false);
    }
    None
}
