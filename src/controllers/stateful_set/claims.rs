//! The claims of a StatefulSet's Pods.

use crate::api::{Kind, Object, ObjectKey};
use crate::apiserver::ApiServer;
use crate::apiserver::event::Source;
use crate::base::Value;
use crate::controllers::ownership;

use super::identity::claim_name;

fn keys(set: &Object, pod: &Object) -> Vec<ObjectKey> {
    let templates = set.spec().get("volumeClaimTemplates").items();
    templates
        .iter()
        .map(|template| {
            ObjectKey::new(Kind::PersistentVolumeClaim, set.namespace(), &claim_name(template, pod.name()))
        })
        .collect()
}

/// Creates the claims that a Pod lacks. False where one was refused.
pub(super) fn create(api: &mut ApiServer, set: &Object, pod: &Object, source: &Source<'_>) -> bool {
    let templates = set.spec().get("volumeClaimTemplates").items();
    for (template, key) in templates.iter().zip(keys(set, pod)) {
        if api.get(&key).is_some() {
            continue;
        }
        let mut claim = Object::new(key.kind, &key.namespace, &key.name);
        for field in ["labels", "annotations"] {
            let from = template.at(&["metadata", field]);
            if !from.is_empty() {
                claim.set_at(&["metadata", field], from.clone());
            }
        }
        for (label, value) in set.spec().at(&["selector", "matchLabels"]).entries() {
            claim.set_at(&["metadata", "labels", label], value.clone());
        }
        claim.set("spec", template.get("spec").clone());
        let (what, whose) = (format!("Claim {} Pod {}", key.name, pod.name()), set.name());
        match api.create(claim.body, set.namespace(), false) {
            Ok(_) => {
                let text = format!("Create {what} in StatefulSet {whose} success");
                api.event(set, *source, "SuccessfulCreate", &text);
            }
            Err(refusal) => {
                let why = format!("Create {what} in StatefulSet {whose} failed error: {}", refusal.message);
                api.warning(set, *source, "FailedCreate", &why);
                return false;
            }
        }
    }
    true
}

/// Makes the claims of a Pod go with the StatefulSet or with the Pod, as `persistentVolumeClaimRetentionPolicy` says.
pub(super) fn own(api: &mut ApiServer, set: &Object, pod: &Object, condemned: bool) {
    let policy = set.spec().get("persistentVolumeClaimRetentionPolicy");
    let with_set = policy.get("whenDeleted").str() == "Delete";
    let with_pod = policy.get("whenScaled").str() == "Delete" && condemned;
    let owner = match (with_set, with_pod) {
        (_, true) => Some(pod),
        (true, false) => Some(set),
        (false, false) => None,
    };
    for key in keys(set, pod) {
        let Some(claim) = api.get(&key) else { continue };
        let has = |uid: &str| {
            claim.meta("ownerReferences").items().iter().any(|owner| owner.get("uid").str() == uid)
        };
        let stale: Vec<String> = [set, pod]
            .iter()
            .filter(|other| owner.is_none_or(|owner| owner.uid() != other.uid()) && has(other.uid()))
            .map(|other| other.uid().to_string())
            .collect();
        let missing = owner.filter(|owner| !has(owner.uid())).map(Object::as_controller);
        for uid in stale {
            ownership::release(api, &key, &uid);
        }
        if let Some(reference) = missing {
            api.modify(&key, |claim| {
                let references: &mut Value = claim.entry_at(&["metadata", "ownerReferences"]);
                references.push(reference);
            });
        }
    }
}
